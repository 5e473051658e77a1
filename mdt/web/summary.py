"""The case on one screen and one printed page, for projection at a meeting."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.people import SPECIALTY_WORDS
from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.time import near, now
from mdt.consensus import OPINION
from mdt.content import words
from mdt.mobility import MobilityPicture, picture
from mdt.queries import decisions_of, opinions_of, outcomes_of
from mdt.web.case_facts import wishes_of
from mdt.web.discussion_lines import DecisionLine, MdtQuestionLine, decision_line, question_lines
from mdt.web.obligation_lines import WHAT, AwaitedOpinion, obligations_on
from mdt.web.outcomes import mobility_points
from mdt.web.page import Head, head
from mdt.web.stage import staged
from oncall import clocks
from referrals.case.access_log import record_view
from referrals.case.case_facts import evidence_of
from referrals.case.models import Event, Referral
from referrals.case.queries import find
from referrals.case.reads import events_of
from referrals.case.record import details_of, record_values
from referrals.intake import codes
from referrals.intake.record_fields import COMPLETED_LATER, PERFORMANCE
from referrals.web.clock_lines import ClockLine, clock_lines
from referrals.web.coordinator.act import in_a_sentence
from referrals.web.coordinator.aftercare import coordinated_words
from referrals.web.coordinator.record_lines import report_status
from referrals.web.coordinator.scores import ScoreLine, score_lines
from referrals.web.coordinator.spine import headline, region_lines
from triage.guideline.findings import QUESTIONS, Answer, Question, answer_at, answer_in_words, from_json
from triage.web.guidance import AdviceLine

BACKGROUND = (
    "record.histology",
    "record.stage",
    "record.systemic_treatment",
    "clinical.previous_radiotherapy",
    "record.previous_spinal_surgery",
    "record.comorbidity",
    "clinical.anticoagulant",
)
OF_TREATMENT = frozenset({"immobilise", "image", "steroid", "stability", "radiotherapy", "surgery"})
NOT_ASSESSED = "Not assessed"
MILESTONES = frozenset(
    {
        "mri_performed",
        "mri_reported",
        "neurology_changed",
        "immobilised",
        "dexamethasone_given",
        "dexamethasone_stopped",
        "decision_to_treat",
        "finding_withdrawn",
        "finding_confirmed",
        "radiotherapy_started",
        "surgery_started",
        "treatment_completed",
        "admitted",
        "discharged",
        "died",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """One finding as it was sent and as it stands."""

    label: str
    then: str
    now: str
    changed: bool
    yes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryScreen:
    """The case on one page, readable from the back of a meeting room."""

    head: Head
    questions: Sequence[MdtQuestionLine]
    findings: Sequence[Then]
    negative: str
    unasked: str
    picture: MobilityPicture | None
    spine: str
    regions: str
    imaging: Sequence[str]
    scores: Sequence[ScoreLine]
    function: Sequence[tuple[str, str]]
    background: Sequence[tuple[str, str]]
    wishes: Sequence[tuple[str, str]]
    milestones: Sequence[tuple[str, str]]
    obligations: Sequence[AwaitedOpinion]
    clocks: Sequence[ClockLine]
    done: Sequence[str]
    advice: Sequence[AdviceLine]
    more_advice: int
    opinions: Sequence[tuple[str, str]]
    decision: DecisionLine | None
    coordinated: str
    sheet: str
    printed: str


@never_cache
@only(Role.MDT_MEMBER, Role.COORDINATOR)
def summary(request: HttpRequest, reference: str) -> HttpResponse:
    """The summary of a case."""
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    record_view(case, by=by, at=at, part="summary")
    return render(
        request,
        "mdt/summary.jinja",
        title=f"Summary of {case.reference}",
        screen=_screen(case, by=by, at=at),
    )


def _screen(case: Referral, *, by: Actor, at: datetime) -> SummaryScreen:
    details = details_of(case)
    record = record_values(case, details)
    every_event, every_clock = events_of(case), clocks.of_case(case.pk)
    events = [event for event in every_event if event.kind in MILESTONES]
    evidence = evidence_of(case, service=services.current())
    spine = evidence.picture
    decision = decisions_of(case).first()
    running = [clock for clock in every_clock if clock.stopped_at is None]
    findings = tuple(_then_and_now(case))
    stage = staged(case, evidence=evidence, events=every_event, every_clock=every_clock, at=at)
    advice = (*stage.guidance.advice, *(line for group in stage.guidance.care for line in group.lines))
    return SummaryScreen(
        head=head(case, by=by, current="mdt_summary"),
        questions=question_lines(case, at=at),
        findings=tuple(finding for finding in findings if finding.changed or finding.yes),
        unasked="; ".join(
            in_a_sentence(finding.label)
            for finding in findings
            if not finding.changed and finding.now == NOT_ASSESSED
        ),
        negative="; ".join(
            in_a_sentence(finding.label)
            for finding in findings
            if not finding.changed and finding.now == "No"
        ),
        picture=picture(mobility_points(case, outcomes_of(case))),
        spine=headline(spine),
        regions="; ".join(f"{region.name}: {region.words}" for region in region_lines(spine, at=at)),
        imaging=tuple(_imaging(events, at=at)),
        scores=score_lines(case, at=at),
        function=tuple(_function(record)),
        background=tuple(_background(case, record)),
        wishes=wishes_of(record),
        milestones=tuple(_milestones(case, events, at=at)),
        obligations=obligations_on(case, every_clock, at=at),
        clocks=clock_lines([clock for clock in running if clock.kind not in WHAT], at=at),
        advice=tuple(line for line in advice if line.topic in OF_TREATMENT),
        done=stage.done,
        sheet=_sheet(case),
        more_advice=sum(line.topic not in OF_TREATMENT for line in advice),
        opinions=tuple(_opinions(case)),
        decision=decision_line(decision, at=at) if decision else None,
        coordinated=coordinated_words(case, events, at=at),
        printed=near(at, at=at),
    )


def _sheet(case: Referral) -> str:
    """Who a printed sheet is about, on each sheet."""
    patient = case.patient
    number = f"NHS number {patient.nhs_number_words}" if patient.nhs_number else patient.nhs_number_words
    return f"{patient.name}, {number}, born {patient.born}, {case.reference}"


def _then_and_now(case: Referral) -> Iterator[Then]:
    first, presentation = from_json(case.presentation_sent), case.findings
    for question in QUESTIONS:
        if question.answers is not Answer:
            continue
        before, after = answer_in_words(first, question), answer_in_words(presentation, question)
        yield Then(
            label=question.label,
            then=before,
            now=after,
            changed=before != after,
            yes=answer_at(presentation, question.path) == Answer.YES,
        )


def _imaging(events: Sequence[Event], *, at: datetime) -> Iterator[str]:
    for event in events:
        when = near(event.occurred_at, at=at)
        if event.kind == "mri_performed":
            regions = ", ".join(codes.REGIONS[region].lower() for region in event.data["regions"])
            yield f"{codes.MODALITIES[event.data['modality']]} {when}: {regions}"
        elif event.kind == "mri_reported":
            result = codes.MRI_RESULTS.get(event.data.get("result", ""), "")
            regions = ", ".join(codes.REGIONS[region] for region in event.data.get("regions", ()))
            parts = (result, report_status(event.data), regions)
            yield f"Report {when}: {', '.join(part.lower() for part in parts if part)}"


def _function(known: dict[str, object]) -> Iterator[tuple[str, str]]:
    before, after = known.get("clinical.performance_status"), known.get("record.performance_status_now")
    frailty = known.get("clinical.clinical_frailty_scale")
    yield "Performance status before", PERFORMANCE.get(str(before), "Not recorded")
    yield "Performance status now", PERFORMANCE.get(str(after), "Not recorded")
    yield "Clinical Frailty Scale", str(frailty) if frailty else "Not recorded"


def _background(case: Referral, known: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name in ("cancer_context", "primary_site"):
        yield _label(name).label, answer_in_words(case.findings, _label(name))
    for path in BACKGROUND:
        if known.get(path):
            yield COMPLETED_LATER[path].label, str(known[path])


def _label(name: str) -> Question:
    return next(question for question in QUESTIONS if question.path == name)


def _milestones(case: Referral, events: Sequence[Event], *, at: datetime) -> Iterator[tuple[str, str]]:
    moments: list[tuple[datetime, str]] = [
        (case.clinician_suspected_at, "First suspected"),
        (case.submitted_at, "Referred"),
    ]
    if case.mscc_suspected_at:
        moments.append((case.mscc_suspected_at, "MSCC suspected"))
    if case.acknowledged_at:
        moments.append((case.acknowledged_at, f"Acknowledged by {case.acknowledged_by}"))
    names = {**codes.EVENT_WORDS, **codes.INTERNAL_EVENT_WORDS}
    for event in events:
        if event.kind == "died" and case.died_at is None:  # the report was struck out
            continue
        what = names[event.kind]
        if event.kind == "decision_to_treat":
            what += f": {codes.TREATMENT_MODALITIES[event.data['modality']].lower()}"
        moments.append((event.occurred_at, what))
    for instant, what in sorted(moments, key=lambda moment: moment[0]):
        yield near(instant, at=at), what


def _opinions(case: Referral) -> Iterator[tuple[str, str]]:
    recommends = next(spec for spec in OPINION if spec.name == "recommends")
    newest = {row.specialty: row for row in opinions_of(case)}
    for specialty, row in newest.items():
        advice = row.content.get("recommends")
        yield SPECIALTY_WORDS[specialty], words(recommends, advice) if advice else row.content["words"][:120]
