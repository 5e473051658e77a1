"""What axe has judged once is judged again as soon as it looks otherwise."""

from typing import Any

import pytest
from django.urls import reverse

from tests.journeys.conftest import LOOK, OPTIONS
from tests.journeys.hands import Make
from tests.journeys.looks import judged

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHANGES = {
    "a pale word": "document.querySelector('h1').style.color = '#eee'",
    "a grey page": "document.body.style.background = '#777'",
    "a faint part": "document.querySelector('main').style.opacity = '0.3'",
    "a pale field": "document.querySelector('#username').style.color = '#ddd'",
}


def test_contrast_is_judged_once_for_each_look_and_again_when_that_changes(visitor: Make) -> None:
    somebody = visitor()
    somebody.go(reverse("sign_in"))
    somebody.is_accessible()
    for name, change in CHANGES.items():
        somebody.page.reload()
        somebody.page.fill("#username", "gp")
        somebody.is_accessible()
        somebody.page.evaluate(f"() => {{ {change} }}")
        everything, anew = somebody.page.evaluate(LOOK, OPTIONS), judged.faults(somebody.page, OPTIONS)
        assert places(everything), name
        assert places(anew) == places(everything), name


def places(faults: list[Any]) -> set[tuple[str, str]]:
    """The rules that are broken, each with the element."""
    return {(fault["id"], str(node["target"])) for fault in faults for node in fault["nodes"]}
