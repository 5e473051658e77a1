"""Whether the ongoing care of a person with MSCC is coordinated (QS56 statement 5), by the rule of the service.

NICE defines no rule. Proposed here: MSCC is confirmed, a named coordinator acts, and after the
confirmation there is at least one entry by a coordinator about treatment, the MDT or discharge.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kernel.actors import ActingRole
from ledger.kinds import Kind
from ledger.read import Entry
from referrals.case.line_words import title_of

ROLES = frozenset(role.value for role in ActingRole)
ARRANGES = frozenset(
    {
        Kind.DISPOSITION_DECIDED,
        Kind.PATIENT_ACCEPTED,
        Kind.LISTED_FOR_MDT,
        Kind.MDT_DECIDED,
        Kind.OPINION_GIVEN,
        Kind.TREATMENT_DECIDED,
        Kind.OBLIGATION_ASKED,
        Kind.OBLIGATION_SETTLED,
        Kind.COURSE_JUDGED,
        Kind.PROMISE_KEPT,
        Kind.CARE_ANSWERED,
        Kind.PLAN_KEPT,
        Kind.PLAN_SIGNED,
        Kind.LETTER_ISSUED,
        Kind.OUTCOME_RECORDED,
    }
)
TREATMENT_EVENTS = frozenset(
    {
        "decision_to_treat",
        "radiotherapy_started",
        "surgery_started",
        "admitted",
        "discharged",
        "transfer_accepted",
        "transport_booked",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordination:
    """The result of the rule for a case: who coordinates it, and the last entry that shows it."""

    confirmed_at: datetime | None
    by: str = ""  # the actor's key
    role: str = ""
    last_at: datetime | None = None
    last: str = ""

    @property
    def holds(self) -> bool:
        return self.confirmed_at is not None and self.last_at is not None


def coordination_of(entries: Iterable[Entry], *, confirmed_at: datetime | None) -> Coordination:
    """The result for one case from its ledger entries, oldest first."""
    if confirmed_at is None:
        return Coordination(confirmed_at=None)
    newest = None
    for entry in entries:
        if entry.role in ROLES and entry.at >= confirmed_at and arranges(entry):
            newest = entry
    if newest is None:
        return Coordination(confirmed_at=confirmed_at)
    return Coordination(
        confirmed_at=confirmed_at, by=newest.actor, role=newest.role, last_at=newest.at, last=title_of(newest)
    )


def arranges(entry: Entry) -> bool:
    """Whether an entry is about treatment, the MDT or discharge."""
    if entry.kind == Kind.EVENT_RECORDED:
        return entry.shared.get("event") in TREATMENT_EVENTS
    return entry.kind in ARRANGES
