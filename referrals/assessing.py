"""Asking the guideline again when findings change, and starting the clocks that follow.

A suggestion never lowers what was decided; only a coordinator does. It raises at once.
"""

from datetime import datetime

from django.db.models import Q

from accounts.service import Service
from kernel.actors import Actor, Role
from kernel.time import from_rfc3339
from ledger.keep import keep
from oncall import clocks
from oncall.kinds import (
    FORMAL_EVENT_CLOCKS,
    ClockKind,
    Stopped,
    event_limit,
)
from oncall.starting import Promise, record_past, start
from referrals.course import course_of
from referrals.events import CLEAN, Fact, fold, scans_void_from, whole_spine_scanned_at
from referrals.models import Event, Referral
from referrals.models.case import SELF_TEST
from referrals.states import Status
from triage.assess import assess, latest, promises_of
from triage.guideline.evaluate import (
    ClockStart,
    Instants,
    TriageResult,
    clocks_of_stream,
    clocks_to_acknowledge,
)
from triage.guideline.findings import Answer, Presentation, as_json, from_json
from triage.guideline.reading import stream_inputs
from triage.guideline.rule import STREAM_WORDS, URGENCY, Contact, Stream
from triage.models import Assessment

EMERGENCY_HOURS = TREATMENT_HOURS = 24


def is_clean(case: Referral) -> bool:
    """MSCC is ruled out on the whole spine."""
    return case.presentation["whole_spine_imaged"] == "yes" and case.presentation["imaging_finding"] in CLEAN


def instants_of(case: Referral) -> Instants:
    """The instants from which the clocks of a case are counted."""
    return Instants(
        suspected_at=case.clinician_suspected_at,
        mscc_suspected_at=case.mscc_suspected_at,
        submitted_at=case.submitted_at,
    )


def symptoms_began(case: Referral) -> datetime:
    """When the present symptoms began, as far as is known: the earliest instant that anybody gave."""
    onset = case.clinical.get("neurology_onset_at")
    given = (case.presented_at, case.mscc_suspected_at, from_rfc3339(onset) if onset else None)
    return min(instant for instant in (case.clinician_suspected_at, *given) if instant is not None)


def facts_of(case: Referral) -> list[Fact]:
    """Every fact reported about a case and those merged into it, in the order in which it arrived."""
    told = Event.objects.filter(Q(referral=case) | Q(referral__merged_into=case))
    rows = told.order_by("id").values_list("kind", "occurred_at", "data")
    return [Fact(kind=kind, occurred_at=occurred_at, data=data) for kind, occurred_at, data in rows]


def reassess(case: Referral, *, service: Service, by: Actor, at: datetime) -> tuple[Assessment, TriageResult]:
    """Fold the facts into the findings, evaluate, and raise the stream if the result is more urgent.

    What newly needs a call at once pages again, unless a coordinator found it: that is the human on it.
    """
    said_before = latest(case.pk).result["contact"]
    facts = facts_of(case)
    presentation = fold(from_json(case.presentation_sent), facts, since=symptoms_began(case))
    assessment, result = assess(
        presentation,
        course=course_of(facts, case.clinical),
        case=case.pk,
        instants=instants_of(case),
        service=service,
        by=by,
        at=at,
    )
    case.presentation = as_json(presentation)
    note_result(case, presentation, result)
    raised = is_more_urgent(result.stream, case.stream)
    if raised:
        case.stream = str(result.stream)
    case.updated_at, case.version = at, case.version + 1
    keep(case, line=assessment.ledger_line, by=by, at=at)
    if raised:
        start_clinical_clocks(case, service=service, by=by, at=at)
    at_once = result.contact == Contact.IMMEDIATELY and said_before != Contact.IMMEDIATELY
    if (raised or at_once) and by.role != Role.COORDINATOR:
        page(case, since=at, contact=result.contact, service=service, by=by, at=at)
    return assessment, result


def note_result(case: Referral, presentation: Presentation, result: TriageResult) -> None:
    """Write on the case what the guideline has just said of it."""
    case.suggested_stream, case.provisional = str(result.stream), result.provisional
    case.neurology_open = stream_inputs(presentation).neurology.any_not_assessed


def is_more_urgent(suggested: str, decided: str) -> bool:
    """Whether a suggestion is more urgent than the stream as decided; an open question is neither."""
    if decided == Stream.INSUFFICIENT_INFORMATION:
        return suggested in (Stream.EMERGENCY, Stream.ONE_WEEK)
    return URGENCY.get(Stream(suggested), -1) > URGENCY[Stream(decided)]


def start_clinical_clocks(
    case: Referral, *, only_new: bool = False, service: Service, by: Actor, at: datetime
) -> None:
    """The clocks of the stream as decided. An emergency overtakes the week's MRI clock, which stays.

    `only_new` leaves alone what ended already, however it did; what runs moves to an earlier start.
    """
    started = clocks_of_stream(from_json(case.presentation), Stream(case.stream), instants=instants_of(case))
    had = {
        (clock.kind, clock.limit_hours)
        for clock in (clocks.of_case(case.pk) if only_new else ())
        if clock.stopped_at is not None
    }
    for clock in started:
        if (clock.kind, clock.limit_hours) not in had:
            start_clock(case, clock, service=service, by=by, at=at)
    if case.is_emergency:
        clocks.mark_upgraded(case.pk, by=by, at=at)
    scan = next((clock for clock in started if clock.kind == ClockKind.MRI), None)
    if scan is not None and not any(c.kind == ClockKind.TOTAL_PATHWAY for c in clocks.hold(case.pk)):
        promise(
            case,
            ClockKind.TOTAL_PATHWAY,
            limit_hours=scan.limit_hours + TREATMENT_HOURS,
            started_at=case.clinician_suspected_at,
            service=service,
            by=by,
            at=at,
        )


