"""A referrer's list: one patient among many is found by name, number or reference, and no name is in an address."""

import pytest
from django.test import Client
from django.urls import reverse

from kernel.time import now
from referrals.case.models import Referral
from tests.builders import set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.doors.markup import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> tuple[Referral, Referral]:
    set_the_scene(at=now())
    wanted = submitted("weakness", at=now(), patient__family_name="Zebedee", patient__given_name="Una")
    other = submitted("pain_only", at=now(), patient__family_name="Yarrow", patient__given_name="Tom")
    return wanted, other


def found(gp: Client, text: str) -> tuple[str, str]:
    """The address and the words of the page that a search leads to."""
    answer = gp.post(reverse("referrals"), {"search": text}, follow=True)
    return answer.redirect_chain[-1][0], read(answer.content.decode()).one("main").words


def test_a_patient_is_found_by_name_by_number_and_by_reference(two: tuple[Referral, Referral]) -> None:
    wanted, other = two
    gp = signed_in("gp")
    for text in ("zebedee", wanted.patient.nhs_number, wanted.reference.lower()):
        address, page = found(gp, text)
        assert wanted.reference in page, text
        assert other.reference not in page
        assert "zebedee" not in address
        assert wanted.patient.nhs_number not in address


def test_a_search_without_a_match_says_what_to_try(two: tuple[Referral, Referral]) -> None:
    _, page = found(signed_in("gp"), "nobody")
    assert "None of these referrals match." in page
    assert "try the family name alone, the NHS number or the reference" in page


def test_nobody_of_another_organisation_is_found(two: tuple[Referral, Referral]) -> None:
    _, page = found(signed_in("ward"), two[0].reference)
    assert "None of these referrals match." in page


def test_a_search_of_another_session_shows_nobody_as_a_match(two: tuple[Referral, Referral]) -> None:
    address, _ = found(signed_in("gp"), "zebedee")
    page = read(signed_in("gp").get(address).content.decode()).one("main").words
    assert "Showing matches" not in page
    assert two[1].reference in page  # the open referrals, as without a search
