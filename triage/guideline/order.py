"""The order in which rules are read, advice is given on a screen, and rows are listed: by id, across the sections."""

# The first rule that holds sets the stream.
STREAMS: tuple[str, ...] = (
    "emergency.known_cancer", "emergency.no_known_cancer", "emergency.imaging", "provisional.pain",
    "provisional.imaging", "provisional.unstable_or_severe", "one_week.imaging", "one_week.impending",
    "one_week.pain", "one_week.unstable_or_severe", "urgent_oncology.pain", "outside_pathway.pain",
    "insufficient_information", "safety_net", "outside_pathway",
)  # fmt: skip
# The first rule that holds says whom to contact.
CONTACTS: tuple[str, ...] = (
    "contact.emergency", "contact.emergency.no_known_cancer", "contact.impending", "contact.one_week",
    "contact.one_week.no_known_cancer", "contact.unstable", "contact.urgent_oncology", "contact.insufficient",
    "contact.none",
)  # fmt: skip
# Every rule that holds starts its clock.
CLOCKS: tuple[str, ...] = (
    "clock.mri_24h", "clock.mri_24h.no_known_cancer", "clock.coordinator_advice",
    "clock.coordinator_advice.no_known_cancer", "clock.mri_1w", "clock.mri_1w.no_known_cancer",
    "clock.treatment_plan", "clock.coordinator_advice.other", "clock.stability_advice",
)  # fmt: skip
# Advice at triage, as a screen gives it; rules of one code are together.
ADVICE: tuple[str, ...] = (
    "contact_coordinator_immediately.emergency", "contact_coordinator_immediately.held",
    "contact_coordinator_immediately.no_known_cancer", "contact_coordinator_immediately.impending",
    "contact_coordinator_immediately.impending_no_known_cancer", "seek_coordinator_advice_24h.pain",
    "seek_coordinator_advice_24h.other", "seek_coordinator_advice_24h.no_known_cancer",
    "seek_coordinator_advice_24h.insufficient", "seek_coordinator_advice_24h.unstable", "refer_urgent_oncology",
    "safety_net_advice", "safety_net_advice.outside", "safety_net_advice.waiting", "examine_neurology_now",
    "start_immobilisation", "consider_immobilisation.movement_pain", "consider_immobilisation.instability",
    "stability_advice_24h", "offer_dexamethasone_16mg.neurology", "offer_dexamethasone_16mg.haematological",
    "continue_dexamethasone_16mg_daily.neurology", "continue_dexamethasone_16mg_daily.haematological",
    "hold_dexamethasone_discuss_haematology", "hold_dexamethasone_discuss_haematology.relapse",
    "hold_dexamethasone_discuss_spinal_surgery", "consider_corticosteroid", "stop_dexamethasone",
    "mri_whole_spine_24h", "mri_whole_spine_24h.no_known_cancer", "mri_whole_spine_1w",
    "mri_whole_spine_1w.no_known_cancer", "ct_instead_of_mri", "no_plain_xray", "pain_assessment_and_plan",
    "adequate_analgesia", "consider_specialist_pain_service", "bisphosphonate.breast_or_myeloma",
    "bisphosphonate.prostate", "denosumab", "biopsy_if_primary_unknown", "record_key_information",
)  # fmt: skip
# Warnings beside the advice.
WARNINGS: tuple[str, ...] = (
    "use_local_emergency_route", "cauda_equina_4h", "provisional_neurology_not_assessed",
    "discuss_impending_compression_now", "discuss_spinal_surgery_now", "use_local_spinal_route",
    "imaging_result_outstanding", "clean_imaging_not_final", "no_histology_discuss_before_dexamethasone",
    "infection_before_dexamethasone", "steroid_and_bleeding", "steroid_and_allergy", "steroid_and_diabetes",
    "anticoagulant_before_intervention", "suspected_over_limit",
)  # fmt: skip
# Prompts of the care that follows, as a screen gives them.
CARE: tuple[str, ...] = (
    "nurse_lying", "adjust_position", "assess_stability", "graded_sitting", "mri_technique", "mri_locally_first",
    "overnight_mri", "report_urgently", "reconstruct_ct", "myelography_at_centre_only",
    "clean_spine_with_neurology", "review_pain_plan", "no_bisphosphonate_to_prevent_mscc",
    "no_denosumab_in_prostate", "record_why_no_dexamethasone", "review_dexamethasone", "taper_dexamethasone",
    "haematology_decides_further_steroid", "no_routine_corticosteroid", "steroid_safeguards",
    "consider_scoring_system", "urgent_radiotherapy", "urgent_radiotherapy_not_asked", "is_there_pain",
    "prealert_radiotherapy", "judge_plegia", "single_fraction", "several_fractions",
    "radiotherapy_without_symptoms.reason", "no_radiotherapy_without_symptoms", "single_fraction_for_pain",
    "stereotactic_alternative", "radiotherapy_again", "postoperative_radiotherapy",
    "no_preoperative_radiotherapy", "plan_surgery_with_mdt", "surgery_as_soon_as_possible",
    "surgical_opinion_first", "spinal_surgeon_first", "check_anticoagulant_and_platelets",
    "decompression_or_stabilisation", "stabilise_for_pain", "external_support", "biopsy_before_treatment",
    "vertebral_intervention", "no_surgery_to_prevent_mscc", "talk_about_diagnosis", "holistic_needs_assessment",
    "rehabilitation_by_goals", "consider_readjustment", "start_discharge_planning", "prevent_complications",
    "physiotherapy_and_ot",
)  # fmt: skip
# Every row: the guideline, QS56, the scores, the editions compared, resolutions and decisions.
ROWS: tuple[str, ...] = (
    "REC-1", "REC-2", "REC-3", "REC-4", "REC-5", "REC-6", "REC-7", "SVC-1", "SVC-2", "SVC-3", "SVC-4", "SVC-5",
    "SVC-6", "SVC-7", "SVC-8", "SVC-9", "SVC-10", "SVC-11", "SVC-12", "COO-1", "COO-2", "COO-3", "COO-4", "COO-5",
    "COO-6", "COO-7", "IMM-1", "IMM-2", "IMM-3", "IMM-4", "IMM-5", "IMG-1", "IMG-2", "IMG-3", "IMG-4", "IMG-5",
    "IMG-6", "IMG-7", "IMG-8", "IMG-9", "IMG-10", "IMG-11", "PAI-1", "PAI-2", "PAI-3", "PAI-4", "PAI-5", "BON-1",
    "BON-2", "BON-3", "BON-4", "BON-5", "STE-1", "STE-2", "STE-3", "STE-4", "STE-5", "STE-6", "STE-7", "STE-8",
    "TOO-1", "RT-1", "RT-2", "RT-3", "RT-4", "RT-5", "RT-6", "RT-7", "RT-8", "RT-9", "RT-10", "INV-1", "INV-2",
    "INV-3", "INV-4", "INV-5", "INV-6", "INV-7", "INV-8", "SUP-1", "SUP-2", "SUP-3", "SUP-4", "SUP-5", "SUP-6",
    "SUP-7", "SUP-8", "QS-GEN", "QS-T0", "QS-2a", "QS-2b", "QS-3", "QS-4", "QS-5", "QS-6", "QS-7", "QS-1",
    "EDGE-1", "EDGE-2", "EDGE-3", "EDGE-4", "EDGE-5", "EDGE-6", "EDGE-7", "EDGE-8", "EDGE-9", "EDGE-10",
    "EDGE-11", "EDGE-12", "EDGE-13", "EDGE-14", "EDGE-15", "SCO-1", "SCO-2", "SCO-3", "SCO-4", "SCO-5", "SCO-6",
    "SCO-7", "SCO-8", "SCO-9", "SCO-10", "CG-1", "CG-2", "CG-3", "CG-4", "CG-5", "CG-6", "CG-7", "CG-8", "CG-9",
    "CG-10", "CG-11", "CG-12", "CG-13", "CG-14", "CG-15", "CG-16", "CG-17", "A1", "A2", "A3", "A4", "A5", "A6",
    "A7", "A8", "A9", "A10", "A11", "A12", "A13", "A14", "A15", "A16", "A17", "A18", "A19", "A20", "A21", "A22",
    "A23", "A24", "A25", "A26", "A27", "A28", "A29", "A30", "A31", "A32", "A33", "A34", "SVC-EDGE", "SVC-IMG",
    "SVC-UNS", "SVC-NET", "SVC-ACK", "IMG-7L", "CLK-STE", "SVC-UNA", "SVC-NMC", "SVC-REL", "SVC-INF", "SVC-REP",
    "SVC-BLD", "SVC-SUR", "SVC-PRE", "SVC-PLE", "SVC-CLN",
)  # fmt: skip
