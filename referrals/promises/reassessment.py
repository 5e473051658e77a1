"""Reassessment by the guideline when findings change, and the clocks that start as a result.

A suggestion never lowers the decided stream; only a coordinator does. It raises it at once.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from accounts.act import Act
from kernel.actors import Actor
from ledger.keep import keep
from oncall import clocks
from oncall.kinds import FORMAL_EVENT_CLOCKS, ClockKind, Stopped, event_limit
from oncall.start import Promise, record_past, start
from referrals.case.case_facts import course_record_of, evidence_of, facts_of
from referrals.case.models import Referral
from referrals.case.models.case import SELF_TEST
from referrals.case.states import Status
from referrals.evidence.course import CourseRecord, course_of
from referrals.evidence.facts import Fact
from triage.assess import assess, latest, promises_of
from triage.guideline.clocks import SUBMITTED_AT
from triage.guideline.evaluate import (
    ClockStart,
    Instants,
    TriageResult,
    clocks_of_stream,
    clocks_to_acknowledge,
)
from triage.guideline.findings import Presentation, as_json, from_json
from triage.guideline.normalisation import stream_inputs
from triage.guideline.rule import STREAM_WORDS, URGENCY, ContactUrgency, Stream
from triage.models import Assessment

EMERGENCY_HOURS = TREATMENT_HOURS = FINAL_REPORT_HOURS = 24


def instants_of(case: Referral) -> Instants:
    """The instants from which the clocks of a case run."""
    return Instants(
        suspected_at=case.clinician_suspected_at,
        mscc_suspected_at=case.mscc_suspected_at,
        submitted_at=case.submitted_at,
    )


def reassess(
    case: Referral,
    *,
    act: Act,
    since: datetime | None = None,
    about: str = "",
    facts: Sequence[Fact] | None = None,
    record: CourseRecord | None = None,
    is_news: bool = False,
    is_worse: bool = False,
) -> tuple[Assessment, TriageResult]:
    """Combine the facts into the findings, evaluate them, and raise the stream if the result is more urgent.

    A raised stream, or a new need for an urgent call, pages like a new referral of that stream. Its clocks run from
    `since`, the true instant of the fact that raised it. `facts` and `record` are the case's now, if at hand.
    A stream that a person has lowered holds until a finding that decides the stream changes, or `is_news`:
    neurology is worse, a finding is new, or somebody is worried. `is_worse` says that a fact of any time shows worse
    neurology: that is an emergency, also where it has gone since.
    """
    earlier_contact = latest(case.pk).result["contact"]
    earlier_inputs = stream_inputs(from_json(case.presentation))
    facts = facts_of(case) if facts is None else facts
    evidence = evidence_of(case, service=act.service, facts=facts)
    assessment, result = assess(
        presentation := evidence.presentation,
        course=course_of(facts, record or course_record_of(case), evidence=evidence),
        case=case.pk,
        instants=instants_of(case),
        act=act,
    )
    case.presentation = as_json(presentation)
    note_result(case, presentation, result)
    is_new = is_news or stream_inputs(presentation) != earlier_inputs
    suggested = Stream.EMERGENCY if is_worse else result.stream
    is_raised = is_new and is_more_urgent(suggested, case.stream)
    if is_raised:
        case.stream = str(suggested)
        if since is not None and case.is_emergency and case.mscc_suspected_at is None:
            case.mscc_suspected_at = since
    case.updated_at, case.version = act.at, case.version + 1
    keep(case, line=assessment.ledger_line, by=act.by, at=act.at)
    if case.is_over:
        return assessment, result
    is_later = _SOONER.index(result.contact) <= _SOONER.index(ContactUrgency(earlier_contact))
    if is_raised or (result.contact in _HUMAN and not is_later):
        start_clinical_clocks(case, only_new=not is_raised, act=act, since=since)
        page(case, since=act.at, contact=result.contact, about=about, act=act)
    return assessment, result


_HUMAN = (ContactUrgency.WITHIN_24_HOURS, ContactUrgency.IMMEDIATELY)
_SOONER = (ContactUrgency.NONE, ContactUrgency.URGENT_ONCOLOGY_REFERRAL, *_HUMAN)


def note_result(case: Referral, presentation: Presentation, result: TriageResult) -> None:
    """Store the guideline's newest result on the case."""
    case.suggested_stream, case.provisional = str(result.stream), result.provisional
    case.neurology_open = stream_inputs(presentation).neurology.any_not_assessed


