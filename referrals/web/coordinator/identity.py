"""Who a case is about: other referrals of the person, and somebody who was not identified."""

from collections.abc import Callable, Mapping, Sequence

from referrals.episodes import MatchedCase, matches_of, person_of
from referrals.fields import SEX
from referrals.identity import Answer
from referrals.models import Referral
from referrals.states import Action
from referrals.usecases.identify_person import identify_person
from referrals.usecases.undo_merge import undo_merge
from referrals.web.answers import birth_of
from referrals.web.coordinator.acts import Sent
from referrals.web.coordinator.forms import Typing, birth, choice, text
from referrals.web.inputs import Input

Made = tuple[str, Action, tuple[Input, ...]]


def same_people(case: Referral) -> tuple[MatchedCase, ...]:
    """The other open cases that are, or may be, of the same person."""
    if case.patient.identity_unknown:
        return ()
    return tuple(matches_of(person_of(case.patient), without=case.pk))


def in_words(one: MatchedCase, case: Referral) -> str:
    """Another case with why it may be of the same person."""
    patient = one.case.patient
    said_apart = one.case.pk in case.not_the_same or case.pk in one.case.not_the_same
    said = " The referrer said: not the same person." if said_apart else ""
    return f"{one.case.reference}: {patient.name}, born {patient.born}. {' '.join(one.match.reasons)}{said}"


def is_loud(one: MatchedCase, case: Referral) -> bool:
    """One NHS number on what looks like two people: one of them carries somebody else's."""
    number = case.patient.nhs_number
    return bool(number) and one.case.patient.nhs_number == number and one.match.answer != Answer.SAME


def identity_forms(case: Referral, typing: Mapping[str, Typing]) -> dict[str, Made]:
    t = typing.get("identify", Typing())
    return {
        "identify": ("Write who this is", Action.IDENTIFY, (
            text("family_name", "Family name", t), text("given_name", "Given name", t, hint="Empty for somebody with one name"),
            birth("date_of_birth", "Date of birth", t, hint="Only the year, where no more is known"),
            text("nhs_number", "NHS number", t, short=True),
            text("nhs_number_unknown_reason", "Or why it is not known", t),
            choice("sex", "Sex", SEX, t, kind="select"),
            text("text", "Where this comes from", t, hint="Such as: driving licence, brought by the police"),
        )),
        "unmerge": ("Undo the merge", Action.UNDO_MERGE, (
            text("text", "Why they are two people", typing.get("unmerge", Typing()), area=True),
        )),
    }  # fmt: skip


def _identify(sent: Sent) -> str:
    names = ("family_name", "given_name", "nhs_number", "nhs_number_unknown_reason", "sex")
    known = {name: sent[name] for name in names}
    identified = identify_person(
        sent.reference,
        {**known, **birth_of(sent.typed, "date_of_birth")},
        text=sent["text"],
        under_18_route=sent.service["under_18_route"],
        **sent.act,
    )
    return "Identified. Everything goes on as it was" + _others(identified.others)


def _others(others: Sequence[MatchedCase]) -> str:
    if not others:
        return ""
    return f". {', '.join(one.case.reference for one in others)} may be of the same person: look, then merge if so"


def _unmerge(sent: Sent) -> str:
    undo_merge(sent.reference, text=(sent.typed.get("text") or [""])[-1], **sent.act)
    return "The merge is undone. Both cases run, each with what was its own"


IDENTITY_ACTS: dict[str, Callable[[Sent], str]] = {"identify": _identify, "unmerge": _unmerge}
