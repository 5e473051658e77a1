"""The referral form as a referrer meets it: three steps in an emergency, names for codes, nothing typed is lost."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation
from demo.people import PASSWORD
from kernel.time import now, rfc3339
from oncall.sweep import climb
from referrals.case.models import Referral
from tests.builders import body, set_the_scene, submitted
from tests.doors.forms import WebForm, signed_in
from tests.doors.markup import read
from tests.truths.sender import EMERGENCY
from webkit.models import Draft

pytestmark = pytest.mark.django_db
ORIGIN = "http://testserver"
SIGN = {"presentation.cancer_context": "current", "presentation.neurology.limb_weakness": "yes"}
PERSON = {
    "patient.family_name": "Ashdown",
    "patient.given_name": "Ada",
    "patient.nhs_number": "999 000 0018",
    "patient.date_of_birth.day": "3",
    "patient.date_of_birth.month": "2",
    "patient.date_of_birth.year": "1958",
    "location.kind": "home",
}


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


def address(form: WebForm, slug: str, *, name: str = "referral_step") -> str:
    return reverse(name, args=[form.number, slug])


def text_of(answer: Any) -> str:
    """A page as it reads, without its markup."""
    return read(answer.content.decode()).words


def attributes(page: str, name: str) -> dict[str, str]:
    return read(page).all("input", name=name)[0].attributes


def emergency(**more: str) -> tuple[WebForm, Any]:
    """An emergency on its third step, and that page."""
    form = WebForm("gp")
    form.client.post(address(form, "cord"), SIGN)
    return form, form.client.post(address(form, "patient"), {**PERSON, **more}, follow=True)


class TestSteps:
    def test_D06_an_emergency_is_three_steps_that_are_numbered_on_their_own(self) -> None:
        form = WebForm("gp")
        second = form.client.post(address(form, "cord"), SIGN, follow=True)
        third = form.client.post(address(form, "patient"), PERSON, follow=True)
        first = form.client.get(address(form, "cord"))
        for number, (title, page) in enumerate(
            (("Danger signs", first), ("Patient", second), ("You", third)), 1
        ):
            assert f"Step {number} of 3 {title}" in text_of(page)
        typed = {
            "referrer.name": "Dr A",
            "referrer.role": "gp",
            "referrer.organisation_ods": "Beck Lane Surgery",
            "referrer.callback_number": "01632 960101",
            **{name: values[-1] for name, values in Draft.objects.get().typed.items() if "suspected" in name},
        }
        sent = form.client.post(address(form, "you"), {**typed, "send": "yes"}, follow=True)
        assert re.search(r"If you have two more minutes, .*(; [^;]+){4}; and \d+ more\.", text_of(sent))
        assert re.search(r"<summary>[^<]*\d+ clocks started", sent.content.decode())  # folded away
        assert Referral.objects.get().stream == "emergency"

    def test_D06_the_check_page_lists_what_was_asked_and_names_the_rest_in_one_line(self) -> None:
        form = WebForm("gp")
        form.client.post(address(form, "cord"), SIGN)
        page = form.client.get(reverse("check_referral", args=[form.number]))
        assert "Still to fill in before you send: Patient , You ." in text_of(page)
        form.client.post(address(form, "patient"), PERSON)
        page = form.client.get(reverse("check_referral", args=[form.number]))
        words = text_of(page)
        assert "Not asked yet: Pain and stability , Scan safety and current state" in words
        assert words.split("Not asked yet")[1].count("Not assessed") == 6  # the danger signs, all but one
        assert "&lt;" not in page.content.decode()
        changed = form.client.post(f"{address(form, 'cord')}?check", SIGN)
        assert changed["Location"] == address(form, "you"), "every page is asked, then back to the check page"

    def test_without_a_danger_sign_there_are_five(self) -> None:
        form = WebForm("gp")
        quiet = {"presentation.cancer_context": "current", "none_present.neurology": "yes"}
        page = form.client.post(address(form, "cord"), quiet, follow=True)
        assert "Step 2 of 5 Pain and stability" in text_of(page)

    @pytest.mark.parametrize(
        ("typed", "words", "rings"),
        [
            ({}, "Answer the questions about cancer and the danger signs", False),
            (dict.fromkeys(SIGN, "not_assessed"), "Answer the questions about cancer", False),
            ({"presentation.pain.nocturnal": "yes"}, "Say whether the person has or had cancer", False),
            (SIGN, "Emergency", True),
        ],
    )
    def test_nothing_is_judged_before_there_is_something_to_judge(
        self, typed: dict[str, str], words: str, rings: bool
    ) -> None:
        form = WebForm("gp")
        slug = "pain" if "presentation.pain.nocturnal" in typed else "cord"
        sent = {
            name: "" if "cancer" in name and value == "not_assessed" else value
            for name, value in typed.items()
        }
        said = form.client.post(address(form, slug, name="referral_advice"), sent)
        assert words in text_of(said)
        assert ("nhsuk-tag" in said.content.decode()) == rings
        page = form.client.get(address(form, "patient")).content.decode()
        assert ("ring-bar--on" in page) == rings
        assert "Ring now 01632 960999" in page

    def test_of_many_questions_that_are_open_five_stand_in_sight_and_the_rest_opens(self) -> None:
        form = WebForm("gp")
        said = form.client.post(address(form, "cord", name="referral_advice"), SIGN)
        text = text_of(said).partition("Still to ask or examine")[2]
        folded = read(said.content.decode()).all("details")[0]
        more = int(folded.one("summary").words.split()[0])
        assert folded.one("summary").words == f"{more} more to ask or examine"
        assert (len(folded.all("li")), text.count(folded.all("li")[0].words)) == (more, 1)


class TestOrganisations:
    @pytest.mark.parametrize("typed", ["Northmoor General Hospital", " northmoor ", "RXX01", "rxx01"])
    def test_an_organisation_is_found_by_its_name(self, typed: str) -> None:
        form, _ = emergency(**{"location.organisation_ods": typed})
        page = form.client.get(address(form, "patient")).content.decode()
        assert '<option value="Southmoor District Hospital">' in page
        answer = form.fill(body(EMERGENCY, at=now()), **{"location.organisation_ods": typed})
        assert answer.status_code == 302
        assert Referral.objects.get().location_organisation == "RXX01"

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("moor", "Several organisations match “moor”. Enter the whole name of one: Northmoor General"),
            ("Riverside", "No organisation here is called “Riverside”"),
        ],
    )
    def test_a_name_of_several_or_of_none_says_how_to_mend_it(self, typed: str, words: str) -> None:
        form = WebForm("gp")
        page = form.client.post(address(form, "you"), {"referrer.organisation_ods": typed})
        assert words in text_of(page)
        assert attributes(page.content.decode(), "referrer.organisation_ods")["value"] == typed

    def test_two_of_one_name_are_told_apart_by_their_codes(self) -> None:
        Organisation.objects.create(ods_code="Y54321", name="Beck Lane Surgery")
        form = WebForm("gp")
        page = form.client.get(address(form, "you")).content.decode()
        assert attributes(page, "referrer.organisation_ods")["value"] == "Beck Lane Surgery (Y12345)"
        form.fill(body(EMERGENCY, at=now(), referrer__organisation_ods="Beck Lane Surgery (Y12345)"))
        assert Referral.objects.get().referrer_organisation == "Y12345"

    def test_D26_the_browser_fills_in_the_referrer_and_spells_no_patient(self) -> None:
        form, you = emergency()
        page = you.content.decode()
        for name, token in (("name", "name"), ("callback_number", "tel"), ("email", "email")):
            assert attributes(page, f"referrer.{name}")["autocomplete"] == token
        page = form.client.get(address(form, "patient")).content.decode()
        for name in ("patient.family_name", "patient.postcode", "patient.nhs_number", "location.detail"):
            assert attributes(page, name)["spellcheck"] == "false"
            assert attributes(page, name)["autocomplete"] == "off"
        call = signed_in("coordinator").get(reverse("new_referral")).content.decode()
        assert (
            attributes(call, "referrer.name")["autocomplete"] == "off"
        )  # of the caller, not of whoever types


class TestNothingTypedIsLost:
    """On a shared desk, in several tabs, through a lock, without JavaScript."""

    def browser(self) -> Client:
        client = Client(enforce_csrf_checks=True)
        self.sign_in(client)
        return client

    def sign_in(self, client: Client, username: str = "gp") -> None:
        token = self.token(client.get(reverse("sign_in")))
        typed = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert client.post(reverse("sign_in"), typed).status_code == 302

    def token(self, page: Any) -> str:
        return attributes(page.content.decode(), "csrfmiddlewaretoken")["value"]

    def held(self, page: Any) -> dict[str, str]:
        """What a page sends when its only button is pressed."""
        held = [area for area in read(page.content.decode()).all("textarea") if "hidden" in area.attributes]
        typed = {area.get("name"): area.raw_words.removeprefix("\n") for area in held}
        return typed | {"csrfmiddlewaretoken": self.token(page)}

    def sign_out(self, client: Client) -> None:
        client.post(reverse("sign_out"), {"csrfmiddlewaretoken": self.token(client.get(reverse("about")))})

    def test_P24_a_form_opened_before_another_sign_in_is_held_and_sent_again(self) -> None:
        client, number = self.browser(), uuid.uuid4()
        step = reverse("referral_step", args=[number, "patient"])
        typed = {**PERSON, "csrfmiddlewaretoken": self.token(client.get(step)), "writer": ""}
        typed["writer"] = attributes(client.get(step).content.decode(), "writer")["value"]
        self.sign_out(client)
        out = client.post(step, typed, headers={"origin": ORIGIN})
        assert "You are signed out. Nothing you typed is lost" in text_of(out)
        self.sign_in(client)
        again = client.post(step, typed, headers={"origin": ORIGIN})
        assert again.status_code == 403
        assert "Nothing you typed is lost" in text_of(again)
        assert client.post(step, self.held(again), headers={"origin": ORIGIN}).status_code == 302
        assert Draft.objects.get().typed["patient.family_name"] == ["Ashdown"]

    def test_P24_a_form_from_another_address_is_not_held(self) -> None:
        client = self.browser()
        step = reverse("referral_step", args=[uuid.uuid4(), "patient"])
        for headers in ({}, {"origin": "https://elsewhere.example"}):
            answer = client.post(step, PERSON, headers=headers)
            assert answer.status_code == 403
            assert "Ashdown" not in answer.content.decode()
        assert not Draft.objects.exists()

    def test_P24_a_live_copy_without_a_sign_in_is_refused_and_never_a_page(self) -> None:
        client, fetch = Client(), {"X-Requested-With": "fetch"}
        for name in ("referral_advice", "referral_step"):
            place = reverse(name, args=[uuid.uuid4(), "cord"])
            assert client.post(place, SIGN, headers=fetch).status_code == 401
        assert client.get(reverse("signed_in"), headers=fetch).status_code == 401

    def test_what_one_person_typed_never_goes_into_the_drafts_of_the_next(self) -> None:
        form, ward = WebForm("gp"), signed_in("ward")
        page = form.client.get(address(form, "patient")).content.decode()
        typed = {**PERSON, "writer": attributes(page, "writer")["value"]}
        answer = ward.post(address(form, "patient"), typed)
        assert answer.status_code == 409
        assert "Somebody else was signed in when this form was opened" in text_of(answer)
        assert not Draft.objects.exists()

    @pytest.mark.parametrize("name", ["referral_step", "referral_advice"])
    @pytest.mark.parametrize(("limit", "minutes"), [("active_at", 31), ("signed_in_at", 13 * 60)])
    def test_D20_what_is_typed_into_a_locked_form_comes_back_after_the_password(
        self, name: str, limit: str, minutes: int
    ) -> None:
        form = WebForm("gp")
        form.client.post(address(form, "cord"), SIGN)
        session = form.client.session
        session[limit] = rfc3339(now() - timedelta(minutes=minutes))
        session.save()
        fetch = {"X-Requested-With": "fetch"} if name == "referral_advice" else {}
        answer = form.client.post(address(form, "patient", name=name), PERSON, headers=fetch)
        assert answer.status_code == (401 if fetch else 302)
        assert "Ashdown" not in answer.content.decode()
        back = reverse("sign_in") if fetch else answer["Location"]
        signed = {"username": "gp", "password": PASSWORD, "next": address(form, "patient")}
        answer = form.client.post(back, signed, follow=True)
        assert attributes(answer.content.decode(), "patient.family_name")["value"] == "Ashdown"
        assert attributes(answer.content.decode(), "patient.date_of_birth.year")["value"] == "1958"

    def test_D20_a_send_at_a_locked_check_page_sends_nothing_and_keeps_the_worry(self) -> None:
        with time_machine.travel(now(), tick=False) as clock:
            form, _ = emergency()
            clock.shift(timedelta(minutes=31))
            answer = form.send(referrer_concern="emergency")
            assert reverse("sign_in") in answer["Location"]
            assert not Referral.objects.exists()
            assert Draft.objects.get().typed["referrer_concern"] == ["emergency"]


@pytest.mark.parametrize("name", ["referral", "referral_print"])
def test_D13_the_page_and_the_print_of_a_referral_hold_what_was_sent(name: str) -> None:
    case = submitted(
        "weakness", at=now(), clinical__anticoagulant="Apixaban, this morning", location__detail="Room 4"
    )
    climb(at=now())
    words = text_of(signed_in("gp").get(reverse(name, args=[case.reference])))
    for said in (
        "Weakness of an arm or leg Yes",
        "Apixaban, this morning",
        "At home, Room 4",
        "Beck Lane Surgery",
        "Not assessed or not known:",
        "Sister Grace Okoro has been paged",
    ):
        assert words.count(said) == 1, said
    assert words.count("Ring the MSCC coordinator now") == 1


def test_an_unfinished_referral_is_continued_or_deleted_by_its_writer_alone() -> None:
    form = WebForm("gp")
    form.client.post(address(form, "cord"), SIGN)
    offered = form.client.get(reverse("new_referral")).content.decode()
    assert re.search(rf'name="throw_away"\s+value="{form.number}"', offered)
    signed_in("ward").post(reverse("new_referral"), {"throw_away": str(form.number)})
    assert "You have an unfinished referral" in form.client.get(reverse("new_referral")).content.decode()
    left = form.client.post(reverse("new_referral"), {"throw_away": str(form.number)}, follow=True)
    assert "The unfinished referral is deleted. Nothing of it was sent" in text_of(left)
    assert "You have an unfinished referral" not in text_of(left)


def test_a_tab_says_that_it_is_a_new_referral_and_which_page() -> None:
    _, page = emergency()
    assert "<title>New referral: You" in page.content.decode()


def test_what_was_not_assessed_and_what_to_add_read_as_sentences() -> None:
    case = submitted("weakness", at=now())
    page = text_of(signed_in("gp").get(reverse("referral", args=[case.reference])))
    listed = [re.search(rf"{start}([^.]+)\.", page) for start in ("Cancer and spine: ", "will ask for ?: ")]
    for line in listed:
        assert line is not None
        assert ";" in line.group(1)
        assert not re.search(r"(^|; )[A-Z][a-z]", line.group(1)), line.group()
