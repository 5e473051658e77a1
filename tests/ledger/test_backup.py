"""A backup is worth what its restore is worth: restored into an empty database, verified, and its loss counted."""

import json
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from kernel.time import now
from ledger.seal import make_seal
from mscc.backups import newest
from mscc.local.postgres import binaries
from tests.builders import set_the_scene, submitted
from tests.owner import as_owner

pytestmark = pytest.mark.django_db(transaction=True)
SCRATCH = "mscc_scratch_" + os.environ.get("PYTEST_XDIST_WORKER", "main")


def _beside(command: str) -> None:
    given = connections["owner"].settings_dict
    with psycopg.connect(
        host=given["HOST"], dbname="postgres", user=given["USER"], password=given["PASSWORD"], autocommit=True
    ) as owner:
        owner.execute(command)


@pytest.fixture
def scratch() -> Iterator[str]:
    given = connections["owner"].settings_dict
    _beside(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")
    _beside(f"CREATE DATABASE {SCRATCH} TEMPLATE template0")
    yield f"postgresql://{given['USER']}@{given['HOST'].replace('/', '%2F')}/{SCRATCH}"
    _beside(f"DROP DATABASE {SCRATCH} WITH (FORCE)")


def drill(folder: Path, address: str, **options: str) -> str:
    out = StringIO()
    call_command("restore_drill", str(folder), into=address, programs=str(binaries()), stdout=out, **options)
    return out.getvalue()


def test_a_backup_is_restored_verified_and_its_loss_counted(tmp_path: Path, scratch: str) -> None:
    set_the_scene(at=now())
    submitted("weakness", at=now())
    kept = make_seal(at=now())
    assert kept is not None
    folder = tmp_path / "backup"
    call_command("backup", str(folder), programs=str(binaries()), stdout=StringIO())
    assert {path.stat().st_mode & 0o077 for path in [folder, *folder.iterdir()]} == {0}
    submitted("pain_only", at=now())
    said = drill(folder, scratch, seal=f"{kept.pk}:{kept.root}")
    assert "every chain and seal is intact" in said
    assert f"Seal {kept.pk} is the one kept outside." in said
    assert "can be restored" in said
    with as_owner() as owner:
        lines = owner.execute("SELECT count(*) FROM ledger_line").fetchone()[0]
    assert f"Lost would be {lines - newest(folder).holding.lines} ledger lines" in said
    with pytest.raises(CommandError, match="is not empty"):
        drill(folder, scratch)
    note = next(folder.glob("*.json"))
    note.write_text(json.dumps({**json.loads(note.read_text()), "sha256": "0" * 64}))
    with pytest.raises(CommandError, match="checksum differs"):
        drill(folder, scratch)


def test_a_drill_finds_what_was_changed_and_what_is_missing(tmp_path: Path, scratch: str) -> None:
    set_the_scene(at=now())
    submitted("weakness", at=now())
    kept = make_seal(at=now())
    assert kept is not None
    with as_owner() as owner:  # as somebody who owns the database would
        owner.execute("ALTER TABLE ledger_line DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE ledger_line SET actor = 'user:999' WHERE id = (SELECT min(id) FROM ledger_line)"
        )
        owner.execute("ALTER TABLE ledger_line ENABLE TRIGGER USER")
    call_command("backup", str(tmp_path), programs=str(binaries()), stdout=StringIO())
    with pytest.raises(CommandError, match="is bad"):
        drill(tmp_path, scratch)


def test_only_the_newest_backups_stay_and_none_is_a_sentence(tmp_path: Path, scratch: str) -> None:
    with pytest.raises(CommandError, match="There is no backup"):
        drill(tmp_path, scratch)
    for name in ("mscc-20200101T000000Z", "mscc-20200102T000000Z"):
        (tmp_path / f"{name}.dump").touch()
        (tmp_path / f"{name}.json").touch()
    call_command("backup", str(tmp_path), programs=str(binaries()), keep=2, stdout=StringIO())
    assert len(list(tmp_path.glob("*.dump"))) == len(list(tmp_path.glob("*.json"))) == 2
    assert not (tmp_path / "mscc-20200101T000000Z.dump").exists()
