"""CDS Hooks: discovery, the two services, and feedback. Errors are OperationOutcomes with the number to ring."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.urls import reverse
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import service as services
from api.cds.calls import Call, read_call, read_feedback
from api.cds.card_log import keep_cards, keep_feedback
from api.cds.cards import Card, Reading, order_cards, patient_cards, read, ruleset_at
from api.cds.clients import CardToken
from api.cds.links import link_with, typed_from
from api.cds.refusals import card_outcome
from api.cds.services import HOOKS, discovery
from api.rest.parsing import StrictJson
from kernel.refusals import NotFound
from kernel.time import now

log = structlog.get_logger(__name__)


class CardDoor(APIView):
    """A door for hospital records and, from named origins, for their browsers."""

    metadata_class = None
    schema = None
    parser_classes = [StrictJson]
    authentication_classes = [CardToken]
    permission_classes = [IsAuthenticated]

    def get_exception_handler(self) -> Any:
        return card_outcome

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method != "OPTIONS":  # a browser asks first, and never with a token
            super().initial(request, *args, **kwargs)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "OPTIONS" and not hasattr(request, "accepted_renderer"):
            request.accepted_renderer, request.accepted_media_type = (
                self.get_renderers()[0],
                "application/json",
            )
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Vary"] = "Origin, Authorization"
        origin = request.headers.get("Origin", "")
        if origin and origin in settings.CDS_ORIGINS:
            answer["Access-Control-Allow-Origin"] = origin
            answer["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            answer["Access-Control-Max-Age"] = "600"
        return answer

    @property
    def client(self) -> str:
        """The caller, as cards are kept under it."""
        user: Any = self.request.user
        return str(user.pk)


class DiscoveryView(CardDoor):
    """Holds nothing about anybody: no token is needed, and a sent one is not read."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response(discovery())


class ServiceView(CardDoor):
    def post(self, request: Request, slug: str) -> Response:
        """The cards for one call."""
        at, call = now(), read_call(request.data, hook=_hook_of(slug))
        reading = read(call.prefetch, at=at)
        cards = _cards(slug, call, reading, at=at)
        numbered = tuple((uuid.uuid4(), card) for card in cards)
        ruleset = ruleset_at(at)
        log.info(
            "cards_shown",
            service=slug,
            client=self.client,
            topics=[card.topic for card in cards],
            ruleset=ruleset,
        )
        if not cards:
            return Response({"cards": []})
        keep_cards(numbered, client=self.client, service=slug, ruleset=ruleset, at=at)
        links, telephone = _links(call, reading, at=at), services.current().telephone
        body = [
            card.as_json(number=str(number), telephone=telephone, ruleset=ruleset, links=links)
            for number, card in numbered
        ]
        return Response({"cards": body})


class FeedbackView(CardDoor):
    def post(self, request: Request, slug: str) -> Response:
        """Keep what became of cards. It may be sent again."""
        _hook_of(slug)
        keep_feedback(read_feedback(request.data), client=self.client, service=slug, at=now())
        return Response({})


def _hook_of(slug: str) -> str:
    if slug not in HOOKS:
        raise NotFound(f"There is no such service. There are {' and '.join(HOOKS)}")
    return HOOKS[slug]


def _cards(slug: str, call: Call, reading: Reading, *, at: datetime) -> tuple[Card, ...]:
    if HOOKS[slug] == "patient-view":
        return patient_cards(reading, call.prefetch, at=at)
    return order_cards(reading, call.context, at=at)


def _links(call: Call, reading: Reading, *, at: datetime) -> tuple[Mapping[str, str], ...]:
    """To the form, and to the rules. A link with a token is for one person's form, so a call has one."""
    address = link_with(typed_from(call.prefetch.get("patient"), reading.findings), at=at)
    return (
        {"label": "Refer to the MSCC coordinator", "url": address, "type": "absolute"},
        {
            "label": "The rules and their sources",
            "url": settings.BASE_URL + reverse("guideline"),
            "type": "absolute",
        },
    )
