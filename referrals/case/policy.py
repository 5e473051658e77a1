"""Who may do what, and when. One sentence both explains a disabled button and refuses the act."""

from collections.abc import Collection

from kernel.actors import Actor, Role
from kernel.refusals import Denied, OutOfTurn, Refusal
from referrals.case.models import Referral
from referrals.case.queries import main_case_of, own_and_succeeded
from referrals.case.states import ACTION_WORDS, STATUS_WORDS, Action, Status, roles_for, transition


class Merged(OutOfTurn):
    """The referral was merged: the act belongs on its main case, `reference`."""

    def __init__(self, doing: str, *, addressed: str, reference: str) -> None:
        super().__init__(f"You cannot {doing} here: {addressed} was merged. Go on with {reference}")
        self.addressed, self.reference = addressed, reference


def why_not(actor: Actor, action: Action, case: Referral) -> Refusal | None:
    """Why this actor may not do this to this case now; None when they may."""
    doing = ACTION_WORDS[action]
    if actor.role not in roles_for(action):
        return Denied(f"Only {_who(roles_for(action))} may {doing}")
    row = transition(action, Status(case.status))
    if case.merged_into_id is not None and (row is None or actor.role not in row.roles):
        if action == Action.RECORD_DETERIORATION:  # a fact is passed on to the main case
            return None
        return Merged(doing, addressed=case.reference, reference=main_case_of(case).reference)
    if row is None:
        words = STATUS_WORDS[Status(case.status)].lower()
        return OutOfTurn(f"You cannot {doing} now: this case is {words}")
    if actor.role not in row.roles:
        return Denied(f"Only {_who(row.roles)} may {doing} at this point")
    if action in (Action.WITHDRAW, Action.ASK_WITHDRAWAL) and actor.role != Role.COORDINATOR:
        if case.referrer_organisation not in own_and_succeeded(actor.organisation):
            return Denied("Only the organisation that referred may withdraw")
        return _why_not_withdraw(case) if action == Action.WITHDRAW else None
    return None


def _why_not_withdraw(case: Referral) -> Refusal | None:
    """Only a coordinator may withdraw an emergency, an acknowledged case, or one into which another referral was merged."""
    if case.pages_at_once or case.acknowledged_at is not None or case.merged.exists():
        return OutOfTurn("A coordinator has to confirm this withdrawal; nothing stops until then")
    return None


def _who(allowed: Collection[Role]) -> str:
    words = {
        Role.COORDINATOR: "a coordinator",
        Role.REFERRER: "the referrer",
        Role.CLIENT: "a hospital system",
        Role.MDT_MEMBER: "a member of the MDT",
    }
    return " or ".join(words[role] for role in words if role in allowed)


def refuse_unless_allowed(actor: Actor, action: Action, case: Referral) -> None:
    """Raise the refusal from `why_not`; return when the actor may do this to the case now."""
    refusal = why_not(actor, action, case)
    if refusal is not None:
        raise refusal
