"""Open requests on the cases of the MDT: the specialty, the request, who is on call, and the time left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.people import DUTY_WORDS, SPECIALTY_WORDS, Duty
from oncall.clocks import time_left
from oncall.escalation import REFERRER
from oncall.kinds import ClockKind
from oncall.models import Clock
from oncall.queries import running_clocks
from oncall.rota import holders_at
from referrals.case.models import Obligation, Referral
from referrals.case.reads import obligations_at

WHAT = {
    "question": "answer to a question",
    "task": "task",
    "review": "review",
    "specialist_opinion": "opinion",
}
Holders = Mapping[str, tuple[User, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedOpinion:
    """An open request on a case: who has to answer, what it is, the time left and the question."""

    case: int
    kind: str
    owed_by: str
    who: str
    on_call: str
    left: str
    question: str
    overdue: bool
    due_at: datetime

    @property
    def words(self) -> str:
        """Spinal surgery: opinion, Dr Katz on call, 34 minutes left, due 15:02 GMT."""
        return ", ".join(part for part in (self.who, self.on_call, self.left) if part)


def awaited_opinions(*, at: datetime) -> tuple[AwaitedOpinion, ...]:
    """Every awaited opinion, by deadline: four queries."""
    running = list(running_clocks(ClockKind.SPECIALIST_OPINION))
    return _lines(obligations_at(clock.subject for clock in running), running, holders_at(at), at=at)


def obligations_on(
    case: Referral, every_clock: Iterable[Clock], *, at: datetime
) -> tuple[AwaitedOpinion, ...]:
    """The open requests on one case, by deadline: three queries."""
    running = [clock for clock in every_clock if clock.kind in WHAT and clock.stopped_at is None]
    rows = {row.pk: row for row in case.obligations.select_related("note")}
    return _lines(rows, sorted(running, key=lambda clock: clock.due_at), holders_at(at), at=at)


def _lines(
    rows: Mapping[int, Obligation], running: Sequence[Clock], holders: Holders, *, at: datetime
) -> tuple[AwaitedOpinion, ...]:
    return tuple(
        AwaitedOpinion(
            case=clock.case,
            owed_by=rows[clock.subject].owed_by,
            kind=rows[clock.subject].kind,
            who=_who(rows[clock.subject]),
            on_call=_on_call(rows[clock.subject].owed_by, holders),
            left=time_left(clock, at=at),
            question=rows[clock.subject].note.text,
            overdue=clock.due_at < at,
            due_at=clock.due_at,
        )
        for clock in running
        if clock.subject in rows
    )


def _who(row: Obligation) -> str:
    duty = SPECIALTY_WORDS.get(row.owed_by)
    if duty is None:
        duty = "The referrer" if row.owed_by == REFERRER else DUTY_WORDS[Duty(row.owed_by)]
    return f"{duty}: {WHAT[row.kind]}"


def _on_call(duty: str, holders: Holders) -> str:
    """Who is on call for a duty, or that nobody is; a referrer is on no rota."""
    if duty == REFERRER:
        return ""
    people = holders.get(duty)
    return f"{people[0].name} on call" if people else "nobody on call"
