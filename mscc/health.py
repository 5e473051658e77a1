"""Health checks: whether this process can serve, what an open page has to know, whether the service keeps its promises."""

from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from accounts import service as services
from kernel.patience import Patience
from kernel.time import now, rfc3339
from mscc.postgresql.state import database
from mscc.pulse import full_folders
from oncall import engine
from oncall.models import Heartbeat
from oncall.watch import dangers

SILENT = "the database does not answer"
LOOKING = Patience(seconds=0.5, most=1)  # at folders
_serves: Callable[[], bool] = lambda: True  # noqa: E731  # until the server of this process says more


def watch(serves: Callable[[], bool]) -> None:
    """Let `live` ask the server of this process whether it can serve."""
    global _serves
    _serves = serves


def live(request: HttpRequest) -> JsonResponse:
    """Whether this process can serve; 503 while one of its requests is stuck."""
    return JsonResponse({"status": "live"}) if _serves() else JsonResponse({"status": "stuck"}, status=503)


def service(request: HttpRequest) -> JsonResponse:
    """For open pages: whether the service can be used, or why not and the number to ring."""
    fault = SILENT if database.away else database.unwritable
    words = f"{fault[:1].upper()}{fault[1:]}: nothing that you enter can be stored." if fault else ""
    body = {"works": not fault, "words": words, "telephone": services.last_known_telephone}
    return JsonResponse(body, status=503 if fault else 200)


def ready(request: HttpRequest) -> JsonResponse:
    """Whether promises are kept: the database, its disk, the broker and every regular task; 503 with every fault."""
    faults: dict[str, str] = {}
    details: dict[str, Any] = {}
    try:
        connection.ensure_connection()  # a wait for it is no difference between two clocks
        faults |= dangers(at=now())
        beats = {beat.name: beat for beat in Heartbeat.objects.exclude(name__in=engine.NOTES)}
    except DatabaseError:
        faults["database"] = SILENT
    else:
        details["last_sweep"] = rfc3339(beats["sweep"].at) if "sweep" in beats else None
        details["heartbeats"] = {name: rfc3339(beat.at) for name, beat in sorted(beats.items())}
        details["self_test"] = beats["self_test"].note if "self_test" in beats else "not run yet"
    if full := list(filter(None, [database.unwritable, *_faults_of_folders()])):
        faults["storage"] = "; ".join(full)
    try:
        redis.Redis.from_url(
            settings.ENVIRONMENT.cache_url, socket_timeout=1, socket_connect_timeout=1
        ).ping()
    except redis.RedisError:
        faults["broker"] = "the broker does not answer"
    return _readiness(faults, details)


def _faults_of_folders() -> list[str]:
    """The folders that are full; that of another machine may not answer at all."""
    try:
        return [f"the disk of {name} is full" for name in LOOKING.wait_for(full_folders)]
    except TimeoutError:
        return ["a folder does not answer"]


def unknown(request: HttpRequest) -> JsonResponse:
    """The checks themselves hang."""
    return _readiness(
        {"checks": "the checks do not end", **({"database": SILENT} if database.away else {})}, {}
    )


def _readiness(faults: dict[str, str], details: dict[str, Any]) -> JsonResponse:
    status = "ready" if not faults else "not ready"
    return JsonResponse({"status": status, "faults": faults, **details}, status=503 if faults else 200)
