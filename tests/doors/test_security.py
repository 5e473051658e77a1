"""Safe from the first day: headers, sessions, lock-out, who sees what, and what never leaves."""

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import User
from demo.people import PASSWORD
from kernel.time import now
from ledger.kinds import Kind
from ledger.read import Search, entries
from mscc.refusal_pages import server_error
from referrals.case.models import Referral
from referrals.intake.record_fields import GROUP_AT
from tests.builders import act_by, actor, again, set_the_scene, submitted
from tests.doors.forms import VIEWS, signed_in, state_purpose
from webkit.client_address import client_address, client_network
from webkit.models import Draft

pytestmark = pytest.mark.django_db
ROLES = ("gp", "ward", "coordinator", "mdt", "lead", "admin")


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


def every_pattern() -> list[URLPattern]:
    found = []
    for pattern in get_resolver().url_patterns:
        inner = getattr(pattern, "url_patterns", None)
        found += inner if inner else [pattern]
    return found


class TestWhoSeesWhat:
    """The matrix over every address that shows a case, from the address list itself."""

    # name of the address: the roles that may open a case which is theirs to see
    OPEN = {
        "referral": {"gp", "coordinator"},
        "referral_live": {"gp", "coordinator"},
        "referral_print": {"gp", "coordinator"},
        "referral_summary": {"gp", "coordinator"},
        "patient_sheet": {"gp", "coordinator"},
        **{view: {"coordinator", "lead"} for view in (*VIEWS, "case_live", "case_acts")},
        "mdt_case": {"coordinator"},
        "mdt_summary": {"coordinator"},
        "mdt_treatment": {"coordinator"},
        "mdt_plan": {"coordinator"},
        "mdt_outcomes": {"coordinator"},
        "give_opinion": set(),
        "record_decision": set(),
        "decide_treatment": set(),
        "recurrence": set(),
        "scores": {"coordinator"},
        "referral_more": {"gp", "coordinator"},
        "record": {"gp", "coordinator"},
        "attach": {"gp", "coordinator"},
        "worse": {"gp"},
        "referral_more_part": set(),
        "record_part": set(),
        "write_message": set(),
        "attachment": set(),
        "letter": set(),
        "re_enter": set(),
        "withdraw_referral": set(),
        "list_for_mdt": {"coordinator"},
        "acknowledge": set(),
        "act": set(),
        "readers": {"lead"},
        "moment": {"lead"},
        "subject_access": {"lead"},
        "erasure": {"lead"},
        "restriction": {"coordinator", "lead"},
    }

    def test_the_matrix_names_every_address_of_a_case(self) -> None:
        of_a_case = {
            pattern.name
            for pattern in every_pattern()
            if "reference" in pattern.pattern.converters or "<reference>" in str(pattern.pattern)
        }
        api = {
            "api_referral",
            "api_timeline",
            "api_events",
            "api_withdraw",
            "api_messages",
            "api_record",
            "api_files",
            "api_file",
        }
        assert of_a_case - api == set(self.OPEN)

    @pytest.mark.parametrize("username", ROLES)
    def test_every_address_for_every_role(self, username: str) -> None:
        case = submitted("weakness", at=now())  # by the practice of `gp`; `ward` is of the hospital
        client = signed_in(username)
        if username == "lead":
            state_purpose(client, case)
        for name, roles in self.OPEN.items():
            if not roles:
                continue
            view = ["case"] if name == "case_live" else []
            address = reverse(name, args=[case.reference, *view])
            status = client.get(address).status_code
            assert (status == 200) == (username in roles), (name, username, status)
            assert status in (200, 403, 404)

    @pytest.mark.parametrize("username", ROLES)
    def test_nobody_else_acts(self, username: str) -> None:
        case = submitted("weakness", at=now())
        version = again(case).version
        client = signed_in(username)
        acts = [
            "findings",
            "triage",
            "disposition",
            "contact",
            "mri_performed",
            "redirect",
            "close",
            "withdraw",
            "error",
            "share",
        ]
        if username != "coordinator":
            for act in [*acts, "acknowledge"]:
                assert client.post(reverse("act", args=[case.reference, act]), {}).status_code in (403, 404)
            assert client.post(reverse("list_for_mdt", args=[case.reference]), {}).status_code in (403, 404)
        if username not in ("gp", "coordinator"):
            answer = client.post(reverse("withdraw_referral", args=[case.reference]), {"reason": "x"})
            assert answer.status_code in (403, 404)
        assert again(case).version == version

    def test_where_the_patient_is_reads_and_does_not_withdraw(self) -> None:
        case = submitted("no_cancer", at=now(), location__organisation_ods="RXX01")
        ward = signed_in("ward")
        page = ward.get(reverse("referral", args=[case.reference])).content.decode()
        assert "Withdraw this referral" not in page
        answer = ward.post(reverse("withdraw_referral", args=[case.reference]), {"reason": "Not ours"})
        assert answer.status_code == 403
        assert again(case).status == "submitted"

    def test_another_organisations_referral_is_not_there(self) -> None:
        case = submitted("weakness", at=now())
        answer = signed_in("ward").get(reverse("referral", args=[case.reference]))
        assert answer.status_code == 404
        assert case.patient.family_name.upper() not in answer.content.decode()

    def test_an_mdt_member_sees_what_is_listed(self) -> None:
        from mdt.usecases.list_for_mdt import list_for_mdt
        from referrals.usecases.acknowledge_referral import acknowledge_referral

        case = submitted("weakness", at=now())
        client = signed_in("mdt")
        address = reverse("mdt_case", args=[case.reference])
        assert client.get(address).status_code == 404
        assert "No cases are listed" in client.get(reverse("mdt")).content.decode()
        acknowledge_referral(case.reference, act=act_by("coordinator", now()))
        list_for_mdt(case.reference, question="surgery", text="Please", act=act_by("coordinator", now()))
        assert client.get(address).status_code == 200
        assert case.reference in client.get(reverse("mdt")).content.decode()

    def test_the_administrator_sees_no_clinical_record(self) -> None:
        case = submitted("weakness", at=now())
        client = signed_in("admin")
        for name in ("worklist", "referrals", "mdt", "governance", "audit", "inbox"):
            assert client.get(reverse(name)).status_code == 403, name
        assert client.get(reverse("case", args=[case.reference])).status_code == 403


