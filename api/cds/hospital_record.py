"""Reads cancer and orders from a hospital record, in any shape. Pure.

A Condition is read by our own code of its primary site, by ICD-10, or by its words. An order is read by its words. A finding
is read from our own codes alone: none is guessed.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from api.fhir import systems
from api.fhir.findings_in import IGNORED, Findings, read_observation
from api.fhir.structure import faults_of
from referrals.intake.validation import read_presentation
from triage.guideline.findings import CancerContext, PrimarySite

Resource = Mapping[str, Any]
FRESH = timedelta(days=7)  # how old a finding on a card may be
MOST_WORDS = 500

_CANCER = re.compile(
    r"\b(cancers?|carcinoma\w*|adenocarcinoma\w*|malignan\w+|metasta\w+|lymphomas?|myelomas?|leuka?emias?|melanomas?|"
    r"sarcomas?|mesotheliomas?|glioblastomas?)\b"
)
_NO_CANCER = re.compile(
    r"family history|\bfh\b|screening|fear of|worried about|no evidence of (cancer|malig)|no history of|benign|"
    r"\bnon[- ]?malig|\bpre[- ]?malig|risk of|vaccin"
)
_PAST = re.compile(r"(personal|past) history|\bh/o\b|history of|in remission")
_SUSPECTED = re.compile(r"suspected|suspicion of|\bquery\b|\?\s*cancer")
_SNOMED = frozenset({"363346000", "94222008"})  # malignant disease, and secondary of bone, sent without words
_UNSURE = frozenset({"unconfirmed", "provisional", "differential"})
_OVER = frozenset({"inactive", "remission", "resolved"})
_SPINE = re.compile(
    r"\b(spine|spinal|cervical|thoracic|lumbar|lumbosacral|sacral|sacrum|vertebra\w*|c-?spine|l-?spine)\b"
)
_MRI = re.compile(r"\b(mri|mr|magnetic resonance)\b")
_XRAY = re.compile(r"\b(x[- ]?rays?|xr|plain films?|radiographs?|plain radiography)\b")
_LOCAL_STEROID = re.compile(r"\b(eyes?|ears?|otic|drops?|ointment|intravitreal|ophthalmic|spray)\b")
_ENDED = ("revoked", "cancelled", "entered-in-error", "stopped", "completed")


class Order(StrEnum):
    """The orders that the service speaks of."""

    MRI_SPINE = "mri_spine"
    XRAY_SPINE = "xray_spine"
    DEXAMETHASONE = "dexamethasone"


def rows(value: Any) -> Iterator[Resource]:
    """The objects in a value: itself, or those of a list."""
    return (row for row in (value if isinstance(value, list) else [value]) if isinstance(row, dict))


def resources(value: Any, *kinds: str) -> Iterator[Resource]:
    """The resources of these kinds in a Bundle, or the resource itself."""
    for holder in rows(value):
        if holder.get("resourceType") in kinds:
            yield holder
        for entry in rows(holder.get("entry", [])):
            yield from (row for row in rows(entry.get("resource")) if row.get("resourceType") in kinds)


def is_answer(value: Any) -> bool:
    """Whether a prefetched value is a whole answer. Null, an error, or the first page of several says nothing."""
    if not isinstance(value, dict) or value.get("resourceType") in (None, "OperationOutcome"):
        return False
    return not any(row.get("relation") == "next" for row in rows(value.get("link", [])))


def _codes(concept: Any) -> Iterator[tuple[str, str]]:
    for holder in rows(concept):
        for coding in rows(holder.get("coding", [])):
            system, code = coding.get("system"), coding.get("code")
            if isinstance(code, str):
                yield system if isinstance(system, str) else "", code


def _words(*concepts: Any) -> str:
    texts: list[str] = []
    for concept in concepts:
        for holder in rows(concept):
            said = [holder.get("text"), holder.get("display")]
            said += [coding.get("display") for coding in rows(holder.get("coding", []))]
            texts += [text[:MOST_WORDS] for text in said if isinstance(text, str)]
    return " ".join(texts).lower().replace("_", " ")


def cancer_of(conditions: Any) -> tuple[CancerContext, PrimarySite]:
    """Whether somebody has or had cancer by these Conditions, and where it began when one has our own code."""
    order = (CancerContext.CURRENT, CancerContext.PAST, CancerContext.SUSPECTED)
    found = [(_context(row), _site(row)) for row in resources(conditions, "Condition")]
    for wanted in order:
        sites = [site for context, site in found if context == wanted]
        if sites:
            return wanted, next((site for site in sites if site), PrimarySite.NOT_RECORDED)
    return CancerContext.NONE_KNOWN, PrimarySite.NOT_RECORDED


def _site(row: Resource) -> PrimarySite | None:
    for system, code in _codes(row.get("code")):
        if systems.same_system(system, systems.own_codes("primary-site")) and code in set(PrimarySite):
            return PrimarySite(code)
    return None


def _context(row: Resource) -> CancerContext | None:
    """What one Condition says of cancer; None for nothing."""
    verified = {code for _, code in _codes(row.get("verificationStatus"))}
    words = _words(row.get("code"))
    if verified & {"refuted", "entered-in-error"}:
        return None
    icd = {code.upper() for system, code in _codes(row.get("code")) if "icd-10" in system.lower()}
    is_coded = (
        _site(row) is not None
        or any(re.match(r"C\d", code) for code in icd)
        or any(code in _SNOMED for system, code in _codes(row.get("code")) if "snomed" in system.lower())
    )
    is_past = any(code.startswith("Z85") for code in icd)
    if not is_coded and not is_past and (not _CANCER.search(words) or _NO_CANCER.search(words)):
        return None
    if verified & _UNSURE or (not is_coded and _SUSPECTED.search(words)):
        return CancerContext.SUSPECTED
    is_over = _OVER & {code for _, code in _codes(row.get("clinicalStatus"))}
    return CancerContext.PAST if is_past or is_over or _PAST.search(words) else CancerContext.CURRENT


def findings_of(observations: Any, *, at: datetime) -> dict[str, Any]:
    """The findings of the last week by path, from Observations with our own codes; the newest of each counts."""
    since = (at - FRESH).date().isoformat()
    found: dict[str, Any] = {}
    for row in sorted(resources(observations, "Observation"), key=_seen_at):
        if faults_of(row) or row.get("status") in IGNORED or (_seen_at(row) or since) < since:
            continue
        findings = Findings()
        read_observation(dict(row), findings, at="Observation")
        found |= {path: value for path, value in findings.values.items() if _is_finding(path, value)}
    return found


def _seen_at(row: Resource) -> str:
    seen = row.get("effectiveDateTime") or row.get("effectiveInstant") or row.get("issued") or ""
    return seen if isinstance(seen, str) else ""


def _is_finding(path: str, value: Any) -> bool:
    name = path.removeprefix("presentation.")
    return name != path and read_presentation(nested({path: value}), {}) is not None


def nested(findings: Mapping[str, Any]) -> dict[str, Any]:
    """A presentation as the API has it, from findings by path; a cancer that nobody names reads as none known."""
    body: dict[str, Any] = {"cancer_context": str(CancerContext.NONE_KNOWN)}
    for path, value in findings.items():
        group, _, name = path.removeprefix("presentation.").rpartition(".")
        (body.setdefault(group, {}) if group else body)[name] = value
    return body


def orders_of(bundle: Any) -> tuple[Order, ...]:
    """The orders in a Bundle that a card speaks of, each once."""
    named = {str(row.get("id")): row.get("code") for row in resources(bundle, "Medication")}
    found = (_order(row, named) for row in resources(bundle, "ServiceRequest", "MedicationRequest"))
    return tuple(dict.fromkeys(order for order in found if order))


def _order(row: Resource, medications: Mapping[str, Any]) -> Order | None:
    if row.get("status") in _ENDED or row.get("doNotPerform") is True:
        return None
    if row.get("resourceType") == "MedicationRequest":
        return Order.DEXAMETHASONE if _is_dexamethasone(row, medications) else None
    words = _words(row.get("code"), row.get("orderDetail"), row.get("bodySite"))
    if not _SPINE.search(words):
        return None
    return Order.MRI_SPINE if _MRI.search(words) else Order.XRAY_SPINE if _XRAY.search(words) else None


def _is_dexamethasone(row: Resource, medications: Mapping[str, Any]) -> bool:
    concepts = [row.get("medicationCodeableConcept")]
    for reference in rows(row.get("medicationReference")):
        address = reference.get("reference")
        concepts += [
            reference,
            medications.get(address.rpartition("/")[2].lstrip("#")) if isinstance(address, str) else None,
        ]
    contained = (part.get("code") for part in resources(row.get("contained", []), "Medication"))
    words = _words(*concepts, *contained)
    return "dexamethasone" in words and not _LOCAL_STEROID.search(words)
