"""Hospital systems: added by the administrator, proven by a secret or a signed assertion, and shut out at once."""

import base64
import json
import uuid
from datetime import timedelta
from functools import cache
from io import StringIO
from typing import Any

import jwt
import pytest
import redis
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.core.cache import cache as django_cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from accounts.client_authentication import ASSERTION_TYPE, token_address
from accounts.machine_clients import (
    ClientTyped,
    add_keys,
    add_secret,
    end_credential,
    revoke_client,
    save_client,
)
from accounts.models import ApiClient, ClientCredential
from kernel.refusals import Denied, Invalid
from kernel.time import now
from ledger.read import Search, entries
from tests.builders import actor, set_the_scene
from tests.doors.forms import signed_in
from tests.doors.machines import Machine

pytestmark = pytest.mark.django_db
SCOPES = ("referrals:read", "measures:read")


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


@pytest.fixture
def system() -> ApiClient:
    typed = ClientTyped(name="RIS of the hospital", organisation="RXX01", scopes=SCOPES)
    return save_client(typed, by=actor("admin"), at=now())


@cache
def private(kind: str) -> Any:
    if kind == "EC":
        return ec.generate_private_key(ec.SECP384R1())
    if kind == "OKP":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if kind == "short" else 2048)


def jwk(kind: str, kid: str, **more: Any) -> dict[str, Any]:
    algorithm: Any = {"EC": ECAlgorithm, "OKP": OKPAlgorithm}.get(kind, RSAAlgorithm)
    return {**algorithm.to_jwk(private(kind).public_key(), as_dict=True), "kid": kid, **more}


def keys(system: ApiClient, *sent: dict[str, Any]) -> None:
    add_keys(system.pk, json.dumps({"keys": sent}), by=actor("admin"), at=now())


def assertion(
    system: ApiClient, *, algorithm: str = "RS384", key: Any = None, kid: str | None = "one", **claims: Any
) -> str:
    instant = now().timestamp()
    whole = {
        "iss": system.client_id,
        "sub": system.client_id,
        "aud": token_address(),
        "jti": str(uuid.uuid4()),
        "iat": int(instant),
        "exp": int(instant) + 240,
        **claims,
    }
    sent = {name: value for name, value in whole.items() if value is not None}
    header = {"kid": kid} if kid else {}
    return jwt.encode(sent, private("RSA") if key is None else key, algorithm=algorithm, headers=header)


def ask(token: str, **more: str) -> Any:
    body = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": token,
    }
    return Client(raise_request_exception=False).post("/oauth/token/", {**body, **more})


def by_secret(system: ApiClient, secret: str) -> int:
    asked = {"grant_type": "client_credentials", "client_id": system.client_id, "client_secret": secret}
    body = Client().post("/oauth/token/", asked).status_code
    basic = base64.b64encode(f"{system.client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert (
        Client().post("/oauth/token/", {"grant_type": "client_credentials"}, headers=headers).status_code
        == body
    )
    return body


