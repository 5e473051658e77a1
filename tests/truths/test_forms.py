"""Inputs that once failed, each by its id: what people and machines type."""

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiClient
from demo.patients import nhs_number
from kernel.time import now, rfc3339
from referrals.case.models import Referral
from referrals.web.coordinator.acts import ACTS
from referrals.web.steps import STEPS
from tests.builders import body
from tests.doors.forms import WebForm, fields, signed_in
from tests.doors.machines import Machine
from tests.doors.markup import read
from tests.truths.sender import EMERGENCY, PAIN_ONLY, Sender, page_of


class TestForms:
    def step(self, slug: str, user: str = "gp", **typed: str) -> tuple[WebForm, str]:
        form = WebForm(user)
        sent = {name.replace("__", "."): value for name, value in typed.items()}
        answer = form.client.post(reverse("referral_step", args=[form.number, slug]), sent, follow=True)
        return form, answer.content.decode()

    @pytest.mark.parametrize("month", ["Feb", "february", "FEBRUARY", "feb", "2", "02"])
    def test_P12_the_month_may_be_a_word(self, month: str) -> None:
        form = WebForm("gp")
        sent = body(EMERGENCY, at=now(), patient__date_of_birth="1958-02-03")
        answer = form.fill(sent, **{"patient.date_of_birth.month": month, "patient.date_of_birth.day": "3"})
        assert answer.status_code == 302
        assert str(Referral.objects.get().patient.date_of_birth) == "1958-02-03"

    def test_P12_the_year_has_four_digits(self) -> None:
        _, page = self.step(
            "patient",
            patient__date_of_birth__day="3",
            patient__date_of_birth__month="2",
            patient__date_of_birth__year="58",
        )
        assert "Enter the year with four digits" in page
        assert not re.search(r"0058", page)

    @pytest.mark.parametrize(
        ("day", "month", "year"),
        [("29", "2", "1951"), ("31", "April", "1958"), ("3", "Fob", "1958"), ("0", "1", "1958")],
    )
    def test_D03_a_date_that_is_none_is_a_sentence_for_people(self, day: str, month: str, year: str) -> None:
        _, page = self.step(
            "patient",
            patient__date_of_birth__day=day,
            patient__date_of_birth__month=month,
            patient__date_of_birth__year=year,
        )
        assert "Enter a real date" in page
        assert "JSON" not in page

    def test_D03_a_month_may_be_a_word_in_every_date(self) -> None:
        suspected = now() - timedelta(days=1)
        form = WebForm("gp")
        word = f"{suspected:%b}"
        answer = form.fill(
            body(EMERGENCY, at=now(), clinician_suspected_at=rfc3339(suspected)),
            **{"clinician_suspected_at.month": word},
        )
        assert answer.status_code == 302, answer.content
        assert Referral.objects.get().clinician_suspected_at == suspected.replace(second=0, microsecond=0)

    @pytest.mark.parametrize(
        "note", ["\nBegins with an empty line", "\r\n\r\nTwo of them", "Plain", " \n indented"]
    )
    def test_D02_answers_stand_on_the_line_of_their_question(self, note: str) -> None:
        form = WebForm("gp")
        sent = body(EMERGENCY, at=now(), clinical__notes="x", location__detail="\nWard 4")
        form.fill(sent, **{"clinical.notes": note})
        form = WebForm("gp")
        for step in STEPS:
            form.client.post(
                reverse("referral_step", args=[form.number, step.slug]),
                {**fields(sent), "clinical.notes": note},
            )
        page = form.client.get(reverse("check_referral", args=[form.number])).content.decode()
        assert "summary-list" in page
        assert not re.search(r'class="kept-lines">\s', page)
        assert not re.search(r'summary-list__value">\s*<span class="kept-lines">\s', page)

    def test_D02_nor_on_the_case(self) -> None:
        WebForm("gp").fill(
            body(EMERGENCY, at=now(), clinical__notes="x"), **{"clinical.notes": "\n\nBegins low"}
        )
        case = Referral.objects.get()
        for page in (page_of(case), page_of(case, by="gp", name="referral")):
            assert not re.search(r'kept-lines"[^>]*>\s*\n\s*Begins low', page)

    def test_D04_D05_an_empty_form_names_what_to_enter_and_what_to_select(self) -> None:
        form = WebForm("gp")
        said = ""
        for step in STEPS:
            said += form.client.post(
                reverse("referral_step", args=[form.number, step.slug]), {}
            ).content.decode()
        said += form.send().content.decode()
        for words in ("Enter the family name", "Select where the patient is now", "Enter the date of birth"):
            assert words in said, words
        summaries = [summary.words for summary in read(said).all(class_="nhsuk-error-summary")]
        assert summaries
        for summary in summaries:
            assert not re.search(r"Enter: |Select: ", summary)
            assert "given name" not in summary.lower()
        assert "Leave empty for a person with one name" in said

    def test_D05_by_machine_the_given_name_is_sent_and_may_be_empty(self, hospital: Machine) -> None:
        assert Sender(hospital, EMERGENCY, patient__given_name="").answer["patient"]["given_name"] == ""
        sent = body(EMERGENCY, at=now(), referrer__organisation_ods="RXX01")
        del sent["patient"]["given_name"]
        refused = hospital.post("referrals/", sent)
        assert refused.status_code == 422
        assert "leave it empty" in refused.json()["errors"]["patient.given_name"][0]

    @pytest.mark.parametrize("presentation", [EMERGENCY, PAIN_ONLY])
    def test_D07_no_choice_has_two_empty_options(
        self, hospital: Machine, presentation: dict[str, Any]
    ) -> None:
        of = Sender(hospital, presentation)
        of.acknowledge()
        client = signed_in("coordinator")
        forms = (act.address(of.case) for act in ACTS.values() if act.has_form)
        page = "".join(client.get(address).content.decode() for address in forms)
        selects = read(page).all("select")
        assert "override_code" in {select.get("name") for select in selects}
        for select in selects:
            empty = [option for option in select.all("option") if not option.get("value")]
            assert len(empty) <= 1, select.get("name")

    def test_D08_the_same_person_stands_once_on_a_case(self, hospital: Machine) -> None:
        first = Sender(
            hospital, EMERGENCY, patient__nhs_number=nhs_number(710), patient__family_name="Sandbrook"
        )
        who = {f"patient__{name}": value for name, value in first.sent["patient"].items()}
        second = Sender(hospital, PAIN_ONLY, **who)
        page = signed_in("coordinator").get(reverse("case", args=[second.case.reference])).content.decode()
        assert page.count("Same person, one episode") == 1
        assert len(re.findall(rf">{first.reference}<", page)) == 1
        assert "Perhaps the same person" not in page

    def test_D09_the_telephone_form_speaks_to_the_coordinator(self, coordinator: Client) -> None:
        page = coordinator.get(reverse("new_referral")).content.decode()
        assert "A number that reaches you" not in page
        assert (
            "A number that reaches you"
            in signed_in("gp")
            .get(reverse("referral_step", args=[WebForm("gp").number, "you"]))
            .content.decode()
        )
        labels = [element.words for element in read(page) if element.tag in ("label", "legend")]
        assert labels
        assert not [
            label for label in labels if re.search(r"\bYour (name|role|organisation|call-back|e-mail)", label)
        ]

    @pytest.mark.parametrize(
        "hidden",
        ["\u200d", "\u200b", "\ufeff", "\u200e", "\u200f", "\u2060", "\u00ad", "\u00a0", "\u2009", "\u2011"],
    )
    def test_D23_a_pasted_number_is_its_ten_digits(self, hospital: Machine, hidden: str) -> None:
        number = nhs_number(720)
        pasted = f"{hidden}{number[:3]}{hidden} {number[3:6]}{hidden}{number[6:]}{hidden}"
        assert (
            Sender(hospital, EMERGENCY, patient__nhs_number=pasted).answer["patient"]["nhs_number"] == number
        )
        answer = WebForm("gp").fill(body(PAIN_ONLY, at=now(), patient__nhs_number=pasted))
        assert answer.status_code == 302, re.findall(
            r"There is a problem.*?</ul>", answer.content.decode(), re.S
        )
        assert set(Referral.objects.values_list("patient__nhs_number", flat=True)) == {number}
        found = hospital.post("referrals/search/", {"nhs_number": pasted}, key=None).json()["results"]
        assert len(found) == 1


class TestTokens:
    @pytest.mark.parametrize(
        ("form", "header"),
        [
            ({"client_id": "\0"}, ""),
            ({"client_id": "demo-hospital\0", "client_secret": "x"}, ""),
            ({"client_id": "demo-hospital", "client_secret": "\0"}, ""),
            ({"client_id": "\ud7ff\0", "client_secret": "x"}, ""),
            ({}, "demo\0hospital:x"),
            ({}, "demo-hospital:x\0"),
            ({}, "\0"),
        ],
    )
    def test_P19_a_nul_byte_is_an_invalid_client(self, form: dict[str, str], header: str) -> None:
        sent = {"grant_type": "client_credentials", **form}
        headers = {"Authorization": f"Basic {base64.b64encode(header.encode()).decode()}"} if header else {}
        answer = Client(raise_request_exception=False).post("/oauth/token/", sent, headers=headers)
        assert answer.status_code in (400, 401)
        assert answer.json()["error"] == "invalid_client"
        assert ApiClient.objects.count() == 1
