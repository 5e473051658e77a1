"""Clients that we did not write: fhirpy and fhirclient refer, read, search, follow, cancel and replay against the live server."""

from typing import Any

import pytest
import requests
from fhirclient import client as smart
from fhirclient.models.bundle import Bundle
from fhirclient.models.servicerequest import ServiceRequest
from fhirclient.models.task import Task
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome

from demo.people import CLIENT_ID, CLIENT_SECRET
from kernel.time import now
from referrals.case.models import Referral
from tests.builders import set_the_scene
from tests.machines.fhir import alone, referral, transaction, validated

SYSTEM = "https://epr.example/orders"


def token_at(url: str) -> str:
    asked = {"grant_type": "client_credentials"}
    answer = requests.post(f"{url}/oauth/token/", asked, auth=(CLIENT_ID, CLIENT_SECRET), timeout=10)
    return str(answer.json()["access_token"])


@pytest.mark.django_db(transaction=True)
def test_clients_that_we_did_not_write_refer_once_follow_and_cancel(live_server: Any, settings: Any) -> None:
    settings.BASE_URL = live_server.url
    set_the_scene(at=now())
    base, token = f"{live_server.url}/fhir/R4", token_at(live_server.url)
    by_fhirpy(base, token)
    by_fhirclient(base, token)


def by_fhirpy(base: str, token: str) -> None:
    client = SyncFHIRClient(base, authorization=f"Bearer {token}")
    kind, made = "ServiceRequest", _content(alone(referral("pain_only"), number="fhirpy-1"))
    first, again = (client.resource(kind, **made).create() for _ in range(2))
    assert first["id"] == again["id"] == Referral.objects.get().reference
    with pytest.raises(OperationOutcome):  # its condition stands in the address, and would be ignored
        client.resources("ServiceRequest").search(identifier=f"{SYSTEM}|fhirpy-2").get_or_create(
            client.resource(kind, **_content(alone(referral(), number="fhirpy-2")))
        )
    assert Referral.objects.count() == 1
    found = client.resources("ServiceRequest").search(identifier=f"{SYSTEM}|fhirpy-1").fetch_all()
    assert [row["id"] for row in found] == [first["id"]]
    task = client.resources("Task").search(focus=f"ServiceRequest/{first['id']}").first()
    assert task["status"] == "received"
    read = client.reference("ServiceRequest", first["id"]).to_resource()
    validated(read.serialize())
    with pytest.raises(OperationOutcome):  # without If-Match
        client.execute(
            f"ServiceRequest/{first['id']}", method="put", data={**read.serialize(), "status": "revoked"}
        )
    version = {"If-Match": f'W/"{read["meta"]["versionId"]}"'}
    guarded = SyncFHIRClient(base, authorization=f"Bearer {token}", extra_headers=version)
    cancelled = guarded.execute(
        f"ServiceRequest/{first['id']}", method="put", data={**read.serialize(), "status": "revoked"}
    )
    assert cancelled["status"] == "revoked"


def _content(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name != "resourceType"}


def by_fhirclient(base: str, token: str) -> None:
    server = smart.FHIRClient(settings={"app_id": "epr", "api_base": base}).server
    server.session.headers["Authorization"] = f"Bearer {token}"
    assert server.capabilityStatement.fhirVersion == "4.0.1"
    bundle = Bundle(transaction(referral("pain_only"), number="fhirclient-1"))
    answers = [Bundle(server.post_json("", bundle.as_json()).json()) for _ in range(2)]
    assert [answer.entry[0].response.status for answer in answers] == ["201 Created", "200 OK"]
    [row] = ServiceRequest.where({"identifier": f"{SYSTEM}|fhirclient-1"}).perform_resources_iter(server)
    assert Referral.objects.count() == 2
    read = ServiceRequest.read(row.id, server)
    [task] = Task.where({"focus": f"ServiceRequest/{row.id}"}).perform_resources_iter(server)
    assert task.status == "received"
    read.status = "revoked"
    server.session.headers["If-Match"] = f'W/"{read.meta.versionId}"'
    assert read.update(server)["status"] == "revoked"
    assert set(Referral.objects.values_list("status", flat=True)) == {"withdrawn"}
