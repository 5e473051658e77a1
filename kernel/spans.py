"""What an act is called and how long it takes, for an installation that traces. In every other one nothing is measured.

Only codes are handed over: names from this program, a status, a case's reference. Never what a person wrote or
a request brought; `mscc.telemetry` refuses any other code.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Tracer(Protocol):
    """Keeps spans, one within the other."""

    def span(self, name: str, codes: Mapping[str, str]) -> AbstractContextManager[None]:
        """A span that lasts as long as the block."""

    def note(self, codes: Mapping[str, str]) -> None:
        """Add codes to the innermost open span. Without one nothing happens."""


_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """Hand every span of this process to this tracer; to nobody with None."""
    global _tracer
    _tracer = tracer


def span(name: str, **codes: str) -> AbstractContextManager[None]:
    """Measure the block."""
    return nullcontext() if _tracer is None else _tracer.span(name, codes)


def note(**codes: str) -> None:
    """Add codes to the innermost open span. A further `kind` is added to the first; other codes are replaced."""
    if _tracer is not None:
        _tracer.note(codes)
