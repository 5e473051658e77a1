"""What leaves this service for a collector of spans and for Sentry: codes, and nothing of a patient."""

import gzip
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from threading import Thread
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.test.client import ClientHandler
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from kernel import spans
from kernel.time import now
from mscc import environment, telemetry
from oncall.delivery import deliver
from oncall.sweep import climb
from referrals.case.models import Referral
from tests.builders import body, set_the_scene
from tests.conftest import PARTS_OF_CHAIN
from tests.doors.forms import WebForm, signed_in
from tests.doors.machines import Machine

pytestmark = pytest.mark.django_db
FREE_TEXT = "She told her neighbour about her legs"


@dataclass
class Outside:
    """A collector and a Sentry on this machine: all bytes that they got."""

    address: str
    got: list[tuple[str, bytes]] = field(default_factory=list)
    headers: list[bytes] = field(default_factory=list)

    def spans(self) -> list[tuple[str, dict[str, str]]]:
        """Names and attributes, in the order in which the spans ended."""
        bodies = [body for path, body in self.got if path == "/v1/traces"]
        return [
            (span.name, {pair.key: pair.value.string_value for pair in span.attributes})
            for body in bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def events(self) -> list[dict[str, Any]]:
        bodies = [body for path, body in self.got if path == "/api/1/envelope/"]
        return [loads(body.splitlines()[2]) for body in bodies]


@pytest.fixture
def outside() -> Iterator[Outside]:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                sent = gzip.decompress(sent)
            there.got.append((self.path, sent))
            there.headers.append(str(self.headers).encode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    there = Outside(f"127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield there
    server.shutdown()
    server.server_close()


@pytest.fixture
def traced(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """The service as `mscc.settings` wires it with both variables."""
    dsn = f"http://key@{outside.address}/1"
    telemetry.start(traces_url=f"http://{outside.address}/v1/traces", sentry_dsn=dsn)
    monkeypatch.setattr(settings, "MIDDLEWARE", ["mscc.telemetry.Requests", *settings.MIDDLEWARE])
    one = ClientHandler()
    BaseHandler.load_middleware(one)
    chain = {name: vars(one)[name] for name in PARTS_OF_CHAIN}
    monkeypatch.setattr(ClientHandler, "load_middleware", lambda handler: vars(handler).update(chain))
    faults = telemetry.Faults(level=logging.ERROR)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(faults)
    root.setLevel(logging.INFO)
    yield outside
    root.setLevel(level)
    root.removeHandler(faults)
    spans.use(None)
    telemetry._provider.shutdown()
    telemetry._sentry.close(timeout=1.0)
    monkeypatch.setattr(telemetry, "_provider", None)
    monkeypatch.setattr(telemetry, "_sentry", None)


PATIENTS = (
    {"family_name": "Larkspurthorpe", "given_name": "Wilhelmina", "date_of_birth": "1951-03-09"},
    {"family_name": "Quillfeather", "given_name": "Thaddeus", "date_of_birth": "1947-11-23"},
)


def referral(number: int) -> dict[str, Any]:
    changes = {f"patient__{name}": text for name, text in PATIENTS[number].items()}
    return body(at=now(), referrer__organisation_ods="RXX01", referrer_concern=FREE_TEXT, **changes)


def fail(*args: Any, **kwargs: Any) -> None:
    """A fault whose words, cause and variables are a patient's."""
    words = f"{PATIENTS[0]['family_name']} {FREE_TEXT}"
    try:
        raise KeyError(words)
    except KeyError as cause:
        raise RuntimeError(f"Key (name)=({words}) is there already: {args}") from cause


def patients_in(sent: bytes, numbers: list[str]) -> list[str]:
    """What is a patient's or a request's in what was sent."""
    texts = [text for patient in PATIENTS for text in patient.values()]
    texts += [
        *numbers,
        *(number.replace(" ", "") for number in numbers),
        "09/03/1951",
        "9 March 1951",
        "neighbour",
    ]
    texts += [
        "Priya",
        "SELECT ",
        "INSERT ",
        "sessionid=",
        "csrfmiddlewaretoken",
        "Bearer",
        "testserver",
        "Key (name)",
    ]
    return [text for text in texts if text.lower().encode() in sent.lower()]


def test_nothing_of_a_patient_leaves_with_spans_and_faults(
    traced: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_the_scene(at=now())
    by_rest, by_form = referral(0), referral(1)
    machine, form, coordinator = Machine(), WebForm(), signed_in("coordinator")
    assert machine.post("referrals/", by_rest).status_code == 201
    assert form.fill(by_form).status_code == 302
    number = by_rest["patient"]["nhs_number"]
    words = f"{PATIENTS[0]['family_name']} {number} {FREE_TEXT}"
    assert coordinator.get("/worklist/", {"q": words}).status_code == 200
    assert coordinator.get(f"/worklist/{words}/", headers={"Referer": f"/?q={words}"}).status_code == 404
    monkeypatch.setattr("api.rest.views.parse", fail)
    monkeypatch.setattr("referrals.web.coordinator.case.find_as_it_stands", fail)
    coordinator.raise_request_exception = False
    headers = {"X-Request-ID": words, "traceparent": words, "baggage": f"name={number}"}
    assert machine.post("referrals/", referral(0), **headers).status_code == 500
    case = Referral.objects.latest("pk").reference
    assert coordinator.get(f"/worklist/{case}/", {"q": words}).status_code == 500
    climb(at=now())
    assert deliver(at=now()) > 0
    logging.getLogger("django.db").error(f"Key (name)=({words})")
    telemetry.send_now()

    numbers = [number, by_form["patient"]["nhs_number"]]
    assert patients_in(b"\n".join([*(sent for _, sent in traced.got), *traced.headers]), numbers) == []
    seen = traced.spans()
    assert {name for _, codes in seen for name in codes} == set(telemetry.CODES)
    acts = [codes for name, codes in seen if name == "submit_referral"]
    assert len(acts) == 2
    assert all({"referral_submitted", "clock_started"} <= set(codes["kind"].split()) for codes in acts)
    asked = [codes for _, codes in seen if "method" in codes]
    assert {"method": "GET", "route": "case", "reference": case, "status": "500"} in asked
    assert {"method": "GET", "route": "case", "status": "404"} in asked
    assert ("page by email", {"usecase": "deliver_page", "kind": "page_sent"}) in seen

    first, second = traced.events()
    assert set(first) | set(second) <= set(telemetry.KEPT)
    assert second["tags"] == {"method": "GET", "route": "case", "reference": case}
    assert first["logger"] == second["logger"] == "django.request"
    for event in (first, second):
        assert [fault["type"] for fault in event["exception"]["values"]] == ["KeyError", "RuntimeError"]
        assert event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "fail"


def test_the_search_would_find_a_patient(traced: Outside) -> None:
    """The other half of the test before: without the limits of this service they do arrive."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(telemetry.CODES, "kind", lambda text: True)
        with spans.span("name", kind=PATIENTS[0]["family_name"]):
            pass
    telemetry.send_now()
    assert patients_in(traced.got[0][1], []) == [PATIENTS[0]["family_name"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("method", "Larkspurthorpe"),
        ("route", "wilhelmina larkspurthorpe"),
        ("status", "9990000018"),
        ("usecase", "Larkspurthorpe"),
        ("kind", "larkspurthorpe"),
        ("reference", "MSCC-99900-0"),
        ("statement", "ok"),
    ],
)
def test_a_code_that_is_none_is_left_out(traced: Outside, name: str, text: str) -> None:
    with spans.span("act", **{name: text}):
        spans.note(**{name: text})
    telemetry.send_now()
    assert traced.spans() == [("act", {})]


def test_an_event_that_somebody_else_makes_is_not_sent(traced: Outside) -> None:
    assert telemetry._sentry is not None
    telemetry._sentry.capture_event({"message": "Larkspurthorpe"})
    logging.getLogger("urllib3.connectionpool").error("retried")
    logging.getLogger("library").error("larkspurthorpe")
    structlog.get_logger("mscc").error("sweeper_too_old", name="Larkspurthorpe")
    telemetry.send_now()
    assert [event["logentry"]["message"] for event in traced.events()] == ["sweeper_too_old"]


def test_without_an_address_nothing_is_loaded() -> None:
    asked = "import sys, django; django.setup(); print({'sentry_sdk', 'opentelemetry', 'mscc.telemetry'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_with_an_address_the_wiring_starts_both(outside: Outside) -> None:
    asked = (
        "import django; django.setup(); import structlog; from kernel import spans; from mscc import telemetry\n"
        "with spans.span('act', usecase='act'): structlog.get_logger('mscc').error('wired')\n"
        "telemetry.send_now()"
    )
    there = {
        "TRACES_URL": f"http://{outside.address}/v1/traces",
        "SENTRY_DSN": f"http://key@{outside.address}/1",
    }
    subprocess.run(
        [sys.executable, "-c", asked], env={**os.environ, **there, "LOG_LEVEL": "ERROR"}, check=True
    )
    assert outside.spans() == [("act", {"usecase": "act"})]
    assert [(event["logger"], event["tags"]) for event in outside.events()] == [("mscc", {"usecase": "act"})]


def test_an_address_without_the_packages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACES_URL", "http://collector/v1/traces")
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    with pytest.raises(environment.EnvironmentIncomplete, match=r"requirements-observability\.lock"):
        environment.read()
    monkeypatch.setenv("SENTRY_DSN", "https://sentry.example")
    with pytest.raises(environment.EnvironmentIncomplete, match="SENTRY_DSN: This is not a Sentry DSN"):
        environment.read()
