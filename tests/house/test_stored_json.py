"""Nobody reads a key of stored JSON that is never stored. mypy sees `row[key]`; `.get` and `in` are seen here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from referrals.evidence.event_data import EventData, KeptData, SettledFinding
from referrals.evidence.events import DATA
from referrals.intake.stored import StoredClinical, StoredLocation, StoredReferrer
from referrals.usecases.record_step import STEPS, WITHOUT
from tests.house.test_house import ROOT, _own_python
from triage.guideline.findings import Presentation
from triage.guideline.stored import StoredPresentation

SHAPES = {
    "clinical": (StoredClinical,),
    "clinical_sent": (StoredClinical,),
    "data": (EventData, KeptData, SettledFinding),
    "location": (StoredLocation,),
    "presentation": (StoredPresentation,),
    "presentation_sent": (StoredPresentation,),
    "referrer": (StoredReferrer,),
}
OF_HTTP = {"answer", "request", "response"}  # their `data` is a body


def reads(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Every expression whose key is read by its name, with the key."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=row, slice=ast.Constant(value=str(key))):
                yield row, key
            case ast.Call(func=ast.Attribute(value=row, attr="get"), args=[ast.Constant(value=str(key)), *_]):
                yield row, key
            case ast.Compare(
                left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn()], comparators=[row]
            ):
                yield row, key


def wrong_keys(path: Path) -> Iterator[str]:
    for row, key in reads(ast.parse(path.read_text())):
        if not isinstance(row, ast.Attribute) or row.attr not in SHAPES:
            continue
        if isinstance(row.value, ast.Name) and row.value.id in OF_HTTP:
            continue
        if not any(key in shape.__annotations__ for shape in SHAPES[row.attr]):
            yield f"{path.relative_to(ROOT)}:{row.lineno} {row.attr}: {key}"


def test_every_key_that_is_read_is_stored() -> None:
    assert [wrong for path in _own_python() for wrong in wrong_keys(path)] == []


def test_a_misspelt_key_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "a.py").write_text(
        'fact.data.get("reslt")\ncase.clinical["notse"]\n"sadle" in case.presentation\nrequest.data["x"]\n'
    )
    assert len(list(wrong_keys(tmp_path / "a.py"))) == 3


def test_a_stored_presentation_has_every_finding() -> None:
    assert set(StoredPresentation.__annotations__) == set(Presentation.__slots__)


def test_the_data_of_an_event_are_those_that_can_be_reported() -> None:
    reported = {key for readers in DATA.values() for key in readers}
    of_steps = {name for step in STEPS for name in (*step.all_fields, *(step.flags or ()))}
    own = set(EventData.__annotations__) - set(StoredPresentation.__annotations__)
    assert own == (reported | of_steps | {WITHOUT, "without_plan"}) - set(StoredPresentation.__annotations__)
