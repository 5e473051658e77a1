"""Unusual looks at records: each rule finds what it says, and leaves ordinary work alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from governance.unusual import MANY, UnusualLine, unusual
from kernel.time import now
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from oncall.models import Shift
from referrals.case.access_log import record_view
from referrals.case.models import Referral
from referrals.usecases.restrict_record import restrict_record
from tests.builders import actor, set_the_scene, submitted
from tests.doors.forms import signed_in
from tests.scenery import undone

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY = NIGHT + timedelta(hours=9)
SINCE, UNTIL = NIGHT - timedelta(days=1), NIGHT + timedelta(days=2)


@pytest.fixture
def case(db: None) -> Referral:
    set_the_scene(at=now())
    return submitted("weakness", at=now(), patient__family_name="Quillfeather", patient__given_name="Ada")


def found() -> list[UnusualLine]:
    return list(unusual(since=SINCE, until=UNTIL, by=actor("lead")))


def rules() -> list[str]:
    return [line.rule for line in found()]


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


def test_a_referrer_of_an_organisation_that_has_nothing_to_do_with_it_unless_opened_with_a_reason(
    case: Referral,
) -> None:
    look(case, "ward")
    assert rules() == ["From outside the organisations of the case"]
    vars(case)["opening"] = 7
    look(case, "ward")
    assert found()[0].times == 1


def test_whoever_has_left(case: Referral) -> None:
    lead, gp = actor("lead"), User.objects.get(username="gp")
    gp.is_active = False
    keep(gp, line=append(Kind.USER_CHANGED, by=lead, at=DAY), by=lead, at=DAY)
    look(case, "gp", at=DAY - timedelta(minutes=1))
    assert rules() == []
    look(case, "gp", at=DAY + timedelta(minutes=1))
    assert rules() == ["After they left"]


def test_at_night_without_a_shift(case: Referral) -> None:
    Shift.objects.all().delete()
    look(case, "coordinator", at=DAY)
    look(case, "gp", at=NIGHT)
    assert rules() == []
    look(case, "coordinator", at=NIGHT)
    assert rules() == ["At night without a shift"]
    holder = User.objects.get(username="coordinator")
    Shift.objects.create(duty="coordinator", holder=holder, starts_at=NIGHT - timedelta(hours=1), ends_at=DAY)
    assert rules() == []


def test_no_rule_is_named_on_a_record_that_is_closed_to_the_reader(case: Referral) -> None:
    User.objects.filter(username="gp").update(name="Dr Ada Quillfeather")
    look(case, "gp")
    restrict_record(case.reference, text="A colleague", by=actor("coordinator"), at=now())
    assert [(line.rule, line.times) for line in found()] == [("A restricted record", 1)]
    in_charge = unusual(since=SINCE, until=UNTIL, by=actor("coordinator"))
    assert sorted(line.rule for line in in_charge) == ["The same surname", "Their own name"]
    look(case, "coordinator")
    assert found()[0].times == 1, "ordinary work on it is in no report"


def test_many_different_records_within_an_hour(case: Referral) -> None:
    by, second = actor("coordinator"), timedelta(seconds=1)

    def look_at(numbers: range, *, every: timedelta) -> None:
        for number in numbers:
            append(Kind.CASE_VIEWED, by=by, at=DAY + number * every, case=number + 1)

    with undone():
        look_at(range(MANY + 1), every=100 * second)
        assert rules() == [], "in more than an hour"
    with undone():
        look_at(range(MANY), every=second)
        assert rules() == [], "as many as the threshold"
    look_at(range(MANY + 1), every=second)
    assert [(line.rule, line.times) for line in found()] == [("Many records in an hour", MANY + 1)]


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
