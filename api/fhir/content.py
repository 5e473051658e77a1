"""FHIR JSON in and out. XML is refused by name."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer

from api.fhir.outcomes import CONTENT_TYPE, NotSupported
from api.rest.parsing import StrictJson

FORMATS = {"json": "application/fhir+json", CONTENT_TYPE: CONTENT_TYPE, "application/json": CONTENT_TYPE}


class NotAcceptable(NotSupported):
    """The answer is asked for in a form that this door does not write."""

    status = 406


class FhirJson(StrictJson):
    """Reads application/fhir+json as strictly as the REST API reads JSON."""

    media_type = CONTENT_TYPE


class PlainJson(StrictJson):
    """Reads application/json as FHIR JSON."""


class FhirRenderer(JSONRenderer):
    media_type, format, charset = CONTENT_TYPE, "json", None


class PlainRenderer(JSONRenderer):
    media_type, format = "application/json", "plain"


class Negotiation(DefaultContentNegotiation):
    """Accept and `_format`; JSON alone is written."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        asked = request.query_params.get("_format")
        if asked is not None:
            if asked.replace(" ", "+") not in FORMATS:
                raise NotAcceptable("This server answers in application/fhir+json, not XML or Turtle")
            return renderers[0], CONTENT_TYPE
        return super().select_renderer(request, renderers, format_suffix)

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        return renderers
