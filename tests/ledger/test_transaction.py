"""What one act records is written together, and nothing that the ledger promises is lost by that."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import service as services
from kernel.actors import SERVICE, Role
from ledger.append import NotInTransaction, append, draft
from ledger.check import verify
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.models import Line
from ledger.read import Search, entries
from ledger.transaction import one_transaction
from ledger.unit import NewEntry, open_unit
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from oncall.models import Clock
from oncall.start import Promise, start
from referrals.case.models import Referral
from referrals.case.queries import find_and_lock
from tests.builders import NOON, act_by, actor, again, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
HOUR = timedelta(hours=1)
CASE = 4_000_000


def entry(kind: Kind = Kind.CASE_VIEWED, *, case: int = CASE, **facts: object) -> NewEntry:
    return NewEntry(kind=kind, case=case, facts=facts)


def lines(case: int = CASE) -> list[str]:
    return list(Line.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


class Broken(Exception):
    pass


class TestLines:
    def test_lines_keep_the_order_of_the_act_whether_their_number_is_needed_or_not(self) -> None:
        numbers: list[int] = []
        with one_transaction():
            draft(entry(Kind.CLOCK_STARTED), by=SERVICE, at=NOON, then=numbers.append)
            seen = append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=CASE)
            draft(entry(Kind.CLOCK_STOPPED), by=SERVICE, at=NOON, then=numbers.append)
            assert numbers == [seen - 1]
        assert lines() == ["clock_started", "case_viewed", "clock_stopped"]
        assert numbers == [seen - 1, seen + 1]
        assert verify()[1] is None

    def test_the_end_of_a_chain_is_read_once_an_act(self) -> None:
        with CaptureQueriesContext(connection) as queries, one_transaction():
            for _ in range(4):
                append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=CASE)
        assert sum("pg_advisory_xact_lock" in query["sql"] for query in queries) == 1
        assert list(Line.objects.filter(case=CASE).order_by("id").values_list("position", flat=True)) == [
            1,
            2,
            3,
            4,
        ]

    def test_an_act_that_takes_long_asks_the_database_for_the_time_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ledger.unit.WITNESS_SECONDS", 0.0)
        with one_transaction():
            for _ in range(2):
                append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=CASE)
        first, second = Line.objects.filter(case=CASE).order_by("id").values_list("witnessed_at", flat=True)
        assert second > first

    def test_two_people_and_two_chains_in_one_act_each_keep_their_own(self) -> None:
        with one_transaction():
            draft(entry(case=CASE), by=SERVICE, at=NOON, then=lambda _: None)
            append(Kind.CASE_VIEWED, by=actor("gp"), at=NOON, case=CASE + 1)
            append(Kind.SIGNED_IN, by=actor("gp"), at=NOON)
        assert [line.actor for line in Line.objects.filter(case__in=(CASE, CASE + 1)).order_by("id")] == [
            SERVICE.key,
            actor("gp").key,
        ]
        assert verify()[1] is None

    def test_facts_are_those_at_the_time_of_the_draft(self) -> None:
        facts = {"codes": ["one"]}
        with one_transaction():
            draft(
                NewEntry(kind=Kind.CASE_VIEWED, case=CASE, facts=facts),
                by=SERVICE,
                at=NOON,
                then=lambda _: None,
            )
            facts["codes"].append("two")
        assert Line.objects.get(case=CASE).facts == {"codes": ["one"]}

    def test_who_reads_the_ledger_in_an_act_sees_its_lines(self) -> None:
        with one_transaction():
            draft(entry(), by=SERVICE, at=NOON, then=lambda _: None)
            assert [line.kind for line in entries(Search(case=CASE))] == [Kind.CASE_VIEWED]

    def test_an_act_that_fails_leaves_nothing_and_the_next_begins_anew(self) -> None:
        @one_transaction()
        def fails() -> None:
            append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=CASE)
            draft(entry(), by=SERVICE, at=NOON, then=lambda _: None)
            raise Broken

        with pytest.raises(Broken):
            fails()
        assert lines() == []
        assert open_unit.get() is None
        with one_transaction():
            append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=CASE)
        assert lines() == ["case_viewed"]
        assert verify()[1] is None

    def test_a_savepoint_that_is_rolled_back_takes_its_own_lines_alone(self) -> None:
        @transaction.atomic
        def fails() -> None:
            append(Kind.LIST_VIEWED, by=SERVICE, at=NOON, case=CASE)
            raise Broken

        with one_transaction():
            append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=CASE)
            draft(entry(Kind.CLOCK_STARTED), by=SERVICE, at=NOON, then=lambda _: None)
            with pytest.raises(Broken):
                fails()
            append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=CASE)
        assert lines() == ["case_viewed", "clock_started", "case_viewed"]
        assert verify()[1] is None

    def test_a_draft_needs_a_transaction_too(self) -> None:
        saved, connection.in_atomic_block = connection.in_atomic_block, False
        try:
            with pytest.raises(NotInTransaction):
                draft(entry(), by=SERVICE, at=NOON, then=lambda _: None)
        finally:
            connection.in_atomic_block = saved


class TestHistory:
    def test_each_row_of_history_names_its_line_its_person_and_its_instant(self) -> None:
        case = submitted(at=NOON)
        kinds = {f"ledger {line.pk}": line.kind for line in Line.objects.filter(case=case.pk)}
        rows = [
            *case.history.all(),
            *case.patient.history.all(),
            *case.episode.history.all(),
            *Clock.history.filter(case=case.pk),
        ]
        assert {(row.history_type, row.history_date, row.history_user_id) for row in rows} == {
            ("+", NOON, actor("gp").user_id)
        }
        assert [kinds[row.history_change_reason] for row in rows] == [
            *["referral_submitted"] * 3,
            *["clock_started"] * Clock.objects.filter(case=case.pk).count(),
        ]
        assert actor("gp").role == Role.REFERRER

    def test_each_row_of_history_is_the_row_as_it_was_then(self) -> None:
        case = submitted(at=NOON)
        with one_transaction():
            line = append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=case.pk)
            case.incomplete.append("one")
            keep(case, line=line, by=SERVICE, at=NOON)
            case.incomplete.append("two")
            keep(case, line=line, by=SERVICE, at=NOON)
        before, after = case.history.filter(history_change_reason=f"ledger {line}").order_by("history_id")
        assert after.incomplete == [*before.incomplete, "two"]
        assert (before.history_type, after.history_type) == ("~", "~")


class TestClocks:
    def test_a_clock_that_starts_and_stops_in_one_act_has_both_lines_and_both_rows_of_history(self) -> None:
        case = submitted(at=NOON)
        task = Promise(
            kind=ClockKind.TASK, case=case.pk, stream="Emergency", limit_hours=2, started_at=NOON, subject=7
        )
        with one_transaction():
            find_and_lock(case.reference, by=actor("coordinator"))
            clock = start(task, act=act_by(SERVICE, NOON))
            assert clock in clocks.hold(case.pk)
            clocks.stop_clock(clock, because=Stopped.MET, stopped_at=NOON + HOUR, by=SERVICE, at=NOON + HOUR)
            assert clock not in clocks.hold(case.pk)
            assert clock in clocks.of_case(case.pk)
        stored = Clock.objects.get(pk=clock.pk)
        assert (stored.stopped_because, stored.next_at) == ("met", None)
        first, second = Clock.history.filter(id=clock.pk).order_by("history_id")
        assert (first.history_type, first.stopped_at, second.history_type) == ("+", None, "~")
        assert second.stopped_at == stored.stopped_at
        numbers = [int(row.history_change_reason.removeprefix("ledger ")) for row in (first, second)]
        assert [Line.objects.get(pk=number).kind for number in numbers] == ["clock_started", "clock_stopped"]

    def test_an_act_that_replaces_a_running_clock_leaves_one_running(self) -> None:
        case = submitted("back_pain", at=NOON)
        promise = Promise(
            kind=ClockKind.TASK, case=case.pk, stream="Emergency", limit_hours=2, started_at=NOON, subject=7
        )
        service = services.current()
        with one_transaction():
            start(promise, act=act_by(SERVICE, NOON, service))
        with one_transaction():
            old = next(c for c in clocks.hold(case.pk) if c.subject == 7)
            clocks.stop_clock(
                old, because=Stopped.SUPERSEDED, stopped_at=NOON + HOUR, by=SERVICE, at=NOON + HOUR
            )
            start(promise, act=act_by(SERVICE, NOON + HOUR, service))
        kept = Clock.objects.filter(case=case.pk, subject=7).order_by("id")
        assert [clock.stopped_because for clock in kept] == ["superseded", ""]

    def test_a_case_that_was_refused_has_no_clock_no_line_and_no_history(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object, **__: object) -> None:
            raise Broken

        monkeypatch.setattr("referrals.usecases.submit_referral.write_notice", fails)
        before = Line.objects.count()
        with pytest.raises(Broken):
            submitted(at=NOON)
        assert not Referral.objects.exists()
        assert Line.objects.count() == before
        assert not Clock.history.exists()
        monkeypatch.undo()
        assert again(submitted(at=NOON)).status == "submitted"
