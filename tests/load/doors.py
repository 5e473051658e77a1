"""The doors of hospital systems beside a bare view that writes as many rows in one commit."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client

from kernel.time import now
from referrals.case.models import Referral
from tests.builders import body, submitted
from tests.load.client import Request
from tests.machines.fhir import alone
from tests.machines.test_cds import bundle, call, condition
from tests.machines.test_hl7v2 import oru

CASES = 150  # each gets a report or two, so that none grows long
CANCER = {"text": "Carcinoma of breast"}


def requests_of(token: dict[str, str]) -> dict[str, tuple[Request, int]]:
    """By name: what to send, and the status of its answer. Makes the cases that reports are about."""
    cases = [
        submitted("weakness", at=now(), location__organisation_ods="RXX01", location__kind="ward")
        for _ in range(CASES)
    ]
    return {
        "FHIR: a ServiceRequest": (_referral_in(token), 201),
        "FHIR: a Task is read": (_task(token, cases[0]), 200),
        "HL7 v2: a report": (_report(token, cases), 200),
        "CDS Hooks: a record is opened": (_card(), 200),
    }


def rows_of(request: Request, added: Callable[[], int]) -> int:
    """How many rows a request adds, by the statistics of the database."""
    client = Client()
    before = added()
    method, path, content, headers = request(10**18 + uuid.uuid4().int % 10**6)
    kind = headers.get("Content-Type", "application/json")
    answer = client.generic(method, path, content or b"", content_type=kind, headers=headers)
    assert answer.status_code < 300, answer.content
    return added() - before


def _referral_in(token: dict[str, str]) -> Request:
    made = body("weakness", at=now())
    made["referrer"]["organisation_ods"] = "RXX01"

    def make(number: int) -> tuple[str, str, bytes, dict[str, str]]:
        words = "".join(chr(97 + int(digit)) for digit in str(number))
        person = {"nhs_number": None, "nhs_number_unknown_reason": f"Load {number}", "family_name": words}
        sent = alone({**made, "patient": {**made["patient"], **person}}, number=f"L-{number}")
        headers = {**token, "Content-Type": "application/fhir+json"}
        return "POST", "/fhir/R4/ServiceRequest", json.dumps(sent).encode(), headers

    return make


def _task(token: dict[str, str], case: Referral) -> Request:
    return lambda number: ("GET", f"/fhir/R4/Task/{case.reference}", None, token)


def _report(token: dict[str, str], cases: list[Referral]) -> Request:
    people = [
        {
            "nhs_number": case.patient.nhs_number,
            "family_name": case.patient.family_name,
            "given_name": case.patient.given_name,
            "date_of_birth": str(case.patient.date_of_birth),
        }
        for case in cases
    ]

    def make(number: int) -> tuple[str, str, bytes, dict[str, str]]:
        text = oru(people[number % CASES]).replace("REP-1", f"R{number}").replace("|M1|", f"|M{number}|")
        return "POST", "/hl7/v2/", text.encode(), {**token, "Content-Type": "application/hl7-v2"}

    return make


def _card() -> Request:
    sent: dict[str, Any] = call(prefetch={"conditions": bundle(condition(CANCER))})
    content = json.dumps(sent).encode()
    headers = {"Content-Type": "application/json"}
    return lambda number: ("POST", "/cds-services/mscc-patient-view", content, headers)
