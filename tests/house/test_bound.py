"""Every table of the service is bound in the ledger, column by column, or is named as left out with a reason."""

from django.apps import apps

from ledger.forms import HISTORY, LEFT_OUT, LOOSE, TAKEN_AWAY, UNBOUND, bound_tables, forms
from mscc.documents import OURS

MODELS = {
    model._meta.db_table: model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in OURS
}


def columns(table: str) -> set[str]:
    return {field.column for field in MODELS[table]._meta.concrete_fields}


def test_every_table_is_bound_or_left_out_with_a_reason() -> None:
    own = {table.replace(HISTORY, "_") for table in MODELS}
    assert own == {*bound_tables(), *UNBOUND}, (
        "bind it with manage.py print_docs, or say why not in ledger.forms"
    )
    assert not {*bound_tables()} & {*UNBOUND}
    assert all(UNBOUND.values())


def test_every_column_is_bound_or_left_out_with_a_reason() -> None:
    for table, lists in forms().items():
        assert set(lists[-1]) | set(LEFT_OUT.get(table, {})) == columns(table), table
    for table, reasons in (*LEFT_OUT.items(), *LOOSE.items()):
        assert all(reasons.values())
        assert set(reasons) <= columns(table), table
    assert not TAKEN_AWAY - {*bound_tables()}


def test_what_an_earlier_list_named_is_still_there() -> None:
    """A row that was bound by an earlier list is verified by it: none of its columns may go."""
    for table, lists in forms().items():
        for earlier in lists:
            assert set(earlier) <= columns(table), table
