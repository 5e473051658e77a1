"""A FHIR Patient and a requester as the parts of a referral. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from api.fhir import systems
from api.fhir.bundle_in import Resource, Sent, coding_of, identifier_in, telecom_of, words_of

_SEX = {"male": "male", "female": "female", "other": "indeterminate", "unknown": "unknown"}


def patient_of(resource: Resource) -> dict[str, Any]:
    """The part `patient` of a referral."""
    name = _name(resource)
    patient: dict[str, Any] = {
        "nhs_number": identifier_in(resource, systems.NHS_NUMBER) or None,
        "nhs_number_unknown_reason": _why_no_number(resource),
        "local_id": _local_id(resource) or None,
        "family_name": name.get("family", ""),
        "given_name": " ".join(name.get("given", ())),
        "sex": _SEX.get(resource.get("gender", "unknown"), "unknown"),
        "phone": telecom_of(resource, "phone"),
        "postcode": next(
            (row["postalCode"] for row in resource.get("address", ()) if row.get("postalCode")), ""
        ),
        "ethnic_category": _ethnic_category(resource),
    }
    born = resource.get("birthDate")
    if born is not None and re.fullmatch(r"\d{4}", born):
        patient |= {"date_of_birth": f"{born}-07-01", "birth_estimated": True}
    elif born is not None:
        patient["date_of_birth"] = born
    if language := next(
        (words_of(row["language"]) for row in resource.get("communication", ()) if row.get("preferred")), ""
    ):
        patient["preferred_language"] = language
    return {key: value for key, value in patient.items() if value is not None}


def identifiers_of(resource: Resource) -> dict[str, Any]:
    """What a fact says of its person: the identifiers alone."""
    patient = patient_of(resource)
    names = ("nhs_number", "local_id", "family_name", "given_name", "date_of_birth", "sex")
    return {name: patient[name] for name in names if patient.get(name)}


def is_dead(resource: Resource) -> bool:
    """Whether a Patient is said to have died."""
    return "deceasedDateTime" in resource or resource.get("deceasedBoolean") is True


def _name(resource: Resource) -> Mapping[str, Any]:
    """The official name, else the usual one, else the first that is not an old one."""
    names = [row for row in resource.get("name", ()) if row.get("use") not in ("old", "maiden", "nickname")]
    order = {"official": 0, "usual": 1}
    named: Mapping[str, Any] = min(names, key=lambda row: order.get(row.get("use", ""), 2), default={})
    return named


def _local_id(resource: Resource) -> str:
    for row in resource.get("identifier", ()):
        if not systems.same_system(row.get("system", ""), systems.NHS_NUMBER) and row.get("value"):
            return str(row["value"])
    return ""


def _why_no_number(resource: Resource) -> str | None:
    for row in (
        *resource.get("extension", ()),
        *(e for i in resource.get("identifier", ()) for e in i.get("extension", ())),
    ):
        if systems.same_system(row["url"], systems.UNAVAILABLE):
            return words_of(row.get("valueCodeableConcept")) or None
    return None


def _ethnic_category(resource: Resource) -> str | None:
    for row in resource.get("extension", ()):
        concept = row.get("valueCodeableConcept")
        if systems.same_system(row["url"], systems.ETHNIC) and isinstance(concept, dict):
            return next(
                (str(coding["code"]) for coding in concept.get("coding", ()) if coding.get("code")), None
            )
    return None


def referrer_of(request: Resource, sent: Sent) -> dict[str, Any]:
    """The part `referrer` of a referral: from a PractitionerRole, or from a Practitioner with an Organization beside."""
    role = sent.at(request.get("requester"), "PractitionerRole") or {}
    person = sent.at(role.get("practitioner") or request.get("requester"), "Practitioner") or {}
    if not role and person:
        role = next(
            (row for row in sent.of_kind("PractitionerRole") if sent.at(row.get("practitioner")) is person),
            {},
        )
    named = role.get("organization") or request.get("requester") or {}
    organisation = sent.at(named, "Organization") or next(iter(sent.of_kind("Organization")), None)
    ods = identifier_in({"identifier": [named.get("identifier", {})]}, systems.ODS) or identifier_in(
        organisation, systems.ODS
    )
    name = _name(person)
    words = name.get("text") or " ".join(
        (*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""))
    )
    return {
        "name": words.strip() or (request.get("requester") or {}).get("display", ""),
        "role": _role(role),
        "organisation_ods": ods,
        "callback_number": telecom_of(role, "phone") or telecom_of(person, "phone"),
        "email": telecom_of(role, "email") or telecom_of(person, "email"),
        "registration_number": identifier_in(person, *systems.REGISTRATIONS),
    }


def _role(role: Resource) -> str:
    """A role of ours; `other` where the sender gives a role of another system; empty without any."""
    for concept in role.get("code", ()):
        if code := coding_of(concept, systems.own_codes("referrer-role")):
            return code
    return "other" if any(words_of(concept) for concept in role.get("code", ())) else ""


def location_of(request: Resource, sent: Sent) -> dict[str, Any]:
    """The part `location` of a referral."""
    place = sent.at(next(iter(request.get("locationReference", ())), None), "Location") or {}
    codes = [*request.get("locationCode", ()), *place.get("type", ())]
    system = systems.own_codes("location-kind")
    kind = next((code for concept in codes if (code := coding_of(concept, system))), "")
    manager = place.get("managingOrganization") or {}
    organisation = sent.at(manager, "Organization")
    ods = identifier_in({"identifier": [manager.get("identifier", {})]}, systems.ODS) or identifier_in(
        organisation, systems.ODS
    )
    person: dict[str, Any] = {
        "kind": kind or ("other" if codes else ""),
        "detail": place.get("name", "") or place.get("description", ""),
    }
    return {**person, "organisation_ods": ods} if ods else person
