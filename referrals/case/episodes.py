"""The episode of a person: how it is found, joined, closed with its last referral, and reopened."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import F, Q

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.keep import keep
from referrals.case.identity import Identity, Match, MatchVerdict, match, names_key
from referrals.case.models import Episode, Patient, Referral
from referrals.case.states import OVER


def close_episode_if_over(case: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """Close the episode when none of its referrals is open any more."""
    episode = Episode.objects.select_for_update().get(pk=case.episode_id)
    if not episode.referrals.exclude(status__in=[str(status) for status in OVER]).exists():
        episode.closed_at = at
        keep(episode, line=line, by=by, at=at)


def open_episode_again(case: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """Reopen the episode of a reopened case, unless the person has a newer open episode."""
    episode = Episode.objects.select_for_update().get(pk=case.episode_id)
    if episode.closed_at is None:
        return
    if episode.person_key is not None:
        hold_person(episode.person_key)
        if Episode.objects.filter(person_key=episode.person_key, closed_at=None).exists():
            raise OutOfTurn("This person has a newer open case: go on with that one")
    episode.closed_at = None
    keep(episode, line=line, by=by, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedCase:
    """An open case that is, or may be, about the same person, with the reasons."""

    case: Referral
    match: Match


def person_of(patient: Patient) -> Identity:
    """The identity in a patient row, for comparison."""
    return Identity(
        nhs_number=patient.nhs_number,
        family_name=patient.family_name,
        given_name=patient.given_name,
        date_of_birth=patient.date_of_birth,
        birth_estimated=patient.birth_estimated,
        sex=patient.sex,
        local_id=patient.local_id,
    )


def matches_of(person: Identity, *, without: int = 0, with_closed: bool = False) -> list[MatchedCase]:
    """The open cases that are, or may be, about the same person, surest first: one query.

    Candidates share a number, the date of birth or all names; `identity.match` decides. `with_closed` adds
    closed cases.
    """
    alike = Q(pk=None)
    if person.nhs_number:
        alike |= Q(patient__nhs_number=person.nhs_number)
    if person.date_of_birth is not None:
        alike |= Q(patient__date_of_birth=person.date_of_birth)
        if person.date_of_birth.day <= 12:  # day and month may be the other way round
            alike |= Q(patient__date_of_birth=_turned(person.date_of_birth))
        around = Q(patient__date_of_birth__range=_around(person.date_of_birth))
        alike |= around if person.birth_estimated else around & Q(patient__birth_estimated=True)
    if person.local_id and person.local_id.strip():
        alike |= Q(patient__local_id__iexact=person.local_id.strip())
    if key := names_key(person.family_name, person.given_name):
        alike |= Q(patient__name_key=key)
    candidates = Referral.objects.filter(alike).exclude(pk=without).exclude(merged_into__isnull=False)
    if not with_closed:
        candidates = candidates.exclude(status__in=[str(status) for status in OVER])
    matched = [
        MatchedCase(case=case, match=match(person, person_of(case.patient)))
        for case in candidates.select_related("patient", "episode").order_by("id")
    ]
    likely = [candidate for candidate in matched if candidate.match.answer != MatchVerdict.OTHER]
    return sorted(likely, key=lambda candidate: candidate.match.answer != MatchVerdict.SAME)


def _turned(born: date) -> date:
    """The date with day and month the other way round."""
    return born.replace(month=born.day, day=born.month)


def _around(born: date) -> tuple[date, date]:
    """The first and the last date of the years in which a date of birth, one of which is estimated, may agree."""
    return date(max(born.year - 2, date.min.year), 1, 1), date(min(born.year + 2, date.max.year), 12, 31)


def episode_for(
    person: Identity,
    *,
    join: Referral | None,
    apart: Collection[int] = (),
    matches: Sequence[MatchedCase] | None = None,
    number: int | None = None,
    at: datetime,
) -> Episode:
    """The open episode of this person, the episode of the case to join, or a new episode, not saved, with this number.

    A number alone is not enough to join: the match must be sure, and the referrer must not have said that it is
    another person (`apart`). The caller has called `hold_person`, so that of two referrals at once the second waits and
    finds the episode of the first; a database constraint settles a race. `matches` are those read since then.
    """
    key = person.nhs_number
    episode = None
    if join is not None:
        episode = Episode.objects.select_for_update().filter(pk=join.episode_id, closed_at=None).first()
    own = _with_key(key)
    holder = next((row for row in own if row.closed_at is None), None)
    if episode is None and holder is not None:
        episode = holder if _is_of(holder, person, apart) else None
        key = key if episode is not None else None  # another person's episode already has the key
    if episode is None and person.nhs_number is not None:
        episode = _other_of(person, apart, matches_of(person) if matches is None else matches)
    if episode is not None:
        if episode.person_key is None:
            episode.person_key = None if holder is not None else person.nhs_number
        return episode
    follows = next((row for row in own if row.closed_at is not None), None) if key is not None else None
    if follows is not None and not _is_of(follows, person, ()):
        follows = None
    return Episode(pk=number, person_key=key, opened_at=at, follows=follows)


def _with_key(key: str | None) -> list[Episode]:
    """The episodes with this person's key, locked: the open one first, then the last closed."""
    if key is None:
        return []
    episodes = Episode.objects.select_for_update().filter(person_key=key)
    return list(episodes.order_by(F("closed_at").desc(nulls_first=True)))


def _other_of(person: Identity, apart: Collection[int], matches: Sequence[MatchedCase]) -> Episode | None:
    """The open episode of this person and number that does not hold the key; None without a number."""
    for candidate in matches:
        if (
            candidate.match.answer == MatchVerdict.SAME
            and candidate.case.patient.nhs_number == person.nhs_number
            and _is_of(candidate.case.episode, person, apart)
        ):
            episode = (
                Episode.objects.select_for_update()
                .filter(pk=candidate.case.episode_id, closed_at=None)
                .first()
            )
            if episode is not None:
                return episode
    return None


def _is_of(episode: Episode, person: Identity, apart: Collection[int]) -> bool:
    """Whether an episode is surely about a person: every referral in it matches, and none was said to be another person's."""
    own = list(episode.referrals.select_related("patient"))
    return bool(own) and all(
        match(person, person_of(case.patient)).answer == MatchVerdict.SAME and case.pk not in apart
        for case in own
    )


def join_episodes(main_case: Referral, duplicate: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """Move a duplicate to the episode of its main case. Its own episode closes when no open referral is left in it."""
    keys = {main_case.episode.person_key, duplicate.episode.person_key}
    for person_key in sorted(key for key in keys if key):
        hold_person(person_key)
    episodes = {
        e.pk: e
        for e in Episode.objects.select_for_update()
        .filter(pk__in=(main_case.episode_id, duplicate.episode_id))
        .order_by("pk")
    }
    episode, former = episodes[main_case.episode_id], episodes[duplicate.episode_id]
    if episode.pk == former.pk:
        return
    key = former.person_key
    duplicate.episode = episode
    keep(duplicate, line=line, by=by, at=at)
    if not former.referrals.exclude(status__in=[str(status) for status in OVER]).exists():
        former.closed_at = at
        keep(former, line=line, by=by, at=at)
        if episode.person_key is None and key is not None:
            episode.person_key = key
            keep(episode, line=line, by=by, at=at)


def hold_person(person_key: str) -> None:
    """Wait until nobody else is opening an episode of this person, so that the database constraint is not violated."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"person:{person_key}"])
