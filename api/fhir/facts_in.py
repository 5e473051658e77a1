"""FHIR resources of hospital systems as facts of a case: reports, scans, treatment, admission, a dose. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from api.exchange.fact_in import SCAN_SECTIONS, SentFact
from api.fhir import systems
from api.fhir.bundle_in import Resource, Sent, coding_of, identifier_in, words_of
from api.fhir.findings_in import Findings, read_observation
from api.fhir.person_in import identifiers_of
from kernel.refusals import Invalid
from referrals.intake.codes import MRI_RESULTS, REPORT_UNREAD

_REPORT_STATUS = {
    "partial": "provisional",
    "preliminary": "provisional",
    "unknown": "provisional",
    "final": "final",
    "amended": "amended",
    "corrected": "amended",
    "appended": "amended",
    "cancelled": "withdrawn",
    "entered-in-error": "withdrawn",
}
_NEUROLOGY = ("neurology.", "pain.")
_ALONE = ("saddle_or_sphincter_signs", "instability_signs")


def _refuse(path: str, text: str) -> Invalid:
    return Invalid("Some of what was sent cannot be accepted", errors={path: [text]})


def _regions(resource: Resource | None, sent: Sent) -> list[str]:
    """The regions that a study or a report names by codes of anatomy, or by ours."""
    regions: list[str] = []
    if resource is None:
        return regions
    concepts = [{"coding": [row["bodySite"]]} for row in resource.get("series", ()) if "bodySite" in row]
    concepts += [resource.get("code", {}), *resource.get("procedureCode", ())]
    for concept in concepts:
        for coding in concept.get("coding", ()):
            own = systems.same_system(coding.get("system", ""), systems.own_codes("spine-region"))
            snomed = systems.same_system(coding.get("system", ""), systems.SNOMED)
            region = (
                coding.get("code", "")
                if own
                else systems.REGION_OF_SNOMED.get(coding.get("code", ""), "")
                if snomed
                else ""
            )
            regions += [region] if region and region not in regions else []
    return regions


def _number(resource: Resource | None) -> str:
    """The identifier by which the sender knows a study or a report."""
    rows = (resource or {}).get("identifier", ())
    return next((str(row["value"]) for row in rows if row.get("value")), "")


def report(row: Resource, sent: Sent) -> SentFact:
    """A DiagnosticReport as the report of a scan."""
    status = _REPORT_STATUS.get(row["status"])
    if status is None:
        raise _refuse(
            "DiagnosticReport.status",
            "A report that is only registered says nothing yet: send it when it has a result",
        )
    named = next(iter(row.get("imagingStudy", ())), None)
    study = sent.at(named, "ImagingStudy")
    results = [
        coding_of(concept, systems.own_codes("mri-result")) for concept in row.get("conclusionCode", ())
    ]
    codes = list(dict.fromkeys(code for code in results if code))
    if len(codes) > 1:
        raise _refuse(
            "DiagnosticReport.conclusionCode", "Send one of our codes: the worst finding of the report"
        )
    data: dict[str, Any] = {"status": status, "report": _number(row), "result": next(iter(codes), "")}
    data["scan"] = _number(study) or ((named or {}).get("identifier") or {}).get("value", "")
    data["regions"] = _regions(row, sent) or _regions(study, sent)
    data["replaces"] = next(
        (
            e["valueIdentifier"].get("value", "")
            for e in row.get("extension", ())
            if e["url"] == systems.own_extension("replaces") and "valueIdentifier" in e
        ),
        "",
    )
    if status == "withdrawn" and data["result"] not in MRI_RESULTS:
        data["result"] = ""  # what is withdrawn needs no result, and may have had none that is known here
    is_read = data["result"] in MRI_RESULTS or status == "withdrawn"
    if not is_read:
        _refuse_other_sections(row)
        data |= {"result": "", "examination": words_of(row.get("code"))}
    return _fact("mri_reported" if is_read else REPORT_UNREAD, row.get("issued", ""), data, row, sent)


def _refuse_other_sections(row: Resource) -> None:
    """Refuse the report of a laboratory or another section that makes no scans: only what may be a scan is read by a person."""
    sections = [coding_of(concept, systems.SECTIONS) for concept in row.get("category", ())]
    if any(sections) and not SCAN_SECTIONS & set(sections):
        raise _refuse("DiagnosticReport.category", "Only reports of scans are read here")


def scan(row: Resource, sent: Sent) -> SentFact:
    """An ImagingStudy as a scan that was performed, or cancelled."""
    if row["status"] == "cancelled":
        why = words_of(next(iter(row.get("reasonCode", ())), None))
        return _fact("mri_cancelled", row.get("started", ""), {"reason": why} if why else {}, row, sent)
    if row["status"] != "available":
        raise _refuse(
            "ImagingStudy.status",
            "Send a study once it is available, or when it is cancelled. One that was entered in error: ring the coordinator",
        )
    modalities = [*row.get("modality", ()), *(series["modality"] for series in row.get("series", ()))]
    kinds = {_MODALITIES.get(str(coding.get("code", "")).upper(), "") for coding in modalities} - {""}
    data = {
        "modality": kinds.pop() if len(kinds) == 1 else "",
        "regions": _regions(row, sent),
        "scan": _number(row),
    }
    return _fact("mri_performed", row.get("started", ""), data, row, sent)


_MODALITIES = {"MR": "mri", "CT": "ct"}


def treatment(row: Resource, sent: Sent) -> SentFact:
    """A Procedure as the start of radiotherapy or surgery, or as immobilisation."""
    code = coding_of(row.get("code"), systems.own_codes("event-kind"))
    if not code and coding_of(row.get("code"), systems.SNOMED) == systems.RADIOTHERAPY:
        code = "radiotherapy_started"
    if code not in ("radiotherapy_started", "surgery_started", "immobilised"):
        raise _refuse(
            "Procedure.code",
            "Send a code of our event-kind: radiotherapy_started, surgery_started or immobilised",
        )
    if row["status"] not in ("in-progress", "completed"):
        raise _refuse("Procedure.status", "A treatment counts once it has started: in-progress or completed")
    started = row.get("performedDateTime") or row.get("performedPeriod", {}).get("start", "")
    return _fact(code, started, {}, row, sent)


def stay(row: Resource, sent: Sent) -> SentFact:
    """An Encounter as an admission or a discharge, or as the death with which it ended."""
    period = row.get("period", {})
    if row["class"].get("code") not in ("IMP", "ACUTE", "NONAC"):
        raise _refuse("Encounter.class", "An inpatient stay is read: class IMP, ACUTE or NONAC")
    if row["status"] in ("arrived", "in-progress"):
        return _fact("admitted", period.get("start", ""), {}, row, sent)
    if row["status"] == "finished":
        kind = "died" if _ended_in_death(row) else "discharged"
        return _fact(kind, period.get("end", ""), {}, row, sent)
    raise _refuse("Encounter.status", "An admission is arrived or in-progress; a discharge is finished")


def _ended_in_death(row: Resource) -> bool:
    """Whether a stay ended with the death of the patient: its disposition, or the extension of UK Core for the method."""
    end = row.get("hospitalization", {})
    concepts = [end.get("dischargeDisposition"), *map(_concept_of, end.get("extension", ()))]
    return any(
        coding_of(concept, system) == code
        for concept in concepts
        for system, code in systems.DIED_IN_STAY.items()
    )


def _concept_of(extension: Resource) -> Resource | None:
    return extension.get("valueCodeableConcept")


def dose(row: Resource, sent: Sent) -> SentFact:
    """A MedicationAdministration of dexamethasone."""
    dose = dexamethasone_of(row)
    if not dose:
        raise _refuse(
            "MedicationAdministration.medicationCodeableConcept",
            "Only a dose of dexamethasone that was given is read: status completed or in-progress",
        )
    at = dose.pop("given_at", "")
    return _fact("dexamethasone_given", at, dose, row, sent)


def dexamethasone_of(row: Resource) -> dict[str, Any]:
    """Dose, route and time of a dose of dexamethasone; empty for any other medicine, or where it was not given."""
    words = words_of(row.get("medicationCodeableConcept")).casefold()
    if "dexamethasone" not in words or row["status"] not in ("completed", "in-progress"):
        return {}
    dosage = row.get("dosage", {})
    dose = dosage.get("dose", {})
    unit = str(dose.get("code") or dose.get("unit") or "mg")
    instant = row.get("effectiveDateTime") or row.get("effectivePeriod", {}).get("start")
    if "value" in dose and unit.casefold() != "mg":
        raise _refuse("MedicationAdministration.dosage.dose", "Send the dose in mg")
    values = {"dose_mg": dose.get("value"), "route": words_of(dosage.get("route")), "given_at": instant}
    return {name: value for name, value in values.items() if value not in (None, "")}


def finding(row: Resource, sent: Sent) -> SentFact:
    """An Observation after the referral as a change of neurology. Its group may be in a Bundle of one each."""
    findings = Findings()
    read_observation(row, findings, at="Observation")
    if findings.errors:
        raise Invalid("Some of what was sent cannot be accepted", errors=findings.errors)
    data: dict[str, Any] = {}
    for path, value in findings.values.items():
        name = path.removeprefix("presentation.").removeprefix("clinical.")
        if name.startswith(_NEUROLOGY):
            group, _, finding_name = name.partition(".")
            data.setdefault(group, {})[finding_name] = value
        elif name in _ALONE or name == "walking_now":
            data[name] = value
    if not data:
        raise _refuse(
            "Observation.code",
            "After the referral an Observation carries a finding of neurology or pain, saddle or instability signs, or walking_now",
        )
    when = (
        row.get("effectiveDateTime")
        or row.get("effectiveInstant")
        or row.get("effectivePeriod", {}).get("start", "")
    )
    return _fact("neurology_changed", when, data, row, sent)


def death(row: Resource, sent: Sent) -> SentFact:
    """A Patient with the time of death."""
    if "deceasedDateTime" not in row:
        raise _refuse(
            "Patient.deceased", "Alone, a Patient is read for the time of death: send deceasedDateTime"
        )
    person = identifiers_of(row)
    return SentFact(kind="died", occurred_at=row["deceasedDateTime"], data={}, person=person)


FACTS: Mapping[str, Callable[[Resource, Sent], SentFact]] = {
    "DiagnosticReport": report,
    "ImagingStudy": scan,
    "Procedure": treatment,
    "Encounter": stay,
    "MedicationAdministration": dose,
}
ALONE: Mapping[str, Callable[[Resource, Sent], SentFact]] = {
    **FACTS,
    "Observation": finding,
    "Patient": death,
}
_WHEN = {
    "DiagnosticReport": "issued",
    "ImagingStudy": "started",
    "Procedure": "performed",
    "Encounter": "period",
    "MedicationAdministration": "effective",
    "Observation": "effective",
    "Patient": "deceased",
}
_WHERE = {
    "data.result": "conclusionCode",
    "data.status": "status",
    "data.regions": "series.bodySite",
    "data.modality": "modality",
    "data.dose_mg": "dosage.dose",
    "data.route": "dosage.route",
    "data.scan": "identifier",
    "data.report": "identifier",
    "data.neurology": "value",
    "data.pain": "value",
    "data.replaces": "extension",
    "patient": "subject",
}


def fhir_path(kind: str, field: str) -> str:
    """The FHIRPath in a resource of this kind for a field of an event of the REST API."""
    if field == "occurred_at":
        return f"{kind}.{_WHEN.get(kind, 'date')}"
    if field.startswith("patient."):
        return field
    return f"{kind}.{_WHERE[field]}" if field in _WHERE else field


def _fact(kind: str, at: str, data: Mapping[str, Any], row: Resource, sent: Sent) -> SentFact:
    content = {name: value for name, value in data.items() if value not in ("", [], None)}
    person = sent.person(row.get("subject"))
    subject = row.get("subject", {}).get("identifier")
    known = (
        identifiers_of(person) if person else identifiers_of({"identifier": [subject]}) if subject else None
    )
    if person is None and subject and systems.same_system(subject.get("system", ""), systems.NHS_NUMBER):
        known = {"nhs_number": subject.get("value", "")}
    return SentFact(
        kind=kind,
        occurred_at=at,
        data=content,
        reference=_reference(row),
        request=_request(row),
        person=known,
    )


def _reference(row: Resource) -> str:
    """The reference of the case that a resource names as the request it is based on."""
    own = systems.own_id("mscc-referral")
    for based in (*row.get("basedOn", ()), *([row["request"]] if "request" in row else ())):
        if value := identifier_in({"identifier": [based.get("identifier", {})]}, own):
            return value
        address = based.get("reference", "").split("/_history/")[0]
        kind, _, number = address.rpartition("/")
        if kind.rpartition("/")[2] == "ServiceRequest":
            return str(number)
    return ""


def _request(row: Resource) -> tuple[str, str] | None:
    """The sender's own identifier of the request that a resource is based on."""
    for based in row.get("basedOn", ()):
        identifier = based.get("identifier", {})
        if identifier.get("value"):
            system, value = str(identifier.get("system", "")), str(identifier["value"])
            if not (system + value).isprintable():
                raise _refuse(
                    f"{row['resourceType']}.basedOn", "An identifier has printable characters alone"
                )
            return system, value
    return None
