"""The coordinator's worklist: who comes first, found and ordered by the database."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from kernel.actors import Actor
from kernel.identifiers import NhsNumber, Reference
from oncall.kinds import REPORT_ONLY, ClockKind
from oncall.models import Clock
from referrals.models import Referral, Review
from referrals.queries import visible_to
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


def cases(view: View, *, by: Actor) -> QuerySet[Referral]:
    """Unacknowledged emergencies, then by stream, within it by the next limit."""
    running = Clock.objects.filter(case=OuterRef("pk"), stopped_at=None).exclude(kind__in=REPORT_ONLY)
    found = _narrowed(visible_to(by), view).annotate(
        waits=Exists(running.filter(kind=ClockKind.ACKNOWLEDGE.value)),
        next_due=Subquery(
            running.order_by().values("case").annotate(first=Min("due_at")).values("first"),
            output_field=DateTimeField(),
        ),
        to_review=Exists(Review.objects.filter(referral=OuterRef("pk"), done_at=None)),
    )
    if view.show == "over":
        return found.order_by("-updated_at", "id")
    return found.annotate(rank=_rank()).order_by("rank", F("next_due").asc(nulls_last=True), "id")


def _rank() -> Case:
    """The order of streams; a worried referrer stands with the emergencies until somebody answers."""
    return Case(
        When(
            Q(waits=True) & (Q(stream=Stream.EMERGENCY.value) | Q(referrer_concern="emergency")),
            then=Value(0),
        ),
        When(stream=Stream.EMERGENCY.value, then=Value(1)),
        When(stream=Stream.INSUFFICIENT_INFORMATION.value, neurology_open=True, then=Value(2)),
        When(stream=Stream.ONE_WEEK.value, then=Value(3)),
        When(stream=Stream.URGENT_ONCOLOGY.value, then=Value(4)),
        When(stream=Stream.INSUFFICIENT_INFORMATION.value, then=Value(5)),
        When(stream=Stream.SAFETY_NET.value, then=Value(6)),
        default=Value(7),
        output_field=IntegerField(),
    )


def _narrowed(found: QuerySet[Referral], view: View) -> QuerySet[Referral]:
    if view.show == "open":
        found = found.filter(status__in=_OPEN)
    elif view.show == "over":
        found = found.filter(status__in=_OVER)
    if view.stream:
        found = found.filter(stream=view.stream)
    return found.filter(_matching(view.search)) if view.search else found


def _matching(text: str) -> Q:
    """A reference or an NHS number when it is one, else every word in the name."""
    for read, column in ((_reference, "reference"), (_nhs_number, "patient__nhs_number")):
        if (value := read(text)) is not None:
            return Q(**{column: value})
    matching = Q()
    for word in text.replace(",", " ").split():
        matching &= Q(patient__family_name__icontains=word) | Q(patient__given_name__icontains=word)
    return matching


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
