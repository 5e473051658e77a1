"""The spine and neurology over time, as the coordinator reads and settles them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.time import near
from oncall.kinds import KIND_AT
from referrals.arrival.reliance import acts_of, acts_resting_on, in_words
from referrals.case.models import Event, Referral
from referrals.case.states import Action
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.examination import ExaminationQuestion
from referrals.evidence.findings import Contradiction, Finding
from referrals.evidence.imaging import STATE_WORDS, Region, RegionState, SpinePicture
from referrals.evidence.neurology import FINDINGS, RECORDED_WALKING
from referrals.intake import codes
from referrals.intake.fields import WALKING
from referrals.intake.record_fields import COMPLETED_LATER
from referrals.intake.validation import label_of
from referrals.usecases.end_treatment_clocks import end_treatment_clocks, unnecessary_clocks
from referrals.usecases.settle_finding import confirm_finding, withdraw_finding
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct
from referrals.web.coordinator.casefile import CaseFile
from triage.guideline.findings import ANSWER_WORDS, QUESTION_AT, Answer, ImagingFinding, ImagingReport
from webkit.fields import Area, Choice
from webkit.forms import Fields

TREATED = ("radiotherapy_started", "surgery_started", "dexamethasone_given", "dexamethasone_stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLine:
    """One region of the drawing: its state as a code for the drawing, and the same in words."""

    name: str
    state: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineStep:
    """One column of the strip: when, how the person walks, what was found, what was done."""

    at: datetime
    when: str
    walking: str
    words: str
    treated: bool
    worse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineScreen:
    """The picture in words and for the drawing, what contradicts it, and neurology over time."""

    headline: str
    regions: Sequence[RegionLine]
    findings: Sequence[str]
    requests: Sequence[str]
    questions: Sequence[str]
    stated: Sequence[str]
    strip: Sequence[SpineStep]


def spine_screen(case: Referral, evidence: Evidence, events: Sequence[Event], *, at: datetime) -> SpineScreen:
    """The spine ready to print: regions, findings, scan requests, open questions, and neurology over time."""
    spine = evidence.picture
    return SpineScreen(
        headline=headline(spine),
        regions=tuple(region_lines(spine, at=at)),
        findings=tuple(_finding(row, at=at) for row in spine.findings),
        requests=tuple(_requests(spine)),
        questions=tuple(question_words(row) for row in evidence.questions),
        stated=tuple(stated_lines(spine)),
        strip=tuple(_strip(evidence, events, at=at)),
    )


def headline(spine: SpinePicture) -> str:
    """What is found, ruled out or open, in one sentence."""
    labels = ANSWER_WORDS[ImagingFinding]
    if spine.findings:
        worst = spine.findings[0]
        sure = (
            "stated, and no report shows it" if worst.stated_by else "final" if worst.final else "provisional"
        )
        return f"{labels[spine.finding]} ({sure}). It stands until a final report or a named person takes it away."
    if spine.ruled_out:
        return "MSCC is ruled out: final reports of neck, chest and lower back show no malignant disease."
    waiting = ", ".join(codes.REGIONS[name].lower() for name in spine.awaited)
    if waiting:
        return f"Nothing is ruled out: {waiting} scanned and not reported."
    if spine.report == ImagingReport.PROVISIONAL:
        return "Nothing is ruled out: not every report is final."
    return "Nothing is ruled out: there are not yet final reports of the whole spine."


def region_lines(spine: SpinePicture, *, at: datetime) -> Iterator[RegionLine]:
    """A line for each region of the spine, with its finding, or its imaging state where there is none."""
    for region in spine.regions:
        yield RegionLine(
            name=codes.REGIONS[region.name],
            state=region.finding or str(region.state),
            words=_region(region, at=at),
        )


def _region(region: Region, *, at: datetime) -> str:
    if region.state == RegionState.FINDING:
        words = ANSWER_WORDS[ImagingFinding][region.finding]
    else:
        words = STATE_WORDS[region.state].capitalize()
    if region.by_ct_only:
        return "CT only: CT cannot clear a region while MRI is possible"
    if region.report_at:
        words += f", {'final' if region.final else 'provisional'}, reported {near(region.report_at, at=at)}"
    elif region.scan_at:
        words += f", {near(region.scan_at, at=at)}"
    return words + (" (no scan of it was reported)" if region.assumed else "")


def _finding(finding: Finding, *, at: datetime) -> str:
    withdrawn = "; its report was withdrawn" if finding.report_withdrawn else ""
    sure = "" if finding.stated_by else ", final" if finding.final else ", provisional"
    words = in_words(finding, at=at)
    return f"{words[0].upper()}{words[1:]}{sure}{withdrawn}"


def _contradiction(contradiction: Contradiction, *, at: datetime) -> str:
    sure = "final" if contradiction.final else "provisional"
    return (
        f"A {sure} report of {near(contradiction.reported_at, at=at)} says that there is no malignant disease where this finding stands: "
        f"{in_words(contradiction.finding, at=at)}"
    )


def _requests(spine: SpinePicture) -> Iterator[str]:
    if spine.unplaced:
        yield (
            "A report does not say which regions it covers, and it is not clear which scan it reports. It clears no region: "
            "record it again with its regions"
        )
    if spine.assumed:
        yield "A region was reported and no scan of it is recorded: record the scan with its time"


def stated_lines(spine: SpinePicture) -> Iterator[str]:
    """Imaging as the referral states it, and how it is read."""
    for name, value in spine.stated.items():
        question = QUESTION_AT[name]
        words = ANSWER_WORDS[question.answers][value] if question.answers else value
        yield f"{question.label} {words}. Stated in the referral: it can raise the stream but rules nothing out"


def question_words(question: ExaminationQuestion) -> str:
    """Where the record and the answers do not fit, as a question to the coordinator."""
    spec = COMPLETED_LATER[question.path]
    value = spec.codes.get(str(question.value), str(question.value)) if spec.codes else str(question.value)
    answer = ANSWER_WORDS[Answer][question.answer].lower()
    return f"{label_of(question.path)}: {value}. “{QUESTION_AT[question.finding].label}” is {answer}. Which is right?"


def _strip(evidence: Evidence, events: Sequence[Event], *, at: datetime) -> Iterator[SpineStep]:
    """Walking and findings over time, with treatment among them."""
    steps = [
        SpineStep(
            at=examination.at,
            when=near(examination.at, at=at),
            walking=examination.walking,
            words=_examined(examination.answers, examination.walking, examination.worse, examination.better),
            treated=False,
            worse=bool(examination.worse),
        )
        for examination in evidence.examinations
        if examination.answers or examination.measured
    ]
    steps += [
        SpineStep(
            at=e.occurred_at,
            when=near(e.occurred_at, at=at),
            walking="",
            words=codes.EVENT_WORDS[e.kind],
            treated=True,
            worse=False,
        )
        for e in events
        if e.kind in TREATED
    ]
    yield from sorted(steps, key=lambda step: step.at)


def _examined(answers: Mapping[str, str], walking: str, worse: Sequence[str], better: Sequence[str]) -> str:
    yes = [_named(name) for name, answer in answers.items() if answer == Answer.YES]
    parts = [
        *([WALKING[walking]] if walking in WALKING else []),
        *([f"yes: {', '.join(yes)}"] if yes else []),
        *([f"worse: {', '.join(map(_named, worse))}"] if worse else []),
        *([f"better: {', '.join(map(_named, better))}"] if better else []),
    ]
    return "; ".join(parts) or "examined, no finding"


def _named(name: str) -> str:
    if name == RECORDED_WALKING:
        return "walking"
    if name in FINDINGS:
        path = name if name in QUESTION_AT else f"neurology.{name}"
        label = QUESTION_AT[path].label
        return label[0].lower() + label[1:]
    return label_of(name).lower()


def changed_lines(case: Referral, spine: SpinePicture, *, at: datetime) -> tuple[str, ...]:
    """What rests on a finding that is contradicted, or whose report was withdrawn."""
    doubtful = {row.finding.number: row.finding for row in spine.contradictions}
    doubtful |= {row.number: row for row in spine.findings if row.report_withdrawn}
    if not doubtful:
        return ()
    acts = acts_of(case)
    return tuple(line for finding in doubtful.values() for line in acts_resting_on(acts, finding, at=at))


def contradiction_lines(spine: SpinePicture, *, at: datetime) -> tuple[str, ...]:
    """A sentence for each finding that a later report contradicts; empty when none does."""
    return tuple(_contradiction(row, at=at) for row in spine.contradictions)


def _standing_findings(file: CaseFile) -> dict[str, str]:
    return {str(finding.number): _finding(finding, at=file.at) for finding in file.evidence.picture.findings}


def _contradictions(file: CaseFile) -> dict[str, str]:
    rows = file.evidence.picture.contradictions
    return {f"{row.finding.number}:{row.report}": _contradiction(row, at=file.at) for row in rows}


def _withdrawal_inputs(file: CaseFile) -> Fields:
    stands = _standing_findings(file)
    return {
        "finding": Choice("Which finding", stands, initial=next(iter(stands), "")),
        "text": Area(
            "Why, and who says so",
            hint="Such as: amended by the radiologist Dr Shah, by telephone; report of another patient",
        ),
    }


def _confirmation_inputs(file: CaseFile) -> Fields:
    against = _contradictions(file)
    return {
        "contradiction": Choice("Which", against, initial=next(iter(against), "")),
        "text": Area(
            "Why it stands, and who says so",
            hint="Such as: the later report is of the lumbar spine alone; spoken to the radiologist Dr Shah",
        ),
    }


def _withdraw(sent: SentAct) -> str:
    number = sent["finding"]
    withdraw_finding(
        sent.reference,
        finding=int(number) if number.isdecimal() and len(number) < 18 else -1,
        text=(sent.typed.get("text") or [""])[-1],
        act=sent.act,
    )
    return "The finding is taken away in your name, and the guideline advice is updated"


def _confirm(sent: SentAct) -> str:
    finding, _, report = sent["contradiction"].partition(":")
    numbers = [int(part) if part.isdecimal() and len(part) < 18 else -1 for part in (finding, report)]
    confirm_finding(
        sent.reference,
        finding=numbers[0],
        report=numbers[1],
        text=(sent.typed.get("text") or [""])[-1],
        act=sent.act,
    )
    return "The finding stands in your name"


def _end_clocks(sent: SentAct) -> str:
    end_treatment_clocks(sent.reference, act=sent.act)
    return "Those clocks have ended as not needed"


def clocks_to_end(file: CaseFile) -> tuple[str, ...]:
    """The running clocks that the picture of the spine makes unnecessary, in words."""
    kinds = unnecessary_clocks(file.evidence.picture)
    return tuple(KIND_AT[clock.kind].label.lower() for clock in file.running if clock.kind in kinds)


SPINE_ACTS = (
    CaseAct(
        name="confirm-finding",
        title="The finding stands",
        group=ActGroup.SCAN,
        action=Action.CONFIRM_FINDING,
        button="It stands",
        do=_confirm,
        fields=_confirmation_inputs,
        unless=lambda file: "" if _contradictions(file) else "No report contradicts a finding",
    ),
    CaseAct(
        name="withdraw-finding",
        title="A finding is wrong: take it away",
        group=ActGroup.SCAN,
        action=Action.WITHDRAW_FINDING,
        button="Take it away",
        do=_withdraw,
        fields=_withdrawal_inputs,
        unless=lambda file: "" if _standing_findings(file) else "No finding stands",
    ),
    CaseAct(
        name="end-clocks",
        title="End the clocks that imaging makes unnecessary",
        group=ActGroup.SCAN,
        action=Action.END_CLOCKS,
        button="End them: not needed",
        do=_end_clocks,
        unless=lambda file: (
            "" if clocks_to_end(file) else "What is known about the spine ends no running clock"
        ),
    ),
)
