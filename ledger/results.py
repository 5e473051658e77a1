"""The results of checks, kept so that the next begins where the last ended, and a page can show them."""

from dataclasses import dataclass
from datetime import datetime

from ledger.fault import Fault
from ledger.models import Verification

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One check: when, how much, and what was found. `seal` is the seal up to which everything held."""

    at: datetime
    whole: bool
    seal: int | None
    lines: int
    records: int
    seconds: float
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything is as it was written."""
        return not self.faults


def in_words(fault: Fault) -> str:
    """A fault in one sentence."""
    return f"Line {fault.line}: {fault.why}" if fault.line is not None else fault.why


def keep_result(result: Result) -> Result:
    """Keep the result of a check."""
    Verification.objects.create(
        at=result.at,
        whole=result.whole,
        seal=result.seal,
        lines=result.lines,
        records=result.records,
        seconds=result.seconds,
        faults=list(result.faults[:SHOWN]),
    )
    return result


def last_result(*, whole: bool | None = None, holds: bool | None = None) -> Result | None:
    """The newest result; of a check of the whole ledger, or of one that found no fault, if asked."""
    results = Verification.objects.order_by("-id")
    if whole is not None:
        results = results.filter(whole=whole)
    if holds is not None:
        results = results.filter(faults=[]) if holds else results.exclude(faults=[])
    row = results.first()
    if row is None:
        return None
    return Result(
        at=row.at,
        whole=row.whole,
        seal=row.seal,
        lines=row.lines,
        records=row.records,
        seconds=row.seconds,
        faults=tuple(row.faults),
    )


def verified_seal() -> int | None:
    """The newest seal up to which a check found everything right, unless a later one found a fault."""
    newest = last_result()
    return newest.seal if newest is not None and newest.holds else None
