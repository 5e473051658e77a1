"""Acknowledging, completing, deciding, lowering, redirecting."""

from datetime import datetime, timedelta

import pytest

from accounts import service as services
from api.rest.representations import one_json
from demo.patients import NEUROLOGY
from kernel.refusals import Denied, Invalid, OutOfTurn
from oncall.sweep import sweep
from referrals.case.models import Referral, Review, TriageDecision
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.close_referral import close_referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.end_treatment_clocks import end_treatment_clocks
from referrals.usecases.extend_lease import extend_lease
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.log_contact import Call, log_contact
from referrals.usecases.redirect_referral import redirect_referral
from referrals.usecases.reopen_referral import reopen_referral
from referrals.usecases.review_decision import review_decision
from referrals.usecases.triage_referral import triage_referral
from referrals.usecases.withdraw_referral import withdraw_referral
from tests.builders import (
    NOON,
    WHOLE_SPINE,
    acknowledged,
    act_by,
    actor,
    again,
    clock,
    decision,
    report,
    running,
    scan,
    submitted,
    triaged,
)

pytestmark = pytest.mark.usefixtures("scene")
SOON = NOON + timedelta(minutes=10)


def decide(case, *, by="coordinator", at=SOON, seen=None, **changes):
    made = decision(again(case), **changes)
    return triage_referral(case.reference, made, act=act_by(by, at), version=seen)


def complete(case, answers, *, source="telephone", at=SOON):
    return complete_findings(case.reference, answers, source=source, act=act_by("coordinator", at))


def test_acknowledging_stops_the_pages_and_names_the_person_and_the_acting_role() -> None:
    case = submitted()
    acknowledge_referral(case.reference, act=act_by("registrar", SOON))
    case = again(case)
    assert (case.status, case.acknowledged_by, case.acknowledged_role) == (
        "acknowledged",
        "Dr Leo Fenwick",
        "covering_clinician",
    )
    assert clock(case, "acknowledge").stopped_because == "met"
    assert running(case) == {"voice_contact", "mri", "triage_decision"}


def test_who_acknowledges_second_is_told_who_was_first() -> None:
    case = acknowledged()
    with pytest.raises(OutOfTurn, match=r"Sister Grace Okoro acknowledged this case at 12:05 GMT"):
        acknowledge_referral(case.reference, act=act_by("registrar", SOON))


def test_a_referrer_cannot_acknowledge() -> None:
    case = submitted()
    with pytest.raises(Denied, match="Only a coordinator may acknowledge"):
        acknowledge_referral(case.reference, act=act_by("gp", SOON))


def test_taking_the_suggestion_also_acknowledges() -> None:
    case = triaged("pain_only")
    assert (case.status, case.stream) == ("in_progress", "one_week")
    assert case.acknowledged_by == "Sister Grace Okoro"
    assert running(case) == {"mri", "treatment_plan"}
    made = TriageDecision.objects.get()
    assert (made.suggested_stream, made.stream, made.override_code) == ("one_week", "one_week", "")


def test_streams_without_a_scan_of_ours_end_in_advice() -> None:
    assert triaged("cancer_suspected").status == "advice_given"
    assert triaged("no_cancer").status == "advice_given"


def test_an_override_needs_a_code_and_a_reason() -> None:
    case = acknowledged("pain_only")
    with pytest.raises(Invalid) as problem:
        decide(case, stream="emergency")
    assert set(problem.value.errors) == {"override_code", "override_text"}
    decide(
        case, stream="emergency", override_code="clinical_judgement_more_urgent", override_text="Looks ill"
    )
    case = again(case)
    assert case.stream == "emergency"
    assert clock(case, "mri", limit=24).stopped_at is None
    assert clock(case, "mri", limit=168).upgraded_at is not None
    assert TriageDecision.objects.get().note.text == "Looks ill"


def test_investigations_and_their_urgency_are_asked_for() -> None:
    case = acknowledged("weakness")
    with pytest.raises(Invalid) as problem:
        decide(case, investigations=(), urgency="")
    assert set(problem.value.errors) == {"investigations", "urgency"}


