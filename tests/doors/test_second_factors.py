"""Signing in with more than a password: apps, recovery codes, passkeys, the proof again, and one's own sessions."""

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.core import mail
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

from accounts import second_factors as factors
from accounts import service as services
from accounts.models import SecondFactor, User
from accounts.one_time_links import invite
from demo.people import PASSWORD
from kernel.time import now
from ledger.read import Search, entries
from oncall.models import Page
from tests.builders import actor, set_the_scene
from tests.doors.forms import signed_in
from tests.doors.markup import read
from tests.doors.test_settings import new_user
from webkit.models import Draft

pytestmark = pytest.mark.django_db
SIGN_IN = {"username": "coordinator", "password": PASSWORD}


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


def set_up_app(client: Client) -> str:
    """Through the pages, as a person would; the secret of the app."""
    page = client.get(reverse("add_app")).content.decode()
    secret = read(page).all("code")[0].words.replace(" ", "")
    answer = client.post(reverse("add_app"), {"code": pyotp.TOTP(secret).at(now())})
    assert answer.status_code == 302
    return secret


def kinds() -> list[str]:
    return [str(entry.kind) for entry in entries(Search(), limit=5)]


class TestApp:
    def test_after_it_is_set_up_a_password_alone_opens_nothing(self) -> None:
        secret = set_up_app(signed_in("coordinator"))
        assert secret not in SecondFactor.objects.get().secret
        browser = Client()
        answer = browser.post(reverse("sign_in"), {**SIGN_IN, "next": reverse("on_call")})
        assert answer["Location"] == reverse("second_step")
        assert browser.get(reverse("worklist")).status_code == 302, "not signed in yet"
        assert browser.post(reverse("second_step"), {"code": "000000"}).status_code == 422
        assert kinds()[0] == "second_factor_wrong"
        with time_machine.travel(now() + timedelta(seconds=30), tick=False):
            answer = browser.post(reverse("second_step"), {"code": pyotp.TOTP(secret).at(now())})
        assert answer["Location"] == reverse("on_call")
        assert browser.get(reverse("worklist")).status_code == 200

    def test_a_code_works_once(self) -> None:
        secret = set_up_app(signed_in("coordinator"))
        browser = Client()
        browser.post(reverse("sign_in"), SIGN_IN)
        code = pyotp.TOTP(secret).at(now())  # with which it was set up
        assert browser.post(reverse("second_step"), {"code": code}).status_code == 422

    def test_an_app_sealed_by_an_earlier_secret_key_is_refused_in_words(self, settings: Any) -> None:
        secret = set_up_app(signed_in("coordinator"))
        user = User.objects.get(username="coordinator")
        settings.SECRET_KEY = "another"
        at = now() + timedelta(seconds=30)
        for code in (pyotp.TOTP(secret).at(at), ""):
            assert not factors.accept_code(user, code, at=at)
        assert factors.accept_code(user, factors.new_recovery_codes(user, at=at)[0], at=at)

    def test_a_wrong_recovery_code_costs_one_hash_and_each_of_a_set_works_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user, at, hashed = User.objects.get(username="coordinator"), now(), list[str]()
        codes = factors.new_recovery_codes(user, at=at)
        encode = MD5PasswordHasher.encode

        def counted(hasher: Any, password: str, salt: str) -> str:
            hashed.append(password)
            return str(encode(hasher, password, salt))

        monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
        wrong = next(code for code in ("00000-00000", "00000-00001") if code not in codes)
        assert not factors.accept_code(user, wrong, at=at)
        assert hashed == [wrong]
        for code in codes:
            assert factors.accept_code(user, code.replace("-", " "), at=at)
            assert not factors.accept_code(user, code, at=at)

    def test_a_set_of_an_earlier_version_with_a_salt_for_each_code_still_works(self, settings: Any) -> None:
        settings.PASSWORD_HASHERS = [
            f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("MD5", "PBKDF2")
        ]
        user, at = User.objects.get(username="coordinator"), now()
        for hasher in ("md5", "pbkdf2_sha256"):
            for code in ("11111-22222", "33333-44444"):
                SecondFactor.objects.create(
                    user=user,
                    kind="recovery",
                    label="x",
                    added_at=at,
                    secret=make_password(code, hasher=hasher),
                )
            assert factors.accept_code(user, "3333344444", at=at)
            assert factors.accept_code(user, "1111122222", at=at)
            assert not factors.accept_code(user, "1111122222", at=at)

    def test_five_wrong_codes_stop_guesses_and_no_passkey(self) -> None:
        secret = set_up_app(signed_in("coordinator"))
        browser = Client()
        browser.post(reverse("sign_in"), SIGN_IN)
        for _ in range(5):
            browser.post(reverse("second_step"), {"code": "123456"})
        with time_machine.travel(now() + timedelta(seconds=30), tick=False):
            page = browser.post(reverse("second_step"), {"code": pyotp.TOTP(secret).at(now())})
        assert "five wrong codes" in page.content.decode()

    def test_the_password_is_asked_again_after_five_minutes(self) -> None:
        set_up_app(signed_in("coordinator"))
        browser = Client()
        browser.post(reverse("sign_in"), SIGN_IN)
        with time_machine.travel(now() + timedelta(minutes=6), tick=False):
            assert browser.get(reverse("second_step"))["Location"] == reverse("sign_in")

    def test_nobody_reaches_the_second_step_without_a_password(self) -> None:
        assert Client().get(reverse("second_step"))["Location"] == reverse("sign_in")


