"""Two people were merged by mistake: both cases run again, each with what was its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import service as services
from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from kernel.time import earliest, from_rfc3339
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from oncall.models import Clock
from oncall.start import move_start, run_again, start_again
from referrals.case.episodes import hold_person
from referrals.case.models import Episode, Merge, Referral, TriageDecision
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find, find_and_lock
from referrals.case.states import Action, Status
from referrals.correspondence.notices import write_notice
from referrals.promises.periods import TREATMENT
from referrals.promises.reassessment import page_about, reassess, start_clinical_clocks
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks

_INSTANTS = frozenset({"clinician_suspected_at", "mscc_suspected_at", "presented_at"})


@transaction.atomic(durable=True)
def undo_merge(reference: str, *, text: str, by: Actor, at: datetime) -> Referral:
    """Let a merged referral run again, and take back from the case that went on what came from it.

    What was told to the merged referral since goes back with it. What people changed on the case that went on
    after the merge stays as they left it, and so does a stream that somebody has decided since.
    """
    ended = find(reference, by=by)
    record = Merge.objects.filter(referral=ended, undone_at=None).order_by("-id").first()
    if ended.merged_into is None or record is None:
        raise OutOfTurn("This referral is not merged into another")
    locked = {
        case.pk: find_and_lock(case.reference, by=by)
        for case in sorted((ended, ended.merged_into), key=lambda case: case.pk)
    }
    ended, kept = locked[ended.pk], locked[ended.merged_into.pk]
    if kept.merged_into_id is not None:
        raise OutOfTurn(f"{kept.reference} was merged itself since: undo that merge first")
    later = Merge.objects.filter(into=kept, undone_at=None, id__gt=record.pk).order_by("-id").first()
    if later is not None:
        raise OutOfTurn(
            f"{later.referral.reference} was merged into {kept.reference} since: undo that merge first"
        )
    note = words("merge_undone", text, required=True, path="text")
    changes = {"merged_into": None, "outcome": "", "status": record.ended["status"]}
    facts = {"from_case": kept.pk, **note.bound}
    ended.not_the_same = sorted({*ended.not_the_same, kept.pk})
    line = move(ended, Action.UNDO_MERGE, by=by, at=at, facts=facts, changes={**changes})
    ended.status = record.ended["status"]
    keep(ended, line=line, by=by, at=at)
    note.write(ended, line=line, by=by, at=at)
    record.undone_at = at
    keep(record, line=line, by=by, at=at)
    _part_episodes(kept, ended, record, line=line, by=by, at=at)
    _give_back(kept, ended, record, by=by, at=at)
    _deaths_apart(kept, ended, line=line, by=by, at=at)
    _told_since_apart(kept, ended, record, line=line, by=by, at=at)
    _run_apart(kept, ended, record, by=by, at=at)
    write_notice(ended, "unmerged", about=line, at=at)
    return ended


def _part_episodes(
    kept: Referral, ended: Referral, record: Merge, *, line: int, by: Actor, at: datetime
) -> None:
    """The referral goes back to its own episode, or to a new one where it had none of its own."""
    if record.ended["episode"] == kept.episode_id:
        own = Episode(person_key=None, opened_at=at)
        own.save_without_historical_record()
    else:
        own = Episode.objects.select_for_update().get(pk=record.ended["episode"])
    key = record.ended["person_key"]
    if key is not None:
        hold_person(key)
        shared = Episode.objects.select_for_update().get(pk=kept.episode_id)
        if shared.person_key == key and kept.patient.nhs_number != key:
            shared.person_key = None
            keep(shared, line=line, by=by, at=at)
        taken = Episode.objects.filter(person_key=key, closed_at=None).exclude(pk=own.pk).exists()
        own.person_key = None if taken else key
    own.closed_at = None
    keep(own, line=line, by=by, at=at)
    ended.episode = own
    keep(ended, line=line, by=by, at=at)


def _give_back(kept: Referral, ended: Referral, record: Merge, *, by: Actor, at: datetime) -> None:
    """What the merge changed and nobody has changed since is as it was before."""
    line = append(Kind.MERGE_UNDONE, by=by, at=at, case=kept.pk, facts={"other": ended.pk})
    decided = TriageDecision.objects.filter(referral=kept, at__gt=record.at).exists()
    for name, before in record.before.items():
        after, now = record.after[name], getattr(kept, name)
        if name == "clinical":
            kept.clinical = _without(kept.clinical, before, after)
        elif name == "stream":
            kept.stream = before if kept.stream == after and not decided else kept.stream
        elif name in _INSTANTS:
            if (now is None) == (after is None) and (now is None or now == from_rfc3339(after)):
                setattr(kept, name, from_rfc3339(before) if before else None)
        elif now == after:
            setattr(kept, name, before)
    kept.not_the_same = sorted({*kept.not_the_same, ended.pk})
    kept.updated_at, kept.version = at, kept.version + 1
    keep(kept, line=line, by=by, at=at)
    kept.shared_with.filter(organisation__in=record.shared).delete()


def _deaths_apart(kept: Referral, ended: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """A death told of the referral that runs again is of that person, and not of the other."""
    died_at = kept.died_at
    told_of = ended.events.filter(kind="died", occurred_at=died_at)
    if (
        died_at is None
        or not told_of.exists()
        or kept.events.filter(kind="died", occurred_at=died_at).exists()
    ):
        return
    kept.died_at, ended.died_at = None, died_at
    for case in (kept, ended):
        keep(case, line=line, by=by, at=at)
    start_again(kept.pk, by=by, at=at)


def _told_since_apart(
    kept: Referral, ended: Referral, record: Merge, *, line: int, by: Actor, at: datetime
) -> None:
    """A worsening and a treatment told of the referral that runs again are of that person, and not of the other."""
    worse = list(
        ended.events.filter(kind="neurology_changed", at__gt=record.at).values_list("occurred_at", flat=True)
    )
    own = kept.events.filter(kind="neurology_changed").values_list("occurred_at", flat=True)
    if kept.mscc_suspected_at in worse and kept.mscc_suspected_at not in own:
        ended.mscc_suspected_at = earliest([ended.mscc_suspected_at, kept.mscc_suspected_at])
        before = record.before.get("mscc_suspected_at")
        kept.mscc_suspected_at = from_rfc3339(before) if before else None
    treated = {case.pk: case.events.filter(kind__in=TREATMENT).exists() for case in (kept, ended)}
    if treated[ended.pk] and not treated[kept.pk]:
        clocks.stop(kept.pk, [ClockKind.FOLLOW_UP], because=Stopped.SUPERSEDED, stopped_at=at, by=by, at=at)
        if kept.status == Status.IN_TREATMENT:
            kept.status, ended.status = Status.IN_PROGRESS, Status.IN_TREATMENT
    for case in (kept, ended):
        keep(case, line=line, by=by, at=at)


def _without(now: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The clinical part without what the merge filled in."""
    return {
        name: before.get(name) if value == after.get(name) and name in before else value
        for name, value in now.items()
    }