def is_more_urgent(suggested: str, decided: str) -> bool:
    """Whether a suggested stream is more urgent than the decided one; a stream without a rank counts as the least urgent."""
    return URGENCY.get(Stream(suggested), 0) > URGENCY.get(Stream(decided), 0)


def start_clinical_clocks(
    case: Referral, *, only_new: bool = False, since: datetime | None = None, act: Act
) -> None:
    """Start the clocks of the decided stream. An emergency overtakes the one-week MRI clock, which keeps running.

    What was done, or found not to be needed, is not asked for again from the same start. `only_new` starts no clock of a
    kind and limit that has ended; a running clock moves to an earlier start. `since` is when the reason for a raised
    stream was found: clocks that run from the submission run from then.
    """
    instants = instants_of(case)
    if since is not None:
        instants = replace(instants, submitted_at=since)
    starts = clocks_of_stream(from_json(case.presentation), Stream(case.stream), instants=instants)
    every_clock = clocks.of_case(case.pk)
    stopped = [clock for clock in every_clock if clock.stopped_at is not None]
    ended = {(clock.kind, clock.limit_hours) for clock in stopped if only_new}
    answered = [clock for clock in stopped if clock.stopped_because in (Stopped.MET, Stopped.NOT_NEEDED)]
    done = {(clock.kind, clock.limit_hours, clock.started_at) for clock in answered}
    running = [clock for clock in every_clock if clock.stopped_at is None]
    asked = {(clock.kind, clock.limit_hours) for clock in (*running, *answered) if since is None}
    for clock in starts:
        promised = clock.kind, clock.limit_hours
        is_asked = clock.starts == SUBMITTED_AT and promised in asked  # by a fact, from its own time
        if promised not in ended and not is_asked and (*promised, clock.started_at) not in done:
            start_clock(case, clock, act=act)
    if case.is_emergency:
        clocks.mark_upgraded(case.pk, by=act.by, at=act.at)
    scan = next((clock for clock in starts if clock.kind == ClockKind.MRI), None)
    if scan is not None and not any(c.kind == ClockKind.TOTAL_PATHWAY for c in clocks.hold(case.pk)):
        promise(
            case,
            ClockKind.TOTAL_PATHWAY,
            limit_hours=scan.limit_hours + TREATMENT_HOURS,
            started_at=case.clinician_suspected_at,
            act=act,
        )


def page(
    case: Referral,
    *,
    since: datetime,
    contact: ContactUrgency = ContactUrgency.NONE,
    about: str = "",
    act: Act,
) -> None:
    """Start the clock for a human's acknowledgement: at submission, and again when the case gets worse.

    `about` is the news for the page, in standard words, without patient or free text.
    """
    contact = ContactUrgency.IMMEDIATELY if case.pages_at_once else contact
    starts = clocks_to_acknowledge(
        stream=case.stream,
        contact=contact,
        instants=Instants(submitted_at=since),
        promises=promises_of(act.service),
    )
    for clock in starts:
        urgent = contact == ContactUrgency.IMMEDIATELY
        start_clock(case, clock, urgent=urgent, about=about, act=act)


def page_about(
    case: Referral, *, at_once: bool = False, of_death: bool = False, about: str = "", act: Act
) -> None:
    """Page for an acknowledgement only, on a case that may be over or whose patient may have died."""
    promises = promises_of(act.service)
    new_promise = Promise(
        kind=ClockKind.ACKNOWLEDGE,
        case=case.pk,
        stream=STREAM_WORDS[Stream(case.stream)],
        limit_hours=promises.emergency if at_once else promises.insufficient_information,
        started_at=act.at,
        paged_at_once=at_once,
        about=about,
    )
    if of_death or case.died_at is None:
        start(new_promise, act=act)


