"""Sign-in by NHS identity, against a provider that is not ours: roles, assurance, loss, sign-out there, proof again."""

import dataclasses
import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import NhsIdentity, NhsRole, OpenSession, User
from accounts.nhs_identity import links
from accounts.nhs_identity import provider as of_provider
from accounts.one_time_links import INVITATION, _issue
from demo.people import PASSWORD
from kernel.refusals import Denied, Invalid
from kernel.time import now
from ledger.read import Entry, Search, entries
from tests.builders import actor, set_the_scene
from tests.doors.forms import signed_in
from tests.doors.markup import read
from tests.doors.test_second_factors import set_up_app
from tests.identity_provider import CLIENT, EVENT, IdentityProvider
from tests.trickling import trickling

pytestmark = pytest.mark.django_db
UID = "555036632103"


@pytest.fixture(autouse=True)
def scene(identity_provider: IdentityProvider) -> None:
    set_the_scene(at=now())
    for code, role in (("R8001", "coordinator"), ("R8000", "lead")):
        links.add_meaning(code, "RXX01", role, by=actor("admin"), at=now())
    links.add_meaning("R8000", "", "referrer", by=actor("admin"), at=now())
    for username in ("coordinator", "lead"):
        link(username)


def number_of(username: str) -> int:
    return User.objects.get(username=username).pk


def link(username: str, uid: str = UID) -> None:
    links.link(number_of(username), uid, by=actor("admin"), at=now())


def begin(client: Client, **query: str) -> str:
    """The address to which the browser is sent."""
    sent = client.get(reverse("nhs_identity"), query)
    assert sent.status_code == 302, sent.content
    return str(sent["Location"])


def sign_in(at: IdentityProvider, client: Client, uid: str = UID, **query: str) -> Any:
    """Through the provider's own page and back."""
    return client.get(at.answer(begin(client, **query), uid))


def newest() -> Entry:
    return entries(Search(), limit=1)[0]


def lines(kind: str) -> list[Entry]:
    return entries(Search(kind=kind), limit=20)


def is_in(client: Client, name: str = "worklist") -> bool:
    return client.get(reverse(name)).status_code == 200


