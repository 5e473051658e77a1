"""A clinician accepts responsibility for the patient; until then the referrer is responsible."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.transaction import one_transaction
from referrals.case.line_facts import PatientAccepted
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.correspondence.notices import write_notice
from referrals.intake.fields import faults_of_doing


@one_transaction()
def accept_patient(
    reference: str,
    *,
    accepted_by: str,
    accepted_at: datetime,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Referral:
    """Record who accepted the patient, with role and place, and when. A later acceptance replaces it."""
    case = find_and_lock(reference, by=by)
    refuse_if_changed(case, version=version)
    errors = {
        {"done_by": "accepted_by", "done_at": "accepted_at"}[path]: texts
        for path, texts in faults_of_doing(accepted_by, accepted_at, at=at).items()
    }
    if errors:
        raise Invalid("This is not complete", errors=errors)
    name = words("accepted", accepted_by)
    line = move(
        case,
        Action.ACCEPT_PATIENT,
        by=by,
        at=at,
        facts=PatientAccepted(accepted_at=accepted_at, **name.bound),
        changes={"responsible": name.text, "responsible_since": accepted_at},
    )
    name.write(case, line=line, by=by, at=at)
    write_notice(case, "accepted", about=line, at=at)
    return case