def start_lease(case: Referral, *, act: Act) -> None:
    """Start the time to decide on an acknowledged emergency; when it runs out, the pages start again."""
    if not case.pages_at_once or case.status != Status.ACKNOWLEDGED:
        return
    hours = act.service["triage_decision"] / 60
    promise(case, ClockKind.TRIAGE_DECISION, limit_hours=hours, started_at=act.at, act=act)


def start_clock(
    case: Referral, clock: ClockStart, *, urgent: bool = False, about: str = "", act: Act
) -> None:
    """Start one clock of a triage result; an urgent one climbs its ladder by minutes."""
    assert clock.started_at is not None  # a stored case knows its instants
    promise(
        case,
        clock.kind,
        limit_hours=clock.limit_hours,
        formal=clock.formal,
        started_at=clock.started_at,
        paged_at_once=urgent,
        about=about,
        act=act,
    )


def start_event_clock(
    case: Referral,
    kind: ClockKind,
    *,
    started_at: datetime,
    stopped_at: datetime | None = None,
    because: Stopped = Stopped.MET,
    subject: int = 0,
    act: Act,
) -> None:
    """Start the clock of an event, with the limit of its kind; with `stopped_at`, record it as ended."""
    new_promise = Promise(
        kind=kind,
        case=case.pk,
        stream=STREAM_WORDS[Stream(case.stream)],
        limit_hours=FINAL_REPORT_HOURS
        if kind == ClockKind.MRI_REPORT and subject
        else event_limit(kind, emergency=case.pages_at_once, service=act.service.values),
        formal=kind in FORMAL_EVENT_CLOCKS,
        started_at=started_at,
        subject=subject,
    )
    if stopped_at is not None:
        record_past(new_promise, stopped_at=stopped_at, because=because, act=act)
    elif case.died_at is None:
        start(new_promise, act=act)


def start_from_deterioration(case: Referral, *, since: datetime, act: Act) -> None:
    """Start the 24-hour MRI clock of new neurology, whatever else is running."""
    promise(case, ClockKind.MRI, limit_hours=EMERGENCY_HOURS, formal=True, started_at=since, act=act)
    clocks.mark_upgraded(case.pk, by=act.by, at=act.at)


def promise(
    case: Referral,
    kind: str,
    *,
    limit_hours: float,
    started_at: datetime,
    formal: bool = False,
    paged_at_once: bool = False,
    subject: int = 0,
    owed_by: str = "",
    person: int = 0,
    about: str = "",
    act: Act,
) -> None:
    """Start a clock of a case. There are no pages for a patient who has died."""
    if case.died_at is not None:
        return
    new_promise = Promise(
        kind=kind,
        case=case.pk,
        stream=STREAM_WORDS[Stream(case.stream)],
        limit_hours=limit_hours,
        formal=formal,
        started_at=started_at,
        paged_at_once=paged_at_once,
        subject=subject,
        owed_by=owed_by,
        person=person,
        about=about,
        tests_itself=case.source == SELF_TEST,
    )
    start(new_promise, act=act)


def reclassify_clocks(case: Referral, *, old_stream: str, by: Actor, at: datetime) -> None:
    """End the clocks of a stream that a coordinator has lowered, as reclassified; none ends silently."""
    instants = instants_of(case)
    of_stream = clocks_of_stream(from_json(case.presentation), Stream(case.stream), instants=instants)
    wanted_clocks = {(clock.kind, clock.limit_hours) for clock in of_stream}
    clinical = (ClockKind.MRI, ClockKind.COORDINATOR_ADVICE, ClockKind.TREATMENT_PLAN)
    for clock in clocks.hold(case.pk):
        overtaken = clock.kind == ClockKind.MRI and clock.limit_hours > 24 and case.is_emergency
        if clock.kind in clinical and (clock.kind, clock.limit_hours) not in wanted_clocks and not overtaken:
            clocks.stop_clock(clock, because=Stopped.RECLASSIFIED, stopped_at=at, by=by, at=at)
