"""The rota: planned, swapped, imported, watched for gaps, right on both nights when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.time import from_london, now
from ledger.read import Search, entries
from oncall.handing_over import accept
from oncall.models import Page, Shift
from oncall.rostering import Plan, end_shift, import_rota, plan_shifts, swap_shift
from oncall.rota import Gap, gaps, gaps_ahead, holder_of
from oncall.sweep import climb
from oncall.watch import look_ahead
from tests.builders import NOON, actor, set_the_scene, submitted
from tests.doors.forms import signed_in

pytestmark = pytest.mark.usefixtures("scene")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = datetime(2026, 12, 6, 8, tzinfo=UTC)  # where the demo's rota stops


def wish(starts: datetime = END, hours: float = 24, **changes: Any) -> Plan:
    values = {
        "duty": "coordinator",
        "username": "coordinator",
        "starts_at": starts,
        "ends_at": starts + hours * HOUR,
    }
    return Plan(**{**values, **changes})


class TestPlanning:
    def test_a_shift_is_planned_and_in_the_ledger(self) -> None:
        (shift,) = plan_shifts(wish(), by=actor("lead"), at=NOON)
        assert holder_of("coordinator", at=END + HOUR) == shift.holder
        assert entries(Search(kind="shift_changed"))[0].facts["duty"] == "coordinator"

    @pytest.mark.parametrize(
        ("plan", "field", "why"),
        [
            (wish(hours=-1), "ends", "before it starts"),
            (wish(hours=24 * 8), "ends", "7 days at most"),
            (wish(NOON - 3 * DAY), "ends", "over already"),
            (wish(NOON + HOUR), "starts", "holds this duty"),
            (wish(username="nobody"), "user_name", "may sign in"),
            (wish(username="gp"), "user_name", "does not have the coordinator's role"),
            (wish(username="consultant"), "user_name", "cannot hold this duty"),
            (wish(duty="tea"), "duty", "Choose the duty"),
        ],
    )
    def test_a_plan_that_makes_no_sense_is_refused_by_its_field(
        self, plan: Plan, field: str, why: str
    ) -> None:
        before = Shift.objects.count()
        with pytest.raises(Invalid) as refused:
            plan_shifts(plan, by=actor("lead"), at=NOON)
        assert why in " ".join(refused.value.errors[field])
        assert Shift.objects.count() == before

    def test_weeks_keep_the_wall_time_through_the_night_when_the_clocks_change(self) -> None:
        starts = from_london(date(2027, 3, 26), time(20))
        planned = plan_shifts(wish(starts, hours=12), weeks=2, by=actor("admin"), at=NOON)
        assert [shift.starts_at.hour for shift in planned] == [20, 19]
        assert [shift.ends_at - shift.starts_at for shift in planned] == [12 * HOUR] * 2

    @pytest.mark.parametrize(
        ("day", "hours"),
        [(date(2027, 3, 27), 11), (date(2027, 10, 30), 13)],
        ids=["the-hour-that-is-skipped", "the-hour-that-happens-twice"],
    )
    def test_a_night_shift_is_an_hour_shorter_or_longer_and_covers_every_minute(
        self, day: date, hours: int
    ) -> None:
        starts, ends = from_london(day, time(20)), from_london(day + DAY, time(8))
        plan_shifts(wish(starts, ends_at=ends), by=actor("lead"), at=NOON)
        assert ends - starts == hours * HOUR
        for quarter in range(hours * 4):
            assert holder_of("coordinator", at=starts + quarter * HOUR / 4) is not None

    def test_all_weeks_or_none(self) -> None:
        plan_shifts(wish(END + 7 * DAY), by=actor("lead"), at=NOON)
        before = Shift.objects.count()
        with pytest.raises(Invalid):
            plan_shifts(wish(), weeks=3, by=actor("lead"), at=NOON)
        assert Shift.objects.count() == before

    def test_only_lead_and_administrator_plan(self) -> None:
        with pytest.raises(Denied):
            plan_shifts(wish(), by=actor("coordinator"), at=NOON)

    def test_two_holders_at_once_are_refused_by_the_database_itself(self) -> None:
        person = User.objects.get(username="registrar")
        with pytest.raises(IntegrityError), transaction.atomic():
            Shift.objects.create(duty="coordinator", holder=person, starts_at=NOON, ends_at=NOON + HOUR)

    def test_a_swap_leaves_what_was_held_as_it_was(self) -> None:
        User.objects.filter(username="registrar").update(duties=["deputy", "coordinator"])
        running = Shift.objects.get(duty="coordinator", starts_at__lte=NOON, ends_at__gt=NOON)
        swap_shift(running.pk, username="registrar", by=actor("lead"), at=NOON)
        assert holder_of("coordinator", at=NOON - HOUR) == User.objects.get(username="coordinator")
        taken_over = Shift.objects.get(duty="coordinator", starts_at=NOON)
        accept(taken_over.pk, because="swapped", by=actor("registrar"), at=NOON + HOUR)
        assert holder_of("coordinator", at=NOON + HOUR) == User.objects.get(username="registrar")
        assert gaps_ahead(at=NOON) == ()

    def test_what_is_over_or_gone_is_not_changed(self) -> None:
        past = Shift.objects.filter(ends_at__lte=NOON).latest("ends_at")
        with pytest.raises(OutOfTurn, match="is over"):
            end_shift(past.pk, by=actor("lead"), at=NOON)
        with pytest.raises(OutOfTurn, match="no longer on the rota"):
            end_shift(10**9, by=actor("lead"), at=NOON)


class TestImport:
    HEAD = "duty,user_name,starts,ends\n"

    def test_a_rota_is_imported_whole(self) -> None:
        lines = "coordinator,coordinator,2026-12-06 08:00,2026-12-07 08:00\ndeputy,registrar,2026-12-06 08:00,2026-12-07 08:00\n"
        assert import_rota(self.HEAD + lines, by=actor("lead"), at=NOON) == 2

    def test_every_wrong_line_is_named_and_nothing_is_kept(self) -> None:
        lines = (
            "coordinator,coordinator,2026-12-06 08:00,2026-12-07 08:00\n"
            "coordinator,nobody,2026-12-07 08:00,2026-12-08 08:00\n"
            "coordinator,coordinator,tomorrow,2026-12-09 08:00\n"
            "coordinator,coordinator,2027-03-28 01:30,2027-03-28 08:00\n"
            "coordinator,coordinator,2027-10-31 01:30,2027-10-31 08:00\n"
            "coordinator,coordinator,2027-10-31 01:30 GMT,2027-10-31 08:00\n"
            "coordinator,coordinator,2026-12-06 12:00,2026-12-06 14:00\n"
        )
        before = Shift.objects.count()
        with pytest.raises(Invalid) as refused:
            import_rota(self.HEAD + lines, by=actor("lead"), at=NOON)
        said = refused.value.errors["file"]
        assert [line.split(":")[0] for line in said] == ["Line 3", "Line 4", "Line 5", "Line 6", "Line 8"]
        assert "does not exist" in said[2]
        assert "happens twice" in said[3]
        assert Shift.objects.count() == before

    @pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "duty,user_name,starts,ends\n\x00"])
    def test_what_is_no_rota_is_refused(self, text: str) -> None:
        with pytest.raises(Invalid):
            import_rota(text, by=actor("lead"), at=NOON)


class TestGaps:
    def test_every_uncovered_minute_is_found(self) -> None:
        until = NOON + 10 * HOUR
        covered = [
            (NOON + HOUR, NOON + 2 * HOUR),
            (NOON + 2 * HOUR, NOON + 4 * HOUR),
            (NOON + 5 * HOUR, NOON + 20 * HOUR),
        ]
        assert gaps(covered, since=NOON, until=until) == (
            Gap(starts_at=NOON, ends_at=NOON + HOUR),
            Gap(starts_at=NOON + 4 * HOUR, ends_at=NOON + 5 * HOUR),
        )
        assert gaps([], since=NOON, until=until) == (Gap(starts_at=NOON, ends_at=until, open_ended=True),)
        assert gaps([(NOON - HOUR, until)], since=NOON, until=until) == ()

    def test_a_gap_pages_the_lead_before_it_arrives_and_once(self) -> None:
        Shift.objects.filter(
            duty="coordinator", starts_at__gte=NOON + 3 * DAY, starts_at__lt=NOON + 4 * DAY
        ).delete()
        for minute in range(3):
            look_ahead(at=NOON + minute * timedelta(minutes=1))
        paged = Page.objects.filter(alarm__startswith="gap:", channel="screen")
        assert {page.recipient.username for page in paged} == {"lead"}
        assert paged.filter(alarm__contains="2026-11-24 08:00").count() == 1

    def test_somebody_who_has_left_covers_nothing(self) -> None:
        User.objects.filter(username="coordinator").update(is_active=False)
        assert gaps_ahead(at=NOON)[0].starts_at == NOON


class TestPages:
    @pytest.fixture(autouse=True)
    def today(self, scene: None) -> None:
        Shift.objects.all().delete()
        set_the_scene(at=now())

    def test_the_lead_plans_on_the_page_and_sees_what_is_wrong(self) -> None:
        lead = signed_in("lead")
        page = lead.get(reverse("on_call")).content.decode()
        assert "Plan a shift" in page
        day = (now() + 40 * DAY).date()
        typed = {
            "duty": "coordinator", "user_name": "coordinator", "weeks": "2",
            "starts_day": str(day), "starts_time": "08:00", "ends_day": str(day + DAY), "ends_time": "08:00",
        }  # fmt: skip
        wrong = lead.post(reverse("plan_shift"), {**typed, "ends_time": "", "weeks": "x"})
        assert wrong.status_code == 422
        assert "Enter a day and a time" in wrong.content.decode()
        assert "Enter 1 to 26 weeks" in wrong.content.decode()
        before = Shift.objects.count()
        assert lead.post(reverse("plan_shift"), typed).status_code == 302
        assert Shift.objects.count() == before + 2

    def test_a_gap_is_shown_to_everybody_on_call(self) -> None:
        Shift.objects.filter(duty="coordinator").delete()
        page = signed_in("coordinator").get(reverse("on_call")).content.decode()
        assert (
            "The coordinator's duty is not covered".replace("'", "&#39;") in page
            or "duty is not covered" in page
        )
        assert "Plan a shift" not in page

    def test_shifts_are_swapped_and_taken_off_on_the_page(self) -> None:
        admin = signed_in("admin")
        shift = Shift.objects.filter(duty="coordinator", starts_at__gt=now()).latest("starts_at")
        asked = admin.post(reverse("change_shift", args=[shift.pk]), {"act": "end"})
        assert "Take this shift off the rota?" in asked.content.decode()
        assert Shift.objects.filter(pk=shift.pk).exists()
        admin.post(reverse("change_shift", args=[shift.pk]), {"act": "end", "sure": "yes"})
        assert not Shift.objects.filter(pk=shift.pk).exists()
        assert (
            signed_in("coordinator").post(reverse("change_shift", args=[1]), {"act": "end"}).status_code
            == 403
        )

    def test_a_calendar_has_ones_own_shifts_and_a_forged_address_has_none(self) -> None:
        page = signed_in("coordinator").get(reverse("on_call")).content.decode()
        address = page.split('href="/on-call/calendar/')[1].split('"')[0]
        feed = Client().get(f"/on-call/calendar/{address}")
        assert feed["Content-Type"].startswith("text/calendar")
        text = feed.content.decode()
        assert text.count("BEGIN:VEVENT") == Shift.objects.filter(holder__username="coordinator").count()
        assert "On call: MSCC coordinator" in text
        assert Client().get("/on-call/calendar/forged.ics").status_code == 404

    def test_a_csv_with_a_wrong_line_comes_back_as_it_was_typed(self) -> None:
        answer = signed_in("lead").post(
            reverse("import_rota"), {"csv": "duty,user_name,starts,ends\nx,y,z,w"}
        )
        assert answer.status_code == 422
        assert "Line 2" in answer.content.decode()
        assert "x,y,z,w" in answer.content.decode()


def test_metrics_count_promises_and_name_nobody() -> None:
    submitted("weakness")
    climb(at=NOON)
    text = Client().get("/metrics").content.decode()
    assert 'mscc_clocks_running{kind="acknowledge"} 1.0' in text
    assert 'mscc_pages{channel="screen",result="sent"}' in text
    assert "mscc_first_page_delay_seconds_bucket" in text
    assert "mscc_uncovered_minutes_ahead" in text
    assert "MSCC-" not in text