class TestSignIn:
    def test_one_role_signs_in_and_is_said_on_pages_and_in_the_ledger(
        self, identity_provider: IdentityProvider
    ) -> None:
        identity_provider.know(UID, "R8001@RXX01", "R9999@RXX01")
        client = Client()
        answer = sign_in(identity_provider, client, next=reverse("on_call"))
        assert answer["Location"] == reverse("on_call")
        assert is_in(client)
        facts = lines("signed_in")[0].facts
        assert facts == {
            "way": "nhs_identity",
            "assurance": "AAL3",
            "role": "S8000:G8000:R8001",
            "organisation": "RXX01",
        }
        said = "NHS identity, AAL3, role R8001 R8001 role at RXX01"
        assert said in client.get(reverse("your_security")).content.decode()
        admin = signed_in("admin")
        page = admin.get(reverse("account_identity", args=[number_of("coordinator")])).content.decode()
        assert said in page
        assert UID in page
        audit = signed_in("lead").get(reverse("audit"), {"kind": "signed_in"}).content.decode()
        assert "S8000:G8000:R8001 at RXX01" in audit

    def test_several_roles_are_chosen_from_and_no_other(self, identity_provider: IdentityProvider) -> None:
        identity_provider.know(UID, "R8000@RXX01", "R8001@RXX01", "R8001@RYY02")
        client = Client()
        assert sign_in(identity_provider, client)["Location"] == reverse("nhs_role")
        assert not is_in(client), "nobody is signed in before the choice"
        page = client.get(reverse("nhs_role")).content.decode()
        radios = [
            element.get("value") for element in read(page).all("input") if element.get("type") == "radio"
        ]
        assert radios == [str(number_of("coordinator")), str(number_of("lead"))]
        foreign = {"role": str(number_of("admin"))}
        assert client.post(reverse("nhs_role"), foreign).status_code == 422
        assert client.post(reverse("nhs_role"), {}).status_code == 422
        answer = client.post(reverse("nhs_role"), {"role": str(number_of("lead"))})
        assert answer.status_code == 302
        assert is_in(client, "governance")
        assert not is_in(client, "worklist")
        assert client.get(reverse("nhs_role"))["Location"] == reverse("sign_in"), "chosen once"

    def test_the_question_has_all_that_protects_its_answer(self) -> None:
        client = Client()
        asked = parse_qs(urlsplit(begin(client)).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert len(asked["code_challenge"][0]) == 43
        assert len(asked["state"][0]) >= 32
        assert len(asked["nonce"][0]) >= 32
        assert asked["acr_values"] == ["AAL3_ANY"]
        assert asked["response_type"] == ["code"]
        assert "prompt" not in asked
        signed_out = signed_in("coordinator")
        signed_out.post(reverse("sign_out"))
        assert parse_qs(urlsplit(begin(signed_out)).query)["prompt"] == ["login"], (
            "somebody else may come next"
        )

    def test_an_answer_counts_once_for_the_browser_that_asked_and_in_time(
        self, identity_provider: IdentityProvider
    ) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        client = Client()
        address = identity_provider.answer(begin(client), UID)
        assert Client().get(address).status_code == 403, "another browser"
        assert client.get(address.replace("state=", "state=x")).status_code == 403
        with time_machine.travel(now() + timedelta(minutes=11), tick=False):
            assert client.get(address).status_code == 403, "too late"
        assert client.get(address).status_code == 403, "answered before"
        assert not is_in(client)

    def test_another_issuer_is_not_believed(self, identity_provider: IdentityProvider) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        client = Client()
        address = identity_provider.answer(begin(client), UID)
        assert client.get(f"{address}&iss=https://evil.example").status_code == 403
        assert not is_in(client)

    @pytest.mark.parametrize(
        ("claims", "words"),
        [
            ({"acr": "AAL2_ANY"}, "signed in with AAL2, and this service asks for AAL3"),
            ({"acr": "AAL2_OR_AAL3_ANY"}, "asks for AAL3"),
            ({"acr": None}, "no assurance"),
            ({"acr": 3}, "asks for AAL3"),
            ({"acr": "AAL1_USERPASS", "authentication_assurance_level": "3"}, "asks for AAL3"),
            ({"id_assurance_level": "2"}, "checked to level 2"),
            ({"id_assurance_level": None}, "asks for level 3"),
        ],
    )
    def test_too_little_assurance_is_refused_in_words(
        self, identity_provider: IdentityProvider, claims: dict[str, Any], words: str
    ) -> None:
        identity_provider.know(UID, "R8001@RXX01", **claims)
        client = Client()
        answer = sign_in(identity_provider, client)
        assert answer.status_code == 403
        assert words in answer.content.decode()
        assert not is_in(client)
        assert (newest().kind, newest().facts["why"]) == ("sign_in_failed", "assurance")

    def test_who_is_unknown_is_told_whom_to_ask_and_gets_no_account(
        self, identity_provider: IdentityProvider
    ) -> None:
        identity_provider.know("555000000001", "R8001@RXX01")
        before = User.objects.count()
        answer = sign_in(identity_provider, Client(), "555000000001")
        assert answer.status_code == 403
        assert "service administrator to link 555000000001" in answer.content.decode()
        assert User.objects.count() == before

    def test_an_e_mail_address_links_nobody(self, identity_provider: IdentityProvider) -> None:
        email = User.objects.get(username="coordinator").email
        identity_provider.know("555000000002", "R8001@RXX01", email=email)
        assert sign_in(identity_provider, Client(), "555000000002").status_code == 403

    def test_a_role_at_another_organisation_opens_nothing(self, identity_provider: IdentityProvider) -> None:
        identity_provider.know(UID, "R8001@RYY02", "R8000@Y12345")
        answer = sign_in(identity_provider, Client())
        assert answer.status_code == 403
        assert "R8001 R8001 role at RYY02" in answer.content.decode()

    def test_without_a_provider_there_is_no_such_address_and_no_button(self, settings: Any) -> None:
        settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, oidc_issuer="")
        for name in ("nhs_identity", "nhs_identity_answer", "nhs_role", "nhs_identity_keys"):
            assert Client().get(reverse(name)).status_code == 404, name
        assert Client().post(reverse("nhs_identity_leave")).status_code == 404
        assert "NHS identity" not in Client().get(reverse("sign_in")).content.decode()

    def test_the_night_when_the_provider_is_down_people_sign_in_by_password_and_it_is_said(
        self, settings: Any
    ) -> None:
        settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, oidc_issuer="http://127.0.0.1:9")
        of_provider.forget()
        answer = Client().get(reverse("nhs_identity"))
        assert answer.status_code == 503
        assert "Sign in with your user name and password" in answer.content.decode()
        assert is_in(signed_in("coordinator"))
        assert lines("signed_in")[0].facts == {"way": "password", "in_place_of": "nhs_identity"}

    def test_a_provider_whose_answer_trickles_holds_no_page(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(of_provider, "ONE_CALL", 0.4)
        with trickling(b"X-More: 1\r\n", first=b"HTTP/1.1 200 OK\r\n") as (host, port):
            settings.ENVIRONMENT = dataclasses.replace(
                settings.ENVIRONMENT, oidc_issuer=f"http://{host}:{port}"
            )
            of_provider.forget()
            began = time.monotonic()
            assert Client().get(reverse("nhs_identity")).status_code == 503
            assert time.monotonic() - began < 3

    def test_a_provider_that_is_down_is_not_asked_again_at_once(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, oidc_issuer="http://127.0.0.1:9")
        of_provider.forget()
        asked: list[str] = []

        def refused(method: str, address: str, **about: Any) -> None:
            asked.append(address)
            raise requests.ConnectTimeout

        monkeypatch.setattr(requests, "request", refused)
        for _ in range(5):
            assert Client().get(reverse("nhs_identity")).status_code == 503
        assert len(asked) == 1, "each question would hold a thread for seconds"


class TestLoss:
    def test_a_role_that_is_gone_shuts_the_account_and_its_return_opens_it(
        self, identity_provider: IdentityProvider
    ) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        ward, home = Client(), Client()
        sign_in(identity_provider, ward)
        by_password = signed_in("coordinator")
        assert is_in(ward)
        assert is_in(by_password)
        identity_provider.know(UID, "R8000@RXX01")
        assert sign_in(identity_provider, home).status_code == 302
        assert is_in(home, "governance"), "the other role is still there"
        assert not is_in(ward)
        assert not is_in(by_password)
        assert lines("nhs_identity_changed")[0].facts == {
            "user": number_of("coordinator"),
            "change": "role lost",
        }
        sent = {"username": "coordinator", "password": PASSWORD}
        assert Client().post(reverse("sign_in"), sent).status_code == 422, "no password goes round it"
        assert "NHS role lost" in signed_in("admin").get(reverse("users")).content.decode()
        identity_provider.know(UID, "R8001@RXX01")
        assert sign_in(identity_provider, ward).status_code == 302
        assert is_in(ward)
        assert is_in(signed_in("coordinator"))

    def test_a_password_that_was_right_before_is_no_way_in_by_the_second_step(
        self, identity_provider: IdentityProvider
    ) -> None:
        secret = set_up_app(signed_in("coordinator"))
        identity_provider.know(UID, "R8001@RXX01")
        sign_in(identity_provider, Client())
        half_way = Client()
        half_way.post(reverse("sign_in"), {"username": "coordinator", "password": PASSWORD})
        identity_provider.know(UID, "R8000@RXX01")
        sign_in(identity_provider, Client())
        with time_machine.travel(now() + timedelta(minutes=1)):
            half_way.post(reverse("second_step"), {"code": pyotp.TOTP(secret).at(now())})
        assert not is_in(half_way)

    def test_a_provider_that_says_nothing_of_roles_takes_none_away(
        self, identity_provider: IdentityProvider
    ) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        client = Client()
        sign_in(identity_provider, client)
        identity_provider.know(UID, nhsid_nrbac_roles=None)
        assert sign_in(identity_provider, Client()).status_code == 403
        assert is_in(client)
        assert not NhsIdentity.objects.exclude(lost_at=None).exists()

    def test_an_account_that_the_provider_never_opened_is_not_shut(
        self, identity_provider: IdentityProvider
    ) -> None:
        """An administrator who links their own account before the list is filled keeps their password."""
        link("admin", "555000000003")
        identity_provider.know("555000000003", "R8008@RXX01")
        assert sign_in(identity_provider, Client(), "555000000003").status_code == 403
        assert is_in(signed_in("admin"), "settings")

    def test_a_meaning_that_is_taken_away_lets_nobody_in(self, identity_provider: IdentityProvider) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        links.remove_meaning(NhsRole.objects.get(code="R8001").pk, by=actor("admin"), at=now())
        assert sign_in(identity_provider, Client()).status_code == 403


class TestSignOutThere:
    def leave(self, token: str) -> int:
        return (
            Client(enforce_csrf_checks=True)
            .post(reverse("nhs_identity_leave"), {"logout_token": token})
            .status_code
        )

    def test_it_ends_the_sessions_here_once(self, identity_provider: IdentityProvider) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        client, by_password = Client(), signed_in("coordinator")
        sign_in(identity_provider, client)
        token = identity_provider.sign_out(UID)["token"]
        assert self.leave(token) == 200
        assert not is_in(client)
        assert is_in(by_password), "what a password began is not the provider's to end"
        ended = {"user": number_of("coordinator"), "sessions": 1, "way": "nhs_identity"}
        assert lines("session_ended")[0].facts == ended
        sign_in(identity_provider, client)
        assert self.leave(token) == 400, "a token counts once"
        assert is_in(client)

    def test_one_session_there_ends_one_session_here(self, identity_provider: IdentityProvider) -> None:
        first, second = Client(), Client()
        for client, session in ((first, "one"), (second, "two")):
            identity_provider.know(UID, "R8001@RXX01", sid=session)
            sign_in(identity_provider, client)
        assert self.leave(identity_provider.sign_out(UID, sid="one", sub=None)["token"]) == 200
        assert (is_in(first), is_in(second)) == (False, True)
        assert self.leave(identity_provider.sign_out(UID)["token"]) == 200
        assert not is_in(second)

    @pytest.mark.parametrize(
        "fault",
        [
            {"aud": "another"},
            {"iss": "https://evil.example"},
            {"events": {}},
            {"events": {EVENT: 1}},
            {"nonce": "x"},
            {"jti": None},
            {"sub": None},
            {"iat": 1},
            {"iat": 4_000_000_000},  # of the year 2096
            {"exp": 1},
            {"iat": "soon"},
        ],
        ids=str,
    )
    def test_a_token_with_a_fault_ends_nothing(
        self, identity_provider: IdentityProvider, fault: dict[str, Any]
    ) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        client = Client()
        sign_in(identity_provider, client)
        assert self.leave(identity_provider.sign_out(UID, **fault)["token"]) == 400
        assert is_in(client)

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 100_000])
    def test_what_is_no_token_is_refused(self, token: str) -> None:
        assert self.leave(token) == 400

    def test_a_token_without_a_signature_of_the_provider_is_refused(
        self, identity_provider: IdentityProvider
    ) -> None:
        head, body, signature = identity_provider.sign_out(UID)["token"].split(".")
        assert self.leave(f"{head}.{body}.{signature[:-6]}AAAAAA") == 400
        assert self.leave(f"eyJhbGciOiJub25lIn0.{body}.") == 400