class TestViews:
    def test_every_view_of_a_record_is_a_line(self) -> None:
        case = submitted("weakness", at=now())
        gp, coordinator, lead = signed_in("gp"), signed_in("coordinator"), signed_in("lead")
        gp.get(reverse("referral", args=[case.reference]))
        gp.get(reverse("patient_sheet", args=[case.reference]))
        coordinator.get(reverse("case", args=[case.reference]))
        state_purpose(lead, case)
        lead.get(reverse("case", args=[case.reference]))
        seen = [(e.kind, e.actor) for e in entries(Search(case=case.pk)) if "viewed" in e.kind]
        assert seen == [
            ("case_viewed", actor("lead").key),
            ("case_viewed", actor("coordinator").key),
            ("document_viewed", actor("gp").key),
            ("case_viewed", actor("gp").key),
        ]
        signed_in("coordinator").get(reverse("worklist"))
        listed = entries(Search(kind="list_viewed"))[0]
        assert listed.facts == {"where": "worklist", "cases": [case.pk]}

    def test_a_poll_is_a_view_only_when_it_shows_somebody_new(self) -> None:
        submitted("weakness", at=now())
        client = signed_in("coordinator")
        client.get(reverse("worklist"))
        for _ in range(3):
            client.get(reverse("worklist_rows"))
        assert len(entries(Search(kind="list_viewed"))) == 1
        submitted("weakness", at=now())
        client.get(reverse("worklist_rows"))
        assert len(entries(Search(kind="list_viewed"))) == 2


