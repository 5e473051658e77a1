"""Tokens of an identity provider and what they claim: each fault refused, none of them with the help of a server."""

import base64
import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accounts.nhs_identity import own_key
from accounts.nhs_identity.claims import level_of, meets, roles_of, uid_of
from accounts.nhs_identity.own_key import UnusableKey, assertion, public_keys
from accounts.nhs_identity.provider import Provider
from accounts.nhs_identity.tokens import Refused, check_id_token

AT = datetime(2026, 11, 27, 3, 12, tzinfo=UTC)
NOW = int(AT.timestamp())
ISSUER, CLIENT, ACCESS = "https://provider.example", "mscc", "an access token"
THEIRS = rsa.generate_private_key(65537, 2048)
ANOTHER = rsa.generate_private_key(65537, 2048)
HALF = base64.urlsafe_b64encode(hashlib.sha256(ACCESS.encode()).digest()[:16]).rstrip(b"=").decode()
RIGHT = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "555",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": "n",
    "auth_time": NOW - 5,
    "at_hash": HALF,
}


class Keys:
    """A provider whose key is known."""

    def key(self, kid: object, algorithm: str) -> Any:
        public = jwt.get_algorithm_by_name("RS256").to_jwk(THEIRS.public_key())
        return jwt.PyJWK(json.loads(public), algorithm=algorithm)


@pytest.fixture(autouse=True)
def of_this_client(settings: Any) -> None:
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, oidc_issuer=ISSUER, oidc_client_id=CLIENT
    )


def check(token: object, *, again: bool = False) -> dict[str, Any]:
    provider: Any = Keys()
    return check_id_token(
        token,
        access_token=ACCESS,
        nonce="n",
        proved_since=AT if again else None,
        at=AT,
        provider=provider,
    )


def signed(key: Any = THEIRS, algorithm: str = "RS256", **changes: Any) -> str:
    claims = {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm)


def test_a_right_token_is_taken_also_when_a_new_proof_is_asked() -> None:
    assert check(signed())["sub"] == "555"
    assert check(signed(at_hash=None), again=True)["sub"] == "555"
    assert check(signed(aud=[CLIENT, "other"], azp=CLIENT))["sub"] == "555"


