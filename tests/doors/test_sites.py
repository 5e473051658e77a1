"""The table of sites, and what booking and sending a patient make of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from kernel.refusals import OutOfTurn
from kernel.time import LONDON, london_date, now
from referrals.case.models import Disposition, Event, ProtectedSlot, Referral, Site
from referrals.case.sites import choices, why_not_then
from referrals.usecases.record_slot import record_slot
from tests.builders import NOON, actor, scan, set_the_scene, triaged
from tests.doors.forms import every_view, prefilled, signed_in

pytestmark = pytest.mark.django_db
TYPED = {
    "organisation": "RXX01",
    "has_mri": "yes",
    "mri_from": "08:00",
    "mri_to": "18:00",
    "protected_slots": "1",
    "receiving_unit": "Acute oncology unit",
    "telephone": "01632 960120",
}


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())


def act(case: Referral, name: str, by: str = "coordinator", **typed: str) -> Any:
    return signed_in(by).post(reverse("act", args=[case.reference, name]), typed)


def when(name: str, at: datetime) -> dict[str, str]:
    wall = at.astimezone(LONDON)
    return {
        f"{name}.day": str(wall.day),
        f"{name}.month": str(wall.month),
        f"{name}.year": str(wall.year),
        f"{name}.time": f"{wall:%H:%M}",
    }


class TestTable:
    def test_the_administrator_keeps_a_site(self) -> None:
        assert signed_in("admin").post(reverse("sites"), TYPED).status_code == 302
        site = Site.objects.get(pk="RXX01")
        assert (site.protected_slots, site.mri_weekends) == (1, False)
        assert "MRI 08:00 to 18:00, weekdays; 1 of 1 protected slots left today" in choices(at=now())["RXX01"]
        assert signed_in("coordinator").get(reverse("sites")).status_code == 403

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"organisation": "ZZZ"}, "Choose an organisation"),
            ({"mri_from": "8 o'clock"}, "24-hour time"),
            ({"mri_to": ""}, "Enter both times"),
            ({"mri_to": "07:00"}, "ends before it begins"),
            ({"protected_slots": "9" * 5000}, "from 0 to 50"),
            ({"telephone": "x" * 61}, "60 characters"),
            ({"mri_from": "08:00+01:00", "mri_to": "07:00"}, "ends before it begins"),
        ],
    )
    def test_what_makes_no_sense_is_named(self, changes: dict[str, str], says: str) -> None:
        answer = signed_in("admin").post(reverse("sites"), {**TYPED, **changes})
        assert answer.status_code == 422
        assert says in answer.content.decode()

    def test_hours_are_london_hours(self) -> None:
        signed_in("admin").post(reverse("sites"), TYPED)
        site = Site.objects.get(pk="RXX01")
        friday = NOON  # 20 November 2026
        assert not why_not_then(site, friday)
        assert "weekdays" in why_not_then(site, friday + timedelta(days=1))
        assert why_not_then(site, friday.replace(hour=19))
        summer = datetime.fromisoformat("2026-06-19T07:30:00+00:00")  # 08:30 BST
        assert not why_not_then(site, summer)


class TestBooking:
    def test_a_scan_away_from_the_patient_needs_a_reason(self) -> None:
        case = triaged("weakness", at=now(), location__organisation_ods="RXX01")
        booking = {
            "site": "RYY02",
            **when("booked_for", now() + timedelta(hours=3)),
            **when("occurred_at", now()),
        }
        refused = act(case, "mri_booked", **booking)
        assert refused.status_code == 422
        assert "The patient is at Northmoor General Hospital, which has MRI" in refused.content.decode()
        assert act(case, "mri_booked", **booking, reason="The local scanner is broken").status_code == 302
        event = Event.objects.get(kind="mri_booked")
        assert event.data["site"] == "Southmoor District Hospital"
        assert case.notes.get(about="event").text == "The local scanner is broken"

    def test_the_appointment_begins_with_today_and_is_not_before_its_booking(self) -> None:
        case, at = triaged("weakness", at=now(), location__organisation_ods="RXX01"), now()
        page = signed_in("coordinator").get(reverse("act", args=[case.reference, "mri_booked"]))
        typed = prefilled(page.content.decode(), "mri_booked")
        today = london_date(at)
        assert [typed[f"booked_for.{part}"] for part in ("day", "month", "year", "time")] == [
            [str(today.day)],
            [str(today.month)],
            [str(today.year)],
            [""],
        ]
        booked = {"site": "RXX01", **when("occurred_at", at)}
        refused = act(case, "mri_booked", **booked, **when("booked_for", at - timedelta(minutes=5)))
        assert refused.status_code == 422
        assert "This is before it was booked" in refused.content.decode()
        assert not Event.objects.filter(kind="mri_booked").exists()

    def test_the_last_protected_slot_goes_to_one_case(self) -> None:
        signed_in("admin").post(reverse("sites"), TYPED)
        one, two = triaged("weakness", at=now()), triaged("weakness", at=now())
        assert act(one, "slot", site="RXX01").status_code == 302
        with pytest.raises(OutOfTurn, match="no protected slot left"):
            record_slot(two.reference, site="RXX01", by=actor("coordinator"), at=now())
        assert act(two, "slot", site="RXX01", refused_because="All used").status_code == 302
        assert list(ProtectedSlot.objects.order_by("id").values_list("refused_because", flat=True)) == [
            "",
            "All used",
        ]

    def test_sending_a_patient_fills_in_the_unit_that_receives_there(self) -> None:
        case = triaged("weakness", at=now())
        answer = act(
            case, "disposition", kind="attend", known_site="RYY02", position="flat", told_by="Sister Okoro"
        )
        assert answer.status_code == 302
        row = Disposition.objects.get()
        assert (row.site, row.unit) == ("Southmoor District Hospital", "Spinal unit, ward 7")


class TestCautions:
    def shown(self, case: Referral) -> str:
        return every_view(signed_in("coordinator"), case)

    def test_what_a_partial_scan_left_out_is_said_and_the_clock_runs(self) -> None:
        case = triaged("weakness", at=now() - timedelta(hours=1))
        act(
            case,
            "mri_performed",
            modality="mri",
            regions="lumbar",
            **when("occurred_at", now() - timedelta(minutes=5)),
        )
        assert "cervical, thoracic still missing, and the clock is running" in self.shown(case)

    def test_a_non_diagnostic_and_a_provisional_report_are_said(self) -> None:
        case = triaged("weakness", at=now() - timedelta(hours=1))
        scanned, reported = now() - timedelta(minutes=10), now() - timedelta(minutes=5)
        scan(case, at=scanned)
        act(case, "mri_reported", result="non_diagnostic", **when("occurred_at", reported))
        page = self.shown(case)
        assert "non-diagnostic: arrange another scan" in page
        assert "provisional: it rules nothing out" in page
        assert "cervical, thoracic, lumbar still missing, and the clock is running" in page

    def test_a_report_of_a_scan_that_nobody_recorded_is_asked_about(self) -> None:
        case = triaged("weakness", at=now() - timedelta(hours=1))
        reported = now() - timedelta(minutes=5)
        act(
            case,
            "mri_reported",
            result="no_malignant_disease",
            status="final",
            **when("occurred_at", reported),
        )
        page = self.shown(case)
        assert "A report does not say which regions it covers" in page
        assert "more than one scan is open" not in page
        assert "MSCC is ruled out" not in page
