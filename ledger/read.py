"""Reading the ledger."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import connection
from django.db.models import OuterRef, Subquery

from kernel.actors import SERVICE
from ledger.append import GENESIS, hash_of, write_drafts
from ledger.facts import Facts, SharedFacts
from ledger.kinds import VIEWS, WORDS, Kind
from ledger.models import Line

CODES = frozenset(str(kind) for kind in Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One ledger line, for readers in other apps."""

    number: int
    case: int | None
    kind: Kind | str  # the plain code, if a later version wrote it
    at: datetime
    witnessed_at: datetime
    actor: str
    role: str
    organisation: str
    facts: Facts  # of the type of the kind
    hash: str

    @property
    def words(self) -> str:
        return WORDS[self.kind] if isinstance(self.kind, Kind) else self.kind

    @property
    def shared(self) -> SharedFacts:
        """The facts, for a reader of several kinds."""
        return cast(SharedFacts, self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A filter of lines: every part that is set must match."""

    case: int | None = None
    actor: str = ""
    organisation: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    with_views: bool = True
    only: frozenset[Kind] | None = None
    without: frozenset[Kind] = frozenset()
    by_service: bool = True  # include the acts of the service itself


def entries(search: Search, *, before: int | None = None, limit: int = 100) -> list[Entry]:
    """The lines of a search, newest first: at most `limit`, with numbers below `before`."""
    lines = _lines_of(search).order_by(*_newest_first(search))
    if before is not None:
        lines = lines.filter(id__lt=before)
    return [_entry(line) for line in lines[:limit]]


def line_at(number: int) -> Entry | None:
    """The line with this number."""
    line = _lines().filter(pk=number).first()
    return _entry(line) if line else None


def chain_holds(case: int, *, until: int) -> bool:
    """Whether every line of a case, from its first to this one, is as it was written and follows on the one before."""
    previous = GENESIS
    lines = _lines().filter(chain=f"case:{case}", id__lte=until).order_by("position")
    for position, line in enumerate(lines, 1):
        if (line.position, line.previous_hash, line.hash) != (position, previous, hash_of(line)):
            return False
        previous = line.hash
    return True


def of_case(case: int, *, with_views: bool = False) -> Iterator[Entry]:
    """The lines of a case, oldest first."""
    return (_entry(line) for line in _lines_of(Search(case=case, with_views=with_views)).order_by("id"))


def _newest_first(search: Search) -> tuple[str, ...]:
    """The order of a search. Of one kind and organisation it names the columns of their index: without that the
    database reads from the newest line on until enough fit, which is every line where they are rare or old.
    """
    return ("kind", "-id") if search.kind and search.organisation else ("-id",)


def _lines_of(search: Search) -> Any:
    exactly = {
        "case": search.case,
        "actor": search.actor or None,
        "organisation": search.organisation or None,
        "kind": search.kind or None,
        "at__gte": search.since,
        "at__lt": search.until,
    }
    if (
        len(_newest_first(search)) > 1
    ):  # an order by what is fixed would be dropped, and the use of its index with it
        exactly |= {"kind": None, "kind__gte": search.kind, "kind__lte": search.kind}
    lines = _lines().filter(**{name: value for name, value in exactly.items() if value is not None})
    if not search.with_views:
        lines = lines.exclude(kind__in=[str(kind) for kind in VIEWS])
    if search.only is not None:
        lines = lines.filter(kind__in=[str(kind) for kind in search.only])
    if search.without:
        lines = lines.exclude(kind__in=[str(kind) for kind in search.without])
    if not search.by_service:
        lines = lines.exclude(actor=SERVICE.key)
    return lines


def _lines() -> Any:
    """Every line, also those that the open act has not written yet."""
    write_drafts()
    return Line.objects.all()


def _entry(line: Line) -> Entry:
    return Entry(
        number=line.pk,
        case=line.case,
        kind=Kind(line.kind) if line.kind in CODES else line.kind,
        at=line.at,
        witnessed_at=line.witnessed_at,
        actor=line.actor,
        role=line.role,
        organisation=line.organisation,
        facts=line.facts,
        hash=line.hash,
    )


def views_between(since: datetime, until: datetime, *, limit: int) -> list[Entry]:
    """The views of single records of a period, the newest first, at most `limit`."""
    codes = [str(kind) for kind in VIEWS - {Kind.LIST_VIEWED}]
    lines = _lines().filter(at__gte=since, at__lt=until, kind__in=codes, case__isnull=False)
    return [_entry(line) for line in lines.order_by("-at", "-id")[:limit]]


def list_views_of(case: int, *, since: datetime, limit: int) -> list[Entry]:
    """The views of lists that had a case on them, the newest first, at most `limit` of them."""
    lines = _lines().filter(kind=str(Kind.LIST_VIEWED), at__gte=since, facts__contains={"cases": [case]})
    return [_entry(line) for line in lines.order_by("-id")[:limit]]


def facts_of_lines(numbers: list[int]) -> dict[int, Facts]:
    """The facts of lines by line number: one query."""
    return dict(_lines().filter(pk__in=numbers).values_list("pk", "facts"))


def lines_with(fact: str, *, cases: Iterable[int]) -> Iterator[Entry]:
    """The lines of these cases with a fact of this name, oldest first: one query."""
    return (
        _entry(line) for line in _lines().filter(case__in=list(cases), facts__has_key=fact).order_by("id")
    )


def of_cases(cases: Iterable[int], *, kinds: Iterable[Kind]) -> Iterator[Entry]:
    """The lines of these kinds about many cases, oldest first: one query."""
    lines = _lines().filter(case__in=list(cases), kind__in=[str(kind) for kind in kinds])
    return (_entry(line) for line in lines.order_by("id"))


def lines_between(after: int, until: int, *, kinds: Iterable[Kind], limit: int) -> list[Entry]:
    """The lines of these kinds about cases with numbers above `after`, up to and with `until`: the oldest, at most `limit`."""
    codes = [str(kind) for kind in kinds]
    lines = _lines().filter(id__gt=after, id__lte=until, kind__in=codes, case__isnull=False)
    return [_entry(line) for line in lines.order_by("id")[:limit]]


def last_act() -> Subquery:
    """A subquery for the newest line number of each case, without views: every act on a case raises it.

    The lines of one case are written one after another, so no lower number is committed later.
    """
    lines = _lines_of(Search(with_views=False)).filter(case=OuterRef("pk"))
    return Subquery(lines.order_by("-id").values("id")[:1])


NEWEST_ACTS = 200


def last_acts() -> str:
    """A token that changes with every committed act, in whatever order transactions end; views do not count.

    It reads the newest acts only, so that its cost does not grow with the ledger.
    """
    views = [str(kind) for kind in VIEWS]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(id), sum(id) FROM (SELECT id FROM ledger_line WHERE NOT kind = ANY(%s)"
            " ORDER BY id DESC LIMIT %s) AS newest",
            [views, NEWEST_ACTS],
        )
        newest, total = cursor.fetchone()
    return f"{newest or 0}.{total or 0}"
