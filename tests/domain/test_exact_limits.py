"""The very instant of a limit belongs to one side of it: what holds there, and one moment later."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from api.rest.evaluation import read_evaluation
from kernel.refusals import Invalid
from kernel.time import LONDON, from_london, rfc3339
from mdt.content import read
from oncall.clocks import remaining_time
from oncall.ladder import Rung, instant_of, within_hours
from oncall.models import Clock
from referrals.case.claims import holder_of
from referrals.case.models import Referral
from referrals.intake.fields import instant_field
from referrals.intake.instants import SKEW, fault_of_future
from referrals.intake.validation import parse
from tests.builders import body
from triage.guideline.evaluate import Instants, evaluate
from triage.guideline.findings import from_json

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)


class TestFiveMinutesOfSkew:
    """Another computer's clock may be five minutes ahead, at every place where somebody enters an instant."""

    def test_it_is_five_minutes(self) -> None:
        assert timedelta(minutes=5) == SKEW

    def test_an_event(self) -> None:
        assert fault_of_future(AT + SKEW, at=AT) == ""
        assert "in the future" in fault_of_future(AT + SKEW + MOMENT, at=AT)

    def test_a_referral(self) -> None:
        on_the_limit = {**body("weakness", at=AT), "clinician_suspected_at": rfc3339(AT + SKEW)}
        assert parse(on_the_limit, at=AT).values["clinician_suspected_at"] == AT + SKEW
        with pytest.raises(Invalid) as refused:
            parse({**on_the_limit, "clinician_suspected_at": rfc3339(AT + SKEW + SECOND)}, at=AT)
        assert set(refused.value.errors) == {"clinician_suspected_at"}

    def test_an_evaluation(self) -> None:
        asked = {"presentation": {"cancer_context": "current"}, "clinician_suspected_at": rfc3339(AT + SKEW)}
        assert read_evaluation(asked, at=AT)[1].suspected_at == AT + SKEW
        with pytest.raises(Invalid) as refused:
            read_evaluation({**asked, "clinician_suspected_at": rfc3339(AT + SKEW + SECOND)}, at=AT)
        assert set(refused.value.errors) == {"clinician_suspected_at"}

    def test_a_statement_of_the_mdt_but_for_what_is_planned(self) -> None:
        done, planned = (
            instant_field("course.began_at", "Began"),
            instant_field("course.planned_at", "Planned"),
        )

        def faults(instant: datetime) -> set[str]:
            return set(
                read((done, planned), dict.fromkeys((done.path, planned.path), rfc3339(instant)), at=AT)[1]
            )

        assert faults(AT + SKEW) == set()
        assert faults(AT + SKEW + SECOND) == {done.path}


FIRST = Rung(after_minutes=0, duty="coordinator")


def moved_to(instant: datetime, *, started_at: datetime, due_at: datetime | None = None) -> datetime:
    """Where the hours from eight to eight move a rung that is due at an instant."""
    ladder = (FIRST, Rung(after_minutes=(instant - started_at) / timedelta(minutes=1), duty="deputy"))
    due = due_at or started_at + timedelta(days=7)
    moved = within_hours(ladder, started_at=started_at, due_at=due, opens=8, closes=20)[1]
    return started_at + timedelta(minutes=moved.after_minutes)


@pytest.mark.parametrize("day", [date(2026, 7, 1), date(2026, 11, 20)])
class TestEveningAndMorning:
    """Rungs at night move to the evening before; eight o'clock is London's, in summer and in winter."""

    def test_a_rung_a_moment_before_eight_in_the_evening_stays(self, day: date) -> None:
        instant = from_london(day, time(20)) - SECOND
        assert moved_to(instant, started_at=instant - timedelta(hours=3)) == instant

    def test_eight_in_the_evening_is_night_and_the_evening_itself(self, day: date) -> None:
        evening = from_london(day, time(20))
        assert moved_to(evening, started_at=evening - timedelta(hours=3)) == evening
        assert moved_to(evening + timedelta(minutes=1), started_at=evening - timedelta(hours=3)) == evening

    def test_eight_in_the_morning_is_day_and_a_second_before_it_is_night(self, day: date) -> None:
        morning, started_at = from_london(day, time(8)), from_london(day, time(8)) - timedelta(hours=20)
        evening = from_london(started_at.astimezone(LONDON).date(), time(20))
        assert moved_to(morning, started_at=started_at) == morning
        assert moved_to(morning - SECOND, started_at=started_at) == evening

    def test_a_clock_that_starts_at_eight_in_the_evening_waits_for_the_morning(self, day: date) -> None:
        evening = from_london(day, time(20))
        morning = from_london(day + timedelta(days=1), time(8))
        night = evening + timedelta(hours=2)
        assert moved_to(night, started_at=evening) == morning
        assert moved_to(night, started_at=evening - SECOND) == evening
        assert moved_to(night, started_at=evening, due_at=morning) == morning
        assert moved_to(night, started_at=evening, due_at=morning - SECOND) == night

    def test_a_repetition_at_eight_in_the_evening_waits_and_at_eight_in_the_morning_does_not(
        self, day: date
    ) -> None:
        evening, morning = from_london(day, time(20)), from_london(day, time(8))
        last = Rung(after_minutes=0, duty="manager", repeat_minutes=30, opens=8, closes=20)

        def after(climbed_at: datetime) -> datetime | None:
            return instant_of((last,), 1, started_at=climbed_at, last_climbed_at=climbed_at)

        half_an_hour = timedelta(minutes=30)
        assert after(evening - half_an_hour - SECOND) == evening - SECOND
        assert after(evening - half_an_hour) == from_london(day + timedelta(days=1), time(8))
        assert after(morning - half_an_hour) == morning
        assert after(morning - half_an_hour - SECOND) == morning


class TestDeadlines:
    def test_a_scan_at_its_twenty_fourth_hour_is_not_over_its_limit(self) -> None:
        presentation = from_json({"cancer_context": "current", "neurology": {"limb_weakness": "yes"}})

        def warned(suspected_at: datetime) -> bool:
            result = evaluate(presentation, at=AT, instants=Instants(suspected_at=suspected_at))
            return "suspected_over_limit" in {warning.code for warning in result.warnings}

        assert not warned(AT - timedelta(hours=24))
        assert warned(AT - timedelta(hours=24) - MOMENT)

    def test_a_clock_is_overdue_after_its_deadline_and_not_at_it(self) -> None:
        assert "left" in remaining_time(Clock(due_at=AT), at=AT)
        assert "overdue" in remaining_time(Clock(due_at=AT), at=AT + MOMENT)

    def test_a_case_is_held_until_the_instant_at_which_the_hold_ends(self) -> None:
        case = Referral(claimed_by="user:1", claimed_until=AT)
        assert holder_of(case, at=AT - MOMENT) == "user:1"
        assert holder_of(case, at=AT) == ""
