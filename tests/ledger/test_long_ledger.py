"""The check of a long ledger: read in parts, so that no limit of a statement ends it, and it ends where it began to look."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

from kernel.actors import SERVICE
from ledger import check as checks
from ledger.append import append
from ledger.check import check
from ledger.kinds import Kind
from ledger.models import Line
from ledger.seal import make_seal
from tests.builders import NOON
from tests.owner import able_to_delete

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "TOGETHER", 3)


def write(lines: int) -> None:
    for case in range(lines):
        append(Kind.CASE_VIEWED, by=SERVICE, at=NOON, case=case % 2)


@pytest.mark.parametrize("lines", [0, 1, 3, 6, 7])
def test_every_line_is_read_once_whatever_the_parts(lines: int) -> None:
    write(lines)
    make_seal(at=NOON)
    found = check()
    assert (found.lines, found.faults) == (lines, [])


def test_no_statement_reads_more_than_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    write(7)
    make_seal(at=NOON)
    sizes: list[int] = []
    part = checks._part

    def noted(after: int, last: int) -> Any:
        rows = part(after, last)
        sizes.append(len(rows))
        return rows

    monkeypatch.setattr(checks, "_part", noted)
    assert check().lines == 7
    assert sizes == [3, 3, 1]


@pytest.mark.parametrize("place", range(7))
def test_a_line_that_is_taken_out_is_noticed_at_every_place(place: int) -> None:
    write(7)
    make_seal(at=NOON)
    number = Line.objects.order_by("id")[place].pk
    with able_to_delete("ledger_line"), connection.cursor() as cursor:
        owner = connections["owner"].settings_dict["USER"]
        cursor.execute(f"SET LOCAL ROLE {owner}; SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM ledger_line WHERE id = %s", [number])
        assert check().faults != []
        cursor.execute("SET LOCAL session_replication_role = origin; RESET ROLE")


def test_what_is_written_while_the_check_reads_is_left_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    write(4)
    lines = checks._lines

    def later(*about: Any) -> Iterator[tuple[int, bytes]]:
        write(2)
        return lines(*about)

    monkeypatch.setattr(checks, "_lines", later)
    assert check().lines == 4
    assert check().lines == 6
