"""The identity provider: its addresses and keys, and the calls of the code flow (OpenID Connect, RFC 6749, RFC 7636)."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import jwt
import requests
from django.conf import settings
from django.urls import reverse
from jwt.exceptions import PyJWTError
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from urllib3.exceptions import HTTPError

from accounts.nhs_identity.own_key import assertion
from kernel.patience import Patience

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BUDGET = 8.0  # seconds for all calls of one page
ONE_CALL = 3.0
KEPT_FOR = 3600.0  # seconds for which addresses and keys of the provider are kept
ASKED_AGAIN_AFTER = 60.0  # seconds after which an unknown key lets the keys be read again
SPARED_FOR = (
    5.0  # seconds for which a provider that was away is not asked, so that its outage holds no thread of ours
)
MOST_OF_ANSWER = 512 * 1024
CALLING = Patience(seconds=ONE_CALL, most=8)  # a limit of a read does not end an answer that trickles
_kept: dict[str, tuple[float, dict[str, Any]]] = {}
_away_at: dict[str, float] = {}  # when an issuer was last away


class Away(Exception):
    """The provider does not answer, or answers what cannot be used. Why is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """What the provider publishes about itself."""

    authorize: str
    token: str
    userinfo: str
    keys: str
    names_itself: bool  # in every answer (RFC 9207)
    algorithms_of_clients: tuple[str, ...]


def is_on() -> bool:
    """Whether people sign in by an identity provider here."""
    return bool(settings.ENVIRONMENT.oidc_issuer)


def issuer() -> str:
    """The provider, as its tokens name it."""
    return str(settings.ENVIRONMENT.oidc_issuer)


def return_address() -> str:
    """Where the provider sends people back to; it is registered there character for character."""
    return settings.BASE_URL + reverse("nhs_identity_answer")


