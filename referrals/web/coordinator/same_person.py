"""Other cases that are, or may be, of the person on the screen."""

from collections.abc import Sequence

from kernel.actors import Actor
from referrals.case.episodes import MatchedCase, matches_of, person_of
from referrals.case.identity import MatchVerdict
from referrals.case.models import Referral
from referrals.case.openings import is_closed, mark_closed, restricted_among

RESTRICTED = "A restricted record"
RESTRICT_TOO = "That record is restricted: if this is the same person, restrict this one too."


def same_people(case: Referral, *, by: Actor) -> tuple[MatchedCase, ...]:
    """The other open cases that are, or may be, of the same person.

    Those closed to the reader are left out: next to a name, their reference would say whose they are. Whoever is on call
    sees them.
    """
    if case.patient.identity_unknown:
        return ()
    matches = tuple(matches_of(person_of(case.patient), without=case.pk))
    shown = open_ones(matches, by=by)
    if shown and case.pk not in (
        restricted := restricted_among({case.pk, *(match.case.pk for match in shown)})
    ):
        for match in shown:
            vars(match.case)["is_restricted"] = match.case.pk in restricted
    return shown


def open_ones(matches: Sequence[MatchedCase], *, by: Actor) -> tuple[MatchedCase, ...]:
    """The matched cases that are not closed to the reader."""
    mark_closed((match.case for match in matches), by=by)
    return tuple(match for match in matches if not is_closed(match.case))


def in_words(match: MatchedCase, case: Referral) -> str:
    """Who another case is of, and why it may be the same person."""
    said_apart = match.case.pk in case.not_the_same or case.pk in match.case.not_the_same
    remark = " The referrer said: not the same person." if said_apart else ""
    restrict = f" {RESTRICT_TOO}" if vars(match.case).get("is_restricted") else ""
    return f"{who(match)}. {' '.join(match.match.reasons)}{remark}{restrict}"


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
