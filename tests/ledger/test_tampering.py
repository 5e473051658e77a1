"""Whatever is changed, deleted, put in, moved, emptied or sealed anew behind the ledger's back is named.

One database with a record of nearly every kind; each example is undone. They are the owner's, with every trigger off.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction

from kernel.actors import SERVICE
from ledger import outside, records
from ledger.append import append
from ledger.check import check
from ledger.forms import LOOSE, bound_tables, forms, history_of
from ledger.key import keys_in, new_key
from ledger.kinds import Kind
from ledger.outside import append_to, proof_of, read
from ledger.records import verify_rows
from ledger.seal import make_seal
from ledger.tree import is_consistent, is_included
from referrals.usecases.open_record import Sought, open_record
from referrals.usecases.restrict_record import restrict_record
from tests.builders import NOON, actor, report, triaged
from tests.ledger.test_bound_identity import act_and_settle
from tests.owner import able_to_delete
from tests.scenery import undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
HOUR = timedelta(hours=1)
OTHER = {
    "boolean": "NOT coalesce({0}, false)",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 second'",
    "date": "coalesce({0}, current_date) + 1",
    "time without time zone": "coalesce({0}, '08:00') + interval '1 minute'",
    "jsonb": "'{{\"other\": 1}}'",
    "uuid": "gen_random_uuid()",
    "ARRAY": "'{{other}}'",
    "character varying": "'?' || substr(coalesce({0}, ''), 2)",
    "text": "'?' || substr(coalesce({0}, ''), 2)",
}


@contextmanager
def tampered(*statements: str) -> Iterator[bool]:
    """Do this as the owner without triggers, then undo it; false where a constraint of the table refuses it."""
    with undone(), connection.cursor() as cursor:
        owner = connections["owner"].settings_dict["USER"]
        cursor.execute(f"SET LOCAL ROLE {owner}; SET LOCAL session_replication_role = replica")
        try:
            with transaction.atomic():
                for sql in statements:
                    cursor.execute(sql)
            is_done = True
        except DatabaseError:
            is_done = False
        cursor.execute("SET LOCAL session_replication_role = origin; RESET ROLE")
        yield is_done


@pytest.fixture
def as_owner_in_one(scene: None) -> Iterator[None]:
    with able_to_delete("referrals_note"):
        yield


def columns(table: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [table]
        )
        return list(cursor.fetchall())


def newest(table: str, key: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max({key})::text FROM {table}")
        return str(cursor.fetchone()[0])


def key_of(table: str) -> str:
    with connection.cursor() as cursor:
        return str(connection.introspection.get_primary_key_column(cursor, table))


def examples(table: str) -> Iterator[tuple[str, ...]]:
    """The statements of each example of one table."""
    history = history_of(table)
    for source in filter(None, (table, history)):
        key, bound = key_of(source), set(forms()[history or table][-1])
        row = newest(source, key)
        for column, kind in columns(source):
            if (
                column != key
                and column in bound
                and (source == history or column not in LOOSE.get(table, {}))
            ):
                other = OTHER.get(kind, "coalesce({0}, 0) + 1").format(f'"{column}"')
                yield (f"UPDATE {source} SET \"{column}\" = {other} WHERE {key} = '{row}'",)
        yield (f"DELETE FROM {source} WHERE {key} = '{row}'",)
        yield (f"DELETE FROM {source}",)
        added = f"to_jsonb(old) || jsonb_build_object('{key}', {'99999999' if row.isdecimal() else repr('other')})"
        yield (
            f"INSERT INTO {source} SELECT made.* FROM {source} old,"
            f" jsonb_populate_record(NULL::{source}, {added}) made WHERE old.{key} = '{row}'",
        )
        yield (
            f"UPDATE {source} SET {key} = {'99999999' if row.isdecimal() else repr('other')} WHERE {key} = '{row}'",
        )
    if history:
        yield (f"DELETE FROM {table}", f"DELETE FROM {history}")


def make_records() -> None:
    act_and_settle()
    case = triaged("pain_only", at=NOON)
    report(case, "mri_reported", at=NOON + HOUR, result="mscc")
    restrict_record(case.reference, text="A colleague", by=actor("coordinator"), at=NOON + HOUR)
    sought = Sought(reference=case.reference)
    open_record(sought, reason="safety", text="She falls", by=actor("ward"), at=NOON + HOUR)
    with transaction.atomic():
        line = append(Kind.EVENT_RECORDED, by=SERVICE, at=NOON, case=case.pk)
        for table in sorted({*bound_tables()} - {*full()}):
            if table not in full():
                fill(next(model for model in apps.get_models() if model._meta.db_table == table), line)


def fill(table: Any, line: int) -> Any:
    """One row of a kind that the acts above do not make, with a plain value in each column that needs one."""
    row = table()
    for field in table._meta.concrete_fields:
        if field.null or field.has_default() or field.blank or (field.primary_key and not field.is_relation):
            continue
        kind = field.get_internal_type()
        if field.is_relation:
            value = field.related_model._base_manager.first() or fill(field.related_model, line)
        else:
            plain = {
                "DateTimeField": NOON,
                "DateField": NOON.date(),
                "BooleanField": False,
                "JSONField": {},
                "BinaryField": b"1",
            }
            named = {"ledger_line": line, "sha256": sha256(b"1").hexdigest()}
            value = named.get(field.name) or plain.get(kind, "1")
        setattr(row, field.name, value)
    row._change_reason, row._history_date = f"ledger {line}", NOON
    row.save()
    return row


def full() -> list[str]:
    looks = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in bound_tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(looks)
        return sorted(table for (table,) in cursor.fetchall())


def test_every_kind_of_record_is_held(as_owner_in_one: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts of two rows, so that whatever stands at the edge of a part is compared too."""
    make_records()
    assert verify_rows()[1] == []
    for name, rows in (("PART", 2), ("PART_OF_FILES", 2), ("PART_OF_BINDINGS", 100)):
        monkeypatch.setattr(records, name, rows)
    assert verify_rows()[1] == []
    unnoticed, tried, refused = [], 0, 0
    assert full() == list(bound_tables())
    for table in full():
        for statements in examples(table):
            with tampered(*statements) as is_done:
                faults = verify_rows(tables=[table])[1] if is_done else []
            tried, refused = tried + is_done, refused + (not is_done)
            if is_done and not any(f" {table} " in fault.why for fault in faults):
                unnoticed.append(statements)
    assert [statement for statements in unnoticed for statement in statements] == []
    assert tried > 300
    assert refused < tried / 5
    assert verify_rows()[1] == []


