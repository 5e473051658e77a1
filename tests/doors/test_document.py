"""The OpenAPI document as builders of clients use it: calls made up from it, and a client generated from it."""

import importlib
import json
import subprocess
import sys
from collections import Counter
from typing import Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok

from api.rest.examples import EXAMPLES
from api.rest.schemas import FILE_TYPES
from kernel.time import now
from referrals.case.models import Referral
from tests.builders import set_the_scene
from tests.doors.machines import Machine
from tests.doors.test_rest import document, sent

SEED = 20261127
# What fits the document may still make no clinical sense, or come out of turn.
GOOD_ANSWERS = ["2xx", "304", "404", "409", "412", "422"]
NHS_NUMBERS = ("9990000018", "9990000026", "9990000034")

schemathesis.openapi.format("nhs-number", st.sampled_from(NHS_NUMBERS))


@pytest.mark.django_db
def test_calls_made_up_from_the_document_are_answered_as_it_says(request: pytest.FixtureRequest) -> None:
    set_the_scene(at=now())
    hospital = Machine()
    reference = hospital.post("referrals/", sent()).json()["reference"]
    config = SchemathesisConfig(seed=SEED)
    config.projects.default.checks.positive_data_acceptance.expected_statuses = GOOD_ANSWERS
    schema = schemathesis.openapi.from_dict(document(), config=config)
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        _call(found.ok(), hospital.token, reference, request.config.getoption("calls"), statuses)
    print(dict(statuses))
    assert max(statuses) < 500
    assert {200, 201, 404, 409, 422} <= set(statuses)


def _call(operation: Any, token: str, reference: str, most: int, statuses: Counter[int]) -> None:
    kinds = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=kinds)
    def made_up(case: Any) -> None:
        if "reference" in case.path_parameters:
            case.path_parameters["reference"] = reference
        answer = _answer(case, token)
        statuses[answer.status_code] += 1
        case.validate_response(answer)

    made_up()


def _answer(case: Any, token: str) -> schemathesis.Response:
    """The answer to a call, given within the transaction of the test."""
    bearer = {"Authorization": f"Bearer {token}"}
    asked = requests.Request(
        **case.as_transport_kwargs(base_url="http://testserver", headers=bearer)
    ).prepare()
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body or b""
    headers = {name: value for name, value in asked.headers.items() if name != "Content-Length"}
    kind = headers.pop("Content-Type", "")
    given = Client(raise_request_exception=False).generic(
        asked.method or "", asked.path_url, body, content_type=kind, headers=headers
    )
    return schemathesis.Response(
        status_code=given.status_code,
        headers={name: [value] for name, value in given.headers.items()},
        content=given.content,
        request=asked,
        elapsed=0.0,
        verify=False,
    )


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Any:
    """The package that openapi-python-client makes from the document."""
    folder = tmp_path_factory.mktemp("generated")
    with django_db_blocker.unblock():
        (folder / "api.json").write_text(json.dumps(document()))
    files = "".join(f"  {kind}: application/octet-stream\n" for kind in FILE_TYPES)
    settings = f"post_hooks: []\npackage_name_override: hospital_client\ncontent_type_overrides:\n{files}"
    (folder / "config.yml").write_text(settings)
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--path",
            "api.json",
            "--config",
            "config.yml",
            "--meta",
            "none",
            "--output-path",
            "hospital_client",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert "WARNING" not in made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module("hospital_client")
    sys.path.remove(str(folder))


@pytest.mark.django_db
def test_a_generated_client_refers_reports_a_scan_follows_and_asks(generated: Any) -> None:
    set_the_scene(at=now())
    token = Machine().token
    models = importlib.import_module("hospital_client.models")
    client = generated.AuthenticatedClient(
        base_url="http://testserver", token=token, httpx_args={"transport": InProcess()}
    )

    def call(name: str, *args: Any, **about: Any) -> Any:
        return importlib.import_module(f"hospital_client.api.referrals.{name}").sync(
            *args, client=client, **about
        )

    intake = models.Intake.from_dict(EXAMPLES["Intake"]["emergency"])
    keys = [{"idempotency_key": "one"}, {"idempotency_key": "one"}]
    first, again = (call("submit_referral", body=intake, **key) for key in keys)
    assert isinstance(first, models.Referral)
    assert first.reference == again.reference
    assert (str(first.stream), Referral.objects.count()) == ("emergency", 1)
    scan = models.MriPerformed.from_dict(EXAMPLES["EventReport"]["mri_performed"])
    done = call("report_event", first.reference, body=scan, idempotency_key="scan")
    assert {clock.kind for clock in done.clocks if clock.stopped_because == "met"} == {"mri"}
    question = models.MessageSent(text="May she sit up?", answer_within_hours=1.0)
    assert call("send_message", first.reference, body=question, idempotency_key="q").text == "May she sit up?"
    assert call("read_referral", first.reference).imaging.regions
    facts = call("list_events", first.reference)
    assert [fact.kind for fact in facts.results] == ["mri_performed"]
    refused = call("report_event", first.reference, body=scan, idempotency_key="one")
    assert refused.type_ == "urn:mscc:problem:idempotency_key_reused"


class InProcess(httpx.BaseTransport):
    """Answers within the transaction of the test."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        kind = request.headers.get("Content-Type", "")
        given = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type=kind,
            headers={
                name: value
                for name, value in request.headers.items()
                if name in ("authorization", "idempotency-key")
            },
        )
        return httpx.Response(given.status_code, headers=dict(given.headers), content=given.content)
