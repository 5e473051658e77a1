"""Inputs that once failed, each by its id: who somebody is."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from demo.patients import nhs_number
from kernel.time import now
from oncall import clocks
from referrals.case.models import Referral
from referrals.web.steps import STEPS
from tests.builders import again, body, running
from tests.doors.forms import WebForm, fields, signed_in
from tests.doors.forms import send_act as send
from tests.doors.machines import Machine
from tests.truths.sender import ALARMED, EMERGENCY, PAIN_ONLY, Sender, page_of

TWINS = {
    "patient__nhs_number": None,
    "patient__nhs_number_unknown_reason": "Not at hand",
    "patient__family_name": "Twinnings",
    "patient__date_of_birth": "1946-07-21",
    "patient__sex": "female",
}


class TestIdentity:
    def refer(self, **changes: Any) -> Referral:
        """By the practice, on the web form, without joining anything."""
        presentation = changes.pop("presentation", EMERGENCY)
        form, sent = WebForm("gp"), body(presentation, at=now(), **changes)
        answer = form.fill(sent)
        assert answer.status_code == 302, answer.content
        return Referral.objects.latest("id")

    def twins(self) -> tuple[Referral, Referral]:
        return self.refer(**TWINS, patient__given_name="Edith"), self.refer(
            **TWINS, patient__given_name="Enid"
        )

    def test_P07_twins_are_merged_only_with_a_confirmation(self, coordinator: Client) -> None:
        edith, enid = self.twins()
        assert edith.episode_id != enid.episode_id
        answer = send(coordinator, edith, "merge", other=enid.reference, text="Same birthday")
        assert answer.status_code == 422
        assert again(enid).status == "submitted"
        assert ALARMED | {"mri"} <= running(enid)
        assert "given name differs" in page_of(edith)
        send(coordinator, edith, "merge", other=enid.reference, text="Rang the family", confirmed="yes")
        assert again(enid).merged_into_id == edith.pk

    @pytest.mark.parametrize("how", ["unmerge", "reopen"])
    def test_P09_a_merge_of_twins_is_undone_and_the_second_runs_again(
        self, coordinator: Client, how: str
    ) -> None:
        edith = self.refer(**TWINS, patient__given_name="Edith", presentation=PAIN_ONLY)
        enid = self.refer(**TWINS, patient__given_name="Enid")
        stood, promised = running(edith), running(enid)
        send(coordinator, edith, "merge", other=enid.reference, text="Same birthday", confirmed="yes")
        assert again(edith).stream == "emergency"
        assert running(enid) == set()
        if how == "reopen":
            answer = coordinator.post(
                reverse("act", args=[enid.reference, "reopen"]), {"text": "They are twins"}, follow=True
            )
            assert "undo" in answer.content.decode().lower()
        send(coordinator, enid, "unmerge", text="They are twins")
        edith, enid = again(edith), again(enid)
        assert (enid.merged_into_id, enid.status, enid.stream) == (None, "submitted", "emergency")
        assert running(enid) == promised
        assert edith.presentation["neurology"]["limb_weakness"] == "no"
        assert edith.stream == "one_week"
        assert running(edith) == stood
        assert edith.episode_id != enid.episode_id

    def three(self) -> list[Referral]:
        number = nhs_number(700)
        people = (
            ("Harrowgate", "June", "1951-04-09", "female"),
            ("Harrowgate", "Joan", "1951-04-09", "female"),
            ("Pettifer", "Ivan", "1938-11-30", "male"),
        )
        return [
            self.refer(
                patient__nhs_number=number,
                patient__family_name=family,
                patient__given_name=given,
                patient__date_of_birth=born,
                patient__sex=sex,
            )
            for family, given, born, sex in people
        ]

    def test_P06_one_number_on_three_people_is_a_loud_warning_and_no_merge(self, coordinator: Client) -> None:
        june, joan, ivan = self.three()
        assert len({case.episode_id for case in (june, joan, ivan)}) == 3
        for case in (june, joan, ivan):
            page = page_of(case)
            alarm = page.split("Same NHS number, perhaps another person")[1].split("</section>")[0]
            others = {june.reference, joan.reference, ivan.reference} - {case.reference}
            assert all(reference in alarm for reference in others)
            assert "Same person, one episode" not in page
        for other in (ivan, joan):
            assert (
                send(coordinator, june, "merge", other=other.reference, text="One number").status_code == 422
            )
            assert again(other).merged_into_id is None
        send(coordinator, june, "merge", other=joan.reference, text="Known as Joan", confirmed="yes")
        assert again(joan).merged_into_id == june.pk

    def test_P08_somebody_unidentified_is_named_on_the_running_case(
        self, hospital: Machine, coordinator: Client
    ) -> None:
        known = self.refer(
            patient__nhs_number=nhs_number(701),
            patient__family_name="Laterknown",
            patient__given_name="Peter",
            patient__date_of_birth="1955-09-09",
            patient__sex="male",
        )
        of = Sender(hospital, EMERGENCY, patient={"identity_unknown": True})
        stood = {(c.kind, c.started_at) for c in _clocks(of.case)}
        assert "This person is not identified" in page_of(of.case)
        answer = send(
            coordinator,
            of.case,
            "identify",
            family_name="Laterknown",
            given_name="Peter",
            date_of_birth__day="9",
            date_of_birth__month="9",
            date_of_birth__year="1955",
            nhs_number=nhs_number(701),
            sex="male",
            text="Wallet, brought by the police",
        )
        assert answer.status_code == 200, re.findall(
            r"error-message.*?</span>", answer.content.decode(), re.S
        )
        assert known.reference in answer.content.decode()
        shown = of.read()
        assert (shown["patient"]["family_name"], shown["patient"]["identity_unknown"]) == (
            "Laterknown",
            False,
        )
        assert (shown["patient"]["nhs_number"], shown["patient"]["date_of_birth"]) == (
            nhs_number(701),
            "1955-09-09",
        )
        assert {(c.kind, c.started_at) for c in _clocks(of.case)} == stood
        assert shown["status"] == "submitted"
        page = page_of(of.case)
        assert known.reference in page
        merge = coordinator.get(reverse("act", args=[of.case.reference, "merge"])).content.decode()
        assert f'value="{known.reference}"' in merge
        send(coordinator, of.case, "merge", other=known.reference, text="The same man")
        assert again(known).merged_into_id == of.case.pk

    def test_P08_what_is_missing_is_named_and_nothing_is_written(
        self, hospital: Machine, coordinator: Client
    ) -> None:
        of = Sender(hospital, EMERGENCY, patient={"identity_unknown": True})
        answer = send(
            coordinator, of.case, "identify", family_name="Laterknown", nhs_number="9990000019", text="Wallet"
        )
        assert answer.status_code == 422
        assert "Enter the date of birth" in answer.content.decode()
        assert of.read()["patient"]["identity_unknown"] is True

    @pytest.mark.parametrize("first", ["'", "\u2019"])
    def test_P04_apostrophes_are_one(self, hospital: Machine, coordinator: Client, first: str) -> None:
        other = "\u2019" if first == "'" else "'"
        who = {
            "patient__nhs_number": None,
            "patient__nhs_number_unknown_reason": "Not at hand",
            "patient__given_name": "Moira",
            "patient__date_of_birth": "1949-05-06",
            "patient__sex": "female",
        }
        one = Sender(hospital, EMERGENCY, patient__family_name=f"O{first}Quillan", **who)
        two = Sender(hospital, PAIN_ONLY, patient__family_name=f"O{other}Quillan", **who)
        for typed in ("O'Quillan", "O\u2019Quillan", "oquillan", "O\u02bcQUILLAN"):
            found = hospital.post("referrals/search/", {"family_name": typed}, key=None).json()["results"]
            assert {case["reference"] for case in found} == {one.reference, two.reference}, typed
            listed = coordinator.post(reverse("worklist"), {"search": typed}, follow=True).content.decode()
            assert one.reference in listed and two.reference in listed, typed
        assert one.reference in page_of(two.case).split("Perhaps the same person.")[1].split("</p>")[0]
        offered = self.check_page("ward", patient__family_name=f"O{first}Quillan", **who)
        assert "Is this one of your open cases?" in offered
        assert one.reference in offered

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Müller-Ødegård", "Muller Odegard"),
            ("Smith-Jones", "Smith Jones"),
            ("Renée", "Renee"),
            ("d’Arcy", "DArcy"),
        ],
    )
    def test_P04_accents_hyphens_and_case_are_one(self, hospital: Machine, one: str, other: str) -> None:
        Sender(hospital, EMERGENCY, patient__family_name=one)
        for typed in (one, other):
            assert (
                len(hospital.post("referrals/search/", {"family_name": typed}, key=None).json()["results"])
                == 1
            )

    def check_page(self, user: str, **changes: Any) -> str:
        form = WebForm(user)
        self.fill(form, **changes)
        found: str = form.client.get(reverse("check_referral", args=[form.number])).content.decode()
        return found

    def fill(self, form: WebForm, **changes: Any) -> None:
        sent = body(EMERGENCY, at=now(), **changes)
        for step in STEPS:
            form.client.post(reverse("referral_step", args=[form.number, step.slug]), fields(sent))

    def test_I01_not_the_same_person_is_obeyed(self, coordinator: Client) -> None:
        number = nhs_number(702)
        first = self.refer(
            patient__nhs_number=number,
            patient__family_name="Sandbrook",
            patient__given_name="Amy",
            patient__date_of_birth="1950-01-02",
            patient__sex="female",
        )
        form = WebForm("gp")
        self.fill(
            form,
            patient__nhs_number=number,
            patient__family_name="Overbury",
            patient__given_name="Carl",
            patient__date_of_birth="1961-03-04",
            patient__sex="male",
        )
        offered = form.client.get(reverse("check_referral", args=[form.number])).content.decode()
        assert "Check the NHS number" in offered
        answer = form.send(join="", not_the_same=first.reference)
        assert answer.status_code == 302
        second = Referral.objects.latest("id")
        assert second.episode_id != first.episode_id
        for case in (first, second):
            page = page_of(case)
            assert "Same person, one episode" not in page
            assert "Same NHS number, perhaps another person" in page
            assert "The referrer said: not the same person" in page
            own = page_of(case, by="gp", name="referral")
            assert "Same person" not in own
            assert "same person" not in own.lower().replace("not the same person", "")

    def test_I01_the_same_name_and_birth_is_obeyed_too(self) -> None:
        who = {
            "patient__nhs_number": nhs_number(703),
            "patient__family_name": "Sandbrook",
            "patient__given_name": "Amy",
            "patient__date_of_birth": "1950-01-02",
            "patient__sex": "female",
        }
        first = self.refer(**who)
        form = WebForm("gp")
        self.fill(form, **who)
        assert form.send(join="", not_the_same=first.reference).status_code == 302
        second = Referral.objects.latest("id")
        assert second.pk != first.pk
        assert second.episode_id != first.episode_id
        assert "Same person" not in page_of(second, by="gp", name="referral")

    @pytest.mark.parametrize("chosen", [{}, {"join": "unsure"}], ids=["nothing chosen", "not sure"])
    def test_I01_who_is_not_sure_has_not_said_that_they_are_two_people(self, chosen: dict[str, str]) -> None:
        who = {
            "patient__nhs_number": nhs_number(704),
            "patient__family_name": "Sandbrook",
            "patient__given_name": "Amy",
            "patient__date_of_birth": "1950-01-02",
            "patient__sex": "female",
        }
        first = self.refer(**who)
        form = WebForm("gp")
        self.fill(form, **who)
        offered = form.client.get(reverse("check_referral", args=[form.number])).content.decode()
        assert 'name="join" id="join-unsure" value="unsure"' in offered
        assert form.send(not_the_same=first.reference, **chosen).status_code == 302
        second = Referral.objects.latest("id")
        assert (second.episode_id, second.not_the_same) == (first.episode_id, [])
        assert "not the same person" not in page_of(second)

    @pytest.mark.parametrize("same", [True, False])
    def test_I02_nothing_tells_a_practice_who_is_in_the_service(self, hospital: Machine, same: bool) -> None:
        who = {
            "patient__nhs_number": nhs_number(704),
            "patient__family_name": "Sandbrook",
            "patient__given_name": "Amy",
            "patient__date_of_birth": "1950-01-02",
            "patient__sex": "female",
        }
        of = Sender(hospital, EMERGENCY, **who)
        typed = (
            who
            if same
            else {**who, "patient__family_name": "Overbury", "patient__date_of_birth": "1961-03-04"}
        )
        offered = self.check_page("gp", **typed)
        plain = self.check_page("gp", **{**typed, "patient__nhs_number": nhs_number(705)})
        for page in (offered, plain):
            assert of.reference not in page
            assert "your open cases" not in page
            assert "Check the NHS number" not in page
        second = self.refer(**typed)
        for name in ("referral", "referral_live", "referral_summary"):
            page = page_of(second, by="gp", name=name)
            assert of.reference not in page
            assert "Same person" not in page
        assert of.reference not in signed_in("gp").get(reverse("referrals")).content.decode()
        assert signed_in("gp").get(reverse("referral", args=[of.reference])).status_code == 404

    def test_I02_nor_a_machine(self, hospital: Machine) -> None:
        who = {
            "patient__nhs_number": nhs_number(706),
            "patient__family_name": "Sandbrook",
            "patient__given_name": "Amy",
            "patient__date_of_birth": "1950-01-02",
            "patient__sex": "female",
        }
        own = self.refer(**who)
        of = Sender(hospital, EMERGENCY, **who)
        assert own.reference not in str(of.answer)
        assert own.reference not in str(of.read())
        assert not hospital.post(
            "referrals/search/", {"nhs_number": who["patient__nhs_number"]}, key=None
        ).json()["results"][1:]

    @pytest.mark.parametrize(
        ("typed", "links", "beside"),
        [
            ("01632 960111 ext 4521", {"+441632960111;ext=4521"}, ("4521",)),
            ("switchboard 01632 960000, bleep 1234", {"+441632960000"}, ("bleep 1234",)),
            ("01632 960111 / 07700 900123", {"+441632960111", "+447700900123"}, ()),
            ("+44 (0)1632 960111", {"+441632960111"}, ()),
            ("ask for the registrar", set(), ("ask for the registrar",)),
            ("01632 960111 x4521", {"+441632960111;ext=4521"}, ("4521",)),
            ("bleep 0123", set(), ("bleep 0123",)),
        ],
    )
    def test_P20_what_is_dialled_is_a_number(
        self, hospital: Machine, coordinator: Client, typed: str, links: set[str], beside: tuple[str, ...]
    ) -> None:
        of = Sender(hospital, EMERGENCY, referrer__callback_number=typed)
        page = coordinator.get(reverse("case", args=[of.case.reference])).content.decode()
        head = page.split("case-head__ring")[1].split("</div>")[0]
        assert set(re.findall(r'href="tel:([^"]+)"', head)) == links
        assert all(words in head for words in beside)
        assert set(re.findall(r'href="tel:([^"]+)"', page)) - links <= {"+441632960999", "01632960999"}

    def test_P15_a_practice_that_got_a_new_code_still_sees_what_it_sent(self) -> None:
        case = self.refer()
        admin = signed_in("admin")
        admin.post(reverse("organisations"), {"ods_code": "Y54321", "name": "Northmoor Surgery"})
        assert Organisation.objects.filter(pk="Y54321").exists()
        answer = admin.post(
            reverse("organisations"),
            {
                "ods_code": "Y12345",
                "succeeded_by": "Y54321",
                "name": Organisation.objects.get(pk="Y12345").name,
            },
        )
        assert answer.status_code in (200, 302)
        assert Organisation.objects.get(pk="Y12345").succeeded_by_id == "Y54321"
        self.move_the_gp()
        assert signed_in("gp").get(reverse("referral", args=[case.reference])).status_code == 200

    def move_the_gp(self) -> None:
        User.objects.filter(username="gp").update(organisation_id="Y54321")

    def test_P15_the_successor_reads_and_acts(self) -> None:
        case = self.refer()
        Organisation.objects.create(ods_code="Y54321", name="Northmoor Surgery")
        self.move_the_gp()
        assert signed_in("gp").get(reverse("referral", args=[case.reference])).status_code == 404
        Organisation.objects.filter(pk="Y12345").update(succeeded_by="Y54321")
        gp = signed_in("gp")
        assert case.reference in gp.get(reverse("referrals")).content.decode()
        assert gp.get(reverse("referral", args=[case.reference])).status_code == 200
        answer = gp.post(
            reverse("withdraw_referral", args=[case.reference]), {"reason": "Wrong person"}, follow=True
        )
        assert answer.status_code == 200
        assert again(case).withdrawal_asked_at is not None


def _clocks(case: Referral) -> list[Any]:
    return [one for one in clocks.of_case(case.pk) if one.stopped_at is None]
