"""The referrer or the coordinator completes or changes the record."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from accounts.act import Act
from kernel.actors import Actor, Role
from kernel.refusals import Invalid
from kernel.time import from_rfc3339
from ledger.append import bind
from ledger.keep import add_all, keep
from ledger.transaction import one_transaction
from oncall.kinds import ClockKind
from referrals.arrival.consequences import picture_changed
from referrals.case.case_facts import OUTSIDE, evidence_of, facts_of
from referrals.case.deterioration import WORSE, Worse, for_page, new_worsenings
from referrals.case.line_facts import DetailsRecorded
from referrals.case.models import Detail, Referral
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.record import details_of, record_values
from referrals.case.states import Action
from referrals.correspondence.news import news
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.course import FROM_REFERRAL
from referrals.evidence.event_data import EventData
from referrals.evidence.examination import READ_AS_EVIDENCE
from referrals.evidence.facts import EXAMINED, Fact
from referrals.intake.fields import FIELD_AT, NotAllowed, Unreadable, plain
from referrals.intake.instants import fault_of_future
from referrals.intake.record_fields import COMPLETED_LATER, GROUPS, PAIN_PLAN
from referrals.promises.obligations import start_obligation
from referrals.promises.reassessment import page, reassess, start_event_clock, start_from_deterioration
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks
from triage.guideline.rule import ContactUrgency

REVIEW_OF_PAIN_PLAN = 24  # hours
READ_BY_THE_GUIDELINE = frozenset(
    f"clinical.{name}"
    for name in (
        *FROM_REFERRAL,
        "progression",
        "immobilised_since",
        "neurology_onset_at",
        "anticoagulant",
        "previous_radiotherapy",
        "walking_two_weeks_ago",
        "bed_bound_two_weeks",
    )
) | {"record.previous_spinal_surgery"}
_COORDINATORS = frozenset(spec.path for group in GROUPS if group.by_coordinator for spec in group.fields)


@one_transaction()
def record_details(
    reference: str,
    answers: Mapping[str, Any],
    *,
    screen: Mapping[str, Any] | None = None,
    act: Act,
    version: int | None = None,
) -> tuple[Referral, tuple[str, ...]]:
    """Record the fields whose values differ from the current ones, and return their paths; safe to repeat.

    `answers` has JSON values by path; None takes a value back. `screen` has the values on the writer's screen: a
    field that they did not change keeps what somebody else has recorded since, and a field that both changed is
    refused. A change by the referring side is news.
    """
    case = find_and_lock(reference, by=act.by)
    refuse_if_changed(case, version=version)
    values = _read(answers, by=act.by, at=act.at)
    details = details_of(case)
    current = record_values(case, details)
    if screen is not None:
        values = _touched(values, screen, current, details, by=act.by)
    changes = {
        path: value
        for path, value in values.items()
        if _plainly(path, value) != _plainly(path, current[path])
    }
    if not changes:
        return case, ()
    incomplete = [
        path for path in case.incomplete if changes.get(path) in (None, "", "not_assessed", "unknown")
    ]
    all_facts = facts_of(case)
    evidence = evidence_of(case, service=act.service, facts=all_facts)
    worse = new_worsenings(
        evidence,
        evidence_of(case, service=act.service, facts=[*all_facts, *_examined(changes, by=act.by, at=act.at)]),
    )
    salts = {path: uuid.uuid4() for path in changes}
    facts = DetailsRecorded(
        fields=sorted(changes),
        bound={path: bind(value, salt=str(salts[path])) for path, value in changes.items()},
    )
    if worse:
        facts[WORSE] = worse
    line = move(
        case,
        Action.RECORD_DETAILS,
        by=act.by,
        at=act.at,
        facts=facts,
        changes={**_own_columns(case, changes), "incomplete": incomplete, **news(case, by=act.by, at=act.at)},
    )
    _keep_patient(case, changes, line=line, by=act.by, at=act.at)
    rows = [
        Detail(
            referral=case,
            path=path,
            value=value,
            salt=salts[path],
            ledger_line=line,
            **authorship(act.by, at=act.at),
        )
        for path, value in changes.items()
    ]
    add_all(rows, lines=[line] * len(rows), by=act.by, at=act.at)
    _follow(case, changes, evidence, worse, act=act)
    return case, tuple(changes)


def _read(answers: Mapping[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """The values in JSON form; Invalid with every problem by field."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for path, answer in answers.items():
        spec = COMPLETED_LATER.get(path)
        if spec is None or (path in _COORDINATORS and by.role != Role.COORDINATOR):
            errors[path] = ["There is no such field"]
            continue
        try:
            value = spec.read(answer) if answer is not None else None
        except (NotAllowed, Unreadable) as problem:
            errors[path] = [str(problem)]
            continue
        if isinstance(value, datetime) and (fault := fault_of_future(value, at=at)):
            errors[path] = [fault]
        values[path] = plain(value)
    if errors:
        raise Invalid("Nothing was saved: correct the answers named here and send it again", errors=errors)
    return values


