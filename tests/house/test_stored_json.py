"""Nobody reads a key of stored JSON that is never stored. mypy sees `row[key]`; `.get` and `in` are seen here."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.facts import Bound, Facts, SharedFacts
from mdt.consensus import DECISION, OPINION, SPOKEN
from mdt.follow_up import OUTCOME
from mdt.management_plan import FIELDS as PLAN
from mdt.stored import (
    StoredDecision,
    StoredJudgements,
    StoredOpinion,
    StoredOutcome,
    StoredPlan,
    StoredPosition,
    StoredTreatment,
)
from mdt.treatments import MODALITIES
from oncall.ladder import StoredRung
from referrals.case.stored import StoredClocks, StoredEnd, StoredLetter
from referrals.evidence.event_data import EventData, KeptData, SettledFinding
from referrals.evidence.events import DATA
from referrals.intake.fields import FieldSpec
from referrals.intake.stored import StoredClinical, StoredIdentifiers, StoredLocation, StoredReferrer
from referrals.usecases.record_step import STEPS, WITHOUT
from tests.house.test_house import ROOT, _own_python
from tests.stored_json import COLUMNS, TYPES, shape_of
from triage.guideline.findings import Presentation
from triage.guideline.stored import StoredAdvice, StoredCare, StoredPresentation, StoredResult

# The shapes of what is read by the name of an attribute.
SHAPES = {
    "care": (StoredCare,),
    "clinical": (StoredClinical,),
    "clinical_sent": (StoredClinical,),
    "content": (StoredOpinion, StoredDecision, StoredTreatment, StoredPlan, StoredOutcome, StoredLetter),
    "data": (EventData, KeptData, SettledFinding),
    "ended": (StoredEnd,),
    "facts": (Facts,),
    "location": (StoredLocation,),
    "presentation": (StoredPresentation,),
    "presentation_sent": (StoredPresentation,),
    "referrer": (StoredReferrer,),
    "result": (StoredResult,),
    "shared": (SharedFacts,),
}
# Those of variables and arguments, by the name of their type.
NAMED = TYPES | {
    shape.__name__: shape
    for shapes in (
        *SHAPES.values(),
        (StoredPosition, StoredJudgements, StoredAdvice, StoredIdentifiers, StoredRung, StoredClocks),
    )
    for shape in shapes
}
OF_HTTP = {"answer", "request", "response"}  # their `data` is a body
# JSON without a shape, each with its reason.
UNSHAPED = {
    "accounts.clientcredential.jwk": "a public key, as RFC 7517 has it",
    "accounts.setting.value": "read by the kind of the setting",
    "ledger.line.facts": "shaped by the kind of the line",
    "ledger.seal.trees": "written and read by the ledger alone, which signs it",
    "ledger.verification.faults": "written and read by the ledger alone",
    "oncall.handover.open_promises": "the dataclass `OpenCase`",
    "referrals.detail.value": "read by the field of its path",
    "referrals.merge.after": "columns of a case, by name",
    "referrals.merge.before": "columns of a case, by name",
    "referrals.referral.kept": "what could not be read, by path, as it was sent",
    "triage.assessment.course": "the dataclass `Course`",
    "triage.assessment.promises": "the dataclass `ServicePromises`",
}
# What the service adds to the fields of statements.
UNASKED = {"specialty", "positions", "missing", "tasks"}


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


def functions_of(tree: ast.AST) -> list[ast.FunctionDef]:
    """Every function in a module."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def type_named(value: ast.expr, known: dict[str, str]) -> str:
    """The name of the type of an expression; `known` has those of variables and functions."""
    match value:
        case ast.Name(id=name):
            return known.get(name, name)
        case ast.Call(func=ast.Name(id="cast"), args=[shape, _]):
            return ast.unparse(shape)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return known.get(name, name)
        case ast.Attribute(attr="bound"):
            return Bound.__name__
    return ast.unparse(value)


