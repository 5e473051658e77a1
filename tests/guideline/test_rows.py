"""Every row has an entry, every entry points to something that exists, every rule has a row."""

import ast
import re
from collections.abc import Collection
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import get_resolver

from accounts.service import SETTING_AT
from oncall.kinds import ClockKind
from referrals.intake.codes import EVENT_KINDS
from referrals.intake.fields import FIELD_AT
from referrals.intake.record_fields import RECORD_FIELD_AT
from triage.guideline import diagram
from triage.guideline.advice import ADVICE, ADVICE_AT
from triage.guideline.care import CARE, CARE_AT
from triage.guideline.course import JUDGEMENT_AT
from triage.guideline.findings import QUESTION_AT
from triage.guideline.rows.row import GuidelineRow, Stage, Verdict, Who
from triage.guideline.rows.table import ROW_AT, ROWS, counts, find
from triage.guideline.ruleset import NEWEST
from triage.scores.catalogue import SCORE_AT

ROOT = Path(settings.ROOT)


def numbered(prefix: str, last: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(1, last + 1)]


# The rows of our reading of the guideline, in its order.
EXPECTED = [
    *numbered("REC", 7),
    *numbered("SVC", 12),
    *numbered("COO", 7),
    *numbered("IMM", 5),
    *numbered("IMG", 11),
    *numbered("PAI", 5),
    *numbered("BON", 5),
    *numbered("STE", 8),
    "TOO-1",
    *numbered("RT", 10),
    *numbered("INV", 8),
    *numbered("SUP", 8),
    "QS-GEN",
    "QS-T0",
    "QS-2a",
    "QS-2b",
    "QS-3",
    "QS-4",
    "QS-5",
    "QS-6",
    "QS-7",
    "QS-1",
    *numbered("EDGE", 15),
    *numbered("SCO", 10),
    *numbered("CG", 17),
    *(f"A{number}" for number in range(1, 35)),
]


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {node.name} | {
                f"{node.name}::{f.name}" for f in node.body if isinstance(f, ast.FunctionDef)
            }
    return names


def _test_exists(name: str) -> bool:
    path, _, function = name.partition("::")
    return (ROOT / path).exists() and function.partition("[")[0] in _functions(ROOT / path)


def _url_names() -> set[str]:
    patterns = [p for top in get_resolver().url_patterns for p in getattr(top, "url_patterns", [top])]
    return {pattern.name for pattern in patterns if pattern.name}


def _exists(place: str) -> bool:
    kind, _, name = place.partition(":")
    names_of: dict[str, Collection[str]] = {
        "rule": {rule.id for rule in NEWEST.rules},
        "advice": set(ADVICE_AT),
        "care": set(CARE_AT),
        "warning": {rule.code for rule in (*NEWEST.warning_rules, *NEWEST.care_warnings)},
        "clock": set(ClockKind),
        "screen": _url_names(),
        "field": {*FIELD_AT, *RECORD_FIELD_AT, *(f"presentation.{path}" for path in QUESTION_AT)},
        "judgement": set(JUDGEMENT_AT),
        "event": set(EVENT_KINDS),
        "setting": set(SETTING_AT),
        "score": set(SCORE_AT),
        "command": set(get_commands()),
    }
    if kind == "test":
        return _test_exists(name)
    if kind == "document":
        return (ROOT / "docs" / name).exists()
    return name in names_of[kind]


def test_every_row_of_the_reading_has_an_entry() -> None:
    ids = [row.id for row in ROWS]
    assert ids[: len(EXPECTED)] == EXPECTED
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_an_entry_points_to_what_exists(row: GuidelineRow) -> None:
    assert [place for place in row.places if not _exists(place)] == []
    assert row.says.endswith(".")
    assert row.who
    assert set(row.who) <= set(Who)
    assert row.stage in set(Stage)


def test_every_rule_has_a_row_that_names_it() -> None:
    """By its id, or by the code or the clock that it gives."""
    missing = []
    for rule in NEWEST.rules:
        names = {f"rule:{rule.id}"}
        names |= {f"{kind}:{rule.code}" for kind in ("advice", "care", "warning") if hasattr(rule, "code")}
        names |= {f"clock:{rule.kind}"} if hasattr(rule, "kind") else set()
        rows = [ROW_AT[source.row] for source in rule.sources if source.row in ROW_AT]
        if not any(names & set(row.places) for row in rows):
            missing.append((rule.id, [source.row for source in rule.sources]))
    assert missing == []


def test_every_source_of_a_rule_is_a_row() -> None:
    cited = {source.row for rule in NEWEST.rules for source in rule.sources}
    assert cited <= set(ROW_AT), cited - set(ROW_AT)


def test_a_row_and_its_citation_agree_on_what_is_confirmed() -> None:
    for rule in NEWEST.rules:
        for source in rule.sources:
            if source.guideline == "NG234":
                assert ROW_AT[source.row].confirmed == source.confirmed, source.row


def test_the_three_verdicts_are_counted_and_what_is_missing_says_why() -> None:
    assert sum(counts().values()) == len(ROWS)
    assert all(row.why for row in ROWS if row.verdict != Verdict.HERE)
    with pytest.raises(ValueError, match="nowhere"):
        GuidelineRow(id="X", stage=Stage.PAIN, who=(Who.MDT,), says="X.", source="x", confirmed=False)
    with pytest.raises(ValueError, match="no reason"):
        GuidelineRow(
            id="X",
            stage=Stage.PAIN,
            who=(Who.MDT,),
            says="X.",
            source="x",
            confirmed=False,
            verdict=Verdict.NOT_YET,
        )


def test_every_resolution_has_a_test_that_bears_its_number_or_is_not_here() -> None:
    functions = _functions(ROOT / "tests/guideline/test_resolutions.py")
    for number in range(1, 35):
        assert any(name.startswith(f"test_a{number:02}_") for name in functions), number


def test_rows_are_found_by_words_actor_stage_and_verdict() -> None:
    assert ROW_AT["STE-7"] in find(words="haematology dexamethasone")
    assert {row.stage for row in find(stage="image")} == {Stage.IMAGE}
    assert all(Who.RADIOLOGY in row.who for row in find(who="radiology"))
    assert all(row.verdict == Verdict.NOT_YET for row in find(verdict="not_yet"))
    assert find(words="zebra") == ()
    assert find() == ROWS


def test_the_drawing_shows_every_advice_code_and_nothing_else() -> None:
    drawn = {code for chart in diagram.CHARTS for box in (chart.first, *chart.boxes) for code in box.codes}
    assert drawn == {advice.code for advice in (*ADVICE, *CARE)}
    entered = {rule.id for chart in diagram.CHARTS for rule in diagram.entries(chart)}
    assert {rule.id for rule in NEWEST.stream_rules} <= entered


def test_a_line_of_the_drawing_says_what_its_rules_say() -> None:
    for chart in diagram.CHARTS:
        for box in (chart.first, *chart.boxes):
            for line in diagram.lines(box):
                assert line.when
                assert line.sources
                assert line.text
        assert all(
            chart.leads_to in ("", *(other.id for other in diagram.CHARTS)) for chart in diagram.CHARTS
        )


def test_no_sentence_of_a_row_stands_twice() -> None:
    says = [re.sub(r"\W+", " ", row.says.casefold()) for row in ROWS]
    assert len(says) == len(set(says))
