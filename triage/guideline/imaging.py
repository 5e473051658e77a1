"""Imaging (NG234 1.5)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule

_MRI_STILL_DUE = ~f.MRI_CONTRAINDICATED & ~f.WHOLE_SPINE_IMAGED

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="mri_whole_spine_24h", code="mri_whole_spine_24h",
        when=f.EMERGENCY & _MRI_STILL_DUE & f.KNOWN_CANCER,
        says="In an emergency the whole spine is scanned by MRI at the first chance, 24 hours being the limit.",
        sources=(s.IMG_1, s.IMG_3, s.QS_3),
    ),
    AdviceRule(
        id="mri_whole_spine_24h.no_known_cancer", code="mri_whole_spine_24h",
        when=f.EMERGENCY & _MRI_STILL_DUE & ~f.KNOWN_CANCER,
        says="An emergency is scanned within 24 hours although no cancer is diagnosed.",
        sources=(s.ANY_CANCER_CONTEXT, s.IMG_3, s.QS_3),
    ),
    AdviceRule(
        id="mri_whole_spine_1w", code="mri_whole_spine_1w",
        when=f.ONE_WEEK & _MRI_STILL_DUE & f.KNOWN_CANCER,
        says="In the one-week stream the whole spine is scanned by MRI, one week being the limit.",
        sources=(s.IMG_2, s.IMG_3, s.QS_2A),
    ),
    AdviceRule(
        id="mri_whole_spine_1w.no_known_cancer", code="mri_whole_spine_1w",
        when=f.ONE_WEEK & _MRI_STILL_DUE & ~f.KNOWN_CANCER,
        says="Metastases on imaging are followed by MRI of the whole spine within a week although no cancer is diagnosed.",
        sources=(s.ANY_CANCER_CONTEXT, s.IMG_3, s.QS_2A),
    ),
    AdviceRule(
        id="ct_instead_of_mri", code="ct_instead_of_mri",
        when=(f.EMERGENCY | f.ONE_WEEK) & f.MRI_CONTRAINDICATED & ~f.WHOLE_SPINE_IMAGED,
        says="MRI is contraindicated, so the whole spine is imaged by CT within the same limit.",
        sources=(s.IMG_7, s.SAME_LIMIT),
    ),
    AdviceRule(
        id="no_plain_xray", code="no_plain_xray",
        when=f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT,
        says="A plain X-ray cannot be relied on to show or to exclude metastases or cord compression.",
        sources=(s.IMG_9,),
    ),
)  # fmt: skip

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="mri_technique", code="mri_technique",
        when=(f.EMERGENCY | f.ONE_WEEK) & _MRI_STILL_DUE,
        says="What the sequences show decides the treatment.",
        sources=(s.IMG_4,),
    ),
    AdviceRule(
        id="mri_locally_first", code="mri_locally_first",
        when=(f.EMERGENCY | f.ONE_WEEK) & _MRI_STILL_DUE,
        says="A transfer for the scan alone costs time: it is for when no local scan is possible.",
        sources=(s.IMG_5, s.LOCAL_FIRST),
    ),
    AdviceRule(
        id="overnight_mri", code="overnight_mri",
        when=f.EMERGENCY & f.ANY_NEUROLOGY & _MRI_STILL_DUE,
        says="Where treatment would follow at once, the scan may be done at night.",
        sources=(s.IMG_6,),
    ),
    AdviceRule(
        id="report_urgently", code="report_urgently",
        when=c.REPORT_AWAITED,
        says="A scan that nobody has reported decides nothing.",
        sources=(s.IMG_10,),
    ),
    AdviceRule(
        id="reconstruct_ct", code="reconstruct_ct",
        when=f.POSITIVE_IMAGING & c.CT_AT_HAND,
        says="A CT at hand shows stability in several planes, and helps to plan an intervention.",
        sources=(s.IMG_11,),
    ),
    AdviceRule(
        id="myelography_at_centre_only", code="myelography_at_centre_only",
        when=f.MRI_CONTRAINDICATED & c.CT_AT_HAND & c.MORE_IMAGING_NEEDED,
        says="MRI cannot be done and CT did not answer the question.",
        sources=(s.IMG_8,),
    ),
    AdviceRule(
        id="clean_spine_with_neurology", code="clean_spine_with_neurology",
        when=f.RULED_OUT & f.NO_MALIGNANT_DISEASE & f.ANY_NEUROLOGY,
        says="The spine is clean and the neurology has another cause, which may be as urgent.",
        sources=(s.CLEAN_SPINE,),
    ),
)  # fmt: skip
