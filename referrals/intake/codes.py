"""Codes that a coordinator chooses from, with their words. Pure."""

from kernel.words import Words

OVERRIDE_CODES = {
    "further_history": "Further history by telephone",
    "examined_since": "Examined since the referral",
    "imaging_explains": "Imaging already explains it",
    "known_and_unchanged": "Known deficit, unchanged",
    "clinical_judgement_more_urgent": "Clinical judgement: more urgent than the guideline's stream",
    "clinical_judgement_less_urgent": "Clinical judgement: less urgent than the guideline's stream",
    "patient_choice": "The person's informed choice",
    "other": "Another reason",
}
NEUROLOGY_SOURCES = {
    "referral": "As given in the referral",
    "telephone": "Told by the referrer on the telephone",
    "examined_by_referrer": "Examined by the referrer since",
    "examined_by_other": "Examined by another clinician",
    "examined_by_me": "Examined by me",
    "record": "From a written record of today",
}
INVESTIGATIONS = {
    "mri_whole_spine": "MRI of the whole spine",
    "ct_whole_spine": "CT of the whole spine",
    "ct_reconstruction": "CT reconstruction for stability",
    "ct_staging": "CT for staging",
    "bloods": "Blood tests",
    "biopsy": "Biopsy",
    "none": "None needed",
}
URGENCIES = {
    "within_4_hours": "Within 4 hours",
    "within_24_hours": "Within 24 hours",
    "within_1_week": "Within 1 week",
    "routine": "Routine",
    "not_needed": "Not needed",
}
ADVICE_TOPICS = {
    "pain": "Pain management",
    "spinal_stability": "Spinal stability",
    "immobilisation": "Immobilisation",
    "dexamethasone": "Dexamethasone",
    "transfer": "Imaging, referral and transfer",
}
ADVICE_ANSWERS = {"given": "Given", "not_applicable": "Not applicable", "declined": "Declined"}
DISPOSITIONS = {
    "stay": "Stay where they are",
    "attend": "Attend by own transport",
    "ambulance": "Go by ambulance",
}
AMBULANCE_CATEGORIES = {
    "category_1": "Category 1 (life-threatening)",
    "category_2": "Category 2 (emergency)",
    "category_3": "Category 3 (urgent)",
    "timed_1h": "Health professional transfer within 1 hour",
    "timed_2h": "Health professional transfer within 2 hours",
    "timed_4h": "Health professional transfer within 4 hours",
}
POSITIONS = {
    "flat": "Lying flat",
    "partly_raised": "Lying, partly raised",
    "comfort": "As is comfortable",
}
REDIRECT_ROUTES = {
    "urgent_oncology": "Urgent suspected cancer referral",
    "acute_oncology": "Acute oncology service",
    "cauda_equina": "Cauda equina or emergency spinal service",
    "spinal_surgery": "Spinal surgery, not urgent",
    "musculoskeletal": "Musculoskeletal or back pain service",
    "neurology": "Neurology or stroke service",
    "gp": "Back to the GP with safety-net advice",
    "other": "Another service",
}
CLOSE_OUTCOMES = {
    "treated": "Treated, coordination complete",
    "mscc_ruled_out": "MSCC and metastases ruled out",
    "metastases_without_compression": "Metastases without compression, follow-up arranged",
    "supportive_care": "Supportive care",
    "advice_only": "Advice given, nothing further",
    "transferred": "Handed over to another service",
    "died": "Died",
    "duplicate": "Duplicate of another referral",
}
CONTACT_CHANNELS = Words(
    {"telephone": "Telephone", "bleep": "Bleep", "email": "E-mail", "in_person": "In person"}
)
DIRECTIONS = {"outgoing": "I rang them", "incoming": "They rang me"}
CONTACT_OUTCOMES = Words(
    {
        "spoke": "Spoke",
        "message_left": "Left a message",
        "no_answer": "No answer",
        "wrong_number": "Wrong number",
    }
)
REGIONS = Words({"cervical": "Cervical", "thoracic": "Thoracic", "lumbar": "Lumbar", "sacral": "Sacral"})
WHOLE_SPINE = frozenset({"cervical", "thoracic", "lumbar"})
MODALITIES = Words({"mri": "MRI", "ct": "CT"})
REPORT_STATUSES = Words(
    {
        "provisional": "Provisional",
        "final": "Final",
        "amended": "Final, amended",
        "withdrawn": "Withdrawn",
    }
)
MRI_RESULTS = Words(
    {
        "mscc": "Metastatic spinal cord compression",
        "cauda_equina_compression": "Cauda equina compression",
        "impending_compression": "Impending compression",
        "metastases_no_compression": "Metastases, no compression",
        "nerve_root_only": "Nerve root compression only",
        "no_malignant_disease": "No malignant disease",
        "non_malignant_compression": "Compression that is not malignant",
        "non_diagnostic": "Non-diagnostic",
    }
)
TREATMENT_MODALITIES = Words(
    {
        "surgery": "Surgery",
        "radiotherapy": "Radiotherapy",
        "supportive_care": "Supportive care",
        "other": "Other",
    }
)
SUITABLE = {"yes": "Yes", "no": "No", "pending": "Not decided yet"}
EVENT_WORDS = {
    "mri_requested": "MRI requested",
    "mri_booked": "MRI booked",
    "mri_cancelled": "MRI cancelled",
    "mri_performed": "Scan performed",
    "mri_reported": "Scan reported",
    "neurology_changed": "Neurology changed",
    "immobilised": "Immobilised",
    "dexamethasone_given": "Dexamethasone given",
    "dexamethasone_stopped": "Dexamethasone stopped",
    "decision_to_treat": "Decision to treat",
    "radiotherapy_started": "Radiotherapy started",
    "surgery_started": "Surgery started",
    "admitted": "Admitted",
    "discharged": "Discharged",
    "died": "Died",
}
EVENT_KINDS = tuple(EVENT_WORDS)
PROMISES = {
    "stability_advice": "Expert advice on spinal stability was given",
    "treatment_plan": "A treatment plan was agreed (no treatment needed is a plan)",
    "steroid_review": "Dexamethasone was reviewed, or its taper planned",
    "physiotherapy": "Physiotherapy has seen the patient",
    "occupational_therapy": "Occupational therapy has seen the patient",
}
OBLIGATIONS = Words(
    {
        "question": "A question to be answered",
        "task": "A task to be done",
        "review": "A review of the case",
        "specialist_opinion": "A specialist's opinion",
    }
)
DUE_WITHIN = {
    "0.5": "30 minutes",
    "1": "1 hour",
    "2": "2 hours",
    "4": "4 hours",
    "12": "12 hours",
    "24": "24 hours",
    "72": "3 days",
    "168": "1 week",
}
SNOOZE_MINUTES = {"15": "15 minutes", "30": "30 minutes", "60": "1 hour"}
SNOOZE_REASONS = {
    "arranged": "It is arranged and waits for its time",
    "waiting_for_answer": "Somebody else has to answer first",
    "with_another_emergency": "I am with another emergency",
    "patient_not_ready": "The patient is not ready",
}
INFORMATION_REASONS = {
    "neurology_not_examined": "The neurology is not fully examined",
    "history_incomplete": "The history is incomplete",
    "imaging_needed": "Earlier imaging or its report is needed",
    "identity_unclear": "It is not clear who the person is",
    "wishes_unknown": "The person's wishes are not known",
    "other": "Something else, as written",
}
LETTERS = {
    "advice": "Advice to the referrer",
    "gp": "Copy to the GP",
    "transfer": "Transfer letter",
    "crew": "Hand-over to the transport crew",
}
PLAN_LETTERS = {
    "plan_gp": "Management plan, for the GP",
    "plan_person": "Your plan, for the person",
}
LETTER_WORDS = Words(LETTERS | PLAN_LETTERS)
FINDINGS_COMPLETED = "findings_completed"
COURSE_JUDGED = "course_judged"
STEP_WORDS = {
    "mri_vetted": "MRI request vetted",
    "images_requested": "Images requested",
    "images_received": "Images received",
    "images_viewable": "Images can be viewed",
    "transfer_accepted": "Transfer accepted",
    "transport_booked": "Transport booked",
    "departed": "Departed",
    "arrived": "Arrived",
}
PLAN_OPENED, PLAN_SIGNED, TREATMENT_COMPLETED = "plan_opened", "plan_signed", "treatment_completed"
INTERNAL_EVENT_WORDS = Words(
    {
        FINDINGS_COMPLETED: "Findings completed",
        COURSE_JUDGED: "Judged for treatment",
        PLAN_OPENED: "Management plan opened",
        PLAN_SIGNED: "Management plan signed",
        TREATMENT_COMPLETED: "Treatment completed",
        "finding_withdrawn": "Imaging finding withdrawn",
        "finding_confirmed": "Imaging finding confirmed",
        **STEP_WORDS,
    }
)
# What a hospital system sent that is no fact of a case: it waits for a coordinator, who reads it.
REPORT_UNREAD, NUMBERS_MERGED = "report_unread", "numbers_merged"
KEPT_WORDS = {
    REPORT_UNREAD: "A report arrived that could not be read here",
    NUMBERS_MERGED: "The hospital has joined two of its numbers",
}
LEASE_REASONS = {
    "calling": "Calling the referrer now",
    "waiting_for_call_back": "Waiting for a call back",
    "examining": "Somebody is examining the person now",
    "another_emergency": "With another emergency",
}
CARE_ANSWERS = Words(
    {
        "done": "Done",
        "planned": "Planned",
        "not_applicable": "Does not apply",
        "declined": "The person declines",
        "decided_otherwise": "Decided otherwise",
    }
)
DISCHARGED_WITHOUT_PLAN = {
    "left_against_advice": "The person left against advice",
    "transfer": "Transfer to another hospital, which writes the plan",
    "plan_elsewhere": "A plan was signed in another system",
    "other": "Another reason, as written",
}
DISCUSSIONS = {
    "virtual_urgent": "Now, by the specialties that are asked",
    "scheduled": "At the next meeting",
}
MDT_QUESTIONS = {
    "stability": "Is the spine stable, and may the person be mobilised?",
    "surgery": "Is surgery suitable?",
    "radiotherapy": "Is radiotherapy suitable, and in which form?",
    "diagnosis": "What is the diagnosis, and is a biopsy needed?",
    "supportive_care": "Is supportive care the right aim?",
}
