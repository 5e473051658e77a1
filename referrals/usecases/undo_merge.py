"""A merge of two people is undone: both cases run again, each with its own facts and clocks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from kernel.time import earliest, from_rfc3339
from ledger.append import append
from ledger.keep import keep, save_before_its_line
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.case_clocks import every
from oncall.kinds import ClockKind, Stopped
from oncall.models import Clock
from oncall.start import move_start, run_again, start_again
from referrals.case.case_facts import of_case
from referrals.case.episodes import hold_person
from referrals.case.line_facts import MergeUndone
from referrals.case.models import Episode, Event, Merge, Referral, TriageDecision
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find, find_and_lock
from referrals.case.states import Action, Status
from referrals.correspondence.notices import write_notice
from referrals.evidence.course import TREATMENT
from referrals.intake.stored import StoredClinical
from referrals.promises.reassessment import page_about, reassess, start_clinical_clocks
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks

_INSTANTS = frozenset({"clinician_suspected_at", "mscc_suspected_at", "presented_at"})


@one_transaction()
def undo_merge(reference: str, *, text: str, act: Act) -> Referral:
    """Let a merged referral run again, and remove from the main case what came from it.

    Facts reported to the merged referral since the merge go back with it. Changes that people made on the main case
    after the merge stay, and so does a stream decided since.
    """
    duplicate = find(reference, by=act.by)
    into = duplicate.merged_into
    if into is None:
        raise OutOfTurn("This referral is not merged into another")
    locked = {
        case.pk: find_and_lock(case.reference, by=act.by)
        for case in sorted((duplicate, into), key=lambda case: case.pk)
    }
    duplicate, main_case = locked[duplicate.pk], locked[into.pk]
    record = Merge.objects.filter(referral=duplicate, undone_at=None).order_by("-id").first()
    if record is None or duplicate.merged_into_id != main_case.pk:
        raise OutOfTurn("Somebody has just undone or changed this merge: open the referral again")
    if main_case.merged_into_id is not None:
        raise OutOfTurn(f"{main_case.reference} was merged itself since: undo that merge first")
    later = Merge.objects.filter(into=main_case, undone_at=None, id__gt=record.pk).order_by("-id").first()
    if later is not None:
        raise OutOfTurn(
            f"{later.referral.reference} was merged into {main_case.reference} since: undo that merge first"
        )
    note = words("merge_undone", text, required=True, path="text")
    changes = {"merged_into": None, "outcome": "", "status": record.ended["status"]}
    facts = MergeUndone(from_case=main_case.pk, bound=note.bound["bound"])
    duplicate.not_the_same = sorted({*duplicate.not_the_same, main_case.pk})
    line = move(duplicate, Action.UNDO_MERGE, by=act.by, at=act.at, facts=facts, changes={**changes})
    duplicate.status = record.ended["status"]
    keep(duplicate, line=line, by=act.by, at=act.at)
    note.write(duplicate, line=line, by=act.by, at=act.at)
    record.undone_at = act.at
    keep(record, line=line, by=act.by, at=act.at)
    _separate_episodes(main_case, duplicate, record, line=line, by=act.by, at=act.at)
    _restore_columns(main_case, duplicate, record, by=act.by, at=act.at)
    _separate_deaths(main_case, duplicate, line=line, by=act.by, at=act.at)
    _separate_later_facts(main_case, duplicate, record, line=line, by=act.by, at=act.at)
    _separate_clocks(main_case, duplicate, record, act=act)
    write_notice(duplicate, "unmerged", about=line, at=act.at)
    return duplicate


def _separate_episodes(
    main_case: Referral, duplicate: Referral, record: Merge, *, line: int, by: Actor, at: datetime
) -> None:
    """Return the referral to its own episode, or to a new one if it had none of its own."""
    if record.ended["episode"] == main_case.episode_id:
        own = Episode(person_key=None, opened_at=at)
        save_before_its_line(own)
    else:
        own = Episode.objects.select_for_update().get(pk=record.ended["episode"])
    key = record.ended["person_key"]
    if key is not None:
        hold_person(key)
        shared = Episode.objects.select_for_update().get(pk=main_case.episode_id)
        if shared.person_key == key and main_case.patient.nhs_number != key:
            shared.person_key = None
            keep(shared, line=line, by=by, at=at)
        is_taken = Episode.objects.filter(person_key=key, closed_at=None).exclude(pk=own.pk).exists()
        own.person_key = None if is_taken else key
    own.closed_at = None
    keep(own, line=line, by=by, at=at)
    duplicate.episode = own
    keep(duplicate, line=line, by=by, at=at)


def _restore_columns(
    main_case: Referral, duplicate: Referral, record: Merge, *, by: Actor, at: datetime
) -> None:
    """Restore on the main case what the merge changed and nobody has changed since."""
    line = append(Kind.MERGE_UNDONE, by=by, at=at, case=main_case.pk, facts=MergeUndone(other=duplicate.pk))
    decided = TriageDecision.objects.filter(referral=main_case, at__gt=record.at).exists()
    for name, old_value in record.before.items():
        merged_value, now = record.after[name], getattr(main_case, name)
        if name == "clinical":
            main_case.clinical = cast(StoredClinical, _without(main_case.clinical, old_value, merged_value))
        elif name == "stream":
            main_case.stream = (
                old_value if main_case.stream == merged_value and not decided else main_case.stream
            )
        elif name in _INSTANTS:
            if (now is None) == (merged_value is None) and (now is None or now == from_rfc3339(merged_value)):
                setattr(main_case, name, from_rfc3339(old_value) if old_value else None)
        elif now == merged_value:
            setattr(main_case, name, old_value)
    main_case.not_the_same = sorted({*main_case.not_the_same, duplicate.pk})
    main_case.updated_at, main_case.version = at, main_case.version + 1
    keep(main_case, line=line, by=by, at=at)
    main_case.shared_with.filter(organisation__in=record.shared).delete()


def _events_of(case: Referral) -> QuerySet[Event]:
    """The facts of a case and of the referrals that are still merged into it."""
    return Event.objects.filter(of_case(case))


def _separate_deaths(main_case: Referral, duplicate: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """A death reported to the duplicate is moved to it from the main case."""
    died_at = main_case.died_at
    if (
        died_at is None
        or not _events_of(duplicate).filter(kind="died", occurred_at=died_at).exists()
        or _events_of(main_case).filter(kind="died", occurred_at=died_at).exists()
    ):
        return
    main_case.died_at, duplicate.died_at = None, died_at
    for case in (main_case, duplicate):
        keep(case, line=line, by=by, at=at)
    start_again(main_case.pk, by=by, at=at)


def _separate_later_facts(
    main_case: Referral, duplicate: Referral, record: Merge, *, line: int, by: Actor, at: datetime
) -> None:
    """A worsening and a treatment reported to the duplicate are moved to it from the main case."""
    changes = _events_of(duplicate).filter(kind="neurology_changed", at__gt=record.at)
    worse = list(changes.values_list("occurred_at", flat=True))
    own = _events_of(main_case).filter(kind="neurology_changed").values_list("occurred_at", flat=True)
    if main_case.mscc_suspected_at in worse and main_case.mscc_suspected_at not in own:
        duplicate.mscc_suspected_at = earliest([duplicate.mscc_suspected_at, main_case.mscc_suspected_at])
        old_value = record.before.get("mscc_suspected_at")
        main_case.mscc_suspected_at = from_rfc3339(old_value) if old_value else None
    treated = {
        case.pk: _events_of(case).filter(kind__in=TREATMENT).exists() for case in (main_case, duplicate)
    }
    if treated[duplicate.pk] and not treated[main_case.pk]:
        clocks.stop(
            main_case.pk, [ClockKind.FOLLOW_UP], because=Stopped.SUPERSEDED, stopped_at=at, by=by, at=at
        )
        if main_case.status == Status.IN_TREATMENT:
            main_case.status, duplicate.status = Status.IN_PROGRESS, Status.IN_TREATMENT
    for case in (main_case, duplicate):
        keep(case, line=line, by=by, at=at)


def _without(now: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The clinical part without the values that the merge filled in."""
    return {
        name: before.get(name) if value == after.get(name) and name in before else value
        for name, value in now.items()
    }


