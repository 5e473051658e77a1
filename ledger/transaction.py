"""One act: one transaction, whose ledger lines and rows of history are written together."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from ledger.append import write_drafts
from ledger.keep import write_histories
from ledger.unit import Unit, depth, open_unit


@contextmanager
def one_transaction() -> Iterator[None]:
    """Run the block as one durable transaction, all or nothing. Also a decorator.

    Within it the end of a chain is read once, lines whose number nobody needs yet wait for the next that is needed,
    and rows of history are written at the end, with one question to the database.
    """
    with transaction.atomic(durable=True):
        unit = Unit(savepoints=depth())
        token = open_unit.set(unit)
        try:
            yield
            write_drafts()
            for write in unit.at_end:
                write()
            write_histories(unit)
        finally:
            open_unit.reset(token)
