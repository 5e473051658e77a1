"""A second reading of what the guideline says of treatment and care, in plain branches.

Written from the rows of the guideline, without sight of the rules. It exists to disagree: what the rules
say is compared with it over many cases. Change it only from the guideline, never from the rules. Where a row
leaves open what has already been done or declined, it is read as the service decided.
"""

from typing import Any

NEUROLOGY = (
    "bladder_or_bowel_dysfunction",
    "gait_disturbance",
    "limb_weakness",
    "cord_or_cauda_equina_signs",
    "sensory_disturbance",
    "radicular_pain",
)
TOLD = (
    "immobilised",
    "progressing",
    "report_awaited",
    "ct_performed",
    "surgery_decided",
    "radiotherapy_decided",
    "operated",
    "irradiated",
    "admitted",
    "operated_before",
    "irradiated_before",
    "no_power_two_weeks",
    "non_malignant_stated",
    "anticoagulated",
)
CAUTIONS = (
    "steroid_and_bleeding",
    "steroid_and_allergy",
    "steroid_and_diabetes",
    "anticoagulant_before_intervention",
)


def haematological_as_read(presentation: dict[str, Any]) -> str:
    """Not known, with a primary of myeloma or lymphoma: confirmed in known cancer, else suspected."""
    entered = str(presentation.get("haematological_malignancy", "unknown"))
    if entered == "unknown" and presentation.get("primary_site") in ("myeloma", "lymphoma"):
        return "confirmed" if presentation["cancer_context"] in ("current", "past") else "suspected"
    return entered


def context_as_read(presentation: dict[str, Any]) -> str:
    """A confirmed cancer of the blood is a current cancer; a suspected one is at least a suspected cancer."""
    entered = str(presentation["cancer_context"])
    haematological = haematological_as_read(presentation)
    if haematological == "confirmed":
        return "current"
    if haematological == "suspected" and entered == "none_known":
        return "suspected"
    return entered


def care_oracle(presentation: dict[str, Any], course: dict[str, Any], stream: str) -> set[str]:
    """Every care prompt that stands, by code."""
    return _second_reading(presentation, course, stream)[0]


def caution_oracle(presentation: dict[str, Any], course: dict[str, Any], stream: str) -> set[str]:
    """Every warning that reads what was judged or recorded of the case, by code."""
    return _second_reading(presentation, course, stream)[1]


