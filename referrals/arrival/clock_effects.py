"""The effect of each kind of fact on the clocks of its case."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.act import Act
from kernel.time import is_earlier
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.case_facts import evidence_of, facts_of
from referrals.case.models import Referral
from referrals.evidence.events import INSTABILITY
from referrals.evidence.facts import Fact
from referrals.intake.codes import EVENT_KINDS
from referrals.promises.reassessment import start_event_clock
from triage.guideline.findings import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A fact that has just been recorded on a locked case."""

    case: Referral
    fact: Fact
    line: int
    act: Act


def _book(arrival: Arrival) -> None:
    a = arrival
    cancelled = any(
        f.kind == "mri_cancelled" and f.occurred_at > a.fact.occurred_at for f in facts_of(a.case)
    )
    if _books(a.fact) and not cancelled:
        clocks.mark_booked(a.case.pk, booked_at=a.fact.occurred_at, by=a.act.by, at=a.act.at, line=a.line)


def _books(fact: Fact) -> bool:
    return fact.kind == "mri_booked" or (fact.kind == "mri_requested" and "booked_for" in fact.data)


def _cancel(a: Arrival) -> None:
    """Mark a booking as cancelled, unless the scan was done before the cancellation or booked again after it."""
    facts = facts_of(a.case)
    is_done = any(f.kind == "mri_performed" and f.occurred_at <= a.fact.occurred_at for f in facts)
    is_booked_again = any(_books(f) and f.occurred_at > a.fact.occurred_at for f in facts)
    if not is_done and not is_booked_again:
        clocks.mark_cancelled(a.case.pk, by=a.act.by, at=a.act.at, line=a.line)


def _unstable(a: Arrival) -> None:
    """Newly reported signs of instability: advice on stability is due from then."""
    if a.fact.data.get(INSTABILITY) == Answer.YES:
        _start(ClockKind.STABILITY_ADVICE)(a)


def _stop_review(a: Arrival) -> None:
    """Dexamethasone was stopped and not given since: no review is needed."""
    if evidence_of(a.case, service=a.act.service).presentation.dexamethasone_given == Answer.YES:
        return
    clocks.stop(
        a.case.pk,
        [ClockKind.STEROID_REVIEW],
        because=Stopped.MET,
        stopped_at=a.fact.occurred_at,
        by=a.act.by,
        at=a.act.at,
    )


def _start(kind: ClockKind) -> Callable[[Arrival], None]:
    """The effect that starts the clock of an event. A second report of the same event starts nothing."""

    def effect(a: Arrival) -> None:
        since = a.fact.occurred_at
        if not any(c.kind == kind and c.started_at == since for c in clocks.of_case(a.case.pk)):
            start_event_clock(a.case, kind, started_at=since, act=a.act)

    return effect


def _given(a: Arrival) -> None:
    """Dexamethasone was given, and not stopped since."""
    if evidence_of(a.case, service=a.act.service).presentation.dexamethasone_given == Answer.YES:
        _start(ClockKind.STEROID_REVIEW)(a)


def _review_dexamethasone(a: Arrival) -> None:
    """A clean whole spine asks for a review of dexamethasone that is still given (NG234 1.8.2, number not confirmed)."""
    evidence = evidence_of(a.case, service=a.act.service)
    if evidence.presentation.dexamethasone_given == Answer.YES and evidence.picture.ruled_out:
        _start(ClockKind.STEROID_REVIEW)(a)


THERAPIES = (ClockKind.PHYSIOTHERAPY, ClockKind.OCCUPATIONAL_THERAPY)


def _leaves_hospital(fact: Fact) -> bool:
    """Whether a fact is a discharge that is no transfer to another hospital."""
    return fact.kind == "discharged" and fact.data.get("without_plan") != "transfer"


def _admit(a: Arrival) -> None:
    """Both therapies are to see the person, unless they have left hospital since."""
    if not any(_leaves_hospital(f) and f.occurred_at >= a.fact.occurred_at for f in facts_of(a.case)):
        for kind in THERAPIES:
            _start(kind)(a)


def _discharge(a: Arrival) -> None:
    """Nobody in hospital sees a person who has left it: what that stay still waited for is no longer needed."""
    for clock in clocks.hold(a.case.pk) if _leaves_hospital(a.fact) else ():
        if clock.kind in THERAPIES and not is_earlier(a.fact.occurred_at, than=clock.started_at):
            clocks.stop_clock(
                clock,
                because=Stopped.NOT_NEEDED,
                stopped_at=a.fact.occurred_at,
                by=a.act.by,
                at=a.act.at,
            )


# Kinds of fact after which the guideline is asked again. It does not read bookings, and is not asked after a death.
ASKS_AGAIN = frozenset(EVENT_KINDS) - {"mri_requested", "mri_booked", "mri_cancelled", "died"}
EFFECTS: dict[str, tuple[Callable[[Arrival], None], ...]] = {
    "mri_requested": (_book,),
    "mri_booked": (_book,),
    "mri_cancelled": (_cancel,),
    "neurology_changed": (_unstable,),
    "mri_reported": (_review_dexamethasone,),
    "immobilised": (_start(ClockKind.STABILITY_ADVICE),),
    "dexamethasone_given": (_given,),
    "dexamethasone_stopped": (_stop_review,),
    "admitted": (_admit,),
    "discharged": (_discharge,),
}
