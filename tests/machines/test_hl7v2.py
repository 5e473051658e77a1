"""HL7 v2: a RIS and a PAS send messages; the same facts come out as by REST, and each message is acknowledged."""

import random
from datetime import datetime, timedelta
from typing import Any

import hl7
import pytest
import time_machine

from kernel.time import as_utc, now
from referrals.case.models import Event, Note, Referral, UnmatchedFact
from tests.builders import set_the_scene
from tests.doors.machines import Machine
from tests.machines.fhir import referral

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine() -> Machine:
    set_the_scene(at=now())
    return Machine()


def send(engine: Machine, text: str | bytes) -> Any:
    answer = engine.http.post(
        "/hl7/v2/",
        text,
        content_type="x-application/hl7-v2+er7",
        headers={"Authorization": f"Bearer {engine.token}"},
    )
    assert answer.status_code < 500, text
    return answer, hl7.parse(answer.content.decode())


def stamp(minutes: int = 5) -> str:
    return as_utc(now() - timedelta(minutes=minutes)).strftime("%Y%m%d%H%M%S+0000")


def pid(person: dict[str, Any], more: str = "") -> str:
    born = person["date_of_birth"].replace("-", "")
    sex = {"female": "F", "male": "M"}.get(person.get("sex", ""), "")
    return f"PID|1||{person['nhs_number']}^^^NHS^NH||{person['family_name']}^{person['given_name']}||{born}|{sex}{more}"


def oru(
    person: dict[str, Any], *, result: str = "mscc", status: str = "F", placer: str = "", when: str = ""
) -> str:
    obr = [
        "OBR",
        "1",
        placer,
        "REP-1",
        "MRISPINE^MRI whole spine",
        *[""] * 13,
        "ACC-1",
        *[""] * 3,
        when or stamp(),
        "",
        "",
        status,
    ]
    return (
        "\r".join(
            [
                rf"MSH|^~\&|RIS|RXX01|MSCC|RXX01|{stamp(0)}||ORU^R01^ORU_R01|M1|P|2.5",
                pid(person),
                "|".join(obr),
                f"OBX|1|CWE|MRI_RESULT^Result^L||{result}||||||F",
                "OBX|2|CWE|SPINE_REGION^Region^L||cervical~thoracic~lumbar||||||F",
                "OBX|3|TX|REPORT^Text^L||Cord compressed at T7||||||F",
            ]
        )
        + "\r"
    )


def adt(event: str, person: dict[str, Any], *, more: str = "", disposition: str = "") -> str:
    return "\r".join(
        [
            rf"MSH|^~\&|PAS|RXX01|MSCC|RXX01|{stamp(0)}||ADT^{event}|M2|P|2.5",
            f"EVN|{event}|{stamp(0)}||||{stamp(7)}",
            pid(person, more),
            "PV1|1|I" + "|" * 34 + disposition,
        ]
    )


def referred(engine: Machine) -> tuple[str, dict[str, Any]]:
    made = referral()
    answer = engine.post("referrals/", made, key="r")
    assert answer.status_code == 201
    return answer.json()["reference"], made["patient"]


def test_a_report_is_the_fact_of_rest(engine: Machine) -> None:
    reference, person = referred(engine)
    answer, ack = send(engine, oru(person))
    assert (answer.status_code, str(ack.segment("MSA")[1]), str(ack.segment("MSA")[2])) == (200, "AA", "M1")
    event = Event.objects.get()
    assert event.referral.reference == reference
    assert event.data == {
        "result": "mscc",
        "status": "final",
        "report": "REP-1",
        "scan": "ACC-1",
        "regions": ["cervical", "thoracic", "lumbar"],
    }
    send(engine, oru(person, when=as_utc(event.occurred_at).strftime("%Y%m%d%H%M%S+0000")))
    assert Event.objects.count() == 1


def test_our_reference_as_the_placers_number(engine: Machine) -> None:
    reference, _ = referred(engine)
    stranger = {
        "nhs_number": "9990000026",
        "family_name": "X",
        "given_name": "Y",
        "date_of_birth": "1950-01-01",
    }
    _, ack = send(engine, oru(stranger, placer=reference))
    assert str(ack.segment("MSA")[1]) == "AA"
    assert Event.objects.get().referral.reference == reference


STRANGER = {
    "nhs_number": "9990000026",
    "family_name": "X",
    "given_name": "Y",
    "date_of_birth": "1950-01-01",
}


