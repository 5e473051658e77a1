"""Controls of the hazard log that no other test holds: facts without a referral, tissue first, ring as well."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts import service as services
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import now
from oncall.models import Page
from referrals.case.models import UnmatchedFact
from referrals.evidence.facts import Fact
from referrals.usecases.keep_unmatched_fact import (
    dismiss_unmatched_fact,
    keep_unmatched_fact,
    link_unmatched_fact,
    page_about_unmatched,
)
from tests.builders import NOON, act_by, actor, again, clock, report, running, submitted, triaged
from tests.doors.forms import signed_in
from tests.guideline.answers import advice, ask, warnings
from triage.guideline.rule import Stream

pytestmark = pytest.mark.usefixtures("scene")
HOUR = timedelta(hours=1)
PERSON = {"family_name": "Marlowe", "given_name": "Ruth", "date_of_birth": "1950-05-06"}
WORSE = {"neurology": {"limb_weakness": "yes"}}
REPORT = {"result": "mscc", "verified": True}


def kept(kind: str, data: dict[str, Any], *, key: str = "k") -> UnmatchedFact:
    fact = Fact(kind=kind, occurred_at=NOON, data=data)
    row, _ = keep_unmatched_fact(PERSON, fact, key=key, by=actor("client"), at=NOON + HOUR)
    return row


class TestFactWithoutAReferral:
    @pytest.mark.parametrize(("kind", "data"), [("mri_reported", REPORT), ("neurology_changed", WORSE)])
    def test_compression_and_worse_neurology_page_the_lead_and_the_coordinator(
        self, kind: str, data: dict[str, Any]
    ) -> None:
        row = kept(kind, data)
        assert kept(kind, data).pk == row.pk  # sent again under the same key: one fact, one alarm
        pages = Page.objects.filter(alarm__startswith=f"unmatched:{row.pk},")
        assert sorted(page.duty for page in pages.filter(channel="email")) == ["coordinator", "lead"]
        assert all(page.written_at == NOON + HOUR for page in pages)
        page_about_unmatched(at=NOON + HOUR + timedelta(minutes=1))
        assert pages.filter(channel="email").count() == 2, "the same quarter of an hour"
        page_about_unmatched(at=NOON + HOUR + timedelta(minutes=16))
        assert pages.filter(channel="email").count() == 4, "again until somebody settles it"
        dismiss_unmatched_fact(row.pk, text="Rung the ward", by=actor("coordinator"), at=NOON + 2 * HOUR)
        page_about_unmatched(at=NOON + 3 * HOUR)
        assert pages.filter(channel="email").count() == 4

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("mri_reported", {**REPORT, "status": "withdrawn"}),
            ("mri_reported", {"result": "no_malignant_disease"}),
            ("neurology_changed", {"neurology": {"limb_weakness": "no"}}),
        ],
    )
    def test_what_is_taken_back_clean_or_better_wakes_nobody(self, kind: str, data: dict[str, Any]) -> None:
        kept(kind, data)
        assert not Page.objects.filter(alarm__startswith="unmatched:").exists()

    def test_what_is_not_urgent_waits_on_the_board_and_pages_nobody(self) -> None:
        kept("mri_performed", {"modality": "mri", "regions": ["thoracic"]})
        assert not Page.objects.filter(alarm__startswith="unmatched:").exists()
        board = signed_in("coordinator").get(reverse("worklist")).content.decode()
        assert "1 from hospital systems to look at" in board

    def test_linked_it_counts_on_the_case_from_its_true_time(self) -> None:
        row, case = kept("neurology_changed", WORSE), triaged("pain_only")
        act = act_by("coordinator", NOON + 2 * HOUR)
        link_unmatched_fact(row.pk, reference=case.reference, act=act)
        assert again(case).stream == "emergency"
        assert {"acknowledge", "voice_contact"} <= running(case)
        assert clock(case, "mri", limit=24).due_at == NOON + 24 * HOUR
        with pytest.raises(OutOfTurn, match="has settled this already"):
            link_unmatched_fact(row.pk, reference=case.reference, act=act)

    def test_what_is_urgent_stands_first_and_a_page_has_ten(self) -> None:
        for number in range(11):
            kept("admitted", {}, key=f"k{number}")
        row = kept("mri_reported", REPORT, key="last")
        coordinator = signed_in("coordinator")
        first = coordinator.get(reverse("unmatched")).content.decode()
        assert re.findall(r'id="fact-(\d+)"', first)[0] == str(row.pk)
        assert len(re.findall(r'id="fact-(\d+)"', first)) == 10
        second = coordinator.get(reverse("unmatched"), {"page": "2"}).content.decode()
        assert len(re.findall(r'id="fact-(\d+)"', second)) == 2

    def test_nobody_dismisses_it_without_a_reason(self) -> None:
        row = kept("mri_reported", REPORT)
        with pytest.raises(Invalid):
            dismiss_unmatched_fact(row.pk, text=" ", by=actor("coordinator"), at=NOON + 2 * HOUR)
        dismiss_unmatched_fact(
            row.pk, text="Sent twice by the RIS", by=actor("coordinator"), at=NOON + 2 * HOUR
        )
        row = UnmatchedFact.objects.get(pk=row.pk)
        assert (row.settled_by_name, row.settled_because) == ("Sister Grace Okoro", "Sent twice by the RIS")


@pytest.mark.parametrize("context", ["suspected", "none_known"])
def test_a_steroid_without_histology_is_discussed_first(context: str) -> None:
    found = {"imaging_finding": "mscc", "cancer_context": context}
    result = ask({"limb_weakness": "yes"}, **found)
    assert "offer_dexamethasone_16mg" in advice(result)
    assert "no_histology_discuss_before_dexamethasone" in warnings(result)
    known = ask({"limb_weakness": "yes"}, **{**found, "cancer_context": "current"})
    assert "no_histology_discuss_before_dexamethasone" not in warnings(known)


def test_a_steroid_is_held_while_a_cancer_of_the_blood_is_only_suspected() -> None:
    result = ask({"limb_weakness": "yes"}, haematological_malignancy="suspected", cancer_context="none_known")
    assert result.stream == Stream.EMERGENCY
    assert "hold_dexamethasone_discuss_haematology" in advice(result)
    assert "offer_dexamethasone_16mg" not in advice(result)


def test_a_fact_of_the_future_is_refused() -> None:
    case = triaged("weakness")
    with pytest.raises(Invalid) as refused:
        report(case, "admitted", at=NOON + HOUR, recorded_at=NOON)
    assert "in the future" in refused.value.errors["occurred_at"][0]


def test_whoever_has_sent_an_emergency_is_told_to_ring_as_well() -> None:
    case = submitted("weakness", at=now())
    page = signed_in("gp").get(reverse("referral", args=[case.reference])).content.decode()
    assert "Ring as well as sending this" in page
    assert services.current().telephone in page
