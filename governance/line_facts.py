"""The facts in the ledger lines of audit and measures: see `ledger.facts`. Pure."""

from typing import NotRequired, TypedDict

from ledger.facts import Facts


class AuditViewed(Facts):
    kind: str
    actor: str
    lines: int
    decision: int | None
    purpose: NotRequired[str]


# The period as it is asked for, with the measure and the part whose cases are shown.
MeasuresViewed = TypedDict(
    "MeasuresViewed", {"from": str, "to": str, "measure": NotRequired[str], "part": NotRequired[str]}
)


class SubjectCopyMade(Facts):
    cases: list[int]


class IncidentReported(Facts):
    kind: str
    harm: str
    about: NotRequired[int]  # the case


class IncidentInvestigated(Facts):
    incident: int
    state: str
    harm: str
