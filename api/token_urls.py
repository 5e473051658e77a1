"""The token endpoint for hospital systems: client credentials only."""

import base64
from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import RevokeTokenView, TokenView

from accounts import attempts
from accounts.client_authentication import token_address
from accounts.client_keys import ALGORITHMS
from accounts.machine_clients import scope_words
from webkit.client_address import client_network

MOST_REFUSED = 10  # wrong secrets of a client from one address
_token, _revoke = TokenView.as_view(), RevokeTokenView.as_view()


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Give a token to a client that proves itself by a secret or a signed assertion."""
    return _guarded(request, _token)


@csrf_exempt
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token of the client that asks (RFC 7009). 200 also for one that does not exist."""
    return _guarded(request, _revoke)


def smart_configuration(request: HttpRequest) -> JsonResponse:
    """What a client needs to know before it asks for a token (SMART App Launch 2, backend services)."""
    return JsonResponse(
        {
            "token_endpoint": token_address(),
            "revocation_endpoint": settings.BASE_URL + reverse("revoke_token"),
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": [
                "private_key_jwt",
                "client_secret_basic",
                "client_secret_post",
            ],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "scopes_supported": sorted(scope_words()),
            "capabilities": ["client-confidential-asymmetric", "client-confidential-symmetric"],
        }
    )


def _guarded(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The library's own view. A right secret is always answered; wrong ones are counted and slowed down.

    A secret is long and random, so that guesses lead nowhere; the limit must not shut out the owner of the secret.
    """
    client = _client(request)
    counter = f"client:{client_network(request)} {client}"
    unstorable = "\x00" in client or "\x00" in _secret(
        request
    )  # PostgreSQL cannot store it, so no client has it
    nobody = unstorable or not request.headers.get("Authorization", "").isascii()
    answer: HttpResponse = invalid_client() if nobody else view(request)
    if answer.status_code not in (400, 401):
        return answer
    attempts.record_wrong(request, "")
    attempts.count_one_more(counter)
    return answer if attempts.count(counter) <= MOST_REFUSED else _slow_down(attempts.COUNTED_FOR)


def _slow_down(seconds: int) -> JsonResponse:
    refusal = JsonResponse({"error": "slow_down"}, status=429)
    refusal["Retry-After"] = str(seconds)
    return refusal


def invalid_client() -> JsonResponse:
    """The refusal of OAuth 2.0 for an unknown client (RFC 6749, 5.2)."""
    return JsonResponse({"error": "invalid_client"}, status=401)


def _client(request: HttpRequest) -> str:
    return unquote(_basic(request).partition(":")[0]) or request.POST.get("client_id", "")


def _secret(request: HttpRequest) -> str:
    return unquote(_basic(request).partition(":")[2])


def _basic(request: HttpRequest) -> str:
    """The credentials of a Basic header; empty without a readable one."""
    kind, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials).decode(errors="replace")
    except ValueError:
        return ""


urlpatterns = [
    path("token/", token, name="token"),
    path("revoke/", revoke, name="revoke_token"),
]
