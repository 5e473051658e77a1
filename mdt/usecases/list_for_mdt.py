"""A coordinator puts a case to the MDT: on the list of the next meeting, or now to named specialties."""

from collections.abc import Sequence

from accounts.act import Act
from accounts.people import SPECIALTY_WORDS
from kernel.refusals import Invalid, OutOfTurn
from ledger.keep import keep
from ledger.transaction import one_transaction
from mdt.line_facts import ListedForMdt
from mdt.models import Listing
from oncall.kinds import ClockKind, event_limit
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import NoteText, authorship, words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.codes import DISCUSSIONS, MDT_QUESTIONS
from referrals.promises.obligations import start_obligation


@one_transaction()
def list_for_mdt(
    reference: str,
    *,
    question: str,
    text: str,
    discussion: str = "scheduled",
    asked: Sequence[str] = (),
    act: Act,
) -> Referral:
    """Put a case to the MDT with its question. Each specialty that is asked now has a time limit for its opinion."""
    case = find_and_lock(reference, by=act.by)
    _check(case, question=question, discussion=discussion, asked=asked)
    note = words("mdt_question", text, path="text")
    line = move(
        case,
        Action.LIST_FOR_MDT,
        by=act.by,
        at=act.at,
        facts=ListedForMdt(question=question, discussion=discussion, asked=list(asked), **note.bound),
        changes={"listed_for_mdt_at": case.listed_for_mdt_at or act.at},
    )
    listing = Listing(
        referral=case,
        question=question,
        discussion=discussion,
        asked=list(asked),
        note=note.write(case, line=line, by=act.by, at=act.at),
        ledger_line=line,
        **authorship(act.by, at=act.at),
    )
    keep(listing, line=line, by=act.by, at=act.at)
    hours = event_limit(
        ClockKind.SPECIALIST_OPINION, emergency=case.pages_at_once, service=act.service.values
    )
    for specialty in asked:
        request = NoteText(about="obligation", text=f"{MDT_QUESTIONS[question]} {note.text}".strip())
        start_obligation(
            case, ClockKind.SPECIALIST_OPINION, owed_by=specialty, note=request, hours=hours, act=act
        )
    return case


def _check(case: Referral, *, question: str, discussion: str, asked: Sequence[str]) -> None:
    errors: dict[str, list[str]] = {}
    if question not in MDT_QUESTIONS:
        errors["question"] = ["Choose what the MDT is asked"]
    if discussion not in DISCUSSIONS:
        errors["discussion"] = ["Choose when it is discussed"]
    if set(asked) - set(SPECIALTY_WORDS):
        errors["asked"] = ["Choose from the specialties"]
    elif discussion == "virtual_urgent" and not asked:
        errors["asked"] = ["Choose at least one specialty that is asked now"]
    elif discussion == "scheduled" and asked:
        errors["asked"] = ["Specialties are asked in an urgent discussion: choose it, or none of them"]
    if errors:
        raise Invalid("The question is not complete", errors=errors)
    if asked and case.died_at is not None:
        raise OutOfTurn("A death is reported on this case: nobody is paged for it")
