"""Treatment and care on the case page: judged, said, answered; scores entered and counted."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kernel.time import now
from ledger.read import Search, entries
from referrals.case.models import CareAnswer, Referral, Score
from tests.builders import again, clock, report, running, scan, set_the_scene, submitted, triaged
from tests.doors.forms import every_view, signed_in
from triage.assess import latest, replay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene() -> None:
    set_the_scene(at=now())


@pytest.fixture
def coordinator() -> Client:
    return signed_in("coordinator")


def send(client: Client, case: Referral, act: str, **typed: Any) -> Any:
    return client.post(reverse("act", args=[case.reference, act]), typed)


def shown(client: Client, case: Referral) -> str:
    return every_view(client, case)


def said(case: Referral) -> set[str]:
    return {line["code"] for line in latest(case.pk).care["care"]}


def confirmed() -> Referral:
    case = triaged("weakness", at=now())
    scan(case, at=now())
    report(case, "mri_reported", at=now(), result="mscc")
    return again(case)


def test_the_page_says_what_holds_at_each_stage(coordinator: Client) -> None:
    case = triaged("weakness", at=now())
    assert "overnight_mri" in said(case)
    scan(case, at=now())
    assert "report_urgently" in said(case)
    report(case, "mri_reported", at=now(), result="mscc")
    assert {"talk_about_diagnosis", "consider_scoring_system"} <= said(case)
    send(coordinator, case, "course-surgery", **{"judged.surgery_suitable": "no"})
    page = shown(coordinator, case)
    assert 'data-code="urgent_radiotherapy"' in page
    assert "Radiotherapy of MSCC is one fraction of 8 Gy" in page
    assert replay(latest(case.pk))


def test_judgements_stand_in_their_forms_in_the_timeline_and_in_the_ledger(coordinator: Client) -> None:
    case = confirmed()
    send(
        coordinator,
        case,
        "course-radiotherapy",
        **{"judged.prognosis": "poor", "judged.recurrence": "not_assessed"},
    )
    page = shown(coordinator, case)
    assert "Overall prognosis: poor" in page
    line = entries(Search(case=case.pk, kind="course_judged"))[0]
    assert line.facts["judged"] == {"prognosis": "poor"}
    again_sent = send(coordinator, case, "course-radiotherapy", **{"judged.prognosis": "poor"})
    assert again_sent.status_code == 422
    assert "Nothing was changed" in again_sent.content.decode()


def test_a_judgement_outside_its_codes_is_refused_and_nothing_is_kept(coordinator: Client) -> None:
    case = confirmed()
    assert send(coordinator, case, "course-spine", **{"judged.stability": "wobbly"}).status_code == 422
    assert not entries(Search(case=case.pk, kind="course_judged"))


def test_an_exclusion_that_is_judged_later_ends_the_radiotherapy_clock(coordinator: Client) -> None:
    case = confirmed()
    report(case, "decision_to_treat", at=now(), modality="radiotherapy", suitable_for_surgery="no")
    assert "radiotherapy" in running(case)
    send(coordinator, case, "course-radiotherapy", **{"judged.prognosis": "poor"})
    assert clock(case, "radiotherapy").stopped_because == "superseded"
    other = confirmed()
    send(coordinator, other, "course-radiotherapy", **{"judged.prognosis": "poor"})
    report(other, "decision_to_treat", at=now(), modality="radiotherapy")
    assert "radiotherapy" not in running(other)


def test_what_was_done_stands_beside_the_advice(coordinator: Client) -> None:
    case = confirmed()
    wrong = send(coordinator, case, "care", code="talk_about_diagnosis", answer="declined")
    assert wrong.status_code == 422
    assert "Write why" in wrong.content.decode()
    send(coordinator, case, "care", code="talk_about_diagnosis", answer="done", text="With her daughter")
    page = shown(coordinator, case)
    assert "Done, Sister Grace Okoro" in page
    assert "With her daughter" in page
    assert CareAnswer.objects.get().ledger_line == entries(Search(kind="care_answered"))[0].number
    assert "With her daughter" not in str(entries(Search(kind="care_answered"))[0].facts)


def test_a_referrer_is_shown_no_judgement(coordinator: Client) -> None:
    case = confirmed()
    send(coordinator, case, "course-radiotherapy", **{"judged.prognosis": "poor"})
    page = signed_in("gp").get(reverse("referral", args=[case.reference])).content.decode()
    assert "urgent_radiotherapy" not in page
    assert "prognosis" not in page


def test_steroid_cautions_come_from_the_referral_and_block_nothing(coordinator: Client) -> None:
    case = submitted("weakness", at=now(), clinical__active_infection="yes")
    page = shown(coordinator, case)
    assert "weigh dexamethasone with a senior clinician before the next dose" in page
    assert 'data-code="offer_dexamethasone_16mg"' in page


class TestScores:
    SINS = {
        "kind": "sins",
        "about": "T8",
        "item.location": "semirigid",
        "item.pain": "mechanical",
        "item.bone_lesion": "lytic",
        "item.alignment": "normal",
        "item.collapse": "half",
        "item.posterolateral": "none",
    }

    def post(self, client: Client, case: Referral, **changes: str) -> Any:
        return client.post(reverse("scores", args=[case.reference]), {**self.SINS, **changes})

    def test_items_are_entered_and_the_total_is_counted_here(self, coordinator: Client) -> None:
        case = confirmed()
        form = coordinator.get(reverse("scores", args=[case.reference]) + "?kind=sins").content.decode()
        assert "Junctional" in form
        self.post(coordinator, case, **{"item.total": "99", "total": "99"})
        kept = Score.objects.get()
        assert (kept.total, kept.version, kept.about) == (9, "2010", "T8")
        assert kept.verdict.startswith("potentially unstable")
        assert kept.items["collapse"] == "half"

    def test_the_highest_lesion_is_reported_first(self, coordinator: Client) -> None:
        case = confirmed()
        self.post(coordinator, case)
        self.post(coordinator, case, about="L1", **{"item.location": "junctional"})
        page = shown(coordinator, case)
        assert "L1 (highest, reported)" in page
        assert page.index("L1 (highest, reported)") < page.index("<td>T8</td>")
        self.post(coordinator, case, about="L1", **{"item.location": "rigid"})
        assert "T8 (highest, reported)" in shown(coordinator, case)

    def test_what_is_missing_comes_back_with_what_was_chosen(self, coordinator: Client) -> None:
        case = confirmed()
        answer = self.post(coordinator, case, about="", **{"item.pain": ""})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "Choose an answer to “Pain”" in page
        assert "Fill in “Lesion, such as T8”" in page
        assert not Score.objects.exists()

    def test_the_lead_and_the_referrer_record_none(self) -> None:
        case = confirmed()
        for username in ("lead", "gp", "mdt"):
            assert self.post(signed_in(username), case).status_code in (403, 404)
