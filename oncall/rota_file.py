"""A rota from a spreadsheet: read, compared with what is planned, and taken once it was seen."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from kernel.text import fault
from kernel.time import AmbiguousTime, NonexistentTime, from_london, in_words
from oncall.models import Shift
from oncall.roster import ShiftPlan, check_planner, faults_of, overlapping, question, replace, words_of

MOST_LINES = 2000
COLUMNS = ("duty", "user_name", "starts", "ends")
SEPARATORS = (",", ";", "\t")
MARK = "\ufeff"  # what a spreadsheet writes before "CSV UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaFileLine:
    """One line of the file: the shift that it asks for, and the planned ones that make room for it."""

    number: int
    plan: ShiftPlan
    holder: User
    planned: Shift | None = None  # the same shift, planned already
    instead_of: Sequence[Shift] = ()

    @property
    def words(self) -> str:
        duty = DUTY_WORDS[Duty(self.plan.duty)]
        return f"{duty}: {self.holder.name}, {in_words(self.plan.starts_at)} to {in_words(self.plan.ends_at)}"

    @property
    def before(self) -> Sequence[str]:
        """The planned shifts that it takes the place of, in words."""
        return tuple(words_of(shift) for shift in self.instead_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaFile:
    """What a file would do to the rota as it stands."""

    lines: Sequence[RotaFileLine]

    @property
    def added(self) -> Sequence[RotaFileLine]:
        return tuple(line for line in self.lines if line.planned is None and not line.instead_of)

    @property
    def changed(self) -> Sequence[RotaFileLine]:
        return tuple(line for line in self.lines if line.instead_of)

    @property
    def unchanged(self) -> int:
        return sum(line.planned is not None for line in self.lines)

    @property
    def holders(self) -> Sequence[User]:
        """Who comes on duty by it, each once."""
        return tuple({line.holder.pk: line.holder for line in (*self.added, *self.changed)}.values())

    @property
    def seal(self) -> str:
        """Another one as soon as the file, or what it changes, is another."""
        what = [
            (line.words, [shift.pk for shift in line.instead_of], line.planned is None) for line in self.lines
        ]
        return hashlib.sha256(repr(what).encode()).hexdigest()[:16]


def read_rota(text: str, *, at: datetime) -> RotaFile:
    """What a file asks for (duty, user_name, starts, ends; London times), compared with the rota.

    Invalid names every wrong line under `file` by its number, the heading being line 1.
    """
    if problem := fault(text, limit=500_000, lines=True):
        raise Invalid("The file cannot be read", errors={"file": [problem]})
    lines, wrong = [], []
    for number, row in _rows(text):
        try:
            line = _line(number, row, lines, at=at)
        except ValueError as problems:
            wrong += [f"Line {number}: {problem}" for problem in problems.args]
        else:
            lines.append(line)
    if wrong:
        raise Invalid("Nothing was imported", errors={"file": wrong})
    return RotaFile(lines=tuple(lines))


@transaction.atomic(durable=True)
def import_rota(text: str, *, seen: str = "", sure: bool = False, by: Actor, at: datetime) -> int:
    """Plan every line of a file that is not planned already, all or none; how many.

    What would change a planned shift is taken only with the seal of the comparison that was `seen`.
    """
    check_planner(by)
    list(Shift.objects.select_for_update().filter(ends_at__gt=at).values_list("pk"))
    file = read_rota(text, at=at)
    if (seen or file.changed) and seen != file.seal:
        raise OutOfTurn("The rota has changed since you looked at this file. Look again at what will change")
    question(*file.holders, sure=sure)
    gone: set[int] = set()
    for line in (*file.changed, *file.added):  # what is in the way goes first, and once
        leaving = [shift for shift in line.instead_of if shift.pk not in gone]
        gone |= {shift.pk for shift in leaving}
        replace(leaving, line.plan, by=by, at=at)
    return len(file.changed) + len(file.added)


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The lines with their numbers and by column, whatever separates them; Invalid when the heading is no heading."""
    text = text.removeprefix(MARK).replace("\r\n", "\n").replace("\r", "\n").strip()
    if text.lower().startswith("sep="):  # written by a spreadsheet for itself
        text = text.partition("\n")[2]
    heading = text.partition("\n")[0]
    separator = next((one for one in SEPARATORS if set(COLUMNS) <= set(_names(heading, one))), None)
    if separator is None:
        columns = ", ".join(COLUMNS)
        raise Invalid(
            "The file cannot be read",
            errors={
                "file": [
                    f"The first line names the columns {columns}, separated by commas, semicolons or tabs. "
                    f"It reads: “{heading[:80]}”"
                ]
            },
        )
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except csv.Error as problem:
        raise Invalid("The file cannot be read", errors={"file": [f"This is no CSV: {problem}"]}) from None
    if not 1 < len(rows) <= MOST_LINES + 1:
        raise Invalid(
            "The file cannot be read",
            errors={"file": [f"A file has 1 to {MOST_LINES} lines after its heading"]},
        )
    names = _names(heading, separator)
    empty = [""] * len(names)
    return (
        (number, dict(zip(names, (*row, *empty), strict=False)))
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    )


def _names(heading: str, separator: str) -> list[str]:
    return [name.strip().strip('"').lower().replace(" ", "_") for name in heading.split(separator)]


def _line(
    number: int, row: Mapping[str, str], before: Sequence[RotaFileLine], *, at: datetime
) -> RotaFileLine:
    """One line compared with the rota; ValueError says what is wrong with it."""
    plan = ShiftPlan(
        duty=row["duty"].strip(),
        username=row["user_name"].strip().lower(),
        starts_at=_instant(row["starts"]),
        ends_at=_instant(row["ends"]),
    )
    holder = User.objects.filter(username=plan.username).first()
    others = list(overlapping(plan)) if plan.starts_at < plan.ends_at else []
    same = next((shift for shift in others if holder is not None and _is_same(shift, plan)), None)
    faults = faults_of(plan, at=at) if same is None else {}
    if holder is None or faults:
        raise ValueError(*faults.values())
    if same is None and any(shift.starts_at <= at for shift in others):
        raise ValueError("this changes a shift that has begun: swap or end it on the rota")
    if twin := next((line for line in before if _clash(line.plan, plan)), None):
        raise ValueError(f"line {twin.number} has the same duty at the same time")
    return RotaFileLine(
        number=number, plan=plan, holder=holder, planned=same, instead_of=() if same else tuple(others)
    )


def _is_same(shift: Shift, plan: ShiftPlan) -> bool:
    times = (shift.starts_at, shift.ends_at) == (plan.starts_at, plan.ends_at)
    return times and shift.holder.username == plan.username


def _clash(one: ShiftPlan, other: ShiftPlan) -> bool:
    return one.duty == other.duty and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _instant(text: str) -> datetime:
    """A London wall time; in the hour that happens twice it ends with BST or GMT."""
    words = text.strip().split()
    season = words.pop() if words and words[-1] in ("BST", "GMT") else ""
    try:
        day, wall = _day(words[0]), time.fromisoformat(words[1])
    except (IndexError, ValueError):
        raise ValueError(f"{text.strip() or 'nothing'} is no time: write it as 2026-12-01 08:00") from None
    try:
        return from_london(day, wall, season=season)
    except (AmbiguousTime, NonexistentTime) as problem:
        raise ValueError(str(problem)) from None


def _day(text: str) -> date:
    """2026-12-01, or 01/12/2026 as a spreadsheet makes of it: the day comes first."""
    if "/" not in text:
        return date.fromisoformat(text)
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)
