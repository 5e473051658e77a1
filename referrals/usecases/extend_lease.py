"""Ten more minutes, with a reason, for the person who acknowledged an emergency and has not decided yet."""

from datetime import datetime
from typing import cast

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from ledger.kinds import Kind
from ledger.read import Search, entries
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind
from oncall.page_links import page_of
from referrals.case.line_facts import LeaseExtended
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.correspondence.acknowledgement import acting_for
from referrals.intake.codes import LEASE_REASONS

MINUTES, MOST_MINUTES = 10, 30


@one_transaction()
def extend_lease(reference: str, *, reason: str, by: Actor, at: datetime) -> Referral:
    """Add ten minutes to the triage decision, thirty in all. The clinical limits do not change."""
    return _extend(find_and_lock(reference, by=by), reason=reason, by=by, at=at)


@one_transaction()
def extend_lease_by_page(token: str, *, reason: str, at: datetime) -> Referral:
    """Add ten minutes by the link of an answered page, for the person who was paged."""
    page = page_of(token)
    if page.clock is None or page.answered_at is None:
        raise OutOfTurn("Acknowledge the case first")
    by = acting_for(page.recipient.actor)
    return _extend(find_and_lock(page.clock.reference, by=by), reason=reason, by=by, at=at)


def _extend(case: Referral, *, reason: str, by: Actor, at: datetime) -> Referral:
    if reason not in LEASE_REASONS:
        raise Invalid("Choose the reason", errors={"reason": ["Choose why it takes longer"]})
    lease = next((c for c in clocks.hold(case.pk) if c.kind == ClockKind.TRIAGE_DECISION), None)
    if lease is None:
        raise OutOfTurn("No triage decision is due on this case")
    minutes = sum(line.get("minutes", 0) for line in _extensions(case))
    if minutes + MINUTES > MOST_MINUTES:
        raise OutOfTurn(
            f"This was extended by {minutes} minutes already: decide, or hand it to somebody else"
        )
    move(case, Action.EXTEND_LEASE, by=by, at=at, facts=LeaseExtended(reason=reason, minutes=MINUTES))
    clocks.extend(lease, minutes=MINUTES, by=by, at=at)
    return case


def _extensions(case: Referral) -> list[LeaseExtended]:
    lines = entries(Search(case=case.pk, kind=str(Kind.LEASE_EXTENDED)), limit=100)
    return [cast(LeaseExtended, entry.facts) for entry in lines]
