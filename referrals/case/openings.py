"""Restricted records, and records opened with a reason: for whom a record is closed, and for whom it is open a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from accounts.people import Duty
from kernel.actors import Actor, Role
from oncall.models import Owner, Page, Shift
from oncall.rota import LAPSES
from referrals.case.models import Opening, Referral, Restriction

LASTS = timedelta(hours=1)
REASONS = {
    "patient_here": "The patient is with me, or on the way to me",
    "asked_for_help": "Somebody who treats the patient asked me for help",
    "safety": "The patient may come to harm",
    "other": "Another reason",
}
# What the lead looks at a record for.
PURPOSES = {
    "complaint": "A complaint or a claim",
    "incident": "An incident or a near miss",
    "patient": "The patient, or somebody for them, has asked",
    "audit": "Clinical audit",
    "access": "A question of who has looked",
    "other": "Another purpose",
}
WHO = frozenset({Role.REFERRER, Role.MDT_MEMBER, Role.COORDINATOR, Role.LEAD})  # may open with a reason
CALLED = (Duty.COORDINATOR.value, Duty.DEPUTY.value, Duty.CONSULTANT.value)  # who is woken for any case


def opened_by(actor: Actor) -> QuerySet[Opening]:
    """The openings of a person that still last."""
    return Opening.objects.filter(by=actor.key, until__gt=_asked_at(actor), at__lte=_asked_at(actor))


def opening_of(actor: Actor) -> Subquery:
    """A subquery of referrals: the number of the person's opening that still lasts, if any."""
    return Subquery(opened_by(actor).filter(referral=OuterRef("pk")).order_by("-id").values("pk")[:1])


def closed_to(actor: Actor) -> QuerySet[Any]:
    """The numbers of the restricted records that are not for this person to see.

    They stay open to whoever sent the record, owns it, is on call for it or was paged about it, and to the people
    named. Hospital systems and the service itself go on as before: a fact that arrives is never lost.
    """
    if actor.role in (Role.CLIENT, Role.SYSTEM):
        return Restriction.objects.none().values("referral")
    at, key = _asked_at(actor), actor.key
    case = OuterRef("referral")
    in_charge = (
        Q(referral__submitted_by=key)
        | Q(referral__claimed_by=key, referral__claimed_until__gt=at)
        | Q(named__contains=[key])
        | Exists(Owner.objects.filter(case=case, person=actor.user_id, until__gt=at))
        | Exists(Page.objects.filter(clock__case=case, recipient=actor.user_id))
        | Q(Exists(_running(actor).filter(duty__in=CALLED, holder=actor.user_id)))
    )
    if actor.role == Role.COORDINATOR:
        in_charge |= _stands_in(actor)
    return Restriction.objects.filter(lifted_at=None).exclude(in_charge).values("referral")


def _running(actor: Actor) -> QuerySet[Shift]:
    """The shifts that run now."""
    at = _asked_at(actor)
    return Shift.objects.filter(starts_at__lte=at, ends_at__gt=at, holder__is_active=True)


def _stands_in(actor: Actor) -> Q:
    """Whether a coordinator keeps the duty until it is taken over, or the rota does not say who has it: then all count."""
    at = _asked_at(actor)
    not_taken_over = Shift.objects.filter(
        duty=OuterRef("duty"), starts_at=OuterRef("ends_at"), taken_over_at=None
    )
    outgoing = Shift.objects.filter(
        Exists(not_taken_over), ends_at__lte=at, ends_at__gt=at - LAPSES, duty=Duty.COORDINATOR.value
    )
    return Q(Exists(outgoing.filter(holder=actor.user_id))) | ~Q(
        Exists(_running(actor).filter(duty=Duty.COORDINATOR.value))
    )


def _asked_at(actor: Actor) -> Any:
    return actor.asked_at or Now()


def mark_closed(cases: Iterable[Referral], *, by: Actor) -> None:
    """Set `is_closed` on the restricted cases of these that this person may not see: a query, or none without cases."""
    case_at: dict[int, Any] = {case.pk: case for case in cases}
    if case_at:
        for (number,) in closed_to(by).filter(referral__in=list(case_at)).values_list("referral"):
            case_at[number].is_closed = True


def is_closed(case: Any) -> bool:
    """Whether `mark_closed`, or the board, found that the reader may not see this case."""
    return bool(vars(case).get("is_closed"))


def restriction_of(case: int) -> Restriction | None:
    """The restriction of a record that holds now."""
    return Restriction.objects.filter(referral=case, lifted_at=None).select_related("note").first()


def unreviewed() -> int:
    """How many openings wait for the lead."""
    return Opening.objects.filter(reviewed_at=None).count()


def openings(*, reviewed: bool, most: int) -> list[Opening]:
    """The openings that were or were not reviewed, the newest first, with their notes."""
    rows = Opening.objects.filter(reviewed_at__isnull=not reviewed).order_by("-id")
    return list(rows.select_related("referral", "note", "verdict")[:most])


def opening_at(number: int) -> Opening | None:
    """The opening with this number, with its notes."""
    return Opening.objects.select_related("referral", "note", "verdict").filter(pk=number).first()


def is_open_until(case: int, *, by: Actor, at: datetime) -> datetime | None:
    """Until when this person has the record open with a reason; None when they have not."""
    rows = Opening.objects.filter(referral=case, by=by.key, at__lte=at, until__gt=at)
    newest = rows.order_by("-until").first()
    return newest.until if newest else None