def _run_apart(kept: Referral, ended: Referral, record: Merge, *, by: Actor, at: datetime) -> None:
    """Each case has its own clocks: those that the merge ended run again, those that it started end."""
    service = services.current()
    for number in record.ended["clocks"]:
        clock = Clock.objects.select_for_update().get(pk=number)
        if clock.stopped_because == Stopped.SUPERSEDED:
            run_again(clock, by=by, at=at)
    started = {int(number): from_rfc3339(text) for number, text in record.clocks["before"].items()}
    for clock in clocks.hold(kept.pk):
        if clock.pk in record.clocks["got"]:
            clocks.stop_one(clock, because=Stopped.SUPERSEDED, stopped_at=at, by=by, at=at)
        elif clock.pk in started and clock.started_at < started[clock.pk]:
            move_start(clock, started_at=started[clock.pk], by=by, at=at)
    for case in (ended, kept):
        reassess(case, service=service, by=by, at=at)
        start_clinical_clocks(case, only_new=True, service=service, by=by, at=at)
        settle_clocks_of_scans(case, service=service, by=by, at=at)
        settle_event_clocks(case, service=service, by=by, at=at)
    if ended.died_at is not None:
        clocks.stop(
            ended.pk, frozenset(ClockKind), because=Stopped.ENDED, stopped_at=ended.died_at, by=by, at=at
        )
        page_about(ended, of_death=True, service=service, by=by, at=at)
    elif not any(clock.kind == ClockKind.ACKNOWLEDGE for clock in clocks.hold(ended.pk)):
        page_about(ended, at_once=ended.pages_at_once, service=service, by=by, at=at)