class TestProofAgain:
    def test_it_is_given_at_the_provider_by_the_same_person_anew(
        self, identity_provider: IdentityProvider
    ) -> None:
        identity_provider.know(UID, "R8000@RXX01")
        client, wanted = Client(), reverse("sign_off")
        sign_in(identity_provider, client)
        session = client.session
        session["proved_at"] = "2026-01-01T00:00:00Z"
        session.save()
        asked = client.get(reverse("sign_release"))
        page = client.get(asked["Location"]).content.decode()
        assert "Confirm" in page
        question = begin(client, **{"for": "confirm", "next": wanted})
        assert parse_qs(urlsplit(question).query)["prompt"] == ["login"]
        identity_provider.know(UID, "R8000@RXX01", auth_time=int(time.time()) - 3600)
        assert client.get(identity_provider.answer(question, UID)).status_code == 403, "an old proof"
        identity_provider.know("555000000009", "R8000@RXX01")
        other = sign_in(identity_provider, client, "555000000009", **{"for": "confirm"})
        assert other.status_code == 403, "somebody else"
        identity_provider.know(UID, "R8000@RXX01")
        answer = sign_in(identity_provider, client, **{"for": "confirm", "next": wanted})
        assert answer["Location"] == wanted
        assert newest().kind == "confirmed_again"

    def test_a_locked_session_asks_the_provider_for_the_proof_again(
        self, identity_provider: IdentityProvider
    ) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        client = Client()
        sign_in(identity_provider, client)
        with time_machine.travel(now() + timedelta(minutes=31), tick=False):
            assert "login" in client.get(reverse("worklist"))["Location"]
            assert parse_qs(urlsplit(begin(client)).query)["prompt"] == ["login"]


