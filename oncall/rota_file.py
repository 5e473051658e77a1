"""A rota from a spreadsheet: read, compared with the planned shifts, and taken after the planner has seen the changes."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from accounts.models import User
from accounts.people import DUTY_WORDS, Duty
from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from kernel.text import fault
from kernel.time import AmbiguousTime, NonexistentTime, from_london, in_words
from ledger.transaction import one_transaction
from oncall.models import Shift
from oncall.roster import ShiftPlan, check_planner, faults_of, overlapping_shifts, question, replace, words_of

MOST_LINES = 2000
COLUMNS = ("duty", "user_name", "starts", "ends")
SEPARATORS = (",", ";", "\t")
MOST_BYTES = 2_000_000
WORKBOOK = b"PK"  # a zip: .xlsx, .ods
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MARK = "\ufeff"  # what a spreadsheet writes before "CSV UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaFileLine:
    """One line of the file: the shift that it asks for, and the planned shifts that make room for it."""

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
        """The planned shifts that it replaces, in words."""
        return tuple(words_of(shift) for shift in self.instead_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaFile:
    """The changes that a file would make to the present rota."""

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
        """The people it brings on duty, each once."""
        return tuple({line.holder.pk: line.holder for line in (*self.added, *self.changed)}.values())

    @property
    def seal(self) -> str:
        """A short hash of the changes: different as soon as the file or the shifts that it changes differ."""
        content = [
            (line.words, [shift.pk for shift in line.instead_of], line.planned is None) for line in self.lines
        ]
        return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def text_of(content: bytes) -> str:
    """The text of a file as spreadsheets save it: UTF-8, UTF-16, or the letters of Windows; Invalid for a workbook."""
    if len(content) > MOST_BYTES or content.startswith(WORKBOOK):
        why = "is larger than a rota is" if len(content) > MOST_BYTES else "is a workbook: save it as CSV"
        raise Invalid("The file cannot be read", errors={"file": [f"The file {why}"]})
    codecs = ("utf-16",) if content[:2] in UTF_16 else ("utf-8-sig", "cp1252")
    for codec in codecs:
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    raise Invalid("The file cannot be read", errors={"file": ["The file holds no text: save it as CSV"]})


def read_rota(text: str, *, at: datetime) -> RotaFile:
    """The shifts of a file (duty, user_name, starts, ends; London times), compared with the rota.

    Invalid names every wrong line under `file` by its number, the heading being line 1.
    """
    if problem := fault(text, limit=500_000, lines=True):
        raise Invalid("The file cannot be read", errors={"file": [problem]})
    lines: list[RotaFileLine] = []
    problems: list[str] = []
    for number, row in _rows(text):
        try:
            line = _line(number, row, lines, at=at)
        except ValueError as refusal:
            problems += [f"Line {number}: {problem}" for problem in refusal.args]
        else:
            lines.append(line)
    if problems:
        raise Invalid("Nothing was imported", errors={"file": problems})
    return RotaFile(lines=tuple(lines))


@one_transaction()
def import_rota(text: str, *, seal: str = "", sure: bool = False, by: Actor, at: datetime) -> int:
    """Plan every new or changed shift of a file, all or none; how many.

    A change of a planned shift needs the `seal` of the comparison that the planner saw.
    """
    check_planner(by)
    list(Shift.objects.select_for_update().filter(ends_at__gt=at).values_list("pk"))
    file = read_rota(text, at=at)
    if (seal or file.changed) and seal != file.seal:
        raise OutOfTurn("The rota has changed since you looked at this file. Look again at what will change")
    question(*file.holders, sure=sure)
    removed: set[int] = set()
    for line in (*file.changed, *file.added):  # each shift in the way is removed first, and once
        replaced = [shift for shift in line.instead_of if shift.pk not in removed]
        removed |= {shift.pk for shift in replaced}
        replace(replaced, line.plan, by=by, at=at)
    return len(file.changed) + len(file.added)


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The lines with their numbers and by column, for any separator; Invalid without a proper heading."""
    text = text.removeprefix(MARK).replace("\r\n", "\n").replace("\r", "\n").strip()
    if text.lower().startswith("sep="):  # written by a spreadsheet for itself
        text = text.partition("\n")[2]
    heading = text.partition("\n")[0]
    separator = next(
        (candidate for candidate in SEPARATORS if set(COLUMNS) <= set(_names(heading, candidate))), None
    )
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
        raise Invalid("The file cannot be read", errors={"file": [f"This is not CSV: {problem}"]}) from None
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
    number: int, row: Mapping[str, str], earlier_lines: Sequence[RotaFileLine], *, at: datetime
) -> RotaFileLine:
    """One line compared with the rota; ValueError says what is wrong with it."""
    plan = ShiftPlan(
        duty=row["duty"].strip(),
        username=row["user_name"].strip().lower(),
        starts_at=_instant(row["starts"]),
        ends_at=_instant(row["ends"]),
    )
    holder = User.objects.filter(username=plan.username).first()
    shifts = list(overlapping_shifts(plan)) if plan.starts_at < plan.ends_at else []
    twin = next((shift for shift in shifts if holder is not None and _is_same(shift, plan)), None)
    faults = faults_of(plan, at=at) if twin is None else {}
    if holder is None or faults:
        raise ValueError(*faults.values())
    if twin is None and any(shift.starts_at <= at for shift in shifts):
        raise ValueError("this changes a shift that has begun: swap or end it on the rota")
    if clash := next((line for line in earlier_lines if _clash(line.plan, plan)), None):
        raise ValueError(f"line {clash.number} has the same duty at the same time")
    return RotaFileLine(
        number=number, plan=plan, holder=holder, planned=twin, instead_of=() if twin else tuple(shifts)
    )


def _is_same(shift: Shift, plan: ShiftPlan) -> bool:
    times = (shift.starts_at, shift.ends_at) == (plan.starts_at, plan.ends_at)
    return times and shift.holder.username == plan.username


def _clash(first: ShiftPlan, second: ShiftPlan) -> bool:
    return first.duty == second.duty and first.starts_at < second.ends_at and second.starts_at < first.ends_at


def _instant(text: str) -> datetime:
    """A London wall time; in the hour that happens twice it ends with BST or GMT."""
    words = text.strip().split()
    season = words.pop() if words and words[-1] in ("BST", "GMT") else ""
    try:
        day, wall = _day(words[0]), time.fromisoformat(words[1])
        if wall.tzinfo is not None:
            raise ValueError  # with an offset it is no time of London's clock
    except (IndexError, ValueError, OverflowError):
        raise ValueError(f"{text.strip() or 'nothing'} is not a time: write it as 2026-12-01 08:00") from None
    try:
        return from_london(day, wall, season=season)
    except (AmbiguousTime, NonexistentTime) as problem:
        raise ValueError(str(problem)) from None


def _day(text: str) -> date:
    """2026-12-01, or 01/12/2026 as a spreadsheet writes it, with the day first."""
    if "/" not in text:
        return date.fromisoformat(text)
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)
