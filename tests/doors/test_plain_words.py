"""Pages say what somebody meets in words of their own role, and say what to do when there is nothing to show."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import service as services
from kernel.time import now
from mscc.refusal_pages import unavailable
from tests.builders import acknowledged, set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.doors.markup import read
from triage.guideline.rows.table import ROWS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


def text_of(answer: Any) -> str:
    """A page as it reads, without its markup."""
    return read(answer.content.decode()).words


class TestNothingToShow:
    def test_a_search_without_a_match_says_where_it_looked_and_what_to_try(self) -> None:
        submitted("weakness", at=now())
        coordinator = signed_in("coordinator")
        page = text_of(coordinator.post(reverse("worklist"), {"search": "nobody"}, follow=True))
        assert (
            "No case matches, open or ended. Try the family name alone, the NHS number or the reference."
            in page
        )

    def test_an_empty_view_says_that_the_view_is_empty(self) -> None:
        submitted("weakness", at=now())
        assert "No case is in this view." in text_of(
            signed_in("coordinator").get(reverse("worklist") + "?show=mine")
        )


class TestWordsOfTheReadersRole:
    def test_a_coordinator_reads_that_they_speak_to_the_referrer(self) -> None:
        case = acknowledged("weakness", at=now())
        page = text_of(signed_in("coordinator").get(reverse("case_treatment", args=[case.reference])))
        assert "Speak to the referrer within 30 minutes" in page
        assert "speaks to you" not in page

    def test_a_decision_ready_to_be_taken_names_the_advice_that_is_given_first(self) -> None:
        case = acknowledged("weakness", at=now())
        page = text_of(signed_in("coordinator").get(reverse("case", args=[case.reference])))
        assert 0 < page.index("Advice given") < page.index("Advice not applicable")


class TestTheGuidelineRowByRow:
    def test_unsearched_it_is_folded_by_stage_and_every_row_is_there(self) -> None:
        page = Client().get(reverse("guideline")).content.decode()
        assert page.count('<details class="nhsuk-details" id="stage-') == len({row.stage for row in ROWS})
        assert all(f'<tr id="{row.id}">' in page for row in ROWS)

    def test_what_a_search_finds_stands_open(self) -> None:
        assert 'id="stage-' not in Client().get(reverse("guideline") + "?words=denosumab").content.decode()


def test_the_page_of_an_outage_fits_a_telephone_and_dials(rf: Any) -> None:
    services.current()
    page = unavailable(rf.get("/")).content.decode()
    assert 'name="viewport"' in page
    assert re.search(r'on <a href="tel:\+44\d+">01632 960999</a>\.', page)
