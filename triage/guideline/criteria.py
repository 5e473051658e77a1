"""The vocabulary of the rules: each criterion of a situation, named once in plain words."""

from triage.guideline.findings import (
    NEUROLOGY_QUESTIONS,
    PAIN_QUESTIONS,
    CancerContext,
    HaematologicalMalignancy,
    ImagingFinding,
    ImagingReport,
    MovementPain,
    PrimarySite,
)
from triage.guideline.normalisation import NOT_ASSESSED, YES
from triage.guideline.rule import Criterion, Stream

# The questions a criterion reads. The context of cancer also depends on the haematological malignancy.
_CANCER = ("cancer_context", "haematological_malignancy", "primary_site")
_PAIN = tuple(question.path for question in PAIN_QUESTIONS)
_NEUROLOGY = tuple(question.path for question in NEUROLOGY_QUESTIONS)
_SADDLE, _IMAGING, _STREAM = ("saddle_or_sphincter_signs",), ("imaging_finding",), ("stream",)
_IMAGED = ("whole_spine_imaged", "imaging_finding", "imaging_report")

# Read by the stream.
KNOWN_CANCER = Criterion(
    "cancer is known, past or present", lambda s: s.known_cancer, "no cancer is diagnosed", reads=_CANCER
)
CANCER_SUSPECTED = Criterion(
    "cancer is suspected", lambda s: s.context == CancerContext.SUSPECTED, reads=_CANCER
)
NO_KNOWN_CANCER = Criterion(
    "no cancer is known or suspected",
    lambda s: s.context == CancerContext.NONE_KNOWN,
    "cancer is known or suspected",
    reads=_CANCER,
)
ANY_NEUROLOGY = Criterion(
    "there is a neurological symptom or sign", lambda s: s.any_neurology, reads=_NEUROLOGY + _SADDLE
)
NEUROLOGY_NOT_ASSESSED = Criterion(
    "some neurology was not assessed", lambda s: s.neurology.any_not_assessed, reads=_NEUROLOGY
)
ALL_NEUROLOGY_NO = Criterion(
    "all six neurology findings are no", lambda s: s.neurology.all_no, reads=_NEUROLOGY
)
ANY_PAIN = Criterion("there is a suspicious pain characteristic", lambda s: s.pain.any_yes, reads=_PAIN)
PAIN_NOT_ASSESSED = Criterion(
    "some pain characteristic was not assessed", lambda s: s.pain.any_not_assessed, reads=_PAIN
)
LOW_BACK_PAIN = Criterion(
    "there is other back pain", lambda s: s.low_back_pain == YES, reads=("low_back_pain",)
)
INSTABILITY = Criterion(
    "there are signs of spinal instability",
    lambda s: s.instability == YES,
    "there are no signs of instability",
    reads=("instability_signs",),
)
SEVERE_PAIN = Criterion(
    "pain is 7 or more, or severe on movement",
    lambda s: s.severe_pain,
    reads=("pain_severity", "movement_pain"),
)
POSITIVE_IMAGING = Criterion(
    "imaging shows metastases or compression", lambda s: s.positive_imaging, reads=_IMAGING
)
MSCC_ON_IMAGING = Criterion(
    "imaging shows MSCC",
    lambda s: s.imaging == ImagingFinding.MSCC,
    "imaging does not show MSCC",
    reads=_IMAGING,
)
IMPENDING = Criterion(
    "imaging shows impending compression",
    lambda s: s.imaging == ImagingFinding.IMPENDING_COMPRESSION,
    "imaging does not show impending compression",
    reads=_IMAGING,
)
NON_MALIGNANT_COMPRESSION = Criterion(
    "imaging shows compression that is not malignant",
    lambda s: s.imaging == ImagingFinding.NON_MALIGNANT_COMPRESSION,
    reads=_IMAGING,
)

