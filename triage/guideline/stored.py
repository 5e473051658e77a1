"""The shape of what is stored of a presentation. Pure. A key that is misspelt is a type error."""

from typing import TypedDict


class StoredPresentation(TypedDict, total=False):
    """Answers by finding, as codes. A stored presentation has every one, what was completed later has some."""

    cancer_context: str
    haematological_malignancy: str
    primary_site: str
    pain: dict[str, str]
    neurology: dict[str, str]
    low_back_pain: str
    instability_signs: str
    saddle_or_sphincter_signs: str
    movement_pain: str
    pain_severity: int | None
    pain_controlled_by_analgesia: str
    mri_contraindicated: str
    imaging_finding: str
    imaging_report: str
    whole_spine_imaged: str
    active_infection: str
    dexamethasone_given: str
