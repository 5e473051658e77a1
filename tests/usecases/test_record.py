"""The record is completed while the clock runs, by either side, each value dated and attributed."""

from datetime import timedelta

import pytest

from kernel.refusals import Invalid, OutOfTurn
from kernel.time import rfc3339
from ledger.read import of_case
from referrals.case.models import Detail, Obligation, Referral
from referrals.case.record import details_of, record_values
from referrals.intake.record_fields import COMPLETED_LATER, GROUPS
from referrals.usecases.read_news import read_news
from referrals.usecases.record_details import record_details
from referrals.web.inputs import field_of
from tests.builders import NOON, acknowledged, act_by, actor, again, clock, running, submitted, triaged
from webkit.forms import Form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
LATER = NOON + timedelta(minutes=20)


def record(case: Referral, by: str = "gp", **answers: object) -> tuple[str, ...]:
    sent = {path.replace("__", "."): value for path, value in answers.items()}
    _, changed = record_details(case.reference, sent, act=act_by(by, LATER))
    return changed


def test_what_the_referrer_adds_is_kept_with_name_and_time_and_is_news_to_the_coordinator() -> None:
    case = acknowledged("weakness")
    assert again(case).news_since is None
    assert record(case, record__sensory_level="T10 on both sides") == ("record.sensory_level",)
    detail = Detail.objects.get()
    assert (detail.value, detail.by_name, detail.at) == ("T10 on both sides", "Dr Priya Anand", LATER)
    assert again(case).news_since == LATER
    line = next(entry for entry in of_case(case.pk) if entry.kind == "details_recorded")
    assert line.facts["fields"] == ["record.sensory_level"]
    assert "T10" not in str(line.facts)


def test_saying_the_same_again_changes_nothing() -> None:
    case = acknowledged("weakness")
    record(case, record__stage="IV")
    version = again(case).version
    assert record(case, record__stage="IV", record__clonus="not_assessed", record__histology="") == ()
    assert again(case).version == version


def test_the_newest_value_holds_and_earlier_ones_stay() -> None:
    case = acknowledged("weakness")
    record(case, record__power_l3_left="4")
    record(case, by="coordinator", record__power_l3_left="2")
    rows = details_of(again(case))["record.power_l3_left"]
    assert [(row.value, row.by_role) for row in rows] == [("2", "coordinator"), ("4", "referrer")]
    assert record_values(again(case), details_of(case))["record.power_l3_left"] == "2"


def test_a_value_can_be_taken_back() -> None:
    case = acknowledged("weakness")
    record(case, record__weight_kg=70)
    assert record(case, record__weight_kg=None) == ("record.weight_kg",)
    assert record_values(again(case), details_of(case))["record.weight_kg"] is None


def test_the_referrals_own_fields_are_completed_and_no_longer_asked_for() -> None:
    case = acknowledged("weakness")
    assert "clinical.walking_now" in case.incomplete
    record(case, clinical__walking_now="with_aid", patient__postcode="LS1 4AP")
    case = again(case)
    assert case.clinical["walking_now"] == "with_aid"
    assert case.patient.postcode == "LS1 4AP"
    assert "clinical.walking_now" not in case.incomplete


def test_every_problem_is_named_at_once_and_nothing_is_kept() -> None:
    case = acknowledged("weakness")
    with pytest.raises(Invalid) as refused:
        record(case, record__weight_kg=4000, record__plantars="sideways", record__shoe_size=9)
    assert set(refused.value.errors) == {"record.weight_kg", "record.plantars", "record.shoe_size"}
    assert not Detail.objects.exists()


def test_what_only_a_coordinator_judges_is_not_there_for_a_referrer() -> None:
    case = acknowledged("weakness")
    with pytest.raises(Invalid):
        record(case, record__exceptions=["declined"])
    assert record(case, by="coordinator", record__exceptions=["declined"]) == ("record.exceptions",)


