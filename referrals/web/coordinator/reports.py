"""Reporting what happened to a case, by telephone or from paper: the forms, and what each does when it is sent."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from referrals.case.states import Action
from referrals.intake import codes
from referrals.intake.fields import ANSWER
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct, event
from referrals.web.inputs import WALKING_NOW
from triage.guideline.findings import INSTABILITY_SIGNS, NEUROLOGY_QUESTIONS, PAIN_QUESTIONS, SADDLE_SIGNS
from webkit.fields import Choice, Flag, Many, Moment, Text
from webkit.forms import Fields

IMAGING_KINDS = {
    kind: codes.EVENT_WORDS[kind]
    for kind in ("mri_requested", "mri_cancelled", "mri_performed", "mri_reported")
}


def imaging(*, at: datetime, kind: str) -> Fields:
    """One step of imaging: which one is in the address of the form."""
    when = {"occurred_at": Moment("When it happened", initial=at)}
    if kind == "mri_requested":
        return {"site": Text("Site"), **when}
    if kind == "mri_performed":
        return {
            "modality": Choice("Modality", codes.MODALITIES, initial="mri", kind="inline"),
            "regions": Many("Regions covered", codes.REGIONS),
            "scan": Text("Scan number, if there is one", width="10"),
            **when,
        }
    if kind == "mri_cancelled":
        return {"reason": Text("Why"), **when}
    return {
        "result": Choice("Result", codes.MRI_RESULTS),
        "regions": Many("Regions that the report covers", codes.REGIONS),
        "status": Choice(
            "Status",
            codes.REPORT_STATUSES,
            initial="provisional",
            hint="A provisional report can only add a finding. A withdrawn report takes no finding away by itself",
        ),
        "report": Text("Report number, if there is one", width="10"),
        "replaces": Text(
            "Number of the report that it replaces",
            width="10",
            hint="A final report takes a finding away only if it replaces the report that showed it",
        ),
        "scan": Text("Scan number, if there is one", width="10"),
        **when,
    }


OTHER_EVENTS = {
    kind: words
    for kind, words in codes.EVENT_WORDS.items()
    if kind not in IMAGING_KINDS and kind not in ("neurology_changed", "mri_booked", "discharged")
}


def other_event(*, at: datetime) -> Fields:
    """Inputs for any event without its own form; dose and treatment are only for the events that need them."""
    return {
        "kind": Choice("What happened", {"": "Choose", **OTHER_EVENTS}, kind="select"),
        "dose_mg": Text("Dexamethasone dose, mg", width="10", hint="Only for dexamethasone"),
        "route": Text("Dexamethasone route", width="10", hint="Only for dexamethasone"),
        "modality": Choice(
            "Treatment",
            {"": "Not a decision to treat", **codes.TREATMENT_MODALITIES},
            kind="select",
            hint="Only for a decision to treat",
        ),
        "suitable_for_surgery": Choice(
            "Suitable for surgery",
            {"": "Not a decision to treat", **codes.SUITABLE},
            kind="select",
            hint="Only for a decision to treat",
        ),
        "occurred_at": Moment("When", initial=at),
    }


def deterioration(*, at: datetime) -> Fields:
    """Inputs for new or worse neurology, walking, pain and spinal instability, since `at` unless changed."""
    choices = {q.name: q.label for q in (*NEUROLOGY_QUESTIONS, SADDLE_SIGNS)}
    return {
        "worse": Many("New or worse", choices),
        "walking_now": Choice("Walking now", WALKING_NOW, kind="select"),
        "instability_signs": Choice(INSTABILITY_SIGNS.label, ANSWER, kind="inline"),
        "pain": Many("New or worse pain", {q.name: q.label for q in PAIN_QUESTIONS}),
        "occurred_at": Moment("Since when", initial=at),
        "dealing_with_it": Flag(
            "I am dealing with this now",
            hint="It is acknowledged in your name. Leave this empty to page the people on call",
        ),
    }


def _imaging_act(kind: str) -> Callable[[SentAct], str]:
    def act(sent: SentAct) -> str:
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


def _other_event_act(sent: SentAct) -> str:
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


def _deterioration_act(sent: SentAct) -> str:
    data = {
        "worse": list(sent.typed.get("worse", ())),
        "pain": dict.fromkeys(sent.typed.get("pain", ()), "yes"),
        **{name: sent[name] or None for name in ("walking_now", "instability_signs")},
    }
    dealing_with_it = bool(sent["dealing_with_it"])
    return event(sent, "neurology_changed", data, errors_at="worse", dealing_with_it=dealing_with_it)


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


def _step(kind: str) -> CaseAct:
    return CaseAct(
        name=kind,
        title=_TITLES[kind],
        group=ActGroup.SCAN,
        action=Action.RECORD_EVENT,
        do=_imaging_act(kind),
        fields=lambda file: imaging(at=file.at, kind=kind),
    )


MRI_REQUESTED, MRI_CANCELLED, MRI_PERFORMED, MRI_REPORTED = (_step(kind) for kind in _TITLES)
DETERIORATION = CaseAct(
    name="deterioration",
    title="Neurology, walking, bladder or pain is worse",
    group=ActGroup.DECIDE,
    action=Action.RECORD_DETERIORATION,
    button="Record what is worse",
    do=_deterioration_act,
    warns=True,
    fields=lambda file: deterioration(at=file.at),
)
OTHER_EVENT = CaseAct(
    name="event",
    title="Something else happened",
    group=ActGroup.TREAT,
    action=Action.RECORD_EVENT,
    do=_other_event_act,
    fields=lambda file: other_event(at=file.at),
)
