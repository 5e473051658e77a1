"""The token endpoint for hospital systems: client credentials only."""

import base64
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

from accounts import attempts
from webkit.client_address import client_address

MOST_REFUSED = 10  # wrong secrets of a client from one address
_token = TokenView.as_view()


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """The library's own view. A right secret is always answered with a token; wrong ones are counted and slowed down.

    A secret is long and random, so that guesses lead nowhere; the limit must not shut out the owner of the secret.
    """
    client = _client(request)
    counter = f"client:{client_address(request)} {client}"
    unstorable = "\x00" in client or "\x00" in _secret(
        request
    )  # no database can store it, so no client has it
    nobody = unstorable or not request.headers.get("Authorization", "").isascii()
    answer: HttpResponse = invalid_client() if nobody else _token(request)
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


urlpatterns = [path("token/", token, name="token")]
