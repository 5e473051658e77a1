"""Reporting what happened to a case, by telephone or from paper: the forms, and what each does when it is sent."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from referrals import codes
from referrals.fields import ANSWER, WALKING
from referrals.states import Action
from referrals.web.coordinator.act import Act, Group, Sent, event
from triage.guideline.findings import INSTABILITY_SIGNS, NEUROLOGY_QUESTIONS, SADDLE_SIGNS
from webkit.fields import Typing, choice, instant, many, text
from webkit.inputs import Input

IMAGING_KINDS = {
    kind: codes.EVENT_WORDS[kind]
    for kind in ("mri_requested", "mri_cancelled", "mri_performed", "mri_reported")
}


def imaging(t: Typing, *, at: datetime, kind: str) -> tuple[Input, ...]:
    """One step of imaging: which one is in the address of the form."""
    when = instant("occurred_at", "When it happened", t, at=at)
    if kind == "mri_requested":
        return (text("site", "Site", t), when)
    if kind == "mri_performed":
        return (
            choice("modality", "Modality", codes.MODALITIES, t, value="mri", kind="inline"),
            many("regions", "Regions covered", codes.REGIONS, t),
            text("scan", "Scan number, if there is one", t, short=True),
            when,
        )
    if kind == "mri_cancelled":
        return (text("reason", "Why", t), when)
    return (
        choice("result", "Result", codes.MRI_RESULTS, t),
        many("regions", "Regions that the report speaks of", codes.REGIONS, t),
        choice("status", "Status", codes.REPORT_STATUSES, t, value="provisional",
               hint="A provisional report can only add a finding. Withdrawn takes no finding away by itself"),
        text("report", "Report number, if there is one", t, short=True),
        text("replaces", "Number of the report that it replaces", t, short=True,
             hint="A final report takes a finding away only if it replaces the report that showed it"),
        text("scan", "Scan number, if there is one", t, short=True),
        when,
    )  # fmt: skip


OTHER_EVENTS = {
    kind: words
    for kind, words in codes.EVENT_WORDS.items()
    if kind not in IMAGING_KINDS and kind not in ("neurology_changed", "mri_booked", "discharged")
}


def other_event(t: Typing, *, at: datetime) -> tuple[Input, ...]:
    return (
        choice("kind", "What happened", {"": "Choose", **OTHER_EVENTS}, t, kind="select"),
        text("dose_mg", "Dexamethasone dose, mg", t, short=True, hint="Only for dexamethasone"),
        text("route", "Dexamethasone route", t, short=True, hint="Only for dexamethasone"),
        choice("modality", "Treatment", {"": "Not a decision to treat", **codes.TREATMENT_MODALITIES}, t, kind="select",
               hint="Only for a decision to treat"),
        choice("suitable_for_surgery", "Suitable for surgery", {"": "Not a decision to treat", **codes.SUITABLE}, t,
               kind="select", hint="Only for a decision to treat"),
        instant("occurred_at", "When", t, at=at),
    )  # fmt: skip


def deterioration(t: Typing, *, at: datetime) -> tuple[Input, ...]:
    choices = {q.name: q.label for q in (*NEUROLOGY_QUESTIONS, SADDLE_SIGNS)}
    return (
        many("worse", "New or worse", choices, t),
        choice("walking_now", "Walking now", {"": "Not asked", **WALKING}, t, kind="select"),
        choice("instability_signs", INSTABILITY_SIGNS.label, ANSWER, t, kind="inline"),
        instant("occurred_at", "Since when", t, at=at),
    )


def _imaging_act(kind: str) -> Callable[[Sent], str]:
    def act(sent: Sent) -> str:
        data: dict[str, Any] = {}
        if kind == "mri_requested":
            data = {"site": sent["site"] or None}
        elif kind == "mri_performed":
            regions = list(sent.typed.get("regions", ()))
            data = {"modality": sent["modality"], "regions": regions, "scan": sent["scan"] or None}
        elif kind == "mri_cancelled":
            data = {"reason": sent["reason"] or None}
        elif kind == "mri_reported":
            data = {name: sent[name] or None for name in ("result", "status", "report", "replaces", "scan")}
            data["regions"] = list(sent.typed.get("regions", ())) or None
        return event(sent, kind, data)

    return act


def _other_event_act(sent: Sent) -> str:
    kind = sent["kind"]
    data: dict[str, Any] = {}
    if kind == "dexamethasone_given" and sent["dose_mg"]:
        data["dose_mg"] = _number(sent["dose_mg"])
    if kind == "dexamethasone_given" and sent["route"]:
        data["route"] = sent["route"]
    elif kind == "decision_to_treat":
        data = {
            "modality": sent["modality"] or None,
            "suitable_for_surgery": sent["suitable_for_surgery"] or None,
        }
    return event(sent, kind, data)


def _deterioration_act(sent: Sent) -> str:
    data = {
        "worse": list(sent.typed.get("worse", ())),
        **{name: sent[name] or None for name in ("walking_now", "instability_signs")},
    }
    return event(sent, "neurology_changed", data, errors_at="worse")


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


_TITLES = {
    "mri_requested": "MRI requested",
    "mri_cancelled": "MRI cancelled: the booking fell through",
    "mri_performed": "Scan performed",
    "mri_reported": "Scan reported",
}


def _step(kind: str) -> Act:
    return Act(
        name=kind, title=_TITLES[kind], group=Group.SCAN, action=Action.RECORD_EVENT, do=_imaging_act(kind),
        inputs=lambda file, t: imaging(t, at=file.at, kind=kind),
    )  # fmt: skip


MRI_REQUESTED, MRI_CANCELLED, MRI_PERFORMED, MRI_REPORTED = (_step(kind) for kind in _TITLES)
DETERIORATION = Act(
    name="deterioration", title="Neurology is worse", group=Group.DECIDE, action=Action.RECORD_DETERIORATION,
    button="Record worse neurology", do=_deterioration_act, warns=True,
    inputs=lambda file, t: deterioration(t, at=file.at),
)  # fmt: skip
OTHER_EVENT = Act(
    name="event", title="Something else happened", group=Group.TREAT, action=Action.RECORD_EVENT, do=_other_event_act,
    inputs=lambda file, t: other_event(t, at=file.at),
)  # fmt: skip
