"""A great many stored referrals: copies of a few real ones, straight into the tables, with patients of their own.

A copy has one row of history for each record and the first ledger lines of its case, with right hashes. Its bindings are
as many as the product writes for these rows, with hashes of nobody's content: they take the room, and do not verify.
So that a million take 15 GB, a copy has at most MOST rows of a table, and those older than the first step one clock and none
of the tables in NOT_OF_OLD.
"""

import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from kernel.identifiers import NhsNumber, Reference
from kernel.time import rfc3339
from tests.load.copied import chain_of, escaped, name_of

APART = timedelta(hours=2.19)  # a thousand a quarter; England has about as many
LINES = 5  # of each stored case
WHOLE, TOGETHER = (
    20_000,
    100_000,
)  # cases of the first step, which is the last five years, and of each further one
MOST = {
    "oncall_page": 1,
    "oncall_clock": 4,
    "triage_assessment": 1,
    "referrals_event": 4,
    "referrals_note": 2,
    "referrals_contact": 2,
}
NOT_OF_OLD = (
    "triage_assessment",
    "referrals_historicalreferral",
    "referrals_note",
    "referrals_historicalnote",
    "referrals_contact",
    "referrals_historicalcontact",
    "referrals_triagedecision",
    "referrals_historicaltriagedecision",
)
SKIPPED = ("ledger_line", "ledger_binding", "referrals_place", "referrals_idempotencykey")
# How the rows of a table lead to their case.
BY_NAME = {
    "referrals_referral": "t.id",
    "referrals_patient": "(SELECT min(id) FROM referrals_referral WHERE patient_id = t.id)",
    "referrals_episode": "(SELECT min(id) FROM referrals_referral WHERE episode_id = t.id)",
}
BY_COLUMN = {
    "referral_id": "t.referral_id",
    "case": 't."case"',
    "clock_id": '(SELECT "case" FROM oncall_clock WHERE id = t.clock_id)',
}
LINKS = {
    "referral_id": "referrals_referral",
    "case": "referrals_referral",
    "patient_id": "referrals_patient",
    "episode_id": "referrals_episode",
    "clock_id": "oncall_clock",
    "note_id": "referrals_note",
}
# What each copy has for itself.
OWN = {
    ("referrals_patient", "family_name"): "initcap(people.family)",
    ("referrals_patient", "given_name"): "initcap(people.given)",
    ("referrals_patient", "nhs_number"): "people.nhs",
    ("referrals_patient", "name_key"): "people.given || ' ' || people.family",
    ("referrals_referral", "reference"): "people.reference",
    ("referrals_episode", "person_key"): "NULL",
}
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that hangs on a case. `base` is the table whose history it is, or itself."""

    name: str
    base: str
    key: str
    columns: Sequence[tuple[str, str]]
    stride: int


class Stored:
    """Copies by the owner, who needs no trigger meanwhile."""

    def __init__(self, owner: psycopg.Connection[Any]) -> None:
        self.owner, self.copies, self.number = owner, 0, 0
        (self.newest,) = self.ask("SELECT max(id) FROM referrals_referral")[0]
        self.tables = list(self._tables())
        self.stride = {table.name: table.stride for table in self.tables}

    def ask(self, sql: str, *values: Any) -> Rows:
        answer = self.owner.execute(sql, values or None)
        return answer.fetchall() if answer.description else ()

    def _tables(self) -> Iterator[Table]:
        """The tables that hang on a case, and their history. Their rows until now are the templates."""
        names = [
            name
            for (name,) in self.ask(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            )
        ]
        for name in names:
            columns = self.ask(
                "SELECT column_name::text, data_type::text FROM information_schema.columns"
                " WHERE table_name = %s ORDER BY ordinal_position",
                name,
            )
            own, base = {column for column, _ in columns}, name.replace("_historical", "_")
            key = "history_id" if base != name else "id"
            case = BY_NAME.get(base) or next(
                (BY_COLUMN[column] for column in BY_COLUMN if column in own), None
            )
            if name in SKIPPED or case is None or key not in own:
                continue
            newest = (
                f"WHERE history_id IN (SELECT max(history_id) FROM {name} GROUP BY id)"
                if base != name
                else ""
            )
            self.ask(
                f"CREATE TEMP TABLE like_{name} AS SELECT t.*, {case} AS of_case,"
                f" dense_rank() OVER (PARTITION BY {case} ORDER BY t.id) AS place FROM {name} t {newest}"
            )
            if base in MOST:
                self.ask(f"DELETE FROM like_{name} WHERE place > {MOST[base]}")
            (stride,) = self.ask(f"SELECT coalesce(max({key}), 0) FROM {name}")[0]
            if stride:
                yield Table(name=name, base=base, key=key, columns=columns, stride=stride)

    def copy(self, templates: Sequence[int], cases: int, *, at: datetime, ended: bool) -> None:
        """So many copies of these cases. Ended ones lie in the past, one after the other."""
        began = time.perf_counter()
        first = self.copies + 1
        last = self.copies = self.copies + cases // len(templates)
        self._people(first, last, templates)
        is_old = ended and first > 1
        for table in self.tables:
            if not (is_old and table.name in NOT_OF_OLD):
                self._copy(table, templates, first, last, ended)
        self._lines(templates, first, last, at=at, ended=ended)
        if not ended:
            self.ask(
                "SELECT referrals_place_cases(ARRAY(SELECT number FROM people WHERE round >= %s))", first
            )
        print(
            f"{cases:,} cases stored in {time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )

    def _people(self, first: int, last: int, templates: Sequence[int]) -> None:
        """Who the copies are about: names of syllables, and NHS numbers while there are any that begin with 999.

        Their cases are numbered without a gap, because references run out at six million.
        """
        self.ask(
            "CREATE UNLOGGED TABLE IF NOT EXISTS people (number bigint PRIMARY KEY, round int, template bigint,"
            " reference text, nhs text, family text, given text)"
        )
        chance = random.Random(first)
        with self.owner.cursor() as cursor, cursor.copy("COPY people FROM STDIN") as copy:
            for round_ in range(first, last + 1):
                for template in templates:
                    self.newest += 1
                    name = name_of(chance, 3), name_of(chance, 2)
                    row = (self.newest, round_, template, Reference.of(self.newest).text, self._nhs(), *name)
                    copy.write_row(row)
        self.ask("ANALYZE people")

    def _nhs(self) -> str | None:
        while self.number < 1_000_000:
            self.number += 1
            for digit in range(10):
                text = f"999{self.number:06}{digit}"
                if NhsNumber._check_digit_fits(text):
                    return text
        return None

    def _copy(self, table: Table, templates: Sequence[int], first: int, last: int, ended: bool) -> None:
        past = (
            f"round.number * {len(templates)} * interval '{APART.total_seconds()} seconds'"
            if ended
            else "interval '0'"
        )
        values = [self._value(table, column, kind, past) for column, kind in table.columns]
        names = ", ".join(f'"{column}"' for column, _ in table.columns)
        few = 1 if ended and first > 1 else 1_000
        rows = (
            f"generate_series({first}, {last}) AS round(number)"
            f" CROSS JOIN (SELECT * FROM like_{table.name} WHERE of_case = ANY(%s) AND place <= {few}) AS row"
            f" JOIN (SELECT * FROM people WHERE round BETWEEN {first} AND {last}) AS people"
            " ON people.round = round.number AND people.template = row.of_case"
        )
        self.ask(
            f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values)} FROM {rows}", list(templates)
        )
        if table.base != table.name:  # one binding for each version
            record = (
                "people.number"
                if table.base == "referrals_referral"
                else f"row.id + round.number * {self.stride.get(table.base, 1)}"
            )
            self.ask(
                "INSERT INTO ledger_binding (source, record, history, operation, line, form, at, hash, salt)"
                f" SELECT '{table.base}', {record}, row.history_id + round.number * {table.stride},"
                f" '~', round.number, 1, now(), repeat('0', 64), gen_random_uuid() FROM {rows}",
                list(templates),
            )
        self.ask(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{table.key}'), (SELECT max({table.key}) FROM {table.name}))"
        )

    def _value(self, table: Table, column: str, kind: str, past: str) -> str:
        own = f'row."{column}"'
        if (table.base, column) in OWN:
            return OWN[table.base, column]
        linked = {"id": table.base, "history_id": table.name}.get(column) or LINKS.get(column)
        if linked == "referrals_referral":
            return f"CASE WHEN {own} IS NOT NULL THEN people.number END"
        if linked:
            return f"{own} + round.number * {self.stride.get(linked, 1)}"
        if kind == "uuid":
            return "gen_random_uuid()"
        return f"{own} - {past}" if kind == "timestamp with time zone" else own

    def _lines(self, templates: Sequence[int], first: int, last: int, *, at: datetime, ended: bool) -> None:
        """The first lines of each case, each with the hash of all that it says and of the line before it."""
        names = ("kind", "actor", "role", "organisation", "request", "facts")
        lines = {
            case: [
                (dict(zip(names, row, strict=True)), escaped(row[-1]))
                for row in self.ask(
                    f'SELECT {", ".join(names)} FROM ledger_line WHERE "case" = %s ORDER BY id LIMIT {LINES}',
                    case,
                )
            ]
            for case in templates
        }
        wanted = 'chain, position, "case", kind, at, witnessed_at, actor, role, organisation, request, facts, previous_hash, hash'
        with self.owner.cursor() as cursor, cursor.copy(f"COPY ledger_line ({wanted}) FROM STDIN") as copy:
            number = self.newest - (last - first + 1) * len(templates)
            for round_ in range(first, last + 1):
                then = rfc3339(at - round_ * len(templates) * APART if ended else at)
                for template in templates:
                    number += 1
                    copy.write(chain_of(number, lines[template], then))


def store(
    owner: psycopg.Connection[Any],
    *,
    ended: Sequence[int],
    open_cases: Sequence[int],
    stored: int,
    waiting: int,
    at: datetime,
) -> None:
    """Store so many copies of ended cases, and of open ones that wait, without indexes and triggers meanwhile."""
    for setting in (
        "max_wal_size = '2GB'",
        "autovacuum = off",
        "checkpoint_timeout = '30min'",
        "maintenance_work_mem = '512MB'",
    ):
        owner.execute(f"ALTER SYSTEM SET {setting}")
    owner.execute("SELECT pg_reload_conf()")
    owner.execute("SET session_replication_role = replica")
    owner.execute("SET synchronous_commit = off")
    copies = Stored(owner)
    indexes = copies.ask(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE NOT indisunique AND indrelid::regclass::text = ANY(%s)",
        [*(table.name for table in copies.tables), "ledger_line", "ledger_binding"],
    )
    for name, _ in indexes:
        owner.execute(f"DROP INDEX {name}")
    copies.copy(ended, min(stored, WHOLE), at=at, ended=True)
    for first in range(WHOLE, stored, TOGETHER):
        copies.copy(ended, min(stored - first, TOGETHER), at=at, ended=True)
    copies.copy(open_cases, waiting, at=at, ended=False)
    began = time.perf_counter()
    for _, sql in indexes:
        owner.execute(sql)
    owner.execute("VACUUM ANALYZE")
    owner.execute("CHECKPOINT")
    owner.execute("ALTER SYSTEM RESET ALL")
    owner.execute("SELECT pg_reload_conf()")
    size = copies.ask("SELECT pg_size_pretty(pg_database_size(current_database()))")[0][0]
    print(
        f"indexes and statistics in {time.perf_counter() - began:.0f} s, {size}, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
