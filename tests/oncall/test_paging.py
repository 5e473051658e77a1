"""Pages that fail, clocks that cannot be processed, and the link that answers a page."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kernel.time import now
from ledger.read import Search, entries
from oncall import sweep as sweeping
from oncall.alarms import raise_alarm
from oncall.delivery import deliver
from oncall.models import Clock, Page
from oncall.page_links import token_of
from oncall.sweep import climb, sweep
from oncall.watch import audit, dangers
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.withdraw_referral import withdraw_referral
from tests.builders import NOON, ONE_PERSON, act_by, actor, again, clock, running, submitted

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def rungs(case: Any) -> list[tuple[int, str]]:
    pages = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", channel="screen")
    return list(pages.order_by("rung").values_list("rung", "duty"))


class TestUndelivered:
    def refuse(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(page: Page, *, at: Any) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr("oncall.channels.email.send", refused)

    def test_a_rung_that_reached_nobody_in_a_minute_is_climbed_past_at_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.refuse(monkeypatch)
        case = submitted("weakness")
        for second in range(0, 130, 5):
            sweep(at=NOON + second * SECOND)
        assert rungs(case)[:2] == [(0, "coordinator"), (1, "coordinator")]
        second = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", rung=1).earliest("id")
        assert second.written_at < NOON + 2 * MINUTE

    def test_a_rung_that_reached_somebody_is_waited_for(self) -> None:
        case = submitted("weakness")
        for second in range(0, 300, 5):
            sweep(at=NOON + second * SECOND)
        assert rungs(case) == [(0, "coordinator")]

    def test_nothing_is_passed_on_once_somebody_has_answered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refuse(monkeypatch)
        case = submitted("weakness")
        sweep(at=NOON)
        acknowledge_referral(case.reference, act=act_by("coordinator", NOON + 10 * SECOND))
        for second in range(15, 200, 5):
            sweep(at=NOON + second * SECOND)
        assert rungs(case) == [(0, "coordinator")]


class TestSetAside:
    def test_one_clock_that_breaks_stalls_no_other_and_has_its_own_page(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, sound = submitted("weakness"), submitted("cauda_equina")
        climbing = sweeping.climb_clock

        def climb_or_break(one: Clock, **how: Any) -> Any:
            if one.case == broken.pk:
                raise ZeroDivisionError
            return climbing(one, **how)

        monkeypatch.setattr(sweeping, "climb_clock", climb_or_break)
        sweep(at=NOON)
        assert rungs(sound) == [(0, "coordinator")]
        assert rungs(broken) == []
        assert clock(broken, "acknowledge").quarantined_at == NOON
        alarms = Page.objects.exclude(alarm="")
        assert {page.recipient.username for page in alarms} == {"lead", "coordinator"}
        assert any(broken.reference in page.alarm for page in alarms)
        letters = [letter for letter in mail.outbox if letter.subject.startswith("MSCC alarm: ")]
        assert broken.reference in letters[0].subject
        assert "set aside" in letters[0].body
        assert "/on-call/runbooks/clock-set-aside/" in letters[0].body

        once = len(alarms)
        sweep(at=NOON + 2 * MINUTE)
        assert Page.objects.exclude(alarm="").count() == once
        sweep(at=NOON + 16 * MINUTE)
        assert (
            Page.objects.exclude(alarm="").count() == 2 * once
        )  # again each quarter of an hour, while it lasts
        assert "cannot be processed" in dangers(at=now())["set_aside"]
        assert not audit(at=NOON + 17 * MINUTE).clean
        monkeypatch.setattr(sweeping, "climb_clock", climbing)
        sweep(at=NOON + 18 * MINUTE)
        assert (0, "coordinator") in rungs(broken)
        assert clock(broken, "acknowledge").quarantined_at is None

    def test_one_that_was_stopped_meanwhile_is_left_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        case = submitted("weakness")
        acknowledging = clock(case, "acknowledge")
        acknowledge_referral(case.reference, act=act_by("coordinator", NOON))
        sweeping._set_aside(acknowledging.pk, ZeroDivisionError(), at=NOON)
        assert clock(case, "acknowledge").quarantined_at is None

    def test_a_database_that_was_away_sets_nothing_aside_and_is_no_clean_sweep(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, sound = submitted("weakness"), submitted("cauda_equina")
        climbing = sweeping.climb_clock

        def climb_or_lose(one: Clock, **how: Any) -> Any:
            if one.case == broken.pk:
                raise OperationalError
            return climbing(one, **how)

        monkeypatch.setattr(sweeping, "climb_clock", climb_or_lose)
        with pytest.raises(OperationalError):
            sweep(at=NOON)
        assert rungs(sound) == [(0, "coordinator")]
        assert clock(broken, "acknowledge").quarantined_at is None
        assert sweeping.last_sweep() is None
        monkeypatch.setattr(sweeping, "climb_clock", climbing)
        sweep(at=NOON + SECOND)
        assert rungs(broken) == [(0, "coordinator")]

    def test_an_alarm_is_raised_once_and_in_the_ledger(self) -> None:
        assert raise_alarm("gap", "tomorrow", at=NOON)
        assert raise_alarm("gap", "tomorrow", at=NOON + MINUTE)
        assert len(entries(Search(kind="alarm_raised"))) == 1
        assert entries(Search(kind="alarm_raised"))[0].facts["alarm"] == "gap"
        assert deliver(at=NOON) == 1


class TestAnswering:
    def page(self, username: str = "coordinator") -> Page:
        submitted("weakness")
        climb(at=NOON)
        page = Page.objects.get(clock__kind="acknowledge", channel="email")
        if username != "coordinator":
            page.pk, page.client_reference = (
                None,
                uuid4(),
            )  # to somebody else as well: a page never changes hands
            page.recipient = User.objects.get(username=username)
            page.save()
        return page

    def address(self, page: Page) -> str:
        return reverse("answer_page", args=[token_of(page)])

    def test_the_page_carries_its_link_and_no_patient(self) -> None:
        case = submitted("weakness")
        sweep(at=NOON)
        letter = next(one for one in mail.outbox if "acknowledge" in one.subject)
        assert re.search(r"/on-call/answer/[\w:.-]+/", letter.body)
        assert case.patient.family_name not in letter.body
        assert str(case.patient.nhs_number) not in letter.body

    @time_machine.travel(NOON + MINUTE, tick=False)
    def test_following_the_link_changes_nothing_and_the_button_acknowledges(self) -> None:
        page = self.page()
        case = page.clock
        for _ in range(3):  # as mail scanners do
            answer = Client().get(self.address(page))
            assert answer.status_code == 200
        assert case is not None
        assert clock_of(page).stopped_at is None
        answer = Client().post(self.address(page), {"who": "me"})
        assert "The pages for this case have stopped" in answer.content.decode()
        assert 'href="tel:+441632960101"' in answer.content.decode()
        stopped = clock_of(page)
        assert stopped.stopped_because == "met"
        kept = acknowledged(page)
        assert (kept.acknowledged_by, kept.acknowledged_role) == ("Sister Grace Okoro", "coordinator")
        assert entries(Search(kind="page_answered"))

    @time_machine.travel(NOON + MINUTE, tick=False)
    def test_after_answering_it_offers_the_call_and_ten_more_minutes(self) -> None:
        page = self.page()
        assert page.clock is not None
        address = self.address(page)
        with time_machine.travel(NOON + MINUTE, tick=False):
            early = Client().post(address, {"reason": "calling"})
            done = Client().post(address, {"who": "me"}).content.decode()
        assert early.status_code == 409
        assert 'href="tel:' in done
        assert 'name="reason" value="calling"' in done
        with time_machine.travel(NOON + 5 * MINUTE, tick=False):
            more = Client().post(address, {"reason": "calling"})
            wrong = Client().post(address, {"reason": "tired"})
        assert "Ten more minutes. Then it pages again" in more.content.decode()
        assert wrong.status_code == 422
        lease = Clock.objects.get(case=page.clock.case, kind="triage_decision")
        assert lease.due_at == NOON + 41 * MINUTE

    def test_a_link_answers_once(self) -> None:
        page = self.page()
        Client().post(self.address(page), {"who": "me"})
        again_sent = Client().post(self.address(page), {"who": "me"})
        assert again_sent.status_code == 409
        assert "This link was used" in again_sent.content.decode()

    @time_machine.travel(NOON + MINUTE, tick=False)
    def test_somebody_else_says_who_they_are(self) -> None:
        page = self.page()
        nameless = Client().post(self.address(page), {"who": "other", "name": " "})
        assert nameless.status_code == 422
        Client().post(self.address(page), {"who": "other", "name": "Staff nurse Ito"})
        assert acknowledged(page).acknowledged_by == "Staff nurse Ito, for Sister Grace Okoro"

    @time_machine.travel(NOON + MINUTE, tick=False)
    def test_a_manager_who_was_paged_answers_as_a_designated_clinician(self) -> None:
        page = self.page("lead")
        Client().post(self.address(page), {"who": "me"})
        assert acknowledged(page).acknowledged_role == "other_designated"

    def test_a_forged_or_expired_link_is_refused_and_says_what_to_do(self) -> None:
        page = self.page()
        with time_machine.travel(NOON + MINUTE, tick=False):
            forged = Client().get(reverse("answer_page", args=["x" + token_of(page)]))
            made = self.address(page)
        assert forged.status_code == 404
        assert "not one of ours" in forged.content.decode()
        with time_machine.travel(NOON + 13 * 60 * MINUTE, tick=False):
            late = Client().post(made, {"who": "me"})
        assert late.status_code == 404
        assert "has expired" in late.content.decode()
        assert clock_of(page).stopped_at is None

    @time_machine.travel(NOON + 5 * MINUTE, tick=False)
    def test_who_comes_second_is_told_who_was_first(self) -> None:
        page = self.page()
        assert page.clock is not None
        acknowledge_referral(page.clock.reference, act=act_by("registrar", NOON + 2 * MINUTE))
        answer = Client().post(self.address(page), {"who": "me"})
        assert answer.status_code == 409
        assert "Dr Leo Fenwick acknowledged this case" in answer.content.decode()
        looked = Client().get(self.address(page)).content.decode()
        assert "Dr Leo Fenwick acknowledged this case" in looked
        assert "left, due" not in looked
        assert "will deal with it" not in looked

    def test_a_link_of_a_case_that_ended_says_what_became_of_it(self) -> None:
        withdrawn, duplicate = submitted("pain_only"), submitted("pain_only", **ONE_PERSON)
        goes_on = submitted("pain_only", **ONE_PERSON)
        climb(at=NOON)
        by = actor("coordinator")
        withdraw_referral(withdrawn.reference, text="Wrong", by=actor("gp"), at=NOON + MINUTE)
        merge_cases(goes_on.reference, other=duplicate.reference, text="One", act=act_by(by, NOON + MINUTE))
        for case, words in (
            (withdrawn, "is withdrawn since this page was sent. Nothing more is needed"),
            (duplicate, f"Go on with {goes_on.reference}"),
        ):
            page = Page.objects.filter(clock__case=case.pk, channel="email").latest("id")
            with time_machine.travel(NOON + 2 * MINUTE, tick=False):
                answer = Client().post(self.address(page), {"who": "me"})
            assert (answer.status_code, words in answer.content.decode()) == (409, True)


def clock_of(page: Page) -> Clock:
    return Clock.objects.get(pk=page.clock_id)


def acknowledged(page: Page) -> Any:
    from referrals.case.models import Referral

    case = again(Referral.objects.get(pk=clock_of(page).case))
    assert "acknowledge" not in running(case)
    return case


def test_every_alarm_has_a_runbook_that_opens() -> None:
    from oncall.alarms import ALARMS

    for _, runbook in ALARMS.values():
        assert Client().get(reverse("runbook", args=[runbook])).status_code == 200
    assert Client().get(reverse("runbook", args=["nothing"])).status_code == 404


def test_somebody_who_can_only_be_paged_on_the_screen_is_not_waited_for() -> None:
    User.objects.filter(username="coordinator").update(email="")
    case = submitted("weakness")
    climb(at=NOON)
    assert [duty for _, duty in rungs(case)] == ["coordinator", "coordinator", "deputy"]


def test_a_failing_alarm_is_tried_for_days_and_stalls_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(page: Page, *, at: Any) -> bool:
        raise ConnectionRefusedError

    monkeypatch.setattr("oncall.channels.email.send", refused)
    raise_alarm("gap", "tomorrow", at=NOON)
    page = Page.objects.get(channel="email")
    Page.objects.update(attempts=999)
    for minute in range(0, 60, 5):
        deliver(at=NOON + minute * MINUTE)
    page.refresh_from_db()
    assert (page.attempts, page.failed_at) == (1000, None)
