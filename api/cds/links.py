"""One-time links from a card to a form with what the record sent filled in. The address holds a token and no word of a person."""

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from api.cds.calls import storable
from api.cds.hospital_record import Resource, resources
from api.exchange.models import CardLink
from api.fhir.person_in import patient_of
from api.fhir.structure import faults_of
from kernel.refusals import OutOfTurn
from referrals.web import referral_draft
from referrals.web.answers import KIND_AT
from referrals.web.referral_draft import Writing
from webkit import drafts
from webkit.typed import Typed, typed_of

LIFE = timedelta(minutes=30)
MOST_CHARACTERS = 10_000
_DAY_AND_MONTH = ("patient.date_of_birth.month", "patient.date_of_birth.day")


def typed_from(patient: Any, findings: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields of the form that a record fills in: the person, and the findings. A Patient that is not FHIR fills none."""
    person: Resource | None = next(iter(resources(patient, "Patient")), None)
    fields = patient_of(dict(person)) if person is not None and not faults_of(person) else {}
    is_year_alone = fields.pop("birth_estimated", False)
    values = {f"patient.{name}": value for name, value in fields.items()} | dict(findings)
    typed: dict[str, list[str]] = {}
    for path, value in values.items():
        if path in KIND_AT and (KIND_AT[path] != "date" or len(str(value)) == len("1958-02-03")):
            typed |= typed_of(value, path, kind=KIND_AT[path])
    if is_year_alone:
        typed = {key: texts for key, texts in typed.items() if key not in _DAY_AND_MONTH}
    return {key: [storable(text) for text in texts] for key, texts in typed.items()}


def link_with(typed: Typed, *, at: datetime) -> str:
    """A new address that opens a form with these fields once, within half an hour; of an empty form when there are none."""
    content = json.dumps(typed)
    if not typed or len(content) > MOST_CHARACTERS:
        return settings.BASE_URL + reverse("new_referral")
    token = secrets.token_urlsafe(32)
    CardLink.objects.filter(expires_at__lte=at).exclude(sealed=b"").update(sealed=b"")
    CardLink.objects.create(
        token_hash=_hash(token),
        sealed=_seal_of(token).encrypt(content.encode("utf-8", "ignore")),
        issued_at=at,
        expires_at=at + LIFE,
    )
    return settings.BASE_URL + reverse("card_link", args=[token])


def check_link(token: str, *, at: datetime) -> None:
    """OutOfTurn unless the link still opens something. Reading it changes nothing."""
    _open(CardLink.objects.filter(token_hash=_hash(token)).first(), token, at=at)


@transaction.atomic(durable=True)
def use_link(token: str, user: User, *, at: datetime) -> Writing:
    """Use a link up, and return the draft of this user with what it held."""
    link = CardLink.objects.select_for_update().filter(token_hash=_hash(token)).first()
    held = _open(link, token, at=at)
    writing = Writing(id=uuid.uuid4(), typed={**referral_draft.begin(user, at=at).typed, **held})
    drafts.save(user, place=referral_draft.place_of(writing.id), typed=dict(writing.typed), at=at)
    CardLink.objects.filter(token_hash=_hash(token)).update(used_at=at, sealed=b"")
    return writing


def _open(link: CardLink | None, token: str, *, at: datetime) -> dict[str, list[str]]:
    if link is None or link.used_at is not None or link.expires_at <= at:
        raise OutOfTurn("This link was used or has run out: begin a new referral, or ring")
    try:
        held: dict[str, list[str]] = json.loads(_seal_of(token).decrypt(bytes(link.sealed)))
    except InvalidToken:
        raise OutOfTurn("This link was used or has run out: begin a new referral, or ring") from None
    return held


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _seal_of(token: str) -> Fernet:
    """The seal that only the token opens: the table alone shows no person."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"card link {token}".encode()).digest()))
