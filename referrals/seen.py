"""Who has seen a case, as its referrer is told."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from kernel.time import clock_time
from oncall import clocks
from oncall.kinds import ClockKind
from referrals.models import Referral


def seen_by(by: Actor, *, at: datetime) -> dict[str, object]:
    """The columns that say who acknowledged, in what role, and when."""
    return {
        "acknowledged_at": at,
        "acknowledged_by": by.name,
        "acknowledged_role": str(by.acting_role or by.role),
    }


def refuse_if_answered(case: Referral) -> None:
    """Whoever comes second is told who was first. The case is locked with its running clocks."""
    running = any(clock.kind == ClockKind.ACKNOWLEDGE for clock in clocks.hold(case.pk))
    if not running and case.acknowledged_at is not None:
        raise OutOfTurn(
            f"{case.acknowledged_by} acknowledged this case at {clock_time(case.acknowledged_at)}. "
            "Nothing more is needed from you to stop the pages"
        )
