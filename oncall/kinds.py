"""The clock kinds: what each promises, how long it runs, and its ladder. Pure.

Limits of NICE are fixed here; what the service may set comes in as minutes by key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oncall.ladder import SCREEN, Ladder, Rung

HOUR = 60
_NOTE = (SCREEN,)


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


class Stopped(StrEnum):
    """Why a clock stopped."""

    MET = "met"
    NOT_NEEDED = "not_needed"
    RECLASSIFIED = "reclassified"
    ENDED = "ended"
    SUPERSEDED = "superseded"


STOPPED_WORDS = {
    Stopped.MET: "done",
    Stopped.NOT_NEEDED: "no longer needed",
    Stopped.RECLASSIFIED: "reclassified",
    Stopped.ENDED: "ended with the case",
    Stopped.SUPERSEDED: "replaced by another",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfClock:
    """A kind in words: what is promised, what is to be done next, and where its limit comes from."""

    kind: ClockKind
    label: str
    next_step: str
    starts: str
    stops: str
    source: str


_PROPOSED = "proposed; the service may set it"

KINDS: tuple[KindOfClock, ...] = (
    KindOfClock(
        kind=ClockKind.ACKNOWLEDGE, label="A human acknowledges", next_step="Acknowledge",
        starts="submission, or new neurology", stops="acknowledgement", source=_PROPOSED,
    ),
    KindOfClock(
        kind=ClockKind.VOICE_CONTACT, label="Speak to the referrer", next_step="Ring the referrer",
        starts="submission of an emergency, or new neurology", stops="a logged call with the referrer",
        source=_PROPOSED,
    ),
    KindOfClock(
        kind=ClockKind.COORDINATOR_ADVICE, label="Coordinator's advice", next_step="Give advice",
        starts="the clinician's suspicion", stops="triage decision with advice", source="NG234 1.3.3",
    ),
    KindOfClock(
        kind=ClockKind.MRI, label="MRI of the whole spine", next_step="Get the MRI done",
        starts="the suspicion of MSCC, else of metastases",
        stops="mri_performed, once cervical, thoracic and lumbar spine are covered",
        source="NG234 1.5.2 and QS56 statement 3 (24 hours); NG234 1.5.3 and QS56 statement 2 (1 week)",
    ),
    KindOfClock(
        kind=ClockKind.MRI_REPORT, label="MRI report", next_step="Get the MRI reported",
        starts="mri_performed", stops="mri_reported", source=_PROPOSED,
    ),
    KindOfClock(
        kind=ClockKind.TREATMENT_PLAN, label="Treatment plan", next_step="Get the treatment plan agreed",
        starts="the clinician's suspicion", stops="a plan recorded as agreed, or not needed after a clean whole spine",
        source="QS56 statement 2",
    ),
    KindOfClock(
        kind=ClockKind.STABILITY_ADVICE, label="Expert advice on stability",
        next_step="Get advice on spinal stability",
        starts="immobilised", stops="stability advice recorded", source="NG234 1.4.4, number not confirmed",
    ),
    KindOfClock(
        kind=ClockKind.SPECIALIST_OPINION, label="Specialist opinion", next_step="Get the opinion",
        starts="an opinion asked for", stops="the opinion", source=_PROPOSED,
    ),
    KindOfClock(
        kind=ClockKind.DECISION_TO_TREAT, label="Decision to treat", next_step="Get the decision to treat",
        starts="mri_reported as MSCC or cauda equina compression", stops="decision_to_treat",
        source=_PROPOSED,
    ),
    KindOfClock(
        kind=ClockKind.RADIOTHERAPY, label="First radiotherapy", next_step="Get radiotherapy started",
        starts="decision_to_treat with radiotherapy", stops="radiotherapy_started",
        source="NG234 1.10.4 and QS56 statement 6",
    ),
    KindOfClock(
        kind=ClockKind.STEROID_REVIEW, label="Review of dexamethasone", next_step="Review dexamethasone",
        starts="dexamethasone_given", stops="a review or taper recorded", source=_PROPOSED,
    ),
    KindOfClock(
        kind=ClockKind.DISCHARGE_PLAN, label="Discharge plan opened", next_step="Open the discharge plan",
        starts="admitted", stops="the plan recorded as opened",
        source="QS56 statement 7; the 24 hours are proposed",
    ),
    KindOfClock(
        kind=ClockKind.TRIAGE_DECISION, label="Triage decision after acknowledging", next_step="Triage",
        starts="acknowledgement of an emergency", stops="the triage decision, a redirection or the end of the case",
        source=_PROPOSED,
    ),
)  # fmt: skip
# The service's own: hospital systems and referrers are told of the promises made to them.
INTERNAL = frozenset({ClockKind.TRIAGE_DECISION})
KIND_AT: dict[str, KindOfClock] = {kind.kind: kind for kind in KINDS}

# Started by an event; clocks that triage starts carry their own limit. Hours.
EVENT_LIMITS: dict[str, float] = {
    ClockKind.MRI_REPORT: 1,
    ClockKind.STABILITY_ADVICE: 24,
    ClockKind.SPECIALIST_OPINION: 2,
    ClockKind.DECISION_TO_TREAT: 4,
    ClockKind.RADIOTHERAPY: 24,
    ClockKind.STEROID_REVIEW: 24,
    ClockKind.DISCHARGE_PLAN: 24,
}
# What the service may set, in hours or minutes by its key; the limits of NICE are not among them.
_SET_BY_THE_SERVICE: dict[str, tuple[str, float]] = {
    ClockKind.MRI_REPORT: ("limit_mri_report", 60),
    ClockKind.SPECIALIST_OPINION: ("limit_specialist_opinion", 1),
    ClockKind.DECISION_TO_TREAT: ("limit_decision_to_treat", 1),
    ClockKind.STEROID_REVIEW: ("limit_steroid_review", 1),
    ClockKind.DISCHARGE_PLAN: ("limit_discharge_plan", 1),
}


def event_limit(kind: str, *, emergency: bool, service: Mapping[str, Any]) -> float:
    """The limit in hours of a clock that an event starts. `service` has its settings by key."""
    if kind == ClockKind.MRI_REPORT and not emergency:
        return float(service["limit_mri_report_other"])
    if kind not in _SET_BY_THE_SERVICE:
        return EVENT_LIMITS[kind]
    key, per_hour = _SET_BY_THE_SERVICE[kind]
    return float(service[key]) / per_hour


FORMAL_EVENT_CLOCKS = frozenset({ClockKind.STABILITY_ADVICE, ClockKind.RADIOTHERAPY})


def _rungs(*rungs: tuple[float, str], repeat: float, booked: float = 0) -> Ladder:
    """Minute 0 is a note on the screen; (minutes, duty) after that; the last one repeats."""
    climbing = [
        Rung(after_minutes=minutes, duty=duty, unless_booked=minutes == booked) for minutes, duty in rungs
    ]
    last = Rung(after_minutes=rungs[-1][0], duty=rungs[-1][1], repeat_minutes=repeat)
    return (Rung(after_minutes=0, duty="coordinator", channels=_NOTE), *climbing[:-1], last)


def ladder_of(kind: str, *, limit_hours: float, paged_at_once: bool, service: Mapping[str, Any]) -> Ladder:
    """The ladder that a clock of this kind and limit starts with. `service` has minutes by setting key."""
    limit = limit_hours * HOUR
    if kind == ClockKind.ACKNOWLEDGE:
        return _acknowledge(limit, paged_at_once, service)
    if kind == ClockKind.TRIAGE_DECISION:
        return _rungs((limit, "coordinator"), (limit + 10, "deputy"), (limit + 20, "consultant"), repeat=15)
    if kind == ClockKind.VOICE_CONTACT:
        return _rungs((limit * 2 / 3, "coordinator"), (limit, "deputy"), repeat=15)
    if kind == ClockKind.MRI and limit_hours <= 24:
        return _rungs(
            (4 * HOUR, "coordinator"), (12 * HOUR, "coordinator"), (18 * HOUR, "coordinator"),
            (22 * HOUR, "deputy"), (24 * HOUR, "consultant"), repeat=120, booked=4 * HOUR,
        )  # fmt: skip
    if kind == ClockKind.MRI:
        return _rungs(
            (24 * HOUR, "coordinator"), (96 * HOUR, "coordinator"), (120 * HOUR, "coordinator"),
            (144 * HOUR, "deputy"), (168 * HOUR, "consultant"), repeat=24 * HOUR, booked=24 * HOUR,
        )  # fmt: skip
    return _rungs(
        (limit * _FIRST_WARNING.get(kind, 0.5), "coordinator"), (limit * 5 / 6, "coordinator"),
        (limit, "consultant"), repeat=max(limit / 6, 30),
    )  # fmt: skip


# The share of the limit at which a clock first warns, after the service's timer catalogue.
_FIRST_WARNING: dict[str, float] = {
    ClockKind.COORDINATOR_ADVICE: 0.5,
    ClockKind.MRI_REPORT: 0.75,
    ClockKind.TREATMENT_PLAN: 5 / 7,
    ClockKind.STABILITY_ADVICE: 0.75,
    ClockKind.RADIOTHERAPY: 0.25,
}


def _acknowledge(limit: float, paged_at_once: bool, service: Mapping[str, Any]) -> Ladder:
    if not paged_at_once:
        return (
            Rung(after_minutes=0, duty="coordinator"),
            Rung(after_minutes=limit / 2, duty="coordinator"),
            Rung(after_minutes=limit * 3 / 4, duty="deputy"),
            Rung(after_minutes=limit, duty="consultant", repeat_minutes=limit / 4),
        )
    ordered = sorted(
        (float(service[f"rung_{rung}"]), duty)
        for rung, duty in (("repage", "coordinator"), ("deputy", "deputy"), ("consultant", "consultant"))
    )
    last = max(float(service["rung_manager"]), ordered[-1][0])
    return (
        Rung(after_minutes=0, duty="coordinator"),
        *(Rung(after_minutes=minutes, duty=duty) for minutes, duty in ordered),
        Rung(after_minutes=last, duty="manager", repeat_minutes=15),
    )
