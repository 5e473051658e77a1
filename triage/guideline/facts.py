"""The vocabulary of the rules: each fact about a situation, named once and in plain words."""

from triage.guideline.findings import (
    CancerContext,
    HaematologicalMalignancy,
    ImagingFinding,
    MovementPain,
    PrimarySite,
)
from triage.guideline.reading import YES
from triage.guideline.rule import Fact, Stream

# What the stream reads.
KNOWN_CANCER = Fact("cancer is known, past or present", lambda s: s.known_cancer, "no cancer is diagnosed")
CANCER_SUSPECTED = Fact("cancer is suspected", lambda s: s.context == CancerContext.SUSPECTED)
NO_KNOWN_CANCER = Fact(
    "no cancer is known or suspected",
    lambda s: s.context == CancerContext.NONE_KNOWN,
    "cancer is known or suspected",
)
ANY_NEUROLOGY = Fact("there is a neurological symptom or sign", lambda s: s.any_neurology)
NEUROLOGY_NOT_ASSESSED = Fact("some neurology was not assessed", lambda s: s.neurology.any_not_assessed)
ALL_NEUROLOGY_NO = Fact("all six neurology findings are no", lambda s: s.neurology.all_no)
ANY_PAIN = Fact("there is a suspicious pain characteristic", lambda s: s.pain.any_yes)
PAIN_NOT_ASSESSED = Fact("some pain characteristic was not assessed", lambda s: s.pain.any_not_assessed)
LOW_BACK_PAIN = Fact("there is other back pain", lambda s: s.low_back_pain == YES)
INSTABILITY = Fact(
    "there are signs of spinal instability",
    lambda s: s.instability == YES,
    "there are no signs of instability",
)
SEVERE_PAIN = Fact("pain is 7 or more, or severe on movement", lambda s: s.severe_pain)
POSITIVE_IMAGING = Fact("imaging shows metastases or compression", lambda s: s.positive_imaging)
MSCC_ON_IMAGING = Fact(
    "imaging shows MSCC", lambda s: s.imaging == ImagingFinding.MSCC, "imaging does not show MSCC"
)
IMPENDING = Fact(
    "imaging shows impending compression",
    lambda s: s.imaging == ImagingFinding.IMPENDING_COMPRESSION,
    "imaging does not show impending compression",
)
NON_MALIGNANT_COMPRESSION = Fact(
    "imaging shows compression that is not malignant",
    lambda s: s.imaging == ImagingFinding.NON_MALIGNANT_COMPRESSION,
)

# What advice, warnings, contact and clocks read besides.
EMERGENCY = Fact(
    "the stream is emergency", lambda s: s.stream == Stream.EMERGENCY, "the stream is not emergency"
)
ONE_WEEK = Fact("the stream is one week", lambda s: s.stream == Stream.ONE_WEEK)
URGENT_ONCOLOGY = Fact("the stream is urgent oncology", lambda s: s.stream == Stream.URGENT_ONCOLOGY)
SAFETY_NET = Fact("the stream is safety net", lambda s: s.stream == Stream.SAFETY_NET)
OUTSIDE_PATHWAY = Fact("the stream is outside the pathway", lambda s: s.stream == Stream.OUTSIDE_PATHWAY)
INSUFFICIENT = Fact(
    "the stream is not enough information", lambda s: s.stream == Stream.INSUFFICIENT_INFORMATION
)
PROVISIONAL = Fact("the stream is provisional", lambda s: s.provisional)
SADDLE_NOT_YES = Fact("no saddle or sphincter sign is recorded", lambda s: s.saddle != YES)
SADDLE_OR_BLADDER = Fact(
    "there are bladder, bowel, saddle or sphincter signs",
    lambda s: s.bladder_or_bowel == YES or s.saddle == YES,
)
RADICULAR_PAIN = Fact("there is radicular pain", lambda s: s.radicular_pain == YES)
PAIN_RATED = Fact("pain is rated above 0", lambda s: bool(s.pain_severity))
PAIN_ON_MOVEMENT = Fact(
    "there is pain on movement",
    lambda s: s.movement_pain not in (MovementPain.NONE, MovementPain.NOT_ASSESSED),
)
MODERATE_MOVEMENT_PAIN = Fact(
    "pain on movement is moderate or severe",
    lambda s: s.movement_pain in (MovementPain.MODERATE, MovementPain.SEVERE),
)
VERY_SEVERE_PAIN = Fact(
    "pain is 7 or more, or severe and unremitting",
    lambda s: s.pain_seven_or_more or s.severe_unremitting == YES,
    "pain is below 7 and not severe and unremitting",
)
PAIN_NOT_CONTROLLED = Fact("analgesia does not control the pain", lambda s: s.pain_controlled == "no")
MRI_CONTRAINDICATED = Fact(
    "MRI is contraindicated", lambda s: s.mri_contraindicated == YES, "MRI is not contraindicated"
)
WHOLE_SPINE_IMAGED = Fact(
    "the whole spine has been imaged",
    lambda s: s.whole_spine_imaged == YES,
    "the whole spine has not been imaged",
)
RULED_OUT = Fact("MSCC is ruled out", lambda s: s.ruled_out, "MSCC is not ruled out")
DEXAMETHASONE_GIVEN = Fact(
    "dexamethasone has been given", lambda s: s.dexamethasone_given == YES, "dexamethasone has not been given"
)
HAEMATOLOGICAL_CONFIRMED = Fact(
    "a haematological malignancy is confirmed",
    lambda s: s.haematological == HaematologicalMalignancy.CONFIRMED,
    "no haematological malignancy is confirmed",
)
HAEMATOLOGICAL_SUSPECTED = Fact(
    "a haematological malignancy is suspected",
    lambda s: s.haematological == HaematologicalMalignancy.SUSPECTED,
    "no haematological malignancy is suspected",
)
BREAST_OR_MYELOMA = Fact(
    "the primary is breast or myeloma",
    lambda s: s.primary in (PrimarySite.BREAST, PrimarySite.MYELOMA),
    "the primary is neither breast nor myeloma",
)
PROSTATE = Fact("the primary is prostate", lambda s: s.primary == PrimarySite.PROSTATE)
PRIMARY_UNKNOWN = Fact("the primary is unknown", lambda s: s.primary == PrimarySite.UNKNOWN)
SOLID_NOT_PROSTATE = Fact(
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
)
