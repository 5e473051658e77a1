"""The codes of an incident: what went wrong, how much harm it did, how far the lead has come. Pure.

SVC-10 of NG234: a service has a system to investigate and report incidents. The kinds are those found in the reports of
2010 about delays to these patients, and those that software adds. The harm is graded as in the NHS.
"""

from collections.abc import Mapping

INCIDENT_KINDS: Mapping[str, str] = {
    "delay": "Delay in assessment, scan, transfer or treatment",
    "unclear_owner": "Not clear who was responsible",
    "handling": "Moving or positioning the patient",
    "transport": "Ambulance or transport",
    "communication": "A call, message, page or letter that did not arrive or was not understood",
    "medicine": "Steroid, anticoagulant or another medicine",
    "wrong_person": "Wrong patient, or two records mixed up",
    "advice": "Advice on the screen that was wrong or misleading",
    "not_working": "The software did not work",
    "privacy": "Information seen by, or sent to, the wrong person",
    "other": "Something else",
}
HARM: Mapping[str, str] = {
    "none": "None",
    "low": "Low: more observation or a small treatment",
    "moderate": "Moderate: further treatment, but no lasting harm",
    "severe": "Severe: lasting harm, such as lost walking or continence",
    "fatal": "The person died",
    "not_known": "Not known yet",
}
# The service lead is paged at once about these: what is not known yet may be severe.
PAGED = frozenset({"severe", "fatal", "not_known"})
NEW, INVESTIGATED, CLOSED = "new", "investigated", "closed"
STATES: Mapping[str, str] = {
    NEW: "Nobody has looked into it yet",
    INVESTIGATED: "Under investigation",
    CLOSED: "Closed",
}
