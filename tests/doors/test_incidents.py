"""Incidents: everybody signed in reports one, the lead investigates it, and nobody else reads it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from governance.incidents import (
    Report,
    incident_at,
    investigate,
    page_what_waits,
    report_incident,
    uninvestigated,
)
from governance.models import Incident, IncidentStep
from governance.verification import verify_records
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.time import london_date, now
from ledger.kinds import Kind
from ledger.read import Search, entries
from oncall.models import Page, Shift
from referrals.case.timeline import timeline
from tests.builders import act_by, actor, submitted
from tests.doors.forms import signed_in
from tests.doors.markup import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
HOUR = timedelta(hours=1)
ADDRESS = "/governance/incidents/"
NEW = f"{ADDRESS}new/"


def report(person: str = "gp", *, at: datetime | None = None, **changes: Any) -> Incident:
    at = at or now()
    typed: dict[str, Any] = {
        "reference": "",
        "happened_at": at - timedelta(hours=3),
        "kind": "transport",
        "harm": "moderate",
        "text": "The ambulance came after five hours",
        "done_at_once": "",
    }
    return report_incident(Report(**typed | changes), act=act_by(person, at))


def form(**changes: str) -> dict[str, str]:
    typed = {
        "case": "",
        "happened_at_day": london_date(now()).isoformat(),
        "happened_at_time": "00:00",
        "kind": "delay",
        "harm": "none",
        "text": "The scan was booked for the next day",
        "done_at_once": "Rang the radiologist",
    }
    return typed | changes


def step(incident: Incident, person: str = "lead", **changes: Any) -> IncidentStep:
    typed = {"state": "investigated", "harm": "low", "text": "Rang the ward", "seen": 0} | changes
    return investigate(incident.pk, **typed, act=act_by(person, now()))


def errors(client: Client, **changes: str) -> str:
    answer = client.post(NEW, form(**changes))
    assert answer.status_code == 422
    assert not Incident.objects.exists()
    return read(answer.content.decode()).one(class_="nhsuk-error-summary").words


def test_a_report_from_the_case_page_is_with_the_lead_and_its_steps_are_read_by_the_reporter() -> None:
    case = submitted("weakness", at=now())
    coordinator, lead = signed_in("coordinator"), signed_in("lead")
    address = f"{NEW}?case={case.reference}"
    assert address in coordinator.get(f"/worklist/{case.reference}/").content.decode()
    assert (
        read(coordinator.get(address).content.decode()).one("input", name="case").get("value")
        == case.reference
    )
    answer = coordinator.post(NEW, form(case=case.reference.lower()), follow=True)
    assert "Nobody has looked into it yet" in answer.content.decode()
    incident = Incident.objects.get()
    assert (incident.referral, incident.by_name) == (case, User.objects.get(username="coordinator").name)
    assert "Incidents: 1 new" in lead.get("/governance/").content.decode()
    page = lead.get(f"{ADDRESS}{incident.pk}/").content.decode()
    sent = read(page).one("form", method="post", action="").fields() | {
        "text": "The slot of the night list was not known",
        "harm": "low",
        "state": "closed",
    }
    assert lead.post(f"{ADDRESS}{incident.pk}/", sent).status_code == 302
    words = read(coordinator.get(f"{ADDRESS}{incident.pk}/").content.decode()).one("main").words
    assert "The slot of the night list was not known" in words
    assert "Low: more observation or a small treatment. Reported as: None" in words
    assert uninvestigated() == 0
    assert "Incidents: " not in lead.get("/governance/").content.decode()


def test_only_the_lead_and_the_reporter_read_an_incident() -> None:
    incident = report("gp")
    for username, status in (("gp", 200), ("lead", 200), ("coordinator", 404), ("mdt", 404), ("admin", 404)):
        client = signed_in(username)
        assert client.get(f"{ADDRESS}{incident.pk}/").status_code == status, username
        assert (f"{incident.pk}: Ambulance" in client.get(ADDRESS).content.decode()) == (status == 200)
    assert Client().get(ADDRESS).status_code == 302


def test_what_is_open_is_never_cut_from_the_list_and_closed_ones_that_are_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("governance.incidents.MOST", 1)
    new, looked_into = report(kind="handling"), report(kind="delay")
    step(looked_into)
    lead = signed_in("lead")
    assert "The newest" not in lead.get(ADDRESS).content.decode()
    closed = [report(kind=kind) for kind in ("advice", "privacy")]
    for incident in closed:
        step(incident, state="closed")
    page = lead.get(ADDRESS).content.decode()
    for number in (new.pk, looked_into.pk, closed[1].pk):
        assert f"{ADDRESS}{number}/" in page
    assert f"{ADDRESS}{closed[0].pk}/" not in page
    assert "The newest 1 of 2" in page


def test_only_the_lead_investigates() -> None:
    incident = report("gp")
    with pytest.raises(Denied):
        step(incident, "gp")
    assert (
        signed_in("gp")
        .post(f"{ADDRESS}{incident.pk}/", {"text": "x", "state": "closed", "harm": "none"})
        .status_code
        == 403
    )
    assert not IncidentStep.objects.exists()
    with pytest.raises(NotFound):
        investigate(incident.pk + 1, state="closed", harm="low", text="x", seen=0, act=act_by("lead", now()))


def test_a_case_of_somebody_else_is_refused_like_one_that_does_not_exist() -> None:
    case = submitted("weakness", at=now())
    stranger = signed_in("ward")
    assert errors(stranger, case=case.reference) == errors(stranger, case="MSCC-00000-0")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": ""}, "Choose what went wrong"),
        ({"kind": "weather"}, "Choose what went wrong"),
        ({"harm": ""}, "Choose how much harm it did"),
        ({"harm": "some"}, "Choose how much harm it did"),
        ({"text": " \u200b"}, "Write what happened"),
        ({"text": "a\u202eb"}, "Remove the characters"),
        ({"done_at_once": "x" * 10_001}, "Shorten this"),
        ({"happened_at_day": ""}, "Enter a day and a time"),
        ({"happened_at_day": "2100-01-01"}, "This is in the future"),
    ],
)
def test_what_is_missing_or_wrong_is_named(changes: dict[str, str], sentence: str) -> None:
    assert sentence in errors(signed_in("gp"), **changes)


def test_the_page_names_every_problem_and_does_not_ask_again_for_what_was_typed() -> None:
    gp = signed_in("gp")
    assert "Enter when it happened" not in errors(gp, kind="", harm="")
    words = errors(gp, happened_at_day="", kind="", text="")
    for sentence in ("Enter a day and a time", "Choose what went wrong", "Write what happened"):
        assert sentence in words


def test_every_problem_of_a_report_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        report(reference="MSCC-00000-0", happened_at=None, kind="", harm="", text="")
    assert set(refusal.value.errors) == {"case", "happened_at", "kind", "harm", "text"}


def test_a_step_names_what_it_lacks() -> None:
    incident = report()
    with pytest.raises(Invalid) as refusal:
        step(incident, state="new", harm="", text=" ")
    assert set(refusal.value.errors) == {"state", "harm", "text"}


@pytest.mark.parametrize(
    ("harm", "pages"),
    [("none", 0), ("low", 0), ("moderate", 0), ("severe", 1), ("fatal", 1), ("not_known", 1)],
)
def test_the_lead_is_paged_about_severe_harm_and_about_harm_that_nobody_knows(harm: str, pages: int) -> None:
    incident = report(harm=harm)
    paged = Page.objects.filter(alarm=f"incident:incident {incident.pk}", recipient__username="lead")
    assert paged.filter(channel="email").count() == pages


def test_an_incident_that_nobody_was_on_duty_for_pages_whoever_comes_on_duty_once() -> None:
    at = now()
    Shift.objects.all().delete()
    unread, harmless, read_by_lead = report(harm="severe"), report(harm="low"), report(harm="fatal")
    step(read_by_lead)
    assert page_what_waits(at=at) == 1
    assert not Page.objects.exists(), "still nobody is on duty"
    lead = User.objects.get(username="lead")
    for hours in (0, 1):
        Shift.objects.create(
            duty="lead", holder=lead, starts_at=at + hours * HOUR, ends_at=at + (hours + 1) * HOUR
        )
        assert page_what_waits(at=at + hours * HOUR) == 1
    paged = Page.objects.filter(alarm__startswith="incident:", channel="email")
    assert [page.alarm for page in paged] == [f"incident:incident {unread.pk}"]
    assert harmless.pk != unread.pk


def test_a_double_press_is_one_incident_and_another_report_is_another() -> None:
    at = now()
    happened_at = at - timedelta(hours=3)
    first = report(at=at, happened_at=happened_at)
    assert report(at=at + timedelta(minutes=9), happened_at=happened_at) == first
    assert report(at=at + timedelta(minutes=11), happened_at=happened_at) != first
    assert report(at=at, happened_at=happened_at, kind="delay") != first
    assert report("ward", at=at, happened_at=happened_at) != first


@pytest.mark.parametrize(
    "changes", [{"harm": "severe"}, {"done_at_once": "Rang the ambulance service"}, {"hours_ago": 5}]
)
def test_a_report_that_says_more_than_the_one_before_is_not_taken_for_a_double_press(
    changes: dict[str, Any],
) -> None:
    at = now()
    happened_at = at - timedelta(hours=changes.get("hours_ago", 3))
    first = report(at=at, happened_at=at - timedelta(hours=3))
    again = report(
        at=at + timedelta(minutes=1),
        happened_at=happened_at,
        **{name: value for name, value in changes.items() if name != "hours_ago"},
    )
    assert again != first
    paged = Page.objects.filter(alarm=f"incident:incident {again.pk}").exists()
    assert paged == (again.harm == "severe")


def test_two_leads_do_not_write_over_each_other_and_a_step_opens_a_closed_incident() -> None:
    incident = report()
    step(incident, state="closed", seen=0)
    with pytest.raises(OutOfTurn):
        step(incident, seen=0)
    lead = signed_in("lead")
    late = {"text": "My words", "state": "closed", "harm": "low", "seen": "0"}
    answer = lead.post(f"{ADDRESS}{incident.pk}/", late)
    assert answer.status_code == 409
    assert "My words" in answer.content.decode()
    assert incident_at(incident.pk, by=actor("lead")).state == "closed"
    step(incident, seen=1)
    assert incident_at(incident.pk, by=actor("lead")).state == "investigated"


def test_it_is_in_the_ledger_and_bound_and_not_on_the_timeline_of_the_case() -> None:
    case = submitted("weakness", at=now())
    incident = report("coordinator", reference=case.reference, at=now())
    step(incident)
    for kind, words in (
        (Kind.INCIDENT_REPORTED, "Ambulance or transport"),
        (Kind.INCIDENT_INVESTIGATED, "Under investigation"),
    ):
        (line,) = entries(Search(kind=str(kind)), limit=2)
        assert incident.text not in str(line.facts)
        page = signed_in("lead").get("/governance/audit/", {"kind": str(kind)}).content.decode()
        assert words in page
    assert not [each for each in timeline(case) if "ncident" in str(each)]
    _, fault = verify_records()
    assert fault is None


def test_an_incident_with_codes_of_a_later_version_still_opens() -> None:
    at = now()
    written = {"at": at, "by": actor("gp").key, "by_name": "Dr Anand", "by_role": "pilot", "ledger_line": 1}
    later = Incident.objects.create(happened_at=at, kind="solar_flare", harm="odd_harm", text="x", **written)
    IncidentStep.objects.create(incident=later, state="sent_away", harm="other_harm", text="y", **written)
    lead = signed_in("lead")
    assert "solar flare" in lead.get(ADDRESS).content.decode()
    page = lead.get(f"{ADDRESS}{later.pk}/").content.decode()
    assert "sent away" in page
    assert "other harm" in page