def test_advice_that_differs_from_the_guideline_says_why() -> None:
    case = acknowledged("weakness")
    advice = {**decision(case).advice, "dexamethasone": "declined"}
    with pytest.raises(Invalid) as problem:
        decide(case, advice=advice)
    assert set(problem.value.errors) == {"deviations.dexamethasone"}
    decide(case, advice=advice, deviations={"dexamethasone": "Had psychosis on it"})
    assert "Had psychosis on it" in TriageDecision.objects.get().note.text


def test_a_provisional_emergency_is_resolved_by_answers_and_lowered_by_a_person() -> None:
    case = acknowledged("not_examined")
    assert case.provisional
    case = complete(case, {"neurology": dict.fromkeys(NEUROLOGY, "no")})
    assert (case.suggested_stream, case.stream, case.provisional) == ("one_week", "emergency", False)
    case = decide(case)
    assert case.stream == "one_week"
    assert clock(case, "mri", limit=24).stopped_because == "reclassified"
    assert clock(case, "mri", limit=168).stopped_at is None
    assert clock(case, "coordinator_advice").stopped_because == "met"
    assert Review.objects.get().done_at is None


def test_a_provisional_emergency_with_a_yes_becomes_a_definite_one_on_the_same_clock() -> None:
    case = acknowledged("not_examined")
    began = clock(case, "mri").started_at
    case = complete(case, {"neurology": {"limb_weakness": "yes"}})
    assert (case.stream, case.provisional) == ("emergency", False)
    assert clock(case, "mri").started_at == began


def test_an_emergency_with_open_neurology_cannot_be_lowered() -> None:
    case = acknowledged("not_examined")
    with pytest.raises(OutOfTurn, match="Weakness of an arm or leg"):
        decide(
            case, stream="one_week", override_code="further_history", override_text="Fine on the telephone"
        )
    assert again(case).stream == "emergency"


def test_answers_need_their_source() -> None:
    case = acknowledged("not_examined")
    with pytest.raises(Invalid) as problem:
        complete(case, {"neurology": {"limb_weakness": "no"}}, source="")
    assert "source" in problem.value.errors


def test_completing_insufficient_information_raises_the_stream_and_starts_its_clocks() -> None:
    case = acknowledged("little_known")
    assert case.stream == "insufficient_information"
    case = complete(case, {"neurology": {"gait_disturbance": "yes"}})
    assert case.stream == "emergency"
    assert "mri" in running(case)


def test_answers_never_lower_by_themselves() -> None:
    case = acknowledged("weakness")
    case = complete(case, {"neurology": dict.fromkeys(NEUROLOGY, "no")}, source="examined_by_me")
    assert (case.suggested_stream, case.stream) == ("one_week", "emergency")
    assert clock(case, "mri", limit=24).stopped_at is None


def test_a_stream_that_a_person_lowered_rises_only_with_a_finding_that_decides_it() -> None:
    case = acknowledged("pain_only")
    case = decide(case, stream="safety_net", override_code="further_history", override_text="Years old")
    case = complete(case, {"active_infection": "yes"})
    assert (case.suggested_stream, case.stream) == ("one_week", "safety_net")
    assert "mri" not in running(case)
    case = complete(case, {"movement_pain": "severe"})
    assert (case.suggested_stream, case.stream) == ("one_week", "one_week")
    assert "mri" in running(case)


def test_a_plan_that_is_not_needed_is_not_asked_for_again_by_the_next_decision() -> None:
    case = triaged("pain_only")
    assert "treatment_plan" in running(case)
    scan(case, at=NOON + timedelta(hours=1))
    clean = {"result": "no_malignant_disease", "status": "final", "regions": WHOLE_SPINE}
    report(case, "mri_reported", at=NOON + timedelta(hours=2), **clean)
    end_treatment_clocks(case.reference, act=act_by("coordinator", NOON + timedelta(hours=3)))
    assert clock(case, "treatment_plan").stopped_because == "not_needed"
    decide(case, at=NOON + timedelta(hours=4))
    assert "treatment_plan" not in running(case)


def test_while_a_limit_of_nice_runs_an_end_needs_its_reason_unless_the_person_died() -> None:
    case = triaged("weakness")
    with pytest.raises(Invalid) as refusal:
        close_referral(case.reference, outcome="treated", by=actor("coordinator"), at=SOON)
    assert set(refusal.value.errors) == {"text"}
    assert close_referral(case.reference, outcome="died", by=actor("coordinator"), at=SOON).is_over


