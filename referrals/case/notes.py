"""The free text of an act: stored in the case record and bound in the ledger by a salted hash."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from kernel.actors import Actor
from kernel.refusals import Invalid
from kernel.text import NOTES, fault, tidy
from ledger.append import bind
from ledger.facts import Bound
from ledger.keep import keep
from referrals.case.models import Note, Referral

ASK = "Write why, in a few words"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteText:
    """A text that is about to be recorded. `bound` goes into the facts of its ledger line."""

    about: str
    text: str
    salt: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def bound(self) -> Bound:
        return {"bound": {self.about: bind(self.text, salt=str(self.salt))}} if self.text else {}

    def write(self, case: Referral, *, line: int, by: Actor, at: datetime) -> Note | None:
        """Store the text; None when it is empty."""
        if not self.text:
            return None
        note = Note(
            referral=case,
            about=self.about,
            text=self.text,
            salt=self.salt,
            ledger_line=line,
            **authorship(by, at=at),
        )
        return keep(note, line=line, by=by, at=at)


def words(
    about: str,
    text: str | None,
    *,
    required: bool = False,
    path: str = "",
    ask: str = ASK,
) -> NoteText:
    """A checked text; Invalid, with its field, when it is missing or cannot be stored."""
    problem = fault(text or "", limit=NOTES, lines=True)
    tidied = "" if problem else tidy(text or "")
    if required and not tidied and not problem:
        problem = ask
    if problem:
        raise Invalid(problem, errors={path or about: [problem]})
    return NoteText(about=about, text=tidied)


def authorship(by: Actor, *, at: datetime) -> dict[str, object]:
    """The columns for the author of a record row and the time."""
    return {"at": at, "by": by.key, "by_name": by.name, "by_role": str(by.acting_role or by.role)}
