"""Other cases that are, or may be, of the person on the screen."""

from referrals.case.episodes import MatchedCase, matches_of, person_of
from referrals.case.identity import MatchVerdict
from referrals.case.models import Referral


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
    return bool(number) and one.case.patient.nhs_number == number and one.match.answer != MatchVerdict.SAME
