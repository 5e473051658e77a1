"""Bisphosphonates and denosumab (NG234 1.7)."""

from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import AdviceRule

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="bisphosphonate.breast_or_myeloma", code="bisphosphonate",
        when=f.POSITIVE_IMAGING & f.BREAST_OR_MYELOMA,
        says="Vertebrae involved by breast cancer or myeloma are a reason to offer a bisphosphonate.",
        sources=(s.BON_1,),
    ),
    AdviceRule(
        id="bisphosphonate.prostate", code="bisphosphonate",
        when=f.POSITIVE_IMAGING & f.PROSTATE & f.PAIN_NOT_CONTROLLED,
        says="Prostate metastases with pain that analgesia does not control are a reason to offer a "
             "bisphosphonate.",
        sources=(s.BON_2,),
    ),
    AdviceRule(
        id="denosumab", code="denosumab",
        when=f.POSITIVE_IMAGING & f.SOLID_NOT_PROSTATE
        & ~f.HAEMATOLOGICAL_CONFIRMED & ~f.HAEMATOLOGICAL_SUSPECTED,
        says="Bone metastases of a solid tumour other than prostate make denosumab an option.",
        sources=(s.BON_4,),
    ),
)  # fmt: skip

CARE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="no_bisphosphonate_to_prevent_mscc", code="no_bisphosphonate_to_prevent_mscc",
        when=f.POSITIVE_IMAGING & (f.SOLID_NOT_PROSTATE & ~f.BREAST_OR_MYELOMA | f.LYMPHOMA),
        says="For this primary a bisphosphonate is neither pain treatment nor protection against MSCC outside a trial.",
        sources=(s.BON_3,),
    ),
    AdviceRule(
        id="no_denosumab_in_prostate", code="no_denosumab_in_prostate",
        when=f.POSITIVE_IMAGING & f.PROSTATE,
        says="Denosumab is not recommended for bone metastases of prostate cancer.",
        sources=(s.BON_5,),
    ),
)  # fmt: skip
