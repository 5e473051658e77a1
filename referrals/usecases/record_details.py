"""The record is completed or changed, by the referrer while the clock runs or by the coordinator."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.service import Service
from kernel.actors import Actor, Role
from kernel.refusals import Invalid
from kernel.time import from_rfc3339
from ledger.append import bind
from ledger.keep import add_all, keep
from oncall.kinds import ClockKind
from referrals.arrival.consequences import picture_changed
from referrals.case.case_facts import OUTSIDE, evidence_of, facts_of
from referrals.case.deterioration import WORSE, Worse, for_page, worse_in
from referrals.case.models import Detail, Referral
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock
from referrals.case.record import details_of, record_values
from referrals.case.states import Action
from referrals.correspondence.news import news
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.course import FROM_REFERRAL
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
        *FROM_REFERRAL, "progression", "immobilised_since", "neurology_onset_at", "anticoagulant",
        "previous_radiotherapy", "walking_two_weeks_ago", "bed_bound_two_weeks",
    )
) | {"record.previous_spinal_surgery"}  # fmt: skip
_COORDINATORS = frozenset(spec.path for group in GROUPS if group.by_coordinator for spec in group.fields)


@transaction.atomic(durable=True)
def record_details(
    reference: str,
    answers: Mapping[str, Any],
    *,
    shown: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
    service: Service,
) -> tuple[Referral, tuple[str, ...]]:
    """Record the fields that differ from how they stand, and say which; safe to repeat.

    `answers` has JSON values by path; None takes a value back. `shown` has the values that stood on the
    writer's screen: a field that they left alone keeps what somebody else has recorded since, and one that
    both changed is refused. What the referring side adds is news.
    """
    case = find_and_lock(reference, by=by)
    read = _read(answers, by=by, at=at)
    details = details_of(case)
    before = record_values(case, details)
    if shown is not None:
        read = _touched(read, shown, before, details, by=by)
    changed = {
        path: value for path, value in read.items() if _plainly(path, value) != _plainly(path, before[path])
    }
    if not changed:
        return case, ()
    left = [path for path in case.incomplete if changed.get(path) in (None, "", "not_assessed", "unknown")]
    told = facts_of(case)
    known = evidence_of(case, service=service, facts=told)
    worse = worse_in(
        known, evidence_of(case, service=service, facts=[*told, *_examined(changed, by=by, at=at)])
    )
    salts = {path: uuid.uuid4() for path in changed}
    facts = {
        "fields": sorted(changed),
        "bound": {path: bind(value, salt=str(salts[path])) for path, value in changed.items()},
        **({WORSE: worse} if worse else {}),
    }
    line = move(
        case,
        Action.RECORD_DETAILS,
        by=by,
        at=at,
        facts=facts,
        changes={**_own_columns(case, changed), "incomplete": left, **news(case, by=by, at=at)},
    )
    _keep_patient(case, changed, line=line, by=by, at=at)
    rows = [
        Detail(
            referral=case, path=path, value=value, salt=salts[path], ledger_line=line, **authorship(by, at=at)
        )
        for path, value in changed.items()
    ]
    add_all(rows, lines=[line] * len(rows), by=by, at=at)
    _follow(case, changed, known, worse, by=by, at=at, service=service)
    return case, tuple(changed)


def _read(answers: Mapping[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """The values as JSON carries them; Invalid with every problem by field."""
    read: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for path, sent in answers.items():
        spec = COMPLETED_LATER.get(path)
        if spec is None or (path in _COORDINATORS and by.role != Role.COORDINATOR):
            errors[path] = ["There is no such field"]
            continue
        try:
            value = spec.read(sent) if sent is not None else None
        except (NotAllowed, Unreadable) as problem:
            errors[path] = [str(problem)]
            continue
        if isinstance(value, datetime) and (fault := fault_of_future(value, at=at)):
            errors[path] = [fault]
        read[path] = plain(value)
    if errors:
        raise Invalid("Some of this cannot be kept", errors=errors)
    return read


def _touched(
    read: Mapping[str, Any],
    shown: Mapping[str, Any],
    before: Mapping[str, Any],
    details: Mapping[str, Sequence[Detail]],
    *,
    by: Actor,
) -> dict[str, Any]:
    """What the writer changed on their screen; Invalid where somebody else has changed it meanwhile."""
    touched = {
        path: value
        for path, value in read.items()
        if _plainly(path, value) != _plainly(path, shown.get(path))
    }
    errors = {
        path: [f"{details[path][0].by_name} changed this meanwhile: load the page again, then decide"]
        for path, value in touched.items()
        if path in details
        and details[path][0].by != by.key
        and _plainly(path, before[path]) not in (_plainly(path, shown.get(path)), _plainly(path, value))
    }
    if errors:
        raise Invalid("Somebody else has changed some of this", errors=errors)
    return touched


def _plainly(path: str, value: Any) -> Any:
    """A value, where everything that says nothing is the same; 0 says something."""
    says_nothing = value is None or value is False or value in ("", [])
    return None if says_nothing or value == plain(COMPLETED_LATER[path].default) else value


def _own_columns(case: Referral, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The referral's own clinical part with what was changed."""
    own = {path.removeprefix("clinical."): v for path, v in changed.items() if path.startswith("clinical.")}
    defaults = {name: plain(FIELD_AT[f"clinical.{name}"].default) for name in own}
    return {"clinical": {**case.clinical, **{k: defaults[k] if v is None else v for k, v in own.items()}}}


