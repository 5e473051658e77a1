"""Facts of a case: what may be reported, and what they make of the presentation. Pure.

Facts come late, twice and out of order, so the presentation is folded anew from all of them in the
order of their true instants whenever one arrives.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.refusals import Invalid
from referrals.codes import (
    EVENT_KINDS,
    FINDINGS_COMPLETED,
    MODALITIES,
    MRI_RESULTS,
    REGIONS,
    SUITABLE,
    TREATMENT_MODALITIES,
    WHOLE_SPINE,
)
from referrals.fields import FIELD_AT, SKEW, NotAllowed, Unreadable, plain, read_text
from triage.guideline.findings import NEUROLOGY_QUESTIONS, Answer, Presentation, from_json
from triage.guideline.findings import as_json as presentation_json

IMAGING_OF_RESULT = {
    "mscc": "mscc",
    "cauda_equina_compression": "mscc",
    "impending_compression": "impending_compression",
    "metastases_no_compression": "spinal_metastases",
    "nerve_root_only": "spinal_metastases",
    "no_malignant_disease": "no_malignant_disease",
    "non_malignant_compression": "non_malignant_compression",
}
COMPRESSION = frozenset({"mscc", "cauda_equina_compression"})
CLEAN = frozenset({"no_malignant_disease", "non_malignant_compression"})
SADDLE = "saddle_or_sphincter_signs"
NEUROLOGY = tuple(question.name for question in NEUROLOGY_QUESTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An event as it was reported: kind, true instant, data in its codes."""

    kind: str
    occurred_at: datetime
    data: Mapping[str, Any]


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