def known_in(function: ast.FunctionDef, returned: dict[str, str]) -> dict[str, str]:
    """The names of the types of the arguments and the variables of a function."""
    arguments = (*function.args.args, *function.args.kwonlyargs)
    known = returned | {each.arg: ast.unparse(each.annotation) for each in arguments if each.annotation}
    for node in ast.walk(function):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                known[name] = ast.unparse(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                known[name] = type_named(value, known)
    return known


def shapes_of(row: ast.expr, known: dict[str, str]) -> list[Any]:
    """The shapes that an expression may have; empty if it is no stored JSON."""
    if isinstance(row, ast.Attribute):
        of_http = isinstance(row.value, ast.Name) and row.value.id in OF_HTTP
        return [] if of_http else list(SHAPES.get(row.attr, ()))
    names = [part.rpartition(".")[2] for part in type_named(row, known).split(" | ")]
    return [NAMED[name] for name in names if name in NAMED]


def wrong_keys(path: Path) -> Iterator[str]:
    """Every key that is read of stored JSON and is not in its shape."""
    tree = ast.parse(path.read_text())
    places: dict[ast.AST, dict[str, str]] = {tree: {}}
    places |= {function: known_in(function, {}) for function in functions_of(tree)}
    wrong = {
        f"{path.relative_to(ROOT)}:{row.lineno} {ast.unparse(row)}: {key}"
        for place, known in places.items()
        for row, key in reads(place)
        if (shapes := shapes_of(row, known)) and not any(key in shape.__annotations__ for shape in shapes)
    }
    yield from sorted(wrong)


def test_every_key_that_is_read_is_stored() -> None:
    assert [wrong for path in _own_python() for wrong in wrong_keys(path)] == []


def test_a_misspelt_key_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "a.py").write_text(
        "def words(facts: line_facts.ReviewDone | LetterIssued, entry: Entry):\n"
        '    fact.data.get("reslt"), case.clinical["notse"], "sadle" in case.presentation, request.data["x"]\n'
        "    known = cast(NoticeSent, entry.facts)\n"
        '    facts.get("agred"), facts.get("letter"), "chanel" in known, "about" in known\n'
        '    entry.facts.get("clock"), entry.shared.get("clock"), "clok" in entry.shared\n'
        "    content: StoredDecision\n"
        "    content, errors = read(DECISION, sent, at=at)\n"
        '    content.get("outcomse"), plan.content.get("destination"), "ownr" in plan.content\n'
    )
    assert len(list(wrong_keys(tmp_path / "a.py"))) == 9


def test_every_json_column_has_a_shape_or_a_reason_to_have_none() -> None:
    unshaped = {f"{field.model._meta.label_lower}.{field.name}" for field in COLUMNS if not shape_of(field)}
    assert unshaped == set(UNSHAPED)


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        (StoredOpinion, OPINION),
        (StoredDecision, DECISION),
        (StoredPosition, SPOKEN["oncology"]),
        (StoredTreatment, [spec for modality in MODALITIES for spec in modality.fields]),
        (StoredPlan, PLAN),
        (StoredOutcome, OUTCOME),
    ],
)
def test_what_is_read_of_a_statement_is_a_field(shape: Any, fields: Iterable[FieldSpec]) -> None:
    assert set(shape.__annotations__) - UNASKED <= {spec.name for spec in fields}


def test_a_stored_presentation_has_every_finding() -> None:
    assert set(StoredPresentation.__annotations__) == set(Presentation.__slots__)


def test_the_data_of_an_event_are_those_that_can_be_reported() -> None:
    reported = {key for readers in DATA.values() for key in readers}
    of_steps = {name for step in STEPS for name in (*step.all_fields, *(step.flags or ()))}
    own = set(EventData.__annotations__) - set(StoredPresentation.__annotations__)
    assert own == (reported | of_steps | {WITHOUT, "without_plan"}) - set(StoredPresentation.__annotations__)