class Provider:
    """The provider for one page: all calls together take no longer than a page may."""

    def __init__(self) -> None:
        self.ends = time.monotonic() + BUDGET
        self.addresses = self._discover()

    def question(self, *, state: str, nonce: str, verifier: str, again: bool) -> str:
        """The address to which a browser goes to sign in; `again` asks for the proof even if it is signed in there."""
        client = WebApplicationClient(settings.ENVIRONMENT.oidc_client_id)
        more = {"prompt": "login", "max_age": "0"} if again else {}
        try:
            return str(
                client.prepare_request_uri(
                    self.addresses.authorize,
                    redirect_uri=return_address(),
                    scope=settings.ENVIRONMENT.oidc_scopes,
                    state=state,
                    code_challenge=client.create_code_challenge(verifier, "S256"),
                    code_challenge_method="S256",
                    nonce=nonce,
                    acr_values=settings.ENVIRONMENT.oidc_acr,
                    **more,
                )
            )
        except OAuth2Error as fault:
            raise Away(f"its address for sign-in: {fault.error}") from None

    def exchange(self, code: str, *, verifier: str, at: datetime) -> dict[str, Any]:
        """The tokens for a code."""
        client = WebApplicationClient(settings.ENVIRONMENT.oidc_client_id)
        body, basic = self._proof(at=at)
        text = client.prepare_request_body(
            code=code, redirect_uri=return_address(), code_verifier=verifier, **body
        )
        head = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", self.addresses.token, data=text, headers=head, auth=basic)

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """What the provider says of the person; {} if it has no address for it."""
        if not self.addresses.userinfo:
            return {}
        head = {"Authorization": f"Bearer {access_token}"}
        return self._ask("GET", self.addresses.userinfo, headers=head)

    def key(self, kid: object, algorithm: str) -> Any:
        """The key of a signature; Away without it. An unknown one lets the keys be read again, once a minute."""
        for lasts in (KEPT_FOR, ASKED_AGAIN_AFTER):
            listed = self._document(self.addresses.keys, lasts=lasts).get("keys")
            for entry in listed if isinstance(listed, list) else ():
                if isinstance(entry, dict) and _fits(entry, kid):
                    try:
                        return jwt.PyJWK(entry, algorithm=algorithm)
                    except (PyJWTError, ValueError, TypeError):
                        continue
        raise Away("the key of a signature is not among its keys")

    def _proof(self, *, at: datetime) -> tuple[dict[str, str], tuple[str, str] | None]:
        """How this service proves itself: by its key, or by its secret."""
        environment = settings.ENVIRONMENT
        if not environment.oidc_key:
            return {}, (quote_plus(environment.oidc_client_id), quote_plus(environment.oidc_secret))
        signed = assertion(
            environment.oidc_key,
            client_id=environment.oidc_client_id,
            audience=self.addresses.token,
            supported=self.addresses.algorithms_of_clients,
            at=at,
        )
        return {"client_assertion_type": JWT_BEARER, "client_assertion": signed}, None

    def _discover(self) -> Addresses:
        own = issuer()
        about = self._document(f"{own.rstrip('/')}/.well-known/openid-configuration", lasts=KEPT_FOR)
        if about.get("issuer") != own:
            raise Away("its issuer is not OIDC_ISSUER")
        supported = about.get("token_endpoint_auth_signing_alg_values_supported")
        return Addresses(
            authorize=_address(about, "authorization_endpoint"),
            token=_address(about, "token_endpoint"),
            userinfo=_address(about, "userinfo_endpoint", needed=False),
            keys=_address(about, "jwks_uri"),
            names_itself=about.get("authorization_response_iss_parameter_supported") is True,
            algorithms_of_clients=tuple(map(str, supported)) if isinstance(supported, list) else (),
        )

    def _document(self, address: str, *, lasts: float) -> dict[str, Any]:
        """A public document of the provider, kept for a while in this process."""
        read_at, content = _kept.get(address, (float("-inf"), {}))
        if time.monotonic() - read_at > lasts:
            content = self._ask("GET", address)
            _kept[address] = (time.monotonic(), content)
        return content

    def _ask(self, method: str, address: str, **about: Any) -> dict[str, Any]:
        """One call; no redirection is followed, so that no secret goes elsewhere."""
        left = min(ONE_CALL, self.ends - time.monotonic())
        if left <= 0 or time.monotonic() - _away_at.get(issuer(), float("-inf")) < SPARED_FOR:
            raise Away("it took too long, or was away a moment ago")
        try:
            status, content = CALLING.wait_for(
                lambda: _exchange(method, address, timeout=left, **about), seconds=left
            )
            if status != 200 or len(content) > MOST_OF_ANSWER:
                raise Away(f"it answered {status} with {len(content)} bytes")
            sent = json.loads(content)
        except (requests.ConnectionError, requests.Timeout, HTTPError, OSError) as fault:
            _away_at[issuer()] = time.monotonic()
            raise Away(type(fault).__name__) from None
        except (ValueError, RecursionError) as fault:
            raise Away(type(fault).__name__) from None
        if not isinstance(sent, dict):
            raise Away("it answered no object")
        return sent


def _exchange(method: str, address: str, *, timeout: float, **about: Any) -> tuple[int, bytes]:
    """The status of the answer and its content, of which no more is read than is taken."""
    with requests.request(
        method, address, timeout=timeout, allow_redirects=False, stream=True, **about
    ) as answer:
        return answer.status_code, answer.raw.read(MOST_OF_ANSWER + 1, decode_content=True)


def _fits(entry: Mapping[str, Any], kid: object) -> bool:
    return (kid is None or entry.get("kid") == kid) and entry.get("use", "sig") == "sig"


def _address(about: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    """One of its addresses, over TLS where the issuer is."""
    address = about.get(name)
    secure = "https://" if issuer().startswith("https://") else ("https://", "http://")
    if isinstance(address, str) and address.startswith(secure):
        return address
    if needed or address:
        raise Away(f"its {name} is missing or not secure")
    return ""


def forget() -> None:
    """Read addresses and keys again with the next question."""
    _kept.clear()
    _away_at.clear()
