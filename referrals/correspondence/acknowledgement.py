"""The acknowledgement of a case. Its referrer is told about it."""

from dataclasses import replace
from datetime import datetime

from accounts.act import Act
from kernel.actors import ActingRole, Actor, Role
from kernel.refusals import OutOfTurn
from kernel.time import clock_time
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.line_facts import ReferralAcknowledged
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.states import Action
from referrals.correspondence.notices import write_notice
from referrals.promises.reassessment import start_lease


def acknowledgement_columns(by: Actor, *, name: str = "", at: datetime) -> dict[str, object]:
    """The columns for the person who acknowledged, their role, and the time."""
    return {
        "acknowledged_at": at,
        "acknowledged_by": name or by.name,
        "acknowledged_role": str(by.acting_role or by.role),
    }


def acting_for(person: Actor) -> Actor:
    """The actor for a person paged for a duty, who acts in that duty whatever their own role."""
    return replace(
        person, role=Role.COORDINATOR, acting_role=person.acting_role or ActingRole.OTHER_DESIGNATED
    )


def acknowledge(
    case: Referral,
    *,
    name: str = "",
    facts: ReferralAcknowledged | None = None,
    seen_at: datetime | None = None,
    act: Act,
) -> None:
    """Acknowledge a locked case: its pages stop, and the time to decide starts.

    `seen_at` is the true instant of an acknowledgement that is entered later.
    """
    true_at = seen_at or act.at
    line = move(
        case,
        Action.ACKNOWLEDGE,
        by=act.by,
        at=act.at,
        changes=acknowledgement_columns(act.by, name=name, at=true_at),
        facts=facts,
    )
    clocks.stop(
        case.pk, [ClockKind.ACKNOWLEDGE], because=Stopped.MET, stopped_at=true_at, by=act.by, at=act.at
    )
    start_lease(case, act=act)
    write_notice(case, "seen", about=line, at=act.at)


def refuse_if_answered(case: Referral) -> None:
    """Refuse a second acknowledgement, with the name of the first person. An act has locked the case and its clocks."""
    every = clocks.of_case(case.pk)
    is_running = any(clock.kind == ClockKind.ACKNOWLEDGE and clock.stopped_at is None for clock in every)
    if not is_running and case.acknowledged_at is not None:
        raise OutOfTurn(
            f"{case.acknowledged_by} acknowledged this case at {clock_time(case.acknowledged_at)}. "
            "Nothing more is needed from you to stop the pages"
        )
