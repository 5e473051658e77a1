"""Handing a duty over at the change of shift: the outgoing holder writes, the incoming holder accepts.

Until the incoming holder accepts, the outgoing holder keeps the duty and both are paged.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.actors import Actor
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.text import fault, tidy
from kernel.time import clock_time, in_words
from ledger.append import append, bind
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall.clocks import next_step, time_left
from oncall.kinds import AFTERWARDS, REPORT_ONLY, WEEK
from oncall.ladder import LOOPBACK
from oncall.line_facts import HandOverAccepted, HandOverTold
from oncall.models import Clock, HandOver, Shift
from oncall.rota import LAPSES, WITH_HANDOVER, shift_before, shift_not_handed_over

BEFORE = timedelta(hours=2)  # how early a hand-over can be written and accepted
MOST_WORDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case with its open promises: the reference and coded words, no person."""

    reference: str
    stream: str
    promises: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverChange:
    """A change of shift from one person to another that is not accepted yet."""

    shift: Shift
    outgoing: User
    at_once: bool = False  # the lead gave it to its holder, who has not confirmed it yet

    @property
    def began_at(self) -> datetime:
        """Since when the change waits for an answer."""
        return self.shift.taken_over_at if self.at_once and self.shift.taken_over_at else self.shift.starts_at

    @property
    def words(self) -> str:
        """Who holds the duty, or hands it to whom, as the board shows it."""
        if self.at_once:
            return (
                f"{self.shift.holder.name} has held the coordinator's duty since {clock_time(self.began_at)}"
            )
        return f"{self.outgoing.name} hands over to {self.shift.holder.name}"

    @property
    def step(self) -> str:
        """The next step, as its link shows it."""
        return "See the hand-over" if self.at_once else "Write or accept the hand-over"


def change_ahead(duty: Duty = Duty.COORDINATOR, *, at: datetime) -> HandoverChange | None:
    """The change of shift that waits for a hand-over: the current shift's, or the next within two hours."""
    shifts = Shift.objects.select_related("holder", "hand_over").filter(duty=duty, holder__is_active=True)
    near = shifts.filter(starts_at__lte=at + BEFORE, ends_at__gt=at).order_by("id")
    current = next((shift for shift in near if shift.starts_at <= at), None)
    if current is not None and _is_given(current, at=at):
        previous = shift_before(current)
        return HandoverChange(
            shift=current, outgoing=previous.holder if previous else current.holder, at_once=True
        )
    if current is not None and current.taken_over_at is None:
        previous = shift_not_handed_over(current, at=at)
        if previous is not None:
            return HandoverChange(shift=current, outgoing=previous.holder)
    upcoming = next((shift for shift in near if shift.starts_at > at and shift.taken_over_at is None), None)
    if upcoming is None or current is None or current.holder_id == upcoming.holder_id:
        return None
    return HandoverChange(shift=upcoming, outgoing=current.holder)


def _is_given(shift: Shift, *, at: datetime) -> bool:
    """Whether the lead gave the shift at once and its holder has not confirmed it, before the wait lapses."""
    hand_over = getattr(shift, "hand_over", None)
    return (
        hand_over is not None
        and hand_over.accepted_at is None
        and hand_over.without_words_because != ""
        and shift.taken_over_at is not None
        and shift.taken_over_at + LAPSES > at
    )


def change_for(person: int | None, *, at: datetime) -> HandoverChange | None:
    """The change of shift that concerns a person: their own, or any that the lead made at once."""
    change = change_ahead(at=at)
    if change is None or not (change.at_once or person in (change.outgoing.pk, change.shift.holder_id)):
        return None
    return change


