"""The coordinator's worklist, filtered and ordered by the database."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from accounts.models import Organisation
from kernel.actors import Actor
from kernel.time import from_rfc3339, rfc3339
from ledger.read import last_acts
from oncall.escalation import REFERRER
from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.case.models import Obligation, Place, Referral, Review
from referrals.case.openings import restricted_numbers
from referrals.case.queries import closed_in_sight, in_sight, visible_to
from referrals.case.search import reference_in, typed
from referrals.case.statements import NO_TIME, NOBODY, values_for
from referrals.case.states import OVER
from triage.guideline.rule import Stream

_OVER = [str(status) for status in OVER]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The filters of the list. `search` is a name, an NHS number or a reference."""

    stream: str = ""
    show: str = "open"
    search: str = ""
    order: str = "urgency"
    after: "Spot | None" = None  # the last row of the page before


class BoardSectionKind(IntEnum):
    """The sections of the list, in order."""

    UNSEEN = 0
    DUE = 1
    RUNNING = 2
    ENDED = 3


SECTION_WORDS = {
    BoardSectionKind.UNSEEN: "Urgent, and nobody has seen it",
    BoardSectionKind.DUE: "Due",
    BoardSectionKind.RUNNING: "Running",
    BoardSectionKind.ENDED: "Ended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The position of a row in the order. For an ended case, `due_at` is when it last changed."""

    section: int
    rank: int
    due_at: datetime
    number: int

    def __str__(self) -> str:
        return f"{self.section}~{self.rank}~{rfc3339(self.due_at)}~{self.number}"

    @classmethod
    def read(cls, text: str) -> "Spot | None":
        """A spot from its text in an address; None when it cannot be read."""
        parts = text.split("~")
        try:
            section, rank, number = (int(part[:18]) for part in (parts[0], parts[1], parts[3]))
            return cls(section=section, rank=rank, due_at=from_rfc3339(parts[2]), number=number)
        except (ValueError, IndexError):
            return None


ORDERS = {"urgency": "Stream, then time to breach", "breach": "Time to breach"}
# Saved views, each a condition on the open cases.
SAVED: dict[str, str] = {
    "open": "All open",
    "unseen": "Nobody has seen",
    "emergency": "Emergencies",
    "overdue": "Overdue",
    "soon": "Due within 4 hours",
    "news": "New information",
    "mine": "Mine",
    "unclaimed": "Not claimed",
    "waiting": "Waiting for the referrer",
    "mdt": "Awaiting MDT",
    "arrived": "Arrived for an ended case",
}
DUE_WITHIN, SOON = timedelta(minutes=30), timedelta(hours=4)
MOST_COUNTED = 100  # a view with more says 99+
_ENDED = frozenset({"over", "all", "arrived"})  # views that include cases without a place on the list


def counts(*, by: Actor, at: datetime) -> dict[str, int]:
    """The number of cases in each saved view, counted up to a hundred: one query."""
    sql, values = _counting()
    with connection.cursor() as cursor:
        cursor.execute(sql, values_for(values, by=by, at=at))
        totals = Counter(show for (show,) in cursor)
    return {show: totals[show] for show in SAVED}


@cache
def _counting() -> tuple[str, tuple[Any, ...]]:
    """The statement of `counts`, with marks in place of the reader and the time."""
    queries = [
        _numbers(show, by=NOBODY, at=NO_TIME)
        .order_by()
        .annotate(show=Value(show, output_field=CharField()))
        .values_list("show", flat=True)[:MOST_COUNTED]
        for show in SAVED
    ]
    sql, values = queries[0].union(*queries[1:], all=True).query.sql_with_params()
    return sql, tuple(values)


def _numbers(show: str, *, by: Actor, at: datetime) -> QuerySet[Any]:
    """The rows of a saved view: places of open cases, or ended cases with new facts."""
    if show == "arrived":
        return Referral.objects.filter(arrived_since__isnull=False, status__in=_OVER)
    return _of_view(Place.objects.all(), show, by=by, at=at)


def _of_view(places: QuerySet[Place], show: str, *, by: Actor, at: datetime) -> QuerySet[Place]:
    if show == "waiting":
        return places.filter(case__in=_asked_of_referrers())
    if show == "news":  # few have any, and an index knows them
        return places.filter(case__in=Referral.every.filter(news_since__isnull=False).values("pk"))
    condition = {
        "unseen": Q(waits=True),
        "emergency": Q(own_stream=Stream.EMERGENCY.value),
        "overdue": Q(due_at__lte=at),
        "soon": Q(due_at__gt=at, due_at__lte=at + SOON),
        "mine": Q(case__claimed_by=by.key, case__claimed_until__gt=at),
        "unclaimed": Q(own_claim=None) | Q(own_claim__lte=at),
        "mdt": Q(case__status="awaiting_mdt"),
    }.get(show)
    if show in _LOOKED_UP:
        places = _looked_up(places, *_LOOKED_UP[show])
    return places.filter(condition) if condition is not None else places


def _looked_up(places: QuerySet[Place], name: str, column: str) -> QuerySet[Any]:
    """A column of the case of each place, looked up one by one. Joined, the database began with every case that ever was:
    it knows how many there are, and not that the open ones are the last.
    """
    own = Referral.every.filter(pk=OuterRef("case_id")).values(column)[:1]
    return places.alias(**{name: Subquery(own)})


_LOOKED_UP = {
    "emergency": ("own_stream", "stream"),
    "unclaimed": ("own_claim", "claimed_until"),
}


def _asked_of_referrers() -> QuerySet[Any]:
    """The cases with an open question to the referrer."""
    questions = Clock.objects.filter(stopped_at=None, kind=ClockKind.QUESTION.value, subject__gt=0)
    obligations = Obligation.objects.filter(
        owed_by=REFERRER, kind="question", pk__in=questions.values("subject")
    )
    return obligations.values("referral")


def sequence(*, at: datetime) -> str:
    """A text that changes with every act, and every minute because the list shows times in words."""
    return f"{last_acts()}-{int(at.timestamp()) // 60}"


def cases(view: View, *, by: Actor, at: datetime, limit: int = 50) -> list[Any]:
    """The first cases of a view, most urgent first, each with its `spot`: two queries, and two more if any of them is
    restricted. The patient of a case that `is_closed` to this person is not read.

    Cases that nobody has seen come first, then those due within half an hour, then the rest. Each section is ordered
    by stream and then by the next deadline, or by the deadline alone. Ended cases are ordered by their last change.
    """
    if view.show in _ENDED:
        return _ended(view, by=by, limit=limit)
    places = _of_view(Place.objects.all(), view.show, by=by, at=at)
    if view.stream:
        places = _looked_up(places, "own_stream", "stream").filter(own_stream=view.stream)
    if view.search:
        places = places.filter(case__in=visible_to(by).filter(typed(view.search)).values("pk"))
    places = places.annotate(
        section=_section(at=at),
        weight=_weight(view.order),
        restricted=Case(When(case__in=restricted_numbers(), then=True), default=False),
    )
    if view.after is not None:
        places = places.filter(_after(view.after))
    rows = list(places.order_by("section", "weight", "due_at", "case_id")[:limit])
    case_at = _annotated(in_sight(by)).in_bulk([row.case_id for row in rows if not row.restricted])
    # Who may see a restricted case is a long question, put only when there is one.
    if restricted := [row.case_id for row in rows if row.restricted]:
        case_at |= _annotated(visible_to(by)).in_bulk(restricted)
        if closed := [number for number in restricted if number not in case_at]:
            case_at |= closed_in_sight(by).in_bulk(closed)
    for row in rows:
        if row.case_id in case_at:
            case: Any = case_at[row.case_id]
            case.waits = row.waits
            case.section = BoardSectionKind(row.section)
            case.spot = Spot(section=row.section, rank=row.weight, due_at=row.due_at, number=row.case_id)
    return [case_at[row.case_id] for row in rows if row.case_id in case_at]


def listed(references: Iterable[str], *, by: Actor) -> list[Any]:
    """The cases of these references that a person may see, with the columns of the list: one query."""
    return list(_annotated(visible_to(by)).filter(reference__in=list(references)).order_by("id"))


def _section(*, at: datetime) -> Case:
    return Case(
        When(rank=0, then=Value(BoardSectionKind.UNSEEN.value)),
        When(due_at__lte=at + DUE_WITHIN, then=Value(BoardSectionKind.DUE.value)),
        default=Value(BoardSectionKind.RUNNING.value),
        output_field=IntegerField(),
    )


def _weight(order: str) -> Any:
    return F("rank") if order != "breach" else Value(0, output_field=IntegerField())


def _after(spot: Spot) -> Q:
    """The rows after a spot."""
    same_rank = Q(section=spot.section, weight=spot.rank)
    return (
        Q(section__gt=spot.section)
        | Q(section=spot.section, weight__gt=spot.rank)
        | same_rank & Q(due_at__gt=spot.due_at)
        | same_rank & Q(due_at=spot.due_at, case_id__gt=spot.number)
    )


def _ended(view: View, *, by: Actor, limit: int) -> list[Any]:
    """Cases with or without a place on the list, last changed first."""
    referrals = _annotated(visible_to(by))
    if view.show == "over":
        referrals = referrals.filter(status__in=_OVER)
    elif view.show == "arrived":
        referrals = referrals.filter(arrived_since__isnull=False, status__in=_OVER)
    if view.stream:
        referrals = referrals.filter(stream=view.stream)
    if view.search:
        referrals = referrals.filter(typed(view.search))
    if view.after is not None:
        changed_at, number = view.after.due_at, view.after.number
        referrals = referrals.filter(Q(updated_at__lt=changed_at) | Q(updated_at=changed_at, pk__lt=number))
    position = {"waits": F("place__waits"), "rank": F("place__rank")}
    rows: list[Any] = list(referrals.annotate(**position).order_by("-updated_at", "-id")[:limit])
    if not rows and view.show == "all" and (reference := reference_in(view.search)):
        rows = list(closed_in_sight(by).filter(reference=reference).annotate(**position))
    for row in rows:
        row.section = (
            BoardSectionKind.ENDED
            if row.is_over
            else BoardSectionKind.UNSEEN
            if row.rank == 0
            else BoardSectionKind.RUNNING
        )
        row.spot = Spot(section=BoardSectionKind.RUNNING, rank=0, due_at=row.updated_at, number=row.pk)
    return rows


# Columns that no row of the list shows, most of them long JSON.
_UNREAD = (
    "referrer",
    "presentation_sent",
    "answered_as_group",
    "clinical_sent",
    "kept",
    "incomplete",
    "not_the_same",
)


def _annotated(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """The cases with the columns that the list shows, the name of the place, and their patients."""
    waits = Exists(Review.objects.filter(referral=OuterRef("pk"), done_at=None))
    place_names = Organisation.objects.filter(pk=OuterRef("location_organisation")).values("name")
    annotated = referrals.annotate(to_review=waits, place_name=Subquery(place_names))
    return annotated.select_related(None).select_related("patient").defer(*_UNREAD)


@dataclass(frozen=True, slots=True)
class UnseenEmergencies:
    """How many emergencies are not acknowledged, and since when. Holds no patient data."""

    emergencies: int
    since: datetime | None


def unseen_emergencies() -> UnseenEmergencies:
    """The emergencies that a locked board may still show, counted up to a hundred: one query."""
    places = Place.objects.filter(rank=0).order_by("due_at", "case_id")
    instants = list(places.values_list("case__submitted_at", flat=True)[:MOST_COUNTED])
    return UnseenEmergencies(len(instants), min(instants, default=None))
