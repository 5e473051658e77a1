"""What a check of the ledger finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A line, seal or record that does not fit, and why. `line` is the ledger line that it belongs to, if any."""

    line: int | None
    why: str
