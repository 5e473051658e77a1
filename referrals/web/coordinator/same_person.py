"""Other cases that are, or may be, of the person on the screen."""

from referrals.case.episodes import MatchedCase, matches_of, person_of
from referrals.case.identity import MatchVerdict
from referrals.case.models import Referral


def same_people(case: Referral) -> tuple[MatchedCase, ...]:
    """The other open cases that are, or may be, of the same person."""
    if case.patient.identity_unknown:
        return ()
    return tuple(matches_of(person_of(case.patient), without=case.pk))


def in_words(match: MatchedCase, case: Referral) -> str:
    """Who another case is of, and why it may be the same person."""
    patient = match.case.patient
    said_apart = match.case.pk in case.not_the_same or case.pk in match.case.not_the_same
    remark = " The referrer said: not the same person." if said_apart else ""
    return f"{patient.name}, born {patient.born}. {' '.join(match.match.reasons)}{remark}"


def is_loud(match: MatchedCase, case: Referral) -> bool:
    """One NHS number on what looks like two people: one of them carries somebody else's."""
    number = case.patient.nhs_number
    return (
        bool(number) and match.case.patient.nhs_number == number and match.match.answer != MatchVerdict.SAME
    )