def _keep_patient(case: Referral, changed: Mapping[str, Any], *, line: int, by: Actor, at: datetime) -> None:
    own = {path: value for path, value in changed.items() if path.startswith("patient.")}
    for path, value in own.items():
        setattr(
            case.patient, path.removeprefix("patient."), FIELD_AT[path].default if value is None else value
        )
    if own:
        keep(case.patient, line=line, by=by, at=at)


def _examined(changed: Mapping[str, Any], *, by: Actor, at: datetime) -> tuple[Fact, ...]:
    """What of the changes is evidence, as the fact that it is about to be."""
    data = {path: value for path, value in changed.items() if path in READ_AS_EVIDENCE and value is not None}
    by_service = str(by.role) not in OUTSIDE
    return (
        (Fact(kind=EXAMINED, occurred_at=at, data=data, by_service=by_service, by_name=by.name),)
        if data
        else ()
    )


def _follow(
    case: Referral,
    changed: Mapping[str, Any],
    known: Evidence,
    worse: Worse,
    *,
    by: Actor,
    at: datetime,
    service: Service,
) -> None:
    """What the guideline reads is asked again; a pain plan and immobilisation start their clocks.

    What was examined is evidence: worse than what had been recorded, it pages and starts the clocks at once.
    """
    if changed.get("clinical.immobilised_since"):
        since = from_rfc3339(changed["clinical.immobilised_since"])
        start_event_clock(case, ClockKind.STABILITY_ADVICE, started_at=since, service=service, by=by, at=at)
    if changed.get(PAIN_PLAN):
        _ask_for_review(case, by=by, at=at, service=service)
    if not (READ_BY_THE_GUIDELINE | READ_AS_EVIDENCE) & set(changed):
        return
    loud = for_page(worse, since=at, at=at) if worse else ""
    reassess(case, service=service, by=by, at=at, since=at, about=loud)
    after = evidence_of(case, service=service)
    if len(after.deteriorated_at) > len(known.deteriorated_at):
        start_from_deterioration(case, since=at, service=service, by=by, at=at)
        page(case, since=at, contact=ContactUrgency.IMMEDIATELY, about=loud, service=service, by=by, at=at)
    picture_changed(case, known.picture, after.picture, by=by, at=at)
    settle_clocks_of_scans(case, service=service, by=by, at=at)
    settle_event_clocks(case, service=service, by=by, at=at)


def _ask_for_review(case: Referral, *, by: Actor, at: datetime, service: Service) -> None:
    """A plan started or changed is reviewed for its effect (NG234 1.6, number not confirmed)."""
    start_obligation(
        case, "review", owed_by="coordinator", note=words("obligation", "Review the effect of the pain plan"),
        hours=REVIEW_OF_PAIN_PLAN, label="review of the pain plan", by=by, at=at, service=service,
    )  # fmt: skip
