"""What the database itself does for the ledger: it binds each version of a row, and refuses to delete a record.

The owner of the tables installs it with the grants, for every table in `ledger.forms`. A trigger binds what is
stored, by any role; the web role cannot write a binding by itself.
"""

import hashlib
from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from ledger.append import SEAL_LOCK
from ledger.forms import TAKEN_AWAY, bound_tables, forms, history_of

FIXED = "SET search_path = public, pg_temp SET \"TimeZone\" = 'UTC' SET extra_float_digits = 1"
FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION ledger_content_hash(content jsonb, salt uuid) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(salt::text || content::text, 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION ledger_line_of(content jsonb) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        substring(content ->> 'history_change_reason' from '^ledger ([0-9]+)$')::bigint,
        (content ->> 'ledger_line')::bigint)
$$;

-- Arguments: the table of the record, its key, the number of the form, the columns that are left out.
CREATE OR REPLACE FUNCTION ledger_bind() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {FIXED} AS $$
DECLARE
    content jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END - TG_ARGV[3]::text[];
    nonce uuid := gen_random_uuid();
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF content = to_jsonb(OLD) - TG_ARGV[3]::text[] THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM pg_advisory_xact_lock_shared({SEAL_LOCK});
    INSERT INTO ledger_binding (source, record, history, operation, line, form, at, hash, salt) VALUES (
        TG_ARGV[0], content ->> TG_ARGV[1], (content ->> 'history_id')::bigint,
        coalesce(content ->> 'history_type', CASE TG_OP WHEN 'INSERT' THEN '+' WHEN 'UPDATE' THEN '~' ELSE '-' END),
        ledger_line_of(content), TG_ARGV[2]::smallint, clock_timestamp(), ledger_content_hash(content, nonce), nonce);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('mscc.erased_by', true), '') <> ''
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a record of % is never changed or deleted without its line: see ledger_erase', TG_TABLE_NAME;
END $$;

CREATE OR REPLACE FUNCTION ledger_binding_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.salt IS NULL AND to_jsonb(NEW) - 'salt' = to_jsonb(OLD) - 'salt'
       AND coalesce(current_setting('mscc.erased_by', true), '') <> '' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Cannot update or delete rows from ledger_binding';
END $$;

-- Delete a record, its history and the salts of its bindings by law. The line of the deletion names the record, and
-- is written just before in the same transaction. With keep_row the row stays: its identity is emptied afterwards.
CREATE OR REPLACE FUNCTION ledger_erase(erasure bigint, of_table text, of_record bigint, keep_row boolean)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER {FIXED} AS $$
DECLARE
    past text := regexp_replace(of_table, '_', '_historical');
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_line WHERE id = erasure AND kind = 'record_erased'
                   AND facts -> 'erased' ? (of_table || ' ' || of_record)
                   AND witnessed_at > clock_timestamp() - interval '60 seconds') THEN
        RAISE EXCEPTION 'line % does not say that record % of % is deleted', erasure, of_record, of_table;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass(of_table) AND tgname LIKE 'ledger_keep%') THEN
        RAISE EXCEPTION 'the ledger does not keep %', of_table;
    END IF;
    PERFORM set_config('mscc.erased_by', erasure::text, true);
    IF to_regclass(past) IS NOT NULL THEN
        EXECUTE format('DELETE FROM %I WHERE id = $1', past) USING of_record;
    END IF;
    UPDATE ledger_binding SET salt = NULL WHERE source = of_table AND record = of_record::text;
    IF NOT keep_row THEN
        EXECUTE format('DELETE FROM %I WHERE id = $1', of_table) USING of_record;
        PERFORM pg_advisory_xact_lock_shared({SEAL_LOCK});
        INSERT INTO ledger_binding (source, record, operation, line, form, at, hash)
        VALUES (of_table, of_record::text, '-', erasure, 0, clock_timestamp(), '');
    END IF;
    PERFORM set_config('mscc.erased_by', '', true);
END $$;
"""


def install(owner: BaseDatabaseWrapper) -> None:
    """Install the functions and triggers, inside the transaction of the caller. Those that exist stay."""
    with owner.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        stored = set(owner.introspection.table_names(cursor))
        wanted = {
            f"{kind}_{hashlib.sha256(sql.encode()).hexdigest()[:8]}": (table, sql)
            for table, kind, sql in _triggers(cursor, stored)
        }
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'ledger\\_%%'"
        )
        standing = set(cursor.fetchall())
        for name, table in standing - {(name, table) for name, (table, _) in wanted.items()}:
            cursor.execute(f"DROP TRIGGER {name} ON {table}")
        for name, (table, sql) in wanted.items():
            if (name, table) not in standing:
                cursor.execute(f"CREATE TRIGGER {name} {sql}")


def _triggers(cursor: CursorWrapper, stored: set[str]) -> Iterator[tuple[str, str, str]]:
    """Each trigger: its table, its kind, and its statement after the name."""
    yield (
        "ledger_binding",
        "ledger_kept",
        "BEFORE UPDATE OR DELETE ON ledger_binding FOR EACH ROW EXECUTE FUNCTION ledger_binding_kept()",
    )
    for table in bound_tables():
        history = history_of(table)
        source = history or table
        if source not in stored:
            continue
        columns, key = _columns(cursor, source), _key(cursor, table)
        left_out = sorted(set(columns) - set(forms()[source][-1]))
        events = "INSERT" if history else "INSERT OR UPDATE OR DELETE"
        arguments = f"'{table}', '{key}', '{len(forms()[source])}', '{{{','.join(left_out)}}}'"
        yield (
            source,
            "ledger_bind",
            f"AFTER {events} ON {source} FOR EACH ROW EXECUTE FUNCTION ledger_bind({arguments})",
        )
        if history:
            yield (
                history,
                "ledger_keep",
                f"BEFORE UPDATE OR DELETE ON {history} FOR EACH ROW EXECUTE FUNCTION ledger_keep()",
            )
        if table not in TAKEN_AWAY:
            yield (
                table,
                "ledger_keep",
                f"BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_keep()",
            )


def _columns(cursor: CursorWrapper, table: str) -> list[str]:
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


def _key(cursor: CursorWrapper, table: str) -> str:
    cursor.execute(
        "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
        " WHERE indrelid = %s::regclass AND indisprimary",
        [table],
    )
    return str(cursor.fetchone()[0])
