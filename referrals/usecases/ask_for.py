"""A coordinator asks for an answer, a task, a review or an opinion on a case, within a time."""

from datetime import timedelta

from accounts.act import Act
from accounts.people import DUTY_WORDS
from kernel.refusals import Invalid, OutOfTurn
from ledger.transaction import one_transaction
from referrals.case.line_facts import ObligationAsked
from referrals.case.models import Obligation
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.codes import DUE_WITHIN, OBLIGATIONS
from referrals.promises.obligations import start_obligation


@one_transaction()
def ask_for(reference: str, *, kind: str, owed_by: str, text: str, within: str, act: Act) -> Obligation:
    """Start an obligation of a duty for so many hours: its holder is paged, and others when it is late."""
    case = find_and_lock(reference, by=act.by)
    if case.died_at is not None:
        raise OutOfTurn("A death is reported on this case: nobody is paged for it")
    errors: dict[str, list[str]] = {}
    if kind not in OBLIGATIONS:
        errors["kind"] = ["Choose what you ask for"]
    if owed_by not in set(DUTY_WORDS):
        errors["owed_by"] = ["Choose who has to do it"]
    if within not in DUE_WITHIN:
        errors["within"] = ["Choose by when"]
    if errors:
        raise Invalid("This is not complete", errors=errors)
    note = words("obligation", text, required=True, path="text")
    hours = float(within)
    facts = ObligationAsked(
        obligation=kind, owed_by=owed_by, due_at=act.at + timedelta(hours=hours), **note.bound
    )
    line = move(case, Action.ASK, by=act.by, at=act.at, facts=facts)
    return start_obligation(case, kind, owed_by=owed_by, note=note, hours=hours, line=line, act=act)
