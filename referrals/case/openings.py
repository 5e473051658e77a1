"""Restricted records, and records opened with a reason: for whom a record is closed, and for whom it is open a while."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from accounts.people import Duty
from kernel.actors import Actor, Role
from oncall.models import Owner, Page, Shift
from oncall.rota import LAPSES
from referrals.case.models import Opening, Referral, Restriction
from referrals.case.statements import NOBODY, values_for

LASTS = timedelta(hours=1)
REASONS = {
    "patient_here": "The patient is with me, or on the way to me",
    "asked_for_help": "Somebody who treats the patient asked me for help",
    "safety": "The patient may come to harm",
    "other": "Another reason",
}
SOUGHT_BY = {"reference": "by a reference", "nhs_number": "by an NHS number with a date of birth"}
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
PAGED_FOR = timedelta(
    hours=12
)  # for which a restricted record stays open to who was paged, after its limit stopped
CALLED = (Duty.COORDINATOR.value, Duty.DEPUTY.value, Duty.CONSULTANT.value)  # who is woken for any case


def opened_by(actor: Actor) -> QuerySet[Opening]:
    """The openings of a person that still last."""
    return Opening.objects.filter(by=actor.key, until__gt=_asked_at(actor), at__lte=_asked_at(actor))


def opening_of(actor: Actor) -> Subquery:
    """A subquery of referrals: the number of the person's opening that still lasts, if any."""
    return Subquery(opened_by(actor).filter(referral=OuterRef("pk")).order_by("-id").values("pk")[:1])


def closed_to(actor: Actor) -> QuerySet[Any]:
    """The numbers of the restricted records that are not for this person to see.

    A restriction covers the person: every referral of theirs here. Each stays open to whoever sent it, owns it, is on
    call for it or is being paged about it, and to the people named. Hospital systems and the service itself go on as
    before: a fact that arrives is never lost.
    """
    if actor.role in (Role.CLIENT, Role.SYSTEM):
        return Referral.objects.none().values("pk")
    at, key = _asked_at(actor), actor.key
    case = OuterRef("pk")
    in_charge = (
        Q(submitted_by=key)
        | Q(claimed_by=key, claimed_until__gt=at)
        | Exists(Owner.objects.filter(case=case, person=actor.user_id, until__gt=at))
        | Exists(_pages(actor).filter(clock__case=case))
        | Q(Exists(_running(actor).filter(duty__in=CALLED, holder=actor.user_id)))
    )
    if actor.role == Role.COORDINATOR:
        in_charge |= _stands_in(actor)
    closed = Referral.objects.filter(pk__in=_covered()).exclude(pk__in=_covered(named__contains=[key]))
    return closed.exclude(in_charge).values("pk")


def closed_numbers(actor: Actor) -> Any:
    """What `closed_to` answers, for `pk__in`. Its statement is built once in each process: building it took most of the time of
    finding a case.
    """
    if actor.user_id is None:
        return closed_to(actor)
    sql, marks = _statement(actor.role == Role.COORDINATOR, actor.asked_at is None)
    return RawSQL(sql, values_for(marks, by=actor, at=actor.asked_at))  # noqa: S611  # values are parameters


@cache
def _statement(is_coordinator: bool, is_of_now: bool) -> tuple[str, tuple[Any, ...]]:
    """The statement for nobody, at no time or, as the database has it, now."""
    nobody = NOBODY if is_coordinator else replace(NOBODY, role=Role.LEAD)
    return closed_to(replace(nobody, asked_at=None) if is_of_now else nobody).query.sql_with_params()


def _covered(**restrictions: Any) -> QuerySet[Any]:
    """The numbers of the referrals that these restrictions cover, which are of the same person: in one episode, as each
    is with itself, in an episode with the same NHS number, or entered again after an error. From each the database reads
    a handful of rows by an index.
    """
    rows = Restriction.objects.filter(lifted_at=None, **restrictions)
    of_episode = Referral.every.filter(episode__in=rows.values("referral__episode"))
    others = (
        Referral.every.filter(episode__in=_of_same_number(rows.values("referral__episode"))),
        Referral.every.filter(corrects__in=rows.values("referral")),
    )
    return of_episode.values("pk").union(*(each.values("pk") for each in others), all=True)


def _of_same_number(episodes: Any) -> Any:
    """The episodes in which somebody has an NHS number that somebody in these has. A referral that was merged may have
    none of its own.
    """
    numbers = Referral.every.filter(episode__in=episodes).values("patient__nhs_number")
    return Referral.every.filter(patient__nhs_number__in=numbers).values("episode")


def _pages(actor: Actor) -> QuerySet[Page]:
    """The pages that still call this person: the time limit runs, or it stopped not long ago."""
    calls = Q(clock__stopped_at=None) | Q(clock__stopped_at__gt=_ago(actor, PAGED_FOR))
    return Page.objects.filter(calls, recipient=actor.user_id)


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


def _ago(actor: Actor, time: timedelta) -> Any:
    return _asked_at(actor) - time


def mark_closed(cases: Iterable[Referral], *, by: Actor) -> None:
    """Set `is_closed` on the restricted cases of these that this person may not see: a query, or none without cases."""
    rows: list[Any] = list(cases)  # one case may be there twice
    closed = closed_among({case.pk for case in rows}, by=by)
    for case in rows:
        case.is_closed = case.pk in closed


def closed_among(numbers: Collection[int], *, by: Actor) -> set[int]:
    """Which of these cases are restricted and not for this person to see: a query, or none without numbers."""
    return set(closed_to(by).filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else set()


def restricted_numbers() -> RawSQL:
    """The numbers of every case that is restricted, by itself or as another referral of the person; for `pk__in`."""
    sql, values = _all_restrictions()
    return RawSQL(sql, values)  # noqa: S611  # values are parameters


@cache
def _all_restrictions() -> tuple[str, tuple[Any, ...]]:
    return _covered().query.sql_with_params()


def restricted_among(numbers: Collection[int]) -> set[int]:
    """Which of these cases are restricted, by themselves or as another referral of the person: a query."""
    restricted = Referral.every.filter(pk__in=restricted_numbers())
    return set(restricted.filter(pk__in=numbers).values_list("pk", flat=True))


def is_closed(case: Any) -> bool:
    """Whether `mark_closed`, or the board, found that the reader may not see this case."""
    return bool(vars(case).get("is_closed"))


def restriction_of(case: Referral) -> Restriction | None:
    """The restriction that covers a record now: its own, otherwise that of another referral of the person."""
    of_person = Q(referral__in=(case.pk, case.corrects_id)) | Q(referral__episode=case.episode_id)
    of_person |= Q(referral__episode__in=_of_same_number((case.episode_id,)))
    rows = (
        Restriction.objects.filter(of_person, lifted_at=None)
        .select_related("note", "referral")
        .order_by("id")
    )
    return min(rows, key=lambda row: row.referral_id != case.pk, default=None)


def is_closed_to(case: int, *, by: Actor) -> bool:
    """Whether a record is restricted and not for this person to see."""
    return case in closed_among([case], by=by)


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
