"""Ladders of an emergency as they would page now: when, which duty, how, and the people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.people import DUTY_WORDS, Duty
from accounts.service import Service
from kernel.time import duration_in_words
from oncall.climb import LAST_RESORT, Holders
from oncall.escalation import ladder_of
from oncall.kinds import ClockKind
from oncall.ladder import Ladder, Rung
from oncall.reach import Reach, reach_of
from oncall.rota import holders_at
from oncall.ways import CHANNEL_WORDS

# The title of a ladder, its clock, and the setting with its limit in minutes.
_LADDERS = (
    ("An emergency that nobody has acknowledged", ClockKind.ACKNOWLEDGE, "acknowledge_emergency"),
    ("The referrer of an emergency, with whom nobody has spoken", ClockKind.VOICE_CONTACT, "voice_contact"),
    ("An acknowledged emergency without a triage decision", ClockKind.TRIAGE_DECISION, "triage_decision"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RungLine:
    """One rung: after how long, which duty, and each person with their channels; `amiss` when nobody is reached."""

    after: str
    duty: str
    people: Sequence[str]
    amiss: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderDrawing:
    title: str
    limit: str
    rungs: Sequence[RungLine]
    again: str


def drawings(service: Service, *, at: datetime) -> tuple[LadderDrawing, ...]:
    """The ladders that an emergency starts, with the holder of each duty at an instant: two queries."""
    holders = holders_at(at)
    reach = reach_of(person for people in holders.values() for person in people)
    return tuple(
        _drawing(title, kind, service[key], service, holders=holders, reach=reach)
        for title, kind, key in _LADDERS
    )


def _drawing(
    title: str, kind: ClockKind, minutes: int, service: Service, *, holders: Holders, reach: Reach
) -> LadderDrawing:
    ladder = ladder_of(kind, limit_hours=minutes / 60, paged_at_once=True, service=service.values)
    again = duration_in_words(timedelta(minutes=ladder[-1].repeat_minutes))
    return LadderDrawing(
        title=title,
        limit=duration_in_words(timedelta(minutes=minutes)),
        rungs=[_line(rung, ladder[number:], holders, reach) for number, rung in enumerate(ladder)],
        again=f"The last rung pages again every {again} until somebody answers",
    )


def _line(rung: Rung, above: Ladder, holders: Holders, reach: Reach) -> RungLine:
    people = holders.get(rung.duty, ())
    lines = [
        f"{person.name}: {_ways(rung, reach.channels_of(person), last=len(above) == 1)}" for person in people
    ]
    if not people:
        lines = [_instead(above, holders) if rung.loud else "Nobody holds it: the note waits for nobody"]
    return RungLine(
        after=f"After {duration_in_words(timedelta(minutes=rung.after_minutes))}"
        if rung.after_minutes
        else "At once",
        duty=DUTY_WORDS[Duty(rung.duty)],
        people=lines,
        amiss=rung.loud and not any(reach.is_reached(person) for person in people),
    )


def _instead(above: Ladder, holders: Holders) -> str:
    duties = (*(rung.duty for rung in above[1:]), *LAST_RESORT)
    duty = next((duty for duty in duties if duty in holders), None)
    if duty is None:
        return "Nobody is on duty at all"
    return f"Nobody holds it: {holders[duty][0].name} is paged instead ({DUTY_WORDS[Duty(duty)]})"


def _ways(rung: Rung, channels: Sequence[str], *, last: bool) -> str:
    """How a rung pages a person, in words; after the `last` rung nobody further is paged."""
    loud = [CHANNEL_WORDS[channel].lower() for channel in channels if rung.loud and channel in CHANNEL_WORDS]
    if rung.loud and not loud:
        after = "nobody further is paged" if last else "the next rung is climbed at once"
        return f"on the screen only, no address; {after}"
    return ", ".join(["on the screen", *loud])
