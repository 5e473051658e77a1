"""Corticosteroids (NG234 1.8). The software prompts; it never prescribes and never computes a dose."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline.recommendation import (
    ACT,
    AT_ITS_STAGE,
    CONSIDER,
    DO_NOT,
    OFFER,
    RESOLUTION,
    Advice,
    Recommendation,
    give,
    warn,
)
from triage.guideline.rows.row import Stage, Who

_NEUROLOGY = f.ANY_NEUROLOGY & ~f.HAEMATOLOGICAL_SUSPECTED & (~f.NO_KNOWN_CANCER | f.POSITIVE_IMAGING)
_TREATED_HERE = f.EMERGENCY | f.ONE_WEEK
_RELAPSE = (
    _TREATED_HERE
    & f.HAEMATOLOGICAL_CONFIRMED
    & f.PAST_CANCER_ENTERED
    & ~f.ANY_NEUROLOGY
    & ~f.POSITIVE_IMAGING
)
_HAEMATOLOGICAL = f.HAEMATOLOGICAL_CONFIRMED & _TREATED_HERE & ~_RELAPSE
_MAY_BE_MSCC = ~f.RULED_OUT & ~f.NON_MALIGNANT_REPORTED
_FIRST_DOSE = _MAY_BE_MSCC & ~f.DEXAMETHASONE_GIVEN
_FURTHER_DOSES = f.EMERGENCY & _MAY_BE_MSCC & f.DEXAMETHASONE_GIVEN
_FOR_PAIN = (
    (f.ONE_WEEK | f.EMERGENCY & f.ALL_NEUROLOGY_NO & f.SADDLE_NOT_YES)
    & ~f.HAEMATOLOGICAL_CONFIRMED & ~f.HAEMATOLOGICAL_SUSPECTED & _FIRST_DOSE & f.VERY_SEVERE_PAIN
)  # fmt: skip
_DESERVED = _NEUROLOGY | _HAEMATOLOGICAL
_ADVISED = _FIRST_DOSE & _DESERVED | _FOR_PAIN
_STEROID_AT_HAND = f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT | _ADVISED

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="STE-1", number="1.8.1", stage=Stage.STEROID, who=(Who.REFERRER, Who.CLINICIAN), strength=OFFER,
        limit="as soon as possible",
        says="The clinician offers 16 mg of dexamethasone by mouth, or the equivalent by another route, as soon as MSCC "
             "with neurology is suspected, and the same every day until surgery or radiotherapy.",
        tells=(
            Advice(code="offer_dexamethasone_16mg", strength=OFFER, topic="dexamethasone",
                   text="Offer a first dose of dexamethasone now: 16 mg orally, or the parenteral equivalent. "
                        "Where there is no histology yet, speak to the coordinator before it, without losing time."),
            Advice(code="continue_dexamethasone_16mg_daily", strength=OFFER, topic="dexamethasone",
                   text="Go on with dexamethasone 16 mg a day until surgery or radiotherapy; in a haematological "
                        "cancer agree further doses with haematology."),
        ),
        rules=(
            give("offer_dexamethasone_16mg.neurology",
                 when=_FIRST_DOSE & _NEUROLOGY,
                 because="Neurology that may be MSCC is a reason to offer dexamethasone as soon as possible."),
            give("continue_dexamethasone_16mg_daily.neurology",
                 when=_FURTHER_DOSES & _NEUROLOGY,
                 because="After a first dose, dexamethasone goes on daily while surgery or radiotherapy is "
                         "awaited."),
        ),
        places=("advice:offer_dexamethasone_16mg", "advice:continue_dexamethasone_16mg_daily",
                "event:dexamethasone_given", "field:clinical.dexamethasone.dose_mg",
                "field:presentation.dexamethasone_given"),
    ),
    Recommendation(
        id="STE-2", number="1.8.2", stage=Stage.STEROID, who=(Who.CLINICIAN, Who.COORDINATOR), strength=ACT,
        limit="on the result",
        says="Clinician and coordinator stop dexamethasone that was begun before the scan once the scan has ruled "
             "MSCC out.",
        tells=(
            Advice(code="stop_dexamethasone", strength=ACT, topic="dexamethasone",
                   text="Stop dexamethasone: final reports of the whole spine rule MSCC out. Not if it is given "
                        "for another reason; taper if it was given for long."),
        ),
        rules=(
            give("stop_dexamethasone",
                 when=f.DEXAMETHASONE_GIVEN & f.RULED_OUT,
                 because="Dexamethasone was given before imaging, and final reports of the whole spine rule MSCC "
                         "out."),
        ),
        places=("advice:stop_dexamethasone", "event:mri_reported", "field:presentation.imaging_finding"),
    ),
    Recommendation(
        id="STE-3", number="1.8.3", stage=Stage.STEROID, who=(Who.CLINICIAN,), strength=CONSIDER,
        says="The clinician considers a corticosteroid in somebody without neurology who has severe pain or a "
             "haematological malignancy.",
        tells=(
            Advice(code="consider_corticosteroid", strength=CONSIDER, topic="dexamethasone",
                   text="Consider a corticosteroid for the severe pain; where there is no histology, discuss it "
                        "first."),
        ),
        rules=(
            give("consider_corticosteroid",
                 when=_FOR_PAIN,
                 because="Severe pain without neurology makes a corticosteroid worth considering."),
        ),
        places=("advice:consider_corticosteroid", "advice:offer_dexamethasone_16mg",
                "field:presentation.haematological_malignancy", "field:presentation.pain_severity"),
    ),
    Recommendation(
        id="STE-4", number="1.8.4", stage=Stage.STEROID, who=(Who.CLINICIAN,), strength=ACT,
        says="The clinician brings the steroid down step by step and ends it after surgery or from the start of "
             "radiotherapy.",
        tells=(
            Advice(code="taper_dexamethasone", strength=ACT, topic="steroid",
                   text="Reduce dexamethasone step by step and stop it; write the steps and the last day down."),
        ),
        rules=(
            give("taper_dexamethasone",
                 when=f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT & (c.OPERATED | c.IRRADIATED),
                 because="Once surgery is done or radiotherapy has started, the steroid comes down and stops."),
        ),
        places=("care:taper_dexamethasone", "clock:steroid_review", "event:radiotherapy_started",
                "event:surgery_started", AT_ITS_STAGE),
        why="A clock asks for the review or the taper; over how many days it runs is not known for this guideline.",
    ),
    Recommendation(
        id="STE-5", number="1.8.5", stage=Stage.STEROID, who=(Who.HAEMATOLOGY, Who.CLINICIAN), strength=OFFER,
        limit="as soon as possible",
        says="Clinician and haematology offer 16 mg of dexamethasone for spinal disease of a confirmed "
             "haematological malignancy, with or without neurology, and the haematology MDT decides on further doses.",
        tells=(
            Advice(code="haematology_decides_further_steroid", strength=ACT, topic="steroid",
                   text="Let the haematology MDT decide on further steroid."),
        ),
        rules=(
            give("offer_dexamethasone_16mg.haematological",
                 when=_FIRST_DOSE & _HAEMATOLOGICAL,
                 because="A confirmed haematological malignancy with suspected or known spinal disease is a "
                         "reason to offer dexamethasone, with or without neurology."),
            give("continue_dexamethasone_16mg_daily.haematological", cites=("STE-1", "STE-5"),
                 when=_FURTHER_DOSES & _HAEMATOLOGICAL,
                 because="After a first dose in a haematological malignancy, further doses are agreed with "
                         "haematology."),
            give("haematology_decides_further_steroid",
                 when=f.DEXAMETHASONE_GIVEN & f.HAEMATOLOGICAL_CONFIRMED,
                 because="In a haematological malignancy steroid is part of the treatment of the disease itself."),
        ),
        places=("advice:offer_dexamethasone_16mg", "advice:continue_dexamethasone_16mg_daily",
                "care:haematology_decides_further_steroid", "field:presentation.haematological_malignancy",
                AT_ITS_STAGE),
    ),
    Recommendation(
        id="STE-6", number="1.8.7", stage=Stage.STEROID, who=(Who.CLINICIAN,), strength=DO_NOT,
        says="The clinician does not begin a steroid as routine in somebody without neurology, unless it belongs "
             "to a course of radiotherapy.",
        tells=(
            Advice(code="no_routine_corticosteroid", strength=DO_NOT, topic="steroid",
                   text="Do not give a corticosteroid as routine; it may be part of a radiotherapy course."),
        ),
        rules=(
            give("no_routine_corticosteroid",
                 when=(f.ONE_WEEK | f.EMERGENCY & f.ALL_NEUROLOGY_NO & f.SADDLE_NOT_YES)
                 & ~f.HAEMATOLOGICAL_CONFIRMED & ~f.HAEMATOLOGICAL_SUSPECTED & ~f.DEXAMETHASONE_GIVEN
                 & ~f.VERY_SEVERE_PAIN & ~c.RADIOTHERAPY_DECIDED,
                 because="Without neurology, severe pain or a haematological malignancy a steroid does not belong "
                         "to the first steps."),
        ),
        places=("care:no_routine_corticosteroid", AT_ITS_STAGE),
    ),
    Recommendation(
        id="STE-7", source="local practice", stage=Stage.STEROID, who=(Who.CLINICIAN,), strength=ACT,
        limit="before a dose",
        decision="suspected lymphoma or myeloma without histology, haematology first",
        says="The clinician holds the steroid and speaks to the haematology consultant first when lymphoma or "
             "myeloma is suspected without histology, because a dose can spoil the diagnosis.",
        tells=(
            Advice(code="hold_dexamethasone_discuss_haematology", strength=ACT, topic="dexamethasone",
                   text="Give no dexamethasone, or no further dose, before discussing it with the haematology "
                        "consultant. If power is being lost quickly a clinician may decide otherwise and record "
                        "why."),
        ),
        rules=(
            give("hold_dexamethasone_discuss_haematology",
                 when=(f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT) & f.HAEMATOLOGICAL_SUSPECTED
                 & ~f.RULED_OUT,
                 because="Steroid before histology may destroy the diagnosis of a lymphoma or myeloma."),
            warn("no_histology_discuss_before_dexamethasone",
                 when=_ADVISED & ~f.KNOWN_CANCER,
                 text="There is no histology yet: discuss with the coordinator before the first dose of a "
                      "steroid, without losing time."),
        ),
        places=("advice:hold_dexamethasone_discuss_haematology",
                "warning:no_histology_discuss_before_dexamethasone",
                "field:presentation.haematological_malignancy"),
    ),
    Recommendation(
        id="SVC-REL", stage=Stage.STEROID, who=(Who.HAEMATOLOGY,),
        decision="a relapse of a cancer of the blood needs tissue before a steroid",
        says="A relapse of a cancer of the blood that was entered as past, with neither neurology nor a finding, "
             "needs tissue before a steroid.",
        rules=(
            give("hold_dexamethasone_discuss_haematology.relapse", cites=("STE-7", "SVC-REL"),
                 when=_RELAPSE & ~f.RULED_OUT,
                 because="A cancer of the blood long past, with neither neurology nor a finding, may have come "
                         "back: tissue first."),
        ),
        places=("rule:hold_dexamethasone_discuss_haematology.relapse",),
    ),
    Recommendation(
        id="STE-8", source="local practice", stage=Stage.STEROID, who=(Who.CLINICIAN,), strength=ACT,
        decision="safeguards of steroid, as local practice has them",
        says="For anybody on dexamethasone the clinician protects the stomach, monitors glucose, gives doses before 14:00, gives the steroid card and sick-day rules, and writes down the taper.",
        tells=(
            Advice(code="steroid_safeguards", strength=ACT, topic="steroid",
                   text="Protect the stomach, check glucose, dose in the morning, give the steroid card and "
                        "sick-day rules."),
        ),
        rules=(
            give("steroid_safeguards",
                 when=f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT,
                 because="High-dose steroid does harm of its own when nobody guards against it."),
        ),
        places=("care:steroid_safeguards", "field:clinical.diabetes", "field:clinical.gastrointestinal_bleed",
                AT_ITS_STAGE),
    ),
    Recommendation(
        id="A15", stage=Stage.STEROID, who=(Who.CLINICIAN,),
        decision="dexamethasone is prompted, never prescribed; a reason stands where it is not given",
        says="Dexamethasone is prompted and never prescribed, a reason is recorded where it is not given, and a "
             "clinician may override a hold when power is being lost quickly.",
        tells=(
            Advice(code="record_why_no_dexamethasone", strength=ACT, topic="steroid",
                   text="If dexamethasone is not given, record why."),
        ),
        rules=(
            warn("steroid_and_bleeding",
                 when=_STEROID_AT_HAND & c.BLEEDING,
                 text="There is gastrointestinal bleeding: weigh dexamethasone with a senior clinician, and "
                      "protect the stomach."),
            warn("steroid_and_allergy",
                 when=_STEROID_AT_HAND & c.STEROID_ALLERGY,
                 text="An allergy to a corticosteroid is recorded: check to which one, and what happened, before "
                      "a dose."),
            warn("steroid_and_diabetes",
                 when=_STEROID_AT_HAND & c.DIABETES,
                 text="The person has diabetes: plan glucose checks and treatment with the first dose."),
            give("record_why_no_dexamethasone",
                 when=_FIRST_DOSE & _DESERVED,
                 because="Dexamethasone is on offer and not recorded as given."),
        ),
        places=("care:record_why_no_dexamethasone", "advice:hold_dexamethasone_discuss_haematology",
                "warning:steroid_and_bleeding", "warning:steroid_and_allergy", "warning:steroid_and_diabetes",
                "test:tests/usecases/test_triage.py::test_advice_that_differs_from_the_guideline_says_why",
                RESOLUTION + "test_a15_dexamethasone_is_prompted_and_its_absence_explained"),
    ),
    Recommendation(
        id="CLK-STE", stage=Stage.STEROID, who=(Who.CLINICIAN,), limit="24 hours",
        decision="dexamethasone is reviewed within a day of its start",
        says="Dexamethasone is reviewed within a day of its start, and daily from then on.",
        tells=(
            Advice(code="review_dexamethasone", strength=ACT, topic="steroid",
                   text="Review dexamethasone every day: still needed, at which dose, until when."),
        ),
        rules=(
            give("review_dexamethasone",
                 when=f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT & ~c.OPERATED & ~c.IRRADIATED,
                 because="A steroid that nobody reviews goes on too long."),
        ),
        places=("clock:steroid_review", "care:review_dexamethasone", "rule:review_dexamethasone",
                "event:dexamethasone_given"),
        why="The clock asks for the first review; the later ones are prompted without a clock.",
    ),
    Recommendation(
        id="SVC-NMC", stage=Stage.STEROID, who=(Who.SPINAL_SURGERY, Who.CLINICIAN),
        decision="compression that is not malignant goes to a spinal surgeon before any steroid",
        says="Compression that is not malignant (abscess or discitis, haematoma, disc, fracture) goes to a spinal surgeon first; a steroid only if they advise it.",
        tells=(
            Advice(code="hold_dexamethasone_discuss_spinal_surgery", strength=ACT, topic="dexamethasone",
                   text="Give no dexamethasone, or no further dose, until a spinal surgeon has advised: imaging "
                        "shows compression that is not malignant (abscess or discitis, haematoma, disc, fracture)."),
        ),
        rules=(
            give("hold_dexamethasone_discuss_spinal_surgery",
                 when=_TREATED_HERE & f.NON_MALIGNANT_COMPRESSION & ~f.RULED_OUT,
                 because="Compression that is not malignant may be an abscess, in which a steroid does harm."),
        ),
        places=("advice:hold_dexamethasone_discuss_spinal_surgery",),
    ),
    Recommendation(
        id="SVC-INF", stage=Stage.STEROID, who=(Who.REFERRER, Who.CLINICIAN),
        decision="infection is weighed before a steroid",
        says="Infection, fever or a suspicion of spinal infection is asked about, and weighed by a senior "
             "clinician before the next dose of a steroid.",
        rules=(
            warn("infection_before_dexamethasone",
                 when=f.ACTIVE_INFECTION & (_ADVISED | f.DEXAMETHASONE_GIVEN & ~f.RULED_OUT),
                 text="There is an infection, fever or a suspicion of spinal infection (discitis, epidural "
                      "abscess): weigh dexamethasone with a senior clinician before the next dose. This blocks "
                      "nothing."),
        ),
        places=("warning:infection_before_dexamethasone", "field:presentation.active_infection"),
    ),
)  # fmt: skip
