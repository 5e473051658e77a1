"""An unidentified patient is identified on their running case; nothing stops for it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import london_date
from ledger.append import bind
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.episodes import MatchedCase, hold_person, matches_of, person_of
from referrals.case.identity import MatchVerdict, match, names_key
from referrals.case.line_facts import PersonIdentified
from referrals.case.models import Episode, Patient, Referral
from referrals.case.move import move
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.intake.fields import FIELD_AT, NotAllowed, Unreadable, plain
from referrals.intake.validation import fault_of_birth

FIELDS = (
    "family_name",
    "given_name",
    "date_of_birth",
    "birth_estimated",
    "nhs_number",
    "nhs_number_unknown_reason",
    "sex",
)


def identity_as_bound(patient: Patient) -> dict[str, Any]:
    """The identity of a patient, as the ledger binds it."""
    return {name: plain(getattr(patient, name)) for name in (*FIELDS, "identity_unknown")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The case, and the other open cases that may be about the same person."""

    case: Referral
    others: tuple[MatchedCase, ...]


@one_transaction()
def identify_person(
    reference: str, answers: Mapping[str, Any], *, text: str, under_18_route: str, by: Actor, at: datetime
) -> Identified:
    """Record name, date of birth and NHS number on a running case, with their source (`text`).

    Refused for a patient who is identified already: a wrong identity is corrected by marking the referral as
    entered in error. Clocks, decisions and facts do not change.
    """
    case = find_and_lock(reference, by=by)
    if not case.patient.identity_unknown:
        raise OutOfTurn(
            "This person was identified when referred. If that is wrong, mark the referral as entered in error and "
            "enter it again on the right person"
        )
    note = words("identity", text, required=True, path="text", ask="Write where the identity comes from")
    values = _read(answers, under_18_route=under_18_route, at=at)
    for name, value in values.items():
        setattr(case.patient, name, value)
    case.patient.identity_unknown, case.patient.identity_salt = False, uuid.uuid4()
    facts = PersonIdentified(
        fields=sorted(name for name, value in values.items() if value not in (None, "")),
        bound={
            **note.bound["bound"],
            "person": bind(identity_as_bound(case.patient), salt=str(case.patient.identity_salt)),
        },
    )
    line = move(case, Action.IDENTIFY, by=by, at=at, facts=facts)
    note.write(case, line=line, by=by, at=at)
    case.patient.name_key = names_key(values["family_name"], values["given_name"])
    keep(case.patient, line=line, by=by, at=at)
    _claim_the_key(case, line=line, by=by, at=at)
    return Identified(case=case, others=tuple(matches_of(person_of(case.patient), without=case.pk)))


def _claim_the_key(case: Referral, *, line: int, by: Actor, at: datetime) -> None:
    """Give the episode this person's key, unless another open episode has it: then the cases wait to be merged."""
    key = case.patient.nhs_number
    if key is None:
        return
    hold_person(key)
    if Episode.objects.filter(person_key=key, closed_at=None).exclude(pk=case.episode_id).exists():
        return
    episode = Episode.objects.select_for_update().get(pk=case.episode_id)
    own = all(
        match(person_of(referral.patient), person_of(case.patient)).answer == MatchVerdict.SAME
        for referral in episode.referrals.exclude(pk=case.pk).select_related("patient")
    )
    if episode.person_key is None and own:
        episode.person_key = key
        keep(episode, line=line, by=by, at=at)


def _read(answers: Mapping[str, Any], *, under_18_route: str, at: datetime) -> dict[str, Any]:
    """The entered values by column; Invalid with every problem by field."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name in FIELDS:
        spec = FIELD_AT[f"patient.{name}"]
        value = answers.get(name)
        try:
            values[name] = spec.read(value) if value not in (None, "") else spec.default
        except (NotAllowed, Unreadable) as problem:
            errors[name] = [str(problem)]
    for name, ask in (("family_name", "Enter the family name"), ("date_of_birth", "Enter the date of birth")):
        if values.get(name) in (None, "") and name not in errors:
            errors[name] = [ask]
    born: date | None = values.get("date_of_birth")
    if born is not None and (
        reason := fault_of_birth(born, today=london_date(at), under_18_route=under_18_route)
    ):
        errors["date_of_birth"] = [reason]
    if (
        not values.get("nhs_number")
        and not values.get("nhs_number_unknown_reason")
        and "nhs_number" not in errors
    ):
        errors["nhs_number"] = ["Enter the NHS number, or the reason it is not known"]
    if errors:
        raise Invalid("The identity is not complete", errors=errors)
    return {**values, "given_name": values["given_name"] or ""}
