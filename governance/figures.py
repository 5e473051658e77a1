"""The figures of a period as a table for another system: counts and lengths of time, and no patient."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from governance.episode import MeasuredEpisode
from governance.inequalities import CHARACTERISTICS, MEASURES, groups_of
from governance.intervals import stretches
from governance.qs56 import results

Row = Sequence[str | int]


def csv_of(rows: Iterable[Row]) -> bytes:
    """A table as a file that spreadsheets read: UTF-8 with its mark, and lines that end in CRLF (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def measures(
    episodes: Iterable[MeasuredEpisode], *, since: datetime, until: datetime, at: datetime
) -> Iterator[Row]:
    """Each measure of QS56, counted both ways; cases that still run or are left out are beside the counts."""
    yield (
        "measure",
        "title",
        "literal_met",
        "literal_of",
        "adjusted_met",
        "adjusted_of",
        "running",
        "left_out",
    )
    for result in results(episodes, since=since, until=until, at=at):
        literal, adjusted = result.literal, result.adjusted
        yield (
            result.measure.id,
            result.measure.title,
            literal.numerator,
            literal.denominator,
            adjusted.numerator,
            adjusted.denominator,
            len(result.running),
            len(result.left_out),
        )


def pathway(
    episodes: Iterable[MeasuredEpisode], *, since: datetime, until: datetime, at: datetime
) -> Iterator[Row]:
    """Each stretch of the pathway, in hours; an empty field where no episode has it."""
    yield "stretch", "episodes", "median_hours", "longest_hours", "within_24_hours"
    for stretch in stretches(episodes, since=since, until=until):
        yield (
            stretch.title,
            stretch.count,
            _hours(stretch.median),
            _hours(stretch.longest),
            stretch.within_a_day,
        )


def inequalities(
    episodes: Iterable[MeasuredEpisode], *, since: datetime, until: datetime, at: datetime
) -> Iterator[Row]:
    """Each group of each characteristic, by the adjusted measures."""
    counts = (f"measure_{name}_{part}" for name in MEASURES for part in ("met", "of"))
    yield "characteristic", "group", "episodes", *counts, "median_hours_to_scan"
    rows = list(episodes)
    for characteristic in CHARACTERISTICS:
        for group in groups_of(characteristic, rows, since=since, until=until, at=at):
            shares = (number for share in group.shares for number in (share.met, share.of))
            yield characteristic.title, group.title, group.episodes, *shares, _hours(group.median)


def _hours(length: timedelta | None) -> str:
    return "" if length is None else f"{length / timedelta(hours=1):.2f}"


TABLES: Mapping[str, Callable[..., Iterator[Row]]] = {
    "measures": measures,
    "pathway": pathway,
    "inequalities": inequalities,
}
