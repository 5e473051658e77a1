"""The rota as its page shows it: shifts, gaps, and the people on it who cannot be paged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import DUTIES, DUTY_WORDS, Duty
from accounts.queries import people_with_duties
from kernel.time import in_words, near
from oncall.channel_tests import untested_in_words
from oncall.handover import HandoverChange, change_ahead
from oncall.models import Shift
from oncall.reach import Reach, reach_of
from oncall.rota import OnCall, gaps_ahead, on_call, shifts_ahead
from webkit.attempt import Attempt
from webkit.fields import Area, Choice, PickedMoment, Text
from webkit.forms import NOTHING, Fields, PlainForm
from webkit.inputs import Input

DUTY_CODES = ", ".join(code for code, _ in DUTIES)


class PlanForm(PlainForm):
    """A shift to plan, and for how many weeks."""

    duty = Choice("Duty", {"": "Choose", **dict(DUTIES)}, kind="select")
    user_name = Choice("Who", {}, kind="select")  # its options come with each form
    starts = PickedMoment("From, London time")
    ends = PickedMoment("To, London time")
    weeks = Text(
        "For how many weeks",
        reads="whole",
        wrong="Enter 1 to 26 weeks",
        initial="1",
        width="2",
        inputmode="numeric",
    )


class ImportForm(PlainForm):
    csv = Area(
        "Or paste it: the columns duty, user_name, starts, ends",
        hint="From a spreadsheet: commas, semicolons or tabs. London times as 2026-12-01 08:00. You see what changes "
        f"before it is saved. If one line is wrong, nothing is saved. Duties: {DUTY_CODES}.",
        rows=5,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    """One shift, with the inputs to swap it and to give it at once where somebody can take it."""

    number: int
    duty: str
    of_coordinator: bool
    holder: str
    starts: str
    ends: str
    running: bool
    unproven: bool
    unreached: bool
    swap: Sequence[Input]
    give: Sequence[Input]
    giving: bool  # giving it at once was tried and refused: its part of the page is open


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaConfirmation:
    """A change of a shift that its planner has to confirm."""

    number: int
    act: str
    shift: str
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaScreen:
    """Everything that the page shows of the rota."""

    duties: Sequence[OnCall]
    gaps: Sequence[str]
    shifts: Sequence[ShiftLine]
    unreached: Sequence[str]
    unproven: Sequence[tuple[int, str]]  # the number of the account, and the name with its duties
    untested: Sequence[str]  # a sentence for each channel without a daily test
    change: HandoverChange | None
    plan: Sequence[Input]
    csv: Sequence[Input]

    @property
    def to_give(self) -> ShiftLine | None:
        """The coordinator's shift that runs now."""
        return next((line for line in self.shifts if line.of_coordinator and line.running), None)


def rota_screen(attempt: Attempt = NOTHING, *, at: datetime) -> RotaScreen:
    """The rota of the next 14 days: a constant number of queries."""
    shifts, duties = shifts_ahead(at=at), on_call(at=at)
    reach = reach_of(shift.holder for shift in shifts)
    people = people_with_duties()
    awaited_duties = {row.duty for row in duties if row.awaited}
    duties_of: dict[User, list[str]] = {}
    for duty, words in DUTY_WORDS.items():
        for person in dict.fromkeys(shift.holder for shift in shifts if shift.duty == duty):
            duties_of.setdefault(person, []).append(words)
    names = {person: f"{person.name} ({', '.join(words)})" for person, words in duties_of.items()}
    return RotaScreen(
        duties=duties,
        gaps=[gap.words for gap in gaps_ahead(at=at)],
        shifts=[
            _line(shift, people, attempt, reach=reach, is_awaited=shift.duty in awaited_duties, at=at)
            for shift in shifts
        ],
        unreached=[name for person, name in names.items() if not reach.is_reached(person)],
        unproven=[
            (person.pk, name)
            for person, name in names.items()
            if reach.is_reached(person) and not reach.proven(person)
        ],
        untested=untested_in_words(),
        change=change_ahead(at=at),
        plan=_plan(attempt.of("plan"), people).inputs,
        csv=ImportForm(attempt.of("import")).inputs,
    )


def _duties(person: User) -> str:
    return ", ".join(DUTY_WORDS[Duty(duty)].lower() for duty in person.duties)


def _line(
    shift: Shift, people: Sequence[User], attempt: Attempt, *, reach: Reach, is_awaited: bool, at: datetime
) -> ShiftLine:
    able = [person for person in people if shift.duty in person.duties]
    colleagues = [person for person in able if person.pk != shift.holder_id]
    running = shift.starts_at <= at
    return ShiftLine(
        number=shift.pk,
        duty=DUTY_WORDS[Duty(shift.duty)],
        of_coordinator=shift.duty == Duty.COORDINATOR,
        holder=shift.holder.name,
        starts=near(shift.starts_at, at=at),
        ends=in_words(shift.ends_at)
        if shift.ends_at - at > timedelta(days=1)
        else near(shift.ends_at, at=at),
        running=running,
        unproven=not reach.proven(shift.holder),
        unreached=not reach.is_reached(shift.holder),
        swap=_takeover_inputs(f"swap-{shift.pk}", attempt, colleagues, of=shift, swap=True, at=at),
        give=_takeover_inputs(
            f"at_once-{shift.pk}",
            attempt,
            able if is_awaited and running else colleagues,
            of=shift,
            swap=False,
            at=at,
        )
        if running
        else (),
        giving=attempt.form == f"at_once-{shift.pk}",
    )


def _plan(attempt: Attempt, people: Sequence[User]) -> PlanForm:
    options = {person.username: f"{person.name}, {_duties(person)}" for person in people}
    return PlanForm(attempt, fields={"user_name": Choice("Who", {"": "Choose", **options}, kind="select")})


def _takeover_inputs(
    name: str, attempt: Attempt, takers: Sequence[User], *, of: Shift, swap: bool, at: datetime
) -> Sequence[Input]:
    """The inputs for who takes a shift over, with the reason where it is given at once; none where nobody can."""
    if not takers:
        return ()
    options = {"": "Choose", **{person.username: person.name for person in takers}}
    words = DUTY_WORDS[Duty(of.duty)]
    if swap:
        label = f"Who takes over: {words}, {near(of.starts_at, at=at)}"
        fields: Fields = {"user_name": Choice(label, options, kind="select", weight="hidden")}
    else:
        label = "Who takes over" if of.duty == Duty.COORDINATOR else f"Who takes over: {words}"
        fields = {
            "user_name": Choice(label, options, kind="select"),
            "because": Text("Why", hint="For example: taken ill"),
        }
    return PlainForm(attempt.of(name), fields=fields, ids=f"{{}}-{name}").inputs