def _take_back(clock: Clock, *, act: Act) -> None:
    """A clock that came with a merge counts no more, whether it runs or has been met."""
    if clock.stopped_because != Stopped.SUPERSEDED:
        stopped_at = clock.stopped_at or act.at
        clocks.stop_clock(clock, because=Stopped.SUPERSEDED, stopped_at=stopped_at, by=act.by, at=act.at)


def _separate_clocks(main_case: Referral, duplicate: Referral, record: Merge, *, act: Act) -> None:
    """Separate the clocks: those that the merge ended run again, and those that it started end."""
    for number in record.ended["clocks"]:
        clock = Clock.objects.select_for_update().get(pk=number)
        if clock.stopped_because == Stopped.SUPERSEDED:
            run_again(clock, by=act.by, at=act.at)
    old_starts = {int(number): from_rfc3339(text) for number, text in record.clocks["before"].items()}
    for clock in every(main_case.pk, lock=True):
        if clock.pk in record.clocks["got"]:
            _take_back(clock, act=act)
        elif clock.stopped_at is None and clock.pk in old_starts and clock.started_at < old_starts[clock.pk]:
            move_start(clock, started_at=old_starts[clock.pk], by=act.by, at=act.at)
    for case in (duplicate, main_case):
        reassess(case, act=act)
        start_clinical_clocks(case, only_new=True, act=act)
        settle_clocks_of_scans(case, act=act)
        settle_event_clocks(case, act=act)
    if duplicate.died_at is not None:
        clocks.stop(
            duplicate.pk,
            frozenset(ClockKind),
            because=Stopped.ENDED,
            stopped_at=duplicate.died_at,
            by=act.by,
            at=act.at,
        )
        page_about(duplicate, of_death=True, act=act)
    elif not any(clock.kind == ClockKind.ACKNOWLEDGE for clock in clocks.hold(duplicate.pk)):
        page_about(duplicate, at_once=duplicate.pages_at_once, act=act)
