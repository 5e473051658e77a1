"""Where a patient is, from their recorded moves: on the way, arrived, admitted, or out of hospital."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Coalesce

from referrals.case.case_facts import of_case
from referrals.case.models import Disposition, Event, Referral

ACCEPTED, DEPARTED, ARRIVED, ADMITTED, DISCHARGED = (
    "transfer_accepted",
    "departed",
    "arrived",
    "admitted",
    "discharged",
)
MOVES = (ACCEPTED, DEPARTED, ARRIVED, ADMITTED, DISCHARGED)
UNKNOWN = "where is not recorded"
Words = Callable[[datetime], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a patient is now: short for a line, and in full with the time of arrival."""

    short: str
    full: str


def whereabouts_of(
    case: Referral, *, words: Words, events: Sequence[Event] | None = None
) -> Whereabouts | None:
    """The whereabouts in one case, with the time in `words`; None when no move is recorded. `events` are its own, in true order."""
    if events is None:
        events = list(Event.objects.filter(of_case(case), kind__in=MOVES).order_by("occurred_at", "id"))
    moves = [event for event in events if event.kind in MOVES]
    return _where(moves, case.dispositions.order_by("-id").first() if moves else None, words=words)


def whereabouts(cases: Iterable[int], *, words: Words) -> dict[int, Whereabouts]:
    """The whereabouts in many cases, leaving out those without a move: one query for moves, one for dispositions."""
    numbers = list(cases)
    of_cases = Q(referral__in=numbers) | Q(referral__merged_into__in=numbers)
    rows = Event.objects.filter(of_cases, kind__in=MOVES)
    rows = rows.annotate(case=Coalesce("referral__merged_into", "referral")).order_by("occurred_at", "id")
    moves: dict[int, list[Event]] = {}
    for row in rows:
        moves.setdefault(row.case, []).append(row)
    dispositions = Disposition.objects.filter(referral__in=list(moves)).order_by("id") if moves else ()
    newest = {row.referral_id: row for row in dispositions}
    places = {case: _where(rows, newest.get(case), words=words) for case, rows in moves.items()}
    return {case: place for case, place in places.items() if place is not None}


def _where(events: Sequence[Event], disposition: Disposition | None, *, words: Words) -> Whereabouts | None:
    """The whereabouts from the events of a case in true order, and its newest disposition."""
    moves: list[Event] = []
    for event in events:
        still = event.kind == ADMITTED and (not moves or moves[-1].kind in (ARRIVED, ADMITTED))
        if event.kind != ACCEPTED and not still:  # an admission where they are already is no move
            moves.append(event)
    if not moves:
        return None
    move, time = moves[-1], words(moves[-1].occurred_at)
    if move.kind == DISCHARGED:
        return _same_text(f"Left hospital {time}")
    to = _to(events, moves, disposition)
    if move.kind == DEPARTED:
        return _same_text(
            f"On the way to {to} since {time}" if to else f"On the way since {time}, where to is not recorded"
        )
    place, verb = move.data.get("site") or to, move.kind
    if not place:
        return _same_text(f"{verb.capitalize()} {time}, {UNKNOWN}")
    return Whereabouts(short=place, full=f"{place}, {verb} {time}")


def _to(events: Sequence[Event], moves: Sequence[Event], disposition: Disposition | None) -> str:
    """Where the last move leads: the transfer accepted for it, else the disposition. One for an earlier move no longer counts."""
    latest = moves[-1]
    previous = next((move for move in reversed(moves[:-1]) if move.kind != DEPARTED), None)
    for event in reversed(events):
        came_after = latest.kind != DEPARTED and event.occurred_at > latest.occurred_at
        if previous is not None and event.occurred_at <= previous.occurred_at:
            break
        if event.kind == ACCEPTED and not came_after and event.data.get("site"):
            return str(event.data["site"])
    return (
        disposition.site
        if disposition is not None and (previous is None or disposition.at > previous.at)
        else ""
    )


def _same_text(words: str) -> Whereabouts:
    return Whereabouts(short=words, full=words)
