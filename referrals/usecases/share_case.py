"""Another organisation, such as an imaging site or a treating centre, gets access to a case."""

from datetime import datetime

from kernel.actors import Actor
from kernel.identifiers import OdsCode
from kernel.refusals import Invalid
from ledger.transaction import one_transaction
from referrals.case.line_facts import OrganisationAdded
from referrals.case.models import Referral, SharedWith
from referrals.case.move import move
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def share_case(reference: str, *, organisation: str, by: Actor, at: datetime) -> Referral:
    """Let an organisation read this case and post events on it. Safe to repeat."""
    case = find_and_lock(reference, by=by)
    try:
        code = OdsCode.read(organisation).code
    except ValueError as problem:
        raise Invalid(str(problem), errors={"organisation": [str(problem)]}) from None
    move(case, Action.ADD_ORGANISATION, by=by, at=at, facts=OrganisationAdded(organisation=code))
    SharedWith.objects.get_or_create(referral=case, organisation=code, defaults={"since": at})
    return case
