"""Imaging (NG234 1.5)."""

from triage.guideline import facts as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule

_MRI_STILL_DUE = ~f.MRI_CONTRAINDICATED & ~f.WHOLE_SPINE_IMAGED

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="mri_whole_spine_24h", code="mri_whole_spine_24h",
        when=f.EMERGENCY & _MRI_STILL_DUE,
        says="In an emergency the whole spine is scanned by MRI at the first chance, 24 hours being the limit.",
        sources=(s.IMG_1, s.IMG_3, s.QS_3),
    ),
    AdviceRule(
        id="mri_whole_spine_1w", code="mri_whole_spine_1w",
        when=f.ONE_WEEK & _MRI_STILL_DUE,
        says="In the one-week stream the whole spine is scanned by MRI, one week being the limit.",
        sources=(s.IMG_2, s.IMG_3, s.QS_2),
    ),
    AdviceRule(
        id="ct_instead_of_mri", code="ct_instead_of_mri",
        when=(f.EMERGENCY | f.ONE_WEEK) & f.MRI_CONTRAINDICATED & ~f.WHOLE_SPINE_IMAGED,
        says="MRI is contraindicated, so the whole spine is imaged by CT within the same limit.",
        sources=(s.IMG_7, s.SAME_LIMIT),
    ),
    AdviceRule(
        id="no_plain_xray", code="no_plain_xray",
        when=f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY,
        says="A plain X-ray cannot be relied on to show or to exclude metastases or cord compression.",
        sources=(s.IMG_9,),
    ),
)  # fmt: skip
