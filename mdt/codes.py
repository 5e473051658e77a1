"""Codes of discussion, opinion, decision, treatment, plan and outcome, with their words. Pure."""

from collections.abc import Iterable

ACTIONS = {
    "surgery": "Surgery",
    "radiotherapy": "Radiotherapy",
    "systemic_treatment": "Systemic anticancer treatment",
    "supportive_care": "Supportive care",
    "external_support": "External support, such as a brace",
    "vertebral_intervention": "Vertebroplasty, kyphoplasty or ablation",
    "biopsy": "Biopsy",
    "more_imaging": "More imaging",
    "mobilise": "Mobilise",
    "keep_lying": "Keep lying, flat or partly raised",
    "rehabilitation": "Rehabilitation",
    "no_action": "No action",
}
SURGERY_REASONS = {
    "instability": "The spine is unstable",
    "neurology_recent": "Neurology is recent or getting worse",
    "neurology_fixed": "Neurology is complete and long-standing",
    "pain_not_controlled": "Mechanical pain that analgesia does not control",
    "no_diagnosis": "No histology yet",
    "radiosensitive": "Radiosensitive tumour",
    "radioresistant": "Radioresistant tumour, or earlier radiotherapy at this level",
    "prognosis": "Prognosis, as judged by clinicians",
    "performance_or_frailty": "Performance status or frailty before these symptoms",
    "many_levels": "Too many levels",
    "technically_not_possible": "Technically not possible",
    "anaesthetic_risk": "Anaesthetic risk",
    "person_declines": "The person declines",
    "awaiting_imaging": "Imaging is awaited",
    "awaiting_person": "The person has not decided yet",
}
POSITIONS = {"": "Was not present", "agrees": "Agrees", "dissents": "Dissents"}
PRESENT = ("agrees", "dissents")
GRADES = {
    "consultant": "Consultant",
    "specialty_doctor": "Specialty or associate specialist doctor",
    "registrar": "Registrar",
    "advanced_practitioner": "Consultant or advanced practitioner, nurse or AHP",
    "other": "Another grade",
}
CONSENT = {
    "consented": "The person consents, with capacity",
    "best_interests": "Best-interests decision",
    "pending": "Still to be discussed with the person",
    "declined": "The person declines",
}
SIDE_EFFECT_RISK = {"usual": "Usual", "high": "High"}
NOT_SINGLE_REASONS = {
    "large_field": "High risk of side effects: large field or fields",
    "previous_radiotherapy": "High risk of side effects: previous radiotherapy",
    "good_prognosis": "Good prognosis",
    "oligometastatic": "Oligometastatic disease that involves the spine",
    "after_surgery": "After surgery",
    "other": "Another reason, as written",
}
SURGERY_URGENCIES = {
    "now": "Now: neurology is getting worse over hours",
    "within_24_hours": "Within 24 hours",
    "within_72_hours": "Within 3 days",
    "planned": "Planned",
}
SUPPORTS = {
    "hard_collar": "Hard collar",
    "halo_vest": "Halo vest",
    "ctlso": "Cervico-thoraco-lumbar orthosis",
    "tlso": "Thoraco-lumbar orthosis",
    "other": "Another support",
}
BONE_AGENTS = {"bisphosphonate": "Bisphosphonate", "denosumab": "Denosumab"}
NO_TREATMENT_REASONS = {
    "person_declines": "The person declines",
    "dying": "In the last days of life",
    "too_unwell": "Too unwell for treatment of the tumour",
    "no_benefit": "No benefit is expected",
    "no_disease": "No disease that needs treatment",
    "other": "Another reason, as written",
}
THERAPIES = {
    "physiotherapy": "Physiotherapy",
    "occupational_therapy": "Occupational therapy",
    "speech_and_language": "Speech and language therapy",
    "dietetics": "Dietetics",
}
REFERRALS_ON = {
    "community_nursing": "Community nursing",
    "community_rehabilitation": "Community rehabilitation",
    "palliative_care": "Palliative care",
    "social_services": "Social services",
    "hospice": "Hospice",
    "psychology": "Psychology",
    "welfare_rights": "Welfare rights and benefits",
}
DESTINATIONS = {
    "home": "Home",
    "care_home": "Care home",
    "hospice": "Hospice",
    "rehabilitation_unit": "Rehabilitation unit",
    "other_hospital": "Another hospital",
    "not_admitted": "Never admitted: at home throughout",
}
PLACES = {**DESTINATIONS, "hospital": "Hospital"}
NOT_SEEN = {
    "not_reached": "Could not be reached",
    "declined": "The person declines",
    "elsewhere": "Followed up elsewhere",
}
OFF_REASONS = {
    "settled": "Settled before the meeting",
    "not_ready": "Not ready to be discussed",
    "other_meeting": "Goes to another meeting",
    "in_error": "Added in error",
}
# Decisions after which the plan is still to be agreed.
NO_PLAN_YET = frozenset({"more_imaging", "biopsy"})


def is_plan(outcomes: Iterable[str]) -> bool:
    """Whether a decision with these outcomes is a plan, and not only that another test comes first."""
    return bool(set(outcomes) - NO_PLAN_YET)
