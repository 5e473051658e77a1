"""A database from before each app had one first migration: the update in docs/deployment.md keeps its rows and runs nothing."""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from governance.verification import verify_records
from ledger.adopt import adopt
from ledger.check import verify
from ledger.records import verify_rows
from mscc.database import prepare
from referrals.case.models import Referral
from tests.builders import NOON, triaged
from tests.owner import able_to_delete

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FORMER = {
    (label, name)
    for migration in MigrationLoader(None).disk_migrations.values()
    for label, name in migration.replaces
}
LATER = [name for _, name in MigrationLoader(None).disk_migrations if name != "0001_first"]


def as_before(*, without: frozenset[tuple[str, str]] = frozenset()) -> None:
    """Let the database say that the former migrations made its tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = ANY(%s) AND name <> ALL(%s)",
            [[label for label, _ in FORMER], LATER],
        )
        for label, name in sorted(FORMER - without):
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", [label, name]
            )


def applied() -> set[tuple[str, str]]:
    return set(MigrationLoader(connections["owner"]).applied_migrations)


def test_every_app_with_tables_names_what_stood_before_its_first_migration() -> None:
    own = {config.label for config in apps.get_app_configs() if (config.label, "0001_first") in applied()}
    assert own == {label for label, _ in FORMER}
    assert len(own) == 7


def test_a_filled_database_from_before_counts_as_migrated_and_keeps_its_rows(scene: None) -> None:
    case = triaged("weakness", at=NOON)
    as_before()
    executor = MigrationExecutor(connections["owner"])
    first = {(label, "0001_first") for label, _ in FORMER}
    plan = {
        (step.app_label, step.name) for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
    }
    assert plan & first == set()  # no table is made again
    prepare()
    assert first <= applied()
    call_command("migrate", database="owner", check_unapplied=True, verbosity=0)
    assert Referral.objects.get(pk=case.pk).stream == case.stream
    lines, fault = verify()
    assert lines > 5
    assert fault is None
    records, fault = verify_records()
    assert records > 0
    assert fault is None


def test_a_database_that_is_not_on_the_last_former_migration_is_refused_unchanged(scene: None) -> None:
    case = triaged("weakness", at=NOON)
    as_before(without=frozenset({("referrals", "0011_worklist_place")}))
    before = applied()
    with pytest.raises(CommandError, match="referrals: 0011_worklist_place"):
        prepare()
    assert applied() == before
    assert Referral.objects.get(pk=case.pk).stream == case.stream


def test_the_rows_of_an_earlier_version_are_bound_once_and_held_from_then_on(scene: None) -> None:
    case = triaged("weakness", at=NOON)
    with able_to_delete("ledger_binding"), connections["default"].cursor() as cursor:
        owner = connections["owner"].settings_dict["USER"]
        cursor.execute(f"SET LOCAL ROLE {owner}; SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM ledger_binding")
        cursor.execute("SET LOCAL session_replication_role = origin")
        assert verify_rows()[1] != []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ledger.adopt.OWNER", "default")
            assert adopt(at=NOON) > 5
            assert adopt(at=NOON) == 0
        cursor.execute("SELECT count(DISTINCT salt) = count(*) FROM ledger_binding")
        assert cursor.fetchone() == (True,)
        assert verify_rows()[1] == []
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE referrals_referral SET stream = 'safety_net' WHERE id = %s", [case.pk])
        cursor.execute("SET LOCAL session_replication_role = origin; RESET ROLE")
        assert any(f"referrals_referral {case.pk} was changed" in fault.why for fault in verify_rows()[1])
