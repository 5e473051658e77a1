"""Referring without a made account, being invited, leaving, and the first administrator."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import one_time_links
from accounts.models import AccessLink, Setting, User
from accounts.one_time_links import accepts
from accounts.service import current
from kernel.time import now
from oncall.models import Shift
from referrals.case.models import Site
from referrals.web.first_run import first_token
from tests.builders import set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.doors.test_settings import new_user
from tests.owner import able_to_delete
from tests.trickling import trickling

pytestmark = pytest.mark.django_db
ASK = "ask_for_link"
WHO = {"name": "Dr Nora Field", "job_title": "GP", "organisation": "Y12345", "telephone": "01632 960177"}


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


def link_in_the_mail() -> str:
    found = re.search(r"https?://[^/]+(/accounts/link/[^/\s]+/)", mail.outbox[-1].body)
    assert found
    return found.group(1)


def ask(email: str = "nora.field@example.nhs.uk") -> Any:
    return Client().post(reverse(ASK), {"email": email})


class TestOneTimeLink:
    def test_a_newcomer_says_who_they_are_and_refers(self) -> None:
        ask()
        visitor, link = Client(), link_in_the_mail()
        assert "who you are" in visitor.get(link).content.decode()
        answer = visitor.post(link, WHO)
        assert answer.status_code == 302
        assert visitor.get(reverse("new_referral")).status_code == 200
        user = User.objects.get(email="nora.field@example.nhs.uk")
        assert (user.role, user.self_registered, user.organisation_id) == ("referrer", True, "Y12345")
        assert not user.has_usable_password()

    def test_it_sees_what_it_sent_itself_and_not_its_organisations(self) -> None:
        theirs = submitted("weakness", at=now())
        ask()
        visitor = Client()
        visitor.post(link_in_the_mail(), WHO)
        assert visitor.get(reverse("referral", args=[theirs.reference])).status_code == 404
        assert theirs.reference not in visitor.get(reverse("referrals")).content.decode()

    def test_confirmed_by_an_administrator_it_sees_what_its_organisation_refers(self) -> None:
        theirs = submitted("weakness", at=now())
        ask()
        visitor = Client()
        visitor.post(link_in_the_mail(), WHO)
        user = User.objects.get(self_registered=True)
        changed = new_user(
            username=user.username,
            name=user.name,
            role="referrer",
            organisation="Y12345",
            email=user.email,
            duties=[],
            password="",
            confirmed="yes",
        )
        assert signed_in("admin").post(reverse("user", args=[user.pk]), changed).status_code == 302
        assert visitor.get(reverse("referral", args=[theirs.reference])).status_code == 200

    def test_it_works_once_and_following_it_changes_nothing(self) -> None:
        ask()
        link = link_in_the_mail()
        for _ in range(3):
            assert Client().get(link).status_code == 200  # a mail scanner
        assert Client().post(link, WHO).status_code == 302
        assert Client().post(link, WHO).status_code == 409
        assert Client().get(link).status_code == 409

    def test_it_runs_out(self) -> None:
        ask()
        link = link_in_the_mail()
        with time_machine.travel(now() + timedelta(minutes=31)):
            assert Client().post(link, WHO).status_code == 409
        assert not User.objects.filter(self_registered=True).exists()

    def test_the_second_link_signs_the_same_person_in(self) -> None:
        ask()
        Client().post(link_in_the_mail(), WHO)
        ask()
        visitor, link = Client(), link_in_the_mail()
        assert "Dr Nora Field" in visitor.get(link).content.decode()
        assert visitor.post(link).status_code == 302
        assert User.objects.filter(self_registered=True).count() == 1

    @pytest.mark.parametrize(
        "email",
        [
            "nora@example.com",
            "nora@evil-example.nhs.uk",
            "nora@example.nhs.uk.evil.com",
            "nora@sub.example.nhs.uk",
            "x",
            "",
        ],
    )
    def test_other_addresses_are_refused_with_what_to_do(self, email: str) -> None:
        answer = ask(email)
        assert answer.status_code == 422
        assert not mail.outbox
        assert not accepts(email, service=current())

    def test_it_is_limited_by_address_and_by_place(self) -> None:
        for _ in range(5):
            ask()
        assert ask().status_code == 409
        for number in range(25):
            ask(f"n{number}@example.nhs.uk")
        assert ask("fresh@example.nhs.uk").status_code == 409
        assert AccessLink.objects.count() == 30

    def test_the_service_can_switch_it_off(self) -> None:
        Setting.objects.filter(pk="link_domains").update(value="")
        assert "does not send links by e-mail" in Client().get(reverse(ASK)).content.decode()
        assert ask().status_code == 403

    def test_a_made_account_is_not_opened_by_a_link(self) -> None:
        User.objects.filter(username="coordinator").update(email="grace@example.nhs.uk")
        ask("grace@example.nhs.uk")
        assert "sign in with your user name and password" in mail.outbox[-1].body
        assert "/accounts/link/" not in mail.outbox[-1].body
        for _ in range(4):
            ask("grace@example.nhs.uk")
        assert ask("grace@example.nhs.uk").status_code == 409  # as for anybody

    def test_a_leavers_link_opens_nothing(self) -> None:
        ask()
        Client().post(link_in_the_mail(), WHO)
        ask()
        link = link_in_the_mail()
        User.objects.filter(self_registered=True).update(is_active=False)
        assert Client().post(link).status_code == 403
        ask()
        assert Client().post(link_in_the_mail(), WHO).status_code == 403

    def test_who_they_are_is_checked(self) -> None:
        ask()
        link = link_in_the_mail()
        answer = Client().post(link, {**WHO, "name": " ", "organisation": "ZZZ99", "telephone": "x" * 61})
        assert answer.status_code == 422
        for words in ("Enter your name", "not known here", "60 characters"):
            assert words in answer.content.decode()


class TestMail:
    def test_a_mail_server_that_never_ends_its_greeting_holds_no_page(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        monkeypatch.setattr(one_time_links.MAILING, "seconds", 0.3)
        with trickling(b"220-wait\r\n") as (settings.EMAIL_HOST, settings.EMAIL_PORT):
            began = time.monotonic()
            answers = [ask(f"{name}@example.nhs.uk") for name in ("nora", "nell", "neil")]
            assert time.monotonic() - began < 5
        for answer in answers:
            assert "The e-mail could not be sent now" in answer.content.decode()


class TestPeople:
    def test_an_invitation_that_went_to_a_wrong_address_opens_nothing_once_it_is_corrected(self) -> None:
        admin = signed_in("admin")
        admin.post(reverse("new_user"), new_user(password=""))
        wrong, user = link_in_the_mail(), User.objects.get(username="new.person")
        admin.post(reverse("user", args=[user.pk]), new_user(password="", email="right@example.nhs.uk"))
        right = link_in_the_mail()
        assert Client().post(wrong, {"password": "a very long password"}).status_code == 409
        assert Client().post(right, {"password": "a very long password"}).status_code == 302
        assert Client().post(wrong, {"password": "another long password"}).status_code == 409

    def test_somebody_without_a_password_is_invited_and_sets_their_own(self) -> None:
        admin = signed_in("admin")
        admin.post(reverse("new_user"), new_user(password=""))
        user = User.objects.get(username="new.person")
        assert not user.has_usable_password()
        person, link = Client(), link_in_the_mail()
        for password in ("short", "new.person12"):
            assert person.post(link, {"password": password}).status_code == 422
        assert person.post(link, {"password": "a very long password"}).status_code == 302
        assert person.get(reverse("worklist")).status_code == 200
        assert Client().post(link, {"password": "another long password"}).status_code == 409

    def test_the_holder_of_a_shift_does_not_leave_before_somebody_else_has_it(self) -> None:
        grace = User.objects.get(username="coordinator")
        changed = new_user(
            username="coordinator",
            name=grace.name,
            email=grace.email,
            duties=["coordinator"],
            password="",
            active="",
        )
        answer = signed_in("admin").post(reverse("user", args=[grace.pk]), changed)
        assert answer.status_code == 422
        assert "is on the rota" in answer.content.decode()
        assert User.objects.get(pk=grace.pk).is_active

    def test_the_holder_of_a_coordinators_shift_keeps_the_role_that_opens_cases(self) -> None:
        grace = User.objects.get(username="coordinator")
        changed = new_user(
            username="coordinator",
            name=grace.name,
            email=grace.email,
            role="lead",
            duties=["coordinator"],
            password="",
        )
        answer = signed_in("admin").post(reverse("user", args=[grace.pk]), changed)
        assert (answer.status_code, "is on the rota" in answer.content.decode()) == (422, True)

    def test_the_last_who_can_hold_a_duty_keeps_it(self) -> None:
        Shift.objects.all().delete()
        grace = User.objects.get(username="coordinator")
        changed = new_user(username="coordinator", name=grace.name, email=grace.email, duties=[], password="")
        answer = signed_in("admin").post(reverse("user", args=[grace.pk]), changed)
        assert "Nobody else can hold the duty" in answer.content.decode()
        User.objects.filter(username="lead").update(
            duties=["lead", "manager", "coordinator"]
        )  # not by their role
        assert signed_in("admin").post(reverse("user", args=[grace.pk]), changed).status_code == 422
        User.objects.filter(username="registrar").update(duties=["deputy", "coordinator"])
        assert signed_in("admin").post(reverse("user", args=[grace.pk]), changed).status_code == 302


class TestFirstAdministrator:
    TYPED = {
        "name": "Robin Hale",
        "username": "robin",
        "email": "robin@example.nhs.uk",
        "organisation": "RZZ01",
        "organisation_name": "A hospital",
        "password": "a very long password",
    }

    def test_the_address_makes_one_and_then_is_gone(self) -> None:
        User.objects.filter(role="admin").update(is_active=False)
        address = reverse("first_administrator", args=[first_token()])
        assert Client().get(reverse("first_administrator", args=["0" * 64])).status_code == 404
        browser = Client()
        assert browser.post(address, {**self.TYPED, "password": "short"}).status_code == 422
        assert browser.post(address, self.TYPED).status_code == 302
        assert "Rota without gaps" in browser.get(reverse("first_run")).content.decode()
        assert Client().get(address).status_code == 404
        User.objects.filter(role="admin").update(is_active=False)
        assert Client().get(address).status_code == 404, "a link that was used never works again"
        assert Client().get(reverse("first_administrator", args=[first_token()])).status_code == 200

    def test_it_is_not_there_while_somebody_administers(self) -> None:
        assert Client().get(reverse("first_administrator", args=[first_token()])).status_code == 404

    def test_the_first_steps_say_what_is_missing(self) -> None:
        Shift.objects.all().delete()
        page = signed_in("admin").get(reverse("first_run")).content.decode()
        assert "in the coordinator's duty" in page.replace("&#39;", "'")
        for title, word in (
            ("Rota without gaps", "To do"),
            ("Sites", "Done"),
            ("Release by the clinical", "To do"),
        ):
            assert re.search(rf'{word}</strong> <a href="[^"]*">{title}', page), title
        with able_to_delete("referrals_site"):
            Site.objects.all().delete()
        page = signed_in("admin").get(reverse("first_run")).content.decode()
        assert re.search(r'To do</strong> <a href="[^"]*">Sites', page)
