"""Health checks: whether the process answers, and whether the service keeps its promises."""

from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse

from kernel.time import now, rfc3339
from oncall.models import Heartbeat
from oncall.watch import dangers


def live(request: HttpRequest) -> JsonResponse:
    """The web process answers."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> JsonResponse:
    """Check the database, the broker and every regular task; 503 with every fault."""
    faults: dict[str, str] = {}
    details: dict[str, Any] = {}
    try:
        faults |= dangers(at=now())
        beats = {beat.name: beat for beat in Heartbeat.objects.all()}
    except DatabaseError:
        faults["database"] = "the database does not answer"
    else:
        details["last_sweep"] = rfc3339(beats["sweep"].at) if "sweep" in beats else None
        details["heartbeats"] = {name: rfc3339(beat.at) for name, beat in sorted(beats.items())}
        details["self_test"] = beats["self_test"].note if "self_test" in beats else "not run yet"
    try:
        redis.Redis.from_url(settings.ENVIRONMENT.cache_url, socket_timeout=2).ping()
    except redis.RedisError:
        faults["broker"] = "the broker does not answer"
    status = "ready" if not faults else "not ready"
    return JsonResponse({"status": status, "faults": faults, **details}, status=503 if faults else 200)
