"""Every view of a patient's record is a line in the ledger."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from kernel.actors import Actor
from ledger.append import append
from ledger.kinds import Kind
from ledger.read import Search, entries
from referrals.case.line_facts import CaseViewed, ListViewed, PurposeStated
from referrals.case.models import Referral

SESSION = timedelta(hours=12)  # a page that stays open is one view


@transaction.atomic(savepoint=False)
def record_view(
    case: Referral, *, by: Actor, at: datetime, kind: Kind = Kind.CASE_VIEWED, part: str = ""
) -> None:
    """Record in the ledger that a person viewed one record, and under which opening if it is not theirs."""
    facts = CaseViewed()
    if part:
        facts["part"] = part
    if opening := vars(case).get("opening"):
        facts["opening"] = opening
    append(kind, by=by, at=at, case=case.pk, facts=facts)


def has_viewed(case: Referral, *, by: Actor, since: datetime) -> bool:
    """Whether the ledger already has this person's view of the record since an instant."""
    search = Search(case=case.pk, actor=by.key, kind=str(Kind.CASE_VIEWED), since=since)
    return bool(entries(search, limit=1))


@transaction.atomic(savepoint=False)
def record_list(cases: Iterable[Referral], *, by: Actor, at: datetime, page: str) -> None:
    """Record in the ledger that a person viewed the names on a list."""
    append(Kind.LIST_VIEWED, by=by, at=at, facts=ListViewed(where=page, cases=[case.pk for case in cases]))


@transaction.atomic(savepoint=False)
def state_purpose(case: int, purpose: str, *, by: Actor, at: datetime) -> None:
    """Record why somebody is about to look at the record of a case."""
    append(Kind.PURPOSE_STATED, by=by, at=at, case=case, facts=PurposeStated(purpose=purpose))