def test_a_report_about_another_person_than_its_referral_raises_and_never_reassures(engine: Machine) -> None:
    reference, person = referred(engine)
    _, ack = send(engine, oru(STRANGER, placer=reference, result="no_malignant_disease"))
    assert "a different person" in str(ack.segment("MSA")[3])
    assert not Event.objects.exists()
    kept = UnmatchedFact.objects.get()
    assert (kept.patient["nhs_number"], kept.data["result"]) == ("9990000026", "no_malignant_disease")
    _, ack = send(engine, oru(STRANGER, placer=reference))
    assert "a different person" in str(ack.segment("MSA")[3])
    event = Event.objects.get()
    note = Note.objects.get(ledger_line=event.ledger_line)
    assert "names a different person" in note.text
    send(engine, oru(person, placer=reference, result="no_malignant_disease"))
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("wall", "at", "counts_from"),
    [
        ("202610250135", "2026-10-25T00:40:00+00:00", "2026-10-25T00:35:00+00:00"),
        ("202610250135", "2026-10-25T01:40:00+00:00", "2026-10-25T00:35:00+00:00"),
        ("202703280135", "2027-03-28T01:40:00+00:00", "2027-03-28T01:35:00+00:00"),
    ],
)
def test_a_report_in_the_night_when_the_clocks_change_is_taken_without_an_offset(
    wall: str, at: str, counts_from: str
) -> None:
    with time_machine.travel(datetime.fromisoformat(at), tick=False):
        set_the_scene(at=now())
        engine = Machine()
        _, person = referred(engine)
        _, ack = send(engine, oru(person, when=wall))
    assert str(ack.segment("MSA")[1]) == "AA"
    assert Event.objects.get().occurred_at == datetime.fromisoformat(counts_from)


@pytest.mark.parametrize(
    ("event", "more", "kind"),
    [
        ("A01", "", "admitted"),
        ("A03", "", "discharged"),
        ("A08", "|" * 21 + "DIED|Y", "died"),
        ("A03", "|" * 22 + "Y", "died"),
    ],
)
def test_stays_and_deaths(engine: Machine, event: str, more: str, kind: str) -> None:
    _, person = referred(engine)
    _, ack = send(engine, adt(event, person, more=more.replace("DIED", stamp(7))))
    assert str(ack.segment("MSA")[1]) == "AA", str(ack)
    assert Event.objects.get().kind == kind


@pytest.mark.parametrize(
    ("event", "disposition", "kind"),
    [("A03", "4", "died"), ("A03", "20", "died"), ("A03", "1", "discharged"), ("A01", "20", "admitted")],
)
def test_a_stay_that_ended_with_a_death_is_a_death(
    engine: Machine, event: str, disposition: str, kind: str
) -> None:
    _, person = referred(engine)
    _, ack = send(engine, adt(event, person, disposition=disposition))
    assert str(ack.segment("MSA")[1]) == "AA", str(ack)
    assert Event.objects.get().kind == kind


def test_a_fact_before_the_referral_is_kept(engine: Machine) -> None:
    person = referral()["patient"]
    _, ack = send(engine, b"\x0b" + adt("A01", person).encode() + b"\x1c\r")
    assert str(ack.segment("MSA")[1]) == "AA"
    assert UnmatchedFact.objects.get().patient["nhs_number"] == person["nhs_number"]


def test_what_is_sent_again_is_the_first_also_when_its_referral_has_come_or_has_ended(
    engine: Machine,
) -> None:
    made = referral("pain_only")
    early, later = adt("A01", made["patient"]), adt("A03", made["patient"])
    send(engine, early)
    reference = engine.post("referrals/", made, key="r").json()["reference"]
    send(engine, later)
    engine.post(f"referrals/{reference}/withdraw/", {"reason": "Sent by mistake"}, key=None)
    for text in (early, later):
        assert str(send(engine, text)[1].segment("MSA")[1]) == "AA"
    assert (UnmatchedFact.objects.count(), Event.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (("ORU^R01", "ORM^O01"), "AE", "MSH-9"),
        (("cervical~", "arm~"), "AE", "data.regions"),
        (("MSH|^", "XXX|^"), "AR", ""),
        (("||F\rOBX|1", "||Q\rOBX|1"), "AE", "OBR-25"),
        (("9990", "1110"), "AE", ""),
    ],
)
def test_a_refusal_is_named_with_the_number_to_ring(
    engine: Machine, change: tuple[str, str], code: str, place: str
) -> None:
    _, person = referred(engine)
    text = oru(person)
    assert change[0] in text or place == "OBR-25"
    made = text.replace(*change) if place != "OBR-25" else oru(person, status="Q")
    answer, ack = send(engine, made)
    assert 400 <= answer.status_code < 500
    assert str(ack.segment("MSA")[1]) == code
    assert "01632 960999" in str(ack.segment("MSA")[3])
    if place:
        assert place in str(ack.segment("ERR"))
    assert not Event.objects.exists()


def test_mutations_never_break_the_door(engine: Machine) -> None:
    _, person = referred(engine)
    dice = random.Random(19)
    for _ in range(100):
        text = list(dice.choice((oru(person), adt("A01", person), adt("A03", person))))
        for _ in range(dice.randint(1, 8)):
            text[dice.randrange(len(text))] = dice.choice(("|", "^", "~", "\\", "\r", "\x00", "9", "é", ""))
        send(engine, "".join(text).encode())
    assert Referral.objects.count() == 1
