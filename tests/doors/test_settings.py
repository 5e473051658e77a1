"""What the administrator changes, and what the lead looks up."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from accounts.service import SETTING_AT, SETTINGS, current
from accounts.setting_groups import GROUPS as SETTING_GROUPS
from accounts.setting_groups import PAGING
from governance.audit import PER_PAGE
from governance.audit_kinds import GROUPS, QUIET
from governance.checks import check_when_due
from kernel.actors import SERVICE
from kernel.time import now
from ledger.append import append
from ledger.fault import Fault
from ledger.kinds import Kind
from ledger.read import Search, entries
from ledger.results import Result, in_words, keep_result
from ledger.seal import make_seal
from oncall.models import Shift
from oncall.sweep import climb
from referrals.usecases.run_self_test import run_self_test
from tests.builders import actor, set_the_scene, submitted, triaged
from tests.doors.forms import signed_in, state_purpose
from tests.doors.markup import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    set_the_scene(at=now())
    return signed_in("admin")


def settings_with(**changes: str) -> dict[str, str]:
    return {setting.key: str(current()[setting.key]) for setting in SETTINGS} | changes


def test_a_setting_changes_and_stands_in_the_ledger(admin: Client) -> None:
    admin.post(reverse("settings"), settings_with(acknowledge_emergency="10", telephone="01632 960777"))
    assert current()["acknowledge_emergency"] == 10
    lines = entries(Search(kind="setting_changed", actor=actor("admin").key))
    assert {(line.facts["setting"], line.facts["from"], line.facts["to"]) for line in lines} == {
        ("acknowledge_emergency", 15, 10),
        ("telephone", "01632 960999", "01632 960777"),
    }
    assert "01632 960777" in Client().get(reverse("sign_in")).content.decode()


def test_every_page_of_the_settings_names_who_is_signed_in_by_name_and_role(admin: Client) -> None:
    for name in ("settings", "users", "new_user", "organisations", "sites", "first_run"):
        page = admin.get(reverse(name)).content.decode()
        account = read(page).all(class_="nhsuk-header__account-link")[0]
        assert "Robin Hale, Service administrator" in account.words, name


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("acknowledge_emergency", "0", "from 1 to 60"),
        ("acknowledge_emergency", "soon", "whole number"),
        ("acknowledge_emergency", "61", "from 1 to 60"),
        ("telephone", " ", "Enter on-call telephone number"),
        ("telephone", "Bleep 2112", "a number that can be dialled"),
        ("service_name", "x" * 201, "200 characters"),
    ],
)
def test_a_setting_out_of_bounds_changes_nothing(admin: Client, key: str, value: str, says: str) -> None:
    answer = admin.post(reverse("settings"), settings_with(**{key: value, "voice_contact": "29"}))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert current()["voice_contact"] == 30


def test_the_settings_are_folded_by_group_and_what_is_wrong_stands_open(admin: Client) -> None:
    def opened(page: str) -> list[str]:
        groups = read(page).all("details", class_="folded-group")
        assert len(groups) == len(SETTING_GROUPS)
        return [group.one("h2").words.partition(":")[0] for group in groups if "open" in group.attributes]

    assert opened(admin.get(reverse("settings")).content.decode()) == ["The service"]
    refused = admin.post(reverse("settings"), settings_with(rung_deputy="0"))
    assert opened(refused.content.decode()) == ["The service", PAGING]


def test_duties_of_a_user_are_folded_and_the_line_that_opens_them_names_those_held(admin: Client) -> None:
    def fold(page: Any) -> str:
        return read(page.content.decode()).one("details", class_="folded").one("summary").words

    assert fold(admin.get(reverse("new_user"))) == "Specialty and duties of somebody who is paged"
    consultant = User.objects.get(username="consultant")
    assert fold(admin.get(reverse("user", args=[consultant.pk]))).endswith(
        ": Oncology; On-call consultant oncologist"
    )


def test_each_setting_says_who_set_it_and_what_stands_behind_it(admin: Client) -> None:
    admin.post(reverse("settings"), settings_with(rung_deputy="20"))
    page = admin.get(reverse("settings")).content.decode()
    deputy = read(page).one(id="rung_deputy-hint")
    assert f"Set by {actor('admin').name} at" in deputy.words
    assert "Default: 15 minutes (proposed by this product" in deputy.words
    assert any(
        re.fullmatch(rf"{reverse('guideline')}\?words=(\S+)#\1", link.get("href")) for link in deputy.all("a")
    )
    assert "Default: proposed" in read(page).one(id="rung_manager-hint").words
    assert sorted(kind.key for kinds in SETTING_GROUPS.values() for kind in kinds) == sorted(SETTING_AT)


def test_the_ladder_is_drawn_as_it_pages_now(admin: Client) -> None:
    User.objects.filter(username="registrar").update(email="")
    Shift.objects.filter(duty="consultant").delete()
    admin.post(reverse("settings"), settings_with(rung_deputy="20"))
    ladder = read(admin.get(reverse("settings")).content.decode()).all("ol", class_="ladder")[0]
    said = [rung.words for rung in ladder.all("li")]
    assert "At once MSCC coordinator Sister Grace Okoro: on the screen, e-mail" in said[0]
    assert "After 10 minutes MSCC coordinator" in said[1]
    assert (
        "After 20 minutes Covering clinician (deputy) Dr Leo Fenwick: on the screen only, no address"
        in said[2]
    )
    assert "After 30 minutes On-call consultant oncologist Nobody holds it" in said[3]
    assert "After 45 minutes Duty manager" in said[4]


def new_user(**changes: object) -> dict[str, object]:
    return {
        "username": "new.person",
        "name": "Nell New",
        "role": "coordinator",
        "organisation": "RXX01",
        "email": "nell@example.nhs.uk",
        "telephone": "01632 960555",
        "specialty": "",
        "duties": ["deputy"],
        "password": "a long first password",
        "active": "yes",
        **changes,
    }


def test_a_user_is_added_and_can_sign_in(admin: Client) -> None:
    assert admin.post(reverse("new_user"), new_user()).status_code == 302
    user = User.objects.get(username="new.person")
    assert (user.role, user.duties, user.is_demo) == ("coordinator", ["deputy"], False)
    assert user.actor.acting_role == "covering_clinician"
    answer = Client().post(
        reverse("sign_in"), {"username": "New.Person", "password": "a long first password"}
    )
    assert answer.status_code == 302
    assert entries(Search(kind="user_changed", actor=actor("admin").key))[0].facts["new"] is True


def test_nobodys_links_go_elsewhere_without_their_being_told(admin: Client, mailoutbox: list[Any]) -> None:
    person = User.objects.get(username="gp")
    User.objects.filter(pk=person.pk).update(email="gp@example.nhs.uk")
    form = {
        "name": person.name,
        "username": person.username,
        "role": person.role,
        "organisation": person.organisation_id,
        "active": "yes",
        "invite": "yes",
    }
    admin.post(reverse("user", args=[person.pk]), {**form, "email": "GP@example.nhs.uk"})
    assert [letter.subject for letter in mailoutbox] == ["MSCC service: Your account"]
    answer = admin.post(
        reverse("user", args=[person.pk]), {**form, "email": "other@example.nhs.uk"}, follow=True
    )
    assert "told of it at the former e-mail address" in answer.content.decode()
    told, invited = mailoutbox[1:]
    assert (told.subject, told.to) == ("MSCC service: Your e-mail address was changed", ["GP@example.nhs.uk"])
    assert "other@" not in told.body
    assert invited.to == ["other@example.nhs.uk"]


def test_nobody_gets_a_new_password_without_being_told(admin: Client, mailoutbox: list[Any]) -> None:
    person = User.objects.get(username="coordinator")
    User.objects.filter(pk=person.pk).update(email="katz@example.nhs.uk")
    address = reverse("user", args=[person.pk])
    form = {
        "username": person.username,
        "name": person.name,
        "role": person.role,
        "organisation": person.organisation_id,
        "email": "katz@example.nhs.uk",
        "duties": person.duties,
        "active": "on",
    }
    answer = admin.post(address, {**form, "password": "entirely new words"}, follow=True)
    assert "told by e-mail that their password was changed" in answer.content.decode()
    (mail,) = mailoutbox
    assert (mail.to, "ring the service now" in mail.body, "entirely" in mail.body) == (
        ["katz@example.nhs.uk"],
        True,
        False,
    )
    admin.post(address, form)
    assert len(mailoutbox) == 1, "nothing was changed"
    answer = admin.post(address, {**form, "email": "", "password": "other new words"}, follow=True)
    assert "tell them yourself that their password was changed" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"username": "gp"}, "Another user has this user name"),
        ({"username": "a b"}, "letters, digits"),
        ({"name": ""}, "Enter the name"),
        ({"role": "king"}, "Choose a role"),
        ({"organisation": "ZZZ"}, "Choose an organisation"),
        ({"email": "x"}, "e-mail address"),
        ({"password": "", "email": ""}, "for the invitation, or a first password"),
        ({"password": "short"}, "at least 12"),
        ({"password": "passwordpassword1"}, "This is a common password"),
        ({"password": "new.person12"}, "too similar to the username"),
        ({"password": "Nell New 2026"}, "too similar to the name"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused(admin: Client, changes: dict[str, object], says: str) -> None:
    answer = admin.post(reverse("new_user"), new_user(**changes))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not User.objects.filter(name="Nell New").exists()


def test_a_leaver_is_out_at_once_and_keeps_their_record(admin: Client) -> None:
    admin.post(reverse("new_user"), new_user())
    user = User.objects.get(username="new.person")
    person = Client()
    person.post(reverse("sign_in"), {"username": "new.person", "password": "a long first password"})
    assert person.get(reverse("worklist")).status_code == 200
    admin.post(reverse("user", args=[user.pk]), new_user(password="", active=""))
    assert person.get(reverse("worklist")).status_code == 302
    assert User.objects.filter(pk=user.pk, is_active=False).exists()


def test_nobody_ends_their_own_account(admin: Client) -> None:
    own = User.objects.get(username="admin")
    sent = new_user(username="admin", name=own.name, role="admin", password="", active="")
    admin.post(reverse("user", args=[own.pk]), sent)
    assert User.objects.get(pk=own.pk).is_active


def test_organisations_are_added_and_renamed(admin: Client) -> None:
    admin.post(reverse("organisations"), {"ods_code": "g7h8j", "name": "Moor Street Surgery"})
    assert Organisation.objects.get(pk="G7H8J").name == "Moor Street Surgery"
    admin.post(reverse("organisations"), {"ods_code": "G7H8J", "name": "Moor Lane Surgery"})
    assert Organisation.objects.get(pk="G7H8J").history.count() == 2
    answer = admin.post(reverse("organisations"), {"ods_code": "g-7", "name": ""})
    assert answer.status_code == 422


class TestAudit:
    @pytest.fixture
    def lead(self) -> Client:
        set_the_scene(at=now())
        return signed_in("lead")

    def test_lines_are_found_by_case_person_kind_and_day(self, lead: Client) -> None:
        case = triaged("weakness", at=now())
        submitted("pain_only", at=now())
        for query, wanted, unwanted in (
            ({"case": case.reference}, "referral_triaged", "setting_changed"),
            ({"person": actor("coordinator").key}, "referral_triaged", "referral_submitted"),
            ({"kind": "referral_submitted"}, "referral_submitted", "referral_triaged"),
        ):
            page = lead.get(reverse("audit"), query).content.decode()
            assert f'data-kind="{wanted}"' in page, query
            assert f'data-kind="{unwanted}"' not in page, query
        assert "No line matches" in lead.get(reverse("audit"), {"until": "2020-01-01"}).content.decode()

    def test_decisions_and_acts_of_people_come_first_and_the_rest_is_folded(self, lead: Client) -> None:
        triaged("weakness", at=now())
        climb(at=now())
        first = lead.get(reverse("audit")).content.decode()
        assert 'data-kind="referral_triaged"' in first
        assert not any(f'data-kind="{kind}"' in first for kind in QUIET)
        only = lead.get(reverse("audit"), {"show": "decisions"}).content.decode()
        assert 'data-kind="referral_submitted"' not in only
        every = lead.get(reverse("audit"), {"show": "all"}).content.decode()
        assert "clocks started" in every
        assert 'data-kind="clock_started"' in every
        asked = lead.get(reverse("audit"), {"kind": "clock_started"}).content.decode()
        assert 'data-kind="clock_started"' in asked

    def test_every_kind_stands_in_one_group_of_the_filter(self) -> None:
        grouped = [kind for kinds in GROUPS.values() for kind in kinds]
        assert sorted(grouped) == sorted(Kind)

    def test_lines_of_the_self_test_and_of_a_later_version_open_the_page(self, lead: Client) -> None:
        run_self_test(at=now())
        with transaction.atomic():
            append("later_kind", by=replace(SERVICE, role="later_role"), at=now())  # type: ignore[arg-type]  # later
        page = lead.get(reverse("audit"), {"show": "all"}).content.decode()
        assert "by the service, to test itself" in page
        assert "<strong>later_kind</strong>" in page
        assert "later_role" in page

    def test_a_decision_shows_the_data_as_it_stood(self, lead: Client) -> None:
        from referrals.case.models import TriageDecision
        from tests.builders import report

        case = triaged("pain_only", at=now())
        line = TriageDecision.objects.get().ledger_line
        report(case, "neurology_changed", at=now(), by="gp", neurology={"limb_weakness": "yes"})
        state_purpose(lead, case)
        page = lead.get(reverse("decision", args=[line])).content.decode()
        weakness = page.split("Weakness of an arm or leg")[1][:80]
        assert "No" in weakness
        assert "Yes" not in weakness
        assert "One week" in page
        assert "ruleset" in page
        assert lead.get(reverse("decision", args=[1])).status_code == 404

    def test_a_wrong_search_is_explained(self, lead: Client) -> None:
        answer = lead.get(reverse("audit"), {"case": "MSCC-00000-0", "since": "yesterday"})
        assert answer.status_code == 422
        assert "A reference never contains" in answer.content.decode()
        assert "Enter a real date" in answer.content.decode()

    def test_looking_is_a_line_too(self, lead: Client) -> None:
        lead.get(reverse("audit"))
        assert entries(Search(kind="audit_viewed"))[0].actor == actor("lead").key

    def test_older_lines_follow(self, lead: Client) -> None:
        for _ in range(3):
            triaged("weakness", at=now())
        first = lead.get(reverse("audit"), {"show": "all", "person": ""}).content.decode()
        assert first.count("data-kind=") == PER_PAGE
        assert "Newest lines" not in first
        assert "?show=all&amp;before=" in first
        before = first.split("before=")[1].split('"')[0]
        later = lead.get(reverse("audit"), {"show": "all", "before": before}).content.decode()
        assert f'<th scope="row">{before}</th>' not in later
        assert 'href="?show=all">Newest lines' in later

    def test_the_ledger_is_checked_from_the_page(self, lead: Client) -> None:
        triaged("weakness", at=now())
        assert "has not been checked yet" in lead.post(reverse("check_ledger")).content.decode()
        make_seal(at=now())
        assert check_when_due(at=now()).faults == ()
        triaged("weakness", at=now())
        page = lead.post(reverse("check_ledger")).content.decode()
        assert "The ledger is intact" in page
        assert page.count("Everything is as it was written") == 2
        newest = lead.get(reverse("seal_keys")).json()["seal"]
        assert newest["root"] in page
        assert (
            newest["root"] in lead.get(reverse("governance")).content.decode()
        )  # on paper, with the measures
        assert newest["trees"]["lines"]["size"] > 0

    def test_the_page_of_the_ledger_names_what_was_found(self, lead: Client) -> None:
        fault = Fault(line=7, why="its content was changed after it was written")
        keep_result(
            Result(
                at=now(), whole=True, seal=None, lines=9, records=0, seconds=0.1, faults=(in_words(fault),)
            )
        )
        page = lead.get(reverse("check_ledger")).content.decode()
        assert "The ledger is not intact" in page
        assert "Line 7: its content was changed" in page


def test_simulate_sends_cases_as_a_service_would_receive_them(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.core.management import call_command

    from referrals.case.models import Referral

    set_the_scene(at=now())
    call_command("simulate", "--per-hour", "360000", "--cases", "3", "--seed", "1")
    assert Referral.objects.count() == 3
    assert capsys.readouterr().out.count("MSCC-") == 3


def test_people_change_their_own_password(db: None) -> None:
    set_the_scene(at=now())
    client, other = signed_in("gp"), signed_in("gp")
    own_name = User.objects.get(username="gp").name
    typed = {"old_password": "wrong", "new_password1": own_name, "new_password2": "different"}
    answer = client.post(reverse("change_password"), typed)
    assert answer.status_code == 422
    for problem in ("not your current password", "are not the same", "too similar to the name"):
        assert problem in answer.content.decode()
    typed = {
        "old_password": "demo-mscc-2026",
        "new_password1": "another long secret",
        "new_password2": "another long secret",
    }
    assert client.post(reverse("change_password"), typed).status_code == 302
    assert client.get(reverse("referrals")).status_code == 200
    assert other.get(reverse("referrals")).status_code == 302
    assert entries(Search(kind="user_changed"))[0].facts["password_changed"] is True
