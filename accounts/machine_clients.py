"""Hospital systems: added, changed, given secrets and keys, and revoked by the administrator. Each step is in the ledger."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from oauth2_provider.models import get_access_token_model

from accounts.administration import refuse_unless_administrator
from accounts.client_authentication import hash_of_secret, holding
from accounts.client_keys import read_keys
from accounts.line_facts import ClientAdded, ClientRevoked, CredentialAdded
from accounts.models import ApiClient, ClientCredential, Organisation
from kernel.actors import Actor
from kernel.refusals import Invalid, NotFound, OutOfTurn
from kernel.text import fault, tidy
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction

OVERLAPS = {0: "at once", 1: "in one day", 7: "in seven days", 30: "in thirty days"}
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTyped:
    """A hospital system as the administrator describes it."""

    name: str
    organisation: str
    scopes: tuple[str, ...]


def may_call(client: ApiClient) -> bool:
    """Whether its tokens are accepted: not once it is revoked, and a demo system in demo mode only."""
    return client.revoked_at is None and (settings.DEMO or not client.is_demo)


def scope_words() -> dict[str, str]:
    """Every scope with its meaning."""
    provider: Any = settings.OAUTH2_PROVIDER
    return dict(provider["SCOPES"])


def clients() -> Sequence[ApiClient]:
    """Every hospital system by name, those in use first."""
    return list(ApiClient.objects.select_related("organisation").order_by("-revoked_at", "name"))


def client_at(number: int) -> ApiClient:
    """The hospital system with this number; NotFound without one."""
    client = ApiClient.objects.select_related("organisation").filter(pk=number).first()
    if client is None:
        raise NotFound("There is no such hospital system")
    return client


def credentials_of(client: ApiClient, *, at: datetime) -> Sequence[ClientCredential]:
    """The secrets and keys that are valid at an instant, the oldest first."""
    return list(client.credentials.filter(holding(at)).order_by("id"))


@one_transaction()
def save_client(typed: ClientTyped, *, number: int | None = None, by: Actor, at: datetime) -> ApiClient:
    """Add a hospital system, or change its name and scopes. Its organisation never changes: add another system."""
    refuse_unless_administrator(by)
    client = ApiClient() if number is None else _held(number)
    errors = _faults(typed, client)
    if errors:
        raise Invalid("Nothing was saved: correct the answers named here and save it again", errors=errors)
    new = client.pk is None
    client.name, client.allowed_scopes = tidy(typed.name), sorted(set(typed.scopes))
    if new:
        client.organisation_id = typed.organisation
        client.client_type = ApiClient.CLIENT_CONFIDENTIAL
        client.authorization_grant_type = ApiClient.GRANT_CLIENT_CREDENTIALS
        client.client_secret = secrets.token_urlsafe(SECRET_BYTES)  # nobody is shown it; see `add_secret`
    client.save()
    facts = ClientAdded(
        client=client.pk,
        organisation=client.organisation_id,
        scopes=client.allowed_scopes,
    )
    append(Kind.CLIENT_ADDED if new else Kind.CLIENT_CHANGED, by=by, at=at, facts=facts)
    return client


def _faults(typed: ClientTyped, client: ApiClient) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if problem := fault(typed.name) or (None if tidy(typed.name) else "Enter the name of the system"):
        errors["name"] = [problem]
    if client.pk is None and not Organisation.objects.filter(pk=typed.organisation, active=True).exists():
        errors["organisation"] = ["Choose the organisation that it speaks for"]
    if not typed.scopes or set(typed.scopes) - set(scope_words()):
        errors["scopes"] = ["Choose what it may do"]
    return errors


@one_transaction()
def add_secret(number: int, *, overlap_days: int = 7, by: Actor, at: datetime) -> str:
    """Give a hospital system a new secret and return it: it is shown once. Earlier ones end after the overlap."""
    refuse_unless_administrator(by)
    client = _held(number)
    if overlap_days not in OVERLAPS:
        raise Invalid("Nothing was changed", errors={"overlap_days": ["Choose when the earlier secret ends"]})
    ends = at + timedelta(days=overlap_days)
    for earlier in client.credentials.filter(holding(at), kind=ClientCredential.SECRET):
        if earlier.expires_at is None or earlier.expires_at > ends:
            earlier.expires_at = ends
            earlier.save(update_fields=["expires_at"])
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = client.credentials.create(
        kind=ClientCredential.SECRET, secret_hash=hash_of_secret(secret), added_at=at
    )
    _append_credential(Kind.CREDENTIAL_ADDED, row, by=by, at=at, overlap_days=overlap_days)
    return secret


@one_transaction()
def add_keys(number: int, jwks: str, *, by: Actor, at: datetime) -> Collection[str]:
    """Add the public keys of a JWKS and return their identifiers. The earlier keys go on until they are ended."""
    refuse_unless_administrator(by)
    client = _held(number)
    try:
        keys = read_keys(jwks)
    except ValueError as problem:
        raise Invalid("No key was added", errors={"jwks": [str(problem)]}) from None
    known = client.credentials.filter(kind=ClientCredential.KEY, ended_at=None)
    known_ids = set(known.values_list("kid", flat=True))
    if taken := sorted(key["kid"] for key in keys if key["kid"] in known_ids):
        words = f"There is a key {', '.join(taken)} already: end it first, or give the new one its own kid"
        raise Invalid("No key was added", errors={"jwks": [words]})
    for key in keys:
        row = client.credentials.create(kind=ClientCredential.KEY, jwk=key, kid=key["kid"], added_at=at)
        _append_credential(Kind.CREDENTIAL_ADDED, row, by=by, at=at)
    return [key["kid"] for key in keys]


@one_transaction()
def end_credential(number: int, credential: int, *, by: Actor, at: datetime) -> None:
    """End one secret or key at once. Tokens that it got stay valid for their ten minutes."""
    refuse_unless_administrator(by)
    row = _held(number).credentials.filter(pk=credential, ended_at=None).first()
    if row is None:
        raise NotFound("There is no such secret or key")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    _append_credential(Kind.CREDENTIAL_ENDED, row, by=by, at=at)


@one_transaction()
def revoke_client(number: int, *, by: Actor, at: datetime) -> ApiClient:
    """Shut a hospital system out at once: its tokens, secrets and keys. It cannot be undone: add it again."""
    refuse_unless_administrator(by)
    client = _held(number)
    client.revoked_at = at
    client.save(update_fields=["revoked_at"])
    client.credentials.filter(ended_at=None).update(ended_at=at)
    get_access_token_model().objects.filter(application=client).delete()
    append(Kind.CLIENT_REVOKED, by=by, at=at, facts=ClientRevoked(client=client.pk))
    return client


def _held(number: int) -> ApiClient:
    """The hospital system, locked; OutOfTurn once it is revoked."""
    client = ApiClient.objects.select_for_update().filter(pk=number).first()
    if client is None:
        raise NotFound("There is no such hospital system")
    if client.revoked_at is not None:
        raise OutOfTurn("This hospital system is revoked: add it again")
    return client


def _append_credential(
    kind: Kind, row: ClientCredential, *, by: Actor, at: datetime, overlap_days: int | None = None
) -> None:
    facts = CredentialAdded(client=row.client_id, credential=row.pk, type=row.kind, kid=row.kid)
    if overlap_days is not None:
        facts["overlap_days"] = overlap_days
    append(kind, by=by, at=at, facts=facts)