def _second_reading(
    presentation: dict[str, Any], course: dict[str, Any], stream: str
) -> tuple[set[str], set[str]]:
    """What is prompted, and what is warned of."""

    def found(name: str) -> str:
        return str(presentation.get(name, "not_assessed"))

    def judged(name: str) -> str:
        return str(course.get(name, "not_assessed"))

    told = {name: bool(course.get(name, False)) for name in TOLD}
    given: set[str] = set()
    cautions: set[str] = set()

    # What is known of the person.
    haematological = haematological_as_read(presentation)
    context = context_as_read(presentation)
    primary = str(presentation.get("primary_site", "not_recorded"))
    pain = presentation.get("pain", {})
    neurology = presentation.get("neurology", {})
    six = [neurology.get(name, "not_assessed") for name in NEUROLOGY]
    saddle = found("saddle_or_sphincter_signs")
    any_neurology = "yes" in six or saddle == "yes"
    no_neurology = all(answer == "no" for answer in six) and saddle != "yes"
    severity = presentation.get("pain_severity")
    severe_pain = (severity is not None and severity >= 7) or pain.get("severe_unremitting") == "yes"
    uncontrolled = found("pain_controlled_by_analgesia") == "no"
    uncontrolled_mechanical_pain = uncontrolled and pain.get("mechanical") == "yes"

    # What imaging has shown.
    imaging = str(presentation.get("imaging_finding", "none"))
    imaged = found("whole_spine_imaged") == "yes"
    metastases = imaging in ("spinal_metastases", "impending_compression", "mscc")
    mscc = imaging == "mscc"
    metastases_only = metastases and not mscc
    ruled_out = (
        imaged
        and presentation.get("imaging_report", "none") == "final"
        and imaging in ("no_malignant_disease", "non_malignant_compression")
    )
    if imaging == "non_malignant_compression" and told["non_malignant_stated"]:
        ruled_out = False

    # What has been judged and done.
    stability = judged("stability")
    likely_stable = stability == "likely_stable"
    unstable = stability in ("potentially_unstable", "unstable")
    if found("instability_signs") == "yes" and not likely_stable:
        unstable = True
    suitable = judged("surgery_suitable")
    excluded = (
        judged("complete_plegia") == "yes"
        and judged("plegia_two_weeks") == "yes"
        and found("pain_controlled_by_analgesia") == "yes"
    ) or judged("prognosis") == "poor"
    declines = judged("wants_radiotherapy") == "no"
    pathway = stream in ("emergency", "one_week")
    treatable_here = pathway or stream in ("urgent_oncology", "insufficient_information")

    # IMM-3 to IMM-5
    if told["immobilised"] and not likely_stable:
        given.add("nurse_lying")
    if told["immobilised"] and judged("lying_not_tolerated") == "yes":
        given.add("adjust_position")
    if told["immobilised"] and stability == "not_assessed":
        given.add("assess_stability")
    if told["immobilised"] and likely_stable:
        given.add("graded_sitting")

    # IMG-3 to IMG-6: while an MRI is still to come
    if pathway and found("mri_contraindicated") != "yes" and not imaged:
        given.add("mri_technique")
        given.add("mri_locally_first")
        if stream == "emergency" and any_neurology:
            given.add("overnight_mri")
    # IMG-8, IMG-10, IMG-11
    if (
        found("mri_contraindicated") == "yes"
        and judged("more_imaging_needed") == "yes"
        and (told["ct_performed"] or judged("recent_ct") == "yes")
    ):
        given.add("myelography_at_centre_only")
    if told["report_awaited"]:
        given.add("report_urgently")
    if metastases and (told["ct_performed"] or judged("recent_ct") == "yes"):
        given.add("reconstruct_ct")

    # PAI-4: after a change, and where what is given does not help
    in_pain = (
        "yes" in pain.values()
        or neurology.get("radicular_pain") == "yes"
        or found("low_back_pain") == "yes"
        or (severity is not None and severity > 0)
        or found("movement_pain") in ("mild", "moderate", "severe")
    )
    if judged("pain_plan_changed") == "yes" or (treatable_here and in_pain and uncontrolled):
        given.add("review_pain_plan")

    # BON-3, BON-5: a primary that nobody knows is not another primary
    if metastases and primary not in ("breast", "myeloma", "prostate", "unknown", "not_recorded"):
        given.add("no_bisphosphonate_to_prevent_mscc")
    if metastases and primary == "prostate":
        given.add("no_denosumab_in_prostate")

    # STE: whether a first dose is offered
    relapse = (
        pathway
        and haematological == "confirmed"
        and presentation["cancer_context"] == "past"
        and not any_neurology
        and not metastases
    )
    for_neurology = (
        any_neurology and haematological != "suspected" and (context != "none_known" or metastases)
    )
    for_blood = haematological == "confirmed" and pathway and not relapse
    on_steroid = found("dexamethasone_given") == "yes"
    known_not_malignant = imaging == "non_malignant_compression" and not told["non_malignant_stated"]
    steroid_indicated = not ruled_out and not known_not_malignant and (for_neurology or for_blood)
    if steroid_indicated and not on_steroid:
        given.add("record_why_no_dexamethasone")
    if on_steroid and not ruled_out:
        given.add("steroid_safeguards")
        if told["operated"] or told["irradiated"]:
            given.add("taper_dexamethasone")
        else:
            given.add("review_dexamethasone")
    if on_steroid and haematological == "confirmed":
        given.add("haematology_decides_further_steroid")
    if (
        pathway
        and no_neurology
        and not severe_pain
        and haematological not in ("confirmed", "suspected")
        and not on_steroid
        and not told["radiotherapy_decided"]
    ):
        given.add("no_routine_corticosteroid")

    # What speaks against a steroid, where one is offered, goes on, is considered, or was given and is not stopped.
    considered_steroid = (
        (stream == "one_week" or (stream == "emergency" and no_neurology))
        and haematological not in ("confirmed", "suspected")
        and not on_steroid
        and not ruled_out
        and not known_not_malignant
        and severe_pain
    )
    if (on_steroid and not ruled_out) or (not on_steroid and steroid_indicated) or considered_steroid:
        if judged("gastrointestinal_bleed") == "yes":
            cautions.add("steroid_and_bleeding")
        if judged("steroid_allergy") == "yes":
            cautions.add("steroid_and_allergy")
        if judged("diabetes") == "yes":
            cautions.add("steroid_and_diabetes")

    # TOO-1
    if metastases:
        given.add("consider_scoring_system")

    # RT-1 to RT-4
    untreated = not told["operated"] and not told["irradiated"]
    offered = mscc and suitable == "no" and not declines and not excluded and untreated
    if offered:
        given.add("urgent_radiotherapy")
    if mscc and suitable == "no" and excluded and not told["operated"]:
        given.add("urgent_radiotherapy_not_asked")
    if metastases and excluded and not told["irradiated"]:
        given.add("is_there_pain")
    if mscc and untreated and (offered or told["radiotherapy_decided"]):
        if judged("side_effect_risk_high") == "yes":
            given.add("several_fractions")
        else:
            given.add("single_fraction")
    # RT-5
    if metastases_only and judged("symptoms") == "no":
        if (
            judged("radiotherapy_trial") == "yes"
            or judged("oligometastatic") == "yes"
            or imaging == "impending_compression"
        ):
            given.add("radiotherapy_without_symptoms")
        else:
            given.add("no_radiotherapy_without_symptoms")
    # RT-6, RT-7
    if metastases and judged("non_mechanical_pain") == "yes" and not declines and not told["irradiated"]:
        given.add("single_fraction_for_pain")
        if judged("prognosis") == "good" or judged("oligometastatic") == "yes":
            given.add("stereotactic_alternative")
    # RT-8
    if (
        judged("recurrence") == "yes"
        and judged("good_response_before") == "yes"
        and judged("three_months_since_radiotherapy") == "yes"
    ):
        given.add("radiotherapy_again")
    # RT-9, RT-10
    if (
        told["operated"]
        and judged("recovered_from_surgery") == "yes"
        and not told["irradiated"]
        and not declines
    ):
        given.add("postoperative_radiotherapy")
    if mscc and (told["surgery_decided"] or suitable == "yes") and not told["operated"]:
        given.add("no_preoperative_radiotherapy")
    # While surgery is still open, the radiotherapy centre hears of the person beforehand.
    if mscc and suitable != "no" and not declines and not told["radiotherapy_decided"] and untreated:
        given.add("prealert_radiotherapy")
    # The first condition of RT-2 is judged where the record suggests that it may hold.
    unjudged = "not_assessed" in (judged("complete_plegia"), judged("plegia_two_weeks"))
    if told["no_power_two_weeks"] and unjudged and not ruled_out:
        given.add("judge_plegia")

    # INV-1 to INV-3
    considered = suitable in ("pending", "yes")
    if metastases and considered and not told["operated"]:
        given.add("plan_surgery_with_mdt")
    if mscc and suitable == "yes" and not told["operated"]:
        given.add("surgery_as_soon_as_possible")
        given.add("decompression_or_stabilisation")
    if mscc and told["progressing"] and suitable != "no" and not told["operated"]:
        given.add("surgical_opinion_first")
    # INV-4, INV-5
    if mscc and unstable and uncontrolled_mechanical_pain and suitable == "yes" and not told["operated"]:
        given.add("stabilise_for_pain")
    if metastases and unstable and uncontrolled_mechanical_pain and suitable == "no":
        given.add("external_support")
    # INV-6: outside an emergency the advice on arrival says it already
    tissue_wanted = metastases and primary == "unknown" and haematological != "confirmed"
    if tissue_wanted and stream == "emergency" and judged("treatment_can_wait") == "yes":
        given.add("biopsy_before_treatment")
    # INV-7, INV-8
    if metastases_only and (unstable or uncontrolled) and not told["operated"]:
        given.add("vertebral_intervention")
    if metastases_only and judged("symptoms") == "no" and likely_stable and not uncontrolled:
        given.add("no_surgery_to_prevent_mscc")
    # Whom a spinal surgeon sees before anybody else treats.
    operated_here = judged("recent_operation_at_level")
    irradiated_here = judged("irradiated_at_level")
    surgeon_first = (
        operated_here == "yes"
        or (told["operated_before"] and operated_here != "no")
        or irradiated_here == "yes"
        or (told["irradiated_before"] and irradiated_here != "no")
        or primary == "unknown"
        or context in ("suspected", "none_known")
    )
    if mscc and surgeon_first and suitable != "no" and not told["operated"]:
        given.add("spinal_surgeon_first")
    # Before a biopsy, a vertebral procedure or surgery.
    invasive = (
        considered
        or told["surgery_decided"]
        or (tissue_wanted and stream != "emergency")
        or "biopsy_before_treatment" in given
        or "vertebral_intervention" in given
    )
    if invasive and not told["operated"]:
        given.add("check_anticoagulant_and_platelets")
        if told["anticoagulated"]:
            cautions.add("anticoagulant_before_intervention")

    # A spine without malignant disease does not explain the neurology.
    if ruled_out and imaging == "no_malignant_disease" and any_neurology:
        given.add("clean_spine_with_neurology")

    # SUP-1 to SUP-3, SUP-7: from the diagnosis
    if metastases:
        given.add("talk_about_diagnosis")
        given.add("holistic_needs_assessment")
        if judged("later_stage") == "yes":
            given.add("consider_readjustment")
        else:
            given.add("rehabilitation_by_goals")
    # SUP-4, SUP-5, SUP-8
    if told["admitted"]:
        given.add("start_discharge_planning")
    if metastases and (told["admitted"] or told["immobilised"]):
        given.add("prevent_complications")
    if told["admitted"] and mscc:
        given.add("physiotherapy_and_ot")

    return given, cautions
