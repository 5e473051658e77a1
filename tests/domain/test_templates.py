"""The environment of the templates: what is quicker than Jinja's and NHS England's own writes the same."""

from typing import Any

import jinja2
import pytest
from jinja2 import PackageLoader
from markupsafe import Markup

from mscc.jinja import environment

NASTY = "<a href='x' title=\"y\">&"
VALUES: tuple[Any, ...] = (
    "plain",
    "",
    NASTY,
    Markup("<b>&amp;</b>"),
    Markup('say "this"'),
    True,
    False,
    None,
    0,
    7,
    2.5,
    [],
    ["a", NASTY],
    {"b": 1, "a": NASTY},
    jinja2.Undefined(name="nowhere"),
)
PLAIN: tuple[Any, ...] = (
    *VALUES,
    {},
    {"data-x": "1", "class": NASTY, "hidden": True},
    {NASTY: "1", Markup("data-y"): NASTY},
)
MACRO = '{% from "nhsuk/macros/attributes.jinja" import nhsukAttributes %}[{{ nhsukAttributes(given) }}]'


def written(made: jinja2.Environment, given: Any) -> str:
    return made.from_string(MACRO).render(given=given)


@pytest.fixture(scope="module")
def ours() -> jinja2.Environment:
    return environment(loader=jinja2.DictLoader({}), autoescape=True)


@pytest.fixture(scope="module")
def theirs() -> jinja2.Environment:
    return jinja2.Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        autoescape=True,
        undefined=jinja2.ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@pytest.mark.parametrize("given", PLAIN, ids=repr)
def test_attributes_are_written_as_nhs_england_writes_them(
    given: Any, ours: jinja2.Environment, theirs: jinja2.Environment
) -> None:
    assert written(ours, given) == written(theirs, given)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_so_is_an_attribute_with_options(
    value: Any, ours: jinja2.Environment, theirs: jinja2.Environment
) -> None:
    for options in (
        {},
        {"optional": True},
        {"optional": False},
        {"optional": "yes"},
        {"type": "array"},
        {"type": "array", "optional": True},
        {"type": "string"},
    ):
        given = {"first": "1", "data-x": {"value": value, **options}, "last": {"optional": True}}
        assert written(ours, given) == written(theirs, given), options


@pytest.mark.parametrize(
    "expression",
    [
        "given.here",
        "given.nowhere",
        "given.nowhere.deeper",
        "given.items",
        "given.none",
        "given.inner.here",
        "given.get('here')",
    ],
)
def test_what_a_macro_reads_of_its_parameters_is_what_jinja_reads(
    expression: str, ours: jinja2.Environment, theirs: jinja2.Environment
) -> None:
    given = {"here": 1, "items": [1], "none": None, "inner": {"here": NASTY}}
    words = f"{{{{ {expression} is defined }}}} {{{{ {expression} is callable }}}} {{{{ {expression} }}}}"
    read = [
        made.from_string(words).render(given=given).partition(" object at ")[0] for made in (ours, theirs)
    ]
    assert read[0] == read[1]
