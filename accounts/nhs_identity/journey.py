"""One sign-in by the provider: the question that a browser takes there, and the proof in the answer."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.conf import settings
from oauthlib.oauth2 import WebApplicationClient

from accounts.nhs_identity import claims as of_claims
from accounts.nhs_identity.claims import HeldRole, identifier
from accounts.nhs_identity.provider import Away, Provider, issuer
from accounts.nhs_identity.tokens import Refused, check_id_token
from kernel.refusals import Denied
from kernel.time import from_rfc3339, rfc3339

LASTS = 600  # seconds from the question to its answer
MOST_OPEN = 4  # questions of one browser, so that two tabs do not meet


class Question(TypedDict):
    """The part of a sent question that is kept in the session."""

    nonce: str
    verifier: str
    purpose: str
    wanted: str
    again: bool
    began: str


class Insufficient(Denied):
    """The provider knows who it is, but with less assurance than required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose identity the provider has proved, with the required assurance."""

    subject: str
    uid: str
    session: str  # of the provider, "" if it has none
    assurance: str
    roles: tuple[HeldRole, ...] | None


def ask(*, purpose: str, wanted: str, again: bool, at: datetime) -> tuple[str, str, Question]:
    """The address to which the browser goes, and the state under which the question is kept. Away without a provider."""
    client: Any = WebApplicationClient(settings.ENVIRONMENT.oidc_client_id)
    state, verifier = secrets.token_urlsafe(32), client.create_code_verifier(64)
    question = Question(
        nonce=secrets.token_urlsafe(32),
        verifier=verifier,
        purpose=purpose,
        wanted=wanted,
        again=again,
        began=rfc3339(at),
    )
    address = Provider().question(state=state, nonce=question["nonce"], verifier=verifier, again=again)
    return address, state, question


def is_over(question: Question, *, at: datetime) -> bool:
    """Whether its answer comes too late."""
    return not 0 <= (at - from_rfc3339(question["began"])).total_seconds() <= LASTS


def answer(sent: Mapping[str, str], question: Question, *, at: datetime) -> Person:
    """Who it is, by the answer of the provider. Refused when it cannot be believed, Insufficient when it is not enough,
    Away when the provider does not answer."""
    provider = Provider()
    _check_sender(sent, provider)
    tokens = provider.exchange(sent.get("code", ""), verifier=question["verifier"], at=at)
    access_token = str(tokens.get("access_token") or "")
    claims = check_id_token(
        tokens.get("id_token"),
        access_token=access_token,
        nonce=question["nonce"],
        proved_since=from_rfc3339(question["began"]) if question["again"] else None,
        at=at,
        provider=provider,
    )
    more = provider.userinfo(access_token)
    if more and more.get("sub") != claims["sub"]:
        raise Refused("the provider named somebody else")
    whole = {**more, **{name: value for name, value in claims.items() if value is not None}}
    _check_assurance(claims, whole)
    roles = of_claims.roles_of(claims)
    return Person(
        subject=claims["sub"],
        uid=of_claims.uid_of(whole),
        session=identifier(claims.get("sid")),
        assurance=of_claims.assurance_words(claims),
        roles=of_claims.roles_of(more) if roles is None else roles,
    )


def _check_sender(sent: Mapping[str, str], provider: Provider) -> None:
    """The answer comes from our provider and no other (RFC 9207), and brings a code."""
    named = sent.get("iss")
    if named != issuer() and (named is not None or provider.addresses.names_itself):
        raise Refused("another issuer answered")
    if sent.get("error") or not sent.get("code"):
        raise Refused(f"no code: {str(sent.get('error') or '')[:40]!r}")


def _check_assurance(claims: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Insufficient unless the ID token itself shows the assurance that is asked for."""
    asked = settings.ENVIRONMENT.oidc_acr
    if not of_claims.meets(asked, claims):
        shown = of_claims.assurance_words(claims)
        raise Insufficient(
            f"You were signed in with {shown}, and this service asks for {_words(asked)}. Sign in again with a smartcard, "
            "security key or authenticator of that level"
        )
    least, level = settings.ENVIRONMENT.oidc_ial, of_claims.identity_level_of(whole)
    if level < least:
        raise Insufficient(
            f"Your identity was checked to level {level}, and this service asks for level {least}. Your registration authority "
            "can check it"
        )


def _words(acr: str) -> str:
    return acr.replace("_ANY", "").replace("_", " ").replace(" OR ", " or ")


__all__ = ["MOST_OPEN", "Away", "Insufficient", "Person", "Question", "Refused", "answer", "ask", "is_over"]