# Read by advice, warnings, contact and clocks as well.
EMERGENCY = Criterion(
    "the stream is emergency",
    lambda s: s.stream == Stream.EMERGENCY,
    "the stream is not emergency",
    reads=_STREAM,
)
ONE_WEEK = Criterion("the stream is one week", lambda s: s.stream == Stream.ONE_WEEK, reads=_STREAM)
URGENT_ONCOLOGY = Criterion(
    "the stream is urgent oncology", lambda s: s.stream == Stream.URGENT_ONCOLOGY, reads=_STREAM
)
SAFETY_NET = Criterion("the stream is safety net", lambda s: s.stream == Stream.SAFETY_NET, reads=_STREAM)
OUTSIDE_PATHWAY = Criterion(
    "the stream is outside the pathway", lambda s: s.stream == Stream.OUTSIDE_PATHWAY, reads=_STREAM
)
INSUFFICIENT = Criterion(
    "the stream is not enough information",
    lambda s: s.stream == Stream.INSUFFICIENT_INFORMATION,
    reads=_STREAM,
)
PROVISIONAL = Criterion("the stream is provisional", lambda s: s.provisional, reads=_STREAM)
SADDLE_NOT_YES = Criterion(
    "no saddle or sphincter sign is recorded", lambda s: s.saddle != YES, reads=_SADDLE
)
SADDLE_OR_BLADDER = Criterion(
    "there are bladder, bowel, saddle or sphincter signs",
    lambda s: s.bladder_or_bowel == YES or s.saddle == YES,
    reads=("neurology.bladder_or_bowel_dysfunction", *_SADDLE),
)
RADICULAR_PAIN = Criterion(
    "there is radicular pain", lambda s: s.radicular_pain == YES, reads=("neurology.radicular_pain",)
)
PAIN_RATED = Criterion("pain is rated above 0", lambda s: bool(s.pain_severity), reads=("pain_severity",))
PAIN_ON_MOVEMENT = Criterion(
    "there is pain on movement",
    lambda s: s.movement_pain not in (MovementPain.NONE, MovementPain.NOT_ASSESSED),
    reads=("movement_pain",),
)
MODERATE_MOVEMENT_PAIN = Criterion(
    "pain on movement is moderate or severe",
    lambda s: s.movement_pain in (MovementPain.MODERATE, MovementPain.SEVERE),
    reads=("movement_pain",),
)
VERY_SEVERE_PAIN = Criterion(
    "pain is 7 or more, or severe and unremitting",
    lambda s: s.pain_seven_or_more or s.severe_unremitting == YES,
    "pain is below 7 and not severe and unremitting",
    reads=("pain_severity", "pain.severe_unremitting"),
)
PAIN_NOT_CONTROLLED = Criterion(
    "analgesia does not control the pain",
    lambda s: s.pain_controlled == "no",
    reads=("pain_controlled_by_analgesia",),
)
MRI_CONTRAINDICATED = Criterion(
    "MRI is contraindicated",
    lambda s: s.mri_contraindicated == YES,
    "MRI is not contraindicated",
    reads=("mri_contraindicated",),
)
WHOLE_SPINE_IMAGED = Criterion(
    "the whole spine has been imaged",
    lambda s: s.whole_spine_imaged == YES,
    "the whole spine has not been imaged",
    reads=("whole_spine_imaged",),
)
NON_MALIGNANT_REPORTED = Criterion(
    "a report shows compression that is not malignant",
    lambda s: s.imaging == ImagingFinding.NON_MALIGNANT_COMPRESSION and not s.non_malignant_stated,
    "no report shows compression that is not malignant",
    reads=_IMAGING,
)
NO_IMAGING_FINDING = Criterion(
    "no finding of imaging is known", lambda s: s.imaging == ImagingFinding.NONE, reads=_IMAGING
)
NO_MALIGNANT_DISEASE = Criterion(
    "imaging shows no malignant disease",
    lambda s: s.imaging == ImagingFinding.NO_MALIGNANT_DISEASE,
    reads=_IMAGING,
)
CLEAN_OR_NOT_MALIGNANT = Criterion(
    "the whole spine was imaged and shows no malignant disease",
    lambda s: s.clean_or_not_malignant,
    reads=_IMAGED,
)
REPORT_NOT_FINAL = Criterion(
    "not every report is final", lambda s: s.imaging_report != ImagingReport.FINAL, reads=("imaging_report",)
)
NEUROLOGY_OR_SADDLE_NOT_ASSESSED = Criterion(
    "some neurology or saddle sign was not assessed",
    lambda s: s.neurology.any_not_assessed or s.saddle == NOT_ASSESSED,
    reads=_NEUROLOGY + _SADDLE,
)
ACTIVE_INFECTION = Criterion(
    "there is an active infection", lambda s: s.active_infection == YES, reads=("active_infection",)
)
PAST_CANCER_ENTERED = Criterion(
    "cancer was entered as past", lambda s: s.context_entered == CancerContext.PAST, reads=("cancer_context",)
)
RULED_OUT = Criterion("MSCC is ruled out", lambda s: s.ruled_out, "MSCC is not ruled out", reads=_IMAGED)
DEXAMETHASONE_GIVEN = Criterion(
    "dexamethasone has been given",
    lambda s: s.dexamethasone_given == YES,
    "dexamethasone has not been given",
    reads=("dexamethasone_given",),
)
HAEMATOLOGICAL_CONFIRMED = Criterion(
    "a haematological malignancy is confirmed",
    lambda s: s.haematological == HaematologicalMalignancy.CONFIRMED,
    "no haematological malignancy is confirmed",
    reads=_CANCER,
)
HAEMATOLOGICAL_SUSPECTED = Criterion(
    "a haematological malignancy is suspected",
    lambda s: s.haematological == HaematologicalMalignancy.SUSPECTED,
    "no haematological malignancy is suspected",
    reads=_CANCER,
)
BREAST_OR_MYELOMA = Criterion(
    "the primary is breast or myeloma",
    lambda s: s.primary in (PrimarySite.BREAST, PrimarySite.MYELOMA),
    "the primary is neither breast nor myeloma",
    reads=("primary_site",),
)
PROSTATE = Criterion(
    "the primary is prostate", lambda s: s.primary == PrimarySite.PROSTATE, reads=("primary_site",)
)
PRIMARY_UNKNOWN = Criterion(
    "the primary is unknown", lambda s: s.primary == PrimarySite.UNKNOWN, reads=("primary_site",)
)
LYMPHOMA = Criterion(
    "the primary is lymphoma", lambda s: s.primary == PrimarySite.LYMPHOMA, reads=("primary_site",)
)
SOLID_NOT_PROSTATE = Criterion(
    "the primary is a solid tumour other than prostate",
    lambda s: (
        s.primary
        not in (
            PrimarySite.PROSTATE,
            PrimarySite.UNKNOWN,
            PrimarySite.NOT_RECORDED,
            PrimarySite.MYELOMA,
            PrimarySite.LYMPHOMA,
        )
    ),
    reads=("primary_site",),
)
OVER_LIMIT = Criterion("a formal clock is past its limit", lambda s: s.over_limit)