class TestHeaders:
    def test_the_policy_allows_no_inline_script(self) -> None:
        answer = Client().get(reverse("sign_in"))
        policy = answer["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert "default-src 'none'" in policy
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce
        assert f'nonce="{nonce.group(1)}"' in answer.content.decode()

    def test_nothing_is_fetched_from_elsewhere(self) -> None:
        case = submitted("weakness", at=now())
        client = signed_in("coordinator")
        for address in (reverse("worklist"), reverse("case", args=[case.reference]), reverse("new_referral")):
            page = client.get(address).content.decode()
            assert not re.search(r'(src|href)="(https?:)?//', page)

    def test_pages_with_patients_are_not_cached(self) -> None:
        case = submitted("weakness", at=now())
        for username, name in (("coordinator", "case"), ("gp", "referral")):
            answer = signed_in(username).get(reverse(name, args=[case.reference]))
            assert "no-store" in answer["Cache-Control"]

    def test_cookies_are_hidden_from_scripts_and_other_sites(self) -> None:
        client = signed_in("gp")
        cookie = client.cookies["sessionid"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    @pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
    def test_a_method_that_nothing_here_uses_is_refused(self, method: str) -> None:
        for name in ("about", "sign_in", "token", "live"):
            assert Client().generic(method, reverse(name)).status_code == 405, name

    def test_production_settings_pass_the_deployment_check(self, tmp_path: Any) -> None:
        import os
        import subprocess
        import sys

        environment = {
            **{key: value for key, value in os.environ.items() if key != "DJANGO_ALLOW_ASYNC_UNSAFE"},
            "DEMO": "false",
            "SECRET_KEY": "x" * 30 + "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
            "BASE_URL": "https://mscc.example.nhs.uk",
            "ALLOWED_HOSTS": "mscc.example.nhs.uk",
        }
        names = "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"
        words = (
            "import django; from django.conf import settings; from django.core.management import call_command as call;"
            " django.setup(); call('check', deploy=True, fail_level='WARNING');"
            f" print([getattr(settings, name) for name in {names}], settings.COOKIE_PREFIX)"
        )
        done = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "no issues" in done.stdout
        assert "['__Host-sessionid', '__Host-csrftoken'] __Host-" in done.stdout

    def test_every_missing_variable_is_named_at_once(self) -> None:
        import os
        import subprocess
        import sys

        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        done = subprocess.run(
            [sys.executable, "manage.py", "check"], env=kept, capture_output=True, text=True
        )
        assert done.returncode != 0
        for name in ("SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL", "REDIS_URL"):
            assert name in done.stderr


def views_of(case: Referral) -> int:
    return len(entries(Search(case=case.pk, kind=str(Kind.CASE_VIEWED))))


def test_every_answer_that_names_a_patient_has_a_line() -> None:
    case = submitted("pain_only", at=now())
    client = signed_in("gp")
    answer = client.post(reverse("worse", args=[case.reference]), {})
    assert case.patient.name in answer.content.decode()
    assert views_of(case) == 1


class TestSessions:
    def test_thirty_minutes_idle_locks_and_nothing_typed_is_lost(self) -> None:
        case = submitted("weakness", at=now())
        with time_machine.travel(now(), tick=False) as clock:
            client = signed_in("coordinator")
            clock.shift(timedelta(minutes=31))
            page = client.get(reverse("case", args=[case.reference]))
            assert page.status_code == 302
            assert reverse("sign_in") in page["Location"]
            contact = reverse("act", args=[case.reference, "contact"])
            client.post(
                contact,
                {
                    "text": "Spoke to the ward sister",
                    "person": "Sister",
                    "page": reverse("case", args=[case.reference]),
                },
            )
            assert Draft.objects.get().typed["text"] == ["Spoke to the ward sister"]
            client.post(reverse("sign_in"), {"username": "coordinator", "password": PASSWORD})
            page = client.get(reverse("case", args=[case.reference]))
            assert page.status_code == 200
            assert "You started “Log a call”" in page.content.decode()
            assert "Spoke to the ward sister" in client.get(contact, {"draft": "use"}).content.decode()

    def test_a_page_that_is_not_there_names_nobody_when_the_session_is_locked(self) -> None:
        with time_machine.travel(now(), tick=False) as clock:
            client = signed_in("coordinator")
            name = User.objects.get(username="coordinator").name
            assert name in client.get("/no-such-page/").content.decode()
            clock.shift(timedelta(minutes=31))
            answer = client.get("/no-such-page/")
            assert (answer.status_code, name in answer.content.decode()) == (404, False)

    def test_polling_does_not_keep_a_session_awake(self) -> None:
        with time_machine.travel(now(), tick=False) as clock:
            client = signed_in("coordinator")
            for _ in range(31):
                clock.shift(timedelta(minutes=1))
                answer = client.get(reverse("worklist_rows"), headers={"X-Requested-With": "fetch"})
            assert answer.status_code == 401
            assert answer["X-Locked"] == reverse("board_locked")

    def test_use_keeps_a_session_awake_for_twelve_hours_and_no_longer(self) -> None:
        with time_machine.travel(now(), tick=False) as clock:
            client = signed_in("coordinator")
            for _ in range(35):
                clock.shift(timedelta(minutes=20))
                assert client.get(reverse("worklist")).status_code == 200
            clock.shift(timedelta(minutes=25))
            assert client.get(reverse("worklist")).status_code == 302
            assert client.get(reverse("board_locked")).status_code == 302

    def test_a_locked_board_shows_no_patient_and_goes_on_counting(self) -> None:
        case = submitted("weakness", at=now())
        with time_machine.travel(now(), tick=False) as clock:
            client = signed_in("coordinator")
            clock.shift(timedelta(minutes=40))
            page = client.get(reverse("board_locked")).content.decode()
            assert "1 emergency waits for somebody" in page
            assert case.patient.family_name.upper() not in page
            assert case.reference not in page
            counts = client.get(reverse("board_locked_counts")).json()
            assert counts["emergencies"] == 1
            submitted("cauda_equina", at=now())
            assert client.get(reverse("board_locked_counts")).json()["emergencies"] == 2

    def test_a_draft_of_a_referral_survives_a_sign_out(self) -> None:
        import uuid

        number, client = uuid.uuid4(), signed_in("gp")
        client.post(reverse("referral_step", args=[number, "cord"]), {"presentation.cancer_context": "past"})
        client.post(reverse("sign_out"))
        client = signed_in("gp")
        assert str(number) in client.get(reverse("new_referral")).content.decode()
        page = client.get(reverse("referral_step", args=[number, "cord"])).content.decode()
        assert re.search(r'value="past"\s+checked', page)
        other = signed_in("ward").get(reverse("referral_step", args=[number, "cord"])).content.decode()
        assert not re.search(r'value="past"\s+checked', other)


def _try(
    username: str, password: str, *, client: Client | None = None, came_from: str = "", direct: bool = False
) -> Any:
    """A try to sign in, through a proxy that names the caller or directly from an address."""
    caller = (
        {}
        if not came_from
        else {"REMOTE_ADDR": came_from}
        if direct
        else {"HTTP_X_FORWARDED_FOR": f"10.9.9.9, {came_from}"}
    )
    return (client or Client()).post(
        reverse("sign_in"), {"username": username, "password": password}, **caller
    )


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.4, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "not an address", "192.0.2.1"),
    ],
)
def test_the_caller_behind_proxies(settings: Any, proxies: int, forwarded: str, address: str) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address


