"""Preparation of the database: migrations by its owner, and the rights of the web role."""

from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader

from kernel.time import now
from ledger.adopt import adopt
from ledger.forms import TAKEN_AWAY, bound_tables
from ledger.guard import install
from oncall.engine import raise_version

APPEND_ONLY = ("ledger_line", "ledger_seal", "ledger_verification")
READ_ONLY = (
    "ledger_binding",
    "django_migrations",
)  # the database itself writes the one, and the owner the other
# What may change of some records. Who has access does not become somebody else, nor who was paged, about what, and when.
CHANGEABLE = {
    "referrals_sharedwith": (),
    "oncall_page": (
        "answered_at",
        "attempts",
        "client_reference",
        "failed_at",
        "failure",
        "next_attempt_at",
        "sent_at",
    ),
}


def prepare() -> None:
    """Migrate, guard, grant, and bind what an earlier version stored. Then no sweeper of an
    earlier version climbs clocks. Safe to repeat. CommandError when the database is too old for this version."""
    refuse_signs_lost()
    refuse_halfway()
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    with transaction.atomic(using="owner"):
        install(connections["owner"])
    grant(connections["default"].settings_dict["USER"])
    adopt(at=now())
    raise_version(at=now())


def refuse_signs_lost() -> None:
    """CommandError when the database does not keep text as UTF-8: Debian makes one without, where no locale is set."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    if encoding != "UTF8":
        raise CommandError(
            f"This database keeps text as {encoding}, and names need UTF8. Make it again, with ENCODING 'UTF8', see "
            "“PostgreSQL” in docs/deployment.md"
        )


def refuse_halfway() -> None:
    """CommandError when only some of the migrations that a first migration replaces were applied.

    Django itself would not say what to do then. The first migration records the names that it replaces as well.
    """
    loader = MigrationLoader(connections["owner"])
    applied = set(loader.applied_migrations)
    missing = [
        f"{label}: {name}"
        for migration in loader.disk_migrations.values()
        if applied & set(migration.replaces)
        for label, name in migration.replaces
        if (label, name) not in applied
    ]
    if missing:
        raise CommandError(
            f"This database lacks migrations of an earlier version ({', '.join(missing)}). Update to the last version "
            "that has them, then to this one. See “Updating” in docs/deployment.md"
        )


def grant(web_role: str) -> None:
    """Let the web role read and write every table, but only add to history and the ledger, and delete no record.

    In one transaction, so that the role never has more than this. It may make no temporary table either: one of the
    ledger's name would hide the ledger.
    """
    owner = connections["owner"]
    if web_role == owner.settings_dict["USER"]:
        return
    tables = owner.introspection.table_names()
    append_only = [name for name in tables if name in APPEND_ONLY or "_historical" in name]
    kept = [name for name in tables if name in bound_tables() and name not in TAKEN_AWAY]
    quote = owner.ops.quote_name
    role, database = quote(web_role), quote(owner.settings_dict["NAME"])
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE TRUNCATE ON ALL TABLES IN SCHEMA public FROM {role}")
        for name in append_only:
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(name)} FROM {role}")
        for name in READ_ONLY:
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {quote(name)} FROM {role}")
        for name, columns in CHANGEABLE.items():
            cursor.execute(f"REVOKE UPDATE ON {quote(name)} FROM {role}")
            if columns:
                cursor.execute(f"GRANT UPDATE ({', '.join(map(quote, columns))}) ON {quote(name)} TO {role}")
        for name in kept:
            cursor.execute(f"REVOKE DELETE ON {quote(name)} FROM {role}")
