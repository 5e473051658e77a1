"""Examples of the bodies of the API, in the document and sent by a test. Every person is invented."""

from typing import Any

REFERRAL: dict[str, Any] = {
    "patient": {
        "nhs_number": "9990000018",
        "family_name": "Marlowe",
        "given_name": "Ruth",
        "date_of_birth": "1958-02-03",
        "sex": "female",
    },
    "referrer": {
        "name": "Dr Priya Anand",
        "role": "emergency_department",
        "organisation_ods": "RXX01",
        "callback_number": "01632 960123",
    },
    "location": {"kind": "emergency_department", "detail": "Bay 4", "organisation_ods": "RXX01"},
    "clinician_suspected_at": "2026-11-20T09:30:00Z",
    "presentation": {
        "cancer_context": "current",
        "primary_site": "breast",
        "pain": {"progressive": "yes", "nocturnal": "yes"},
        "neurology": {"limb_weakness": "yes", "gait_disturbance": "yes"},
    },
    "clinical": {"walking_now": "with_aid"},
}
_AT = "2026-11-20T10:00:00Z"
EVENTS: dict[str, dict[str, Any]] = {
    "mri_requested": {"site": "Main scanner"},
    "mri_booked": {"site": "Main scanner", "booked_for": "2026-11-20T12:00:00Z"},
    "mri_cancelled": {"reason": "Scanner fault"},
    "mri_performed": {
        "modality": "mri",
        "regions": ["cervical", "thoracic", "lumbar", "sacral"],
        "scan": "ACC-1",
    },
    "mri_reported": {"result": "mscc", "regions": ["thoracic"], "report": "REP-1", "status": "final"},
    "neurology_changed": {"neurology": {"limb_weakness": "yes"}, "worse": ["limb_weakness"]},
    "immobilised": {},
    "dexamethasone_given": {"dose_mg": 16, "route": "oral"},
    "dexamethasone_stopped": {"reason": "Infection"},
    "decision_to_treat": {"modality": "radiotherapy", "suitable_for_surgery": "no"},
    "radiotherapy_started": {},
    "surgery_started": {},
    "admitted": {},
    "discharged": {},
    "died": {},
}
PERSON = {"family_name": "Marlowe", "given_name": "Ruth", "date_of_birth": "1958-02-03", "sex": "female"}


def event(kind: str) -> dict[str, Any]:
    """A fact of this kind."""
    return {"kind": kind, "occurred_at": _AT, "data": EVENTS[kind]}


EXAMPLES: dict[str, dict[str, Any]] = {
    "Intake": {"emergency": REFERRAL},
    "Evaluation": {
        "weakness": {"presentation": REFERRAL["presentation"], "clinician_suspected_at": _AT},
    },
    "EventReport": {kind: event(kind) for kind in EVENTS},
    "UnmatchedReport": {"report": {"patient": PERSON, **event("mri_reported")}},
    "Search": {"by_number": {"nhs_number": "999 000 0018"}, "by_name": {"family_name": "Marlowe"}},
    "MessageSent": {"question": {"text": "May she sit up?", "answer_within_hours": 1}},
    "RecordValues": {
        "walking": {"values": {"clinical.walking_now": "with_aid", "record.bladder": "normal"}},
    },
    "WebhookSent": {
        "some": {"url": "https://127.0.0.1/mscc", "kinds": ["referral_acknowledged", "message_sent"]},
    },
    "Rotation": {"a_day": {"overlap_hours": 24}},
    "Withdrawal": {"mistake": {"reason": "Sent for the wrong person"}},
}
