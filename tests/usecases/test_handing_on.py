"""A case is handed to a colleague: they are paged, it stays with whoever asks until they accept."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kernel.refusals import Denied, OutOfTurn
from ledger.kinds import Kind
from ledger.read import Search, entries
from oncall.models import Owner, Page
from oncall.page_links import token_of
from oncall.sweep import sweep
from referrals.case.models import Referral
from referrals.case.timeline import timeline
from referrals.usecases.answer_hand_on import accept_hand_on
from referrals.usecases.claim_case import claim_case, hand_on_case, release_case
from referrals.web.responsibility import responsibility
from tests.builders import NOON, acknowledged, act_by, actor, again, clock, off_duty, report, triaged
from tests.doors.forms import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class TestHandingOn:
    def asked(self, case: Referral, **more: Any) -> Referral:
        told = {"to": "registrar", "text": "I go into theatre", **more}
        return hand_on_case(case.reference, act=act_by("coordinator", NOON + 7 * MINUTE), **told)

    def page(self, case: Referral) -> Page:
        return Page.objects.get(clock=clock(case, "task"), channel="email", rung=0)

    def link(self, page: Page) -> str:
        return reverse("answer_page", args=[token_of(page)])

    def test_a_colleague_is_paged_and_it_stays_mine_until_they_accept(self) -> None:
        case = acknowledged()
        self.asked(case)
        assert again(case).claimed_by == actor("coordinator").key
        sweep(at=NOON + 7 * MINUTE)
        letter = next(one for one in mail.outbox if "accept or decline" in one.subject)
        assert letter.to == [User.objects.get(username="registrar").email]
        assert "Sister Grace Okoro hands this case to Dr Leo Fenwick" in letter.subject
        assert "theatre" not in letter.body
        lines = {one.kind: one for one in timeline(again(case))}
        assert (lines[Kind.CASE_HANDED_ON].details, lines[Kind.CASE_HANDED_ON].why) == (
            ("to Dr Leo Fenwick",),
            "I go into theatre",
        )
        with pytest.raises(OutOfTurn, match="Dr Leo Fenwick was asked already"):
            self.asked(case)
        with pytest.raises(Denied, match="Dr Leo Fenwick was asked"):
            accept_hand_on(case.reference, act=act_by("consultant", NOON + 8 * MINUTE))

    @time_machine.travel(NOON + 12 * MINUTE, tick=False)
    def test_the_request_to_take_it_is_not_offered_as_one_to_answer_on_the_case(self) -> None:
        case = triaged("pain_only")
        hand_on_case(
            case.reference, to="registrar", text="Theatre", act=act_by("coordinator", NOON + 11 * MINUTE)
        )
        browser, settle = signed_in("coordinator"), reverse("act", args=[case.reference, "settle"])
        assert settle not in browser.get(reverse("case", args=[case.reference])).content.decode()
        assert "Do the task" not in browser.get(reverse("worklist")).content.decode()
        assert "No request is waiting for an answer" in browser.get(settle).content.decode()

    def test_nobody_is_asked_to_take_a_case_whose_patient_is_reported_as_dead(self) -> None:
        case = acknowledged()
        report(case, "died", at=NOON + 6 * MINUTE)
        with pytest.raises(OutOfTurn, match="nobody is paged for it"):
            self.asked(case)
        assert again(case).claimed_by == ""

    def test_where_the_colleague_has_left_the_coordinator_on_duty_is_paged(self) -> None:
        case = acknowledged()
        colleague = off_duty("colleague")
        self.asked(case, to="colleague")
        colleague.is_active = False
        colleague.save()
        sweep(at=NOON + 7 * MINUTE)
        assert self.page(case).recipient.username == "coordinator"

    @time_machine.travel(NOON + 9 * MINUTE, tick=False)
    def test_the_link_of_the_page_takes_the_case_and_its_next_page_goes_to_the_new_owner(self) -> None:
        case = acknowledged()
        self.asked(case)
        sweep(at=NOON + 7 * MINUTE)
        browser, address = Client(), self.link(self.page(case))
        assert "Will you take" in browser.get(address).content.decode()
        assert "The case is yours" in browser.post(address, {"answer": "accept"}).content.decode()
        assert "answered or taken back" in browser.get(address).content.decode()
        assert again(case).claimed_by == actor("registrar").key
        triage_due = clock(case, "triage_decision").due_at
        sweep(at=triage_due)
        paged = Page.objects.filter(clock=clock(case, "triage_decision"), duty="coordinator").exclude(rung=0)
        assert {page.recipient.username for page in paged} == {"registrar"}
        assert responsibility(again(case), by=None, at=NOON + 5 * HOUR).owner == "Dr Leo Fenwick"
        release_case(case.reference, by=actor("registrar"), at=NOON + HOUR)
        sweep(at=triage_due + HOUR)
        assert responsibility(again(case), by=None, at=NOON + HOUR).owner.startswith("Sister Grace Okoro")

    def test_whoever_accepted_it_gives_it_back_on_the_page_when_the_claim_has_run_out(self) -> None:
        case = acknowledged()
        self.asked(case)
        accept_hand_on(case.reference, act=act_by("registrar", NOON + 8 * MINUTE))
        with time_machine.travel(NOON + 2 * HOUR, tick=False):
            registrar, menu = signed_in("registrar"), reverse("case_acts", args=[case.reference])
            address = reverse("act", args=[case.reference, "release"])
            assert address in registrar.get(menu).content.decode()
            assert address not in signed_in("consultant").get(menu).content.decode()
            assert "Released" in registrar.post(address, follow=True).content.decode()
        assert (again(case).claimed_by, Owner.objects.filter(case=case.pk).exists()) == ("", False)
        last = entries(Search(case=case.pk, kind=str(Kind.CASE_RELEASED)))[0]
        assert last.actor == actor("registrar").key

    def test_a_claim_that_has_run_out_is_given_back_by_whoever_had_it_and_by_nobody_else(self) -> None:
        case = acknowledged()
        claim_case(case.reference, act=act_by("coordinator", NOON + 6 * MINUTE))
        with pytest.raises(OutOfTurn, match="do not hold"):
            release_case(case.reference, by=actor("registrar"), at=NOON + 2 * HOUR)
        release_case(case.reference, by=actor("coordinator"), at=NOON + 2 * HOUR)
        assert again(case).claimed_by == ""

    @time_machine.travel(NOON + 9 * MINUTE, tick=False)
    def test_whoever_asked_is_paged_when_it_is_declined_or_nobody_answers(self) -> None:
        declined, forgotten = acknowledged(), acknowledged("cauda_equina")
        for case in (declined, forgotten):
            self.asked(case)
        sweep(at=NOON + 7 * MINUTE)
        browser, address = Client(), self.link(self.page(declined))
        assert browser.post(address, {"answer": "decline", "text": ""}).status_code == 422
        assert (
            "Declined"
            in browser.post(address, {"answer": "decline", "text": "Two emergencies"}).content.decode()
        )
        assert again(declined).claimed_by == actor("coordinator").key
        sweep(at=NOON + 9 * MINUTE)
        words = "Dr Leo Fenwick declines this case: it stays with Sister Grace Okoro"
        assert any(
            words in one.subject and one.to == ["coordinator@example.nhs.uk"] for one in mail.outbox
        ), [one.to for one in mail.outbox]
        sweep(at=NOON + 40 * MINUTE)
        late = Page.objects.filter(clock=clock(forgotten, "task")).latest("id")
        assert late.recipient.username == "coordinator"
