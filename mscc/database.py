"""Getting the database ready: migrations by its owner, and what the web role may do."""

from django.core.management import call_command
from django.db import connections

APPEND_ONLY = ("ledger_line", "ledger_seal")


def prepare() -> None:
    """Migrate and grant. Safe to repeat."""
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    grant(connections["default"].settings_dict["USER"])


def grant(web_role: str) -> None:
    """The web role reads and writes everything but history and the ledger, which it only adds to."""
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
