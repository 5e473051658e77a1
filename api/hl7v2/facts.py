"""ORU and ADT messages as facts of a case. Field numbers are those of HL7 v2.5. Pure."""

from collections.abc import Iterator
from typing import Any

from api.exchange.fact_in import SCAN_SECTIONS, SentFact
from api.exchange.joined_numbers import JoinedNumbers
from api.hl7v2.message import Message, Segment, date_in, instant_in
from kernel.refusals import Invalid
from referrals.intake.codes import MRI_RESULTS, REPORT_UNREAD

RESULT, REGION, REPLACES = "MRI_RESULT", "SPINE_REGION", "REPLACES"
_STATUS = {
    "P": "provisional",
    "R": "provisional",
    "S": "provisional",
    "I": "provisional",
    "A": "provisional",
    "F": "final",
    "C": "amended",
    "X": "withdrawn",
    "D": "withdrawn",
    "W": "withdrawn",
}
_TAKEN_BACK = ("D", "W", "X")  # of one OBX: deleted, wrong, cannot be obtained
_SEX = {"F": "female", "M": "male", "O": "indeterminate", "A": "indeterminate"}
ADMITTED, DISCHARGED = ("A01",), ("A03",)
DIED_IN_STAY = (
    "4",
    "20",
    "40",
    "41",
    "42",
)  # how a stay ended: the NHS discharge method, or table 0112 of HL7
READ_FOR_DEATH = (*ADMITTED, *DISCHARGED, "A08", "A31")


def facts_of(message: Message) -> list[SentFact]:
    """The facts of a message: one for each report, or one of an admission, a discharge or a death."""
    kind, _, event = message.kind.partition("^")
    if len(list(message.all("PID"))) > 1:  # a report of the second would be on the record of the first
        raise Invalid("Several people", errors={"PID": ["Send one person in each message"]})
    if kind == "ORU" and event == "R01":
        return _reports(message)
    if kind == "ADT" and event in READ_FOR_DEATH:
        return _of_stay(message, event)
    raise Invalid(
        "This message is not read here",
        errors={"MSH-9": ["Send ORU^R01, or ADT^A01, A03, A08, A31 or A40"]},
    )


def _reports(message: Message) -> list[SentFact]:
    """Each OBR with the OBX below it."""
    person, found = _person(message.first("PID")), []
    for place, segment in enumerate(message.segments):
        if segment.name != "OBR":
            continue
        data: dict[str, Any] = {"report": segment.at(3), "scan": segment.at(18)}
        status = segment.at(25)
        if status and status not in _STATUS:
            raise Invalid(
                "The status cannot be read", errors={"OBR-25": [f"Send one of {', '.join(_STATUS)}"]}
            )
        data["status"] = _STATUS.get(status, "provisional")
        for row in message.segments[place + 1 :]:
            if row.name == "OBR":
                break
            if row.name == "OBX" and row.at(11) not in _TAKEN_BACK:
                _read_result(row.at(3), [one[0] for one in row.repeats(5)], data)
        kind = _kind_of(data, segment)
        content = {name: value for name, value in data.items() if value not in ("", [])}
        when = instant_in(segment.at(22) or message.first("MSH").at(7))
        placer = segment.at(2) or message.first("ORC").at(2)
        own = placer if placer.upper().startswith("MSCC-") else ""
        found.append(
            SentFact(
                kind=kind,
                occurred_at=when,
                data=content,
                reference=own,
                person=person,
            )
        )
    if len(found) != 1:
        raise Invalid("One report in a message", errors={"OBR": ["Send one OBR in each message"]})
    return found


def _kind_of(data: dict[str, Any], segment: Segment) -> str:
    """A report, or one without a result that is known here, which a person reads."""
    is_known = data.get("result") in MRI_RESULTS
    if is_known or data["status"] == "withdrawn":
        if not is_known:  # what is withdrawn needs no result, and may have had none that is known here
            data.pop("result", None)
        return "mri_reported"
    if segment.at(24) and segment.at(24) not in SCAN_SECTIONS:
        raise Invalid("Not a report of a scan", errors={"OBR-24": ["Only reports of scans are read here"]})
    data |= {"result": "", "examination": segment.at(4, 2) or segment.at(4)}
    return REPORT_UNREAD


def _read_result(code: str, values: list[str], data: dict[str, Any]) -> None:
    if code == RESULT and values:
        if {*values, data.get("result", values[0])} != {values[0]}:
            words = f"Send one {RESULT}: the worst that the report says"
            raise Invalid("The report has several results", errors={"OBX-5": [words]})
        data["result"] = values[0]
    elif code == REGION:
        data["regions"] = [*data.get("regions", []), *values]
    elif code == REPLACES and values:
        data["replaces"] = values[0]


def _of_stay(message: Message, event: str) -> list[SentFact]:
    patient = message.first("PID")
    person = _person(patient)
    died, visit = patient.at(29), message.first("PV1")
    ended_in_death = event in DISCHARGED and visit.at(36) in DIED_IN_STAY
    if died or patient.at(30) == "Y" or ended_in_death:
        when = died or (visit.at(45) if ended_in_death else "") or message.first("EVN").at(6)
        return [SentFact(kind="died", occurred_at=instant_in(when), data={}, person=person)]
    if event not in (*ADMITTED, *DISCHARGED):
        return []
    happened = message.first("EVN").at(6) or message.first("EVN").at(2)
    if event in ADMITTED:
        return [
            SentFact(
                kind="admitted", occurred_at=instant_in(visit.at(44) or happened), data={}, person=person
            )
        ]
    return [
        SentFact(kind="discharged", occurred_at=instant_in(visit.at(45) or happened), data={}, person=person)
    ]


def joined_numbers_of(message: Message) -> list[JoinedNumbers]:
    """The merges of an ADT^A40: each PID goes on, and the MRG below it ends. Empty for another message."""
    if message.kind != "ADT^A40":
        return []
    event = message.first("EVN")
    when = instant_in(event.at(6) or event.at(2) or message.first("MSH").at(7))
    joined: list[JoinedNumbers] = []
    person: dict[str, Any] | None = None
    for segment in message.segments:
        if segment.name == "PID":
            person = _person(segment)
        elif segment.name == "MRG" and person is not None:
            numbers = list(_numbers(segment.repeats(1)))
            joined.append(
                JoinedNumbers(
                    person=person,
                    retired=[number for number, is_nhs in numbers if not is_nhs],
                    retired_nhs=[number for number, is_nhs in numbers if is_nhs],
                    occurred_at=when,
                )
            )
    if not joined:
        raise Invalid("The merge cannot be read", errors={"MRG": ["Send PID and below it MRG"]})
    return joined


def _numbers(rows: list[list[str]]) -> Iterator[tuple[str, bool]]:
    """Each identifier, and whether it is an NHS number: by its type NH, or its authority NHS."""
    for row in rows:
        authority, kind = row[3] if len(row) > 3 else "", row[4] if len(row) > 4 else ""
        yield row[0], kind.upper() in ("NH", "NHS") or authority.upper() in ("NHS", "NHSNBR")


def _person(patient: Segment) -> dict[str, Any]:
    """The identifiers of a PID: the NHS number, and the first other as hospital number."""
    person: dict[str, Any] = {}
    for value, is_nhs in _numbers(patient.repeats(3)):
        person.setdefault("nhs_number" if is_nhs else "local_id", value)
    person |= {
        "family_name": patient.at(5),
        "given_name": patient.at(5, 2),
        "date_of_birth": date_in(patient.at(7)),
        "sex": _SEX.get(patient.at(8), ""),
    }
    return {name: value for name, value in person.items() if value}