class TestSeals:
    """What the check of lines and seals names, also when nothing of it stands in the database any more."""

    @pytest.fixture(autouse=True)
    def sealed(self, as_owner_in_one: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Two seals, signed, kept outside too, and lines behind them."""
        key = tmp_path / "key.pem"
        key.write_text(new_key())
        monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, seal_key_file=str(key)))
        self.outside = tmp_path / "seals"
        for _ in range(2):
            triaged("pain_only", at=NOON)
            assert make_seal(at=NOON)
        append_to(self.outside)
        triaged("pain_only", at=NOON)

    def named(self, *statements: str, outside: bool = False) -> str:
        with tampered(*statements) as is_done:
            assert is_done
            faults = check(outside=read(self.outside) if outside else ()).faults
        return " / ".join(f"{fault.line or ''} {fault.why}" for fault in faults)

    def test_a_file_outside_that_does_not_answer_holds_no_worker(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        place = tmp_path / "hangs"
        os.mkfifo(place)  # whoever opens it to read waits for somebody who writes
        monkeypatch.setattr(outside.WRITING, "seconds", 0.3)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                append_to(place)
        place.write_text("")

    def test_an_untouched_ledger_holds_in_itself_and_against_the_seals_outside(self) -> None:
        found = check(outside=read(self.outside))
        assert found.faults == []
        first, second = read(self.outside)
        assert found.seal == second["number"]
        behind = check(since=first["number"])
        assert behind.faults == []
        assert behind.lines == found.lines - first["trees"]["lines"]["size"]

    @pytest.mark.parametrize(
        "column",
        [
            "kind",
            "at",
            "witnessed_at",
            "actor",
            "role",
            "organisation",
            "request",
            "facts",
            "previous_hash",
            "hash",
            "chain",
            "position",
            '"case"',
        ],
    )
    def test_a_line_that_was_changed_is_named(self, column: str) -> None:
        text = f"'?' || substr({column}, 2)"
        other = {
            "at": "at + interval '1 second'",
            "witnessed_at": "witnessed_at + interval '1 second'",
            "facts": "'{\"other\": 1}'",
            "position": "position + 100",
            '"case"': 'coalesce("case", 0) + 1',
            "hash": "repeat('ab', 32)",
        }.get(column, text)
        line = newest("ledger_line", "id")
        assert f"{line} it" in self.named(f"UPDATE ledger_line SET {column} = {other} WHERE id = {line}")

    def test_lines_that_were_taken_out_put_in_or_moved_are_named(self) -> None:
        inside = "(SELECT max(last_line) - 3 FROM ledger_seal)"
        assert "is missing" in self.named(f"DELETE FROM ledger_line WHERE id = {inside}")
        assert "it is at position" in self.named(f"UPDATE ledger_line SET id = 99999999 WHERE id = {inside}")
        copied = (
            "SELECT made.* FROM ledger_line old, jsonb_populate_record(NULL::ledger_line, to_jsonb(old) ||"
        )
        added = "jsonb_build_object('id', 99999999, 'position', 1, 'chain', 'user:0'))"
        assert "99999999 it" in self.named(
            f"INSERT INTO ledger_line {copied} {added} made WHERE old.id = {inside}"
        )

    def test_bindings_that_were_changed_taken_out_or_put_in_are_named(self) -> None:
        inside = "(SELECT max(last_binding) - 3 FROM ledger_seal)"
        for change in (
            "hash = repeat('ab', 32)",
            "line = 1",
            "record = '0'",
            "source = 'mdt_plan'",
            "operation = '-'",
            "at = at + interval '1 second'",
            "form = 2",
            "history = 0",
        ):
            assert "does not fit its lines" in self.named(
                f"UPDATE ledger_binding SET {change} WHERE id = {inside}"
            )
        assert "were cut off" in self.named(f"DELETE FROM ledger_binding WHERE id = {inside}")
        assert "were cut off" in self.named("DELETE FROM ledger_binding")
        assert "were cut off" in self.named(f"UPDATE ledger_binding SET id = 99999999 WHERE id = {inside}")

    def test_a_record_that_was_changed_with_its_binding_is_named_by_the_seal(self) -> None:
        forged = "ledger_content_hash('{}', salt)"
        assert "does not fit its lines" in self.named(
            f"UPDATE ledger_binding SET hash = {forged} WHERE id = (SELECT max(last_binding) FROM ledger_seal)"
        )

    def test_seals_that_were_changed_or_cut_are_named(self) -> None:
        last, first = newest("ledger_seal", "id"), "(SELECT min(id) FROM ledger_seal)"
        for change in (
            "made_at = made_at + interval '1 day'",
            "signature = 'AAAA'",
            "key = 'other'",
            "lines = 1",
        ):
            assert "was not signed by our key" in self.named(
                f"UPDATE ledger_seal SET {change} WHERE id = {last}"
            )
        assert "is not signed" in self.named(
            f"UPDATE ledger_seal SET signature = '', key = '' WHERE id = {last}"
        )
        assert "does not fit the seal before" in self.named(f"DELETE FROM ledger_seal WHERE id = {first}")
        assert "is missing here" in self.named(f"DELETE FROM ledger_seal WHERE id = {last}", outside=True)
        assert "is missing here" in self.named("DELETE FROM ledger_seal", outside=True)

    def test_a_tail_that_was_cut_with_its_seals_is_named_by_a_seal_outside(self) -> None:
        first = "(SELECT min(last_line) FROM ledger_seal)"
        cut = (
            f"DELETE FROM ledger_line WHERE id > {first}",
            f"DELETE FROM ledger_seal WHERE last_line > {first}",
        )
        assert "the outside seal" in (found := self.named(*cut, outside=True))
        assert "some were cut off" in found

    def test_a_ledger_that_was_hashed_and_sealed_anew_is_named(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """By its signature; by a seal outside too, even where the key itself was stolen."""
        another = tmp_path / "another.pem"
        another.write_text(new_key())
        ours = settings.ENVIRONMENT
        for key, name in (
            (str(another), "was not signed by our key"),
            (ours.seal_key_file, "is missing here"),
        ):
            with tampered("DELETE FROM ledger_seal", "DELETE FROM ledger_line WHERE kind = 'case_viewed'"):
                monkeypatch.setattr(settings, "ENVIRONMENT", replace(ours, seal_key_file=key))
                assert make_seal(at=NOON)
                monkeypatch.setattr(settings, "ENVIRONMENT", ours)
                faults = check(outside=read(self.outside)).faults
            assert any(name in fault.why for fault in faults), name

    def test_a_line_without_a_seal_for_an_hour_is_named(self) -> None:
        late = "UPDATE ledger_line SET witnessed_at = witnessed_at - interval '2 hours'"
        assert "no seal for 1 hour" in self.named(f"{late} WHERE id = {newest('ledger_line', 'id')}")

    def test_a_line_is_proven_with_the_public_key_alone(self) -> None:
        first, last = read(self.outside)
        proof = proof_of(first["last_line"])
        assert (proof["first_seal"], proof["seal"]) == (first, last)
        tree, leaf = last["trees"]["lines"], bytes.fromhex(proof["leaf"])
        path = [bytes.fromhex(step) for step in proof["inclusion"]]
        root = bytes.fromhex(tree["root"])
        assert is_included(leaf, place=proof["place"], size=tree["size"], path=path, root=root)
        assert is_consistent(
            before=first["trees"]["lines"]["size"],
            before_root=bytes.fromhex(first["trees"]["lines"]["root"]),
            size=tree["size"],
            root=root,
            proof=[bytes.fromhex(step) for step in proof["consistency"]],
        )
        assert keys_in(settings.ENVIRONMENT.seal_key_file).name == last["key"]