class TestSigningIn:
    def test_five_wrong_passwords_lock_the_name_out(self) -> None:
        client = Client()
        for _ in range(5):
            answer = client.post(reverse("sign_in"), {"username": "gp", "password": "wrong"})
        assert answer.status_code == 429
        answer = client.post(reverse("sign_in"), {"username": "gp", "password": PASSWORD})
        assert answer.status_code == 429
        assert "01632 960999" in answer.content.decode()

    def test_another_spelling_of_a_name_is_not_another_account(self) -> None:
        client = Client()
        for spelling in ("gp", "GP", " gp", "gp ", "Gp"):
            client.post(reverse("sign_in"), {"username": spelling, "password": "wrong"})
        answer = client.post(reverse("sign_in"), {"username": "gP  ", "password": PASSWORD})
        assert answer.status_code == 429

    def test_wrong_secrets_of_a_hospital_system_are_counted(self) -> None:
        wrong = {"grant_type": "client_credentials", "client_id": "demo-hospital", "client_secret": "wrong"}
        right = {**wrong, "client_secret": "demo-hospital-secret"}
        client = Client(REMOTE_ADDR="192.0.2.7")
        assert client.post("/oauth/token/", right).status_code == 200
        for _ in range(10):
            assert client.post("/oauth/token/", wrong).status_code == 401
        answer = client.post("/oauth/token/", wrong)
        assert (answer.status_code, answer["Retry-After"]) == (429, "900")
        assert client.post("/oauth/token/", right).status_code == 200, "a right secret is never shut out"

    def test_wrong_passwords_from_elsewhere_lock_nobody_out(self, settings: Any) -> None:
        settings.PROXIES = 1
        for _ in range(6):
            elsewhere = _try("gp", "wrong", came_from="203.0.113.9")
        assert elsewhere.status_code == 429
        assert _try("gp", PASSWORD, came_from="203.0.113.9").status_code == 429
        assert _try("gp", PASSWORD, came_from="198.51.100.4").status_code == 302

    def test_a_further_wrong_password_does_not_renew_the_lock(self) -> None:
        for _ in range(5):
            _try("gp", "wrong")
        for minutes, status in ((10, 429), (16, 302)):
            with time_machine.travel(now() + timedelta(minutes=minutes), tick=False):
                assert _try("gp", "wrong" if status == 429 else PASSWORD).status_code == status

    def test_a_device_on_which_one_has_signed_in_is_not_counted_against(self) -> None:
        known = Client()
        assert _try("gp", PASSWORD, client=known).status_code == 302
        known.post(reverse("sign_out"))
        for _ in range(6):
            _try("gp", "wrong")
        assert _try("gp", PASSWORD).status_code == 429
        assert _try("gp", PASSWORD, client=known).status_code == 302
        known.post(reverse("sign_out"))
        assert _try("mdt", "wrong", client=known).status_code == 422
        for _ in range(10):
            assert _try("gp", "wrong", client=known).status_code == 422
        elsewhere = {"client": known, "came_from": "198.51.100.4", "direct": True}
        for _ in range(5):
            _try("gp", "wrong", **elsewhere)
        assert _try("gp", PASSWORD, **elsewhere).status_code == 429, "it is a device like any other now"

    def test_a_forged_device_is_a_device_like_any_other(self) -> None:
        forged = Client()
        forged.cookies["mscc_device"] = "x gp:1abcde:forged"
        for _ in range(5):
            _try("gp", "wrong", client=forged)
        assert _try("gp", PASSWORD, client=forged).status_code == 429

    def test_a_new_address_of_one_network_for_each_try_helps_nobody(self) -> None:
        for number in range(5):
            _try("gp", "wrong", came_from=f"2001:db8:0:7::{number}", direct=True)
        assert _try("gp", PASSWORD, came_from="2001:db8:0:7:9::1", direct=True).status_code == 429
        assert _try("gp", PASSWORD, came_from="2001:db8:0:8::1", direct=True).status_code == 302, "next door"
        for number in range(20):
            _try(f"name{number}", "wrong", came_from=f"2001:db8:0:9::{number}", direct=True)
        _try("name20", "wrong", came_from="2001:db8:0:9:1::", direct=True)
        answer = _try("gp", PASSWORD, came_from="2001:db8:0:9:2::", direct=True)
        assert answer["Retry-After"] == "5"

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("", ""),
        ],
    )
    def test_where_tries_are_counted(self, address: str, network: str) -> None:
        assert client_network(RequestFactory().get("/", REMOTE_ADDR=address)) == network

    def test_trying_many_names_from_one_address_is_slowed_down(self) -> None:
        for number in range(20):
            assert _try(f"name{number}", "wrong").status_code == 422
        assert _try("name20", "wrong").status_code == 422
        answer = _try("gp", PASSWORD)
        assert (answer.status_code, answer["Retry-After"]) == (429, "5")
        assert "5 seconds" in answer.content.decode()
        assert _try("gp", PASSWORD, came_from="198.51.100.4", direct=True).status_code == 302, (
            "elsewhere nobody waits"
        )

    def test_no_password_is_kept_with_what_was_typed(self) -> None:
        client = signed_in("gp")
        with time_machine.travel(now() + timedelta(minutes=31), tick=False):
            typed = {"old_password": PASSWORD, "new_password1": "x" * 14, "name": "Kept"}
            client.post(reverse("change_password"), typed)
        assert set(Draft.objects.get().typed) == {"name"}

    def test_demo_accounts_are_refused_outside_demo_mode(self, settings: Any) -> None:
        client = signed_in("gp")
        settings.DEMO = False
        assert client.get(reverse("referrals")).status_code == 302
        answer = Client().post(reverse("sign_in"), {"username": "gp", "password": PASSWORD})
        assert answer.status_code == 422
        assert "Not released for clinical use" in answer.content.decode()

    def test_demo_data_is_refused_outside_demo_mode(self, settings: Any) -> None:
        from django.core.management import CommandError

        settings.DEMO = False
        for command, words in (("seed_demo", []), ("simulate", ["--per-hour", "1"])):
            with pytest.raises(CommandError, match="demo mode only"):
                call_command(command, *words)

    def test_somebody_who_has_left_is_out_at_once(self) -> None:
        client = signed_in("gp")
        User.objects.filter(username="gp").update(is_active=False)
        assert client.get(reverse("referrals")).status_code == 302

    def test_the_way_back_is_ours_alone(self) -> None:
        for address in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            answer = Client().post(
                reverse("sign_in"), {"username": "gp", "password": PASSWORD, "next": address}
            )
            assert answer["Location"] == reverse("home")

    def test_sign_ins_are_in_the_ledger(self) -> None:
        client = signed_in("gp")
        client.post(reverse("sign_out"))
        Client().post(reverse("sign_in"), {"username": "gp", "password": "wrong"})
        kinds = [entry.kind for entry in entries(Search())][:3]
        assert kinds == ["sign_in_failed", "signed_out", "signed_in"]

    @pytest.mark.parametrize(
        ("username", "start"),
        [
            ("gp", "referrals"),
            ("coordinator", "worklist"),
            ("registrar", "worklist"),
            ("mdt", "mdt"),
            ("lead", "governance"),
            ("admin", "settings"),
        ],
    )
    def test_everybody_lands_on_their_own_page(self, username: str, start: str) -> None:
        assert signed_in(username).get(reverse("home"))["Location"] == reverse(start)


