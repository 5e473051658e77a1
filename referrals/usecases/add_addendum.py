"""A coordinator adds an addendum to an earlier act, which stays unchanged."""

from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.keep import keep
from ledger.read import of_case
from ledger.transaction import one_transaction
from referrals.case.line_facts import AddendumWritten
from referrals.case.models import Addendum
from referrals.case.move import move
from referrals.case.notes import authorship, words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def add_addendum(reference: str, *, about: int, text: str, by: Actor, at: datetime) -> Addendum:
    """Add a text to the act with this ledger number. Nothing is overwritten."""
    case = find_and_lock(reference, by=by)
    if about not in {entry.number for entry in of_case(case.pk)}:
        raise Invalid("Choose what it is about", errors={"about": ["Choose the entry to amend"]})
    note = words("addendum", text, required=True, path="text", ask="Write the addendum")
    line = move(case, Action.ADD_ADDENDUM, by=by, at=at, facts=AddendumWritten(about=about, **note.bound))
    row = Addendum(
        referral=case,
        about_line=about,
        note=note.write(case, line=line, by=by, at=at),
        ledger_line=line,
        **authorship(by, at=at),
    )
    addendum: Addendum = keep(row, line=line, by=by, at=at)
    return addendum