class TestAssertions:
    @pytest.mark.parametrize(
        ("algorithm", "kind"),
        [("RS384", "RSA"), ("RS512", "RSA"), ("PS256", "RSA"), ("ES384", "EC"), ("EdDSA", "OKP")],
    )
    def test_each_signature_by_a_private_key_gets_a_token(
        self, system: ApiClient, algorithm: str, kind: str
    ) -> None:
        keys(system, jwk(kind, "one"))
        answer = ask(assertion(system, algorithm=algorithm, key=private(kind)))
        assert answer.status_code == 200, answer.content
        assert set(answer.json()["scope"].split()) == set(SCOPES)
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert Client().get("/api/v1/measures/", headers=bearer).status_code == 200
        assert Client().post("/api/v1/events/", headers=bearer).status_code == 403
        system.refresh_from_db()
        assert system.last_used_at is not None
        assert system.credentials.get().last_used_at is not None

    def test_wrong_claims_are_refused(self, system: ApiClient) -> None:
        keys(system, jwk("RSA", "one"))
        wrong: list[tuple[str, dict[str, Any]]] = [
            ("aud", {"aud": "http://elsewhere/oauth/token/"}),
            ("no slash", {"aud": "http://127.0.0.1/oauth/token"}),
            ("no aud", {"aud": None}),
            ("far exp", {"exp": 4_000_000_000}),
            ("past exp", {"exp": 1_000_000_000}),
            ("no exp", {"exp": None}),
            ("exp as text", {"exp": "soon"}),
            ("not yet", {"nbf": 4_000_000_000}),
            ("issued later", {"iat": 4_000_000_000}),
            ("no jti", {"jti": None}),
            ("jti as number", {"jti": 7}),
            ("another issuer", {"iss": "demo-hospital"}),
            ("another subject", {"sub": "demo-hospital", "iss": "demo-hospital"}),
            ("nobody", {"sub": "nobody", "iss": "nobody"}),
            ("no character", {"sub": "\x00", "iss": "\x00"}),
        ]
        for name, claims in wrong:
            answer = ask(assertion(system, **claims))
            assert answer.status_code in (401, 429), name  # wrong ones are slowed down
            assert answer.json()["error"] in ("invalid_client", "slow_down")
        assert ask(assertion(system)).status_code == 200, "a right one is never shut out"

    def test_none_and_shared_secrets_are_no_signatures(self, system: ApiClient) -> None:
        keys(system, jwk("RSA", "one"))
        public = jwk("RSA", "one")
        secret = base64.urlsafe_b64decode(public["n"] + "==")
        for algorithm, key in (("none", ""), ("HS256", secret), ("HS512", secret)):
            assert ask(assertion(system, algorithm=algorithm, key=key)).status_code == 401
        good = assertion(system)
        for wrong in (f"{good[:-8]}AAAAAAAA", "x", "a.b.c", good * 20, "é", "\x00"):
            assert ask(wrong).status_code in (401, 429)
        assert ask(good, client_assertion_type="urn:else").status_code in (401, 429)
        assert ask(good, client_id="demo-hospital").status_code in (401, 429)
        assert ask(assertion(system), client_id=system.client_id).status_code == 200

    def test_a_key_of_another_client_signs_for_nobody_else(self, system: ApiClient) -> None:
        typed = ClientTyped(name="Another", organisation="RYY02", scopes=SCOPES)
        other = save_client(typed, by=actor("admin"), at=now())
        keys(other, jwk("EC", "one"))
        keys(system, jwk("RSA", "one"))
        assert ask(assertion(system, algorithm="ES384", key=private("EC"))).status_code == 401
        assert ask(assertion(other, algorithm="ES384", key=private("EC"))).status_code == 200

    def test_an_assertion_holds_once_and_not_at_all_when_nobody_can_tell(
        self, system: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys(system, jwk("RSA", "one"))
        token = assertion(system)
        assert [ask(token).status_code for _ in range(2)] == [200, 401]

        def away(*args: Any, **kwargs: Any) -> bool:
            raise redis.ConnectionError

        monkeypatch.setattr(django_cache, "add", away)
        assert ask(assertion(system)).status_code == 401

    def test_keys_are_rotated_with_both_in_use_for_a_while(self, system: ApiClient) -> None:
        keys(system, jwk("RSA", "one"))
        keys(system, jwk("EC", "two"))
        new = {"algorithm": "ES384", "key": private("EC")}
        assert ask(assertion(system)).status_code == 200
        assert ask(assertion(system, kid="two", **new)).status_code == 200
        assert ask(assertion(system, kid=None, **new)).status_code == 200
        assert ask(assertion(system, kid="one", **new)).status_code == 401
        end_credential(system.pk, system.credentials.get(kid="one").pk, by=actor("admin"), at=now())
        assert ask(assertion(system)).status_code == 401
        assert ask(assertion(system, kid="two", **new)).status_code == 200
        keys(system, jwk("RSA", "one"))
        assert ask(assertion(system)).status_code == 200, "an ended kid may come back"

    def test_what_is_no_public_key_set_is_refused(self, system: ApiClient) -> None:
        wrong = [
            "",
            "x",
            "[]",
            '{"keys": []}',
            '{"keys": [1]}',
            '{"kty": "oct", "k": "AAAA", "kid": "a"}',
            '{"kty": "RSA", "kid": "a"}',
            json.dumps({"keys": [jwk("RSA", "a"), jwk("EC", "a")]}),
            json.dumps(jwk("RSA", "")),
            json.dumps(jwk("RSA", "a", use="enc")),
            json.dumps(jwk("RSA", "a", d="AQAB")),
            json.dumps(jwk("short", "a")),
            "[" * 100_000,
        ]
        for sent in wrong:
            with pytest.raises(Invalid) as refusal:
                add_keys(system.pk, sent, by=actor("admin"), at=now())
            assert "jwks" in refusal.value.errors
        assert not ClientCredential.objects.exists()


class TestSecrets:
    def test_a_secret_is_rotated_with_an_overlap(self, system: ApiClient) -> None:
        began = now()
        with time_machine.travel(began, tick=False) as time:
            first = add_secret(system.pk, by=actor("admin"), at=now())
            second = add_secret(system.pk, overlap_days=7, by=actor("admin"), at=now())
            assert (by_secret(system, first), by_secret(system, second)) == (200, 200)
            time.shift(timedelta(days=7))
            assert (by_secret(system, first), by_secret(system, second)) == (401, 200)
            third = add_secret(system.pk, overlap_days=0, by=actor("admin"), at=now())
            assert (by_secret(system, second), by_secret(system, third)) == (401, 200)
        assert first not in str(list(ClientCredential.objects.values()))

    def test_a_revoked_system_is_out_at_once(self, system: ApiClient) -> None:
        secret = add_secret(system.pk, by=actor("admin"), at=now())
        keys(system, jwk("RSA", "one"))
        machine = Machine(client_id=system.client_id, secret=secret)
        assert machine.get("on-call/").status_code == 200
        revoke_client(system.pk, by=actor("admin"), at=now())
        assert machine.get("on-call/").status_code == 401
        assert by_secret(system, secret) == 401
        assert ask(assertion(system)).status_code == 401

    def test_a_client_ends_its_own_tokens_alone(self, system: ApiClient) -> None:
        secret = add_secret(system.pk, by=actor("admin"), at=now())
        own, other = Machine(client_id=system.client_id, secret=secret), Machine()
        asked = {"client_id": system.client_id, "client_secret": secret}
        for token in (own.token, other.token):
            assert Client().post("/oauth/revoke/", {**asked, "token": token}).status_code == 200
        assert own.get("on-call/").status_code == 401
        assert other.get("on-call/").status_code == 200
        wrong = {**asked, "client_secret": "wrong", "token": other.token}
        assert Client().post("/oauth/revoke/", wrong).status_code == 401

    def test_every_step_is_in_the_ledger_and_nobody_else_may(self, system: ApiClient) -> None:
        by, at = actor("admin"), now()
        add_secret(system.pk, by=by, at=at)
        keys(system, jwk("RSA", "one"))
        end_credential(system.pk, system.credentials.get(kid="one").pk, by=by, at=at)
        save_client(ClientTyped(name="RIS", organisation="", scopes=SCOPES), number=system.pk, by=by, at=at)
        revoke_client(system.pk, by=by, at=at)
        assert [str(entry.kind) for entry in entries(Search(actor=by.key), limit=6)][::-1] == [
            "client_added",
            "credential_added",
            "credential_added",
            "credential_ended",
            "client_changed",
            "client_revoked",
        ]
        for person in ("coordinator", "lead", "ward", "client"):
            with pytest.raises(Denied):
                add_secret(system.pk, by=actor_named(person), at=at)


def actor_named(name: str) -> Any:
    return ApiClient.objects.get(client_id="demo-hospital").actor if name == "client" else actor(name)


class TestPages:
    def test_an_administrator_adds_a_system_and_sees_its_secret_once(self) -> None:
        admin = signed_in("admin")
        typed = {"name": "EPR", "organisation": "RXX01", "scopes": ["referrals:read", "events:write"]}
        answer = admin.post(reverse("clients"), typed)
        assert answer.status_code == 302
        row = ApiClient.objects.get(name="EPR")
        assert row.allowed_scopes == ["events:write", "referrals:read"]
        page = reverse("client", args=[row.pk])
        shown = admin.post(page, {"act": "secret", "overlap_days": "7"}).content.decode()
        secret = shown.partition("The new secret</h2>")[2].partition("<code>")[2].partition("</code>")[0]
        assert by_secret(row, secret) == 200
        assert secret not in admin.get(page).content.decode()
        admin.post(page, {"act": "keys", "jwks": json.dumps(jwk("RSA", "one"))})
        assert "Key one" in admin.get(page).content.decode()
        wrong = admin.post(page, {"act": "keys", "jwks": "x"})
        assert (wrong.status_code, "Paste the key set as JSON" in wrong.content.decode()) == (422, True)
        admin.post(page, {"act": "end", "credential": row.credentials.get(kid="one").pk})
        assert "Key one" not in admin.get(page).content.decode()
        admin.post(page, {"act": "change", "name": "EPR 2", "scopes": ["referrals:read"]})
        row.refresh_from_db()
        assert (row.name, row.allowed_scopes) == ("EPR 2", ["referrals:read"])
        admin.post(page, {"act": "revoke"})
        assert by_secret(row, secret) == 401
        assert "revoked" in admin.get(reverse("clients")).content.decode()
        assert admin.post(page, {"act": "secret", "overlap_days": "7"}).status_code == 409

    def test_what_is_wrong_is_named(self) -> None:
        answer = signed_in("admin").post(reverse("clients"), {"name": " ", "organisation": "NOBODY"})
        assert answer.status_code == 422
        for text in ("Enter the name of the system", "Choose the organisation", "Choose what it may do"):
            assert text in answer.content.decode()
        assert ApiClient.objects.count() == 1

    def test_nobody_else_sees_them(self) -> None:
        for name in ("coordinator", "lead", "ward", "mdt"):
            assert signed_in(name).get(reverse("clients")).status_code == 403
            assert signed_in(name).get(reverse("client", args=[1])).status_code == 403

    def test_the_command_does_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def run(*words: str) -> str:
            out = StringIO()
            call_command("hospital_system", *words, stdout=out)
            return out.getvalue()

        client_id = run("add", "PAS", "--organisation", "rxx01", "--scope", "referrals:read").split()[-1]
        row = ApiClient.objects.get(client_id=client_id)
        secret = run("secret", client_id).split()[1]
        assert by_secret(row, secret) == 200
        monkeypatch.setattr("sys.stdin", StringIO(json.dumps(jwk("RSA", "one"))))
        assert "one" in run("keys", client_id)
        run("revoke", client_id)
        assert by_secret(row, secret) == 401
        assert f"{client_id}  PAS  RXX01  revoked" in run("list")
        with pytest.raises(CommandError, match="no such"):
            run("secret", "nobody")
        with pytest.raises(CommandError, match="Choose what it may do"):
            run("add", "PAS", "--organisation", "RXX01", "--scope", "everything")


def test_what_a_client_needs_to_know_stands_at_the_well_known_address() -> None:
    found = Client().get("/.well-known/smart-configuration").json()
    assert found["token_endpoint"] == token_address()
    assert "private_key_jwt" in found["token_endpoint_auth_methods_supported"]
    assert {"RS384", "ES384"} <= set(found["token_endpoint_auth_signing_alg_values_supported"])
    assert not {"none", "HS256"} & set(found["token_endpoint_auth_signing_alg_values_supported"])
    assert "webhooks:manage" in found["scopes_supported"]
