"""Where hospital systems get a token: client credentials, nothing else."""

import base64
import binascii
import hashlib

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
    """The library's own view, behind a count of wrong secrets per client and address."""
    counter = _counter(request)
    if _count(counter) >= MOST_REFUSED:
        refusal = JsonResponse({"error": "slow_down"}, status=429)
        refusal["Retry-After"] = str(PAUSE)
        return refusal
    answer: HttpResponse = _token(request)
    if answer.status_code in (400, 401):
        _count_one_more(counter)
    return answer


def _counter(request: HttpRequest) -> str:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    client = request.POST.get("client_id", "")
    if kind.lower() == "basic":
        try:
            client = base64.b64decode(encoded).decode(errors="replace").partition(":")[0]
        except binascii.Error:
            client = ""
    tried = f"{request.META.get('REMOTE_ADDR', '')} {client}"
    return f"token-refused:{hashlib.sha256(tried.encode()).hexdigest()}"


def _count(counter: str) -> int:
    """How many were wrong. When the cache is away nobody is held back: a referral matters more."""
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
