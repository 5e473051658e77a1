"""The rota: planned, swapped, imported, watched for gaps, right on both nights when the clocks change."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.time import LONDON, from_london, now
from ledger.read import Search, entries
from oncall.handover import accept
from oncall.models import Page, Shift
from oncall.roster import ShiftPlan, end_shift, plan_shifts, swap_shift
from oncall.rota import Gap, gaps, gaps_ahead, holder_of
from oncall.rota_file import import_rota, read_rota
from oncall.sweep import climb
from oncall.watch import look_ahead
from tests.builders import NOON, actor, set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.doors.markup import read
from tests.owner import as_owner

pytestmark = pytest.mark.usefixtures("scene")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = datetime(2026, 12, 6, 8, tzinfo=UTC)  # where the demo's rota stops


def wish(starts: datetime = END, hours: float = 24, **changes: Any) -> ShiftPlan:
    values = {
        "duty": "coordinator",
        "username": "coordinator",
        "starts_at": starts,
        "ends_at": starts + hours * HOUR,
    }
    return ShiftPlan(**{**values, **changes})


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
        self, plan: ShiftPlan, field: str, why: str
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
            "coordinator,coordinator,1/1/99999999999999999999 08:00,2026-12-09 08:00\n"
            "coordinator,coordinator,2026-12-10 08:00+02:00,2026-12-10 20:00\n"
        )
        before = Shift.objects.count()
        with pytest.raises(Invalid) as refused:
            import_rota(self.HEAD + lines, by=actor("lead"), at=NOON)
        said = refused.value.errors["file"]
        assert [line.split(":")[0] for line in said] == [
            f"Line {number}" for number in (3, 4, 5, 6, 8, 9, 10)
        ]
        assert "does not exist" in said[2]
        assert "happens twice" in said[3]
        assert Shift.objects.count() == before

    @pytest.mark.parametrize("separator", ["\t", ";", ","], ids=["tabs", "semicolons", "bom"])
    def test_P16_a_rota_from_a_spreadsheet_is_read_whatever_separates_its_columns(
        self, separator: str
    ) -> None:
        heading = "Duty,User name,Starts,Ends\r\n".replace(",", separator)
        line = "coordinator,coordinator,06/12/2026 08:00,2026-12-07 08:00:00\r\n,,,\r\n".replace(
            ",", separator
        )
        assert import_rota(f"\ufeff{heading}{line}", by=actor("lead"), at=NOON) == 1
        assert gaps_ahead(at=END - HOUR)[0].starts_at == END + DAY

    def test_P16_a_separator_that_is_none_is_named(self) -> None:
        with pytest.raises(Invalid) as refused:
            import_rota("duty|user_name|starts|ends\nx|y|z|w", by=actor("lead"), at=NOON)
        assert "commas, semicolons or tabs. It reads: “duty|user_name" in refused.value.errors["file"][0]

    def test_D27_a_corrected_rota_is_compared_first_and_taken_as_it_was_seen(self) -> None:
        User.objects.filter(username="registrar").update(duties=["deputy", "coordinator"])
        lines = [
            f"coordinator,coordinator,2026-12-{day:02} 08:00,2026-12-{day + 1:02} 08:00\n"
            for day in (6, 7, 8)
        ]
        import_rota(self.HEAD + "".join(lines), by=actor("lead"), at=NOON)
        assert read_rota(self.HEAD + "".join(lines), at=NOON).unchanged == 3
        halves = [lines[1].replace("12-08 08", "12-07 20"), lines[1].replace("12-07 08", "12-07 20")]
        text = (
            self.HEAD
            + lines[0]
            + halves[0].replace("coordinator,coordinator", "coordinator,registrar")
            + halves[1]
            + lines[2]
        )
        file = read_rota(text, at=NOON)
        assert (len(file.added), [line.number for line in file.changed], file.unchanged) == (0, [3, 4], 2)
        assert "Sister Grace Okoro, 08:00 GMT on 7 December 2026" in file.changed[0].before[0]
        for unseen in ("", "another comparison"):
            with pytest.raises(OutOfTurn, match="Look again"):
                import_rota(text, seal=unseen, by=actor("lead"), at=NOON)
        assert import_rota(text, seal=file.seal, by=actor("lead"), at=NOON) == 2
        after = Shift.objects.filter(duty="coordinator", starts_at__gte=END + DAY).order_by("starts_at")
        assert [shift.holder.username for shift in after] == ["registrar", "coordinator", "coordinator"]

    def test_D27_a_shift_that_has_begun_is_changed_on_the_rota_and_not_by_a_file(self) -> None:
        running = Shift.objects.get(duty="coordinator", starts_at__lte=NOON, ends_at__gt=NOON)
        starts = f"{running.starts_at:%Y-%m-%d %H:%M}"
        with pytest.raises(Invalid) as refused:
            read_rota(f"{self.HEAD}coordinator,coordinator,{starts},2026-11-20 20:00", at=NOON)
        assert "a shift that has begun" in refused.value.errors["file"][0]

    @pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "duty,user_name,starts,ends\n\x00"])
    def test_what_is_no_rota_is_refused(self, text: str) -> None:
        with pytest.raises(Invalid):
            import_rota(text, by=actor("lead"), at=NOON)


class TestWhoeverCannotBePaged:
    @pytest.fixture(autouse=True)
    def without_address(self, scene: None) -> None:
        User.objects.filter(username="coordinator").update(email="")

    def test_P10_planning_asks_before_somebody_without_an_address_is_planned(self) -> None:
        text = TestImport.HEAD + "coordinator,coordinator,2026-12-06 08:00,2026-12-07 08:00\n"
        number = Shift.objects.get(duty="coordinator", starts_at=END - DAY).pk
        Shift.objects.filter(pk=number).update(holder=User.objects.get(username="registrar"))
        for act in (
            lambda sure: plan_shifts(wish(), sure=sure, by=actor("lead"), at=NOON),
            lambda sure: import_rota(text.replace("12-0", "12-1"), sure=sure, by=actor("lead"), at=NOON),
            lambda sure: swap_shift(number, username="coordinator", sure=sure, by=actor("lead"), at=NOON),
        ):
            with pytest.raises(Invalid) as asked:
                act(False)
            assert "Sister Grace Okoro has no e-mail address" in asked.value.errors["sure"][0]
            act(True)

    def test_P10_the_lead_is_told_before_the_shift_and_once(self) -> None:
        for minute in range(2):
            look_ahead(at=NOON + minute * timedelta(minutes=1))
        shifts = Shift.objects.filter(duty="coordinator", starts_at__lte=NOON + DAY, ends_at__gt=NOON)
        paged = Page.objects.filter(alarm__startswith="unreached:MSCC coordinator", channel="email")
        assert {page.recipient.username for page in paged} == {"lead"}
        assert paged.count() == shifts.count() == 2

    def test_P10_a_page_passes_on_to_the_next_at_once(self) -> None:
        submitted("weakness", at=NOON)
        climb(at=NOON)
        paged = Page.objects.filter(clock__kind="acknowledge", channel="email")
        assert {page.recipient.username for page in paged} == {"registrar"}


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
        assert "Duties: coordinator, deputy, consultant" in page  # as a file of the rota names them
        day = (now() + 40 * DAY).date()
        typed = {
            "duty": "coordinator",
            "user_name": "coordinator",
            "weeks": "2",
            "starts_day": str(day),
            "starts_time": "08:00",
            "ends_day": str(day + DAY),
            "ends_time": "08:00",
        }
        wrong = lead.post(reverse("plan_shift"), {**typed, "ends_time": "", "weeks": "x"})
        assert wrong.status_code == 422
        assert "Enter a day and a time" in wrong.content.decode()
        assert "Enter 1 to 26 weeks" in wrong.content.decode()
        before = Shift.objects.count()
        assert lead.post(reverse("plan_shift"), typed).status_code == 302
        assert Shift.objects.count() == before + 2

    def test_P10_who_cannot_be_paged_stands_where_the_rota_says_that_it_is_covered(self) -> None:
        User.objects.filter(username="coordinator").update(email="")
        lead = signed_in("lead")
        page = lead.get(reverse("on_call")).content.decode()
        assert "is covered, but not everybody can be paged" in page
        assert re.search(
            r"<summary><strong>Not proven:</strong> \d+ people", page
        )  # not a screen of them above who is on call
        assert "<strong>No address:</strong> Sister Grace Okoro (MSCC coordinator)" in page
        day = (now() + 40 * DAY).date()
        typed = {
            "duty": "coordinator",
            "user_name": "coordinator",
            "starts_day": str(day),
            "starts_time": "08:00",
            "ends_day": str(day + DAY),
            "ends_time": "08:00",
        }
        asked = lead.post(reverse("plan_shift"), typed)
        assert asked.status_code == 422
        assert 'name="sure"' in asked.content.decode()
        assert lead.post(reverse("plan_shift"), {**typed, "sure": "yes"}).status_code == 302

    def test_D10_nothing_is_chosen_before_the_planner_chooses(self) -> None:
        User.objects.filter(username="registrar").update(duties=["deputy", "coordinator"])
        lead = signed_in("lead")
        page = lead.get(reverse("on_call")).content.decode()
        lists = page.split("<select")[1:]
        assert len(lists) > 3
        assert all(one.split(">", 1)[1].lstrip().startswith('<option value="">Choose') for one in lists)
        assert " selected" not in page
        day = (now() + 40 * DAY).date()
        times = {"starts_day": day, "starts_time": "08:00", "ends_day": day + DAY, "ends_time": "08:00"}
        said = lead.post(reverse("plan_shift"), times).content.decode()
        assert "Choose the duty" in said
        assert "Choose somebody who may sign in" in said

    def test_D27_the_page_shows_what_changes_and_takes_it_after(self) -> None:
        lead, shift = signed_in("lead"), Shift.objects.filter(duty="coordinator").latest("starts_at")
        User.objects.filter(username="registrar").update(duties=["deputy", "coordinator"])
        times = ",".join(str(one.astimezone(LONDON))[:16] for one in (shift.starts_at, shift.ends_at))
        text = f"duty;user_name;starts;ends\ncoordinator;registrar;{times.replace(',', ';')}"
        shown = lead.post(reverse("import_rota"), {"csv": text}).content.decode()
        assert "0 new, 1 changed, 0 planned already" in shown
        assert Shift.objects.filter(pk=shift.pk).exists()
        seal = seal_of(shown)
        stale = lead.post(reverse("import_rota"), {"csv": text, "seen": "stale"})
        assert stale.status_code == 422
        assert "The rota has changed since you looked" in stale.content.decode()
        assert lead.post(reverse("import_rota"), {"csv": text, "seen": seal}).status_code == 302
        assert Shift.objects.get(starts_at=shift.starts_at, duty="coordinator").holder.username == "registrar"

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_a_file_is_read_as_the_same_text_pasted(self, codec: str) -> None:
        lead, day = signed_in("lead"), (now() + 40 * DAY).date()
        text = f"duty,user_name,starts,ends\r\ncoordinator,coordinator,{day} 08:00,{day} 20:00\r\n"
        pasted = lead.post(reverse("import_rota"), {"csv": text}).content.decode()
        file = SimpleUploadedFile("rota.csv", text.encode(codec), content_type="text/csv")
        sent = lead.post(reverse("import_rota"), {"file": file, "csv": ""}).content.decode()
        assert "1 new, 0 changed, 0 planned already" in sent
        assert seal_of(sent) == seal_of(pasted)
        assert lead.post(reverse("import_rota"), {"csv": text, "seen": seal_of(sent)}).status_code == 302

    def test_a_workbook_or_a_wrong_file_is_refused_in_words_and_a_wrong_line_can_be_corrected(self) -> None:
        lead, address = signed_in("lead"), reverse("import_rota")
        book = SimpleUploadedFile("rota.xlsx", b"PK\x03\x04rest")
        assert "is a workbook: save it as CSV" in lead.post(address, {"file": book}).content.decode()
        wrong = SimpleUploadedFile("rota.csv", b"duty,user_name,starts,ends\nx,Andr\xe9,z,w")
        answer = lead.post(address, {"file": wrong})
        assert answer.status_code == 422
        assert "Line 2" in answer.content.decode()
        assert "x,André,z,w" in answer.content.decode()

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
        client = signed_in("coordinator")

        def made() -> str:
            return str(read(client.post(reverse("renew_calendar")).content.decode()).one("code").words)

        address = made()
        assert address not in client.get(reverse("on_call")).content.decode(), "it is shown once"
        feed = Client().get(address)
        assert feed["Content-Type"].startswith("text/calendar")
        text = feed.content.decode()
        assert text.count("BEGIN:VEVENT") == Shift.objects.filter(holder__username="coordinator").count()
        assert "On call: MSCC coordinator" in text
        assert Client().get("/on-call/calendar/forged.ics").status_code == 404
        renewed = made()
        assert [Client().get(link).status_code for link in (address, renewed)] == [404, 200]
        secret = renewed.split("/calendar/")[1].removesuffix(".ics")
        assert Client().post(reverse("use_link", args=[secret])).status_code == 409, "it signs nobody in"
        with time_machine.travel(now() + timedelta(days=184), tick=False):
            assert Client().get(renewed).status_code == 404
        User.objects.filter(username="coordinator").update(is_active=False)
        assert Client().get(renewed).status_code == 404, "a leaver's calendar ends at once"

    def test_a_csv_with_a_wrong_line_comes_back_as_it_was_typed(self) -> None:
        answer = signed_in("lead").post(
            reverse("import_rota"), {"csv": "duty,user_name,starts,ends\nx,y,z,w"}
        )
        assert answer.status_code == 422
        assert "Line 2" in answer.content.decode()
        assert "x,y,z,w" in answer.content.decode()


def seal_of(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_metrics_count_promises_and_name_nobody() -> None:
    at = now()
    submitted("weakness", at=at)
    climb(at=at)
    text = Client().get("/metrics").content.decode()
    assert 'mscc_clocks_running{kind="acknowledge"} 1.0' in text
    assert 'mscc_pages{channel="screen",result="sent"}' in text
    assert "mscc_first_page_delay_seconds_bucket" in text
    assert "mscc_uncovered_minutes_ahead" in text
    assert "MSCC-" not in text


def test_metrics_count_the_pages_of_the_last_hour_and_those_that_wait() -> None:
    def counts() -> dict[str, float]:
        lines = Client().get("/metrics").content.decode().splitlines()
        rows = [line.split('mscc_pages{channel="email",result="') for line in lines]
        return {row[1].split('"')[0]: float(row[1].split()[-1]) for row in rows if len(row) > 1}

    at = now()
    submitted("weakness", at=at)
    climb(at=at)
    page = Page.objects.filter(channel="email").first()
    assert page is not None
    assert counts() == {"sent": 0, "failed": 0, "not_needed": 0, "waiting": 1}
    for changes, result in (
        ({"sent_at": at}, "sent"),
        ({"sent_at": None, "failed_at": at, "failure": "refused"}, "failed"),
        ({"failed_at": at - timedelta(minutes=61)}, ""),
    ):
        Page.objects.filter(pk=page.pk).update(**changes)
        assert {name for name, number in counts().items() if number} == ({result} if result else set())
    Page.objects.filter(pk=page.pk).update(failed_at=None, failure="")
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE oncall_page SET written_at = written_at - interval '2 days' WHERE id = %s", [page.pk]
        )
    assert counts()["waiting"] == 1
