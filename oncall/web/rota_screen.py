"""The rota as its page shows it: shifts, gaps, and who on it cannot be paged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.time import in_words, near
from oncall.handing_over import Change, change_ahead
from oncall.models import Shift
from oncall.reach import Reach, reach_of
from oncall.rota import OnCall, gaps_ahead, on_call, shifts_ahead

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    """One shift; `takers` are those who can be given it at once, its holder too while a hand-over is awaited."""

    number: int
    duty: str
    of_coordinator: bool
    holder: str
    starts: str
    ends: str
    running: bool
    unproven: bool
    unreached: bool
    swaps: Choices
    takers: Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A change of a shift that is asked about before it is made."""

    number: int
    act: str
    shift: str
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaScreen:
    """Everything that the page says of the rota."""

    duties: Sequence[OnCall]
    gaps: Sequence[str]
    shifts: Sequence[ShiftLine]
    unreached: Sequence[str]
    unproven: Sequence[str]
    change: Change | None
    people: Choices

    @property
    def to_give(self) -> ShiftLine | None:
        """The coordinator's shift that runs now."""
        return next((line for line in self.shifts if line.of_coordinator and line.running), None)


def rota_screen(*, at: datetime) -> RotaScreen:
    """The rota of the next 14 days: a constant number of queries."""
    shifts, duties = shifts_ahead(at=at), on_call(at=at)
    reach = reach_of(shift.holder for shift in shifts)
    people = list(User.objects.filter(is_active=True).exclude(duties=[]).order_by("name"))
    awaited = {one.duty for one in duties if one.awaited}
    held: dict[User, list[str]] = {}
    for duty, words in DUTY_WORDS.items():
        for person in dict.fromkeys(shift.holder for shift in shifts if shift.duty == duty):
            held.setdefault(person, []).append(words)
    named = {person: f"{person.name} ({', '.join(words)})" for person, words in held.items()}
    return RotaScreen(
        duties=duties,
        gaps=[gap.words for gap in gaps_ahead(at=at)],
        shifts=[_line(shift, people, reach=reach, awaited=shift.duty in awaited, at=at) for shift in shifts],
        unreached=[said for person, said in named.items() if not reach.is_reached(person)],
        unproven=[
            said for person, said in named.items() if reach.is_reached(person) and not reach.proven(person)
        ],
        change=change_ahead(at=at),
        people=[(person.username, f"{person.name}, {_duties(person)}") for person in people],
    )


def _duties(person: User) -> str:
    return ", ".join(DUTY_WORDS[Duty(duty)].lower() for duty in person.duties)


def _line(shift: Shift, people: Sequence[User], *, reach: Reach, awaited: bool, at: datetime) -> ShiftLine:
    able = [person for person in people if shift.duty in person.duties]
    others = [(person.username, person.name) for person in able if person.pk != shift.holder_id]
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
        swaps=others,
        takers=[(person.username, person.name) for person in able] if awaited and running else others,
    )
