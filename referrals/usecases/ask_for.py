"""Somebody is asked for something on a case: a question, a task, a review, an opinion. It is owed in time."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.people import DUTY_WORDS
from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from ledger.keep import keep
from referrals.assessing import promise
from referrals.codes import DUE_WITHIN, OBLIGATIONS
from referrals.models import Obligation
from referrals.move import move
from referrals.notes import signed, words
from referrals.queries import find_and_lock
from referrals.states import Action


@transaction.atomic(durable=True)
def ask_for(
    reference: str,
    *,
    kind: str,
    owed_by: str,
    text: str,
    within: str,
    by: Actor,
    at: datetime,
    service: Service,
) -> Obligation:
    """Ask a duty for something within so many hours: its holder is paged, and others when it is late."""
    case = find_and_lock(reference, by=by)
    if case.died_at is not None:
        raise OutOfTurn("A death is reported on this case: nobody is paged for it")
    errors: dict[str, list[str]] = {}
    if kind not in OBLIGATIONS:
        errors["kind"] = ["Choose what is asked for"]
    if owed_by not in set(DUTY_WORDS):
        errors["owed_by"] = ["Choose who owes it"]
    if within not in DUE_WITHIN:
        errors["within"] = ["Choose by when"]
    if errors:
        raise Invalid("This is not complete", errors=errors)
    note = words("obligation", text, required=True, path="text")
    due_at = at + timedelta(hours=float(within))
    facts = {"obligation": kind, "owed_by": owed_by, "due_at": due_at, **note.bound}
    line = move(case, Action.ASK, by=by, at=at, facts=facts)
    written = note.write(case, line=line, by=by, at=at)
    obligation = Obligation(
        referral=case,
        kind=kind,
        owed_by=owed_by,
        due_at=due_at,
        note=written,
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(obligation, line=line, by=by, at=at)
    promise(
        case,
        kind,
        limit_hours=float(within),
        started_at=at,
        subject=obligation.pk,
        owed_by=owed_by,
        service=service,
        by=by,
        at=at,
    )
    return obligation
