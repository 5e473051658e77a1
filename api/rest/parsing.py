"""Strict JSON: no duplicate keys, no NaN, not above the size limit."""

import json
import math
from typing import Any

from rest_framework.parsers import BaseParser

from kernel.refusals import Malformed, Refusal

MOST_BYTES = 256 * 1024


class TooLarge(Refusal):
    """The body is above the size limit."""

    status, code, title = 413, "too_large", "Too large"


class StrictJson(BaseParser):
    """Reads a JSON body; Malformed when it is not JSON."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooLarge(f"A body has at most {MOST_BYTES // 1024} kB")
        try:
            return json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=_without_duplicates,
                parse_constant=_refuse_constant,
                parse_float=_finite,
            )
        except (ValueError, RecursionError) as problem:
            raise Malformed(f"The body is not JSON: {problem}") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    pairs_by_key = dict(pairs)
    if len(pairs_by_key) != len(pairs):
        raise ValueError("a key appears twice in one object")
    return pairs_by_key


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large for a number")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
