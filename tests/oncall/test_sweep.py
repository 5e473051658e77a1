"""Every rung once, every breach a fact, whatever runs, stops or comes late."""

import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import Count

from accounts.models import User
from kernel.time import clock_time, from_london
from ledger.read import of_case
from oncall.delivery import BUNDLED, SUPERSEDED, deliver, deliver_next
from oncall.ladder import Rung, within_hours
from oncall.models import Clock, Heartbeat, Page, Shift
from oncall.sweep import climb, sweep
from referrals.usecases.acknowledge_referral import acknowledge_referral
from tests.builders import NOON, act_by, actor, clock, report, set_the_scene, submitted, triaged

MINUTE = timedelta(minutes=1)


def paged(case, kind: str = "acknowledge") -> list[tuple[int, str]]:
    pages = Page.objects.filter(clock__case=case.pk, clock__kind=kind, channel="screen").order_by("rung")
    return [(page.rung, page.duty) for page in pages]


@pytest.mark.usefixtures("scene")
class TestLadder:
    def test_the_first_page_goes_out_at_minute_nought(self) -> None:
        case = submitted("weakness")
        sweep(at=NOON)
        assert paged(case) == [(0, "coordinator")]
        channels = set(Page.objects.filter(clock__kind="acknowledge").values_list("channel", flat=True))
        assert channels == {"screen", "email"}

    def test_an_unanswered_emergency_climbs_to_the_manager_and_repeats(self) -> None:
        case = submitted("weakness")
        for minute in range(76):
            sweep(at=NOON + minute * MINUTE)
        assert paged(case) == [
            (0, "coordinator"),
            (1, "coordinator"),
            (2, "deputy"),
            (3, "consultant"),
            (4, "manager"),
            (5, "manager"),
            (6, "manager"),
        ]

    def test_acknowledging_stops_it(self) -> None:
        case = submitted("weakness")
        sweep(at=NOON)
        acknowledge_referral(case.reference, act=act_by("coordinator", NOON + 2 * MINUTE))
        for minute in range(3, 60):
            sweep(at=NOON + minute * MINUTE)
        assert paged(case) == [(0, "coordinator")]

    def test_a_rung_that_finds_nobody_pages_the_next_duty_at_once_and_the_ladder_goes_on(self) -> None:
        Shift.objects.filter(duty="coordinator").delete()
        case = submitted("weakness")
        sweep(at=NOON)
        assert paged(case) == [(0, "deputy")]
        nobody = [line for line in of_case(case.pk) if line.kind == "rung_found_nobody"]
        assert [line.facts["duty"] for line in nobody if line.facts["clock"] == "acknowledge"] == [
            "coordinator"
        ]
        for minute in range(1, 31):
            sweep(at=NOON + minute * MINUTE)
        assert paged(case) == [(0, "deputy"), (1, "deputy"), (2, "deputy"), (3, "consultant")]

    def test_a_short_gap_wakes_nobody_for_what_can_wait(self) -> None:
        now_held = Shift.objects.get(duty="coordinator", starts_at__lte=NOON, ends_at__gt=NOON)
        Shift.objects.filter(pk=now_held.pk).update(starts_at=NOON + 10 * MINUTE)
        case = submitted("pain_only")
        sweep(at=NOON)
        assert paged(case, "treatment_plan") == []
        sweep(at=NOON + timedelta(hours=120))
        assert (1, "coordinator") in paged(case, "treatment_plan")

    def test_with_nobody_anywhere_it_is_tried_again_each_minute_until_somebody_is_there(self) -> None:
        shifts = list(Shift.objects.filter(duty="manager", starts_at__lte=NOON, ends_at__gt=NOON))
        Shift.objects.all().delete()
        case = submitted("weakness")
        for minute in range(5):
            sweep(at=NOON + minute * MINUTE)
        waiting = clock(case, "acknowledge")
        assert (waiting.climbed, waiting.next_at) == (0, NOON + 5 * MINUTE)
        nobody = [line for line in of_case(case.pk) if line.kind == "rung_found_nobody"]
        assert sum(line.facts["clock"] == "acknowledge" for line in nobody) == 1
        Shift.objects.bulk_create(shifts)
        sweep(at=NOON + 5 * MINUTE)
        assert paged(case) == [(0, "manager")]

    def test_somebody_who_has_left_is_not_paged(self) -> None:
        User.objects.filter(username="coordinator").update(is_active=False)
        case = submitted("weakness")
        sweep(at=NOON)
        assert paged(case)[0][1] == "deputy"

    def test_a_booking_silences_only_the_rung_that_asks_for_one(self) -> None:
        case = triaged("weakness")
        report(case, "mri_booked", at=NOON + 60 * MINUTE)
        for hour in range(1, 13):
            sweep(at=NOON + hour * 60 * MINUTE)
        assert paged(case, "mri") == [(0, "coordinator"), (2, "coordinator")]

    def test_a_case_already_over_its_limit_alarms_at_once(self) -> None:
        case = submitted("weakness", clinician_suspected_at=(NOON - timedelta(days=6)).isoformat())
        sweep(at=NOON)
        mri = clock(case, "mri")
        assert mri.breach_recorded_at == NOON
        assert [duty for _, duty in paged(case, "mri")][-1] == "consultant"

    def test_settings_changed_later_leave_a_running_ladder_as_it_is(self) -> None:
        from accounts.administration import change_settings
        from accounts.service import SETTINGS, current

        case = submitted("weakness")
        typed = {setting.key: str(current()[setting.key]) for setting in SETTINGS} | {"rung_deputy": "50"}
        change_settings(typed, by=actor("admin"), at=NOON)
        for minute in range(20):
            sweep(at=NOON + minute * MINUTE)
        assert (2, "deputy") in paged(case)
        assert clock(submitted("weakness"), "acknowledge").ladder[2]["after_minutes"] != 15

    def test_a_breach_is_recorded_once_as_a_fact(self) -> None:
        case = submitted("weakness")
        for minute in (14, 15, 16, 17):
            sweep(at=NOON + minute * MINUTE)
        breaches = [line for line in of_case(case.pk) if line.kind == "clock_breached"]
        assert [(line.facts["clock"], line.at) for line in breaches] == [("acknowledge", NOON + 15 * MINUTE)]

    def test_after_two_days_of_outage_every_rung_was_climbed_or_passed_over_once(self) -> None:
        cases = [submitted(kind) for kind in ("weakness", "pain_only", "little_known", "no_cancer")]
        for _ in range(3):
            sweep(at=NOON + timedelta(days=2))
        for case in cases:
            for one in Clock.objects.filter(case=case.pk):
                reached = sum(
                    one.started_at + timedelta(minutes=rung["after_minutes"]) <= NOON + timedelta(days=2)
                    for rung in one.ladder
                )
                rungs = list(
                    one.pages.filter(channel="screen").order_by("rung").values_list("rung", flat=True)
                )
                passed = [
                    line.facts["rung"]
                    for line in of_case(case.pk)
                    if line.kind == "rung_passed_over"
                    and (line.facts["clock"], line.facts["limit_hours"]) == (one.kind, one.limit_hours)
                ]
                assert sorted(passed + rungs) == list(range(reached)), one.kind
                assert len(rungs) == (1 if reached else 0), one.kind
                overdue = bool(one.ladder) and one.due_at <= NOON + timedelta(days=2)
                assert (one.breach_recorded_at is not None) == overdue

    def test_a_sweep_with_nothing_due_changes_nothing(self) -> None:
        submitted("weakness")
        sweep(at=NOON)
        before = list(Clock.objects.values())
        swept = sweep(at=NOON)
        assert (swept.clocks, list(Clock.objects.values())) == (0, before)
        assert Heartbeat.objects.get(name="sweep").at == NOON

    def test_nothing_due_costs_an_index_look_up(self) -> None:
        submitted("weakness")
        pattern = Clock.objects.latest("id")
        Clock.objects.bulk_create(
            Clock(
                case=number,
                kind="mri",
                stream="Emergency",
                limit_hours=24,
                formal=True,
                ladder=[],
                started_at=pattern.started_at,
                due_at=pattern.due_at,
                next_at=pattern.due_at,
            )
            for number in range(10_000, 14_000)
        )
        with connection.cursor() as cursor:  # the planner's own choice depends on the hour of autovacuum
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute(
                "EXPLAIN SELECT * FROM oncall_clock WHERE stopped_at IS NULL AND next_at <= '2026-01-01'"
                " ORDER BY next_at, id LIMIT 200 FOR UPDATE SKIP LOCKED"
            )
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "clock_to_sweep" in plan
        assert "Sort" not in plan


