"""$process-message in the pattern of BaRS: a message refers, is answered once, and cancels."""

import uuid
from typing import Any

import pytest

from api.fhir.messages import BARS_HTTP_CODES, EVENTS, REASONS
from kernel.time import now
from referrals.case.models import Event, Referral
from tests.builders import set_the_scene
from tests.doors.machines import Machine, other_hospital
from tests.doors.test_parity import stored
from tests.machines.fhir import FhirMachine, referral, report, transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def epr() -> FhirMachine:
    set_the_scene(at=now())
    return FhirMachine()


def message(
    made: dict[str, Any], *, reason: str = "new", more: tuple[dict[str, Any], ...] = (), **request: Any
) -> dict[str, Any]:
    """A message with a referral, as a BaRS sender shapes it."""
    rows = [entry["resource"] for entry in transaction(made, more=more)["entry"]]
    rows[0] |= {"id": "request", **request}
    header = {
        "resourceType": "MessageHeader",
        "id": "5f3a2c84-0f3c-4d1b-a6d4-0f3b3c2d1a10",
        "eventCoding": {"system": EVENTS, "code": "servicerequest-request"},
        "reason": {"coding": [{"system": REASONS, "code": reason}]},
        "source": {"endpoint": "https://epr.example/bars"},
        "focus": [{"reference": "ServiceRequest/request"}],
        "destination": [{"endpoint": "https://mscc.example"}],
    }
    entries = [{"resource": row} for row in (header, *rows)]
    return {"resourceType": "Bundle", "type": "message", "entry": entries}


def send(epr: FhirMachine, made: dict[str, Any], **headers: str) -> Any:
    named = {"X_Request_Id": str(uuid.uuid4()), "X_Correlation_Id": str(uuid.uuid4())}
    return epr.post("$process-message", made, **{**named, **headers})


def test_it_refers_as_every_door_does(epr: FhirMachine) -> None:
    made, number = referral(), str(uuid.uuid4())
    assert epr.machine.post("referrals/", made, key="k").status_code == 201
    by_rest = Referral.objects.get()
    answer = send(epr, message(made, more=(report(at=now()),)), X_Request_Id=number)
    assert (answer.status_code, answer["X-Request-Id"]) == (200, number)
    head, request, *_ = (entry["resource"] for entry in answer.json()["entry"])
    assert (head["eventCoding"]["code"], head["response"]["code"]) == ("servicerequest-response", "ok")
    assert head["response"]["identifier"] == "5f3a2c84-0f3c-4d1b-a6d4-0f3b3c2d1a10"
    by_message = Referral.objects.exclude(pk=by_rest.pk).get()
    assert request["id"] == by_message.reference
    assert Event.objects.get().referral == by_message
    told = {name: value for name, value in stored(by_message).items() if name != "presentation"}
    assert told == {name: value for name, value in stored(by_rest).items() if name in told}


def test_a_message_sent_again_is_a_duplicate_that_names_the_first(epr: FhirMachine) -> None:
    made = message(referral())
    assert send(epr, made).status_code == 200
    again = send(epr, made)
    first = again.json()["issue"][0]
    assert (again.status_code, first["code"]) == (409, "duplicate")
    assert Referral.objects.get().reference in first["details"]["text"]
    assert first["details"]["coding"] == [{"system": BARS_HTTP_CODES, "code": "REC_CONFLICT"}]


def test_it_cancels_by_the_senders_own_number_until_it_is_over(epr: FhirMachine) -> None:
    made = referral("pain_only")
    send(epr, message(made))
    revoked = {"status": "revoked", "note": [{"text": "Wrong service"}]}
    stale = send(epr, message(made, reason="update", **revoked, meta={"versionId": "99"}))
    assert stale.status_code == 412
    done = send(epr, message(made, reason="update", **revoked))
    assert done.json()["entry"][1]["resource"]["status"] == "revoked"
    assert send(epr, message(made, reason="update", **revoked)).status_code == 409


def test_an_emergency_goes_on_until_a_coordinator_confirms(epr: FhirMachine) -> None:
    made = referral()
    send(epr, message(made))
    answer = send(epr, message(made, reason="update", status="revoked")).json()
    assert answer["entry"][1]["resource"]["status"] == "active"
    assert "until a coordinator" in str(answer["entry"][2])


def test_nobody_else_cancels_it(epr: FhirMachine) -> None:
    made = referral("pain_only")
    send(epr, message(made))
    other = FhirMachine(other_hospital())
    assert send(other, message(made, reason="update", status="revoked")).status_code == 404
    named = message(made, reason="update", status="revoked", id=Referral.objects.get().reference)
    named["entry"][0]["resource"]["focus"] = [
        {"reference": f"ServiceRequest/{Referral.objects.get().reference}"}
    ]
    assert send(other, named).status_code == 404
    reader = FhirMachine(Machine(scope="referrals:read"))
    assert send(reader, message(referral())).status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"type": "transaction"}, 400),
        ({"entry": []}, 400),
        ({"reason": "update"}, 400),
        ({"reason": "other"}, 400),
        ({"event": "booking-request"}, 400),
        ({"focus": "ServiceRequest/nowhere"}, 400),
        ({"header": "X_Request_Id"}, 400),
        ({"header": "X_Correlation_Id"}, 400),
    ],
)
def test_what_is_no_such_message_is_refused(epr: FhirMachine, change: dict[str, Any], status: int) -> None:
    made = message(referral(), reason=change.get("reason", "new"))
    head = made["entry"][0]["resource"]
    made |= {name: change[name] for name in ("type", "entry") if change.get(name)}
    if change.get("entry") == []:
        made["entry"] = made["entry"][1:]
    if "event" in change:
        head["eventCoding"]["code"] = change["event"]
    if "focus" in change:
        head["focus"] = [{"reference": change["focus"]}]
    headers = {change["header"]: "7"} if "header" in change else {}
    assert send(epr, made, **headers).status_code == status
    assert not Referral.objects.exists()


def test_the_metadata_names_it(epr: FhirMachine) -> None:
    assert epr.get("metadata").json()["rest"][0]["operation"][0]["name"] == "process-message"
