"""What was tried on the workspace to make it mislead, forget or show too much."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import service as services
from kernel.refusals import OutOfTurn
from kernel.time import now
from ledger.models import Line
from oncall.models import Clock, Page
from oncall.page_links import token_of
from oncall.sweep import sweep
from referrals.case.models import Referral
from referrals.usecases.answer_hand_on import accept_hand_on, answer_hand_on_page
from referrals.usecases.claim_case import claim_case, hand_on_case
from referrals.usecases.settle_obligation import settle_obligation
from referrals.web.coordinator import worklist as board_views
from tests.builders import act_by, actor, again, report, set_the_scene, submitted, triaged
from tests.doors.forms import prefilled, send_act, signed_in
from tests.doors.test_workspace import acknowledged

pytestmark = pytest.mark.django_db
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def coordinator() -> Client:
    set_the_scene(at=now())
    return signed_in("coordinator")


def page_of(client: Client, case: Referral, name: str = "case") -> str:
    return str(client.get(reverse(name, args=[case.reference])).content.decode())


def row_of(page: str, case: Referral) -> str:
    return page.split(f'data-reference="{case.reference}"')[1].split("</tr>")[0]


class TestDecisions:
    def test_a_stream_that_a_person_decided_is_not_lowered_by_one_press(self, coordinator: Client) -> None:
        case = acknowledged("pain_only")
        send_act(
            coordinator,
            case,
            "triage",
            stream="emergency",
            override_code="clinical_judgement_more_urgent",
            override_text="Looks unwell",
        )
        assert again(case).stream == "emergency"
        Clock.objects.filter(case=case.pk).exclude(kind="coordinator_advice").update(
            stopped_at=now(), stopped_because="met", next_at=None
        )
        page = page_of(coordinator, case)
        assert "data-as-it-stands" not in page
        form = prefilled(
            coordinator.get(reverse("act", args=[case.reference, "triage"])).content.decode(), "triage"
        )
        assert form["stream"] == ["emergency"]

    def test_lowering_an_emergency_takes_the_whole_form_and_a_warning(self, coordinator: Client) -> None:
        case = acknowledged("not_examined")
        answers = {
            "presentation__neurology__limb_weakness": "no",
            "presentation__neurology__cord_or_cauda_equina_signs": "no",
        }
        send_act(coordinator, case, "findings", source="telephone", **answers)
        page = page_of(coordinator, case)
        assert "Due now: triage" in page
        assert "data-as-it-stands" not in page
        assert "Lowering an emergency needs a second clinician" in page

    def test_a_form_drawn_again_after_a_conflict_stays_refused(self, coordinator: Client) -> None:
        case = acknowledged("pain_only")
        address = reverse("act", args=[case.reference, "corrections"])
        form = prefilled(coordinator.get(address, headers=FETCH).content.decode(), "corrections") | {
            "source": "telephone"
        }
        send_act(
            signed_in("registrar"),
            case,
            "corrections",
            source="telephone",
            presentation__neurology__limb_weakness="yes",
        )
        for _ in range(2):
            answer = coordinator.post(address, form, headers=FETCH)
            assert answer.status_code == 422
            assert "Open the form again" in answer.content.decode()
            form = prefilled(answer.content.decode(), "corrections")
        assert again(case).presentation["neurology"]["limb_weakness"] == "yes"

    def test_a_draft_does_not_undo_what_came_meanwhile(self, coordinator: Client) -> None:
        case = acknowledged("pain_only")
        address = reverse("act", args=[case.reference, "corrections"])
        form = prefilled(coordinator.get(address).content.decode(), "corrections") | {"source": "telephone"}
        coordinator.post(reverse("keep_draft"), {**form, "place": address})
        send_act(
            signed_in("registrar"),
            case,
            "corrections",
            source="telephone",
            presentation__neurology__limb_weakness="yes",
        )
        used = prefilled(coordinator.get(address, {"draft": "use"}).content.decode(), "corrections")
        coordinator.post(address, used)
        assert again(case).presentation["neurology"]["limb_weakness"] == "yes"

    def test_what_is_due_is_what_is_chosen(self, coordinator: Client) -> None:
        case = triaged("pain_only", at=now())
        Clock.objects.filter(case=case.pk).exclude(kind="treatment_plan").update(
            stopped_at=now(), stopped_because="met", next_at=None
        )
        Clock.objects.create(
            case=case.pk,
            kind="physiotherapy",
            stream="One week",
            limit_hours=1,
            formal=False,
            ladder=[],
            started_at=now(),
            due_at=now() + timedelta(hours=1),
        )
        assert prefilled(page_of(coordinator, case), "promise")["kind"] == ["physiotherapy"]

    def test_a_death_of_somebody_nobody_has_seen_is_acknowledged_first(self, coordinator: Client) -> None:
        case = submitted("weakness", at=now())
        report(case, "died", at=now())
        page = page_of(coordinator, case)
        assert "A death was reported" in page
        assert "You cannot close now" not in page


class TestWords:
    def test_walking_that_is_older_and_told_later_reassures_nobody(self, coordinator: Client) -> None:
        case = acknowledged("weakness", clinical__walking_now="no_power")
        report(
            case, "neurology_changed", at=now() - timedelta(days=2), recorded_at=now(), walking_now="unaided"
        )
        assert "now no power" in page_of(coordinator, case)

    def test_the_board_says_what_a_scan_shows_and_never_that_somebody_walks(
        self, coordinator: Client
    ) -> None:
        case = triaged("pain_only", at=now(), clinical__walking_now="unaided")
        report(case, "mri_reported", at=now(), result="mscc", status="final", regions=["thoracic"])
        row = row_of(coordinator.get(reverse("worklist")).content.decode(), case)
        assert "MSCC on imaging" in row
        assert "alks unaided" not in row

    def test_every_worsening_stands_until_it_is_acknowledged(self, coordinator: Client) -> None:
        case = acknowledged("pain_only")
        report(case, "neurology_changed", at=now(), neurology={"bladder_or_bowel_dysfunction": "yes"})
        report(case, "neurology_changed", at=now(), neurology={"sensory_disturbance": "yes"})
        for words in (page_of(coordinator, case), coordinator.get(reverse("worklist")).content.decode()):
            told = words.split("Neurology worse: ")[1].split("since")[0]
            assert "bladder" in told and "numb" in told.lower(), told

    def test_a_dose_of_the_referral_and_an_old_stop(self, coordinator: Client) -> None:
        case = acknowledged(
            "weakness", presentation__dexamethasone_given="yes", clinical__dexamethasone={"dose_mg": 16}
        )
        report(case, "dexamethasone_stopped", at=now() - timedelta(days=3), recorded_at=now())
        words = page_of(coordinator, case).split("<dt>Steroid</dt>")[1].split("</dd>")[0]
        assert "given" in words
        assert "16" in words
        assert "stopped" not in words
        assert again(case).presentation["dexamethasone_given"] == "yes"

    def test_codes_of_a_later_version_close_no_list(self, coordinator: Client) -> None:
        case = submitted("weakness", at=now())
        Referral.objects.filter(pk=case.pk).update(
            presentation={**case.presentation, "cancer_context": "in_remission"}
        )
        page = coordinator.get(reverse("worklist"))
        assert page.status_code == 200
        assert case.reference in page.content.decode()


class TestBoard:
    def test_a_search_keeps_the_alarm_and_says_what_has_ended(self, coordinator: Client) -> None:
        waits = submitted("weakness", at=now())
        ended = triaged("no_cancer", at=now())
        send_act(coordinator, ended, "close", outcome="advice_only")
        for case, words in ((waits, "board__row--alarm"), (ended, "Closed")):
            page = coordinator.post(
                reverse("worklist"), {"search": case.reference}, follow=True
            ).content.decode()
            found = page.split(f'data-reference="{case.reference}"')
            assert words in found[0][-120:] + row_of(page, case)

    def test_cases_without_a_clock_are_reached_by_paging(
        self, coordinator: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(board_views, "PER_PAGE", 2)
        made = [triaged("weakness", at=now()) for _ in range(5)]
        for clock in Clock.objects.filter(case__in=[case.pk for case in made], stopped_at=None):
            clock.stopped_at, clock.stopped_because, clock.next_at = now(), "met", None
            clock.save()
        seen, address = set(), reverse("worklist")
        for _ in range(3):
            page = coordinator.get(address).content.decode()
            seen |= {case.reference for case in made if f'data-reference="{case.reference}"' in page}
            following = page.split('rel="next" href="')
            address = (
                reverse("worklist") + following[1].split('"')[0].replace("&amp;", "&")
                if len(following) > 1
                else address
            )
        assert len(seen) == 5

    def test_a_search_is_of_its_session_and_one_for_nothing_finds_nobody(self, coordinator: Client) -> None:
        case = submitted("weakness", at=now())
        answer = coordinator.post(reverse("worklist"), {"search": case.patient.family_name})
        assert "Showing matches for" in coordinator.get(answer["Location"]).content.decode()
        other = signed_in("registrar").get(answer["Location"]).content.decode()
        assert "Showing matches for" not in other
        for text in ("-", "%", "."):
            page = coordinator.post(reverse("worklist"), {"search": text}, follow=True).content.decode()
            assert case.reference not in page, text

    def test_after_an_act_the_board_is_as_it_was_filtered(self, coordinator: Client) -> None:
        case = submitted("weakness", at=now())
        row = row_of(coordinator.get(reverse("worklist"), {"show": "unseen"}).content.decode(), case)
        assert f'name="page" value="{reverse("worklist")}?show=unseen"' in row
        answer = coordinator.post(
            reverse("acknowledge", args=[case.reference]), {"page": f"{reverse('worklist')}?show=unseen"}
        )
        assert answer["Location"] == f"{reverse('worklist')}?show=unseen"


def test_a_form_in_a_drawer_is_a_view_of_the_record(coordinator: Client) -> None:
    case = submitted("weakness", at=now())
    coordinator.get(reverse("act", args=[case.reference, "merge"]), headers=FETCH)
    assert Line.objects.filter(case=case.pk, kind="case_viewed", actor=actor("coordinator").key).count() == 1


class TestHandingOn:
    def asked(self) -> Referral:
        case = triaged("weakness", at=now() - timedelta(hours=1))
        hand_on_case(case.reference, to="registrar", text="I am in theatre", act=act_by("coordinator", now()))
        return case

    def test_a_case_that_somebody_else_has_claimed_meanwhile_is_not_taken_silently(
        self, coordinator: Client
    ) -> None:
        case = self.asked()
        later = now() + timedelta(minutes=31)
        claim_case(case.reference, act=act_by("consultant", later))
        with pytest.raises(OutOfTurn, match="has claimed this case meanwhile"):
            accept_hand_on(case.reference, act=act_by("registrar", later))

    def test_nobody_answers_for_the_colleague_who_was_asked(self, coordinator: Client) -> None:
        case = self.asked()
        asked = case.obligations.latest("id")
        with pytest.raises(OutOfTurn, match="they accept it or decline it themselves"):
            settle_obligation(
                case.reference,
                asked.pk,
                done_by="Somebody",
                text="Yes",
                done_at=now(),
                by=actor("coordinator"),
                at=now(),
            )

    def test_a_link_answers_its_own_request_alone(self, coordinator: Client) -> None:
        case = self.asked()
        sweep(at=now())
        page = Page.objects.filter(clock__case=case.pk, clock__kind="task", channel="email").latest("id")
        token = token_of(page)
        answer_hand_on_page(token, accepts=False, text="In clinic", at=now(), service=services.current())
        hand_on_case(case.reference, to="registrar", text="Now?", act=act_by("coordinator", now()))
        with pytest.raises(OutOfTurn, match="an earlier request"):
            answer_hand_on_page(token, accepts=True, at=now(), service=services.current())
