"""The workspace of a case: one glance, one act; what was begun; what an open page hears of; the board's order."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kernel.time import now
from ledger.models import Line
from oncall.models import Clock, Page
from oncall.sweep import climb, sweep
from referrals.case.models import Place, Referral
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.claim_case import claim_case
from referrals.usecases.close_referral import close_referral
from referrals.web.coordinator.acts import ACTS
from referrals.web.coordinator.search_words import SEARCH_WORDS
from tests.builders import NOON, act_by, actor, again, report, running, set_the_scene, submitted, triaged
from tests.doors.forms import every_view, prefilled, send_act, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> Client:
    set_the_scene(at=now())
    return signed_in("coordinator")


def acknowledged(kind: str = "weakness", **changes: Any) -> Referral:
    case = submitted(kind, at=now(), **changes)
    return acknowledge_referral(case.reference, act=act_by("coordinator", now()))


def shown(client: Client, case: Referral, name: str = "case") -> str:
    page = client.get(reverse(name, args=[case.reference]))
    assert page.status_code == 200
    return page.content.decode()


def words_of(page: str) -> str:
    """A page as a screen reader reads it: its words in their order."""
    main = page.split("<main")[1].split("</main>")[0]
    main = re.sub(
        r"<(script|style|dialog).*?</\1>|<[^>]*aria-hidden=\"true\"[^>]*>.*?</[^>]+>", " ", main, flags=re.S
    )
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


class TestNow:
    def test_the_reading_order_is_who_how_long_what_is_wrong_what_is_due(self, coordinator: Client) -> None:
        case = acknowledged(
            "weakness",
            clinical__walking_now="not_walking_some_power",
            clinical__walking_two_weeks_ago="unaided",
        )
        words = words_of(shown(coordinator, case))
        wanted = (
            case.patient.name,
            "years, born",
            case.patient.nhs_number_words,
            case.reference,
            "Emergency",
            "Speak to the referrer: ",
            "minutes left",
            "Owner: ",
            "Ring Dr Priya Anand 01632 960101",
            "Now",
            "Timeline",
            "Everything else",
            "At a glance",
            "Limb weakness; difficulty walking",
            "Not assessed:",
            "Cancer",
            "now not walking, some power; two weeks ago walks unaided",
            "Steroid",
            "Infection",
            "Anticoagulant",
            "Wishes",
            "Nothing is ruled out",
            "Thoracic:",
            "Due now: triage",
            "Within 24 hours",
            "Record the decision",
            "Decide differently",
            "Neurology, walking, bladder or pain is worse",
            "Log a call",
            "Book the scan",
            "Clocks and outstanding requests",
            "What the guideline says now",
        )
        at = 0
        for part in wanted:
            assert part in words[at:], f"{part} after {words[max(0, at - 60) : at]}"
            at = words.index(part, at) + len(part)

    def test_it_is_small_and_asks_the_database_little(
        self, coordinator: Client, django_assert_max_num_queries: Any
    ) -> None:
        case = acknowledged()
        shown(coordinator, case)
        with django_assert_max_num_queries(14):
            page = shown(coordinator, case)
        assert len(re.findall(r"<[a-z]", page)) <= 700
        assert len(page.encode()) <= 60_000

    def test_D22_a_language_and_an_interpreter_stand_on_the_case(self, coordinator: Client) -> None:
        case = acknowledged("weakness", patient__preferred_language="Welsh", patient__interpreter_needed=True)
        assert "Welsh. An interpreter is needed" in words_of(shown(coordinator, case))

    def test_worse_neurology_is_said_in_words_until_somebody_has_seen_it(self, coordinator: Client) -> None:
        case = acknowledged("pain_only")
        at = now()
        report(case, "neurology_changed", at=at, neurology={"limb_weakness": "yes"})
        assert "Neurology worse: weakness of an arm or leg, since " in shown(coordinator, case)
        acknowledge_referral(case.reference, act=act_by("coordinator", at))
        assert "Neurology worse: " not in shown(coordinator, case)

    def test_whoever_records_what_is_worse_takes_it_with_the_same_press_or_pages(
        self, coordinator: Client
    ) -> None:
        at = now()
        for dealing_with_it, rungs in (("yes", 0), ("", 1)):
            case = triaged("pain_only", at=at - timedelta(hours=1))
            send_act(
                coordinator, case, "deterioration", worse="limb_weakness", dealing_with_it=dealing_with_it
            )
            sweep(at=now())
            climbed = (
                Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge").values("rung").distinct()
            )
            assert ("acknowledge" in running(case), climbed.count()) == (not dealing_with_it, rungs)
            acknowledged_now = (
                again(case).acknowledged_at >= at and again(case).acknowledged_by == actor("coordinator").name
            )
            assert acknowledged_now == bool(dealing_with_it)

    def test_to_take_what_nobody_is_paged_for_acknowledges_nothing(self, coordinator: Client) -> None:
        case = triaged("pain_only", at=now() - timedelta(hours=1))
        before = case.acknowledged_at
        answer = send_act(coordinator, case, "deterioration", walking_now="unaided", dealing_with_it="yes")
        assert "Recorded: neurology changed" in answer.content.decode()
        assert again(case).acknowledged_at == before


class TestActs:
    def test_every_act_opens_or_says_why_not(self, coordinator: Client) -> None:
        for case in (acknowledged("not_examined"), triaged("weakness", at=now())):
            for name, act in ACTS.items():
                answer = coordinator.get(act.address(case), headers={"X-Requested-With": "fetch"})
                assert answer.status_code == 200, name
                page = answer.content.decode()
                assert not act.has_form or act.title in page, name
                assert f'data-act-form="{name}"' in page or not act.has_form or ".</p>" in page, name

    def test_the_menu_holds_each_and_the_sentence_of_what_cannot_be_done(self, coordinator: Client) -> None:
        page = shown(coordinator, acknowledged(), "case_acts")
        assert set(SEARCH_WORDS) <= set(ACTS)
        for act in ACTS.values():
            assert act.title in page
        assert "No death was reported" in page
        folded = page.split("<details")[1:]
        assert any("No death was reported" in part.split("</details>")[0] for part in folded)
        assert re.search(r"<summary>\d+ cannot be done now</summary>", page)
        assert "act-links__refused" not in "".join(re.split(r"<details.*?</details>", page, flags=re.S))
        assert page.index(">Decide<") < page.index(">Scan<") < page.index(">Correct<") < page.index(">End<")

    def test_sent_from_a_drawer_it_is_told_in_words_and_a_refusal_too(self, coordinator: Client) -> None:
        case = acknowledged()
        address = reverse("act", args=[case.reference, "triage"])
        sent = prefilled(shown(coordinator, case), "triage")
        fetch = {"X-Requested-With": "fetch"}
        done = coordinator.post(address, sent, headers=fetch)
        assert (done.status_code, "data-done" in done.content.decode()) == (200, True)
        refused = coordinator.post(address, {**sent, "form_key": "of another page"}, headers=fetch)
        assert refused.status_code == 422
        assert "Somebody else has changed this case" in refused.content.decode()

    @pytest.mark.parametrize("back", ["worklist", "case_scans"])
    def test_after_an_act_one_is_where_one_was(self, coordinator: Client, back: str) -> None:
        case = triaged("weakness", at=now())
        place = reverse(back) if back == "worklist" else reverse(back, args=[case.reference])
        page = coordinator.get(
            f"{reverse('act', args=[case.reference, 'contact'])}?from={place}"
        ).content.decode()
        sent = {**prefilled(page, "contact"), "outcome": "spoke"}
        answer = coordinator.post(reverse("act", args=[case.reference, "contact"]), sent)
        assert answer.headers["Location"] == place
        assert "The call is logged" in coordinator.get(place).content.decode()

    def test_nobody_is_sent_to_an_address_of_somebody_elses(self, coordinator: Client) -> None:
        case = triaged("weakness", at=now())
        answer = send_act(coordinator, case, "contact", outcome="spoke", page="//evil.example/", follow=False)
        assert answer.headers["Location"] == reverse("case", args=[case.reference])


class TestDrafts:
    def keep(self, client: Client, case: Referral, act: str, **typed: str) -> None:
        place = reverse("act", args=[case.reference, act])
        form = prefilled(shown_act(client, case, act), act)  # as a browser keeps it, whole
        assert client.post(reverse("keep_draft"), {**form, **typed, "place": place}).status_code == 204

    def test_D01_a_choice_that_was_changed_and_not_sent_never_comes_back_by_itself(
        self, coordinator: Client
    ) -> None:
        case = acknowledged()
        refused = send_act(coordinator, case, "triage", stream="one_week", override_text="")
        assert refused.status_code == 422
        self.keep(coordinator, case, "triage", stream="one_week")
        page = shown(coordinator, case)
        assert "You started “Triage decision and advice”" in page
        assert 'value="one_week"' not in page
        form = shown_act(coordinator, case, "triage")
        assert "You started this" in form
        assert "data-act-form" not in form
        used = shown_act(coordinator, case, "triage", draft="use")
        assert re.search(r'value="one_week"[^>]* selected', used)
        coordinator.post(reverse("act", args=[case.reference, "triage"]), {"throw_away": "yes"})
        assert "You started" not in shown(coordinator, case)
        assert re.search(r'value="emergency"[^>]* selected', shown_act(coordinator, case, "triage"))

    def test_what_was_sent_is_no_draft(self, coordinator: Client) -> None:
        case = triaged("weakness", at=now())
        self.keep(coordinator, case, "contact", text="Half a sentence")
        assert "You started “Log a call”" in shown(coordinator, case)
        sent = {
            **prefilled(shown_act(coordinator, case, "contact", draft="use"), "contact"),
            "outcome": "spoke",
        }
        assert sent["text"] == ["Half a sentence"]
        coordinator.post(reverse("act", args=[case.reference, "contact"]), sent)
        assert "You started" not in shown(coordinator, case)


def shown_act(client: Client, case: Referral, act: str, **asked: str) -> str:
    return str(client.get(reverse("act", args=[case.reference, act]), asked).content.decode())


class TestLive:
    def test_an_open_page_hears_of_everything_and_is_one_view(self, coordinator: Client) -> None:
        case = acknowledged("pain_only")
        page = shown(coordinator, case)
        seen = re.search(r'data-sequence="([^"]+)"', page)
        assert seen
        live = reverse("case_live", args=[case.reference, "case"])
        views = Line.objects.filter(kind="case_viewed").count()
        assert coordinator.get(live, {"seen": seen.group(1)}).status_code in (200, 204)
        report(case, "neurology_changed", at=now(), neurology={"gait_disturbance": "yes"})
        answer = coordinator.get(live, {"seen": seen.group(1)}, headers={"X-Requested-With": "fetch"})
        assert answer.status_code == 200
        assert "Neurology worse: " in answer.content.decode()
        assert Line.objects.filter(kind="case_viewed").count() == views
        assert coordinator.get(reverse("case_live", args=[case.reference, "nothing"])).status_code == 404

    @time_machine.travel(NOON + timedelta(seconds=20), tick=False)
    def test_what_the_service_does_by_itself_between_two_polls_of_one_minute_is_heard(self) -> None:
        set_the_scene(at=now())
        case, coordinator = submitted("weakness", at=now()), signed_in("coordinator")
        live = reverse("case_live", args=[case.reference, "case_timeline"])
        seen = re.search(r'data-sequence="([^"]+)"', shown(coordinator, case, "case_timeline"))
        assert seen
        assert coordinator.get(live, {"seen": seen.group(1)}).status_code == 204
        version = again(case).version
        climb(at=now())
        assert again(case).version == version
        answer = coordinator.get(live, {"seen": seen.group(1)})
        assert answer.status_code == 200
        assert "page" in answer.content.decode()
        seen = re.search(r'data-sequence="([^"]+)"', answer.content.decode())
        assert seen
        assert coordinator.get(live, {"seen": seen.group(1)}).status_code == 204

    def test_it_is_nothing_to_somebody_who_may_not_see_the_case(self, coordinator: Client) -> None:
        live = reverse("case_live", args=[acknowledged().reference, "case"])
        for username in ("gp", "admin", "mdt"):
            assert signed_in(username).get(live).status_code == 403


def test_decisions_stand_out_on_the_timeline_and_machine_lines_are_folded(coordinator: Client) -> None:
    case = triaged("weakness", at=now())
    page = shown(coordinator, case, "case_timeline")
    decision = page.split("timeline__item--decision")[1].split("</li>")[0]
    assert "Triage decision" in decision
    assert re.search(r"<summary>[^<]*\d+ clocks? started", page)


def test_everything_that_is_known_is_on_some_view(coordinator: Client) -> None:
    case = triaged("weakness", at=now())
    page = every_view(coordinator, case)
    for words in (
        case.referrer["name"],
        "First suspected",
        "Not known yet",
        "All clocks",
        "Letters and files",
    ):
        assert words in page, words


class TestPlace:
    """The database's own order is what reading the case and its clocks again gives."""

    def expected(self) -> dict[int, tuple[int, bool, datetime | None]]:
        order = ("emergency", "", "one_week", "urgent_oncology", "", "safety_net")
        found = {}
        for case in Referral.objects.exclude(status__in=("closed", "withdrawn", "entered_in_error")):
            running = Clock.objects.filter(case=case.pk, stopped_at=None).exclude(
                kind__in=("cg75_legacy", "total_pathway")
            )
            waits = running.filter(kind="acknowledge").exists()
            if waits and (case.stream == "emergency" or case.referrer_concern == "emergency"):
                rank = 0
            elif case.stream == "insufficient_information":
                rank = 2 if case.neurology_open else 5
            else:
                rank = order.index(case.stream) + 1 if case.stream in order else 7
            first = running.order_by("due_at").first()
            found[case.pk] = (rank, waits, first.due_at if first else None)
        return found

    def kept(self) -> dict[int, tuple[int, bool, datetime | None]]:
        return {
            place.case_id: (place.rank, place.waits, place.due_at if place.due_at.year < 2199 else None)
            for place in Place.objects.all()
        }

    def test_after_every_kind_of_act(self, coordinator: Client) -> None:
        at = now()
        made = [
            submitted(kind, at=at)
            for kind in (
                "weakness",
                "pain_only",
                "not_examined",
                "little_known",
                "no_cancer",
                "cancer_suspected",
                "back_pain",
            )
        ]
        made.append(submitted("pain_only", at=at, referrer_concern="emergency"))
        assert self.kept() == self.expected()
        for case in made:
            acknowledge_referral(case.reference, act=act_by("coordinator", at))
        assert self.kept() == self.expected()
        report(made[1], "neurology_changed", at=at + timedelta(minutes=1), neurology={"limb_weakness": "yes"})
        claim_case(made[2].reference, act=act_by("coordinator", at))
        assert self.kept() == self.expected()
        assert self.kept()[made[1].pk][:2] == (0, True)
        gone = triaged("no_cancer", at=at)
        close_referral(gone.reference, outcome="advice_only", by=actor("coordinator"), at=at)
        assert again(gone).pk not in self.kept()
        assert self.kept() == self.expected()
