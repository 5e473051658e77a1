"""Pages say what somebody meets in words of their own role, and say what to do when there is nothing to show."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import service as services
from kernel.time import now, rfc3339
from mscc.refusal_pages import unavailable
from referrals.evidence.events import parse_event
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.record_event import record_event
from tests.builders import acknowledged, act_by, set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.doors.markup import read
from triage.guideline.rows.table import ROWS
from webkit.typed import typed_instant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


def text_of(answer: Any) -> str:
    """A page as it reads, without its markup."""
    return read(answer.content.decode()).words


class TestNothingToShow:
    def test_a_search_without_a_match_says_where_it_looked_and_what_to_try(self) -> None:
        submitted("weakness", at=now())
        coordinator = signed_in("coordinator")
        page = text_of(coordinator.post(reverse("worklist"), {"search": "nobody"}, follow=True))
        assert (
            "No case matches, open or ended. Try the family name alone, the NHS number or the reference."
            in page
        )

    def test_an_empty_view_says_that_the_view_is_empty(self) -> None:
        submitted("weakness", at=now())
        assert "No case is in this view." in text_of(
            signed_in("coordinator").get(reverse("worklist") + "?show=mine")
        )


class TestWhatIsWrongSaysHowToMendIt:
    def test_a_wrong_password_stands_in_the_summary_that_takes_the_focus(self) -> None:
        answer = Client().post(reverse("sign_in"), {"username": "gp", "password": "wrong"})
        summary = read(answer.content.decode()).one(class_="nhsuk-error-summary")
        assert "The user name or the password is not right. Check both and try again" in summary.words
        assert summary.all("a")[0].get("href") == "#username"

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", "Enter the reference of a case, such as MSCC-7K3QF-X"),
            ("teston", "A reference never contains N, O, S, and looks like MSCC-7K3QF-X"),
        ],
    )
    def test_a_page_that_asks_for_a_case_says_what_a_reference_looks_like(
        self, typed: str, said: str
    ) -> None:
        lead = signed_in("lead")
        answer = lead.get(reverse("choose_readers"), {"case": typed})
        page = read(answer.content.decode())
        assert answer.status_code == 422
        assert said in page.one(class_="nhsuk-error-summary").words
        assert said in page.one(id="case-error").words
        assert "Such as MSCC-7K3QF-X" in text_of(lead.get(reverse("choose_readers")))

    def test_a_shift_without_times_says_which_of_the_two_is_missing(self) -> None:
        answer = signed_in("lead").post(reverse("plan_shift"), {"duty": "coordinator", "weeks": "1"})
        summary = read(answer.content.decode()).one(class_="nhsuk-error-summary").words
        assert "Enter a day and a time for “From, London time”" in summary
        assert "Enter a day and a time for “To, London time”" in summary

    def test_an_empty_answer_is_named_as_it_stands_over_its_field(self) -> None:
        case = acknowledged("weakness", at=now())
        act = reverse("act", args=[case.reference, "transfer_accepted"])
        answer = signed_in("coordinator").post(act, typed_instant(now(), "occurred_at"))
        summary = read(answer.content.decode()).one(class_="nhsuk-error-summary").words
        assert "Fill in “Hospital”" in summary
        assert "Enter: " not in summary

    def test_a_withdrawal_without_a_reason_opens_its_form_again_with_the_error_in_it(self) -> None:
        case = submitted("weakness", at=now())
        answer = signed_in("gp").post(reverse("withdraw_referral", args=[case.reference]), {"reason": " "})
        page = read(answer.content.decode())
        assert answer.status_code == 422
        assert page.one(class_="nhsuk-error-summary").all("a")[0].get("href") == "#reason"
        assert "Write why" in page.one(id="reason-error").words
        assert re.search(r"<details[^>]* open>\s*<summary[^>]*><span[^>]*>Withdraw", answer.content.decode())


class TestWhatIsNewSinceSomebodySawIt:
    def test_a_referrer_reads_that_nobody_has_acknowledged_what_they_reported_since(self) -> None:
        at = now()
        case = acknowledged("weakness", at=at - timedelta(hours=1))
        gp, page = signed_in("gp"), reverse("referral", args=[case.reference])
        assert "Nobody has acknowledged it yet" not in text_of(gp.get(page))
        fact = {
            "kind": "neurology_changed",
            "occurred_at": rfc3339(at),
            "data": {"worse": ["sensory_disturbance"]},
        }
        record_event(case.reference, parse_event(fact, at=at), act=act_by("gp", at))
        shown = text_of(gp.get(page))
        assert "Seen by Sister Grace Okoro" in shown
        assert "What is new since:" in shown
        assert "Nobody has acknowledged it yet. It was reported under a minute ago." in shown
        acknowledge_referral(case.reference, act=act_by("coordinator", now()))
        assert "What is new since:" not in text_of(gp.get(page))


class TestWhatFollows:
    @pytest.mark.parametrize(
        ("act", "said"),
        [
            ("close", "You can open it again."),
            ("withdraw", "You can open it again."),
            ("redirect", "You can open it again."),
            ("error", "cannot be opened again. The referrer is told."),
        ],
    )
    def test_an_act_that_ends_a_case_says_what_follows_and_whether_it_can_be_undone(
        self, act: str, said: str
    ) -> None:
        case = acknowledged("weakness", at=now())
        page = text_of(signed_in("coordinator").get(reverse("act", args=[case.reference, act])))
        assert "The case ends: its clocks stop and nobody is paged about it" in page
        assert said in page

    def test_walking_is_not_assessed_in_one_way_only(self) -> None:
        case = submitted("weakness", at=now())
        for who, page in (
            ("gp", reverse("worse", args=[case.reference])),
            ("coordinator", reverse("act", args=[case.reference, "deterioration"])),
        ):
            walking = read(signed_in(who).get(page).content.decode()).one("select", name="walking_now")
            assert [option.words for option in walking.all("option")] == [
                "Not assessed",
                "Walks unaided",
                "Walks with an aid",
                "Not walking, some power",
                "No power",
            ]


class TestWordsOfTheReadersRole:
    def test_a_coordinator_reads_that_they_speak_to_the_referrer(self) -> None:
        case = acknowledged("weakness", at=now())
        page = text_of(signed_in("coordinator").get(reverse("case_treatment", args=[case.reference])))
        assert "Speak to the referrer within 30 minutes" in page
        assert "speaks to you" not in page

    def test_a_decision_ready_to_be_taken_names_the_advice_that_is_given_first(self) -> None:
        case = acknowledged("weakness", at=now())
        page = text_of(signed_in("coordinator").get(reverse("case", args=[case.reference])))
        assert 0 < page.index("Advice given") < page.index("Advice not applicable")


class TestTheRecord:
    def test_only_a_yes_about_neurology_is_called_an_emergency_and_pain_is_folded(self) -> None:
        case = submitted("little_known", at=now())
        page = signed_in("gp").get(reverse("referral_more", args=[case.reference])).content.decode()
        neurology, _, pain = page.partition("Pain and stability (")
        assert "A yes is an emergency: ring as well." in neurology
        assert 'name="presentation.neurology.limb_weakness"' in neurology
        assert 'name="presentation.pain.progressive"' not in neurology
        assert 'name="presentation.pain.progressive"' in pain

    def test_the_coordinator_is_not_told_that_the_coordinator_is_told(self) -> None:
        case = submitted("weakness", at=now())
        page = text_of(signed_in("coordinator").get(reverse("record", args=[case.reference])))
        assert "Fill in what you know, in any order." in page
        assert "is told about everything you add" not in page


class TestSettingsAndRules:
    def test_a_site_is_named_once_in_the_list(self) -> None:
        page = text_of(signed_in("admin").get(reverse("sites")))
        assert "Northmoor General Hospital , RXX01: MRI 08:00 to 20:00" in page
        assert "RXX01: Northmoor General Hospital" not in page

    def test_the_form_of_a_rota_file_names_the_duties_by_their_codes(self) -> None:
        assert "Duties: coordinator, deputy" in text_of(signed_in("lead").get(reverse("on_call")))

    def test_whom_to_contact_stands_in_words_among_the_rules(self) -> None:
        page = text_of(Client().get(reverse("guideline_rules")))
        assert "within 24 hours the stream is one week" in page
        assert "within_24_hours" not in page


class TestTheGuidelineRowByRow:
    def test_unsearched_it_is_folded_by_stage_and_every_row_is_there(self) -> None:
        page = Client().get(reverse("guideline")).content.decode()
        assert page.count('<details class="nhsuk-details" id="stage-') == len({row.stage for row in ROWS})
        assert all(f'<tr id="{row.id}">' in page for row in ROWS)

    def test_what_a_search_finds_stands_open(self) -> None:
        assert 'id="stage-' not in Client().get(reverse("guideline") + "?words=denosumab").content.decode()


def test_the_page_of_an_outage_fits_a_telephone_and_dials(rf: Any) -> None:
    services.current()
    page = unavailable(rf.get("/")).content.decode()
    assert 'name="viewport"' in page
    assert re.search(r'on <a href="tel:\+44\d+">01632 960999</a>\.', page)
