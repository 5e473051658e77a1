"""Two referrals of one person become one case: both are kept, the earliest suspicion counts."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import service as services
from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid, NotFound, OutOfTurn
from kernel.time import rfc3339
from ledger.append import append, bind
from ledger.keep import keep
from ledger.kinds import Kind
from oncall import clocks
from oncall.kinds import OBLIGATIONS, ClockKind, Stopped
from oncall.models import Clock
from oncall.start import move_start
from referrals.case.case_facts import evidence_of
from referrals.case.episodes import join_episodes, person_of
from referrals.case.event_record import keep_event
from referrals.case.identity import MatchVerdict, match
from referrals.case.merging import changed_by, filled_from, merge_presentations
from referrals.case.models import Merge, Referral, SharedWith
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find, find_and_lock
from referrals.case.states import Action, Status
from referrals.correspondence.notices import write_notice
from referrals.intake.codes import FINDINGS_COMPLETED, PLAN_OPENED, PLAN_SIGNED
from referrals.intake.fields import plain
from referrals.promises.periods import SETTLED
from referrals.promises.reassessment import is_more_urgent, promise, reassess, start_clinical_clocks
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks
from triage.guideline.findings import as_json

# What is written on a case and does not move with it.
TREATED = ("decision_to_treat", PLAN_OPENED, PLAN_SIGNED)


@transaction.atomic(durable=True)
def merge_cases(
    reference: str,
    *,
    other: str,
    text: str,
    confirmed: bool = False,
    by: Actor,
    at: datetime,
    service: Service,
) -> Referral:
    """Merge the case `other` into this one, which goes on. Both referrals stay on record.

    The earliest suspicion is the start of every clock that runs from it; a yes in either counts, the more
    urgent stream, and scans of both; what ran on either runs on; the organisations of both see what goes on.
    `confirmed` says that somebody made sure that two people who look different are one.
    """
    kept, ended = _lock_both(reference, other, by=by)
    _refuse_unless_both_run(kept, ended)
    _refuse_unless_one_person(kept, ended, confirmed=confirmed)
    note = words("merge", text, required=True, path="text")
    running = clocks.hold(ended.pk)
    record = _as_it_stood(kept, ended, running)
    facts = {"into": kept.pk, **note.bound}
    changes = {"outcome": "duplicate", "provisional": False, "merged_into": kept}
    line = move(ended, Action.MERGE, by=by, at=at, facts=facts, changes=changes)
    note.write(ended, line=line, by=by, at=at)
    clocks.end_all(ended.pk, because=Stopped.SUPERSEDED, stopped_at=at, by=by, at=at)
    join_episodes(kept, ended, line=line, by=by, at=at)
    _take_in(kept, ended, by=by, at=at)
    reassess(kept, service=service, by=by, at=at)
    _start_from_the_earliest(kept, by=by, at=at, service=service)
    _run_on(kept, running, by=by, at=at, service=service)
    settle_clocks_of_scans(kept, service=service, by=by, at=at)
    settle_event_clocks(kept, by=by, at=at, service=service)
    _keep_record(record, kept, line=line, by=by, at=at)
    write_notice(ended, "merged", about=line, at=at)
    return kept


# What a merge may change on the case that goes on.
TAKEN_IN = (
    "clinician_suspected_at", "mscc_suspected_at", "presented_at", "referrer_concern", "stream", "presentation_sent",
    "clinical", "incomplete",
)  # fmt: skip


def columns_of(case: Referral) -> dict[str, Any]:
    """The columns that a merge may change, as JSON keeps them."""
    return {name: plain(getattr(case, name)) for name in TAKEN_IN}


def _as_it_stood(kept: Referral, ended: Referral, running: Sequence[Clock]) -> Merge:
    """Both cases before they are merged, so that it can be undone."""
    return Merge(
        referral=ended,
        into=kept,
        before=columns_of(kept),
        ended={
            "status": ended.status,
            "episode": ended.episode_id,
            "person_key": ended.episode.person_key,
            "clocks": [clock.pk for clock in running],
            "salt": str(uuid.uuid4()),  # of what the ledger binds
        },
        clocks={"before": {str(clock.pk): rfc3339(clock.started_at) for clock in clocks.hold(kept.pk)}},
        shared=list(kept.shared_with.values_list("organisation", flat=True)),
    )


def _keep_record(record: Merge, kept: Referral, *, line: int, by: Actor, at: datetime) -> None:
    had = set(record.clocks["before"])
    record.after = columns_of(kept)
    record.clocks = {
        **record.clocks,
        "got": [clock.pk for clock in clocks.hold(kept.pk) if str(clock.pk) not in had],
    }
    record.shared = sorted(set(kept.shared_with.values_list("organisation", flat=True)) - set(record.shared))
    for name, value in {**authorship(by, at=at), "ledger_line": line}.items():
        setattr(record, name, value)
    facts = {"into": kept.pk, "record_of": line, "bound": {"merge": merge_as_bound(record)}}
    append(Kind.CASES_MERGED, by=by, at=at, case=record.referral_id, facts=facts)
    keep(record, line=line, by=by, at=at)


def merge_as_bound(record: Merge) -> str:
    """Everything that is needed to undo a merge, and who merged, as the ledger binds it."""
    columns = ("before", "after", "ended", "clocks", "shared", "by", "by_name", "by_role")
    return bind({name: getattr(record, name) for name in columns}, salt=record.ended["salt"])


def _lock_both(reference: str, other: str, *, by: Actor) -> tuple[Referral, Referral]:
    """Both cases, locked in the order of their numbers, so that two merges never wait for each other."""
    first = find(reference, by=by)
    try:
        second = find(other, by=by)
    except NotFound as problem:
        why = problem.sentence if other.strip() else "Choose the other case"
        raise Invalid("Choose another case", errors={"other": [why]}) from None
    if first.pk == second.pk:
        raise Invalid("Choose another case", errors={"other": ["This is the same case"]})
    locked = {
        case.pk: find_and_lock(case.reference, by=by)
        for case in sorted((first, second), key=lambda case: case.pk)
    }
    return locked[first.pk], locked[second.pk]


def _refuse_unless_one_person(kept: Referral, ended: Referral, *, confirmed: bool) -> None:
    """Two NHS numbers are two people. Whoever merges what looks different has to have made sure."""
    one, two = kept.patient, ended.patient
    if one.nhs_number and two.nhs_number and one.nhs_number != two.nhs_number:
        raise OutOfTurn(
            f"{kept.reference} and {ended.reference} have different NHS numbers. If one of them is wrong, mark "
            "that referral as entered in error and enter it again on the right person"
        )
    found = match(person_of(one), person_of(two))
    said_apart = ended.pk in kept.not_the_same or kept.pk in ended.not_the_same
    if not confirmed and (found.answer != MatchVerdict.SAME or said_apart):
        said = " The referrer said that they are not the same person." if said_apart else ""
        why = (
            f"{one.name}, born {one.born}, and {two.name}, born {two.born}: confirm that they are one person. "
            f"{' '.join(found.reasons)}{said}"
        )
        raise Invalid("These look like two people", errors={"confirmed": [why]})


def _refuse_unless_both_run(kept: Referral, ended: Referral) -> None:
    for case in (kept, ended):
        if case.is_over:
            raise OutOfTurn(f"{case.reference} has ended and cannot be merged")
        if case.died_at is not None:
            raise OutOfTurn(f"A death is reported on {case.reference}: confirm it or strike it out first")
    if ended.listed_for_mdt_at is not None or ended.events.filter(kind__in=TREATED).exists():
        raise OutOfTurn(
            f"The MDT works on {ended.reference}, or treatment or a plan is recorded there: keep that one, and merge "
            "the other into it"
        )
    owed = [clock for clock in clocks.hold(ended.pk) if clock.kind in OBLIGATIONS]
    if owed:
        raise OutOfTurn(
            f"Somebody still owes an answer on {ended.reference}: record it first, so that it is not lost"
        )


def _take_in(kept: Referral, ended: Referral, *, by: Actor, at: datetime) -> None:
    """What the other referral knew: the earliest instants, every yes, its stream, and who takes part."""
    wanted = merge_presentations(kept.presentation, ended.presentation)
    kept.clinician_suspected_at = min(kept.clinician_suspected_at, ended.clinician_suspected_at)
    for name in ("mscc_suspected_at", "presented_at"):
        given = [value for value in (getattr(kept, name), getattr(ended, name)) if value is not None]
        setattr(kept, name, min(given, default=None))
    if ended.referrer_concern == "emergency":
        kept.referrer_concern = ended.referrer_concern
    if is_more_urgent(ended.stream, kept.stream):
        kept.stream = ended.stream
    kept.presentation_sent = merge_presentations(kept.presentation_sent, ended.presentation_sent)
    kept.clinical = filled_from(kept.clinical, ended.clinical)
    kept.incomplete = [path for path in kept.incomplete if path in ended.incomplete]
    facts = {"merged": ended.pk, "clinician_suspected_at": kept.clinician_suspected_at, "stream": kept.stream}
    line = append(Kind.CASES_MERGED, by=by, at=at, case=kept.pk, facts=facts)
    kept.updated_at, kept.version = at, kept.version + 1
    keep(kept, line=line, by=by, at=at)
    _say_what_was_lost(kept, ended, wanted, line=line, by=by, at=at)
    shared = set(ended.shared_with.values_list("organisation", flat=True))
    for organisation in sorted({ended.referrer_organisation, ended.location_organisation, *shared} - {""}):
        SharedWith.objects.get_or_create(referral=kept, organisation=organisation, defaults={"since": at})


def _say_what_was_lost(
    kept: Referral, ended: Referral, wanted: Mapping[str, Any], *, line: int, by: Actor, at: datetime
) -> None:
    """A yes of either that an earlier no on the other's record would hide is recorded as found now.

    It stands on the referral that ended, so that it goes with it when the merge is undone.
    """
    folded = as_json(evidence_of(kept, service=services.current()).presentation)
    told = {key: value for key, value in wanted.items() if not key.startswith(("imaging_", "whole_spine"))}
    lost = changed_by(folded, merge_presentations(folded, told))
    if lost:
        keep_event(ended, FINDINGS_COMPLETED, occurred_at=at, data=lost, line=line, by=by, at=at)


def _start_from_the_earliest(kept: Referral, *, by: Actor, at: datetime, service: Service) -> None:
    """The clocks of the stream from the earliest instants: running ones move back, new ones start."""
    start_clinical_clocks(kept, only_new=True, service=service, by=by, at=at)
    for clock in clocks.hold(kept.pk):
        if clock.kind == ClockKind.TOTAL_PATHWAY and clock.started_at > kept.clinician_suspected_at:
            move_start(clock, started_at=kept.clinician_suspected_at, by=by, at=at)


def _run_on(kept: Referral, running: Sequence[Clock], *, by: Actor, at: datetime, service: Service) -> None:
    """What ran on the other case and has no running twin here runs on, from where it began."""
    for clock in running:
        decided = clock.kind == ClockKind.TRIAGE_DECISION and kept.status != Status.ACKNOWLEDGED
        if clock.kind in SETTLED or decided:
            continue
        promise(
            kept,
            clock.kind,
            limit_hours=clock.limit_hours,
            started_at=clock.started_at,
            formal=clock.formal,
            paged_at_once=clock.kind in (ClockKind.ACKNOWLEDGE, ClockKind.VOICE_CONTACT)
            and clock.limit_hours <= 1,
            service=service,
            by=by,
            at=at,
        )