@pytest.mark.parametrize(
    "fault",
    [
        {"iss": f"{ISSUER}/"},
        {"aud": "other"},
        {"aud": [CLIENT, "other"]},
        {"azp": "other"},
        {"sub": None},
        {"sub": ""},
        {"sub": "a\nb"},
        {"sub": 7},
        {"nonce": None},
        {"nonce": "m"},
        {"nonce": 1},
        {"exp": NOW - 31},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"iat": None},
        {"iat": NOW + 31},
        {"iat": NOW - 301},
        {"at_hash": "x"},
        {"at_hash": 1},
        {"iss": None},
        {"aud": None},
    ],
    ids=str,
)
def test_each_fault_of_a_claim_is_refused(fault: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**RIGHT, **fault}.items() if value is not None}
    head = {"alg": "RS256", "typ": "JWT"}
    parts = [
        json.dumps(part).encode() for part in (head, claims)
    ]  # the library refuses to write some of them
    body = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = jwt.get_algorithm_by_name("RS256").sign(body, THEIRS)
    token = (body + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()
    with pytest.raises(Refused):
        check(token)


@pytest.mark.parametrize("auth_time", [None, NOW - 31, "now", True])
def test_a_new_proof_is_one_after_the_question(auth_time: object) -> None:
    with pytest.raises(Refused, match="no new proof"):
        check(signed(auth_time=auth_time), again=True)


def test_only_a_signature_by_their_private_key_counts() -> None:
    public = b"what everybody knows, as the secret of an HMAC"
    for token in (
        signed(ANOTHER),
        signed(public, "HS256"),
        signed(None, "none"),
        "",
        None,
        7,
        "a.b.c",
        "x" * 70_000,
    ):
        with pytest.raises(Refused):
            check(token)


@pytest.mark.parametrize(
    ("acr", "exact", "level"),
    [
        ("AAL3_ANY", None, 3),
        ("AAL2_OR_AAL3_ANY", None, 2),
        ("AAL2_OR_AAL3_ANY", "3", 3),
        ("AAL2_OR_AAL3_ANY", "1", 2),
        ("AAL1_USERPASS", "3", 1),
        ("", "3", 0),
        (None, None, 0),
        ("gold", "3", 0),
        (["AAL3"], None, 3),
        ("AAL9", None, 0),
    ],
)
def test_the_level_is_never_higher_than_the_token_says(acr: object, exact: object, level: int) -> None:
    assert level_of({"acr": acr, "authentication_assurance_level": exact}) == level


@pytest.mark.parametrize(
    ("asked", "acr", "enough"),
    [
        ("AAL3_ANY", "AAL3_ANY", True),
        ("AAL3_ANY", "AAL2_ANY", False),
        ("AAL2_OR_AAL3_ANY", "AAL2_ANY", True),
        ("AAL2_OR_AAL3_ANY", "AAL1_USERPASS", False),
        ("AAL1_USERPASS", "AAL1_USERPASS", False),
        ("AAL3_ANY", None, False),
        ("gold silver", "silver", True),
        ("gold", "golden", False),
        ("gold", None, False),
        ("gold", ["gold"], False),
    ],
)
def test_what_was_asked_is_what_is_shown(asked: str, acr: object, enough: bool) -> None:
    assert meets(asked, {"acr": acr}) is enough


@pytest.mark.parametrize("listed", [None, "R8000", 7, {"role_code": "R8000"}])
def test_roles_that_are_no_list_are_none_at_all(listed: object) -> None:
    assert roles_of({"nhsid_nrbac_roles": listed}) is None


def test_a_role_needs_a_code_and_an_organisation() -> None:
    good = {
        "role_code": "s8000:g8000:r8001",
        "org_code": "rxx01",
        "role_name": '"Clinical":"Nurse":"Nurse Access Role"',
    }
    bad = [
        None,
        7,
        {},
        {"role_code": "R8000"},
        {"org_code": "RXX01"},
        {"role_code": "R8000'", "org_code": "RXX01"},
        {"role_code": "R8000", "org_code": "TOOLONGCODE"},
        {"role_code": ["R8000"], "org_code": 5},
    ]
    (role,) = roles_of({"nhsid_nrbac_roles": [*bad, good, good]}) or ()
    assert (role.code, role.job, role.organisation) == ("S8000:G8000:R8001", "R8001", "RXX01")
    assert role.words == "R8001 Nurse Access Role at RXX01"
    assert roles_of({"nhsid_nrbac_roles": []}) == ()


def test_an_account_is_linked_by_the_number_and_never_by_an_address() -> None:
    assert uid_of({"sub": "a", "uid": "b", "nhsid_useruid": "c", "email": "d"}) == "c"
    assert uid_of({"sub": "a", "email": "d"}) == "a"
    assert uid_of({"email": "d", "sub": "\x00"}) == ""


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("key", "supported", "algorithm"),
    [
        (ANOTHER, (), "RS512"),
        (ANOTHER, ("RS256", "ES256"), "RS256"),
        (ANOTHER, ("RS256", "RS512"), "RS512"),
        (ec.generate_private_key(ec.SECP256R1()), ("RS512",), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), (), "ES384"),
    ],
)
def test_our_own_assertion_is_verified_by_the_key_that_we_publish(
    key: Any, supported: tuple[str, ...], algorithm: str
) -> None:
    text, there = pem(key), f"{ISSUER}/token"
    sent = assertion(text, client_id=CLIENT, audience=there, supported=supported, at=AT)
    (public,) = public_keys(text)["keys"]
    assert not {"d", "p", "q"} & set(public)
    head = jwt.get_unverified_header(sent)
    assert (head["alg"], head["kid"]) == (algorithm, public["kid"])
    claims = jwt.decode(
        sent,
        jwt.PyJWK(public, algorithm=algorithm),
        algorithms=[algorithm],
        audience=there,
        options={"verify_exp": False},
    )
    assert (claims["iss"], claims["sub"], claims["exp"] - claims["iat"]) == (CLIENT, CLIENT, own_key.LASTS)
    again = assertion(text, client_id=CLIENT, audience=there, supported=supported, at=AT)
    assert jwt.decode(again, options={"verify_signature": False})["jti"] != claims["jti"]


def test_a_file_without_a_key_is_named() -> None:
    with pytest.raises(UnusableKey, match="OIDC_KEY"):
        public_keys("no key")
    assert public_keys("") == {"keys": []}


def test_a_secret_with_any_sign_is_sent_as_the_standard_says(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6749, 2.3.1: each half of the Basic header is form-encoded, so that a colon in it separates nothing."""
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, oidc_client_id="a:b", oidc_secret="c d%", oidc_key=""
    )
    monkeypatch.setattr(Provider, "_discover", lambda self: None)
    assert Provider()._proof(at=AT) == ({}, ("a%3Ab", "c+d%25"))
