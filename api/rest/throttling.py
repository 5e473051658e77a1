"""A request limit per client, counted by the minute. Without the cache there is no limit: a referral matters more."""

from dataclasses import dataclass
from typing import Any

import redis
from django.core.cache import cache
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from kernel.time import now

SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The requests that a client has left in the current minute."""

    most: int
    left: int
    seconds: int  # until the next minute

    @property
    def headers(self) -> dict[str, str]:
        """The two header fields of the IETF draft "RateLimit header fields for HTTP"."""
        return {
            "RateLimit-Policy": f'"client";q={self.most};w={SECONDS}',
            "RateLimit": f'"client";r={self.left};t={self.seconds}',
        }


class PerClient(BaseThrottle):
    """Leaves the rate on the request, from which the answer takes its headers."""

    _wait = SECONDS

    def allow_request(self, request: Any, view: Any) -> bool:
        if request.user is None:
            return True
        most = int(str(api_settings.DEFAULT_THROTTLE_RATES["client"]).partition("/")[0])
        minute, second = divmod(int(now().timestamp()), SECONDS)
        key = f"rate:{request.user.pk}:{minute}"
        try:
            used = _count(key)
        except (redis.RedisError, ValueError):  # away, or forgotten in between
            return True
        self._wait = SECONDS - second
        request.rate = Rate(most=most, left=max(most - used, 0), seconds=self._wait)
        return used <= most

    def wait(self) -> float:
        return self._wait


def _count(key: str) -> int:
    """How many requests this one makes under this key. Only the first has to make the key."""
    try:
        return cache.incr(key)
    except ValueError:
        cache.add(key, 0, 2 * SECONDS)
        return cache.incr(key)
