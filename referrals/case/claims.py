"""Who is working on a case. A claim is a lease, so that two people do not triage the same case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.act import Act
from accounts.names import names_of
from kernel.actors import Actor, Role
from kernel.refusals import OutOfTurn
from kernel.time import clock_time
from oncall.clocks import colleague_asked
from oncall.kinds import ClockKind
from oncall.models import Clock
from oncall.owners import owner_of
from referrals.case.models import Referral

NO_CLAIM: dict[str, Any] = {"claimed_by": "", "claimed_by_name": "", "claimed_until": None}


def lease(*, act: Act) -> dict[str, Any]:
    """The columns of a claim that starts or continues now."""
    until = act.at + timedelta(minutes=act.service["claim_lease"])
    return {"claimed_by": act.by.key, "claimed_by_name": act.by.name, "claimed_until": until}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOnRequest:
    """A request to a colleague to take a case, not answered yet: who was asked, by whom, why, and until when."""

    obligation: int
    person: int
    colleague: str
    by: str
    by_key: str
    reason: str
    due_at: datetime


def hand_on_request_of(case: Referral) -> HandOnRequest | None:
    """The open request to take a case; None when there is none. Three queries."""
    tasks = Clock.objects.filter(case=case.pk, kind=ClockKind.TASK.value, stopped_at=None)
    clock = next((clock for clock in tasks.order_by("-id") if colleague_asked(clock)), None)
    if clock is None:
        return None
    obligation = case.obligations.select_related("note").get(pk=clock.subject)
    person = colleague_asked(clock)
    return HandOnRequest(
        obligation=obligation.pk,
        person=person,
        colleague=names_of({obligation.owed_by})[obligation.owed_by],
        by=obligation.by_name,
        by_key=obligation.by,
        reason=obligation.note.text,
        due_at=clock.due_at,
    )


def holder_of(case: Referral, *, at: datetime) -> str:
    """The key of the person who holds the case now; empty when nobody does."""
    return case.claimed_by if case.claimed_until is not None and case.claimed_until > at else ""


def may_release(case: Referral, *, by: Actor, at: datetime) -> bool:
    """Whether a person may give a case back: its holder, or when there is none, the last holder or the person who accepted it."""
    holder = holder_of(case, at=at)
    lapsed = holder == "" and (case.claimed_by == by.key or owner_of(case.pk, at=at) == by.user_id)
    return holder == by.key or lapsed


def refuse_if_claimed(case: Referral, *, by: Actor, at: datetime) -> None:
    """Refuse a decision on a case that a colleague holds, with the colleague's name and what to do next."""
    if by.role == Role.COORDINATOR and holder_of(case, at=at) not in ("", by.key):
        assert case.claimed_until is not None
        raise OutOfTurn(
            f"{case.claimed_by_name} has claimed this case until {clock_time(case.claimed_until)}. "
            "Ring them, or take it over with a reason, then decide"
        )
