"""What each prompt of the care that follows tells the clinician, in the order of a screen."""

from triage.guideline.advice import Advice
from triage.guideline.rule import Strength

OFFER, CONSIDER, DO_NOT, ACT = Strength.OFFER, Strength.CONSIDER, Strength.DO_NOT, Strength.ACT


def _prompt(code: str, strength: Strength, topic: str, text: str) -> Advice:
    return Advice(code=code, strength=strength, topic=topic, text=text)


CARE: tuple[Advice, ...] = (
    _prompt("nurse_lying", ACT, "immobilise",
            "Nurse lying, flat or partly raised, with as little weight on the spine as can be."),
    _prompt("adjust_position", ACT, "immobilise",
            "Change the position until it can be borne; keep the spine as little loaded as that allows."),
    _prompt("assess_stability", ACT, "immobilise",
            "Ask a specialist physiotherapist, an oncologist or a spinal surgeon now, and start the assessment of "
            "stability: advice is due within 24 hours of immobilisation."),
    _prompt("graded_sitting", ACT, "immobilise",
            "Test stability by sitting up in steps, then by bearing weight; stop if pain or neurology comes."),
    _prompt("mri_technique", ACT, "image",
            "Ask for sagittal T1 or STIR of the whole spine, sagittal T2 where the cord may be compressed, and axial "
            "images through what is abnormal."),
    _prompt("mri_locally_first", ACT, "image",
            "Have the scan done locally, or at a centre with direct access. Transfer for the scan alone only where "
            "that is impossible, and record why."),
    _prompt("overnight_mri", CONSIDER, "image",
            "Consider a scan tonight if treatment would follow at once."),
    _prompt("report_urgently", ACT, "image",
            "Have a radiologist report the scan urgently, all of it, and tell whoever asked."),
    _prompt("reconstruct_ct", CONSIDER, "image",
            "Consider reconstructing the CT in three planes, to assess stability and to plan vertebroplasty, "
            "kyphoplasty or surgery."),
    _prompt("myelography_at_centre_only", CONSIDER, "image",
            "Consider myelography, at a neuroscience or spinal surgical centre and nowhere else."),
    _prompt("clean_spine_with_neurology", ACT, "image",
            "Keep looking for the cause: the spine is clear and there are neurological signs. Consider infection (discitis, "
            "abscess elsewhere), leptomeningeal or intramedullary disease, inflammation, a vascular cause, the brain. Ask a "
            "neurologist and the radiologist now."),
    _prompt("review_pain_plan", ACT, "pain",
            "Review the effect of the pain plan; do not go on with a drug that does not help."),
    _prompt("no_bisphosphonate_to_prevent_mscc", DO_NOT, "pain",
            "Do not use a bisphosphonate against this pain or to prevent MSCC, except in a randomised trial."),
    _prompt("no_denosumab_in_prostate", DO_NOT, "pain",
            "Do not use denosumab for bone metastases of prostate cancer."),
    _prompt("record_why_no_dexamethasone", ACT, "steroid",
            "If dexamethasone is not given, record why."),
    _prompt("review_dexamethasone", ACT, "steroid",
            "Review dexamethasone every day: still needed, at which dose, until when."),
    _prompt("taper_dexamethasone", ACT, "steroid",
            "Reduce dexamethasone step by step and stop it; write the steps and the last day down."),
    _prompt("haematology_decides_further_steroid", ACT, "steroid",
            "Let the haematology MDT decide on further steroid."),
    _prompt("no_routine_corticosteroid", DO_NOT, "steroid",
            "Do not give a corticosteroid as routine; it may be part of a radiotherapy course."),
    _prompt("steroid_safeguards", ACT, "steroid",
            "Protect the stomach, check glucose, dose in the morning, give the steroid card and sick-day rules."),
    _prompt("consider_scoring_system", CONSIDER, "stability",
            "Consider a validated score of stability and of prognosis as part of the clinical assessment."),
    _prompt("urgent_radiotherapy", OFFER, "radiotherapy",
            "Offer radiotherapy as soon as possible and within 24 hours of the decision."),
    _prompt("urgent_radiotherapy_not_asked", ACT, "radiotherapy",
            "The 24-hour recommendation does not apply. Decide with the person and the oncologist what does."),
    _prompt("is_there_pain", CONSIDER, "radiotherapy",
            "Is there pain? Consider 8 Gy in one fraction for it, even in somebody who is paralysed."),
    _prompt("prealert_radiotherapy", ACT, "radiotherapy",
            "Alert the radiotherapy team now, while the surgical opinion is awaited: name, level, where the person is. This commits "
            "nobody to treatment."),
    _prompt("judge_plegia", ACT, "radiotherapy",
            "Have a clinician examine and record whether plegia is complete, and since when: it decides whether the "
            "24 hours of radiotherapy apply."),
    _prompt("single_fraction", ACT, "radiotherapy",
            "Use 8 Gy in a single fraction; record why if it is anything else."),
    _prompt("several_fractions", CONSIDER, "radiotherapy",
            "Consider several fractions, because the risk of side effects is high; record why it is."),
    _prompt("radiotherapy_without_symptoms", CONSIDER, "radiotherapy",
            "Consider radiotherapy although there are no symptoms, and record which of the three reasons it is."),
    _prompt("no_radiotherapy_without_symptoms", DO_NOT, "radiotherapy",
            "Do not irradiate metastases that give no symptoms."),
    _prompt("single_fraction_for_pain", OFFER, "radiotherapy",
            "Offer 8 Gy in a single fraction for the pain."),
    _prompt("stereotactic_alternative", CONSIDER, "radiotherapy",
            "Consider stereotactic ablative radiotherapy instead."),
    _prompt("radiotherapy_again", CONSIDER, "radiotherapy",
            "Consider radiotherapy again. Talk over benefit and risk, with the total biological dose, the time since "
            "and the volume in view."),
    _prompt("postoperative_radiotherapy", OFFER, "radiotherapy",
            "Offer postoperative radiotherapy."),
    _prompt("no_preoperative_radiotherapy", DO_NOT, "radiotherapy",
            "Do not give radiotherapy before the planned operation."),
    _prompt("plan_surgery_with_mdt", ACT, "surgery",
            "Make the plan with the relevant specialists of the MSCC MDT."),
    _prompt("surgery_as_soon_as_possible", OFFER, "surgery",
            "Offer surgery as soon as possible after neurology began; onset and progression set the urgency."),
    _prompt("surgical_opinion_first", ACT, "surgery",
            "Get the spinal surgeon's opinion now: neurology is getting worse."),
    _prompt("spinal_surgeon_first", ACT, "surgery",
            "Speak to a spinal surgeon before radiotherapy is decided."),
    _prompt("check_anticoagulant_and_platelets", ACT, "surgery",
            "Record any anticoagulant or antiplatelet with its last dose, platelets and clotting before a biopsy, a vertebral "
            "procedure or surgery."),
    _prompt("decompression_or_stabilisation", CONSIDER, "surgery",
            "Consider decompression of the cord, stabilisation of the spine, or both."),
    _prompt("stabilise_for_pain", OFFER, "surgery",
            "Offer stabilisation surgery, however severe the deficit."),
    _prompt("external_support", OFFER, "surgery",
            "Offer external support, such as a halo vest or a cervico-thoraco-lumbar orthosis."),
    _prompt("biopsy_before_treatment", ACT, "surgery",
            "Arrange an image-guided biopsy before treatment."),
    _prompt("vertebral_intervention", CONSIDER, "surgery",
            "Consider vertebroplasty or kyphoplasty, radiofrequency ablation, stabilisation, or surgery to prevent "
            "MSCC, alone or together."),
    _prompt("no_surgery_to_prevent_mscc", DO_NOT, "surgery",
            "Do not operate to prevent MSCC outside research."),
    _prompt("talk_about_diagnosis", ACT, "support",
            "Give time to talk over the diagnosis and the risks and benefits of treatment; offer advance care "
            "planning, and say where psychological, emotional, spiritual and financial support is found."),
    _prompt("holistic_needs_assessment", ACT, "support",
            "Assess needs as a whole and write a personalised care plan with the MDT's advice; keep it under review."),
    _prompt("rehabilitation_by_goals", OFFER, "support",
            "Offer rehabilitation towards the person's own goals: independence, daily life, quality of life."),
    _prompt("consider_readjustment", CONSIDER, "support",
            "Consider readjustment rather than rehabilitation, and choose the moment to speak of it with care."),
    _prompt("start_discharge_planning", ACT, "support",
            "Start planning discharge and ongoing care now."),
    _prompt("prevent_complications", OFFER, "support",
            "Offer supportive care against clots, pressure damage, bladder, bowel and breathing problems."),
    _prompt("physiotherapy_and_ot", ACT, "support",
            "Refer to physiotherapy within 24 hours and to occupational therapy within 48 hours of admission."),
)  # fmt: skip
CARE_AT: dict[str, Advice] = {prompt.code: prompt for prompt in CARE}