def _neurology(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise NotAllowed("Send this as an object")
    for name, answer in value.items():
        if name not in NEUROLOGY:
            raise NotAllowed(f"There is no neurology finding {name!r}")
        if not isinstance(answer, str) or answer not in set(Answer):
            raise Unreadable(f"{name}: choose one of: {', '.join(Answer)}")
    if not value:
        raise Unreadable("Name at least one finding that changed")
    return dict(value)


_instant = FIELD_AT["presented_at"].read
_dose = FIELD_AT["clinical.dexamethasone.dose_mg"].read
MISSING = {
    "kind": "Choose what happened",
    "occurred_at": "Enter when it happened",
    "result": "Choose the result",
    "modality": "Choose the modality",
    "regions": "Choose the regions that were covered",
    "neurology": "Choose what is new or worse",
}

# Per kind: its data, each with its reader and whether it is required.
DATA: dict[str, dict[str, tuple[Any, bool]]] = {
    "mri_requested": {"site": (read_text, False), "booked_for": (_instant, False)},
    "mri_booked": {"site": (read_text, False), "booked_for": (_instant, False)},
    "mri_performed": {"modality": (_one_of(MODALITIES), True), "regions": (_regions, True)},
    "mri_reported": {"result": (_one_of(MRI_RESULTS), True), "verified": (_true_or_false, False)},
    "neurology_changed": {"neurology": (_neurology, True)},
    "immobilised": {},
    "dexamethasone_given": {"dose_mg": (_dose, False), "route": (read_text, False)},
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
    """The fact of what was sent; Invalid with every problem by field path otherwise."""
    if not isinstance(body, dict):
        raise Invalid("Some of what was sent cannot be accepted", errors={"body": ["Send this as an object"]})
    errors: dict[str, list[str]] = {
        key: ["There is no such field"] for key in body if key not in ("kind", "occurred_at", "data")
    }
    kind = _read(body, "kind", _one_of(EVENT_KINDS), True, errors, prefix="")
    occurred_at = _read(body, "occurred_at", _instant, True, errors, prefix="")
    if isinstance(occurred_at, datetime) and occurred_at > at + SKEW:
        errors["occurred_at"] = ["This is in the future: enter when it happened"]
    sent = body.get("data", {})
    if not isinstance(sent, dict):
        errors["data"] = ["Send this as an object"]
        sent = {}
    wanted = DATA.get(str(kind), {})
    if kind is not None:
        errors |= {f"data.{key}": ["There is no such field"] for key in sent if key not in wanted}
    data = {
        key: _read(sent, key, read, required, errors, prefix="data.")
        for key, (read, required) in wanted.items()
    }
    if errors:
        raise Invalid("Some of what was sent cannot be accepted", errors=errors)
    return Fact(
        kind=str(kind),
        occurred_at=occurred_at,
        data={key: plain(value) for key, value in data.items() if value is not None},
    )


def _read(
    body: Mapping[str, Any], key: str, read: Any, required: bool, errors: dict[str, list[str]], *, prefix: str
) -> Any:
    if body.get(key) is None:
        if required:
            errors[f"{prefix}{key}"] = [MISSING.get(key, "This is missing")]
        return None
    try:
        return read(body[key])
    except (NotAllowed, Unreadable) as problem:
        errors[f"{prefix}{key}"] = [str(problem)]
        return None


def in_true_order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts by when they happened; what arrived first goes first at the same instant."""
    return sorted(facts, key=lambda fact: fact.occurred_at)


def fold(sent: Presentation, facts: Iterable[Fact], *, since: datetime) -> Presentation:
    """The presentation as it stands: what was sent, changed by every fact in the order it happened.

    `since` is when the present symptoms began: an older scan says nothing of them.
    """
    facts = in_true_order(facts)
    found = presentation_json(sent)
    contraindicated = _mri_contraindicated(found, facts)
    scanned: set[str] = set()
    for fact in facts:
        if fact.kind in ("neurology_changed", FINDINGS_COMPLETED):
            if _any_new_yes(found, fact.data):
                found["whole_spine_imaged"], scanned = "not_assessed", set()
            found = _completed(found, fact.data)
        elif fact.kind == "mri_performed":
            if fact.occurred_at >= since and _counts(fact, mri_contraindicated=contraindicated):
                scanned |= set(fact.data["regions"])
            if scanned >= WHOLE_SPINE:
                found["whole_spine_imaged"] = "yes"
        elif fact.kind == "mri_reported":
            found["imaging_finding"] = IMAGING_OF_RESULT.get(fact.data["result"], found["imaging_finding"])
        elif fact.kind == "dexamethasone_given":
            found["dexamethasone_given"] = "yes"
    return from_json(found)


def _completed(found: dict[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    groups = {
        group: {**found[group], **answers[group]} for group in ("pain", "neurology") if group in answers
    }
    single = {key: value for key, value in answers.items() if key not in groups}
    return {**found, **single, **groups}


def _any_new_yes(before: Mapping[str, Any], changed: Mapping[str, Any]) -> bool:
    """Whether a neurology finding, saddle and sphincter signs among them, newly became yes."""
    neurology: dict[str, Any] = {**changed.get("neurology", {}), SADDLE: changed.get(SADDLE)}
    was = {**before["neurology"], SADDLE: before[SADDLE]}
    return any(answer == "yes" and was[name] != "yes" for name, answer in neurology.items())


def _mri_contraindicated(sent: Mapping[str, Any], facts: Iterable[Fact]) -> bool:
    """What is known of it last: a CT done before anybody said so counts all the same."""
    said = [fact.data["mri_contraindicated"] for fact in facts if "mri_contraindicated" in fact.data]
    known: list[str] = [sent["mri_contraindicated"], *said]
    return known[-1] == "yes"


def _counts(scan: Fact, *, mri_contraindicated: bool) -> bool:
    """CT counts for the whole spine only where MRI is contraindicated."""
    return scan.data["modality"] == "mri" or mri_contraindicated


def deteriorations(sent: Presentation, facts: Iterable[Fact]) -> Iterator[datetime]:
    """The instants at which a neurology finding newly became yes after the referral."""
    return (fact.occurred_at for fact in _new_neurology(sent, facts) if fact.kind == "neurology_changed")


def scans_void_from(sent: Presentation, facts: Iterable[Fact]) -> list[datetime]:
    """The instants at which new neurology, reported or found, made every earlier scan an old one."""
    return [fact.occurred_at for fact in _new_neurology(sent, facts)]


def _new_neurology(sent: Presentation, facts: Iterable[Fact]) -> Iterator[Fact]:
    found = presentation_json(sent)
    for fact in in_true_order(facts):
        if fact.kind in ("neurology_changed", FINDINGS_COMPLETED):
            if _any_new_yes(found, fact.data):
                yield fact
            found = _completed(found, fact.data)


def whole_spine_scanned_at(
    facts: Iterable[Fact], *, since: datetime, mri_contraindicated: bool
) -> datetime | None:
    """When scans since an instant had together covered cervical, thoracic and lumbar spine."""
    covered: set[str] = set()
    for fact in in_true_order(facts):
        if fact.kind != "mri_performed" or fact.occurred_at < since:
            continue
        if _counts(fact, mri_contraindicated=mri_contraindicated):
            covered |= set(fact.data["regions"])
        if covered >= WHOLE_SPINE:
            return fact.occurred_at
    return None
