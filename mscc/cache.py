"""The cache in Redis. When it does not answer, it is left alone for some seconds, so that not every call waits a second."""

from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

import redis
from django.core.cache.backends.redis import RedisCache

Result = TypeVar("Result")
LEFT_ALONE = 5.0  # seconds


class Cache(RedisCache):
    """Django's cache in Redis. While it is left alone, each call raises redis.ConnectionError at once."""

    left_alone_until = 0.0  # by the monotonic clock of this process

    def _ask(self, call: Callable[..., Result], *values: Any, **options: Any) -> Result:
        if monotonic() < type(self).left_alone_until:
            raise redis.ConnectionError("the cache did not answer a moment ago")
        try:
            return call(*values, **options)
        except (redis.ConnectionError, redis.TimeoutError):
            type(self).left_alone_until = monotonic() + LEFT_ALONE
            raise

    def get(self, *values: Any, **options: Any) -> Any:
        return self._ask(super().get, *values, **options)

    def add(self, *values: Any, **options: Any) -> bool:
        return self._ask(super().add, *values, **options)

    def set(self, *values: Any, **options: Any) -> None:
        return self._ask(super().set, *values, **options)

    def incr(self, *values: Any, **options: Any) -> int:
        return self._ask(super().incr, *values, **options)
