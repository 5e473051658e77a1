"""The shape of the parts of a referral that are stored as JSON. Pure.

A key that is misspelt is a type error. An older row may lack keys of `StoredClinical` that came after it.
"""

from typing import TypedDict


class StoredReferrer(TypedDict):
    """Who referred, with their own words for what cannot be read."""

    name: str
    role: str
    organisation_ods: str
    callback_number: str
    email: str
    registration_number: str


class StoredLocation(TypedDict):
    """Where the patient was when the referral was sent."""

    kind: str
    detail: str
    organisation_ods: str | None


class StoredIdentifiers(TypedDict, total=False):
    """What a sender said of the person of a fact without a referral."""

    nhs_number: str | None
    family_name: str
    given_name: str
    date_of_birth: str | None
    sex: str
    local_id: str | None


class StoredDexamethasone(TypedDict):
    """A dose given before the referral; instants are RFC 3339."""

    dose_mg: float | None
    route: str
    given_at: str | None


class StoredClinical(TypedDict, total=False):
    """The clinical part as the form or the sender gave it, corrected since by the record; instants are RFC 3339."""

    neurology_onset_at: str | None
    progression: str
    walking_now: str
    walking_two_weeks_ago: str
    bed_bound_two_weeks: str
    performance_status: int | None
    clinical_frailty_scale: int | None
    anticoagulant: str
    diabetes: str
    active_infection: str
    gastrointestinal_bleed: str
    steroid_allergy: str
    pain_levels: list[str] | None
    previous_radiotherapy: str
    dexamethasone: StoredDexamethasone | None
    immobilised_since: str | None
    resuscitation_and_wishes: str
    notes: str
