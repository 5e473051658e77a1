"""The clocks of a case within one act: read and locked once, changed in memory, written together at its end.

Outside an act each is read and written at once. Every act on a case has locked the case, so that nobody else starts or
ends a clock of it meanwhile.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from kernel.actors import Actor
from ledger.append import append_all, draft
from ledger.facts import Facts
from ledger.insert import insert
from ledger.keep import history_of, keep, reason, save_all
from ledger.kinds import Kind
from ledger.unit import NewEntry, Unit, current
from oncall.models import Clock

ROOM = "oncall.case_clocks"
CHANGING = tuple(f.attname for f in Clock._meta.concrete_fields if f.attname not in ("id", "case", "kind"))


@dataclass(slots=True, kw_only=True)
class CaseClocks:
    """The clocks that the open act has read, by case, and those that it has started or changed."""

    by_case: dict[int, list[Clock]] = field(default_factory=dict)
    new: list[Clock] = field(default_factory=list)
    changed: list[Clock] = field(default_factory=list)

    def take(self, clock: Clock) -> None:
        """Take in a clock as it is now; one of the same number that was read before gives way to it."""
        rows = self.by_case.get(clock.case)
        if rows is not None and not _has(rows, clock):
            rows[:] = [*(row for row in rows if row.pk is None or row.pk != clock.pk), clock]
        own = self.new if clock._state.adding else self.changed
        if not _has(own, clock):
            own.append(clock)

    def write(self) -> None:
        """Write what was started and changed. What was stopped goes first: a database constraint allows one running
        clock of a kind.
        """
        changed, new = self.changed, self.new
        self.changed, self.new = [], []
        save_all(changed, fields=CHANGING)
        insert(new)


def _has(rows: list[Clock], clock: Clock) -> bool:
    return any(row is clock for row in rows)


def _of(unit: Unit) -> CaseClocks:
    if ROOM not in unit.rooms:
        unit.rooms[ROOM] = clocks = CaseClocks()
        unit.at_end.append(clocks.write)
    return cast(CaseClocks, unit.rooms[ROOM])


def every(case: int, *, lock: bool) -> list[Clock]:
    """Every clock of a case, by number. Within an act they are locked, and new ones come last."""
    unit = current()
    clocks = Clock.objects.filter(case=case).order_by("id")
    if unit is None:
        return list(clocks.select_for_update() if lock else clocks)
    by_case = _of(unit).by_case
    if case not in by_case:
        by_case[case] = list(clocks.select_for_update())
    return list(by_case[case])


def has_none_yet(case: int) -> None:
    """The act has just made this case, so there is nothing to read."""
    unit = current()
    if unit is not None:
        _of(unit).by_case.setdefault(case, [])


def write() -> None:
    """Write what the open act has started and changed so far, so that each clock has its number."""
    unit = current()
    if unit is not None:
        _of(unit).write()


def record(clock: Clock, kind: Kind, facts: Facts, *, by: Actor, at: datetime) -> None:
    """Keep a clock, locked and changed by the caller, with its line and its history."""
    unit, entry = current(), NewEntry(kind=kind, case=clock.case, facts=facts)
    if unit is None:
        keep(clock, line=append_all([entry], by=by, at=at)[0], by=by, at=at)
        return
    history = history_of(clock, line=None, is_new=_is_fresh(unit, clock), by=by, at=at)

    def name(line: int) -> None:
        history.history_change_reason = reason(line)

    draft(entry, by=by, at=at, then=name)
    unit.histories.append((clock, history))
    _of(unit).take(clock)


def keep_clock(clock: Clock, *, line: int, by: Actor, at: datetime) -> None:
    """Keep a clock, locked and changed by the caller, whose act has its line already."""
    unit = current()
    if unit is None:
        keep(clock, line=line, by=by, at=at)
        return
    history = history_of(clock, line=line, is_new=_is_fresh(unit, clock), by=by, at=at)
    unit.histories.append((clock, history))
    _of(unit).take(clock)


def _is_fresh(unit: Unit, clock: Clock) -> bool:
    """Whether this is the first time that a new clock is kept."""
    return clock._state.adding and not _has(_of(unit).new, clock)
