"""The open episode of a person: found, joined, ended with its last referral, opened again with it."""

from datetime import date, datetime

from django.db import connection
from django.db.models import Q, QuerySet

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.keep import keep
from referrals.models import Episode, Referral
from referrals.states import OVER


def close_episode_if_over(case: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """Close the episode when none of its referrals is open any more."""
    episode = Episode.objects.select_for_update().get(pk=case.episode_id)
    if not episode.referrals.exclude(status__in=[str(status) for status in OVER]).exists():
        episode.closed_at = at
        keep(episode, line=line, by=by, at=at)


def open_episode_again(case: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """Open the episode of a case that is opened again, unless the person has a newer one open."""
    episode = Episode.objects.select_for_update().get(pk=case.episode_id)
    if episode.closed_at is None:
        return
    if episode.person_key is not None:
        hold_person(episode.person_key)
        if Episode.objects.filter(person_key=episode.person_key, closed_at=None).exists():
            raise OutOfTurn("This person has a newer open case: go on with that one")
    episode.closed_at = None
    keep(episode, line=line, by=by, at=at)


def open_cases_of(
    *, nhs_number: str | None, family_name: str, date_of_birth: date | None, sex: str, without: int = 0
) -> QuerySet[Referral]:
    """The open referrals of the same person: by NHS number; else by name, date of birth and sex.

    Two different NHS numbers are two people, whatever they are called.
    """
    same = Q(pk=None)
    if nhs_number:
        same |= Q(patient__nhs_number=nhs_number)
    if family_name and date_of_birth is not None:
        alike = Q(patient__family_name__iexact=family_name, patient__date_of_birth=date_of_birth)
        if sex in ("female", "male"):
            alike &= Q(patient__sex__in=(sex, "unknown", "indeterminate"))
        if nhs_number:
            alike &= Q(patient__nhs_number=None)
        same |= alike
    open_ones = Referral.objects.exclude(status__in=[str(status) for status in OVER]).exclude(pk=without)
    return open_ones.filter(same).select_related("patient", "episode").order_by("id")


def episode_for(nhs_number: str | None, *, join: Referral | None, at: datetime) -> Episode:
    """The open episode of this person, that of the case to join, or a new one.

    Whoever comes second waits and finds the first's; the constraint of the database settles a race.
    """
    running = None
    if nhs_number is not None:
        hold_person(nhs_number)
        running = Episode.objects.select_for_update().filter(person_key=nhs_number, closed_at=None).first()
    if running is None and join is not None:
        running = Episode.objects.select_for_update().filter(pk=join.episode_id, closed_at=None).first()
        if running is not None and running.person_key is None:
            running.person_key = nhs_number
    if running is not None:
        return running
    earlier = Episode.objects.filter(person_key=nhs_number, closed_at__isnull=False)
    follows = earlier.order_by("-closed_at").first() if nhs_number is not None else None
    fresh = Episode(person_key=nhs_number, opened_at=at, follows=follows)
    fresh.save_without_historical_record()
    return fresh


def one_episode(kept: Referral, ended: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """A referral moves to another's episode; its own ends when nothing open is left in it."""
    for key in sorted({kept.episode.person_key or "", ended.episode.person_key or ""} - {""}):
        hold_person(key)
    held = {
        e.pk: e
        for e in Episode.objects.select_for_update()
        .filter(pk__in=(kept.episode_id, ended.episode_id))
        .order_by("pk")
    }
    episode, left = held[kept.episode_id], held[ended.episode_id]
    if episode.pk == left.pk:
        return
    key = left.person_key
    ended.episode = episode
    keep(ended, line=line, by=by, at=at)
    if not left.referrals.exclude(status__in=[str(status) for status in OVER]).exists():
        left.closed_at = at
        keep(left, line=line, by=by, at=at)
        if episode.person_key is None and key is not None:
            episode.person_key = key
            keep(episode, line=line, by=by, at=at)


def hold_person(person_key: str) -> None:
    """Wait for whoever opens an episode of this person, so that the constraint is never run into."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"person:{person_key}"])
