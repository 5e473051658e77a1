"""The base of every call of the FHIR door, and what its answers have in common."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import service as services
from accounts.act import Act
from api.fhir.content import FhirJson, FhirRenderer, Negotiation, PlainJson, PlainRenderer
from api.fhir.outcomes import CONTENT_TYPE, NotFhir, NotSupported, outcome_response
from api.fhir.structure import faults_of
from kernel.actors import Actor
from kernel.refusals import Denied, Invalid
from kernel.time import now
from ledger.append import canonical

MOST_KEY = 255
FORM = "application/x-www-form-urlencoded"


class FhirDoor(APIView):
    """Reads and writes FHIR JSON; every error is an OperationOutcome."""

    metadata_class = None
    parser_classes = [FhirJson, PlainJson, FormParser]
    renderer_classes = [FhirRenderer, PlainRenderer]
    content_negotiation_class = Negotiation

    def get_exception_handler(self) -> Any:
        return outcome_response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name in ("X-Request-Id", "X-Correlation-Id"):
            value = request.headers.get(name, "")
            if 0 < len(value) <= 200 and value.isascii() and value.isprintable():
                answer[name] = value
        return answer

    def actor(self) -> Actor:
        """The calling hospital system."""
        user: Any = self.request.user
        actor: Actor = user.actor
        return actor

    def act(self) -> Act:
        """What this call does: by whom, at this instant, under the present settings."""
        return Act(by=self.actor(), at=now(), service=services.current())

    def need(self, scope: str) -> None:
        """Denied without this scope."""
        user: Any = self.request.user
        if scope not in user.scopes:
            raise Denied(f"This needs the scope {scope}")


def content_of(request: Request) -> dict[str, Any]:
    """The sent resource; NotFhir with the faults of its structure by FHIRPath."""
    if "form-urlencoded" in str(request.content_type) or not request.content_type:
        raise NotFhirType("Send application/fhir+json")
    body: Any = request.data
    if faults := faults_of(body):
        raise NotFhir("What was sent is not FHIR R4", errors=faults)
    sent: dict[str, Any] = body
    return sent


class NotFhirType(NotSupported):
    status = 415


def sent_length(request: Request) -> int:
    """The bytes of the body, as its sender counts them."""
    return int(request.META.get("CONTENT_LENGTH") or 0)


def resource_of(request: Request, kind: str) -> dict[str, Any]:
    """The sent resource, which must be of the kind that the address names."""
    body = content_of(request)
    if body["resourceType"] != kind:
        raise NotFhir(
            "Not the resource that its address names",
            errors={"Resource.resourceType": [f"Send a {kind} here"]},
        )
    return body


def only_known(params: Mapping[str, Any], names: Sequence[str]) -> None:
    """NotSupported for a parameter that is not among `names`: an ignored filter would answer with too much."""
    if unknown := sorted(set(params) - set(names)):
        raise NotSupported(f"There is no search parameter {', '.join(unknown)[:200]} here")


def key_of(request: Request, content: Any) -> str:
    """The key that makes this request safe to repeat: the sender's, else one of its content."""
    sent = request.headers.get("Idempotency-Key", "").strip()
    if sent:
        if len(sent) > MOST_KEY or not sent.isprintable():
            raise Invalid(
                "The key is wrong",
                errors={"Idempotency-Key": [f"Send 1 to {MOST_KEY} printable characters"]},
            )
        return sent
    return "fhir:" + hashlib.sha256(canonical(content)).hexdigest()


def answer(
    body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A FHIR answer."""
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)