def _touched(
    values: Mapping[str, Any],
    screen: Mapping[str, Any],
    current: Mapping[str, Any],
    details: Mapping[str, Sequence[Detail]],
    *,
    by: Actor,
) -> dict[str, Any]:
    """The fields that the writer changed on their screen; Invalid where somebody else has changed one meanwhile."""
    touched = {
        path: value
        for path, value in values.items()
        if _plainly(path, value) != _plainly(path, screen.get(path))
    }
    errors = {
        path: [f"{details[path][0].by_name} changed this meanwhile: load the page again, then decide"]
        for path, value in touched.items()
        if path in details
        and details[path][0].by != by.key
        and _plainly(path, current[path]) not in (_plainly(path, screen.get(path)), _plainly(path, value))
    }
    if errors:
        raise Invalid("Somebody else has changed some of this", errors=errors)
    return touched


def _plainly(path: str, value: Any) -> Any:
    """A value for comparison: None for every form of an empty value; 0 is not empty."""
    says_nothing = value is None or value is False or value in ("", [])
    return None if says_nothing or value == plain(COMPLETED_LATER[path].default) else value


def _own_columns(case: Referral, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The clinical part of the referral with the changes."""
    own = {path.removeprefix("clinical."): v for path, v in changes.items() if path.startswith("clinical.")}
    defaults = {name: plain(FIELD_AT[f"clinical.{name}"].default) for name in own}
    return {"clinical": {**case.clinical, **{k: defaults[k] if v is None else v for k, v in own.items()}}}


def _keep_patient(case: Referral, changes: Mapping[str, Any], *, line: int, by: Actor, at: datetime) -> None:
    own = {path: value for path, value in changes.items() if path.startswith("patient.")}
    for path, value in own.items():
        setattr(
            case.patient, path.removeprefix("patient."), FIELD_AT[path].default if value is None else value
        )
    if own:
        keep(case.patient, line=line, by=by, at=at)


def _examined(changes: Mapping[str, Any], *, by: Actor, at: datetime) -> tuple[Fact, ...]:
    """The changes that are evidence, as the fact of an examination."""
    data = {path: value for path, value in changes.items() if path in READ_AS_EVIDENCE and value is not None}
    by_service = str(by.role) not in OUTSIDE
    return (
        (
            Fact(
                kind=EXAMINED,
                occurred_at=at,
                data=cast(EventData, data),
                by_service=by_service,
                by_name=by.name,
            ),
        )
        if data
        else ()
    )


def _follow(case: Referral, changes: Mapping[str, Any], before: Evidence, worse: Worse, *, act: Act) -> None:
    """Start the clocks of a pain plan and of immobilisation, and ask the guideline again when its inputs changed.

    An examination is evidence: a worsening since the last record pages and starts its clocks at once.
    """
    if changes.get("clinical.immobilised_since"):
        since = from_rfc3339(changes["clinical.immobilised_since"])
        start_event_clock(case, ClockKind.STABILITY_ADVICE, started_at=since, act=act)
    if changes.get(PAIN_PLAN):
        _ask_for_review(case, act=act)
    if not (READ_BY_THE_GUIDELINE | READ_AS_EVIDENCE) & set(changes):
        return
    message = for_page(worse, since=act.at, at=act.at) if worse else ""
    reassess(case, act=act, since=act.at, about=message, is_news=bool(worse))
    after = evidence_of(case, service=act.service)
    if len(after.deteriorated_at) > len(before.deteriorated_at):
        start_from_deterioration(case, since=act.at, act=act)
        page(case, since=act.at, contact=ContactUrgency.IMMEDIATELY, about=message, act=act)
    picture_changed(case, before.picture, after.picture, by=act.by, at=act.at)
    settle_clocks_of_scans(case, act=act)
    settle_event_clocks(case, act=act)


def _ask_for_review(case: Referral, *, act: Act) -> None:
    """Ask for a review of the effect of a new or changed plan (NG234 1.6, number not confirmed)."""
    start_obligation(
        case,
        "review",
        owed_by="coordinator",
        note=words("obligation", "Review the effect of the pain plan"),
        hours=REVIEW_OF_PAIN_PLAN,
        label="review of the pain plan",
        act=act,
    )
