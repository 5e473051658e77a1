"""The page of the hand-over: what presses stands in sight, the rest is folded, and the paper says as of when."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from tests.builders import NOON, acknowledged, submitted
from tests.doors.forms import signed_in

pytestmark = pytest.mark.usefixtures("scene")


def page_at_noon() -> str:
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        return signed_in("coordinator").get(reverse("hand_over")).content.decode()


def test_emergencies_stand_in_sight_and_what_can_wait_is_folded() -> None:
    emergency = submitted("weakness", at=NOON)
    waiting = submitted("pain_only", at=NOON, patient__family_name="Waiting")
    page = page_at_noon()
    in_sight, _, folded = page.partition("No emergency and nothing overdue (1)")
    assert "Overdue, or an emergency (1)" in in_sight
    assert emergency.reference in in_sight
    assert waiting.reference in folded
    assert waiting.reference not in in_sight


def test_a_case_shows_what_is_next_and_folds_the_rest_of_its_promises() -> None:
    case = submitted("weakness", at=NOON)
    line = re.search(rf"{case.reference}</span>.*?</details>", page_at_noon(), re.DOTALL)
    assert line is not None
    in_sight, _, folded = line.group().partition("<summary>2 more</summary>")
    assert "Next: acknowledge: 10 minutes left" in in_sight
    assert "Get the MRI done" in folded


def test_what_is_overdue_stands_in_sight_whatever_its_stream() -> None:
    case = acknowledged("pain_only", at=NOON)
    with time_machine.travel(NOON + timedelta(days=8), tick=False):
        page = signed_in("coordinator").get(reverse("hand_over")).content.decode()
    assert "Overdue, or an emergency (1)" in page
    assert "nothing overdue (" not in page
    assert case.reference in page


def test_the_page_and_its_paper_say_as_of_when_and_that_names_stand_on_it() -> None:
    page = page_at_noon()
    assert "What is open at 12:05 GMT" in page
    assert "No case is open." in page
    assert 'data-sheet="Hand-over at 12:05 GMT. Contains names of patients: keep it with you"' in page
