"""Every row, in the order of the guideline, and the search for rows."""

from collections import Counter
from collections.abc import Iterator

from triage.guideline import order
from triage.guideline.contents import RECOMMENDATIONS
from triage.guideline.rows import editions_compared, measures, resolutions, tools
from triage.guideline.rows.row import STAGE_WORDS, WHO_WORDS, GuidelineRow, Verdict

_ROW_AT: dict[str, GuidelineRow] = {
    row.id: row
    for row in (
        *(recommendation.row for recommendation in RECOMMENDATIONS),
        *measures.ROWS,
        *tools.ROWS,
        *editions_compared.ROWS,
        *resolutions.ROWS,
    )
}
if unmatched := _ROW_AT.keys() ^ set(order.ROWS):
    raise ValueError(f"rows and their order differ: {sorted(unmatched)}")
ROWS: tuple[GuidelineRow, ...] = tuple(_ROW_AT[id] for id in order.ROWS)
ROW_AT: dict[str, GuidelineRow] = {row.id: row for row in ROWS}


def find(*, words: str = "", who: str = "", stage: str = "", verdict: str = "") -> tuple[GuidelineRow, ...]:
    """The rows that hold every one of the words, by actor, stage and verdict; empty means any."""
    terms = words.casefold().split()
    return tuple(
        row
        for row in ROWS
        if (not who or who in row.who)
        and (not stage or row.stage == stage)
        and (not verdict or row.verdict == verdict)
        and all(word in _text(row) for word in terms)
    )


def _text(row: GuidelineRow) -> str:
    parts = (row.id, row.says, row.source, row.limit, row.why, STAGE_WORDS[row.stage], *row.places)
    return " ".join((*parts, *(WHO_WORDS[who] for who in row.who))).casefold()


def counts() -> dict[str, int]:
    """How many rows there are of each verdict."""
    number = Counter(row.verdict for row in ROWS)
    return {verdict: number[verdict] for verdict in Verdict}


def places(kind: str) -> Iterator[tuple[GuidelineRow, str]]:
    """Every place of a kind, with its row."""
    for row in ROWS:
        for place in row.places:
            of_kind, _, name = place.partition(":")
            if of_kind == kind:
                yield row, name
