"""The words by which open pages learn that something was done."""

import pytest
from django.db import connection, transaction

from kernel.actors import SERVICE
from kernel.time import now
from ledger import read
from ledger.append import append
from ledger.kinds import Kind
from ledger.models import Line

pytestmark = pytest.mark.django_db


def line(kind: Kind = Kind.REFERRAL_ACKNOWLEDGED, *, case: int = 1) -> int:
    with transaction.atomic():
        return append(kind, by=SERVICE, at=now(), case=case)


def test_an_act_that_is_committed_late_is_heard_though_an_older_one_leaves_the_newest_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read, "NEWEST_ACTS", 5)
    first = line()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('ledger_line', 'id'))")
        late = cursor.fetchone()[0]
    second = line()
    assert (late, second) == (first + 1, first + 2)
    line(Kind.CASE_VIEWED)
    before = read.last_acts()
    for _ in range(2):
        line(Kind.CASE_VIEWED)
    Line.objects.create(
        id=late,
        chain="case:2",
        position=1,
        case=2,
        kind=str(Kind.REFERRAL_ACKNOWLEDGED),
        at=now(),
        witnessed_at=now(),
        actor=SERVICE.key,
        role="system",
        previous_hash="0",
        hash="0",
    )
    assert read.last_acts() != before


def test_views_change_nothing_however_long_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "NEWEST_ACTS", 2)
    for _ in range(3):
        line()
    before = read.last_acts()
    for _ in range(3):
        line(Kind.CASE_VIEWED)
    assert read.last_acts() == before
    line()
    assert read.last_acts() != before
