"""Passkeys by the library of the FIDO keys' own makers: what a browser is asked, and whether its answer is right."""

import base64
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from accounts.models import User
from kernel.refusals import Invalid

MOST_CHARACTERS = 65_536
# What the library raises for an answer with other parts than it expects, and Python for one nested without end.
NOT_FITTING = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
NOT_READ = "The browser's answer does not belong to this page: load the page again and try once more"


def _server() -> Fido2Server:
    """For the address of this service alone, so that a page that imitates it gets nothing."""
    ours = urlsplit(settings.BASE_URL)
    party = PublicKeyCredentialRpEntity(id=ours.hostname or "", name="MSCC Coordinator")
    origin = f"{ours.scheme}://{ours.netloc}"
    return Fido2Server(party, verify_origin=lambda named: named == origin)


def ask_to_register(user: User, known: Sequence[str]) -> tuple[str, Any]:
    """The question to make a passkey, as JSON for the browser, and the state to keep in the session."""
    person = PublicKeyCredentialUserEntity(
        id=str(user.pk).encode(), name=user.username, display_name=user.name
    )
    options, state = _server().register_begin(
        person, _read_all(known), user_verification=UserVerificationRequirement.PREFERRED
    )
    return json.dumps(dict(options)["publicKey"]), state


def register(state: Any, answer: str) -> tuple[str, str, int]:
    """The number of a new passkey, its public half and its count; Invalid for an answer that does not fit."""
    try:
        data = _server().register_complete(state, _read(answer))
    except NOT_FITTING as problem:
        raise Invalid("The passkey is not kept", errors={"label": [NOT_READ]}) from problem
    credential = data.credential_data
    if credential is None:
        raise Invalid("The passkey is not kept", errors={"label": [NOT_READ]})
    return _text(credential.credential_id), _text(bytes(credential)), data.counter


def ask_to_sign(known: Sequence[str]) -> tuple[str, Any]:
    """The question to sign with one of these passkeys, and the state to keep in the session."""
    options, state = _server().authenticate_begin(
        _read_all(known), user_verification=UserVerificationRequirement.PREFERRED
    )
    return json.dumps(dict(options)["publicKey"]), state


def check(state: Any, answer: str, known: Sequence[str]) -> tuple[str, int]:
    """The number of the passkey that signed, and its count; ("", 0) for an answer that is not right."""
    try:
        content = _read(answer)
        signed = _server().authenticate_complete(state, _read_all(known), content)
        count = AuthenticationResponse.from_dict(content).response.authenticator_data.counter
    except NOT_FITTING:
        return "", 0
    return _text(signed.credential_id), count


def _read(answer: str) -> Any:
    """The answer of a browser; ValueError if it is not one."""
    if len(answer) > MOST_CHARACTERS:
        raise ValueError("longer than any answer")
    return json.loads(answer)


def _read_all(known: Sequence[str]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(base64.urlsafe_b64decode(text)) for text in known]


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()
