"""The vocabulary of the rules of treatment and care: criteria about the course of a case."""

from triage.guideline import criteria as f
from triage.guideline.course import Prognosis, Stability, Suitability
from triage.guideline.normalisation import NO, NOT_ASSESSED, YES
from triage.guideline.rule import Criterion

IMMOBILISED = Criterion("the person is immobilised", lambda s: s.course.immobilised)
LYING_NOT_TOLERATED = Criterion("lying is not tolerated", lambda s: s.course.lying_not_tolerated == YES)
LIKELY_STABLE = Criterion(
    "the spine is judged likely to be stable",
    lambda s: s.course.stability == Stability.LIKELY_STABLE,
    "the spine is not judged likely to be stable",
)
STABILITY_NOT_JUDGED = Criterion(
    "nobody has judged the stability of the spine", lambda s: s.course.stability == Stability.NOT_ASSESSED
)
JUDGED_UNSTABLE = Criterion("instability is suspected or confirmed", lambda s: s.course.instability)
UNSTABLE = JUDGED_UNSTABLE | f.INSTABILITY & ~LIKELY_STABLE
MECHANICAL_PAIN = Criterion(
    "there is mechanical pain", lambda s: s.mechanical_pain == YES, reads=("pain.mechanical",)
)
MECHANICAL_PAIN_UNCONTROLLED = MECHANICAL_PAIN & f.PAIN_NOT_CONTROLLED
NON_MECHANICAL_PAIN = Criterion(
    "there is pain from metastases that is not mechanical", lambda s: s.course.non_mechanical_pain == YES
)
PAIN_WELL_CONTROLLED = Criterion(
    "pain is well controlled", lambda s: s.pain_controlled == YES, reads=("pain_controlled_by_analgesia",)
)
PAIN_PLAN_CHANGED = Criterion(
    "the pain plan was started or changed", lambda s: s.course.pain_plan_changed == YES
)

REPORT_AWAITED = Criterion("a scan was done and its report is awaited", lambda s: s.course.report_awaited)
CT_AT_HAND = Criterion(
    "there is a recent or new CT", lambda s: s.course.ct_performed or s.course.recent_ct == YES
)
MORE_IMAGING_NEEDED = Criterion(
    "CT has not answered the question", lambda s: s.course.more_imaging_needed == YES
)
METASTASES_WITHOUT_MSCC = f.POSITIVE_IMAGING & ~f.MSCC_ON_IMAGING

BLEEDING = Criterion("there is gastrointestinal bleeding", lambda s: s.course.gastrointestinal_bleed == YES)
STEROID_ALLERGY = Criterion(
    "there is an allergy to a corticosteroid", lambda s: s.course.steroid_allergy == YES
)
DIABETES = Criterion("the person has diabetes", lambda s: s.course.diabetes == YES)

ANTICOAGULATED = Criterion("an anticoagulant or antiplatelet is recorded", lambda s: s.course.anticoagulated)
LEVEL_OPERATED = Criterion(
    "those vertebrae were operated on recently, or an earlier operation is recorded and its place not judged",
    lambda s: (
        s.course.recent_operation_at_level == YES
        or (s.course.operated_before and s.course.recent_operation_at_level != NO)
    ),
)
LEVEL_IRRADIATED = Criterion(
    "those vertebrae were irradiated before, or earlier radiotherapy is recorded and its place not judged",
    lambda s: (
        s.course.irradiated_at_level == YES
        or (s.course.irradiated_before and s.course.irradiated_at_level != NO)
    ),
)
NO_POWER_TWO_WEEKS = Criterion(
    "no power, or bed-bound, is recorded for two weeks or longer", lambda s: s.course.no_power_two_weeks
)
PLEGIA_NOT_JUDGED = Criterion(
    "nobody has judged whether plegia is complete and for how long",
    lambda s: NOT_ASSESSED in (s.course.complete_plegia, s.course.plegia_two_weeks),
)

SURGERY_CONSIDERED = Criterion(
    "surgery is being considered",
    lambda s: s.course.surgery_suitable in (Suitability.PENDING, Suitability.YES),
)
SURGERY_SUITABLE = Criterion("surgery is suitable", lambda s: s.course.surgery_suitable == Suitability.YES)
SURGERY_NOT_SUITABLE = Criterion(
    "surgery is not suitable",
    lambda s: s.course.surgery_suitable == Suitability.NO,
    "surgery is not ruled out",
)
SURGERY_DECIDED = Criterion("surgery is decided on", lambda s: s.course.surgery_decided)
OPERATED = Criterion("surgery has been done", lambda s: s.course.operated, "no surgery has been done")
RECOVERED = Criterion(
    "the person has recovered from surgery", lambda s: s.course.recovered_from_surgery == YES
)
PROGRESSING = Criterion("neurology is getting worse", lambda s: s.course.progressing)
TREATMENT_CAN_WAIT = Criterion(
    "treatment can wait for a biopsy that might change it", lambda s: s.course.treatment_can_wait == YES
)

DECLINES_RADIOTHERAPY = Criterion(
    "the person does not want radiotherapy",
    lambda s: s.course.wants_radiotherapy == NO,
    "the person does not decline radiotherapy",
)
COMPLETE_PLEGIA = Criterion(
    "paraplegia or tetraplegia is complete", lambda s: s.course.complete_plegia == YES
)
FOR_TWO_WEEKS = Criterion("it has been for two weeks or longer", lambda s: s.course.plegia_two_weeks == YES)
POOR_PROGNOSIS = Criterion("overall prognosis is poor", lambda s: s.course.prognosis == Prognosis.POOR)
GOOD_PROGNOSIS = Criterion("prognosis is good", lambda s: s.course.prognosis == Prognosis.GOOD)
EXCLUDED = (COMPLETE_PLEGIA & FOR_TWO_WEEKS & PAIN_WELL_CONTROLLED) | POOR_PROGNOSIS
RADIOTHERAPY_DECIDED = Criterion(
    "radiotherapy is decided on", lambda s: s.course.radiotherapy_decided, "radiotherapy is not decided on"
)
IRRADIATED = Criterion(
    "radiotherapy has started", lambda s: s.course.irradiated, "radiotherapy has not started"
)
HIGH_RISK = Criterion(
    "the risk of side effects is high",
    lambda s: s.course.side_effect_risk_high == YES,
    "the risk of side effects is not high",
)
WITHOUT_SYMPTOMS = Criterion("the metastases give no symptoms", lambda s: s.course.symptoms == NO)
OLIGOMETASTATIC = Criterion(
    "disease is oligometastatic", lambda s: s.course.oligometastatic == YES, "disease is not oligometastatic"
)
IN_TRIAL = Criterion(
    "the person is in a trial of it",
    lambda s: s.course.radiotherapy_trial == YES,
    "the person is in no trial of it",
)
RECURRENCE = Criterion("symptoms have come back after radiotherapy", lambda s: s.course.recurrence == YES)
GOOD_RESPONSE = Criterion("the earlier response was good", lambda s: s.course.good_response_before == YES)
THREE_MONTHS = Criterion(
    "three months or more have passed", lambda s: s.course.three_months_since_radiotherapy == YES
)

ADMITTED = Criterion("the person is in hospital", lambda s: s.course.admitted)
LATER_STAGE = Criterion(
    "disease is at a later stage", lambda s: s.course.later_stage == YES, "disease is not at a later stage"
)
