"""What a page says by e-mail: how urgent, what is wanted, how long there is, what is new; and never a patient."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from kernel.time import rfc3339
from oncall.sweep import sweep
from referrals.case.deterioration import worsenings
from referrals.case.models import Referral
from referrals.case.timeline import timeline
from referrals.evidence.events import parse_event
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.record_event import record_event
from tests.builders import NOON, act_by, again, clock, report, submitted

pytestmark = pytest.mark.usefixtures("scene")
MINUTE = timedelta(minutes=1)


def subjects(case: Referral) -> list[str]:
    return [letter.subject for letter in mail.outbox if case.reference in letter.subject]


def worse(case: Referral, *, at: datetime, text: str = "") -> None:
    told = {"worse": ["limb_weakness"], "walking_now": "no_power"}
    fact = parse_event({"kind": "neurology_changed", "occurred_at": rfc3339(at), "data": told}, at=at)
    record_event(case.reference, fact, act=act_by("gp", at), text=text, alarming=True)


class TestSubjects:
    def test_D21_a_subject_says_how_urgent_what_is_wanted_and_how_long_there_is(self) -> None:
        emergency, week = submitted("weakness"), submitted("pain_only")
        sweep(at=NOON)
        sweep(at=NOON + 10 * MINUTE)
        first, second = (one for one in subjects(emergency) if "acknowledge" in one)
        assert first == f"{emergency.reference} Emergency: acknowledge, 15 minutes left"
        assert second == f"{emergency.reference} Emergency: acknowledge, 5 minutes left (page 2)"
        assert subjects(week)[0].startswith(f"{week.reference} One week: acknowledge, 4 hours left")

    def test_D21_the_pages_of_a_case_are_one_thread_that_no_machine_answers(self) -> None:
        cases = submitted("weakness"), submitted("cauda_equina")
        sweep(at=NOON)
        sweep(at=NOON + 6 * MINUTE)
        for case in cases:
            letters = [one for one in mail.outbox if case.reference in one.subject]
            assert {one.extra_headers["Auto-Submitted"] for one in letters} == {"auto-generated"}
            assert {one.extra_headers["References"] for one in letters} == {f"<case.{case.reference}@mscc>"}
            assert len({one.extra_headers["Message-ID"] for one in letters}) == len(letters)
            said = "".join(f"{one.subject}{one.body}{one.extra_headers}" for one in letters)
            for identity in (case.patient.family_name, case.patient.given_name, case.patient.nhs_number):
                assert str(identity) not in said


class TestWorse:
    def test_it_says_what_is_worse_on_every_way_it_goes_out(self) -> None:
        case = submitted("weakness")
        acknowledge_referral(case.reference, act=act_by("coordinator", NOON))
        mail.outbox.clear()
        worse(case, at=NOON + 5 * MINUTE, text="cannot lift the left leg")
        sweep(at=NOON + 6 * MINUTE)
        words = "Neurology worse: weakness of an arm or leg; walking: no power, since 12:05 GMT"
        letter = next(one for one in mail.outbox if "acknowledge" in one.subject)
        assert letter.subject == f"{case.reference} Emergency: NEUROLOGY WORSE, acknowledge, 14 minutes left"
        assert words in letter.body
        assert "cannot lift" not in letter.body
        line = next(one for one in timeline(again(case)) if one.why)
        assert (line.what, line.why) == (words, "cannot lift the left leg")
        known = worsenings([case.pk], at=NOON)[case.pk]
        assert (known.words, known.text) == (words, "cannot lift the left leg")

    def test_news_does_not_wait_for_the_next_rung_of_a_page_that_nobody_has_answered(self) -> None:
        case = submitted("weakness")
        sweep(at=NOON)
        worse(case, at=NOON + MINUTE)
        sweep(at=NOON + 2 * MINUTE)
        asked = [one for one in subjects(case) if "acknowledge" in one]
        assert len(asked) == 2
        assert "NEUROLOGY WORSE, acknowledge, 13 minutes left (page 2)" in asked[1]
        assert clock(case, "acknowledge").due_at == NOON + 15 * MINUTE
        sweep(at=NOON + 3 * MINUTE)
        assert len([one for one in subjects(case) if "acknowledge" in one]) == 2

    def test_the_timeline_never_says_only_that_an_event_was_recorded(self) -> None:
        case = submitted("weakness")
        booked = rfc3339(NOON + 60 * MINUTE)
        report(case, "mri_booked", at=NOON, booked_for=booked)
        report(case, "mri_reported", at=NOON, result="mscc", regions=["thoracic"])
        lines = {one.what: "; ".join(one.details) for one in timeline(again(case))}
        assert "for 13:00 GMT" in lines["MRI booked"]
        assert "thoracic" in lines["Scan reported"]
        assert "metastatic spinal cord compression" in lines["Scan reported"]
        assert "Event recorded" not in lines
