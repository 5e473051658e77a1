"""The kinds of clock: the promise of each, what starts and stops it, and its limit. Pure.

Limits of NICE are fixed here; limits of the service come from its settings, in minutes or hours by key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ClockKind(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    VOICE_CONTACT = "voice_contact"
    COORDINATOR_ADVICE = "coordinator_advice"
    MRI = "mri"
    MRI_REPORT = "mri_report"
    TREATMENT_PLAN = "treatment_plan"
    STABILITY_ADVICE = "stability_advice"
    SPECIALIST_OPINION = "specialist_opinion"
    DECISION_TO_TREAT = "decision_to_treat"
    RADIOTHERAPY = "radiotherapy"
    STEROID_REVIEW = "steroid_review"
    DISCHARGE_PLAN = "discharge_plan"
    TRIAGE_DECISION = "triage_decision"
    PHYSIOTHERAPY = "physiotherapy"
    OCCUPATIONAL_THERAPY = "occupational_therapy"
    QUESTION = "question"
    TASK = "task"
    REVIEW = "review"
    CG75_LEGACY = "cg75_legacy"
    TOTAL_PATHWAY = "total_pathway"
    FOLLOW_UP = "follow_up"


class Stopped(StrEnum):
    """Why a clock stopped."""

    MET = "met"
    NOT_NEEDED = "not_needed"
    RECLASSIFIED = "reclassified"
    ENDED = "ended"
    SUPERSEDED = "superseded"


STOPPED_WORDS: Mapping[str, str] = {
    Stopped.MET: "done",
    Stopped.NOT_NEEDED: "no longer needed",
    Stopped.RECLASSIFIED: "reclassified",
    Stopped.ENDED: "ended with the case",
    Stopped.SUPERSEDED: "replaced by another",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfClock:
    """A kind in words: its promise, its next step, and the source of its limit.

    `started_by` and `stopped_by` are the events that start and stop it: `docs/clocks.md` prints them, and a
    test reports each event and compares.
    """

    kind: ClockKind
    label: str
    next_step: str
    starts: str
    stops: str
    source: str
    started_by: tuple[str, ...] = ()
    stopped_by: tuple[str, ...] = ()


_PROPOSED = "proposed; the service may set it"

KINDS: tuple[KindOfClock, ...] = (
    KindOfClock(
        kind=ClockKind.ACKNOWLEDGE,
        label="A human acknowledges",
        next_step="Acknowledge",
        starts="submission, new neurology, a worse or contradicting report, any event for a case that is over, a death",
        stops="acknowledgement",
        source=_PROPOSED,
        started_by=("neurology_changed", "mri_reported"),
    ),
    KindOfClock(
        kind=ClockKind.VOICE_CONTACT,
        label="Speak to the referrer",
        next_step="Ring the referrer",
        starts="submission of an emergency, new neurology, or a report of MSCC",
        stops="a logged call with the referrer",
        source=_PROPOSED,
        started_by=("neurology_changed",),
    ),
    KindOfClock(
        kind=ClockKind.COORDINATOR_ADVICE,
        label="Coordinator's advice",
        next_step="Give advice",
        starts="the clinician's suspicion",
        stops="triage decision with advice",
        source="NG234 1.3.3",
    ),
    KindOfClock(
        kind=ClockKind.MRI,
        label="MRI of the whole spine",
        next_step="Get the MRI done",
        starts="the suspicion of MSCC, else of metastases",
        stops="mri_performed, once cervical, thoracic and lumbar spine are covered",
        source="NG234 1.5.2 and QS56 statement 3 (24 hours); NG234 1.5.3 and QS56 statement 2 (1 week)",
        started_by=("neurology_changed",),
        stopped_by=("mri_performed",),
    ),
    KindOfClock(
        kind=ClockKind.MRI_REPORT,
        label="MRI report",
        next_step="Get the MRI reported",
        starts="mri_performed; the final report from the provisional one",
        stops="mri_reported of every region of the scan",
        source=_PROPOSED,
        started_by=("mri_performed", "mri_reported"),
        stopped_by=("mri_reported",),
    ),
    KindOfClock(
        kind=ClockKind.TREATMENT_PLAN,
        label="Treatment plan",
        next_step="Get the treatment plan agreed",
        starts="the clinician's suspicion",
        stops="a plan recorded as agreed, or not needed after a clean whole spine",
        source="QS56 statement 2",
    ),
    KindOfClock(
        kind=ClockKind.STABILITY_ADVICE,
        label="Expert advice on stability",
        next_step="Get advice on spinal stability",
        starts="immobilised",
        stops="stability advice recorded",
        source="NG234 1.4.4, number not confirmed",
        started_by=("immobilised",),
    ),
    KindOfClock(
        kind=ClockKind.SPECIALIST_OPINION,
        label="Specialist opinion",
        next_step="Get the opinion",
        starts="an opinion asked for",
        stops="the opinion",
        source=_PROPOSED,
    ),
    KindOfClock(
        kind=ClockKind.DECISION_TO_TREAT,
        label="Decision to treat",
        next_step="Get the decision to treat",
        starts="mri_reported as MSCC or cauda equina compression",
        stops="decision_to_treat, or not needed after a clean whole spine",
        source=_PROPOSED,
        started_by=("mri_reported",),
        stopped_by=("decision_to_treat",),
    ),
    KindOfClock(
        kind=ClockKind.RADIOTHERAPY,
        label="First radiotherapy",
        next_step="Get radiotherapy started",
        starts="decision_to_treat with radiotherapy",
        stops="radiotherapy_started; replaced by surgery, supportive care or the exclusion of NG234 1.10.4",
        source="NG234 1.10.4 and QS56 statement 6",
        started_by=("decision_to_treat",),
        stopped_by=("radiotherapy_started", "surgery_started"),
    ),
    KindOfClock(
        kind=ClockKind.STEROID_REVIEW,
        label="Review of dexamethasone",
        next_step="Review dexamethasone",
        starts="dexamethasone_given, or a clean whole spine while it is given",
        stops="a review or taper recorded, or dexamethasone_stopped",
        source=_PROPOSED,
        started_by=("dexamethasone_given",),
        stopped_by=("dexamethasone_stopped",),
    ),
    KindOfClock(
        kind=ClockKind.DISCHARGE_PLAN,
        label="Management plan",
        next_step="Open the management plan",
        starts="mri_reported as MSCC or cauda equina compression, or admitted, whichever is earlier; discharged without a signed plan",
        stops="the plan opened; after a discharge, the plan signed",
        source="QS56 statement 7; the 24 hours are proposed",
        started_by=("admitted", "mri_reported", "discharged"),
    ),
    KindOfClock(
        kind=ClockKind.TRIAGE_DECISION,
        label="Triage decision after acknowledging",
        next_step="Triage",
        starts="acknowledgement of an emergency",
        stops="the triage decision, a redirection or the end of the case",
        source=_PROPOSED,
    ),
    KindOfClock(
        kind=ClockKind.PHYSIOTHERAPY,
        label="First contact by physiotherapy",
        next_step="Get physiotherapy to see the patient",
        starts="admitted",
        stops="the first contact recorded; no longer needed after the discharge",
        source="one trust's local standard; the service may set it",
        started_by=("admitted",),
        stopped_by=("discharged",),
    ),
    KindOfClock(
        kind=ClockKind.OCCUPATIONAL_THERAPY,
        label="First contact by occupational therapy",
        next_step="Get occupational therapy to see the patient",
        starts="admitted",
        stops="the first contact recorded; no longer needed after the discharge",
        source="one trust's local standard; the service may set it",
        started_by=("admitted",),
        stopped_by=("discharged",),
    ),
    KindOfClock(
        kind=ClockKind.QUESTION,
        label="An answer to a question",
        next_step="Get the answer",
        starts="a question asked on the case",
        stops="its answer; for a question to the referrer, the person who asked records it",
        source="set with the question",
    ),
    KindOfClock(
        kind=ClockKind.TASK,
        label="A task",
        next_step="Do the task",
        starts="a task set on the case",
        stops="the task done",
        source="set with the task",
    ),
    KindOfClock(
        kind=ClockKind.REVIEW,
        label="A review",
        next_step="Review the case",
        starts="a review asked for on the case",
        stops="the review done",
        source="set with the review",
    ),
    KindOfClock(
        kind=ClockKind.CG75_LEGACY,
        label="Report to treatment, as CG75 asked (report only)",
        next_step="Nothing",
        starts="mri_reported as MSCC or cauda equina compression",
        stops="the first radiotherapy or surgery",
        source="CG75 (2008), superseded: measured, never a promise",
        started_by=("mri_reported",),
        stopped_by=("radiotherapy_started", "surgery_started"),
    ),
    KindOfClock(
        kind=ClockKind.TOTAL_PATHWAY,
        label="Suspicion to treatment (report only)",
        next_step="Nothing",
        starts="the clinician's suspicion, in an emergency or one-week case",
        stops="the first radiotherapy or surgery",
        source="the scan's limit and 24 hours for treatment together: measured, never a promise",
        stopped_by=("radiotherapy_started", "surgery_started"),
    ),
    KindOfClock(
        kind=ClockKind.FOLLOW_UP,
        label="Follow-up",
        next_step="Record how the person is",
        starts="the first radiotherapy or surgery; it runs on when the case is closed",
        stops="the outcome recorded at 4, 8 and 12 weeks and 12 months",
        source="the audit set of the service; proposed",
        started_by=("radiotherapy_started", "surgery_started"),
    ),
)
# Measured and never paged, shown to governance.
REPORT_ONLY = frozenset({ClockKind.CG75_LEGACY, ClockKind.TOTAL_PATHWAY})
# One clock for each question, task, review or opinion.
OBLIGATIONS = (ClockKind.QUESTION, ClockKind.TASK, ClockKind.REVIEW, ClockKind.SPECIALIST_OPINION)
# Kinds that may be silenced for a while; the others need a human now.
SNOOZED = (
    frozenset(ClockKind)
    - REPORT_ONLY
    - {ClockKind.ACKNOWLEDGE, ClockKind.VOICE_CONTACT, ClockKind.TRIAGE_DECISION}
)
# Kinds for the service alone: hospital systems and referrers see only the promises made to them.
INTERNAL = REPORT_ONLY | {
    ClockKind.TRIAGE_DECISION,
    ClockKind.PHYSIOTHERAPY,
    ClockKind.OCCUPATIONAL_THERAPY,
    ClockKind.QUESTION,
    ClockKind.TASK,
    ClockKind.REVIEW,
    ClockKind.FOLLOW_UP,
}
# Kinds that run on after the case is closed.
AFTERWARDS = frozenset({ClockKind.FOLLOW_UP})
WEEK = 7 * 24
FOLLOW_UPS = (4 * WEEK, 8 * WEEK, 12 * WEEK, 365 * 24)  # hours after the first treatment
KIND_AT: dict[str, KindOfClock] = {kind.kind: kind for kind in KINDS}

# Limits in hours of clocks that an event starts; clocks that triage starts have their own limit.
EVENT_LIMITS: dict[str, float] = {
    ClockKind.MRI_REPORT: 1,
    ClockKind.STABILITY_ADVICE: 24,
    ClockKind.SPECIALIST_OPINION: 2,
    ClockKind.DECISION_TO_TREAT: 4,
    ClockKind.RADIOTHERAPY: 24,
    ClockKind.STEROID_REVIEW: 24,
    ClockKind.DISCHARGE_PLAN: 24,
    ClockKind.PHYSIOTHERAPY: 24,
    ClockKind.OCCUPATIONAL_THERAPY: 48,
    ClockKind.CG75_LEGACY: 24,
}
# Limits that the service may set: the key of the setting, and its units in an hour. None is a limit of NICE.
_SET_BY_THE_SERVICE: dict[str, tuple[str, float]] = {
    ClockKind.MRI_REPORT: ("limit_mri_report", 60),
    ClockKind.SPECIALIST_OPINION: ("limit_specialist_opinion", 1),
    ClockKind.DECISION_TO_TREAT: ("limit_decision_to_treat", 1),
    ClockKind.STEROID_REVIEW: ("limit_steroid_review", 1),
    ClockKind.DISCHARGE_PLAN: ("limit_discharge_plan", 1),
    ClockKind.PHYSIOTHERAPY: ("limit_physiotherapy", 1),
    ClockKind.OCCUPATIONAL_THERAPY: ("limit_occupational_therapy", 1),
}


def event_limit(kind: str, *, emergency: bool, service: Mapping[str, Any]) -> float:
    """The limit in hours of a clock that an event starts. `service` has its settings by key."""
    if kind == ClockKind.MRI_REPORT and not emergency:
        return float(service["limit_mri_report_other"])
    if kind not in _SET_BY_THE_SERVICE:
        return EVENT_LIMITS[kind]
    key, per_hour = _SET_BY_THE_SERVICE[kind]
    return float(service[key]) / per_hour


FORMAL_EVENT_CLOCKS = frozenset({ClockKind.RADIOTHERAPY})
