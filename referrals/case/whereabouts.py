"""Where a patient is, from their recorded moves: on the way, arrived, admitted, or out of hospital."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from kernel.time import from_rfc3339
from referrals.case.case_facts import OWN_OF_CASES, of_case
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


class Heading(NamedTuple):
    """Where the newest disposition sends the patient, and when it was decided."""

    site: str
    at: datetime


def newest_heading(case: str) -> Subquery:
    """A subquery for the newest disposition of the case that a column names; `read_heading` reads it."""
    newest = Disposition.objects.filter(referral=OuterRef(case)).order_by("-id")
    return Subquery(newest.values(said=JSONObject(site="site", at="at"))[:1])


def read_heading(row: Mapping[str, str] | None) -> Heading | None:
    """The answer of `newest_heading`; None without a disposition."""
    return Heading(row["site"], from_rfc3339(row["at"])) if row else None


def whereabouts_of(case: Referral, *, words: Words) -> Whereabouts | None:
    """The whereabouts in one case, with the time in `words`; None when no move is recorded."""
    events = list(Event.objects.filter(of_case(case), kind__in=MOVES).order_by("occurred_at", "id"))
    newest = case.dispositions.order_by("-id").first() if events else None
    return whereabouts_from(events, Heading(newest.site, newest.at) if newest else None, words=words)


def whereabouts_from(events: Sequence[Event], heading: Heading | None, *, words: Words) -> Whereabouts | None:
    """The same from the events of a case in true order and its newest heading, which the caller has read."""
    return _where([event for event in events if event.kind in MOVES], heading, words=words)


def whereabouts(cases: Iterable[int], *, words: Words) -> dict[int, Whereabouts]:
    """The whereabouts in many cases, leaving out those without a move: one query."""
    moves: dict[int, list[Any]] = {}
    numbers = list(cases)
    rows: Iterable[Any] = Event.objects.raw(_OF_CASES, [numbers, list(MOVES)])
    for row in rows:
        moves.setdefault(row.case, []).append(row)
    places = {case: _where(own, _heading(own[0]), words=words) for case, own in moves.items()}
    return {case: place for case, place in places.items() if place is not None}


def _heading(row: Any) -> Heading | None:
    return Heading(row.heading_site, row.heading_at) if row.heading_at else None


# Written out because every board asks it every few seconds: building it took a tenth of the board's time.
_OF_CASES = f"""{OWN_OF_CASES}
    SELECT moved.*, heading.site AS heading_site, heading.at AS heading_at
    FROM (
        SELECT event.id, event.kind, event.occurred_at, event.data, own."case"
        FROM referrals_event AS event JOIN own ON own.id = event.referral_id
        WHERE event.kind = ANY(%s)
    ) AS moved
    LEFT JOIN LATERAL (
        SELECT site, at FROM referrals_disposition WHERE referral_id = moved."case" ORDER BY id DESC LIMIT 1
    ) AS heading ON true
    ORDER BY moved.occurred_at, moved.id
"""  # noqa: S608  # every part is written here


def _where(events: Sequence[Event], heading: Heading | None, *, words: Words) -> Whereabouts | None:
    """The whereabouts from the events of a case in true order, and its newest heading."""
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
    to = _to(events, moves, heading)
    if move.kind == DEPARTED:
        return _same_text(
            f"On the way to {to} since {time}" if to else f"On the way since {time}, where to is not recorded"
        )
    place, verb = move.data.get("site") or to, move.kind
    if not place:
        return _same_text(f"{verb.capitalize()} {time}, {UNKNOWN}")
    return Whereabouts(short=place, full=f"{place}, {verb} {time}")


def _to(events: Sequence[Event], moves: Sequence[Event], heading: Heading | None) -> str:
    """Where the last move leads: the transfer accepted for it, else the disposition. One for an earlier move no longer counts."""
    latest = moves[-1]
    previous = next((move for move in reversed(moves[:-1]) if move.kind != DEPARTED), None)
    for event in reversed(events):
        came_after = latest.kind != DEPARTED and event.occurred_at > latest.occurred_at
        if previous is not None and event.occurred_at <= previous.occurred_at:
            break
        if event.kind == ACCEPTED and not came_after and event.data.get("site"):
            return str(event.data["site"])
    return heading.site if heading is not None and (previous is None or heading.at > previous.at) else ""


def _same_text(words: str) -> Whereabouts:
    return Whereabouts(short=words, full=words)
