"""Two referrals of one person become one case: both are kept, the earliest suspicion counts."""

from datetime import datetime

from django.db import transaction

from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from oncall import clocks
from oncall.kinds import OBLIGATIONS, ClockKind, Stopped
from oncall.starting import move_start
from referrals.assessing import reassess, start_clinical_clocks, stop_clocks_of_scans
from referrals.episodes import close_episode_if_over
from referrals.merging import merged
from referrals.models import Referral, SharedWith
from referrals.move import move
from referrals.notes import words
from referrals.notices import tell
from referrals.queries import find, find_and_lock
from referrals.settling import settle_event_clocks
from referrals.states import Action

FROM_SUSPICION = frozenset(
    {ClockKind.MRI, ClockKind.COORDINATOR_ADVICE, ClockKind.TREATMENT_PLAN, ClockKind.TOTAL_PATHWAY}
)


@transaction.atomic(durable=True)
def merge_cases(
    reference: str, *, other: str, text: str, by: Actor, at: datetime, service: Service
) -> Referral:
    """Merge the case `other` into this one, which goes on. Both referrals stay on record.

    The earliest suspicion is the start of every clock that runs from it, a yes in either counts, scans
    of both count, and the organisations of both see what goes on.
    """
    kept, ended = _lock_both(reference, other, by=by)
    _refuse_unless_both_run(kept, ended)
    note = words("merge", text, required=True, path="text")
    facts = {"into": kept.pk, **note.bound}
    changes = {"outcome": "duplicate", "provisional": False, "merged_into": kept}
    line = move(ended, Action.MERGE, by=by, at=at, facts=facts, changes=changes)
    note.write(ended, line=line, by=by, at=at)
    clocks.end_all(ended.pk, because=Stopped.SUPERSEDED, stopped_at=at, by=by, at=at)
    _one_episode(kept, ended, line=line, by=by, at=at)
    _take_in(kept, ended, by=by, at=at)
    reassess(kept, service=service, by=by, at=at)
    start_clinical_clocks(kept, only_new=True, service=service, by=by, at=at)
    stop_clocks_of_scans(kept, by=by, at=at)
    settle_event_clocks(kept, by=by, at=at, service=service)
    tell(ended, "merged", about=line, at=at)
    return kept


def _lock_both(reference: str, other: str, *, by: Actor) -> tuple[Referral, Referral]:
    """Both cases, locked in the order of their numbers, so that two merges never wait for each other."""
    first, second = find(reference, by=by), find(other, by=by)
    if first.pk == second.pk:
        raise Invalid("Choose another case", errors={"other": ["This is the same case"]})
    locked = {
        case.pk: find_and_lock(case.reference, by=by)
        for case in sorted((first, second), key=lambda case: case.pk)
    }
    return locked[first.pk], locked[second.pk]


def _refuse_unless_both_run(kept: Referral, ended: Referral) -> None:
    for case in (kept, ended):
        if case.is_over:
            raise OutOfTurn(f"{case.reference} has ended and cannot be merged")
    owed = [clock for clock in clocks.hold(ended.pk) if clock.kind in OBLIGATIONS]
    if owed:
        raise OutOfTurn(
            f"Somebody still owes an answer on {ended.reference}: record it first, so that it is not lost"
        )


def _one_episode(kept: Referral, ended: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """The referral moves to the other's episode; its own ends when nothing is left in it."""
    episode, left = kept.episode, ended.episode
    if episode.pk == left.pk:
        return
    key = left.person_key
    ended.episode = episode
    keep(ended, line=line, by=by, at=at)
    if not left.referrals.exists():
        left.closed_at = at
        keep(left, line=line, by=by, at=at)
    else:
        kept_for_close = left.referrals.order_by("id")[0]
        close_episode_if_over(kept_for_close, line=line, by=by, at=at)
    if episode.person_key is None and key is not None and left.closed_at is not None:
        episode.person_key = key
        keep(episode, line=line, by=by, at=at)


def _take_in(kept: Referral, ended: Referral, *, by: Actor, at: datetime) -> None:
    """What the other referral knew: the earliest instants, every yes, and who takes part."""
    before = kept.clinician_suspected_at
    kept.clinician_suspected_at = min(before, ended.clinician_suspected_at)
    for name in ("mscc_suspected_at", "presented_at"):
        given = [value for value in (getattr(kept, name), getattr(ended, name)) if value is not None]
        setattr(kept, name, min(given, default=None))
    if ended.referrer_concern == "emergency":
        kept.referrer_concern = ended.referrer_concern
    kept.presentation_sent = merged(kept.presentation_sent, ended.presentation_sent)
    facts = {"merged": ended.pk, "clinician_suspected_at": kept.clinician_suspected_at}
    line = append(Kind.CASES_MERGED, by=by, at=at, case=kept.pk, facts=facts)
    kept.updated_at, kept.version = at, kept.version + 1
    keep(kept, line=line, by=by, at=at)
    for clock in clocks.hold(kept.pk):
        starts_there = clock.kind in FROM_SUSPICION and clock.started_at == before
        if starts_there and kept.clinician_suspected_at < before:
            move_start(clock, started_at=kept.clinician_suspected_at, by=by, at=at)
    shared = set(ended.shared_with.values_list("organisation", flat=True))
    for organisation in sorted({ended.referrer_organisation, ended.location_organisation, *shared} - {""}):
        SharedWith.objects.get_or_create(referral=kept, organisation=organisation, defaults={"since": at})
