"""The shape of the data of an event, as it is stored. Pure. A key that is misspelt is a type error."""

from typing import TypedDict

from triage.guideline.stored import StoredPresentation


class EventData(StoredPresentation, total=False):
    """What the kinds of events have to say, each some of it; instants are RFC 3339.

    Findings that were completed later are answers of a presentation. Some kinds have their own keys: judgements of
    the course by their name, examinations by path of the record, and a settled finding those of `SettledFinding`.
    """

    site: str
    reason: str
    booked_for: str
    modality: str  # of the scan, or of the treatment
    regions: list[str]
    scan: str
    report: str
    replaces: str
    result: str
    status: str
    verified: bool
    worse: list[str]
    walking_now: str
    dose_mg: float
    route: str
    suitable_for_surgery: str
    without_plan: str
    # Steps of the pathway.
    by: str
    protocol: str
    bed: str
    transport: str
    unstable_told: bool
    unaccepted_because: str


class KeptData(EventData, total=False):
    """The same of what waits for a coordinator, with what a report or a merge of numbers says besides."""

    reference: str  # the referral that the sender named
    examination: str  # what the sender calls a report that could not be read
    retired: list[str]  # hospital numbers that end
    retired_nhs: list[str]  # NHS numbers that end


class SettledFinding(TypedDict, total=False):
    """A finding that was withdrawn or confirmed, by the number of its fact."""

    finding: int
    shown: str  # the finding that was withdrawn
    report: int  # the number of the report against which it was confirmed
