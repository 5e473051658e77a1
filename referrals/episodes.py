"""The episode ends with its last referral, and opens again with it."""

from datetime import datetime

from django.db import connection

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


def hold_person(person_key: str) -> None:
    """Wait for whoever opens an episode of this person, so that the constraint is never run into."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"person:{person_key}"])
