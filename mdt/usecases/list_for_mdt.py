"""A coordinator asks the MDT to discuss a case."""

from datetime import datetime

from django.db import transaction

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.keep import keep
from mdt.models import Listing
from referrals.codes import MDT_QUESTIONS
from referrals.models import Referral
from referrals.move import move
from referrals.notes import signed, words
from referrals.queries import find_and_lock
from referrals.states import Action


@transaction.atomic(durable=True)
def list_for_mdt(reference: str, *, question: str, text: str, by: Actor, at: datetime) -> Referral:
    """Put a case on the MDT's list with the question it is asked. A later listing adds its question."""
    case = find_and_lock(reference, by=by)
    if question not in MDT_QUESTIONS:
        raise Invalid("Choose the question", errors={"question": ["Choose what the MDT is asked"]})
    note = words("mdt_question", text, path="text")
    line = move(
        case,
        Action.LIST_FOR_MDT,
        by=by,
        at=at,
        facts={"question": question, **note.bound},
        changes={"listed_for_mdt_at": case.listed_for_mdt_at or at},
    )
    listing = Listing(
        referral=case,
        question=question,
        note=note.write(case, line=line, by=by, at=at),
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(listing, line=line, by=by, at=at)
    return case
