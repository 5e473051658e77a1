"""How a presentation is read: normalised once, and no wider than each decision needs."""

from dataclasses import dataclass

from triage.guideline.course import Course
from triage.guideline.findings import (
    Answer,
    CancerContext,
    HaematologicalMalignancy,
    ImagingFinding,
    MovementPain,
    Neurology,
    Pain,
    Presentation,
    PrimarySite,
)

YES, NO, NOT_ASSESSED = Answer.YES, Answer.NO, Answer.NOT_ASSESSED
KNOWN = (CancerContext.CURRENT, CancerContext.PAST)
POSITIVE = (ImagingFinding.SPINAL_METASTASES, ImagingFinding.IMPENDING_COMPRESSION, ImagingFinding.MSCC)
RULED_OUT = (ImagingFinding.NO_MALIGNANT_DISEASE, ImagingFinding.NON_MALIGNANT_COMPRESSION)


UNRECORDED = Course()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of findings, as the stream may see it: any yes, any not assessed; neither is all no."""

    any_yes: bool
    any_not_assessed: bool

    @property
    def all_no(self) -> bool:
        return not self.any_yes and not self.any_not_assessed


def _group(findings: Pain | Neurology) -> Group:
    answers = [getattr(findings, name) for name in findings.__slots__]
    return Group(YES in answers, NOT_ASSESSED in answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInputs:
    """All that the stream may read. Single findings of the two groups, and age, are not here."""

    context: CancerContext
    pain: Group
    neurology: Group
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
    haematological: HaematologicalMalignancy
    primary: PrimarySite
    severe_unremitting: Answer
    mechanical_pain: Answer
    radicular_pain: Answer
    bladder_or_bowel: Answer
    pain_controlled: Answer
    mri_contraindicated: Answer
    whole_spine_imaged: Answer
    dexamethasone_given: Answer
    over_limit: bool = False
    course: Course = UNRECORDED

    @property
    def ruled_out(self) -> bool:
        """MSCC is ruled out: the whole spine was imaged and shows none."""
        return self.whole_spine_imaged == YES and self.imaging in RULED_OUT


def haematological_of(presentation: Presentation) -> HaematologicalMalignancy:
    """Not known, with a primary of myeloma or lymphoma, reads as confirmed or suspected."""
    entered = presentation.haematological_malignancy
    if entered != HaematologicalMalignancy.UNKNOWN:
        return entered
    if presentation.primary_site not in (PrimarySite.MYELOMA, PrimarySite.LYMPHOMA):
        return entered
    if presentation.cancer_context in KNOWN:
        return HaematologicalMalignancy.CONFIRMED
    return HaematologicalMalignancy.SUSPECTED


def context_of(presentation: Presentation) -> CancerContext:
    """A confirmed haematological malignancy is a current cancer, whatever else was ticked."""
    if haematological_of(presentation) == HaematologicalMalignancy.CONFIRMED:
        return CancerContext.CURRENT
    return presentation.cancer_context


def stream_inputs(presentation: Presentation) -> StreamInputs:
    return StreamInputs(
        context=context_of(presentation),
        pain=_group(presentation.pain),
        neurology=_group(presentation.neurology),
        saddle=presentation.saddle_or_sphincter_signs,
        low_back_pain=presentation.low_back_pain,
        instability=presentation.instability_signs,
        movement_pain=presentation.movement_pain,
        pain_severity=presentation.pain_severity,
        imaging=presentation.imaging_finding,
    )


def situation(
    presentation: Presentation,
    inputs: StreamInputs,
    *,
    stream: str,
    provisional: bool,
    course: Course = UNRECORDED,
) -> Situation:
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
        haematological=haematological_of(presentation),
        primary=presentation.primary_site,
        severe_unremitting=presentation.pain.severe_unremitting,
        mechanical_pain=presentation.pain.mechanical,
        radicular_pain=presentation.neurology.radicular_pain,
        bladder_or_bowel=presentation.neurology.bladder_or_bowel_dysfunction,
        pain_controlled=presentation.pain_controlled_by_analgesia,
        mri_contraindicated=presentation.mri_contraindicated,
        whole_spine_imaged=presentation.whole_spine_imaged,
        dexamethasone_given=presentation.dexamethasone_given,
        course=course,
    )
