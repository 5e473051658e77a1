"""Open requests on a case, with who has to do them, and the clocks that can wait, for the coordinator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.time import near
from oncall.clocks import colleague_asked, name_of, time_left
from oncall.kinds import OBLIGATIONS, SNOOZED
from oncall.models import Clock
from referrals.case.models import Referral
from referrals.intake import codes
from referrals.promises.obligations import owed_by_words
from referrals.web.clock_lines import clock_line


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationLine:
    """One request on a case: who has to do it, and its status. `to_colleague` says that a colleague is asked to take the
    case, and accepts or declines it: nobody else records an answer.
    """

    number: str
    words: str
    standing: str
    open: bool
    to_colleague: bool
    overdue: bool


def obligation_lines(
    case: Referral, every_clock: Sequence[Clock], *, at: datetime
) -> tuple[ObligationLine, ...]:
    """Questions, tasks, reviews and opinions, open ones first: one query."""
    of_subject = {clock.subject: clock for clock in every_clock if clock.kind in OBLIGATIONS}
    if not of_subject:
        return ()
    lines = []
    for obligation in case.obligations.select_related("note").order_by("due_at", "id"):
        clock = of_subject.get(obligation.pk)
        if clock is None:
            continue
        line = clock_line(clock, at=at)
        request = (
            clock.about
            or f"{owed_by_words(obligation.owed_by)}: {codes.OBLIGATIONS[obligation.kind].lower()}"
        )
        lines.append(
            ObligationLine(
                number=str(obligation.pk),
                words=f"{request}: {obligation.note.text}",
                standing=f"{line.left}, asked by {obligation.by_name} {near(obligation.at, at=at)}",
                open=line.running,
                to_colleague=bool(colleague_asked(clock)),
                overdue=line.overdue,
            )
        )
    return tuple(sorted(lines, key=lambda line: not line.open))


def quietable(running: Sequence[Clock], *, at: datetime) -> dict[str, str]:
    """The running clocks that can be kept quiet, by their number."""
    return {
        str(clock.pk): f"{name_of(clock)}, {time_left(clock, at=at)}"
        for clock in running
        if clock.kind in SNOOZED and clock.due_at > at
    }
