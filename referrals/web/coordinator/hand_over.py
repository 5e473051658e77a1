"""The hand-over at the change of shift, with the patients of the open cases. The room of duties knows no patient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from kernel.actors import Actor, Role
from kernel.time import london_date, now
from oncall.web.hand_over import hand_over_page
from referrals.case.access_log import record_list
from referrals.case.worklist import listed
from referrals.web import clinical_words


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientLine:
    """Who a case is about, and what is wrong."""

    name: str
    age: str
    words: str
    owner: str


@never_cache
@only(Role.COORDINATOR, Role.LEAD)
def hand_over(request: HttpRequest) -> HttpResponse:
    """The open cases by name, the written hand-over, and the two buttons: write and accept."""
    by, at = actor_of(request), now()
    return hand_over_page(request, patients=lambda references: patients_of(references, by=by, at=at))


def patients_of(references: Iterable[str], *, by: Actor, at: datetime) -> Mapping[str, PatientLine]:
    """The patients of these cases by reference, as far as the reader may see them. The ledger records the view."""
    cases = listed(references, by=by)
    if cases:
        record_list(cases, by=by, at=at, page="hand_over")
    return {
        case.reference: PatientLine(
            name=case.patient.name,
            age=clinical_words.age(case.patient.date_of_birth, on=london_date(at)),
            words=clinical_words.clinical_line(case),
            owner=case.claimed_by_name if case.claimed_until and case.claimed_until > at else "",
        )
        for case in cases
    }
