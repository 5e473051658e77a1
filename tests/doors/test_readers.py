"""Who has looked at a record: everybody, with their organisation, and no patient on the page."""

import pytest
from django.urls import reverse

from governance.readers import readers_of
from kernel.time import now
from ledger.read import Search, entries
from tests.builders import set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.doors.machines import Machine
from tests.doors.markup import read

pytestmark = pytest.mark.django_db


def test_the_lead_sees_everybody_who_opened_it_or_saw_it_on_a_list() -> None:
    set_the_scene(at=now())
    case, other = submitted("weakness", at=now(), location__organisation_ods="RXX01"), submitted(at=now())
    coordinator, lead = signed_in("coordinator"), signed_in("lead")
    for name in ("case", "case_scans"):
        coordinator.get(reverse(name, args=[case.reference]))
    coordinator.get(reverse("worklist"))
    signed_in("ward").get(reverse("referral_print", args=[case.reference]))
    Machine().get(f"referrals/{case.reference}/")
    signed_in("gp").get(reverse("referral", args=[other.reference]))
    asked = lead.get(reverse("choose_readers"), {"case": case.reference.lower()}, follow=True)
    assert "Why you open" in asked.content.decode()
    assert lead.post(asked.redirect_chain[-1][0], {"purpose": "idle"}).status_code == 422
    answer = lead.post(asked.redirect_chain[-1][0], {"purpose": "complaint"}, follow=True)
    page = answer.content.decode()
    rows = {
        row.all("th")[0].words: [cell.words for cell in row.all("td")][:3]
        for row in read(page).one("tbody").all("tr")
    }
    assert rows == {
        "Sister Grace Okoro MSCC coordinator, Northmoor General Hospital": ["2", "1", "scans"],
        "Dr Tom Ellery referring clinician, Northmoor General Hospital": ["1", "0", "print"],
        "Demo hospital system hospital system, Northmoor General Hospital": ["1", "0", ""],
    }
    assert case.patient.family_name.upper() not in page.upper()
    newest = entries(Search(), limit=1)[0]
    assert (str(newest.kind), newest.case) == ("audit_viewed", case.pk)
    assert newest.facts["purpose"] == "complaint"
    assert lead.get(reverse("readers", args=[case.reference])).status_code == 200, "asked once a session"


def test_looks_at_lists_without_the_case_take_the_place_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    set_the_scene(at=now())
    case, other = submitted("weakness", at=now(), by="ward"), submitted(at=now())
    monkeypatch.setattr("governance.readers.MOST", 2)
    for person in ("ward", "gp", "gp"):
        signed_in(person).get(reverse("referrals"))
    assert [reader.lists for reader in readers_of(case)] == [1]
    assert [reader.lists for reader in readers_of(other)] == [2]


def test_a_mistyped_reference_is_named_as_such() -> None:
    set_the_scene(at=now())
    assert signed_in("lead").get(reverse("choose_readers"), {"case": "MSCC-QWKQK-3"}).status_code == 422


def test_the_audit_trail_can_be_filtered_by_a_hospital_system() -> None:
    set_the_scene(at=now())
    case = submitted("weakness", at=now(), by="ward")
    Machine().get(f"referrals/{case.reference}/")
    lead = signed_in("lead")
    page = read(lead.get(reverse("audit")).content.decode())
    options = {
        option.words: option.get("value") for option in page.one("select", name="person").all("option")
    }
    chosen = {"person": options["Demo hospital system (hospital system)"], "show": "all"}
    rows = lead.get(reverse("audit"), chosen).content.decode()
    assert case.reference in rows


def test_the_audit_trail_leads_there() -> None:
    set_the_scene(at=now())
    assert reverse("choose_readers") in signed_in("lead").get(reverse("audit")).content.decode()
