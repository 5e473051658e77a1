"""The facts in the ledger lines of the MDT: see `ledger.facts`. Pure."""

from typing import NotRequired

from ledger.facts import Bound, Facts, Instant


class ListedForMdt(Bound):
    question: str
    discussion: str
    asked: list[str]


class MeetingPlanned(Facts):
    starts_at: Instant
    cut_off_at: Instant
    moved: bool


class MeetingEnded(Facts):
    meeting: int
    decided: int


class AgendaApproved(Facts):
    meeting: int


class PutOnAgenda(AgendaApproved, Bound):
    reasons: list[str]
    late: NotRequired[bool]


class TakenOffAgenda(AgendaApproved):
    reason: str


class AgendaOrdered(AgendaApproved):
    position: int


class StatementSigned(Bound, total=False):
    """What `statements.write` adds to the line of every statement."""

    version: int


class OpinionGiven(StatementSigned):
    specialty: str
    recommends: list[str]
    surgery_suitable: str
    answers: int  # requests that the opinion answers


class MdtDecided(StatementSigned):
    outcomes: list[str]
    decided_at: Instant
    discussion: str
    present: list[str]
    dissent: list[str]
    missing: list[str]
    surgery_suitable: str


class TreatmentCodes(StatementSigned, total=False):
    """The codes, numbers and instants of a treatment."""

    grade: str
    consent: str
    side_effect_risk: str
    not_single_reason: str
    total_gy: float
    fractions: int
    urgency: str
    support: str
    agent: str
    no_treatment_reason: str
    planned_start: Instant
    started_at: Instant
    completed_at: Instant


class TreatmentDecided(TreatmentCodes):
    modality: str
    decided_at: Instant


class PlanKept(StatementSigned):
    fields: list[str]


PlanSigned = PlanKept


class OutcomeCodes(StatementSigned, total=False):
    """The codes of an outcome."""

    walking: str
    bladder: str
    bowel: str
    pain: int
    place: str
    not_seen_because: str


class OutcomeRecorded(OutcomeCodes):
    point: str
    observed_at: Instant