class TestAdministrator:
    def test_what_sees_the_whole_service_names_its_organisation(self) -> None:
        for role in ("coordinator", "lead", "admin"):
            with pytest.raises(Invalid) as refusal:
                links.add_meaning("R8008", "", role, by=actor("admin"), at=now())
            assert "organisation" in refusal.value.errors
        with pytest.raises(Denied):
            links.add_meaning("R8008", "RXX01", "mdt", by=actor("lead"), at=now())

    def test_the_pages_are_the_administrators_and_each_step_is_a_line(self) -> None:
        admin, gp = signed_in("admin"), number_of("gp")
        sent = {"code": "r8003", "organisation": "", "role": "mdt"}
        assert admin.post(reverse("nhs_roles"), sent).status_code == 302
        assert newest().facts == {"change": "added", "code": "R8003", "at": "any", "role_here": "mdt"}
        assert admin.post(reverse("nhs_roles"), sent).status_code == 422, "it is there already"
        page = admin.get(reverse("nhs_roles")).content.decode()
        assert "any organisation here" in page
        row = NhsRole.objects.get(code="R8003").pk
        assert admin.post(reverse("nhs_roles"), {"number": row}).status_code == 302
        assert newest().facts["change"] == "removed"
        address = reverse("account_identity", args=[gp])
        assert admin.post(address, {"act": "link", "uid": " "}).status_code == 422
        assert admin.post(address, {"act": "link", "uid": "5550 0000 0007"}).status_code == 302
        assert NhsIdentity.objects.get(user=gp).uid == "555000000007"
        assert admin.post(address, {"act": "link", "uid": "1"}).status_code == 422, "one at a time"
        assert admin.post(address, {"act": "unlink"}).status_code == 302
        assert [line.facts["change"] for line in lines("nhs_identity_changed")][:2] == ["unlinked", "linked"]
        for username in ("lead", "coordinator", "gp"):
            other = signed_in(username)
            assert other.get(address).status_code == 403
            assert other.post(reverse("nhs_roles"), sent).status_code == 403

    def test_the_owner_of_an_account_is_told_of_the_link(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        address = reverse("account_identity", args=[number_of("gp")])
        signed_in("admin").post(address, {"act": "link", "uid": "555000000007"})
        assert "NHS identity" in mail.outbox[-1].subject
        assert mail.outbox[-1].to == [User.objects.get(username="gp").email]

    def test_sessions_of_the_provider_end_with_the_link(self, identity_provider: IdentityProvider) -> None:
        identity_provider.know(UID, "R8001@RXX01")
        client = Client()
        sign_in(identity_provider, client)
        links.unlink(number_of("coordinator"), by=actor("admin"), at=now())
        assert not is_in(client)
        assert OpenSession.objects.filter(user=number_of("coordinator")).count() == 0

    def test_who_has_an_nhs_identity_and_no_password_is_not_invited_with_every_change(
        self, settings: Any
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        User.objects.filter(username="lead").update(password="!")
        admin, address = signed_in("admin"), reverse("user", args=[number_of("lead")])
        sent = read(admin.get(address).content.decode()).all("form")
        fields = next(form.fields() for form in sent if "username" in form.fields())
        assert admin.post(address, {**fields, "telephone": "01632 960001"}).status_code == 302
        assert mail.outbox == []

    @pytest.mark.parametrize(("role", "status"), [("R8000@Y12345", 302), ("R8001@Y12345", 403)])
    def test_an_invitation_links_its_person_if_their_role_fits(
        self, identity_provider: IdentityProvider, role: str, status: int
    ) -> None:
        gp = User.objects.get(username="gp")
        token = _issue(INVITATION, gp.email, user=gp, asked_from="", at=now())
        client = Client()
        page = client.get(reverse("use_link", args=[token])).content.decode()
        assert "Use your NHS identity in place of a password" in page
        identity_provider.know("555000000008", role)
        answer = sign_in(identity_provider, client, "555000000008", **{"for": "invited"})
        assert answer.status_code == status
        assert NhsIdentity.objects.filter(user=gp).exists() is (status == 302)
        assert is_in(client, "referrals") is (status == 302)
        again = Client().get(reverse("use_link", args=[token])).status_code
        assert (again == 200) is (status == 403), "the link works once"


def test_the_provider_is_asked_by_its_own_addresses(identity_provider: IdentityProvider) -> None:
    about = requests.get(f"{identity_provider.address}/.well-known/openid-configuration", timeout=5).json()
    question = begin(Client())
    assert question.startswith(about["authorization_endpoint"])
    assert re.search(rf"client_id={CLIENT}", question)
