"""The OpenAPI document and its reference page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator

from accounts.web.page import render
from api.rest.components import COMPONENTS


class ClientTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # an untyped library
    """OAuth2 client credentials."""

    target_class = "api.rest.authentication.ClientToken"
    name = "clientCredentials"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        scopes = settings.OAUTH2_PROVIDER["SCOPES"]
        flow = {"tokenUrl": f"{settings.BASE_URL}/oauth/token/", "scopes": scopes}
        words = "Client credentials: a secret, or a signed assertion (private_key_jwt). A token holds for ten minutes."
        return {"type": "oauth2", "description": words, "flows": {"clientCredentials": flow}}


def only_version_1(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """The document describes /api/v1/ alone."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def with_components(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the schemas that calls refer to, and where this installation is."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    for methods in result["paths"].values():
        for call in methods.values():
            if "requestBody" in call:
                call["requestBody"]["required"] = True
    result["servers"] = [{"url": settings.BASE_URL, "description": "This installation"}]
    return result


def reference(request: HttpRequest) -> HttpResponse:
    """The reference page for people."""
    generator: Any = SchemaGenerator
    document = generator().get_schema(request=None, public=True)
    calls = [
        {"method": method.upper(), "path": path, **call}
        for path, methods in document["paths"].items()
        for method, call in methods.items()
        if method in ("get", "post")
    ]
    return render(request, "api/reference.jinja", title="REST API reference", document=document, calls=calls)