def page(
    case: Referral,
    *,
    since: datetime,
    contact: Contact = Contact.NONE,
    service: Service,
    by: Actor,
    at: datetime,
) -> None:
    """Promise that a human acknowledges: at submission, and again when it gets worse."""
    contact = Contact.IMMEDIATELY if case.pages_at_once else contact
    promised = clocks_to_acknowledge(
        stream=case.stream,
        contact=contact,
        instants=Instants(submitted_at=since),
        promises=promises_of(service),
    )
    for clock in promised:
        start_clock(case, clock, urgent=contact == Contact.IMMEDIATELY, service=service, by=by, at=at)


def start_lease(case: Referral, *, service: Service, by: Actor, at: datetime) -> None:
    """An acknowledgement of an emergency is a lease: without a decision in time it pages again."""
    if not case.pages_at_once or case.status != Status.ACKNOWLEDGED:
        return
    hours = service["triage_decision"] / 60
    promise(case, ClockKind.TRIAGE_DECISION, limit_hours=hours, started_at=at, service=service, by=by, at=at)


def start_clock(
    case: Referral, clock: ClockStart, *, urgent: bool = False, service: Service, by: Actor, at: datetime
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
        service=service,
        by=by,
        at=at,
    )


def start_event_clock(
    case: Referral,
    kind: ClockKind,
    *,
    started_at: datetime,
    stopped_at: datetime | None = None,
    because: Stopped = Stopped.MET,
    service: Service,
    by: Actor,
    at: datetime,
) -> None:
    """Start a clock that an event starts, with the limit of its kind; `stopped_at` if it has ended already."""
    made = Promise(
        kind=kind,
        case=case.pk,
        stream=STREAM_WORDS[Stream(case.stream)],
        limit_hours=event_limit(kind, emergency=case.pages_at_once, service=service.values),
        formal=kind in FORMAL_EVENT_CLOCKS,
        started_at=started_at,
    )
    if stopped_at is not None:
        record_past(made, stopped_at=stopped_at, because=because, service=service, by=by, at=at)
    elif case.died_at is None:
        start(made, service=service, by=by, at=at)


def start_from_deterioration(
    case: Referral, *, since: datetime, service: Service, by: Actor, at: datetime
) -> None:
    """New neurology: MRI within 24 hours of it, whatever was running."""
    promise(
        case,
        ClockKind.MRI,
        limit_hours=EMERGENCY_HOURS,
        formal=True,
        started_at=since,
        service=service,
        by=by,
        at=at,
    )
    clocks.mark_upgraded(case.pk, by=by, at=at)


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
    service: Service,
    by: Actor,
    at: datetime,
) -> None:
    """Start a clock of a case. Nobody is paged for somebody who has died."""
    if case.died_at is not None:
        return
    made = Promise(
        kind=kind,
        case=case.pk,
        stream=STREAM_WORDS[Stream(case.stream)],
        limit_hours=limit_hours,
        formal=formal,
        started_at=started_at,
        paged_at_once=paged_at_once,
        subject=subject,
        owed_by=owed_by,
        tests_itself=case.source == SELF_TEST,
    )
    start(made, service=service, by=by, at=at)


def stop_clocks_of_scans(case: Referral, *, by: Actor, at: datetime) -> None:
    """Stop each MRI clock at the instant at which scans had covered the whole spine for it.

    A running 24-hour clock waits for scans since neurology last became worse; for a clock that was
    met those count that did when it was, and for the week's clock all since the symptoms began.
    """
    facts = facts_of(case)
    contraindicated = case.findings.mri_contraindicated == Answer.YES
    began, void = symptoms_began(case), scans_void_from(from_json(case.presentation_sent), facts)
    for clock in clocks.of_case(case.pk):
        if clock.kind != ClockKind.MRI:
            continue
        if clock.stopped_at is None and clock.limit_hours <= EMERGENCY_HOURS:
            since = max([began, *void])
        else:
            since = clock.started_at if clock.started_at in void else began
        scanned_at = whole_spine_scanned_at(facts, since=since, mri_contraindicated=contraindicated)
        if scanned_at is not None:
            clocks.meet(clock, stopped_at=scanned_at, by=by, at=at)


def reclassify_clocks(case: Referral, *, before: str, by: Actor, at: datetime) -> None:
    """When a coordinator lowers a stream, its clocks end as reclassified; none ends silently."""
    kept = {
        (clock.kind, clock.limit_hours)
        for clock in clocks_of_stream(
            from_json(case.presentation), Stream(case.stream), instants=instants_of(case)
        )
    }
    clinical = (ClockKind.MRI, ClockKind.COORDINATOR_ADVICE, ClockKind.TREATMENT_PLAN)
    for clock in clocks.hold(case.pk):
        overtaken = clock.kind == ClockKind.MRI and clock.limit_hours > 24 and case.is_emergency
        if clock.kind in clinical and (clock.kind, clock.limit_hours) not in kept and not overtaken:
            clocks.stop_one(clock, because=Stopped.RECLASSIFIED, stopped_at=at, by=by, at=at)
