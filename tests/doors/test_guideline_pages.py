"""The guideline as people and systems read it, confirm it and sign it."""

import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import service as services
from accounts.administration import change_settings
from accounts.models import User
from accounts.service import SETTINGS
from demo.people import PASSWORD
from governance.editions import newest_cases
from kernel.time import now
from ledger.read import Search, entries
from tests.builders import actor, set_the_scene, submitted, triaged
from tests.doors.forms import signed_in
from tests.doors.machines import Machine
from tests.doors.markup import read
from tests.owner import as_owner
from triage.guideline.rows.table import ROWS, counts
from triage.guideline.ruleset import RULESETS
from triage.models import Assessment, Confirmation, Signature
from triage.plan_definition import bundle
from triage.signature import confirmed_numbers, release, unconfirmed_citations
from triage.web.guidance import LIMIT_LABELS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


def page(client: Client, name: str, query: str = "") -> str:
    answer = client.get(f"{reverse(name)}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


class TestRows:
    def test_every_row_is_shown_with_what_became_of_it(self) -> None:
        shown = page(Client(), "guideline")
        assert all(f'id="{row.id}"' in shown for row in ROWS)
        for verdict, number in counts().items():
            assert f'<a href="?verdict={verdict}">{number}</a>' in shown

    def test_rows_are_searched_and_filtered(self) -> None:
        found = page(Client(), "guideline", "?words=prostate+denosumab&stage=pain")
        assert 'id="BON-5"' in found
        assert 'id="REC-2"' not in found
        assert "No row matches" in page(Client(), "guideline", "?words=zebra")
        assert 'id="SVC-1"' not in page(Client(), "guideline", "?verdict=here")

    def test_the_drawing_has_its_charts_and_the_rules_their_places(self) -> None:
        drawn = page(Client(), "guideline_drawing")
        assert drawn.count('<figure class="chart"') == 5
        assert "held as provisional" in drawn
        assert 'id="say-graded_sitting"' in page(Client(), "guideline_rules")

    def test_sign_off_is_for_the_lead_and_the_safety_officer(self) -> None:
        assert reverse("sign_off") not in page(signed_in("gp"), "guideline")
        assert signed_in("coordinator").get(reverse("sign_off")).status_code == 403
        assert signed_in("gp").get(reverse("sign_off")).status_code == 403
        assert reverse("sign_off") in page(signed_in("lead"), "guideline")


class TestSignOff:
    def test_a_lead_confirms_a_number_and_every_screen_shows_it(self) -> None:
        lead, case = signed_in("lead"), triaged("weakness", at=now())
        address = reverse("case", args=[case.reference])
        assert "NG234 1.8.1, number not confirmed" in signed_in("coordinator").get(address).content.decode()
        wrong = lead.post(reverse("confirm_citation"), {"row": "STE-1", "number": "about eight"})
        assert wrong.status_code == 422
        assert "Enter the number as printed" in wrong.content.decode()
        lead.post(reverse("confirm_citation"), {"row": "STE-1", "number": "1.8.1"})
        assert confirmed_numbers() == {"STE-1": "1.8.1"}
        shown = signed_in("coordinator").get(address).content.decode()
        assert "NG234 1.8.1, number not confirmed" not in shown
        assert "NG234 1.8.1" in shown
        assert "confirmed by Dr Samuel Adeyemi" in page(lead, "sign_off")
        assert entries(Search(kind="citation_confirmed"))[0].facts == {"row": "STE-1", "number": "1.8.1"}

    def test_what_the_api_says_of_a_source_does_not_change_with_it(self) -> None:
        case = submitted("weakness", at=now())
        signed_in("lead").post(reverse("confirm_citation"), {"row": "STE-1", "number": "1.8.1"})
        stored = Assessment.objects.get(case=case.pk).result
        dexamethasone = next(a for a in stored["advice"] if a["code"] == "offer_dexamethasone_16mg")
        assert dexamethasone["sources"] == [
            {"guideline": "NG234", "recommendation": "1.8.1", "confirmed": False}
        ]

    def test_a_setting_is_confirmed_as_it_stands_and_no_longer_when_it_changes(self) -> None:
        lead = signed_in("lead")
        lead.post(reverse("confirm_setting"), {"key": "voice_contact"})
        assert "30, confirmed by" in page(lead, "sign_off")
        change("voice_contact", "20")
        assert "30, confirmed by" not in page(lead, "sign_off")
        assert lead.post(reverse("confirm_setting"), {"key": "nothing"}).status_code == 422

    def test_only_a_safety_officer_signs_and_with_the_password(self) -> None:
        lead = signed_in("lead")
        assert lead.post(reverse("sign_release"), {"password": "wrong"}).status_code == 422
        assert lead.post(reverse("sign_release"), {"password": PASSWORD}).status_code == 302
        assert Signature.objects.get().by_name == "Dr Samuel Adeyemi"
        assert entries(Search(kind="ruleset_signed"))
        User.objects.filter(username="lead").update(is_safety_officer=False)
        assert signed_in("lead").post(reverse("sign_release"), {"password": PASSWORD}).status_code == 403
        assert Signature.objects.count() == 1

    def test_a_signature_ends_with_a_change_of_what_it_was_under(self) -> None:
        assert not release(services.current(), at=now()).signed
        signed_in("lead").post(reverse("sign_release"), {"password": PASSWORD})
        assert release(services.current(), at=now()).signed
        change("service_name", "Another name")
        assert release(services.current(), at=now()).signed
        change("rung_deputy", "20")
        assert "A setting has changed" in release(services.current(), at=now()).words
        signed_in("lead").post(reverse("sign_release"), {"password": PASSWORD})
        assert release(services.current(), at=now()).signed
        long_ago = now() - timedelta(days=10_000)
        assert "ruleset has changed" in release(services.current(), at=long_ago).words

    def test_outside_demonstration_every_page_says_what_is_not_signed(self, settings: Any) -> None:
        settings.DEMO = False
        assert "Not released for clinical use" in Client().get(reverse("sign_in")).content.decode()
        settings.DEMO = True
        signed_in("lead").post(reverse("sign_release"), {"password": PASSWORD})
        settings.DEMO = False
        assert "Not released for clinical use" not in Client().get(reverse("sign_in")).content.decode()

    @pytest.mark.parametrize("table", ["triage_confirmation", "triage_signature"])
    def test_nothing_that_was_signed_can_be_changed(self, table: str) -> None:
        with as_owner() as cursor:
            cursor.execute(
                f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"
            )
            assert cursor.fetchone() is not None

    def test_it_is_a_checklist_with_what_is_left_that_ends_in_the_signature(self) -> None:
        lead, number = signed_in("lead"), len(unconfirmed_citations())
        lead.post(reverse("confirm_setting"), {"key": "voice_contact"})
        shown = page(lead, "sign_off")
        assert f"{number} of {number} left" in shown
        assert f"{len(SETTINGS) - 1} of {len(SETTINGS)} left" in shown
        assert shown.count(">To do</strong>") == number + len(SETTINGS) - 1
        assert shown.index('id="numbers"') < shown.index('id="settings"') < shown.index('id="password"')

    def test_the_rows_of_a_group_stand_in_the_order_of_their_numbers(self) -> None:
        rows = re.findall(r'id="row-([A-Z0-9-]+)"', page(signed_in("lead"), "sign_off"))
        assert [row for row in rows if row.startswith("IMM-")] == [f"IMM-{n}" for n in range(1, 6)]
        in_image = [int(row.removeprefix("IMG-")) for row in rows if row.startswith("IMG-")]
        assert in_image == sorted(in_image)

    def test_one_group_is_open_the_one_to_work_on_and_after_a_confirmation_the_same_again(self) -> None:
        lead = signed_in("lead")
        assert opened(page(lead, "sign_off")) == ["Immobilise"]
        answer = lead.post(reverse("confirm_setting"), {"key": "voice_contact"}, follow=True)
        assert opened(answer.content.decode()) == ["How soon a human answers"]
        wrong = lead.post(reverse("confirm_citation"), {"row": "STE-1", "number": "about eight"})
        shown = wrong.content.decode().split("<details")
        (of_the_fault,) = [part for part in shown if " open>" in part.split("summary")[0]]
        assert "Enter the number as printed" in of_the_fault

    def test_every_unconfirmed_citation_is_on_the_page(self) -> None:
        shown = page(signed_in("lead"), "sign_off")
        assert all(f'id="row-{citation.row}"' in shown for citation in unconfirmed_citations())
        assert all(setting.label in shown for setting in SETTINGS)
        assert not Confirmation.objects.exists()


def opened(page: str) -> list[str]:
    """The headings of the groups that stand open."""
    return [
        group.one("h3").words.partition(":")[0]
        for group in read(page).all("details")
        if "open" in group.attributes
    ]


def change(key: str, value: str) -> None:
    typed = {setting.key: str(services.current()[setting.key]) for setting in SETTINGS}
    change_settings({**typed, key: value}, by=actor("admin"), at=now())


class TestEditions:
    def test_the_same_cases_under_both_editions_with_reasons(self) -> None:
        alike = submitted("pain_only", at=now())
        lone = submitted({"cancer_context": "past", "neurology": {"limb_weakness": "yes"}}, at=now())
        shown = page(signed_in("lead"), "compare_editions")
        assert alike.reference in shown
        assert lone.reference in shown
        assert "NG234 counts a past cancer" in shown
        out = StringIO()
        call_command("compare_editions", "--differing", stdout=out)
        assert lone.reference in out.getvalue()
        assert out.getvalue().splitlines()[-1].startswith("2 cases:")

    def test_a_page_compares_the_newest_cases_and_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        old, new = (submitted("weakness", at=now()) for _ in range(2))
        assert [case.pk for case in newest_cases(1)] == [new.pk]
        assert [case.pk for case in newest_cases(None)] == [new.pk, old.pk]
        monkeypatch.setattr("governance.rulesets.MOST", 1)
        shown = page(signed_in("lead"), "compare_rulesets")
        assert "The newest 1 case:" in shown
        assert new.reference in shown
        assert old.reference not in shown
        monkeypatch.setattr("governance.rulesets.MOST", 3)
        assert "The newest" not in page(signed_in("lead"), "compare_rulesets")

    def test_the_level_of_pain_is_asked_once_and_makes_it_computable(self) -> None:
        mechanical = {"cancer_context": "current", "pain": {"mechanical": "yes"}, "low_back_pain": "no"}
        case = submitted(mechanical, at=now())
        shown = page(signed_in("lead"), "compare_editions")
        assert "Not computable" in shown
        case.clinical["pain_levels"] = ["thoracic"]
        case.save()
        assert "CG75 needs to know where" not in page(signed_in("lead"), "compare_editions")

    def test_every_assessment_gives_the_same_answer_again(self) -> None:
        triaged("weakness", at=now())
        out = StringIO()
        call_command("replay_assessments", stdout=out)
        assert "every answer the same" in out.getvalue()
        wrong = Assessment.objects.latest("id")
        wrong.pk, wrong._state.adding = None, True
        wrong.result = {**wrong.result, "stream": "one_week"}
        wrong.save()
        with pytest.raises(CommandError, match="differ"):
            call_command("replay_assessments")


class TestForSystems:
    def test_the_api_gives_rules_rows_sources_and_release(self) -> None:
        answer = Machine().get("guideline/")
        assert answer.status_code == 200
        told = answer.json()
        assert {rule["id"] for rule in told["rules"]} >= {"emergency.known_cancer", "urgent_radiotherapy"}
        assert all(rule["sources"] and rule["when"] for rule in told["rules"])
        assert len(told["rows"]) == len(ROWS)
        assert told["release"]["signed"] is False
        assert [edition["active"] for edition in told["editions"]] == [True, False]

    def test_the_api_asks_for_a_token(self) -> None:
        assert Client().get("/api/v1/guideline/").status_code == 401

    def test_the_export_is_fhir(self, tmp_path: Any) -> None:
        from fhir.resources.R4B.bundle import Bundle

        made = Bundle.model_validate(bundle())
        kinds = [entry.resource.get_resource_type() for entry in made.entry]
        assert kinds == ["PlanDefinition", "Library"]
        actions = [
            action for group in bundle()["entry"][0]["resource"]["action"] for action in group["action"]
        ]
        assert len({action["id"] for action in actions}) == len(actions)
        assert all(action["documentation"] for action in actions)
        call_command("export_guideline", str(tmp_path / "plan.json"), stdout=StringIO())
        assert json.loads((tmp_path / "plan.json").read_text()) == bundle()


def test_every_limit_that_a_rule_gives_has_its_words() -> None:
    kinds = {str(rule.kind) for ruleset in RULESETS for rule in ruleset.clock_rules}
    assert kinds <= set(LIMIT_LABELS)
