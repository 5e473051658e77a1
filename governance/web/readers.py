"""The lead's page of who has looked at one record, which can be printed for the patient."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from governance.access_log import record_audit_view
from governance.readers import MOST, readers_of
from governance.web.case_choice import choose_case
from kernel.actors import Role
from kernel.time import now
from ledger.read import Search
from referrals.case.queries import find_to_oversee
from referrals.web.purpose import ask_purpose, purpose_of


@never_cache
@only(Role.LEAD)
def choose(request: HttpRequest) -> HttpResponse:
    """Ask for the reference of a case, then show who has looked at it."""
    return choose_case(request, title="Who has looked at a record", then="readers")


@never_cache
@only(Role.LEAD)
def readers(request: HttpRequest, reference: str) -> HttpResponse:
    """Everybody who has looked at one record. The page names no patient, so that it can go with any letter."""
    actor, at = actor_of(request), now()
    case = find_to_oversee(reference, by=actor)
    purpose = purpose_of(request, case.reference)
    if not purpose:
        return ask_purpose(request, case.reference)
    people = readers_of(case)
    record_audit_view(Search(case=case.pk), lines=len(people), by=actor, at=at, purpose=purpose)
    return render(
        request,
        "governance/readers.jinja",
        title=f"Who has looked at {case.reference}",
        reference=case.reference,
        readers=people,
        most=MOST,
        at=at,
    )