def test_nobody_reviews_their_own_decision() -> None:
    case = acknowledged("weakness")
    complete(case, {"neurology": dict.fromkeys(NEUROLOGY, "no")})
    decide(case)
    review = Review.objects.get()
    with pytest.raises(Denied, match="second clinician"):
        review_decision(case.reference, review.pk, agreed=True, text="", by=actor("coordinator"), at=SOON)
    with pytest.raises(Invalid, match="Write why"):
        review_decision(case.reference, review.pk, agreed=False, text="", by=actor("consultant"), at=SOON)
    review_decision(case.reference, review.pk, agreed=True, text="", by=actor("consultant"), at=SOON)
    assert Review.objects.get().done_by_name == "Dr Miriam Katz"
    with pytest.raises(OutOfTurn, match="has done this review already"):
        review_decision(case.reference, review.pk, agreed=True, text="", by=actor("registrar"), at=SOON)


def test_whoever_decides_on_an_old_page_is_told_and_nothing_is_overwritten() -> None:
    case = acknowledged("pain_only")
    seen = case.version
    decide(case, seen=seen)
    with pytest.raises(OutOfTurn, match="Somebody else has changed this case"):
        decide(case, by="registrar", stream="safety_net", override_code="other", override_text="x", seen=seen)
    assert TriageDecision.objects.count() == 1


def test_redirecting_ends_the_case_and_names_the_route() -> None:
    case = submitted("no_cancer")
    case = redirect_referral(
        case.reference, route="musculoskeletal", text="Long-standing", by=actor("coordinator"), at=SOON
    )
    assert (case.status, case.outcome) == ("closed", "redirected_musculoskeletal")
    assert running(case) == set()
    assert clock(case, "acknowledge").stopped_because == "met"
    assert case.episode.__class__.objects.get(pk=case.episode_id).closed_at == SOON


def test_redirecting_an_emergency_is_a_lowering() -> None:
    case = acknowledged("not_examined")
    with pytest.raises(OutOfTurn, match="six neurology findings"):
        redirect_referral(case.reference, route="gp", text="No", by=actor("coordinator"), at=SOON)
    case = submitted("first_cancer")
    redirect_referral(case.reference, route="neurology", text="Stroke", by=actor("coordinator"), at=SOON)
    assert Review.objects.filter(referral=case).count() == 1


def test_closing_over_a_running_nice_limit_needs_a_reason() -> None:
    case = triaged("weakness")
    with pytest.raises(Invalid, match="Write why"):
        close_referral(case.reference, outcome="supportive_care", by=actor("coordinator"), at=SOON)
    case = close_referral(
        case.reference, outcome="supportive_care", text="Declines the scan", by=actor("coordinator"), at=SOON
    )
    assert clock(case, "mri").stopped_because == "ended"


def test_a_case_opened_again_goes_on_as_if_it_had_not_ended() -> None:
    case = triaged("weakness")
    due = clock(case, "mri").due_at
    case = close_referral(
        case.reference, outcome="advice_only", text="By mistake", by=actor("coordinator"), at=SOON
    )
    case = reopen_referral(
        case.reference, text="Closed the wrong case", act=act_by("registrar", SOON + timedelta(hours=1))
    )
    assert case.status == "in_progress"
    assert clock(case, "mri").due_at == due
    assert clock(case, "mri").stopped_at is None
    assert clock(case, "acknowledge").stopped_because == "met"


def test_a_conversation_with_the_referrer_stops_the_clock_that_asks_for_one() -> None:
    case = acknowledged()
    call = {"direction": "outgoing", "channel": "telephone", "person": "Dr Anand", "with_referrer": True}
    log_contact(
        case.reference, Call(occurred_at=SOON, outcome="no_answer", **call), by=actor("coordinator"), at=SOON
    )
    assert "voice_contact" in running(case)
    log_contact(
        case.reference, Call(occurred_at=SOON, outcome="spoke", **call), by=actor("coordinator"), at=SOON
    )
    assert "voice_contact" not in running(case)


