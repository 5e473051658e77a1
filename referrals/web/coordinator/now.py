"""The Now view of a case: what is known at a glance, and the act that is due, filled in and ready."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from kernel.time import near
from referrals.case.record import record_values
from referrals.case.states import Status
from referrals.correspondence.language import PREFERRED, language_line
from referrals.evidence.neurology import WALKING_ORDER
from referrals.intake.codes import ADVICE_ANSWERS, ADVICE_TOPICS
from referrals.intake.fields import WALKING
from referrals.intake.labels import in_sentence
from referrals.web import clinical_words
from referrals.web.clock_lines import ClockLine, clock_lines
from referrals.web.coordinator import record_lines
from referrals.web.coordinator.act import ActForm, form_of
from referrals.web.coordinator.act_links import ActLink, act_link
from referrals.web.coordinator.acts import ACTS
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.next_step import NextStep, next_step
from referrals.web.coordinator.pathway import imaging_cautions
from referrals.web.coordinator.spine import SpineScreen, clocks_to_end, spine_screen
from triage.assess import as_still_said
from triage.web.guidance import Guidance, guidance
from webkit.inputs import Input


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkingStep:
    """One grade of walking, and whether the person was there two weeks ago and is there now."""

    words: str
    before: bool
    now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What is known, in the order in which it is looked for."""

    cautions: Sequence[str]
    positives: Sequence[str]
    unassessed: str
    cancer: str
    walking: Sequence[WalkingStep]
    walking_words: str
    facts: Sequence[tuple[str, str]]
    spine: SpineScreen


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The act that is due. `chosen` is a decision ready to be taken as it stands: its lines, and its fields."""

    step: NextStep
    form: ActForm | None
    chosen: Sequence[tuple[str, str]] = ()
    hidden: Sequence[tuple[str, str]] = ()
    change: str = ""  # the address where it can be decided otherwise
    elsewhere: bool = False  # it is done on a page of its own
    lowers: bool = False  # the guideline suggests another stream than the one that stands

    @property
    def is_due(self) -> bool:
        return bool(self.step.act) or self.elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class NowScreen:
    glance: Glance
    due: Due
    next_acts: Sequence[ActLink]
    clocks: Sequence[ClockLine]
    obligations: Sequence[str]
    guidance: Guidance
    seen_by: str
    standing: str
    responsible: str
    last_contact: str


def now_screen(file: CaseFile, drafts: dict[str, str]) -> NowScreen:
    """`drafts` has when something was typed into a form and not sent, by act."""
    case, at = file.case, file.at
    due = _due(file, drafts)
    advice = guidance_of(file)
    return NowScreen(
        glance=_glance(file, advice),
        due=due,
        next_acts=tuple(_next_acts(file, due.step.act)) if file.may_act else (),
        clocks=clock_lines(file.running, at=at),
        obligations=tuple(f"{line.words} {line.standing}" for line in file.obligations if line.open),
        guidance=advice,
        seen_by=record_lines.acknowledgement_line(case, at=at),
        standing=file.standing.claim,
        responsible=file.standing.responsible,
        last_contact=record_lines.last_call_line(case.last_call, at=at),
    )


def guidance_of(file: CaseFile) -> Guidance:
    """What the guideline says now, with what was done about it."""
    result, care = as_still_said(file.assessment)
    return guidance(
        result,
        at=file.at,
        acknowledged=file.case.acknowledged_at is not None,
        for_coordinator=True,
        care=care,
        answers=file.answers,
        numbers=file.confirmed,
    )


def _glance(file: CaseFile, advice: Guidance) -> Glance:
    case, presentation = file.case, file.evidence.presentation
    spine = spine_screen(case, file.evidence, file.events, at=file.at)
    record = record_values(case, file.details)
    open_findings = clinical_words.unassessed(presentation)
    before, now = _walking(file, record)
    return Glance(
        cautions=(
            *advice.warnings,
            *advice.cautions,
            *imaging_cautions(case, file.events, file.evidence.picture, file.running, at=file.at),
            *spine.requests,
            *(f"Does not fit: {line}" for line in spine.questions),
        ),
        positives=clinical_words.positives(presentation),
        unassessed=", ".join(open_findings[:4])
        + (f" and {len(open_findings) - 4} more" if len(open_findings) > 4 else ""),
        cancer=clinical_words.cancer(presentation),
        walking=tuple(
            WalkingStep(words=WALKING[grade], before=grade == before, now=grade == now)
            for grade in WALKING_ORDER
        ),
        walking_words=f"now {clinical_words.walking(now)}; two weeks ago {clinical_words.walking(before)}",
        facts=tuple(_facts(file, record)),
        spine=spine,
    )


def _walking(file: CaseFile, record: dict[str, object]) -> tuple[str, str]:
    """How the person walked two weeks ago, and how at the last examination that says so."""
    since = file.case.clinician_suspected_at  # an older examination, told later, takes nothing away
    grades = [
        examination.walking
        for examination in file.evidence.examinations
        if examination.walking in WALKING_ORDER and examination.at >= since
    ]
    before = str(record.get("clinical.walking_two_weeks_ago") or "not_assessed")
    return before, grades[-1] if grades else str(record.get("clinical.walking_now") or "not_assessed")


def _facts(file: CaseFile, record: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Steroid, infection, anticoagulant, wishes, and what a call has to reckon with; unknown is said as such."""
    presentation, at = file.evidence.presentation, file.at
    doses = [
        event
        for event in file.events
        if event.kind == "dexamethasone_given"
        or (event.kind == "dexamethasone_stopped" and event.occurred_at >= file.case.clinician_suspected_at)
    ]
    steroid = {"yes": "given", "no": "not given", "not_assessed": "not asked"}[
        presentation.dexamethasone_given
    ]
    if doses:
        last = doses[-1]
        amount = f" {last.data['dose_mg']:g} mg" if last.data.get("dose_mg") else ""
        steroid = f"{'given' if last.kind == 'dexamethasone_given' else 'stopped'}{amount}, {near(last.occurred_at, at=at)}"
    elif dose := (file.case.clinical.get("dexamethasone") or {}).get("dose_mg"):
        steroid = f"{steroid}, {dose} mg"
    yield "Steroid", steroid
    infection = {"yes": "yes", "no": "no", "not_assessed": "not asked"}[presentation.active_infection]
    risk = record.get("record.infection_risk")
    yield "Infection", f"{infection}; {risk}" if risk else infection
    yield "Anticoagulant", str(record.get("clinical.anticoagulant") or "not asked")
    wishes = [str(record[path]) for path in WISHES if record.get(path)]
    yield "Wishes", "; ".join(wishes) or "not recorded"
    language = language_line(file.case.patient)
    if language:
        yield "Language", language.removeprefix(f"{PREFERRED}: ")


