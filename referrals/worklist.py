"""The coordinator's worklist: who comes first, found and ordered by the database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from kernel.actors import Actor
from kernel.identifiers import NhsNumber, Reference
from kernel.time import from_rfc3339, rfc3339
from oncall.escalation import REFERRER
from oncall.kinds import REPORT_ONLY, ClockKind
from oncall.models import Clock
from referrals.identity import name_key
from referrals.models import Obligation, Referral, Review, UnmatchedFact
from referrals.queries import visible_to
from referrals.search import named
from referrals.states import OPEN, OVER
from triage.guideline.rule import Stream

_OPEN = [str(status) for status in OPEN]
_OVER = [str(status) for status in OVER]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the list is narrowed to. `search` is a name, an NHS number or a reference."""

    stream: str = ""
    show: str = "open"
    search: str = ""
    order: str = "urgency"
    after: tuple[int, str, int] | None = None  # the last row of the page before: rank, next limit, number


ORDERS = {"urgency": "Stream, then time to breach", "breach": "Time to breach"}
# Saved views, each a condition on the open cases; the counts of all come from one query.
SAVED: dict[str, str] = {
    "open": "All open",
    "unseen": "Nobody has seen",
    "emergency": "Emergencies",
    "overdue": "Overdue",
    "soon": "Due within 4 hours",
    "news": "New information",
    "mine": "Claimed by me",
    "unclaimed": "Claimed by nobody",
    "waiting": "Waiting for the referrer",
    "mdt": "Awaiting MDT",
    "arrived": "Arrived for an ended case",
}
SOON = timedelta(hours=4)


def _saved(show: str, *, by: Actor, at: datetime) -> Q:
    """The condition of a saved view, over cases annotated with `waits`, `next_due` and `asks_referrer`."""
    return {
        "unseen": Q(waits=True),
        "emergency": Q(stream=Stream.EMERGENCY.value),
        "overdue": Q(next_due__lte=at),
        "soon": Q(next_due__gt=at, next_due__lte=at + SOON),
        "news": Q(news_since__isnull=False),
        "mine": Q(claimed_by=by.key, claimed_until__gt=at),
        "unclaimed": Q(claimed_until=None) | Q(claimed_until__lte=at),
        "waiting": Q(asks_referrer=True),
        "mdt": Q(status="awaiting_mdt"),
        "arrived": Q(arrived_since__isnull=False),
    }.get(show, Q())


def _of_view(show: str, *, by: Actor, at: datetime) -> Q:
    """A saved view with the states of its cases: what arrived for an ended case is of that case."""
    return _saved(show, by=by, at=at) & Q(status__in=_OVER if show == "arrived" else _OPEN)