class TestPresentPassword:
    def test_it_cannot_be_guessed_at_an_open_screen(self) -> None:
        client, new = signed_in("coordinator"), "Umbrella-ferry-41-lantern"
        form = {"new_password1": new, "new_password2": new}

        def change(**typed: str) -> str:
            answer: str = client.post(reverse("change_password"), {**form, **typed}).content.decode()
            return answer

        assert "not the same" in change(old_password=PASSWORD, new_password2="x"), "no guess"
        for guess in range(5):
            assert "not your current password" in change(old_password=f"guess {guess}")
        assert "five wrong passwords" in change(old_password=PASSWORD)
        assert User.objects.get(username="coordinator").check_password(PASSWORD)
        caches["default"].clear()
        change(old_password=PASSWORD)
        assert User.objects.get(username="coordinator").check_password(new)


class TestText:
    @pytest.mark.parametrize(
        ("address", "status"),
        [("/accounts/login/", 400), ("/oauth/token/", 401), ("/drafts/", 400)],
    )
    def test_a_character_that_nothing_can_store_is_refused(self, address: str, status: int) -> None:
        answer = signed_in("gp").post(address, {"username": "a\x00b", "client_id": "\x00", "place": "/x\x00"})
        assert answer.status_code == status

    def test_nor_is_it_stored_from_the_name_of_a_field_a_cookie_or_an_address(self) -> None:
        form = {"place": "/x", "a\x00b": "1"}
        assert signed_in("gp").post("/drafts/", form).status_code == 400
        assert Client().get("/?a%00b=1").status_code == 400
        cookie = 'sessionid="aaaaaaaaaaaa\\000"'
        assert Client().get("/accounts/login/", HTTP_COOKIE=cookie).status_code == 400
        locked = signed_in("coordinator")
        with time_machine.travel(now() + timedelta(minutes=40)):
            assert locked.post("/worklist/x%00y/acknowledge/", {"a": "b"}).status_code == 400

    @pytest.mark.parametrize("encoding", ["hex", "punycode", "undefined", "unicode_escape", "utf-16"])
    def test_a_form_that_is_not_in_utf_8_is_refused_and_no_other_request_is_read_otherwise(
        self, encoding: str
    ) -> None:
        form = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\na\\ud800b\r\n--x--\r\n'
        kind = f"multipart/form-data; boundary=x; charset={encoding}"
        for address in ("/accounts/login/", "/api/v1/referrals/", "/oauth/token/"):
            answer = Client().generic("POST", address, form, content_type=kind)
            assert answer.status_code in (400, 401), address
        answer = Client().generic(
            "GET", "/accounts/login/?next=%C3%A9", content_type=f"x/y; charset={encoding}"
        )
        assert answer.status_code == 200
        assert answer.wsgi_request.GET["next"] == "é"

    def test_what_is_nested_without_end_is_refused(self) -> None:
        case = submitted("weakness", at=now())
        shown = "[" * 100_000
        answer = signed_in("coordinator").post(
            reverse("record_part", args=[case.reference, next(iter(GROUP_AT))]), {"shown": shown}
        )
        assert answer.status_code == 409

    @pytest.mark.parametrize("credentials", [b"a\x00:b", b"a:\x00", b"%00:b", b"\xff\x00:b", b":"])
    def test_a_nul_in_the_credentials_of_a_hospital_system_is_refused(self, credentials: bytes) -> None:
        basic = "Basic " + base64.b64encode(credentials).decode()
        body = {"grant_type": "client_credentials"}
        for header in (basic, "Basic \x00", "Basic a\x00b"):
            assert Client().post("/oauth/token/", body, HTTP_AUTHORIZATION=header).status_code == 401

    def test_a_broken_page_still_gives_the_number(self) -> None:
        signed_in("gp").get(reverse("referrals"))
        request = RequestFactory().get("/referrals/")
        assert "01632 960999" in server_error(request).content.decode()
        machine = server_error(RequestFactory().get("/api/v1/referrals/"))
        assert machine["Content-Type"] == "application/problem+json"
        assert "01632 960999" in machine.content.decode()

    @pytest.mark.parametrize("search", ["until=9999-12-31", "since=0001-01-01", f"before={'9' * 5000}"])
    def test_no_search_breaks_the_audit_trail(self, search: str) -> None:
        assert signed_in("lead").get(f"{reverse('audit')}?{search}").status_code in (200, 422)

    def test_a_user_name_without_end_is_a_wrong_one(self) -> None:
        for name in ("x" * 300, f"{'x' * 59}é", "ﬃ" * 300):
            answer = Client().post(reverse("sign_in"), {"username": name, "password": "wrong"})
            assert answer.status_code == 422

    def test_a_runbook_of_any_name_is_there_or_not(self) -> None:
        for name, status in (("x" * 3000, 404), ("stalled-sweep", 200)):
            assert Client().get(reverse("runbook", args=[name])).status_code == status

    def test_html_is_shown_as_text(self) -> None:
        evil = "<script>alert(1)</script>"
        case = submitted(
            "weakness", at=now(), patient__family_name=evil, clinical__notes=evil, location__detail=evil
        )
        for username, address in (
            ("coordinator", reverse("case", args=[case.reference])),
            ("coordinator", reverse("worklist")),
            ("gp", reverse("referral", args=[case.reference])),
        ):
            page = signed_in(username).get(address).content.decode()
            assert evil not in page
            assert "&lt;script&gt;" in page.lower()

    def test_no_identifier_is_in_an_address(self) -> None:
        case = submitted("weakness", at=now())
        client = signed_in("coordinator")
        answer = client.post(reverse("worklist"), {"search": case.patient.nhs_number})
        assert case.patient.nhs_number not in answer["Location"]
        page = client.get(answer["Location"]).content.decode()
        assert case.reference in page
        for address in re.findall(r'(?:href|action)="([^"]+)"', page):
            assert case.patient.nhs_number not in address
            assert case.patient.family_name.lower() not in address.lower()

    def test_a_token_of_the_form_is_needed(self) -> None:
        client = Client(enforce_csrf_checks=True)
        answer = client.post(reverse("sign_in"), {"username": "gp", "password": PASSWORD})
        assert answer.status_code == 403
        assert "This form has expired" in answer.content.decode()


def test_logs_carry_no_identity(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    case = submitted("weakness", at=now())
    with caplog.at_level(logging.DEBUG, logger="django_structlog"):
        signed_in("coordinator").get(reverse("case", args=[case.reference]))
        signed_in("gp").get(reverse("referral", args=[case.reference]))
    written = caplog.text
    for identity in (case.patient.family_name, case.patient.nhs_number, PASSWORD):
        assert identity not in written


def test_the_page_of_a_missing_address_has_the_telephone_number() -> None:
    answer = Client().get("/nothing/here/")
    assert answer.status_code == 404
    assert "01632 960999" in answer.content.decode()
    assert Referral.objects.count() == 0
