"""Somebody comes to owe something on a case: a row that says what, and a clock that watches it."""

from datetime import datetime, timedelta

from accounts.service import Service
from kernel.actors import Actor
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from referrals.assessing import promise
from referrals.models import Obligation, Referral
from referrals.notes import Words, signed


def owe(
    case: Referral,
    kind: str,
    *,
    owed_by: str,
    note: Words,
    hours: float,
    line: int | None = None,
    by: Actor,
    at: datetime,
    service: Service,
    paged: str = "",
) -> Obligation:
    """Write down what a duty owes within so many hours, and start its clock.

    `line` is the ledger line that says so and binds the note; without one it is written here. `paged` is
    the duty whose ladder the clock climbs where that is another than `owed_by`.
    """
    due_at = at + timedelta(hours=hours)
    if line is None:
        facts = {"obligation": kind, "owed_by": owed_by, "due_at": due_at, **note.bound}
        line = append(Kind.OBLIGATION_ASKED, by=by, at=at, case=case.pk, facts=facts)
    obligation = Obligation(
        referral=case,
        kind=kind,
        owed_by=owed_by,
        due_at=due_at,
        note=note.write(case, line=line, by=by, at=at),
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(obligation, line=line, by=by, at=at)
    promise(
        case,
        kind,
        limit_hours=hours,
        started_at=at,
        subject=obligation.pk,
        owed_by=paged or owed_by,
        service=service,
        by=by,
        at=at,
    )
    return obligation