@pytest.mark.usefixtures("scene")
class TestPages:
    def test_a_page_holds_no_identity(self) -> None:
        case = submitted("weakness")
        sweep(at=NOON)
        letters = "".join(f"{letter.subject} {letter.body}" for letter in mail.outbox)
        assert case.reference in letters
        assert "Emergency" in letters
        for identity in (case.patient.family_name, case.patient.given_name, case.patient.nhs_number):
            assert identity not in letters

    def test_a_page_that_cannot_be_sent_stays_owed_and_goes_out_when_the_way_is_back(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", 9)  # nothing listens there
        case = submitted("no_cancer")
        sweep(at=NOON)
        page = Page.objects.get(clock__case=case.pk, channel="email")
        assert (page.attempts, page.sent_at, page.failure) == (1, None, "ConnectionRefusedError")
        for minute in range(1, 20):
            sweep(at=NOON + minute * MINUTE)
        page.refresh_from_db()
        waiting = Page.objects.filter(clock__case=case.pk, channel="email", sent_at=None, failed_at=None)
        assert waiting.exists()
        failed = [line for line in of_case(case.pk) if line.kind == "page_failed"]
        of_page = [line for line in failed if line.facts["client_reference"] == str(page.client_reference)]
        assert [line.facts["attempt"] for line in of_page] == list(range(1, page.attempts + 1))
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
        newest = waiting.latest("rung")
        sweep(at=NOON + 21 * MINUTE)
        newest.refresh_from_db()
        assert newest.sent_at == NOON + 21 * MINUTE
        assert not waiting.exists()

    def test_what_could_not_be_sent_is_replaced_by_the_next_page_of_its_clock_to_the_same_person(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", 9)
        case = submitted("weakness")
        for minute in range(90):
            climb(at=NOON + minute * MINUTE)
            deliver_next("email", at=NOON + minute * MINUTE)
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
        deliver(at=NOON + 90 * MINUTE)
        deliver(at=NOON + 91 * MINUTE)
        pages = Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", channel="email")
        people = set(pages.values_list("recipient", flat=True))
        assert pages.count() > len(people)
        assert pages.exclude(sent_at=None).count() == len(people)
        assert {page.failure for page in pages.filter(sent_at=None)} == {"a later page replaced it"}

    def test_one_client_reference_for_every_attempt(self) -> None:
        case = submitted("no_cancer")
        sweep(at=NOON)
        page = Page.objects.get(clock__case=case.pk, channel="email")
        assert [letter.extra_headers["Message-ID"] for letter in mail.outbox] == [
            f"<{page.client_reference}@mscc>"
        ]
        assert page.sent_at == NOON


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_several_workers_write_one_page_for_each_rung(self) -> None:
        set_the_scene()
        for _ in range(20):
            submitted("weakness")
        barrier = threading.Barrier(4)
        faults: list[BaseException] = []

        def work() -> None:
            try:
                barrier.wait()
                for minute in (0, 10, 20, 31, 50):
                    sweep(at=NOON + minute * MINUTE)
            except BaseException as fault:  # noqa: BLE001  # reported by the test's own thread
                faults.append(fault)
            finally:
                connections.close_all()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert faults == []
        doubled = (
            Page.objects.values("clock", "rung", "recipient", "channel")
            .annotate(n=Count("id"))
            .filter(n__gt=1)
        )
        assert not doubled
        acknowledging = Clock.objects.filter(kind="acknowledge")
        for (
            one
        ) in acknowledging:  # a worker that is minutes ahead passes over a rung that another has not reached
            rungs = list(one.pages.filter(channel="screen").values_list("rung", flat=True))
            passed = [
                line.facts["rung"]
                for line in of_case(one.case)
                if line.kind == "rung_passed_over" and line.facts["clock"] == "acknowledge"
            ]
            assert sorted(rungs + passed) == list(range(5))
        unsent = Page.objects.filter(channel="email", sent_at=None)
        assert set(unsent.values_list("failure", flat=True)) <= {SUPERSEDED, BUNDLED}

    def test_two_coordinators_acknowledge_at_once_and_one_wins(self) -> None:
        from kernel.refusals import OutOfTurn

        set_the_scene()
        case = submitted("weakness")
        barrier = threading.Barrier(2)
        outcomes: list[str] = []

        def work(username: str) -> None:
            try:
                person = actor(username)
                barrier.wait()
                acknowledge_referral(case.reference, act=act_by(person, NOON + MINUTE))
                outcomes.append("won")
            except OutOfTurn as refusal:
                outcomes.append(refusal.sentence)
            finally:
                connections.close_all()

        people = [threading.Thread(target=work, args=(name,)) for name in ("coordinator", "registrar")]
        for person in people:
            person.start()
        for person in people:
            person.join()
        assert sorted(outcome == "won" for outcome in outcomes) == [False, True]
        assert any("acknowledged this case at" in outcome for outcome in outcomes)


@pytest.mark.usefixtures("scene")
def test_manage_py_sweep_does_the_same_without_celery(capsys: pytest.CaptureFixture[str]) -> None:
    submitted("weakness", at=NOON)
    call_command("sweep")
    assert "clocks climbed" in capsys.readouterr().out
    assert Page.objects.exists()


class TestHours:
    """Rungs of what is no emergency are brought forward from the night; an emergency wakes people."""

    LADDER = tuple(
        Rung(after_minutes=minutes, duty="coordinator") for minutes in (0, 12 * 60, 20 * 60, 24 * 60)
    )

    def hours(self, started_at: datetime, *, due_hours: float = 24) -> list[float]:
        moved = within_hours(
            self.LADDER,
            started_at=started_at,
            due_at=started_at + timedelta(hours=due_hours),
            opens=8,
            closes=20,
        )
        return [rung.after_minutes / 60 for rung in moved]

    def test_a_rung_of_the_night_comes_in_the_evening_before(self) -> None:
        assert self.hours(NOON) == [0, 8, 20, 24]

    def test_where_the_evening_is_before_the_start_it_comes_in_the_morning(self) -> None:
        late = NOON + timedelta(hours=10)  # 22:00; its rungs at 10:00, 18:00 and 22:00
        assert self.hours(late) == [0, 12, 20, 22]
        ladder = (Rung(after_minutes=0, duty="coordinator"), Rung(after_minutes=180, duty="deputy"))
        moved = within_hours(ladder, started_at=late, due_at=late + timedelta(hours=12), opens=8, closes=20)
        assert moved[1].after_minutes == 10 * 60

    def test_never_past_the_deadline(self) -> None:
        late = NOON + timedelta(hours=10)
        ladder = (Rung(after_minutes=0, duty="coordinator"), Rung(after_minutes=180, duty="deputy"))
        assert (
            within_hours(ladder, started_at=late, due_at=late + timedelta(hours=4), opens=8, closes=20)
            == ladder
        )

    @pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
    def test_the_evening_is_londons_on_the_nights_when_the_clocks_change(self, day: date) -> None:
        started_at = from_london(day - timedelta(days=1), time(12))
        moved = within_hours(
            self.LADDER, started_at=started_at, due_at=started_at + timedelta(hours=24), opens=8, closes=20
        )
        assert clock_time(started_at + timedelta(minutes=moved[1].after_minutes)).startswith("20:00")

    @pytest.mark.usefixtures("scene")
    def test_an_emergency_ignores_the_hours(self) -> None:
        emergency, week = triaged("weakness"), triaged("pain_only")
        assert 12 * 60 in [rung["after_minutes"] for rung in clock(emergency, "mri").ladder]
        instants = [
            (clock(week, "treatment_plan").started_at + timedelta(minutes=rung["after_minutes"])).hour
            for rung in clock(week, "treatment_plan").ladder[1:]
        ]
        assert all(8 <= hour <= 20 for hour in instants)


@pytest.mark.usefixtures("scene")
def test_a_sweep_with_nothing_due_is_one_index_look_up() -> None:
    submitted("weakness")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        waiting = Clock.objects.filter(stopped_at=None, next_at__lte=NOON - 30 * MINUTE).order_by(
            "next_at", "id"
        )
        plan = waiting.values_list("pk", flat=True).explain()
    assert "clock_to_sweep" in plan
    assert "Sort" not in plan
