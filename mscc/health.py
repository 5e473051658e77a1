"""Whether this service lives, and whether it keeps its promises."""

from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from kernel.time import now, rfc3339
from oncall.sweep import last_sweep

SWEEP_SECONDS = 60


def live(request: HttpRequest) -> JsonResponse:
    """The web process answers."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> JsonResponse:
    """Database, broker, and a sweep in the last minute; 503 with every reason otherwise."""
    faults: dict[str, str] = {}
    details: dict[str, Any] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        swept_at = last_sweep()
    except DatabaseError:
        faults["database"] = "the database does not answer"
    else:
        details["last_sweep"] = swept_at and rfc3339(swept_at)
        if swept_at is None or (now() - swept_at).total_seconds() > SWEEP_SECONDS:
            faults["sweep"] = f"clocks were not swept for {SWEEP_SECONDS} seconds"
    try:
        redis.Redis.from_url(settings.ENVIRONMENT.cache_url, socket_timeout=2).ping()
    except redis.RedisError:
        faults["broker"] = "the broker does not answer"
    status = "ready" if not faults else "not ready"
    return JsonResponse({"status": status, "faults": faults, **details}, status=503 if faults else 200)
