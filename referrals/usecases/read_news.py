"""A coordinator marks the news from the referring side as read."""

from datetime import datetime

from kernel.actors import Actor
from ledger.transaction import one_transaction
from referrals.case.line_facts import NewsRead
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action


@one_transaction()
def read_news(reference: str, *, by: Actor, at: datetime, version: int | None = None) -> Referral:
    """Mark the news of a case as read; refused when more came after the page was opened. Safe to repeat."""
    case = find_and_lock(reference, by=by)
    if case.news_since is not None:
        refuse_if_changed(case, version=version)
        facts = NewsRead(since=case.news_since)
        move(case, Action.READ_NEWS, by=by, at=at, facts=facts, changes={"news_since": None})
    return case
