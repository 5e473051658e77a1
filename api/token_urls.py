"""The token endpoint for hospital systems: client credentials only."""

import base64
import hashlib
from urllib.parse import unquote

import redis
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

MOST_REFUSED, PAUSE = 10, 900  # wrong secrets, and for how many seconds they are counted
_token = TokenView.as_view()


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """The library's own view, with a limit of wrong secrets per client and address."""
    client = _client(request)
    counter = _counter(request, client)
    if _count(counter) >= MOST_REFUSED:
        refusal = JsonResponse({"error": "slow_down"}, status=429)
        refusal["Retry-After"] = str(PAUSE)
        return refusal
    unstorable = "\x00" in client or "\x00" in _secret(
        request
    )  # no database can store it, so no client has it
    nobody = unstorable or not request.headers.get("Authorization", "").isascii()
    answer: HttpResponse = invalid_client() if nobody else _token(request)
    if answer.status_code in (400, 401):
        _count_one_more(counter)
    return answer


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


def _counter(request: HttpRequest, client: str) -> str:
    key = f"{request.META.get('REMOTE_ADDR', '')} {client}"
    return f"token-refused:{hashlib.sha256(key.encode()).hexdigest()}"


def _count(counter: str) -> int:
    """How many secrets were wrong. Without the cache there is no limit: a referral matters more."""
    try:
        return int(cache.get(counter, 0))
    except redis.RedisError:
        return 0


def _count_one_more(counter: str) -> None:
    try:
        cache.add(counter, 0, PAUSE)
        cache.incr(counter)
    except (redis.RedisError, ValueError):  # away, or forgotten in between
        return


urlpatterns = [path("token/", token, name="token")]
