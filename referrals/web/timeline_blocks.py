"""A timeline for people: their acts stand out, and what the service did by itself is folded into one line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from kernel.time import near
from ledger.kinds import Kind
from referrals.case.timeline import Happening

# What the service did by itself, told in one line where nothing else happened between.
_BY_ITSELF = {
    Kind.PAGE_WRITTEN: ("page written", "pages written"),
    Kind.PAGE_SENT: ("page sent", "pages sent"),
    Kind.NOTICE_SENT: ("notice sent", "notices sent"),
    Kind.CLOCK_STARTED: ("clock started", "clocks started"),
    Kind.CLOCK_STOPPED: ("clock stopped", "clocks stopped"),
    Kind.CLOCK_UPGRADED: ("clock overtaken", "clocks overtaken"),
    Kind.ATTACHMENT_SCANNED: ("file scanned", "files scanned"),
    Kind.REFERRAL_ASSESSED: ("assessment", "assessments"),
    Kind.PICTURE_CHANGED: ("change of the picture", "changes of the picture"),
}
_DECISIONS = frozenset(
    {
        Kind.REFERRAL_TRIAGED,
        Kind.REFERRAL_REDIRECTED,
        Kind.REFERRAL_CLOSED,
        Kind.REFERRAL_REOPENED,
        Kind.REFERRAL_WITHDRAWN,
        Kind.REFERRAL_ENTERED_IN_ERROR,
        Kind.DISPOSITION_DECIDED,
        Kind.FINDING_WITHDRAWN,
        Kind.FINDING_CONFIRMED,
        Kind.MDT_DECIDED,
        Kind.TREATMENT_DECIDED,
        Kind.PLAN_SIGNED,
        Kind.PATIENT_ACCEPTED,
        Kind.REVIEW_DONE,
        Kind.CASES_MERGED,
        Kind.MERGE_UNDONE,
        Kind.CASE_TAKEN_OVER,
        Kind.CLOCK_BREACHED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineBlock:
    """Lines that belong together: one act of a person, or a run of what the service did by itself."""

    lines: Sequence[Happening]
    folded: str = ""  # such as: 3 pages sent, 1 clock started
    when: str = ""
    decision: bool = False


def timeline_blocks(history: Iterable[Happening], *, at: datetime) -> tuple[TimelineBlock, ...]:
    """The lines in their order; what the service did by itself is folded, everything else is a block by itself."""
    return tuple(_blocks(history, at=at))


def _blocks(history: Iterable[Happening], *, at: datetime) -> Iterator[TimelineBlock]:
    for by_itself, run in groupby(history, key=lambda line: line.kind in _BY_ITSELF):
        lines = tuple(run)
        if by_itself:
            earliest = min(line.at for line in lines)
            yield TimelineBlock(lines=lines, folded=_folded(lines), when=near(earliest, at=at))
            continue
        for line in lines:
            yield TimelineBlock(lines=(line,), decision=line.kind in _DECISIONS)


def _folded(lines: Sequence[Happening]) -> str:
    counted = {kind: sum(line.kind == kind for line in lines) for kind in _BY_ITSELF}
    return ", ".join(f"{count} {_BY_ITSELF[kind][count > 1]}" for kind, count in counted.items() if count)
