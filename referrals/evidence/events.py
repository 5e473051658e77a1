"""The events that may be reported: the data of each kind, and how a sent event is read. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from kernel.refusals import Invalid
from referrals.evidence.event_data import EventData
from referrals.evidence.facts import Fact
from referrals.intake.codes import (
    EVENT_KINDS,
    MODALITIES,
    MRI_RESULTS,
    REGIONS,
    SUITABLE,
    TREATMENT_MODALITIES,
)
from referrals.intake.fields import FIELD_AT, NotAllowed, Unreadable, plain, read_text
from referrals.intake.instants import fault_of_future
from triage.guideline.findings import NEUROLOGY_QUESTIONS, PAIN_QUESTIONS, Answer

SADDLE: Final = "saddle_or_sphincter_signs"
INSTABILITY: Final = "instability_signs"
NEUROLOGY = tuple(question.name for question in NEUROLOGY_QUESTIONS)
PAIN = tuple(question.name for question in PAIN_QUESTIONS)
STATUSES = ("provisional", "final", "amended", "withdrawn")


def _one_of(codes: Iterable[str]) -> Any:
    allowed = tuple(codes)

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise NotAllowed("This is text")
        if value not in allowed:
            raise Unreadable(f"Choose one of: {', '.join(allowed)}")
        return value

    return read


def _regions(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise NotAllowed("This is a list")
    wrong = [region for region in value if not isinstance(region, str) or region not in REGIONS]
    if wrong or not value:
        raise Unreadable(f"List at least one of: {', '.join(REGIONS)}")
    return [region for region in REGIONS if region in value]


def _true_or_false(value: Any) -> bool:
    if not isinstance(value, bool):
        raise NotAllowed("This is true or false")
    return value


def _findings(names: tuple[str, ...], group: str) -> Any:
    """Reads the answers to some findings of one group, by name."""

    def read(value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise NotAllowed("Send this as an object")
        for name, answer in value.items():
            if name not in names:
                raise NotAllowed(f"There is no {group} finding {name!r}")
            if not isinstance(answer, str) or answer not in set(Answer):
                raise Unreadable(f"{name}: choose one of: {', '.join(Answer)}")
        return dict(value)

    return read


def _worse(value: Any) -> list[str]:
    names = (*NEUROLOGY, SADDLE)
    if not isinstance(value, list):
        raise NotAllowed("This is a list")
    wrong = [name for name in value if not isinstance(name, str) or name not in names]
    if wrong:
        raise Unreadable(f"Name findings that became worse: {', '.join(names)}")
    return [name for name in names if name in value]


_instant = FIELD_AT["presented_at"].read
_dose = FIELD_AT["clinical.dexamethasone.dose_mg"].read
MISSING = {
    "kind": "Choose what happened",
    "occurred_at": "Enter when it happened",
    "result": "Choose the result",
    "modality": "Choose the modality",
    "regions": "Choose the regions that were covered",
    "neurology": "Say what has changed: a finding, what is worse, or how the person walks",
}

# Per kind: its data, each with its reader and whether it is required.
DATA: dict[str, dict[str, tuple[Any, bool]]] = {
    "mri_requested": {"site": (read_text, False), "booked_for": (_instant, False)},
    "mri_booked": {"site": (read_text, False), "booked_for": (_instant, False)},
    "mri_cancelled": {"reason": (read_text, False)},
    "mri_performed": {
        "modality": (_one_of(MODALITIES), True),
        "regions": (_regions, True),
        "scan": (read_text, False),
    },
    "mri_reported": {
        "result": (_one_of(MRI_RESULTS), False),
        "regions": (_regions, False),
        "scan": (read_text, False),
        "report": (read_text, False),
        "replaces": (read_text, False),
        "status": (_one_of(STATUSES), False),
        "verified": (_true_or_false, False),
    },
    "neurology_changed": {
        "neurology": (_findings(NEUROLOGY, "neurology"), False),
        "pain": (_findings(PAIN, "pain"), False),
        SADDLE: (_one_of(Answer), False),
        INSTABILITY: (_one_of(Answer), False),
        "worse": (_worse, False),
        "walking_now": (FIELD_AT["clinical.walking_now"].read, False),
    },
    "immobilised": {},
    "dexamethasone_given": {"dose_mg": (_dose, False), "route": (read_text, False)},
    "dexamethasone_stopped": {"reason": (read_text, False)},
    "decision_to_treat": {
        "modality": (_one_of(TREATMENT_MODALITIES), True),
        "suitable_for_surgery": (_one_of(SUITABLE), False),
    },
    "radiotherapy_started": {},
    "surgery_started": {},
    "admitted": {},
    "discharged": {},
    "died": {},
}


def parse_event(body: Any, *, at: datetime) -> Fact:
    """The fact of a sent event; Invalid with every problem by field path."""
    if not isinstance(body, dict):
        raise Invalid("Some of what was sent cannot be accepted", errors={"body": ["Send this as an object"]})
    errors: dict[str, list[str]] = {
        key: ["There is no such field"] for key in body if key not in ("kind", "occurred_at", "data")
    }
    kind = _read(body, "kind", _one_of(EVENT_KINDS), True, errors, prefix="")
    occurred_at = _read(body, "occurred_at", _instant, True, errors, prefix="")
    if isinstance(occurred_at, datetime) and (problem := fault_of_future(occurred_at, at=at)):
        errors["occurred_at"] = [problem]
    sent_data = body.get("data", {})
    if not isinstance(sent_data, dict):
        errors["data"] = ["Send this as an object"]
        sent_data = {}
    readers = DATA.get(str(kind), {})
    if kind is not None:
        errors |= {f"data.{key}": ["There is no such field"] for key in sent_data if key not in readers}
    data = {
        key: _read(sent_data, key, reader, required, errors, prefix="data.")
        for key, (reader, required) in readers.items()
    }
    content = {key: plain(value) for key, value in data.items() if value not in (None, "", {}, [])}
    if kind in _CHECKS and not errors:
        errors |= _CHECKS[str(kind)](content)
    if errors:
        raise Invalid("Some of what was sent cannot be accepted", errors=errors)
    return Fact(kind=str(kind), occurred_at=occurred_at, data=cast(EventData, content))


def _faults_of_report(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """A report needs a result, unless it is withdrawn, and its status and `verified` must agree."""
    status, verified = data.get("status"), data.get("verified")
    if "result" not in data and status != "withdrawn":
        return {"data.result": [MISSING["result"]]}
    if verified is not None and status is not None and verified != (status in ("final", "amended")):
        return {"data.verified": ["This contradicts the status: send one of the two, or both alike"]}
    return {}


def _faults_of_change(data: Mapping[str, Any]) -> dict[str, list[str]]:
    return {} if data else {"data.neurology": [MISSING["neurology"]]}


_CHECKS = {"mri_reported": _faults_of_report, "neurology_changed": _faults_of_change}


def _read(
    body: Mapping[str, Any],
    key: str,
    reader: Any,
    required: bool,
    errors: dict[str, list[str]],
    *,
    prefix: str,
) -> Any:
    if body.get(key) is None:
        if required:
            errors[f"{prefix}{key}"] = [MISSING.get(key, "This is missing")]
        return None
    try:
        return reader(body[key])
    except (NotAllowed, Unreadable) as problem:
        errors[f"{prefix}{key}"] = [str(problem)]
        return None