def test_a_conversation_before_the_news_does_not_answer_the_news() -> None:
    case = submitted("weakness")
    by, worse_at = actor("coordinator"), NOON + timedelta(hours=3)

    def spoke(at: datetime, *, told_at: datetime) -> None:
        call = Call(
            occurred_at=at,
            direction="outgoing",
            channel="telephone",
            person="Dr Anand",
            with_referrer=True,
            outcome="spoke",
        )
        log_contact(case.reference, call, by=by, at=told_at)

    spoke(NOON - timedelta(minutes=5), told_at=SOON)  # they rang, then wrote
    assert "voice_contact" not in running(case)
    worse = {"sensory_disturbance": "yes"}
    report(
        case,
        "neurology_changed",
        at=worse_at,
        recorded_at=worse_at + timedelta(minutes=9),
        by="gp",
        neurology=worse,
    )
    spoke(SOON, told_at=worse_at + timedelta(minutes=10))
    assert "voice_contact" in running(case)
    spoke(worse_at + timedelta(minutes=5), told_at=worse_at + timedelta(minutes=11))
    assert "voice_contact" not in running(case)


def test_deciding_again_does_not_ask_again_for_what_was_done() -> None:
    case = triaged("pain_only")
    keep_promise(
        case.reference,
        kind="treatment_plan",
        done_by="Dr Moss",
        text="No treatment",
        done_at=NOON + timedelta(hours=1),
        by=actor("coordinator"),
        at=NOON + timedelta(hours=1),
    )
    decide(again(case), at=NOON + timedelta(hours=2))
    assert running(case) == {"mri"}


def test_an_emergency_is_withdrawn_only_when_a_coordinator_confirms() -> None:
    case = submitted("weakness")
    case, done = withdraw_referral(case.reference, text="Wrong patient", by=actor("gp"), at=SOON)
    assert not done
    assert "acknowledge" in running(case)
    case, done = withdraw_referral(
        case.reference, text="Confirmed by telephone", by=actor("coordinator"), at=SOON
    )
    assert done
    assert (case.status, running(case)) == ("withdrawn", set())


def test_what_nobody_has_taken_up_is_withdrawn_by_its_referrer() -> None:
    case = submitted("back_pain")
    case, done = withdraw_referral(case.reference, text="Sent twice", by=actor("gp"), at=SOON)
    assert done
    assert case.status == "withdrawn"


class TestLease:
    """An acknowledgement without a decision is a promise that runs out."""

    def acknowledged(self) -> Referral:
        return acknowledge_referral(submitted("weakness").reference, act=act_by("coordinator", NOON))

    def test_it_pages_again_when_nobody_decides(self) -> None:
        case = self.acknowledged()
        lease = clock(case, "triage_decision")
        assert lease.due_at == NOON + timedelta(minutes=30)
        for minute in range(52):
            sweep(at=NOON + timedelta(minutes=minute))
        rungs = lease.pages.filter(channel="screen").order_by("rung").values_list("duty", flat=True)
        assert list(rungs) == ["coordinator", "coordinator", "deputy", "consultant"]

    def test_a_decision_ends_it(self) -> None:
        case = self.acknowledged()
        triage_referral(case.reference, decision(case), act=act_by("coordinator", NOON))
        assert clock(case, "triage_decision").stopped_because == "met"

    def test_ten_more_minutes_three_times_with_a_reason(self) -> None:
        case = self.acknowledged()
        with pytest.raises(Invalid):
            extend_lease(case.reference, reason="tea", by=actor("coordinator"), at=NOON)
        for extended in (1, 2, 3):
            extend_lease(case.reference, reason="calling", by=actor("coordinator"), at=NOON)
            assert clock(case, "triage_decision").due_at == NOON + timedelta(minutes=30 + 10 * extended)
        with pytest.raises(OutOfTurn, match="30 minutes already"):
            extend_lease(case.reference, reason="calling", by=actor("coordinator"), at=NOON)
        sweep(at=NOON + timedelta(minutes=55))
        assert clock(case, "triage_decision").pages.filter(channel="email").count() == 0

    def test_the_week_stream_needs_none_and_hospitals_are_not_told(self) -> None:
        case = acknowledge_referral(submitted("pain_only").reference, act=act_by("coordinator", NOON))
        assert "triage_decision" not in running(case)
        told = one_json(self.acknowledged(), service=services.current(), at=NOON)
        assert "triage_decision" not in {one["kind"] for one in told["clocks"]}
