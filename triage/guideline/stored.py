"""The shape of what is stored of a presentation and of an assessment. Pure. A key that is misspelt is a type error."""

from typing import NotRequired, TypedDict


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


class StoredSource(TypedDict):
    """A citation, by the number that it has."""

    guideline: str
    confirmed: bool
    recommendation: NotRequired[str]
    statement: NotRequired[str]
    decision: NotRequired[str]


class StoredAdvice(TypedDict):
    """A line of advice or care."""

    code: str
    strength: str
    text: str
    sources: list[StoredSource]


class StoredWarning(TypedDict):
    code: str
    text: str


class StoredLimit(TypedDict):
    """A clock that the guideline starts; instants are RFC 3339."""

    kind: str
    limit_hours: float
    starts: str
    due_at: str | None
    formal: bool
    sources: list[StoredSource]


class StoredGuideline(TypedDict):
    id: str
    edition: str
    ruleset: str


class StoredResult(TypedDict):
    """The result of an assessment, which is also the body that the API sends."""

    guideline: StoredGuideline
    stream: str
    provisional: bool
    contact: str
    clocks: list[StoredLimit]
    advice: list[StoredAdvice]
    because: list[str]
    ask_next: list[str]
    warnings: list[StoredWarning]


class StoredCare(TypedDict):
    """What the course of the case adds to a result."""

    care: list[StoredAdvice]
    cautions: list[StoredWarning]
    because: list[str]
