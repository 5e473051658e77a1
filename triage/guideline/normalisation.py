"""A presentation as the rules read it: normalised once, with no more than each decision needs."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from triage.guideline.course import Course
from triage.guideline.findings import (
    Answer,
    CancerContext,
    HaematologicalMalignancy,
    ImagingFinding,
    ImagingReport,
    MovementPain,
    Neurology,
    Pain,
    Presentation,
    PrimarySite,
)

YES, NO, NOT_ASSESSED = Answer.YES, Answer.NO, Answer.NOT_ASSESSED
KNOWN = (CancerContext.CURRENT, CancerContext.PAST)
POSITIVE = (ImagingFinding.SPINAL_METASTASES, ImagingFinding.IMPENDING_COMPRESSION, ImagingFinding.MSCC)
NOT_MSCC = (ImagingFinding.NO_MALIGNANT_DISEASE, ImagingFinding.NON_MALIGNANT_COMPRESSION)
EMPTY_COURSE = Course()


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """A group of findings as the stream reads it: any yes, any not assessed. With neither, all are no."""

    any_yes: bool
    any_not_assessed: bool

    @property
    def all_no(self) -> bool:
        return not self.any_yes and not self.any_not_assessed


_ANSWERS = {group: attrgetter(*group.__slots__) for group in (Pain, Neurology)}
_GROUPS = {
    (any_yes, open_): FindingGroup(any_yes, open_) for any_yes in (True, False) for open_ in (True, False)
}


def _group(findings: Pain | Neurology) -> FindingGroup:
    answers = _ANSWERS[type(findings)](findings)
    return _GROUPS[YES in answers, NOT_ASSESSED in answers]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInputs:
    """All that the stream may read. Single findings of the two groups, and age, are not here."""

    context: CancerContext
    pain: FindingGroup
    neurology: FindingGroup
    saddle: Answer
    low_back_pain: Answer
    instability: Answer
    movement_pain: MovementPain
    pain_severity: int | None
    imaging: ImagingFinding

    @property
    def known_cancer(self) -> bool:
        return self.context in KNOWN

    @property
    def any_neurology(self) -> bool:
        """Any neurology yes, saddle and sphincter signs among them."""
        return self.neurology.any_yes or self.saddle == YES

    @property
    def pain_seven_or_more(self) -> bool:
        return self.pain_severity is not None and self.pain_severity >= 7

    @property
    def severe_pain(self) -> bool:
        return self.pain_seven_or_more or self.movement_pain == MovementPain.SEVERE

    @property
    def positive_imaging(self) -> bool:
        return self.imaging in POSITIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation(StreamInputs):
    """All that advice, warnings, contact and clocks may read, with the stream already set."""

    stream: str
    provisional: bool
    context_entered: CancerContext
    haematological: HaematologicalMalignancy
    primary: PrimarySite
    severe_unremitting: Answer
    mechanical_pain: Answer
    radicular_pain: Answer
    bladder_or_bowel: Answer
    pain_controlled: Answer
    mri_contraindicated: Answer
    imaging_report: ImagingReport
    whole_spine_imaged: Answer
    active_infection: Answer
    dexamethasone_given: Answer
    over_limit: bool = False
    course: Course = EMPTY_COURSE

    @property
    def clean_or_not_malignant(self) -> bool:
        """The whole spine was imaged and no malignant disease is known, however certain the report."""
        return self.whole_spine_imaged == YES and self.imaging in NOT_MSCC

    @property
    def ruled_out(self) -> bool:
        """MSCC is ruled out: final reports of the whole spine show none. A statement without a report rules nothing out."""
        certain = self.imaging_report == ImagingReport.FINAL and not self.non_malignant_stated
        return self.clean_or_not_malignant and certain

    @property
    def non_malignant_stated(self) -> bool:
        """A referrer states a compression that is not malignant, and no report of this case shows it."""
        return self.imaging == ImagingFinding.NON_MALIGNANT_COMPRESSION and self.course.non_malignant_stated


def haematological_of(presentation: Presentation) -> HaematologicalMalignancy:
    """The haematological malignancy. `unknown` with a primary of myeloma or lymphoma reads as confirmed or suspected."""
    answer = presentation.haematological_malignancy
    if answer != HaematologicalMalignancy.UNKNOWN:
        return answer
    if presentation.primary_site not in (PrimarySite.MYELOMA, PrimarySite.LYMPHOMA):
        return answer
    if presentation.cancer_context in KNOWN:
        return HaematologicalMalignancy.CONFIRMED
    return HaematologicalMalignancy.SUSPECTED


def context_of(presentation: Presentation) -> CancerContext:
    """A confirmed haematological malignancy is a current cancer, a suspected one a suspected cancer at least."""
    haematological = haematological_of(presentation)
    if haematological == HaematologicalMalignancy.CONFIRMED:
        return CancerContext.CURRENT
    suspected = haematological == HaematologicalMalignancy.SUSPECTED
    if suspected and presentation.cancer_context == CancerContext.NONE_KNOWN:
        return CancerContext.SUSPECTED
    return presentation.cancer_context


ReadContext = Callable[[Presentation], CancerContext]


def stream_inputs(presentation: Presentation, *, read_context: ReadContext = context_of) -> StreamInputs:
    """What the stream rules read, with pain and neurology each reduced to one answer."""
    return StreamInputs(
        context=read_context(presentation),
        pain=_group(presentation.pain),
        neurology=_group(presentation.neurology),
        saddle=presentation.saddle_or_sphincter_signs,
        low_back_pain=presentation.low_back_pain,
        instability=presentation.instability_signs,
        movement_pain=presentation.movement_pain,
        pain_severity=presentation.pain_severity,
        imaging=presentation.imaging_finding,
    )


def situation_of(
    presentation: Presentation,
    inputs: StreamInputs,
    *,
    stream: str,
    provisional: bool,
    course: Course = EMPTY_COURSE,
) -> Situation:
    """What the rules after the stream read, from the same inputs; `course` is what has happened since referral."""
    return Situation(
        context=inputs.context,
        pain=inputs.pain,
        neurology=inputs.neurology,
        saddle=inputs.saddle,
        low_back_pain=inputs.low_back_pain,
        instability=inputs.instability,
        movement_pain=inputs.movement_pain,
        pain_severity=inputs.pain_severity,
        imaging=inputs.imaging,
        stream=stream,
        provisional=provisional,
        context_entered=presentation.cancer_context,
        haematological=haematological_of(presentation),
        primary=presentation.primary_site,
        severe_unremitting=presentation.pain.severe_unremitting,
        mechanical_pain=presentation.pain.mechanical,
        radicular_pain=presentation.neurology.radicular_pain,
        bladder_or_bowel=presentation.neurology.bladder_or_bowel_dysfunction,
        pain_controlled=presentation.pain_controlled_by_analgesia,
        mri_contraindicated=presentation.mri_contraindicated,
        imaging_report=presentation.imaging_report,
        whole_spine_imaged=presentation.whole_spine_imaged,
        active_infection=presentation.active_infection,
        dexamethasone_given=presentation.dexamethasone_given,
        course=course,
    )
