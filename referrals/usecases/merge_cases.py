"""Two referrals of one person become one case: the duplicate is merged into the main case, and both are kept."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any, cast

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid, NotFound, OutOfTurn
from kernel.time import rfc3339
from ledger.append import append, bind
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall import case_clocks, clocks
from oncall.kinds import OBLIGATIONS, ClockKind, Stopped
from oncall.models import Clock
from oncall.start import move_start
from referrals.case.case_facts import evidence_of, neurology_since, of_case
from referrals.case.episodes import join_episodes, person_of
from referrals.case.event_record import keep_event
from referrals.case.identity import MatchVerdict, match
from referrals.case.line_facts import CasesMerged, EventRecorded
from referrals.case.merge import (
    changed_answers,
    fill_gaps,
    later_neurology,
    merge_presentations,
    shared_answers,
    stated_finding,
    without_later,
)
from referrals.case.models import Event, Merge, Referral, SharedWith
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find, find_and_lock
from referrals.case.states import Action, Status
from referrals.case.stored import StoredClocks, StoredEnd
from referrals.correspondence.notices import write_notice
from referrals.evidence.event_data import EventData
from referrals.evidence.facts import CHANGED
from referrals.intake.codes import FINDINGS_COMPLETED, PLAN_OPENED, PLAN_SIGNED
from referrals.intake.fields import plain
from referrals.promises.periods import PERIOD_CLOCKS
from referrals.promises.reassessment import is_more_urgent, promise, reassess, start_clinical_clocks
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks
from triage.guideline.findings import as_json

# Events that stay with their case and cannot move with a merge.
FIXED_EVENTS = ("decision_to_treat", PLAN_OPENED, PLAN_SIGNED)


@one_transaction()
def merge_cases(reference: str, *, other: str, text: str, confirmed: bool = False, act: Act) -> Referral:
    """Merge the case `other` into this one, the main case. Both referrals stay on record.

    Clocks that run from the suspicion run from the earlier one. A yes in either case counts, and so do the more
    urgent stream and the scans of both. Clocks of both run on, and the organisations of both see the main case.
    `confirmed` says that a person made sure that two patients who look different are one.
    """
    main_case, duplicate = _lock_both(reference, other, by=act.by)
    _refuse_unless_both_run(main_case, duplicate)
    _refuse_unless_one_person(main_case, duplicate, confirmed=confirmed)
    note = words("merge", text, required=True, path="text")
    running_clocks = [copy(clock) for clock in clocks.hold(duplicate.pk)]  # as they are before they end
    own_clocks = {clock.pk for clock in case_clocks.every(main_case.pk, lock=True)}
    record = _state_before(main_case, duplicate, running_clocks)
    stated = {
        case.pk: stated_finding(evidence_of(case, service=act.service).picture)
        for case in (main_case, duplicate)
    }
    facts = CasesMerged(into=main_case.pk, bound=note.bound["bound"])
    changes = {"outcome": "duplicate", "provisional": False, "merged_into": main_case}
    line = move(duplicate, Action.MERGE, by=act.by, at=act.at, facts=facts, changes=changes)
    note.write(duplicate, line=line, by=act.by, at=act.at)
    clocks.end_all(duplicate.pk, because=Stopped.SUPERSEDED, stopped_at=act.at, by=act.by, at=act.at)
    join_episodes(main_case, duplicate, line=line, by=act.by, at=act.at)
    _take_over_answers(main_case, duplicate, stated, act=act)
    reassess(main_case, act=act)
    _start_from_the_earliest(main_case, act=act)
    _run_on(main_case, running_clocks, act=act)
    settle_clocks_of_scans(main_case, act=act)
    settle_event_clocks(main_case, act=act)
    _keep_record(record, main_case, own_clocks=own_clocks, line=line, by=act.by, at=act.at)
    write_notice(duplicate, "merged", about=line, at=act.at)
    return main_case


# The columns of the main case that a merge may change.
MERGED_COLUMNS = (
    "clinician_suspected_at",
    "mscc_suspected_at",
    "presented_at",
    "referrer_concern",
    "stream",
    "presentation_sent",
    "clinical",
    "incomplete",
)


def columns_of(case: Referral) -> dict[str, Any]:
    """The columns that a merge may change, in JSON form."""
    return {name: plain(getattr(case, name)) for name in MERGED_COLUMNS}


def _state_before(main_case: Referral, duplicate: Referral, running_clocks: Sequence[Clock]) -> Merge:
    """Both cases before the merge, so that it can be undone."""
    return Merge(
        referral=duplicate,
        into=main_case,
        before=columns_of(main_case),
        ended=StoredEnd(
            status=duplicate.status,
            episode=duplicate.episode_id,
            person_key=duplicate.episode.person_key,
            clocks=[clock.pk for clock in running_clocks],
            salt=str(uuid.uuid4()),  # of the binding in the ledger
        ),
        clocks=StoredClocks(
            before={str(clock.pk): rfc3339(clock.started_at) for clock in clocks.hold(main_case.pk)}
        ),
        shared=list(main_case.shared_with.values_list("organisation", flat=True)),
    )


def _keep_record(
    record: Merge, main_case: Referral, *, own_clocks: Collection[int], line: int, by: Actor, at: datetime
) -> None:
    """Keep what the merge did to the main case, whose own clocks were those, running or stopped."""
    record.after = columns_of(main_case)
    case_clocks.write()
    every_clock = case_clocks.every(main_case.pk, lock=True)
    record.clocks = {
        **record.clocks,
        "got": [clock.pk for clock in every_clock if clock.pk not in own_clocks],
    }
    record.shared = sorted(
        set(main_case.shared_with.values_list("organisation", flat=True)) - set(record.shared)
    )
    for name, value in {**authorship(by, at=at), "ledger_line": line}.items():
        setattr(record, name, value)
    facts = CasesMerged(into=main_case.pk, record_of=line, bound={"merge": merge_as_bound(record)})
    append(Kind.CASES_MERGED, by=by, at=at, case=record.referral_id, facts=facts)
    keep(record, line=line, by=by, at=at)


def merge_as_bound(record: Merge) -> str:
    """Everything needed to undo a merge, and its author, as the ledger binds it."""
    columns = ("before", "after", "ended", "clocks", "shared", "by", "by_name", "by_role")
    return bind({name: getattr(record, name) for name in columns}, salt=record.ended["salt"])


def _lock_both(reference: str, other: str, *, by: Actor) -> tuple[Referral, Referral]:
    """Both cases, locked in the order of their numbers, so that two merges never wait for each other."""
    first = find(reference, by=by)
    try:
        second = find(other, by=by)
    except NotFound as problem:
        reason = problem.sentence if other.strip() else "Choose the other case"
        raise Invalid("Choose another case", errors={"other": [reason]}) from None
    if first.pk == second.pk:
        raise Invalid("Choose another case", errors={"other": ["This is the same case"]})
    locked = {
        case.pk: find_and_lock(case.reference, by=by)
        for case in sorted((first, second), key=lambda case: case.pk)
    }
    return locked[first.pk], locked[second.pk]


def _refuse_unless_one_person(main_case: Referral, duplicate: Referral, *, confirmed: bool) -> None:
    """Refuse different NHS numbers; ask for confirmation when the patients look different."""
    patient, other_patient = main_case.patient, duplicate.patient
    if patient.nhs_number and other_patient.nhs_number and patient.nhs_number != other_patient.nhs_number:
        raise OutOfTurn(
            f"{main_case.reference} and {duplicate.reference} have different NHS numbers. If one of them is wrong, mark "
            "that referral as entered in error and enter it again on the right person"
        )
    verdict = match(person_of(patient), person_of(other_patient))
    said_apart = duplicate.pk in main_case.not_the_same or main_case.pk in duplicate.not_the_same
    if not confirmed and (verdict.answer != MatchVerdict.SAME or said_apart):
        denial = " The referrer said that they are not the same person." if said_apart else ""
        reason = (
            f"{patient.name}, born {patient.born}, and {other_patient.name}, born {other_patient.born}: confirm that they are one person. "
            f"{' '.join(verdict.reasons)}{denial}"
        )
        raise Invalid("These look like two people", errors={"confirmed": [reason]})


def _refuse_unless_both_run(main_case: Referral, duplicate: Referral) -> None:
    for case in (main_case, duplicate):
        if case.is_over:
            raise OutOfTurn(f"{case.reference} has ended and cannot be merged")
        if case.died_at is not None:
            raise OutOfTurn(f"A death is reported on {case.reference}: confirm it or reject it first")
    if duplicate.listed_for_mdt_at is not None or _is_treated_or_planned(duplicate):
        raise OutOfTurn(
            f"The MDT works on {duplicate.reference}, or treatment or a plan is recorded there: keep that one, and merge "
            "the other into it"
        )
    obligations = [clock for clock in clocks.hold(duplicate.pk) if clock.kind in OBLIGATIONS]
    if obligations:
        raise OutOfTurn(
            f"An answer is still due on {duplicate.reference}: record it first, so that it is not lost"
        )


def _is_treated_or_planned(case: Referral) -> bool:
    return Event.objects.filter(of_case(case), kind__in=FIXED_EVENTS).exists()


def _take_over_answers(
    main_case: Referral, duplicate: Referral, stated: Mapping[int, str], *, act: Act
) -> None:
    """Take from the duplicate its earlier instants, every yes, a more urgent stream, and the organisations with access."""
    presentation = merge_presentations(main_case.presentation, duplicate.presentation)
    first, last = sorted((main_case, duplicate), key=neurology_since)
    first_since, last_since = neurology_since(first), neurology_since(last)
    walking = [case.clinical_sent.get("walking_now") or "" for case in (first, last)]
    news = EventData()
    if first_since < last_since:
        news = later_neurology(
            first.presentation_sent,
            last.presentation_sent,
            walking_earlier=walking[0],
            walking_later=walking[1],
        )
    presentation_sent = merge_presentations(main_case.presentation_sent, duplicate.presentation_sent)
    main_case.clinician_suspected_at = min(main_case.clinician_suspected_at, duplicate.clinician_suspected_at)
    for name in ("mscc_suspected_at", "presented_at"):
        instants = [
            value for value in (getattr(main_case, name), getattr(duplicate, name)) if value is not None
        ]
        setattr(main_case, name, min(instants, default=None))
    if duplicate.referrer_concern == "emergency":
        main_case.referrer_concern = duplicate.referrer_concern
    if is_more_urgent(duplicate.stream, main_case.stream):
        main_case.stream = duplicate.stream
    main_case.presentation_sent = without_later(presentation_sent, first.presentation_sent, news)
    main_case.clinical = fill_gaps(main_case.clinical, duplicate.clinical)
    main_case.incomplete = [path for path in main_case.incomplete if path in duplicate.incomplete]
    facts = CasesMerged(
        merged=duplicate.pk,
        clinician_suspected_at=main_case.clinician_suspected_at,
        stream=main_case.stream,
    )
    line = append(Kind.CASES_MERGED, by=act.by, at=act.at, case=main_case.pk, facts=facts)
    main_case.updated_at, main_case.version = act.at, main_case.version + 1
    keep(main_case, line=line, by=act.by, at=act.at)
    if news:
        if first is duplicate and walking[0]:
            walked = EventData(walking_now=walking[0])
            _keep_change(first, walked, since=first_since, main_case=main_case, act=act)
        _keep_change(last, news, since=last_since, main_case=main_case, act=act)
    _record_lost_answers(main_case, duplicate, presentation, stated, line=line, act=act)
    shared = set(duplicate.shared_with.values_list("organisation", flat=True))
    for organisation in sorted(
        {duplicate.referrer_organisation, duplicate.location_organisation, *shared} - {""}
    ):
        SharedWith.objects.get_or_create(
            referral=main_case, organisation=organisation, defaults={"since": act.at}
        )


def _keep_change(case: Referral, data: EventData, *, since: datetime, main_case: Referral, act: Act) -> None:
    """Keep what a referral says of neurology as a change at its own time, on that referral: an undone merge leaves it there."""
    salt = uuid.uuid4()
    bound = {"data": bind(dict(data), salt=str(salt))}
    facts = EventRecorded(event=CHANGED, occurred_at=since, bound=bound)
    facts.update(cast(EventRecorded, data))
    line = append(Kind.EVENT_RECORDED, by=act.by, at=act.at, case=main_case.pk, facts=facts)
    keep_event(case, CHANGED, occurred_at=since, data=data, salt=salt, line=line, by=act.by, at=act.at)


def _record_lost_answers(
    main_case: Referral,
    duplicate: Referral,
    presentation: Mapping[str, Any],
    stated: Mapping[int, str],
    *,
    line: int,
    act: Act,
) -> None:
    """Record as found now every yes of either case, and each finding that one has `stated`, that the other would hide.

    Each is recorded on the case that it comes from, so that an undone merge leaves the other without it.
    """
    evidence = evidence_of(main_case, service=act.service)
    folded = as_json(evidence.presentation)
    clinical_answers = {
        key: value for key, value in presentation.items() if not key.startswith(("imaging_", "whole_spine"))
    }
    lost_answers = changed_answers(folded, merge_presentations(folded, clinical_answers))
    for case, choose in ((main_case, shared_answers), (duplicate, changed_answers)):
        answers = choose(main_case.presentation, lost_answers)
        if stated[case.pk] and not evidence.picture.shows(stated[case.pk]):
            answers["imaging_finding"] = stated[case.pk]
        if answers:
            keep_event(
                case, FINDINGS_COMPLETED, occurred_at=act.at, data=answers, line=line, by=act.by, at=act.at
            )


def _start_from_the_earliest(main_case: Referral, *, act: Act) -> None:
    """Run the clocks of the stream from the earliest instants: running clocks move back and new ones start."""
    start_clinical_clocks(main_case, only_new=True, act=act)
    for clock in clocks.hold(main_case.pk):
        if clock.kind == ClockKind.TOTAL_PATHWAY and clock.started_at > main_case.clinician_suspected_at:
            move_start(clock, started_at=main_case.clinician_suspected_at, by=act.by, at=act.at)


def _run_on(main_case: Referral, running_clocks: Sequence[Clock], *, act: Act) -> None:
    """Continue on the main case, from their start, the clocks of the duplicate that it lacks."""
    for clock in running_clocks:
        decided = clock.kind == ClockKind.TRIAGE_DECISION and main_case.status != Status.ACKNOWLEDGED
        if clock.kind in PERIOD_CLOCKS or decided:
            continue
        promise(
            main_case,
            clock.kind,
            limit_hours=clock.limit_hours,
            started_at=clock.started_at,
            formal=clock.formal,
            paged_at_once=clock.kind in (ClockKind.ACKNOWLEDGE, ClockKind.VOICE_CONTACT)
            and clock.limit_hours <= 1,
            act=act,
        )
