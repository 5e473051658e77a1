"""Other cases that are, or may be, of the person on the screen."""

from kernel.actors import Actor
from referrals.case.episodes import MatchedCase, matches_of, person_of
from referrals.case.identity import MatchVerdict
from referrals.case.models import Referral
from referrals.case.openings import is_closed, mark_closed

RESTRICTED = "A restricted record"


def same_people(case: Referral, *, by: Actor) -> tuple[MatchedCase, ...]:
    """The other open cases that are, or may be, of the same person; those closed to the reader are marked."""
    if case.patient.identity_unknown:
        return ()
    matches = tuple(matches_of(person_of(case.patient), without=case.pk))
    mark_closed((match.case for match in matches), by=by)
    return matches


def in_words(match: MatchedCase, case: Referral) -> str:
    """Who another case is of, and why it may be the same person."""
    said_apart = match.case.pk in case.not_the_same or case.pk in match.case.not_the_same
    remark = " The referrer said: not the same person." if said_apart else ""
    return f"{who(match)}. {' '.join(match.match.reasons)}{remark}"


def who(match: MatchedCase) -> str:
    """Name and birth of the person of a matched case, unless it is closed to the reader."""
    patient = match.case.patient
    return RESTRICTED if is_closed(match.case) else f"{patient.name}, born {patient.born}"


def is_loud(match: MatchedCase, case: Referral) -> bool:
    """One NHS number on what looks like two people: one of them carries somebody else's."""
    number = case.patient.nhs_number
    return (
        bool(number) and match.case.patient.nhs_number == number and match.match.answer != MatchVerdict.SAME
    )
