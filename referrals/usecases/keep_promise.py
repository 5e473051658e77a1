"""The work that a clock waits for was done, such as advice on stability or a review of dexamethasone."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import in_words, is_earlier
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import KIND_AT, ClockKind, Stopped
from referrals.case.case_facts import symptoms_began
from referrals.case.line_facts import PromiseKept
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.codes import PROMISES
from referrals.intake.fields import faults_of_doing

# What is about the fact that asks for it, such as the review of the dose that was given: it comes after that.
ABOUT_THE_START = frozenset({ClockKind.STABILITY_ADVICE, ClockKind.STEROID_REVIEW})


@one_transaction()
def keep_promise(
    reference: str, *, kind: str, done_by: str, text: str, done_at: datetime, by: Actor, at: datetime
) -> Referral:
    """Stop a running clock of this kind as met at the true instant, with the person who did it and their words."""
    case = find_and_lock(reference, by=by)
    errors = faults_of_doing(done_by, done_at, at=at)
    if kind not in PROMISES:
        errors["kind"] = ["Choose what was done"]
    if is_earlier(done_at, than=symptoms_began(case)):
        errors["done_at"] = ["This is before the symptoms began: check the date"]
    if errors:
        raise Invalid("This is not complete", errors=errors)
    open_clocks = [clock for clock in clocks.hold(case.pk) if clock.kind == kind]
    if not open_clocks:
        raise OutOfTurn(f"No clock asks for this: {KIND_AT[kind].label.lower()}")
    began_at = max(clock.started_at for clock in open_clocks)
    if kind in ABOUT_THE_START and is_earlier(done_at, than=began_at):
        why = f"This is before {in_words(began_at)}, when it was first needed: enter when it was done after that"
        raise Invalid("This is not complete", errors={"done_at": [why]})
    note = words("promise", f"{done_by.strip()}: {text.strip()}".strip(": "), path="text")
    facts = PromiseKept(clock=kind, done_at=done_at, **note.bound)
    line = move(case, Action.KEEP_PROMISE, by=by, at=at, facts=facts)
    note.write(case, line=line, by=by, at=at)
    clocks.stop(case.pk, [ClockKind(kind)], because=Stopped.MET, stopped_at=done_at, by=by, at=at)
    return case
