"""One act: one transaction, whose ledger lines and rows of history are written together."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ContextDecorator, contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from django.db import transaction

from kernel import spans
from ledger.append import write_drafts
from ledger.keep import write_histories
from ledger.unit import Unit, depth, open_unit

Act = TypeVar("Act", bound=Callable[..., Any])


class one_transaction(ContextDecorator):  # noqa: N801  # read as a sentence: with one_transaction()
    """Run the block as one durable transaction, all or nothing. Also a decorator.

    Within it the end of a chain is read once, lines whose number nobody needs yet wait for the next that is needed,
    and rows of history are written at the end, in one round trip to the database. `name` is that of the act, which a
    decorator takes from its function.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __call__(self, act: Act) -> Act:
        self.name = self.name or act.__name__
        return super().__call__(act)

    def _recreate_cm(self) -> Self:
        return type(self)(self.name)

    def __enter__(self) -> None:
        self._block: AbstractContextManager[None] = _act(self.name)
        self._block.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._block.__exit__(kind, fault, trace)


@contextmanager
def _act(name: str) -> Iterator[None]:
    with spans.span(name, usecase=name), transaction.atomic(durable=True):
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
