"""A referral is sent: stored, assessed, its clocks started, once."""

from datetime import timedelta

import pytest

from kernel.refusals import OutOfTurn
from ledger.read import of_case
from referrals.case.models import Episode, Referral
from referrals.intake.validation import parse
from referrals.usecases.submit_referral import submit_referral
from tests.builders import NAMED, NOON, act_by, actor, again, body, clock, running, submitted
from triage.assess import latest

pytestmark = pytest.mark.usefixtures("scene")


def test_an_emergency_starts_its_clocks_from_the_suspicion_and_pages_from_the_sending() -> None:
    case = submitted("weakness")
    assert (case.stream, case.status, case.provisional) == ("emergency", "submitted", False)
    assert running(case) == {"acknowledge", "voice_contact", "mri"}
    assert clock(case, "mri").due_at == NOON - timedelta(minutes=30) + timedelta(hours=24)
    assert clock(case, "acknowledge").due_at == NOON + timedelta(minutes=15)
    assert clock(case, "mri").formal
    assert not clock(case, "acknowledge").formal


def test_pain_alone_starts_advice_scan_and_plan_from_the_suspicion() -> None:
    case = submitted("pain_only")
    assert case.stream == "one_week"
    assert running(case) == {"acknowledge", "coordinator_advice", "mri", "treatment_plan"}
    assert clock(case, "mri").limit_hours == 168


@pytest.mark.parametrize(
    ("presentation", "stream", "hours"),
    [
        ("cancer_suspected", "urgent_oncology", 4),
        ("back_pain", "safety_net", 24),
        ("no_cancer", "outside_pathway", 24),
        ("neurology_done", "insufficient_information", 1),
    ],
)
def test_no_referral_goes_unseen(presentation: str, stream: str, hours: float) -> None:
    case = submitted(presentation)
    assert case.stream == stream
    assert clock(case, "acknowledge").limit_hours == hours


def test_a_worried_referrer_is_paged_as_an_emergency_and_the_stream_stands_unchanged() -> None:
    case = submitted("pain_only", referrer_concern="emergency")
    assert case.stream == "one_week"
    assert clock(case, "acknowledge").limit_hours == 0.25
    assert "voice_contact" in running(case)


def test_impending_compression_is_acknowledged_like_an_emergency() -> None:
    case = submitted("impending")
    assert case.stream == "one_week"
    assert clock(case, "acknowledge").limit_hours == 0.25
    assert clock(case, "acknowledge").ladder[-1]["duty"] == "manager"


def test_what_was_begun_before_starts_its_clocks() -> None:
    given_at = (NOON - timedelta(hours=3)).isoformat()
    case = submitted(
        "weakness",
        clinical__immobilised_since=(NOON - timedelta(hours=2)).isoformat(),
        clinical__dexamethasone={"dose_mg": 16, "route": "oral", "given_at": given_at},
    )
    assert clock(case, "stability_advice").due_at == NOON + timedelta(hours=22)
    assert clock(case, "steroid_review").due_at == NOON + timedelta(hours=21)
    assert case.presentation["dexamethasone_given"] == "yes"
    codes = {advice["code"] for advice in latest(case.pk).result["advice"]}
    assert "continue_dexamethasone_16mg_daily" in codes
    assert "offer_dexamethasone_16mg" not in codes


def test_the_same_key_and_content_give_the_same_referral() -> None:
    sent = body("weakness")
    first, new = submit_referral(parse(sent, at=NOON), act=act_by("gp", NOON), source="web", key="k")
    second, again_new = submit_referral(parse(sent, at=NOON), act=act_by("gp", NOON), source="web", key="k")
    assert (first.pk, new, again_new) == (second.pk, True, False)
    assert Referral.objects.count() == 1


def test_the_same_key_with_other_content_is_refused() -> None:
    for sent, expected in ((body("weakness"), None), (body("pain_only"), OutOfTurn)):
        intake = parse(sent, at=NOON)
        arguments = {"act": act_by("gp", NOON), "source": "web", "key": "k"}
        if expected is None:
            submit_referral(intake, **arguments)
        else:
            with pytest.raises(expected, match="other content"):
                submit_referral(intake, **arguments)


def test_a_key_is_free_again_after_seven_days() -> None:
    sent = body("weakness")
    submit_referral(parse(sent, at=NOON), act=act_by("gp", NOON), source="web", key="k")
    later = NOON + timedelta(days=7, seconds=1)
    _, new = submit_referral(parse(sent, at=later), act=act_by("gp", later), source="web", key="k")
    assert new


def test_a_second_referral_for_the_same_person_is_kept_and_linked() -> None:
    first = submitted("weakness", patient__nhs_number="9990000034", **NAMED)
    second = submitted("pain_only", patient__nhs_number="9990000034", **NAMED)
    assert first.episode_id == second.episode_id
    assert Referral.objects.count() == 2
    assert Episode.objects.count() == 1


def test_people_without_a_number_are_never_joined() -> None:
    reason = {"patient__nhs_number": None, "patient__nhs_number_unknown_reason": "Visitor from abroad"}
    assert submitted(**reason).episode_id != submitted(**reason).episode_id


def test_everything_stands_in_the_ledger_and_no_identity_does() -> None:
    case = submitted("weakness")
    lines = list(of_case(case.pk))
    kinds = [line.kind for line in lines]
    assert kinds[:2] == ["referral_submitted", "referral_assessed"]
    assert kinds.count("clock_started") == 4  # three promises and the total pathway, which is measured
    written = str([line.facts for line in lines])
    assert case.patient.nhs_number not in written
    assert case.patient.family_name not in written


def test_history_carries_the_instant_the_person_and_the_ledger_number() -> None:
    case = submitted("weakness")
    record = again(case).history.latest()
    assert record.history_date == NOON
    assert record.history_user_id == actor("gp").user_id
    assert record.history_change_reason.startswith("ledger ")
    assert case.patient.history.get().history_date == NOON
