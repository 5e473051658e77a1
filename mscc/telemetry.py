"""Spans for OpenTelemetry and faults for Sentry, where an installation names an address for them.

Both get the codes of CODES and nothing else: no statement, no address with its query, no body, header or cookie, no local
variable, and no words of a fault, which may contain a value. Only `mscc.settings` imports this module, and only then.
"""

import atexit
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from django.http import HttpRequest, HttpResponse
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span
from sentry_sdk.client import Client

from kernel import spans
from kernel.identifiers import Reference
from ledger.kinds import Kind

SERVICE = "mscc-coordinator"
KINDS = frozenset(str(kind) for kind in Kind)
# A fault of sending faults is not sent; the last one tells each fault that `django.request` tells too.
LEFT_OUT = ("opentelemetry", "sentry_sdk", "urllib3", "django_structlog")
KEPT = ("event_id", "timestamp", "platform", "level", "logger", "logentry", "exception", "tags")
CHAIN = 5  # faults that led to a fault
FRAMES = 50
WORD = re.compile(r"[a-z][a-z0-9_]{0,59}").fullmatch


def _is_reference(text: str) -> bool:
    try:
        return Reference.read(text).text == text
    except ValueError:
        return False


# What may leave this service, and how each code looks.
CODES: dict[str, Callable[[str], object]] = {
    "method": re.compile(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS").fullmatch,
    "route": re.compile(r"[a-z][a-z0-9_:-]{0,59}").fullmatch,
    "status": re.compile(r"[1-5]\d\d").fullmatch,
    "usecase": WORD,
    "kind": KINDS.__contains__,
    "reference": _is_reference,
}
Codes = dict[str, str]
_open: ContextVar[tuple[tuple[Codes, Span | None], ...]] = ContextVar("open_spans", default=())
_sentry: Client | None = None
_provider: TracerProvider | None = None


def start(*, traces_url: str, sentry_dsn: str) -> None:
    """Send spans and faults of this process, and of those that it forks, to these addresses; an empty one to nobody."""
    global _provider, _sentry
    if traces_url:
        _provider = TracerProvider(resource=Resource({"service.name": SERVICE}))
        _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=traces_url, timeout=5)))
    if sentry_dsn:
        _sentry = Client(
            dsn=sentry_dsn,
            release=SERVICE,  # else it asks git
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            send_client_reports=False,
            include_local_variables=False,
            include_source_context=False,
            max_breadcrumbs=0,
            before_send=_allowed_of_event,
        )
        atexit.register(_sentry.flush, timeout=2.0)
    spans.use(OpenSpans())


def send_now() -> None:
    """Send what waits."""
    if _provider is not None:
        _provider.force_flush()
    if _sentry is not None:
        _sentry.flush(timeout=5.0)


class OpenSpans:
    """The tracer of `kernel.spans`."""

    @contextmanager
    def span(self, name: str, codes: Mapping[str, str]) -> Iterator[None]:
        span = _provider.get_tracer(SERVICE).start_span(name) if _provider is not None else None
        token = _open.set((*_open.get(), ({}, span)))
        self.note(codes)
        try:
            yield
        finally:
            own, _ = _open.get()[-1]
            _open.reset(token)
            if span is not None:
                if "method" in own:
                    span.update_name(f"{own['method']} {own.get('route', '')}".strip())
                span.set_attributes(own)
                span.end()

    def note(self, codes: Mapping[str, str]) -> None:
        if not (opened := _open.get()):
            return
        own = opened[-1][0]
        for name, code in codes.items():
            if name in CODES and CODES[name](code):
                several = own.get(name, "").split() if name == "kind" else []
                own[name] = " ".join(dict.fromkeys([*several, code]))


class Requests:
    """Middleware, ahead of all other: one span for each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with spans.span("request", method=request.method or ""):
            response = self.get_response(request)
            spans.note(status=str(response.status_code))
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, named: Mapping[str, Any]) -> None:
        """Called when the address is known."""
        route = request.resolver_match.view_name if request.resolver_match else ""
        spans.note(route=route or "", reference=str(named.get("reference", "")))


class Faults(logging.Handler):
    """Sends each line of the log that is an error: its code, and where it happened."""

    def emit(self, record: logging.LogRecord) -> None:
        if _sentry is None or record.name.startswith(LEFT_OUT):
            return
        # Only our own lines have codes: structlog hands them over as a dict. A library's one word might be a name.
        event = record.msg.get("event") if isinstance(record.msg, dict) else ""
        code = event if isinstance(event, str) and WORD(event) else ""
        fault = _fault_of(record)
        if not code and fault is None:
            return
        codes = {name: code for own, _ in _open.get() for name, code in own.items()}
        _sentry.capture_event(
            {
                "level": "error",
                "logger": record.name,
                "logentry": {"message": code or record.name},
                "exception": {"values": _chain_of(fault)},
                "tags": codes,
            },
            hint={SERVICE: True},
        )


def _fault_of(record: logging.LogRecord) -> BaseException | None:
    """The fault of a line. A line of structlog has its words already; the fault is then the one that is handled."""
    if record.exc_info:
        return record.exc_info[1]
    has_words = isinstance(record.msg, dict) and "exception" in record.msg
    return sys.exc_info()[1] if has_words else None


def _chain_of(fault: BaseException | None) -> list[dict[str, Any]]:
    """A fault after those that led to it: types and places, no words."""
    values: list[dict[str, Any]] = []
    while fault is not None and len(values) < CHAIN:
        kind = type(fault)
        frames = _frames_of(fault.__traceback__)
        values.append({"type": kind.__name__, "module": kind.__module__, "stacktrace": {"frames": frames}})
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return values[::-1]


def _frames_of(trace: TracebackType | None) -> list[dict[str, Any]]:
    return [
        {
            "module": (module := str(frame.f_globals.get("__name__", ""))),
            "filename": f"{module.replace('.', '/')}.py",
            "function": frame.f_code.co_name,
            "lineno": line,
        }
        for frame, line in list(traceback.walk_tb(trace))[-FRAMES:]
    ]


def _allowed_of_event(event: Any, hint: Mapping[str, Any]) -> Any:
    """What Sentry's client may send: an event that was made here, without what the client added to it."""
    return {name: event[name] for name in KEPT if name in event} if SERVICE in hint else None