class TestRecoveryCodes:
    def test_each_signs_in_once(self) -> None:
        client = signed_in("coordinator")
        set_up_app(client)
        page = client.post(reverse("recovery_codes")).content.decode()
        codes = [element.words for element in read(page).all("code")]
        assert len(codes) == 10
        for status in (302, 422):
            browser = Client()
            browser.post(reverse("sign_in"), SIGN_IN)
            assert browser.post(reverse("second_step"), {"code": codes[0]}).status_code == status
        assert codes[0] not in str(list(SecondFactor.objects.values()))
        assert factors.codes_left(User.objects.get(username="coordinator")) == 9


class Key:
    """A passkey in software, which signs as a telephone does."""

    def __init__(self, origin: str = "http://testserver") -> None:
        self.private, self.origin = ec.generate_private_key(ec.SECP256R1()), origin
        self.id, self.count = b"credential-of-a-test", 0

    def _signed_by_party(self, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(b"testserver").digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def make(self, question: str) -> str:
        data = self._client_data("webauthn.create", json.loads(question)["challenge"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.private.public_key())))
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        about = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self._signed_by_party(0x45) + held})
        return self._answer({"clientDataJSON": data, "attestationObject": about})

    def sign(self, question: str) -> str:
        data = self._client_data("webauthn.get", json.loads(question)["challenge"])
        party = self._signed_by_party(0x05)
        signature = self.private.sign(party + hashlib.sha256(data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": data, "authenticatorData": party, "signature": signature})

    def _answer(self, response: dict[str, bytes]) -> str:
        number = websafe_encode(self.id)
        texts = {name: websafe_encode(content) for name, content in response.items()}
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": texts})


def question_on(client: Client, name: str) -> str:
    page = client.get(reverse(name)).content.decode()
    return next(form.get("data-question") for form in read(page).all("form") if form.get("data-passkey"))


class TestPasskey:
    def set_up(self) -> Key:
        client, key = signed_in("coordinator"), Key()
        sent = {"passkey": key.make(question_on(client, "add_passkey")), "label": "Work telephone"}
        assert client.post(reverse("add_passkey"), sent)["Location"] == reverse("recovery_codes")
        return key

    def asked(self) -> Client:
        browser = Client()
        browser.post(reverse("sign_in"), SIGN_IN)
        return browser

    def test_it_signs_in_also_after_five_wrong_codes(self) -> None:
        key, browser = self.set_up(), self.asked()
        for _ in range(6):
            browser.post(reverse("second_step"), {"code": "1"})
        answer = browser.post(
            reverse("second_step"), {"passkey": key.sign(question_on(browser, "second_step"))}
        )
        assert answer.status_code == 302
        assert browser.get(reverse("worklist")).status_code == 200

    @pytest.mark.parametrize("fault", ["another page", "an old question", "another key", "a copy", "no JSON"])
    def test_what_does_not_fit_is_refused(self, fault: str) -> None:
        key, browser = self.set_up(), self.asked()
        question = question_on(browser, "second_step")
        if fault == "another page":
            key.origin = "http://testserver.evil.example"
        if fault == "an old question":
            question_on(browser, "second_step")
        if fault == "another key":
            key.private = ec.generate_private_key(ec.SECP256R1())
        if fault == "a copy":
            key.count = 0
        signed = "{" if fault == "no JSON" else key.sign(question)
        assert browser.post(reverse("second_step"), {"passkey": signed}).status_code == 422
        assert browser.get(reverse("worklist")).status_code == 302

    def test_its_answer_is_not_taken_twice(self) -> None:
        key, browser = self.set_up(), self.asked()
        signed = key.sign(question_on(browser, "second_step"))
        other = self.asked()
        assert other.post(reverse("second_step"), {"passkey": signed}).status_code == 422
        assert browser.post(reverse("second_step"), {"passkey": signed}).status_code == 302

    @pytest.mark.parametrize("answer", ["null", "[]", "1", '{"response": null}', "[" * 9000, "x" * 70_000])
    def test_what_no_browser_answers_is_not_right(self, answer: str) -> None:
        client = signed_in("coordinator")
        client.get(reverse("add_passkey"))
        kept = client.post(reverse("add_passkey"), {"passkey": answer, "label": "Telephone"})
        assert kept.status_code == 422
        assert client.post(reverse("confirm"), {"passkey": answer}).status_code == 422


class TestInvitation:
    def test_a_link_sets_a_password_and_the_second_factor_is_asked_all_the_same(self) -> None:
        secret = set_up_app(signed_in("coordinator"))
        user, client = User.objects.get(username="coordinator"), Client()
        invite(user, by=actor("admin"), at=now())
        link = re.search(r"https?://[^/]+(/accounts/link/[^/\s]+/)", mail.outbox[-1].body)
        assert link is not None
        answer = client.post(link[1], {"password": "Umbrella-ferry-41-lantern"})
        assert answer["Location"] == reverse("second_step")
        assert reverse("sign_in") in client.get(reverse("worklist"))["Location"]
        with time_machine.travel(now() + timedelta(minutes=1), tick=False):
            answer = client.post(reverse("second_step"), {"code": pyotp.TOTP(secret).at(now())})
            assert answer.status_code == 302
            assert client.get(reverse("worklist")).status_code == 200


class TestWhoNeedsOne:
    @pytest.fixture(autouse=True)
    def outside_the_demo(self, settings: Any) -> None:
        User.objects.all().update(is_demo=False)
        settings.DEMO = False

    @pytest.mark.parametrize(
        ("username", "needs"),
        [("coordinator", True), ("lead", True), ("admin", True), ("gp", False), ("mdt", False)],
    )
    def test_by_role(self, username: str, needs: bool) -> None:
        user = User.objects.get(username=username)
        assert factors.is_required(user, service=services.current()) is needs

    def test_who_needs_one_sets_it_up_before_anything_is_shown_and_can_answer_a_page(self) -> None:
        client = signed_in("coordinator")
        for name in ("worklist", "inbox", "mdt", "change_password", "api_docs"):
            assert client.get(reverse(name))["Location"] == reverse("your_security"), name
        assert client.get(reverse("answer_page", args=["x"])).status_code == 404
        assert Page.objects.count() == 0
        set_up_app(client)
        assert client.get(reverse("worklist")).status_code == 200

    def test_who_gets_a_role_that_needs_one_does_not_work_on_in_an_open_session(self) -> None:
        gp, admin, person = Client(), signed_in("admin"), User.objects.get(username="gp")
        gp.post(reverse("sign_in"), {"username": "gp", "password": PASSWORD})
        set_up_app(admin)
        form = new_user(
            username="gp", name=person.name, role="referrer", organisation="Y12345", duties=[], password=""
        )
        admin.post(reverse("user", args=[person.pk]), {**form, "telephone": "01632 960001"})
        assert gp.get(reverse("referrals")).status_code == 200, "nothing that counts has changed"
        admin.post(reverse("user", args=[person.pk]), {**form, "role": "coordinator"})
        assert reverse("sign_in") in gp.get(reverse("worklist"))["Location"]
        gp.post(reverse("sign_in"), {"username": "gp", "password": PASSWORD})
        assert gp.get(reverse("worklist"))["Location"] == reverse("your_security")

    def test_who_takes_their_time_to_set_one_up_proves_who_they_are_and_goes_on(self) -> None:
        client, add = signed_in("coordinator"), reverse("add_app")
        with time_machine.travel(now() + timedelta(minutes=20), tick=False):
            confirm = client.get(add)["Location"]
            assert client.post(confirm, {"password": PASSWORD})["Location"] == add
            set_up_app(client)
            assert client.get(reverse("worklist")).status_code == 200

    def test_the_last_one_is_not_removed(self) -> None:
        client = signed_in("coordinator")
        set_up_app(client)
        answer = client.post(
            reverse("your_security"), {"change": "remove", "number": SecondFactor.objects.get().pk}
        )
        assert answer.status_code == 403
        assert SecondFactor.objects.exists()

    def test_an_administrator_removes_what_somebody_has_lost(self) -> None:
        client, admin = signed_in("coordinator"), signed_in("admin")
        set_up_app(client)
        set_up_app(admin)
        number = User.objects.get(username="coordinator").pk
        address = reverse("forget_factors", args=[number])
        assert client.post(address).status_code == 403
        assert admin.post(address).status_code == 302
        assert client.get(reverse("worklist")).status_code == 302, "their sessions have ended"
        assert signed_in("coordinator").get(reverse("worklist"))["Location"] == reverse("your_security")
        own = reverse("forget_factors", args=[User.objects.get(username="admin").pk])
        assert admin.post(own).status_code == 403


class TestProofAgain:
    @pytest.mark.parametrize(
        ("username", "name", "arguments"),
        [
            ("lead", "sign_release", []),
            ("admin", "new_user", []),
            ("admin", "user", [1]),
            ("admin", "settings", []),
            ("admin", "organisations", []),
            ("lead", "recovery_codes", []),
            ("lead", "confirm_citation", []),
        ],
    )
    def test_it_is_asked_after_a_quarter_of_an_hour(
        self, username: str, name: str, arguments: list[int]
    ) -> None:
        client, address = signed_in(username), reverse(name, args=arguments)
        with time_machine.travel(now() + timedelta(minutes=16), tick=False):
            asked = client.post(address)
            assert asked["Location"].startswith(reverse("confirm"))
            assert client.post(asked["Location"], {"password": "wrong"}).status_code == 422
            answer = client.post(reverse("confirm"), {"password": PASSWORD, "next": address})
            assert answer["Location"] == address
            assert kinds()[0] == "confirmed_again"
            assert reverse("confirm") not in client.post(address).get("Location", "")

    def test_somebody_with_a_second_factor_proves_it_by_that(self) -> None:
        client = signed_in("lead")
        secret = set_up_app(client)
        with time_machine.travel(now() + timedelta(minutes=16), tick=False):
            assert client.post(reverse("confirm"), {"code": PASSWORD}).status_code == 422
            assert client.post(reverse("confirm"), {"code": pyotp.TOTP(secret).at(now())}).status_code == 302

    def test_a_password_that_comes_too_late_is_kept_nowhere(self) -> None:
        client = signed_in("lead")
        with time_machine.travel(now() + timedelta(minutes=31), tick=False):
            client.post(reverse("confirm"), {"password": PASSWORD})
        assert PASSWORD not in str(list(Draft.objects.values()))


class TestSessions:
    def test_they_are_listed_and_ended_one_by_one(self) -> None:
        here, there = signed_in("gp"), signed_in("gp")
        page = here.get(reverse("your_security")).content.decode()
        assert page.count("since") >= 2
        numbers = re.findall(r'name="number" value="(\d+)"', page)
        buttons = [form for form in read(page).all("form") if "End this session" in form.words]
        assert (len(numbers), len(buttons)) == (2, 1)
        assert here.post(reverse("your_security"), buttons[0].fields()).status_code == 302
        assert kinds()[0] == "session_ended"
        assert there.get(reverse("referrals")).status_code == 302
        assert here.get(reverse("referrals")).status_code == 200

    def test_nobody_ends_the_session_of_somebody_else(self) -> None:
        theirs = signed_in("ward")
        page = theirs.get(reverse("your_security")).content.decode()
        number = re.findall(r'name="number" value="(\d+)"', page)[0]
        answer = signed_in("gp").post(reverse("your_security"), {"change": "end", "number": number})
        assert answer.status_code == 404
        assert theirs.get(reverse("referrals")).status_code == 200