def test_a_pain_plan_started_or_changed_asks_for_a_review_in_24_hours() -> None:
    case = triaged("weakness")
    record(case, by="coordinator", record__pain_plan="Oral morphine, titrated daily")
    review = Obligation.objects.get(kind="review")
    assert review.due_at == LATER + timedelta(hours=24)
    assert clock(case, "review").subject == review.pk
    record(case, by="coordinator", record__pain_plan="Morphine and a brace")
    assert Obligation.objects.filter(kind="review").count() == 2


def test_immobilisation_told_later_starts_the_clock_of_expert_advice_from_its_true_time() -> None:
    case = triaged("weakness")
    since = NOON - timedelta(hours=3)
    record(case, clinical__immobilised_since=rfc3339(since))
    advice = clock(case, "stability_advice")
    assert (advice.started_at, advice.due_at) == (since, since + timedelta(hours=24))


def test_no_clinical_clock_stops_for_what_is_added() -> None:
    case = triaged("weakness")
    before = running(case)
    record(case, record__stage="IV", clinical__walking_now="unaided")
    assert before <= running(case)


def test_news_stays_until_it_is_read_and_what_came_meanwhile_stays_news() -> None:
    case = acknowledged("weakness")
    record(case, record__stage="IV")
    seen = again(case).version
    record(case, record__histology="Adenocarcinoma")
    with pytest.raises(OutOfTurn):
        read_news(case.reference, by=actor("coordinator"), at=LATER, version=seen)
    assert again(case).news_since is not None
    read_news(case.reference, by=actor("coordinator"), at=LATER, version=again(case).version)
    assert again(case).news_since is None


def test_nought_is_a_value() -> None:
    case = acknowledged("weakness")
    assert record(case, clinical__performance_status=0, record__post_void_residual_ml=0)
    values = record_values(again(case), details_of(case))
    assert (values["clinical.performance_status"], values["record.post_void_residual_ml"]) == (0, 0)
    path = "record.post_void_residual_ml"
    assert Form(fields={path: field_of(path)}, initial={path: 0}).input(path).value == "0"


def test_a_page_that_was_opened_before_takes_nothing_back() -> None:
    case = acknowledged("weakness")
    record(case, by="coordinator", record__mri_pacemaker="yes", record__mri_device="Model 3")
    stale = {
        "record.mri_pacemaker": "not_assessed",
        "record.mri_device": None,
        "record.mri_claustrophobia": "not_assessed",
    }
    typed = {**stale, "record.mri_claustrophobia": "no"}
    _, changed = record_details(case.reference, typed, screen=stale, act=act_by("gp", LATER))
    assert changed == ("record.mri_claustrophobia",)
    assert record_values(again(case), details_of(case))["record.mri_pacemaker"] == "yes"


def test_a_field_that_both_have_changed_is_refused_with_a_name() -> None:
    case = acknowledged("weakness")
    record(case, by="coordinator", record__mri_pacemaker="yes")
    shown = {"record.mri_pacemaker": "not_assessed"}
    with pytest.raises(Invalid) as refused:
        record_details(case.reference, {"record.mri_pacemaker": "no"}, screen=shown, act=act_by("gp", LATER))
    assert "Sister Grace Okoro changed this meanwhile" in refused.value.errors["record.mri_pacemaker"][0]


def test_a_case_that_has_ended_is_no_longer_completed() -> None:
    case = submitted("no_cancer")
    Referral.objects.get(pk=case.pk)
    from referrals.usecases.withdraw_referral import withdraw_referral

    withdraw_referral(case.reference, text="Wrong button", by=actor("gp"), at=LATER)
    with pytest.raises(OutOfTurn):
        record(case, record__stage="IV")


def test_the_catalogue_holds_every_part_of_the_coordinators_record() -> None:
    """NG234 1.1.15, and the pain assessment of 1.6: each part is a group, and no field is in two."""
    paths = [spec.path for group in GROUPS for spec in group.fields]
    assert len(paths) == len(set(paths)) == len(COMPLETED_LATER)
    for part in (
        "power_l2_left",
        "sensory_level",
        "reflexes",
        "performance_status_now",
        "oncology_assessment",
        "stage",
        "individual_needs",
        "pain_plan",
        "pain_impact_sleep",
        "mri_pacemaker",
        "other_investigations",
    ):
        assert f"record.{part}" in COMPLETED_LATER
