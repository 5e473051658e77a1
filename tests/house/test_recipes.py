"""The recipes are true: every file that CONTRIBUTING, TESTING and the walk name exists, and defines what they say it does."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.ROOT)
DOCUMENTS = ("CONTRIBUTING.md", "TESTING.md", "docs/walk.md")
_CODE = re.compile(r"`([^`\n]+)`")
_PLACE = re.compile(r"(?P<path>[\w.-]+(?:/[\w.-]*)*)(?::(?P<symbol>\w+(?:\.\w+)*))?")
_FILES = (".md", ".py", ".toml", ".yml")
TEN = (
    "A finding",
    "A role",
    "A clock kind",
    "An event kind",
    "An act on a case",
    "A setting",
    "A ledger kind",
    "A channel",
    "A sentence of advice",
    "A screen",
)


def places(document: str) -> list[tuple[str, str]]:
    """The paths in backticks, each with the symbol behind its colon, which may be empty."""
    matches = [_PLACE.fullmatch(code) for code in _CODE.findall((ROOT / document).read_text())]
    return [
        (match["path"], match["symbol"] or "")
        for match in matches
        if match and ("/" in match["path"] or match["symbol"] or match["path"].endswith(_FILES))
    ]


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module defines at its top, and what its classes define, as `Class.name`."""
    tree = ast.parse(path.read_text())
    inside = [
        f"{node.name}.{name}" for node in tree.body if isinstance(node, ast.ClassDef) for name in _names(node)
    ]
    return frozenset([*_names(tree), *inside])


def _names(node: ast.Module | ast.ClassDef) -> list[str]:
    names: list[str] = []
    for statement in node.body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef):
            names.append(statement.name)
        elif isinstance(statement, ast.Assign):
            names += [
                part.id
                for target in statement.targets
                for part in ast.walk(target)
                if isinstance(part, ast.Name)
            ]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.append(statement.target.id)
    return names


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_exists_and_defines_its_symbol(document: str) -> None:
    wrong = [
        f"{path}:{symbol}" if symbol else path
        for path, symbol in places(document)
        if not (ROOT / path).exists() or (symbol and symbol not in names_in(ROOT / path))
    ]
    assert wrong == []


def test_each_recipe_names_its_files_and_a_test() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text().split("\n## Recipes\n")[1]
    recipes = dict(part.split("\n", 1) for part in text.split("\n### ")[1:])
    assert tuple(recipes) == TEN
    for title, recipe in recipes.items():
        paths = _CODE.findall(recipe)
        assert len(paths) > 3, title
        assert any(path.startswith("tests/") for path in paths), title


def test_a_name_that_is_gone_would_be_seen() -> None:
    named = places("CONTRIBUTING.md")
    assert len(named) > 80
    assert sum(bool(symbol) for _, symbol in named) > 50
    assert "visible_to" in names_in(ROOT / "referrals/case/queries.py")
    assert "Kind.CASE_VIEWED" in names_in(ROOT / "ledger/kinds.py")
    assert "sweep" not in names_in(ROOT / "ledger/kinds.py")
