"""The episode of a person: how it is found, joined, closed with its last referral, and reopened."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import F

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.keep import keep
from referrals.case.identity import Identity, Match, MatchVerdict, match, names_key
from referrals.case.models import Episode, Patient, Referral
from referrals.case.models.case import SELF_TEST
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
    """The open cases that are, or may be, about the same person, surest first: one query, and a second if there are any.

    Candidates share a number, the date of birth or all names; `identity.match` decides. `with_closed` adds
    closed cases.
    """
    numbers = _alike(person, without=without, with_closed=with_closed)
    if not numbers:
        return []
    candidates = Referral.objects.filter(pk__in=numbers)
    matched = [
        MatchedCase(case=case, match=match(person, person_of(case.patient)))
        for case in candidates.select_related("patient", "episode").order_by("id")
    ]
    likely = [candidate for candidate in matched if candidate.match.answer != MatchVerdict.OTHER]
    return sorted(likely, key=lambda candidate: candidate.match.answer != MatchVerdict.SAME)


def _alike(person: Identity, *, without: int, with_closed: bool) -> list[int]:
    """The numbers of the cases that share a number, a date of birth or all names with this person."""
    alike, born = [], person.date_of_birth
    if person.nhs_number:
        alike.append("patient.nhs_number = %(nhs_number)s")
    if born is not None:
        alike.append("patient.date_of_birth = ANY(%(born)s)")
        estimated = "true" if person.birth_estimated else "patient.birth_estimated"
        alike.append(f"({estimated} AND patient.date_of_birth BETWEEN %(from)s AND %(to)s)")
    if local_id := (person.local_id or "").strip():
        alike.append("upper(patient.local_id) = upper(%(local_id)s)")
    if key := names_key(person.family_name, person.given_name):
        alike.append("patient.name_key = %(key)s")
    if not alike:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_CANDIDATES} AND ({' OR '.join(alike)})",  # fixed conditions, values are parameters
            {
                "self_test": SELF_TEST,
                "without": without,
                "over": [] if with_closed else [str(status) for status in OVER],
                "nhs_number": person.nhs_number,
                "born": [] if born is None else [born, *([_turned(born)] if born.day <= 12 else [])],
                "from": born and _around(born)[0],
                "to": born and _around(born)[1],
                "local_id": local_id,
                "key": key,
            },
        )
        return [number for (number,) in cursor.fetchall()]


# Plain SQL: there is nobody alike nearly every time, and putting the query together took longer than running it.
_CANDIDATES = """
SELECT referral.id FROM referrals_referral referral JOIN referrals_patient patient ON patient.id = referral.patient_id
WHERE referral.source <> %(self_test)s AND referral.id <> %(without)s AND referral.merged_into_id IS NULL
AND referral.status <> ALL(%(over)s::text[])"""


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
