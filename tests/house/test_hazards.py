"""The hazard log names controls that exist, and tests that exist: renaming one breaks this."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.ROOT)
TEXT = (ROOT / "docs" / "safety" / "hazards.yaml").read_text()
LOG: dict[str, Any] = yaml.safe_load(TEXT)
HAZARDS: list[dict[str, Any]] = LOG["hazards"]
FIELDS = {"id", "hazard", "causes", "effect", "before", "after", "controls", "left"}
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")
LIKELIHOODS = ("very low", "low", "medium", "high", "very high")

by_id = pytest.mark.parametrize("hazard", HAZARDS, ids=[hazard["id"] for hazard in HAZARDS])


@cache
def named_in(path: str) -> frozenset[str]:
    """The tests of a file as pytest names them: `test_x`, `TestY::test_z`."""
    names = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            names |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    if not re.fullmatch(r"tests/[\w/]+/test_\w+\.py", path) or not (ROOT / path).is_file():
        return False
    return name.split("[")[0] in named_in(path)


def test_the_twenty_hazards_are_all_there_once() -> None:
    assert [hazard["id"] for hazard in HAZARDS] == [f"H{number:02}" for number in range(1, len(HAZARDS) + 1)]
    assert len(HAZARDS) >= 20
    controls = [control["id"] for hazard in HAZARDS for control in hazard["controls"]]
    assert len(set(controls)) == len(controls)


@by_id
def test_a_hazard_says_what_happens_and_how_likely_it_is(hazard: dict[str, Any]) -> None:
    assert set(hazard) == FIELDS
    assert all(hazard[name] for name in FIELDS)
    for when in ("before", "after"):
        assert hazard[when]["severity"] in SEVERITIES
        assert hazard[when]["likelihood"] in LIKELIHOODS
    assert (
        hazard["after"]["severity"] == hazard["before"]["severity"]
    )  # a control makes harm rarer, not milder
    assert LIKELIHOODS.index(hazard["after"]["likelihood"]) <= LIKELIHOODS.index(
        hazard["before"]["likelihood"]
    )


@by_id
def test_every_control_has_its_place_and_its_test(hazard: dict[str, Any]) -> None:
    assert hazard["controls"]
    for number, control in enumerate(hazard["controls"], 1):
        assert set(control) == {"id", "does", "code", "tests"}
        assert control["id"] == f"{hazard['id']}-C{number}"
        assert control["does"]
        assert "\n" not in control["does"]
        assert not control["code"].startswith(("/", ".", "tests/"))
        assert (ROOT / control["code"]).exists(), control["code"]
        assert control["tests"]
        assert [test for test in control["tests"] if not is_there(test)] == []


def test_a_test_that_was_renamed_is_found_out() -> None:
    real = HAZARDS[0]["controls"][0]["tests"][0]
    assert is_there(real)
    assert is_there(f"{real}[an id]")
    assert not is_there(f"{real}_renamed")
    assert not is_there("tests/house/test_nowhere.py::test_nothing")
    assert not is_there("tests/house/test_hazards.py")


def test_no_path_of_one_machine_and_no_address_stand_in_it() -> None:
    assert not re.search(r"(?<![\w.])(/(home|work|tmp|root|Users|var|opt|mnt)\b|[A-Z]:\\|~/)|://", TEXT)