WISHES = ("record.treatment_wishes", "clinical.resuscitation_and_wishes", "record.advance_decisions")


def _due(file: CaseFile, drafts: dict[str, str]) -> Due:
    case = file.case
    step = next_step(case, file.running)
    if not step.act or not file.may_act:
        return Due(step=step, form=None, elsewhere=not step.act and step.address != _page(file))
    act = ACTS[step.act]
    form = form_of(act, file, back=_page(file), began=drafts.get(step.act, ""))
    as_suggested = case.status == Status.ACKNOWLEDGED and case.stream == case.suggested_stream
    if step.act != "triage" or not as_suggested or form.refused or form.began:
        return Due(step=step, form=form, lowers=step.act == "triage" and case.stream != case.suggested_stream)
    chosen, hidden = as_it_stands(form.inputs)
    return Due(step=step, form=form, chosen=chosen, hidden=hidden, change=act.address(case))


def _page(file: CaseFile) -> str:
    return reverse("case", args=[file.case.reference])


def as_it_stands(inputs: Sequence[Input]) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """A form that is taken as it is filled in: its choices in words, and the fields that say so."""
    lines: list[tuple[str, str]] = []
    fields: list[tuple[str, str]] = []
    for entry in inputs:
        chosen = [option for option in entry.options if option.chosen]
        fields += [(entry.name, option.value) for option in chosen]
        words = ", ".join(option.text for option in chosen if option.value)
        if words and not entry.name.startswith(_ADVICE):
            lines.append((entry.label, words))
    lines += _advice_in_short(inputs)
    return tuple(lines), tuple(fields)


_ADVICE = "advice."


def _advice_in_short(inputs: Sequence[Input]) -> Iterator[tuple[str, str]]:
    """Advice by its answer: given, on pain management and immobilisation."""
    topics: dict[str, list[str]] = {}
    for entry in inputs:
        if entry.name.startswith(_ADVICE):
            chosen = next(option.text for option in entry.options if option.chosen)
            topics.setdefault(chosen, []).append(ADVICE_TOPICS[entry.name.removeprefix(_ADVICE)].lower())
    for answer in filter(topics.get, ADVICE_ANSWERS.values()):
        yield f"Advice {in_sentence(answer)}", ", ".join(topics[answer])


def _next_acts(file: CaseFile, due: str) -> Iterator[ActLink]:
    """The three that are most likely next, besides the one that is due."""
    kinds = {event.kind for event in file.events}
    scan = next((after for kind, after in _NEXT_SCAN if kind in kinds), "mri_booked")
    ending = ("end-clocks",) if clocks_to_end(file) else ()
    offered = dict.fromkeys((*ending, "deterioration", "contact", scan, "disposition", "message", "reopen"))
    allowed = (act_link(name, file) for name in offered if name != due)
    yield from [link for link in allowed if not link.refused][:3]


# The step of a scan that follows the last one that was told.
_NEXT_SCAN = (
    ("mri_reported", "disposition"),
    ("mri_performed", "mri_reported"),
    ("mri_booked", "mri_performed"),
)