def open_cases(*, at: datetime) -> tuple[OpenCase, ...]:
    """Every case with an open promise, the most overdue first: one query."""
    cases: dict[int, OpenCase] = {}
    clocks = Clock.objects.filter(stopped_at=None).exclude(kind__in=REPORT_ONLY)
    clocks = clocks.exclude(kind__in=AFTERWARDS, due_at__gt=at + timedelta(hours=WEEK))  # nobody's tonight
    clocks = clocks.exclude(ladder__0__channels__0=LOOPBACK).order_by("due_at", "id")
    for clock in clocks:
        promise = f"{next_step(clock)}: {time_left(clock, at=at)}"
        case = cases.get(clock.case)
        cases[clock.case] = OpenCase(
            reference=clock.reference,
            stream=clock.stream,
            promises=(*(case.promises if case else ()), promise),
        )
    return tuple(cases.values())


@one_transaction()
def write_handover(shift_number: int, *, words: str, by: Actor, at: datetime) -> HandOver:
    """Write the hand-over for the next holder. The open cases are stored with it as they are now."""
    change = _change(shift_number, at=at)
    if by.user_id != change.outgoing.pk:
        raise Denied("Only the person who holds the duty now writes the hand-over")
    problem = (
        "Write what the next holder has to know"
        if not tidy(words)
        else fault(words, limit=MOST_WORDS, lines=True)
    )
    if problem:
        raise Invalid("The hand-over is not complete", errors={"words": [problem]})
    hand_over = _of(change.shift)
    if hand_over.accepted_at is not None:
        raise OutOfTurn("This hand-over was accepted already")
    cases = [asdict(case) for case in open_cases(at=at)]
    facts = HandOverTold(
        shift=change.shift.pk,
        open_cases=len(cases),
        words=bind(tidy(words), salt=f"hand_over:{change.shift.pk}"),
    )
    line = append(Kind.HAND_OVER_TOLD, by=by, at=at, facts=facts)
    hand_over.open_promises, hand_over.told = cases, tidy(words)
    hand_over.told_by_id, hand_over.told_at = by.user_id, at
    return keep(hand_over, line=line, by=by, at=at)


@one_transaction()
def accept(shift_number: int, *, because: str = "", by: Actor, at: datetime) -> Shift:
    """Take the duty over; Denied for everybody but its holder on the rota. Without a written hand-over it needs a reason.

    For a duty that the lead gave at once this confirms that its holder knows.
    """
    change = _change(shift_number, at=at)
    shift = change.shift
    if by.user_id != shift.holder_id:
        raise Denied(f"{shift.holder.name} is on the rota and takes this duty over")
    hand_over = _of(shift)
    if not hand_over.told and not change.at_once:
        problem = fault(because, limit=200) or (
            "" if tidy(because) else "Say why you take over without a written hand-over"
        )
        if problem:
            raise Invalid("The hand-over is not complete", errors={"because": [problem]})
        hand_over.without_words_because = tidy(because)
    hand_over.accepted_at = at
    facts = HandOverAccepted(duty=shift.duty, shift=shift.pk, with_words=bool(hand_over.told))
    line = append(Kind.HAND_OVER_ACCEPTED, by=by, at=at, facts=facts)
    keep(hand_over, line=line, by=by, at=at)
    if not change.at_once:
        shift.taken_over_at = max(at, shift.starts_at)
        keep(shift, line=line, by=by, at=at)
    return shift


def _change(shift_number: int, *, at: datetime) -> HandoverChange:
    """The change of shift, locked; somebody else may have accepted or swapped it meanwhile."""
    Shift.objects.select_for_update().filter(pk=shift_number).first()
    for duty in WITH_HANDOVER:
        change = change_ahead(duty, at=at)
        if change is not None and change.shift.pk == shift_number:
            return change
    raise OutOfTurn("This hand-over is done, or the rota was changed. See who holds the duty on the rota")


def _of(shift: Shift) -> HandOver:
    return HandOver.objects.filter(shift=shift).first() or HandOver(shift=shift)


def words_of(shift: Shift) -> str:
    """The change of shift in words."""
    return f"{DUTY_WORDS[Duty(shift.duty)]}, from {in_words(shift.starts_at)} to {in_words(shift.ends_at)}"
