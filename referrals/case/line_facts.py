"""The facts in the ledger lines of a case, by kind: see `ledger.facts`. Pure."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from ledger.facts import Bound, Facts, Instant
from referrals.evidence.event_data import EventData, SettledFinding

# A line that changes the status of its case says so beside its own facts.
Moved = TypedDict("Moved", {"from": str, "to": str}, total=False)


class ReferralSubmitted(Facts):
    source: str
    referrer_organisation: str
    clinician_suspected_at: Instant
    suspected_at_defaulted: bool
    concern: str
    incomplete: list[str]
    episode: int


class BackEntered(Facts):
    received_at: Instant
    seen_at: Instant | None


class EpisodeJoined(Facts):
    other: int


class ReferralAcknowledged(Facts, total=False):
    page: int  # the line of the answered page
    seen_at: Instant  # of an acknowledgement on paper


class ReferralRedirected(Bound):
    route: str
    suggested: str
    assessment: int


class ReferralTriaged(Bound):
    suggested: str
    stream: str
    stream_before: str
    assessment: int
    override: str
    investigations: Sequence[str]
    urgency: str
    advice: dict[str, str]


class FindingsChanged(Facts):
    changed: list[str]
    source: str


class DispositionDecided(Facts):
    disposition: str
    ambulance_category: str
    position: str


class EventRecorded(EventData, Bound):
    """A fact or a step with the coded part of its data, and what it shows to be worse."""

    event: str
    occurred_at: Instant
    deteriorated: NotRequired[dict[str, str]]
    unaccepted: NotRequired[bool]


class FindingWithdrawn(SettledFinding, Bound):
    pass


class FindingConfirmed(SettledFinding, Bound):
    pass


class PictureChanged(Facts):
    finding: str
    report: str
    whole_spine: bool
    regions: dict[str, str]
    contradictions: int


class CourseJudged(Bound):
    judged: dict[str, str]


class FactKeptUnmatched(Bound):
    event: str
    occurred_at: Instant


class UnmatchedFactSettled(Bound):
    unmatched: int
    event: NotRequired[str]  # of a fact that was linked to a case


class ContactLogged(Bound):
    direction: str
    channel: str
    outcome: str
    with_referrer: bool
    occurred_at: Instant


class MessageSent(Bound):
    to_referrer: bool
    reason: str
    within: str


class ReviewOpened(Facts):
    decision: int
    stream: str


class ReviewDone(Bound):
    review: int
    agreed: bool


class ReferralClosed(Bound):
    outcome: str


class OrganisationAdded(Facts):
    organisation: str


class LeaseExtended(Facts):
    reason: str
    minutes: NotRequired[int]


class Snoozed(Facts):
    clock: str
    reason: str
    until: Instant


class ObligationAsked(Bound):
    obligation: str
    owed_by: str
    due_at: Instant


class ObligationSettled(Bound):
    obligation: str
    done_at: Instant
    owed_by: NotRequired[str]
    answer: NotRequired[int]  # the line of the message that answers
    decided_without: NotRequired[bool]


class ClocksNotNeeded(Facts):
    kinds: list[str]


class PromiseKept(Bound):
    clock: str
    done_at: Instant


class CareAnswered(Bound):
    code: str
    answer: str


class ScoreRecorded(Bound):
    score: str
    version: str
    total: int | None


class DetailsRecorded(Bound):
    fields: list[str]
    deteriorated: NotRequired[dict[str, str]]


class NewsRead(Facts):
    since: Instant


class CaseClaimed(Facts):
    until: Instant


class CaseHandedOn(Bound):
    to: str
    until: Instant


class HandOnAccepted(CaseClaimed):
    of: str


class HandOnDeclined(Bound):
    of: str


CaseTakenOver = TypedDict(
    "CaseTakenOver", {"from": str, "until": Instant, "bound": NotRequired[dict[str, str]]}
)


class PatientAccepted(Bound):
    accepted_at: Instant


class AttachmentAdded(Facts):
    sha256: str
    content_type: str
    bytes: int


class AttachmentScanned(Facts):
    sha256: str
    clean: bool
    unreadable: NotRequired[bool]
    kept_as: NotRequired[str]  # the hash of what is kept


class NoticeSent(Facts):
    notice: str
    channel: str
    about: int  # a line


class NoticeFailed(NoticeSent):
    fault: str


class LetterIssued(Bound):
    letter: str
    version: int


LetterRead = LetterIssued


class SlotRecorded(Bound):
    site: str
    day: str
    refused: bool


class CasesMerged(Bound, total=False):
    """On the referral that ends `into`, on the main case what was `merged`; `record_of` is the first of these lines."""

    into: int
    record_of: int
    merged: int
    clinician_suspected_at: Instant
    stream: str


class MergeUndone(Bound, total=False):
    """On the referral that ended `from_case`, on the main case the `other`."""

    from_case: int
    other: int


class PersonIdentified(Bound):
    fields: list[str]


class AddendumWritten(Bound):
    about: int  # a line


class CaseViewed(Facts, total=False):
    part: str
    opening: int


DocumentViewed = CaseViewed


class ListViewed(Facts):
    where: str
    cases: list[int]


class PurposeStated(Facts):
    purpose: str


class RecordOpened(Bound):
    reason: str
    until: Instant


class RecordNotFound(Facts):
    by: str


class OpeningReviewed(Bound):
    opening: int
    justified: bool
    of: str


class RestrictionChanged(Facts):
    change: str
    to: NotRequired[str]
    of: NotRequired[str]


class SiteChanged(Facts):
    site: str
    protected_slots: NotRequired[int]
    has_mri: NotRequired[bool]


class DowntimePackMade(Facts):
    holders: int
    bytes: int
