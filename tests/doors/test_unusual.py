"""Unusual looks at records: each rule finds what it says, and leaves ordinary work alone."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from governance.unusual import MANY, UnusualLine, unusual
from kernel.time import now
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from oncall.models import Shift
from referrals.case.access_log import record_view
from referrals.case.models import Patient, Referral
from referrals.usecases.restrict_record import restrict_record
from tests.builders import actor, set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.scenery import undone

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY = NIGHT + timedelta(hours=9)
SINCE, UNTIL = NIGHT - timedelta(days=1), NIGHT + timedelta(days=2)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def case(db: None) -> Referral:
    set_the_scene(at=now())
    return submitted("weakness", at=now(), patient__family_name="Quillfeather", patient__given_name="Ada")


def found(*, since: datetime = SINCE, until: datetime = UNTIL) -> list[UnusualLine]:
    return list(unusual(since=since, until=until, by=actor("lead")))


def rules(**period: Any) -> list[str]:
    return [line.rule for line in found(**period)]


def look(case: Referral, username: str, *, at: datetime = DAY) -> None:
    record_view(case, by=actor(username), at=at)


def test_ordinary_work_is_in_no_report(case: Referral) -> None:
    for username in ("coordinator", "gp", "mdt"):
        look(case, username)
    assert rules() == []


def test_who_has_the_name_of_the_patient(case: Referral) -> None:
    for name, expected in (
        ("Dr Ada Quillfeather", ["Their own name", "The same surname"]),
        ("Dr Tom Quillfeather", ["The same surname"]),
        ("Dr Ada Quill", []),
    ):
        with undone():
            User.objects.filter(username="gp").update(name=name)
            look(case, "gp")
            assert sorted(rules()) == sorted(expected), name


def test_a_family_name_of_several_words_is_one_name_and_a_missing_one_is_nobodys(case: Referral) -> None:
    surname, own = "The same surname", "Their own name"
    for reader, given, family, expected in (
        ("Dr Tom Smith-Jones", "Ada", "Smith-Jones", [surname]),
        ("Dr Tom van der Berg", "Ada", "van der Berg", [surname]),
        ("Dr Tom van der Berg", "Ada", "Berg", [surname]),
        ("Dr Tom Jones", "Ada", "Smith-Jones", []),
        ("Dr Jones Tom", "Ada", "Jones", []),
        ("Dr Tom Jones", "", "Jones", [surname]),
        ("Dr Tom Jones", "Ada", "", []),
        ("Ada Jones", "Ada", "Jones", [own, surname]),
    ):
        with undone():
            User.objects.filter(username="gp").update(name=reader)
            Patient.objects.filter(pk=case.patient_id).update(given_name=given, family_name=family)
            look(case, "gp")
            look(case, "client")  # a hospital system has no name of a person
            assert sorted(rules()) == sorted(expected), (reader, family)


def test_a_referrer_of_an_organisation_that_has_nothing_to_do_with_it_unless_opened_with_a_reason(
    case: Referral,
) -> None:
    look(case, "ward")
    assert rules() == ["From outside the organisations of the case"]
    vars(case)["opening"] = 7
    look(case, "ward")
    assert found()[0].times == 1
    look(case, "coordinator")
    assert len(found()) == 1, "a coordinator is of another organisation, and sees every case"
    Organisation.objects.filter(pk="Y12345").update(succeeded_by=actor("ward").organisation)
    assert rules() == [], "the case is now that of the organisation into which the practice went"


def test_the_first_instant_of_a_period_counts_and_its_end_is_of_the_next(case: Referral) -> None:
    look(case, "ward")
    for since, until, count in (
        (DAY, DAY + SECOND, 1),
        (DAY - SECOND, DAY, 0),
        (DAY + SECOND, UNTIL, 0),
    ):
        assert len(rules(since=since, until=until)) == count, (since, until)


def test_the_latest_look_stands_first_and_each_line_says_when_it_was(case: Referral) -> None:
    User.objects.filter(username="gp").update(name="Dr Tom Quillfeather")
    for username, hours in (("ward", 0), ("gp", 1), ("gp", 3), ("ward", 2)):
        look(case, username, at=DAY + hours * HOUR)
    shown = [(line.rule, line.times, line.last[:5]) for line in found()]
    assert shown == [
        ("The same surname", 2, "14:00"),
        ("From outside the organisations of the case", 2, "13:00"),
    ]


def test_whoever_has_left(case: Referral) -> None:
    lead, gp = actor("lead"), User.objects.get(username="gp")
    gp.is_active = False
    keep(gp, line=append(Kind.USER_CHANGED, by=lead, at=DAY), by=lead, at=DAY)
    for at in (DAY - timedelta(minutes=1), DAY):
        look(case, "gp", at=at)
    assert rules() == []
    look(case, "gp", at=DAY + SECOND)
    assert rules() == ["After they left"]


def test_at_night_without_a_shift(case: Referral) -> None:
    Shift.objects.all().delete()
    look(case, "coordinator", at=DAY)
    look(case, "gp", at=NIGHT)
    assert rules() == []
    look(case, "coordinator", at=NIGHT)
    assert rules() == ["At night without a shift"]
    holder = User.objects.get(username="coordinator")
    for starts_at, ends_at, expected in (
        (NIGHT, DAY, []),
        (NIGHT - HOUR, NIGHT + SECOND, []),
        (NIGHT - HOUR, NIGHT, ["At night without a shift"]),
        (NIGHT + SECOND, DAY, ["At night without a shift"]),
    ):
        with undone():
            Shift.objects.create(duty="coordinator", holder=holder, starts_at=starts_at, ends_at=ends_at)
            assert rules() == expected, (starts_at, ends_at)


def test_a_night_is_from_ten_to_six_in_london_for_whoever_has_shifts_or_is_of_the_mdt(case: Referral) -> None:
    Shift.objects.all().delete()

    def at_night(username: str, at: datetime, **changes: Any) -> bool:
        with undone():
            record_view(case, by=replace(actor(username), **changes), at=at)
            return rules(since=at, until=at + SECOND) == ["At night without a shift"]

    evening, morning = datetime(2026, 11, 24, 22, tzinfo=UTC), datetime(2026, 11, 24, 6, tzinfo=UTC)
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    for at, expected in (
        (evening - SECOND, False),
        (evening, True),
        (morning - SECOND, True),
        (morning, False),
        (summer + 21 * HOUR, True),
        (summer + 5 * HOUR, False),
    ):
        assert at_night("coordinator", at) is expected, at
    assert at_night("mdt", NIGHT)
    for acting in ("covering_clinician", "other_designated"):
        assert at_night("coordinator", NIGHT, acting_role=acting), acting


def test_no_rule_is_named_on_a_record_that_is_closed_to_the_reader(case: Referral) -> None:
    User.objects.filter(username="gp").update(name="Dr Ada Quillfeather")
    look(case, "gp")
    restrict_record(case.reference, text="A colleague", by=actor("coordinator"), at=now())
    assert [(line.rule, line.times) for line in found()] == [("A restricted record", 1)]
    in_charge = unusual(since=SINCE, until=UNTIL, by=actor("coordinator"))
    assert sorted(line.rule for line in in_charge) == ["The same surname", "Their own name"]
    look(case, "coordinator")
    assert [line.times for line in found()] == [1], "ordinary work on it is in no report"


def test_many_different_records_within_an_hour(case: Referral) -> None:
    many = "Many records in an hour"

    def look_at(cases: Iterable[int], *, every: timedelta = SECOND, by: str = "coordinator") -> None:
        for number, looked_at in enumerate(cases):
            append(Kind.CASE_VIEWED, by=actor(by), at=DAY + number * every, case=looked_at)

    with undone():
        look_at(range(1, 42), every=90 * SECOND)
        assert [(line.rule, line.times) for line in found()] == [(many, 41)], "in an hour to the second"
    with undone():
        look_at(range(1, 42), every=90 * SECOND + timedelta(milliseconds=1))
        assert rules() == [], "in more than an hour"
    with undone():
        look_at([*range(1, 41), 1, 2])
        look_at(range(41, 81), by="mdt")
        assert rules() == [], "each person as many as the threshold, some of them again"
    look_at([1, *range(1, 42)], every=89 * SECOND)
    assert [(line.rule, line.times) for line in found()] == [(many, 41)], (
        "the first look is no longer of the hour, but its record was opened again"
    )


def test_the_page_says_the_rules_and_names_no_patient(case: Referral) -> None:
    record_view(case, by=actor("ward"), at=now())
    lead = signed_in("lead")
    page = lead.get(reverse("unusual")).content.decode()
    assert case.reference in page
    assert f"More than {MANY} different records" in page
    assert "QUILLFEATHER" not in page.upper()
    for wrong in ({"since": "2026-01-01", "until": "2026-11-01"}, {"since": "x"}):
        assert lead.get(reverse("unusual"), wrong).status_code == 422
    assert signed_in("coordinator").get(reverse("unusual")).status_code == 403
