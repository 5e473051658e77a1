"""Preparation of the database: migrations by its owner, and the rights of the web role."""

from django.core.management import call_command
from django.db import connections

APPEND_ONLY = ("ledger_line", "ledger_seal")


def prepare() -> None:
    """Migrate and grant. Safe to repeat."""
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    grant(connections["default"].settings_dict["USER"])


def grant(web_role: str) -> None:
    """Let the web role read and write every table, but only add to history and the ledger."""
    owner = connections["owner"]
    if web_role == owner.settings_dict["USER"]:
        return
    tables = owner.introspection.table_names()
    append_only = [name for name in tables if name in APPEND_ONLY or "_historical" in name]
    quote = owner.ops.quote_name
    role = quote(web_role)
    with owner.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE TRUNCATE ON ALL TABLES IN SCHEMA public FROM {role}")
        for name in append_only:
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(name)} FROM {role}")