def counts(*, by: Actor, at: datetime) -> dict[str, int]:
    """How many cases each saved view has: one query."""
    found = _annotated(visible_to(by)).filter(Q(status__in=_OPEN) | Q(arrived_since__isnull=False))
    return found.aggregate(**{show: Count("pk", filter=_of_view(show, by=by, at=at)) for show in SAVED})


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came for cases that have ended, and for people without a referral, and nobody has looked at."""

    ended: int
    unmatched: int


def arrivals() -> Arrivals:
    """Two counts by index."""
    return Arrivals(
        ended=Referral.objects.filter(arrived_since__isnull=False).count(),
        unmatched=UnmatchedFact.objects.filter(settled_at=None).count(),
    )


def sequence(*, at: datetime) -> str:
    """A number that changes with every change of an open case, and each minute since times are told in words.

    Each act raises the version of its case in its own transaction, so that no commit slips past the sum.
    """
    found = Referral.objects.filter(status__in=_OPEN).aggregate(
        cases=Count("pk"), versions=Sum("version"), newest=Max("pk"), updated=Max("updated_at")
    )
    updated = rfc3339(found["updated"]) if found["updated"] else ""
    came = arrivals()
    return (
        f"{found['cases']}-{found['versions'] or 0}-{found['newest']}-{updated}-{came.ended}-{came.unmatched}-"
        f"{int(at.timestamp()) // 60}"
    )


def cases(view: View, *, by: Actor, at: datetime) -> QuerySet[Referral]:
    """Unacknowledged emergencies, then by stream, within it by the next limit; or by that limit alone."""
    found = _narrowed(_annotated(visible_to(by)), view, by=by, at=at)
    if view.show == "over":
        found = found.annotate(rank=Value(0, output_field=IntegerField()), due=F("updated_at"))
        order = ("-due", "-id")
    else:
        found = found.annotate(rank=_rank(view.order), due=Coalesce("next_due", _NEVER))
        order = ("rank", "due", "id")
    return _after(found, view).order_by(*order)


_NEVER = Value(datetime(9999, 1, 1, tzinfo=UTC), output_field=DateTimeField())


def _annotated(every: QuerySet[Referral]) -> QuerySet[Referral]:
    running = Clock.objects.filter(case=OuterRef("pk"), stopped_at=None).exclude(kind__in=REPORT_ONLY)
    return every.annotate(
        waits=Exists(running.filter(kind=ClockKind.ACKNOWLEDGE.value)),
        next_due=Subquery(
            running.order_by().values("case").annotate(first=Min("due_at")).values("first"),
            output_field=DateTimeField(),
        ),
        to_review=Exists(Review.objects.filter(referral=OuterRef("pk"), done_at=None)),
        asks_referrer=Exists(
            Obligation.objects.filter(
                referral=OuterRef("pk"),
                owed_by=REFERRER,
                kind="question",
                pk__in=Subquery(running_subjects()),
            )
        ),
    )


def running_subjects() -> QuerySet[Any]:
    """The numbers of what is owed on the case and not settled."""
    asked = Clock.objects.filter(case=OuterRef(OuterRef("pk")), stopped_at=None, subject__gt=0)
    return asked.values("subject")


def _after(found: QuerySet[Referral], view: View) -> QuerySet[Referral]:
    """The rows that follow the last one of the page before, by its place in the order."""
    if view.after is None:
        return found
    rank, due, number = view.after
    if view.show == "over":
        instant = from_rfc3339(due)
        return found.filter(Q(updated_at__lt=instant) | Q(updated_at=instant, pk__lt=number))
    instant = from_rfc3339(due)
    return found.filter(
        Q(rank__gt=rank) | Q(rank=rank, due__gt=instant) | Q(rank=rank, due=instant, pk__gt=number)
    )


def place_of(case: Any) -> tuple[int, str, int]:
    """Where a row stands in the order, for the page after it."""
    return case.rank, rfc3339(case.due), case.pk


def _rank(order: str) -> Case:
    """The order of streams; a worried referrer stands with the emergencies until somebody answers."""
    unseen = Q(waits=True) & (Q(stream=Stream.EMERGENCY.value) | Q(referrer_concern="emergency"))
    if order == "breach":
        return Case(When(unseen, then=Value(0)), default=Value(1), output_field=IntegerField())
    return Case(
        When(unseen, then=Value(0)),
        When(stream=Stream.EMERGENCY.value, then=Value(1)),
        When(stream=Stream.INSUFFICIENT_INFORMATION.value, neurology_open=True, then=Value(2)),
        When(stream=Stream.ONE_WEEK.value, then=Value(3)),
        When(stream=Stream.URGENT_ONCOLOGY.value, then=Value(4)),
        When(stream=Stream.INSUFFICIENT_INFORMATION.value, then=Value(5)),
        When(stream=Stream.SAFETY_NET.value, then=Value(6)),
        default=Value(7),
        output_field=IntegerField(),
    )


def _narrowed(found: QuerySet[Referral], view: View, *, by: Actor, at: datetime) -> QuerySet[Referral]:
    if view.show in SAVED:
        found = found.filter(_of_view(view.show, by=by, at=at))
    elif view.show == "over":
        found = found.filter(status__in=_OVER)
    if view.stream:
        found = found.filter(stream=view.stream)
    return found.filter(_matching(view.search)) if view.search else found


def _matching(text: str) -> Q:
    """A reference or an NHS number when it is one, else every word in the name, written in one or in two."""
    for read, column in ((_reference, "reference"), (_nhs_number, "patient__nhs_number")):
        if (value := read(text)) is not None:
            return Q(**{column: value})
    matching = Q()
    for word in name_key(text).split():
        matching &= Q(patient__name_key__contains=word)
    return matching | named(text)


def _reference(text: str) -> str | None:
    try:
        return str(Reference.read(text))
    except ValueError:
        return None


def _nhs_number(text: str) -> str | None:
    try:
        return NhsNumber.read(text).digits
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many emergencies nobody has acknowledged, and since when. Holds no patient data."""

    emergencies: int
    since: datetime | None


def waiting() -> Waiting:
    """What a locked board may go on showing: one query."""
    running = Clock.objects.filter(case=OuterRef("pk"), stopped_at=None, kind=ClockKind.ACKNOWLEDGE.value)
    urgent = Q(stream=Stream.EMERGENCY.value) | Q(referrer_concern="emergency")
    first = Referral.objects.filter(urgent, Exists(running), status__in=_OPEN).values_list(
        "submitted_at", flat=True
    )
    instants = list(first)
    return Waiting(len(instants), min(instants, default=None))
