"""Ledger lines: every writer and every reader has the type of its kind, and what does not fit it is found."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from governance import audit_words
from ledger.facts import Facts, SharedFacts
from ledger.kinds import Kind
from referrals.case import line_details
from referrals.case.line_facts import Moved
from referrals.case.states import TRANSITIONS, Action
from tests.house.test_house import ROOT, _own_python
from tests.house.test_stored_json import functions_of, known_in, type_named
from tests.stored_json import TYPES, faults, name_of, type_of

# What several types have in common, and what is not said by the kind.
SHARED = {"Facts", "Bound", "SharedFacts", "Moved", "ClockChanged", "StatementSigned"}
PARTS = {"TreatmentCodes", "OutcomeCodes"}
WRITERS = {"append", "NewEntry", "record", "move", "write", "write_event"}
KINDS_OF = {action: {row.kind for row in TRANSITIONS if row.action == action} for action in Action}


def test_every_type_is_that_of_a_kind() -> None:
    assert len(TYPES) > 90
    assert set(TYPES) - {name_of(kind) for kind in Kind} == SHARED | PARTS


def test_what_is_read_in_lines_of_several_kinds_is_written() -> None:
    types = [get_type_hints(type_of(kind)) for kind in Kind] + [get_type_hints(Moved)]
    for name, shape in get_type_hints(SharedFacts).items():
        assert shape is Any or any(keys.get(name) == shape for keys in types), name


def kinds_in(call: ast.Call) -> set[Kind]:
    """The kinds of line that a call may write: those that it names, or those of its action."""
    words = [word.value for word in call.keywords if word.arg in ("kind", "action")]
    kinds: set[Kind] = set()
    for node in (part for value in (*call.args[:3], *words) for part in ast.walk(value)):
        match node:
            case ast.Attribute(value=ast.Name(id="Kind"), attr=name) if name in Kind.__members__:
                kinds.add(Kind[name])
            case ast.Attribute(value=ast.Name(id="Action"), attr=name) if name in Action.__members__:
                kinds |= KINDS_OF[Action[name]]
    return kinds


@cache
def written(path: Path) -> list[tuple[int, set[Kind], str]]:
    """Every call that writes a line with facts: its place in the module, the kinds, and the type of the facts by name."""
    return list(_written(ast.parse(path.read_text())))


def _written(tree: ast.Module) -> Iterator[tuple[int, set[Kind], str]]:
    functions = functions_of(tree)
    returned = {function.name: ast.unparse(function.returns) for function in functions if function.returns}
    for function in functions:
        known = known_in(function, returned)
        for node in ast.walk(function):
            match node:
                case ast.Call(func=ast.Name(id="record"), args=[_, _, facts]):
                    yield node.lineno, kinds_in(node), type_named(facts, known)
                case ast.Call(func=ast.Name(id=name), keywords=words) if name in WRITERS:
                    for word in words:
                        if word.arg == "facts":
                            yield node.lineno, kinds_in(node), type_named(word.value, known)


def wrong_types(path: Path) -> Iterator[str]:
    for line, kinds, name in written(path):
        if any(TYPES.get(name.removesuffix(" | None")) is not type_of(kind) for kind in kinds):
            yield f"{path.relative_to(ROOT)}:{line} {', '.join(sorted(kinds))}: {name}"


def test_every_writer_has_the_type_of_its_kind() -> None:
    assert [wrong for path in _own_python() for wrong in wrong_types(path)] == []
    assert len([kinds for path in _own_python() for _, kinds, _ in written(path) if kinds]) > 120


def test_a_writer_with_the_type_of_another_kind_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "a.py").write_text(
        "def act():\n"
        "    facts = ReviewDone(review=1)\n"
        "    move(case, Action.CLOSE, by=by, at=at, facts=facts)\n"
        "    append(Kind.NOTICE_SENT, by=by, at=at, facts=NoticeFailed())\n"
        "    append(Kind.REFERRAL_REOPENED, by=by, at=at, facts=note.bound)\n"
        "    record(clock, Kind.CLOCK_STARTED, facts, by=by, at=at)\n"
    )
    assert len(list(wrong_types(tmp_path / "a.py"))) == 3


@pytest.mark.parametrize(
    ("kind", "function"),
    [*line_details.DETAILS.items(), *audit_words.DETAILS.items()],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_every_reader_has_the_type_of_its_kind(kind: Kind, function: Any) -> None:
    read, shape = get_type_hints(function)["facts"], type_of(kind)
    assert read is not Facts
    assert get_type_hints(read).items() <= get_type_hints(shape).items()
    assert read.__required_keys__ <= shape.__required_keys__


def test_a_fault_of_a_line_is_found() -> None:
    facts = {"review": "1", "agreed": True, "bound": {}, "to": "closed"}
    assert list(faults(Kind.REVIEW_DONE, facts)) == ["review_done.review is '1'"]
    assert list(faults(Kind.LETTER_READ, {"letter": "advice", "to": "closed"})) == [
        "letter_read has no version"
    ]
    assert list(faults(Kind.SEAL_MADE, {"seal": 1})) == ["seal_made.seal is not in its type"]
