"""Every resolution of an ambiguity between the sources, A1 to A34, by its number."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from kernel.refusals import Invalid
from ledger.read import Search, entries
from mdt.management_plan import NEEDED_TO_SIGN
from mdt.usecases.keep_plan import keep_plan
from oncall.kinds import ClockKind
from referrals.case.models import Referral, TriageDecision
from referrals.case.worklist import listed
from referrals.evidence.case_evidence import SentFindings, evidence
from referrals.evidence.course import CourseRecord
from referrals.evidence.course import course_of as course_from
from referrals.intake.validation import parse
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.answer_care import answer_care
from referrals.usecases.close_referral import close_referral
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.triage_referral import triage_referral
from referrals.web.coordinator.next_step import next_step
from tests.builders import (
    NOON,
    act_by,
    actor,
    again,
    body,
    clock,
    decision,
    report,
    running,
    scan,
    submitted,
    triaged,
)
from tests.guideline.answers import NIGHT, WEAK, advice, ask, care, clocks, course_of, findings, warnings
from triage.assess import latest
from triage.guideline.course import JUDGEMENT_AT, Course
from triage.guideline.evaluate import Instants
from triage.guideline.findings import QUESTIONS, Presentation
from triage.guideline.normalisation import Situation
from triage.guideline.radiotherapy import is_excluded
from triage.guideline.rule import ContactUrgency, Stream
from triage.guideline.ruleset import RULESETS
from triage.scores.catalogue import SCORE_AT, SCORES

HOUR = timedelta(hours=1)
MSCC: dict[str, Any] = {"imaging_finding": "mscc", "neurology": WEAK}
database = pytest.mark.usefixtures("scene")


@pytest.mark.parametrize("context", ["suspected", "none_known"])
def test_a01_neurology_without_known_cancer_is_an_emergency(context: str) -> None:
    result = ask(WEAK, cancer_context=context)
    assert result.stream == Stream.EMERGENCY
    assert "use_local_emergency_route" in warnings(result)
    assert "contact_coordinator_immediately" in advice(result)
    assert clocks(result)["mri"] == 24


@database
def test_a02_immediately_is_minutes_and_never_a_day() -> None:
    result = ask(WEAK)
    assert result.contact == ContactUrgency.IMMEDIATELY
    assert (clocks(result)["acknowledge"], clocks(result)["voice_contact"]) == (0.25, 0.5)
    assert "seek_coordinator_advice_24h" not in advice(result)
    assert clock(submitted("weakness"), "acknowledge").ladder[0]["after_minutes"] == 0


def test_a03_limits_count_from_the_suspicion_however_old() -> None:
    late = Instants(suspected_at=NOON - 200 * HOUR, submitted_at=NOON)
    result = ask(pain=NIGHT, instants=late)
    due = {line.kind: line.due_at for line in result.clocks}
    assert all((due[kind] or NOON) < NOON for kind in ("coordinator_advice", "mri", "treatment_plan"))
    assert (due["acknowledge"] or NOON) > NOON
    assert "suspected_over_limit" in warnings(result)


def test_a04_advice_and_scan_are_two_clocks() -> None:
    by_kind = {line.kind: line for line in ask(pain=NIGHT).clocks}
    assert (by_kind["coordinator_advice"].limit_hours, by_kind["mri"].limit_hours) == (24, 168)
    assert by_kind["coordinator_advice"].starts == by_kind["mri"].starts == "clinician_suspected_at"


def test_a05_what_was_not_assessed_is_not_a_no() -> None:
    result = ask({"limb_weakness": "not_assessed"}, NIGHT)
    assert (result.stream, result.provisional) == (Stream.EMERGENCY, True)
    assert "neurology.limb_weakness" in result.ask_next
    no = ask({"limb_weakness": "no"}, NIGHT)
    assert (no.stream, no.provisional) == (Stream.ONE_WEEK, False)
    assert "neurology.limb_weakness" not in no.ask_next
    assert "provisional_neurology_not_assessed" in warnings(result)


def test_a06_radicular_pain_alone_is_an_emergency() -> None:
    result = ask({"radicular_pain": "yes"})
    assert (result.stream, result.provisional) == (Stream.EMERGENCY, False)


def test_a07_claudication_is_pain_and_gait_is_neurology() -> None:
    claudication, gait = {"claudication": "yes"}, {"gait_disturbance": "yes"}
    assert ask(pain=claudication).stream == Stream.ONE_WEEK
    assert ask(gait).stream == ask(gait, claudication).stream == Stream.EMERGENCY


@database
def test_a08_pain_is_routed_by_what_is_known_of_cancer() -> None:
    routed = {
        context: ask(pain=NIGHT, cancer_context=context).stream
        for context in ("current", "past", "suspected", "none_known")
    }
    assert list(routed.values()) == ["one_week", "one_week", "urgent_oncology", "outside_pathway"]
    case = submitted({**_everything_no(), "cancer_context": "suspected", "pain": {**_no("pain"), **NIGHT}})
    accepted = decision(
        case,
        stream="one_week",
        override_code="clinical_judgement_more_urgent",
        override_text="Accepted into the week",
        investigations=("mri_whole_spine",),
        urgency="within_1_week",
    )
    triage_referral(case.reference, accepted, act=act_by("coordinator", NOON))
    assert clock(case, "mri").limit_hours == 168


def test_a09_urgent_oncology_has_no_clinical_clock() -> None:
    result = ask(pain=NIGHT, cancer_context="suspected")
    assert result.contact == ContactUrgency.URGENT_ONCOLOGY_REFERRAL
    assert clocks(result) == {"acknowledge": 4}


@database
def test_a09_a_case_sent_on_to_oncology_ends_when_somebody_has_confirmed_it() -> None:
    case = triaged("cancer_suspected")
    step = next_step(listed([case.reference], by=actor("coordinator"))[0], [])
    assert (step.text, step.act) == ("Confirm the cancer referral", "close")

    def close(reference: str, *, outcome: str = "advice_only", text: str = "") -> Referral:
        return close_referral(reference, outcome=outcome, text=text, by=actor("coordinator"), at=NOON + HOUR)

    with pytest.raises(Invalid) as refusal:
        close(case.reference)
    assert refusal.value.errors["text"] == [
        "Write who confirmed that the urgent cancer referral was made, and when"
    ]
    assert close(case.reference, text="Dr Anand, at 13:00").status == "closed"
    for outcome in ("duplicate", "died"):  # nobody is sent on
        assert close(triaged("cancer_suspected").reference, outcome=outcome).status == "closed"
    other = triaged("no_cancer")
    assert next_step(listed([other.reference], by=actor("coordinator"))[0], []).text == "Close, or go on"
    assert close(triaged("no_cancer").reference).status == "closed"


@database
def test_a10_the_radiotherapy_clock_starts_at_the_decision() -> None:
    case = triaged("weakness")
    report(case, "mri_reported", at=NOON + 3 * HOUR, result="mscc")
    report(case, "decision_to_treat", at=NOON + 6 * HOUR, modality="radiotherapy")
    started = clock(case, "radiotherapy")
    assert (started.started_at, started.due_at, started.formal) == (NOON + 6 * HOUR, NOON + 30 * HOUR, True)


def test_a11_the_exclusion_is_both_or_poor_prognosis() -> None:
    """All eight combinations stand in test_care; here the grouping in one sentence each."""
    controlled, not_controlled = (findings(pain_controlled_by_analgesia=answer) for answer in ("yes", "no"))
    plegic = {"complete_plegia": "yes", "plegia_two_weeks": "yes"}
    assert is_excluded(controlled, course_of(plegic))
    assert not is_excluded(not_controlled, course_of(plegic))
    assert is_excluded(not_controlled, course_of({"prognosis": "poor"}))
    assert not is_excluded(controlled, course_of({"complete_plegia": "yes"}))


def test_a12_the_excluded_are_still_asked_about_pain() -> None:
    judged = {
        "surgery_suitable": "no",
        "prognosis": "poor",
        "non_mechanical_pain": "yes",
        "complete_plegia": "yes",
    }
    codes = care(ask(**MSCC, course=judged))
    assert {"urgent_radiotherapy_not_asked", "is_there_pain", "single_fraction_for_pain"} <= codes
    assert "urgent_radiotherapy" not in codes


@pytest.mark.parametrize("finding", ["mscc", "spinal_metastases"])
def test_a13_uncontrolled_prostate_pain_prompts_a_bisphosphonate_in_both_charts(finding: str) -> None:
    def codes(controlled: str) -> set[str]:
        return advice(
            ask(imaging_finding=finding, primary_site="prostate", pain_controlled_by_analgesia=controlled)
        )

    assert "bisphosphonate" in codes("no")
    assert "bisphosphonate" not in codes("yes")


@pytest.mark.parametrize(
    ("malignancy", "code"),
    [
        ("confirmed", "offer_dexamethasone_16mg"),
        ("suspected", "hold_dexamethasone_discuss_haematology"),
        ("no", "consider_corticosteroid"),
    ],
)
def test_a14_steroid_in_haematological_cancer_follows_the_person(malignancy: str, code: str) -> None:
    codes = advice(ask(pain={"severe_unremitting": "yes"}, haematological_malignancy=malignancy))
    assert {name for name in codes if "dexamethasone" in name or "corticosteroid" in name} == {code}


@database
def test_a15_dexamethasone_is_prompted_and_its_absence_explained() -> None:
    assert "record_why_no_dexamethasone" in care(ask(WEAK, course={}))
    assert "record_why_no_dexamethasone" not in care(ask(WEAK, dexamethasone_given="yes", course={}))
    case = submitted("weakness")
    unexplained = decision(case, advice={**decision(case).advice, "dexamethasone": "declined"})
    with pytest.raises(Invalid) as refused:
        triage_referral(case.reference, unexplained, act=act_by("coordinator", NOON))
    assert "deviations.dexamethasone" in refused.value.errors


def test_a16_saddle_signs_warn_of_four_hours_and_leave_the_limit() -> None:
    result = ask(saddle_or_sphincter_signs="yes")
    assert result.stream == Stream.EMERGENCY
    assert "cauda_equina_4h" in warnings(result)
    assert next(line for line in result.clocks if line.kind == "mri").limit_hours == 24


def test_a17_immobilisation_has_two_levels() -> None:
    def codes(**answers: Any) -> set[str]:
        return {code for code in advice(ask(**answers)) if code.endswith("immobilisation")}

    assert codes(neurology=WEAK, instability_signs="yes") == {"start_immobilisation"}
    assert codes(instability_signs="yes") == {"consider_immobilisation"}
    assert codes(neurology=WEAK) == set()
    assert "nurse_lying" not in care(ask(WEAK, course={}))


@database
def test_a18_the_scan_is_local_in_both_streams() -> None:
    for neurology, pain in ((WEAK, {}), ({}, NIGHT)):
        assert "mri_locally_first" in care(ask(neurology, pain, course={}))
    case = triaged("weakness")
    elsewhere = {"code": "mri_locally_first", "answer": "decided_otherwise"}
    with pytest.raises(Invalid, match="not complete"):
        answer_care(case.reference, **elsewhere, text=" ", by=actor("coordinator"), at=NOON)
    answer_care(case.reference, **elsewhere, text="No scanner", by=actor("coordinator"), at=NOON)


@database
def test_a19_ct_stops_the_clock_only_where_mri_is_contraindicated() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + HOUR, modality="ct")
    assert "mri" in running(case)
    case = triaged("pacemaker")
    event = scan(case, at=NOON + HOUR, modality="ct")
    assert clock(case, "mri").stopped_because == "met"
    assert event.data["modality"] == "ct"


@database
def test_a20_twenty_four_hours_is_a_ceiling() -> None:
    case = submitted("weakness")
    sooner = decision(case, urgency="within_4_hours")
    triage_referral(case.reference, sooner, act=act_by("coordinator", NOON))
    assert TriageDecision.objects.get(referral=case).investigations_urgency == "within_4_hours"
    assert clock(case, "mri").limit_hours == 24


@database
def test_a21_discharge_planning_starts_at_diagnosis_or_admission_whichever_is_earlier() -> None:
    diagnosed = triaged("weakness")
    report(diagnosed, "mri_reported", at=NOON + HOUR, result="mscc")
    report(diagnosed, "admitted", at=NOON + 2 * HOUR)
    assert clock(diagnosed, "discharge_plan").due_at == NOON + 25 * HOUR
    admitted = triaged("weakness")
    report(admitted, "admitted", at=NOON + HOUR)
    report(admitted, "mri_reported", at=NOON + 2 * HOUR, result="mscc")
    assert clock(admitted, "discharge_plan").due_at == NOON + 25 * HOUR


@database
def test_a22_no_plan_is_signed_without_a_key_worker() -> None:
    case = triaged("weakness")
    everything = {f"plan.{name}": "2026-11-20" for name in NEEDED_TO_SIGN if name.endswith("_on")}
    everything |= {"plan.who_to_call": "The coordinator", "plan.destination": "home"}
    with pytest.raises(Invalid) as refused:
        keep_plan(case.reference, everything, sign=True, act=act_by("coordinator", NOON))
    assert set(refused.value.errors) == {"plan.key_worker"}


@database
def test_a23_a_deputy_acts_as_coordinator_and_is_recorded_as_such() -> None:
    case = acknowledge_referral(submitted("weakness").reference, act=act_by("registrar", NOON))
    assert case.acknowledged_role == "covering_clinician"
    triage_referral(case.reference, decision(case), act=act_by("registrar", NOON))
    assert TriageDecision.objects.get(referral=case).by_role == "covering_clinician"


@database
def test_a24_acts_after_confirmation_carry_their_author() -> None:
    case = triaged("weakness")
    report(case, "mri_reported", at=NOON + HOUR, result="mscc")
    event = report(case, "decision_to_treat", at=NOON + 2 * HOUR, modality="surgery")
    assert (event.by_name, event.by_role) == (actor("coordinator").name, "coordinator")
    assert event.occurred_at > NOON + HOUR


@database
def test_a25_surgery_has_no_clock_and_progression_comes_first() -> None:
    case = triaged("weakness")
    before = running(case)
    report(case, "decision_to_treat", at=NOON + HOUR, modality="surgery")
    assert running(case) <= before
    assert "surgical_opinion_first" in care(ask(**MSCC, course={"progressing": True}))
    assert "surgical_opinion_first" not in care(ask(**MSCC, course={}))
    assert not any("surgery" in kind for kind in ClockKind)


def test_a26_scores_are_versioned_and_no_rule_reads_one() -> None:
    assert {"sins", "tokuhashi"} <= set(SCORE_AT)
    assert all(kind.version for kind in SCORES)
    names = {field.name for kind in (Situation, Course) for field in dataclasses.fields(kind)}
    assert not names & set(SCORE_AT)


def test_a27_undefined_terms_are_judged_and_never_computed() -> None:
    scores = {"performance_status": 4, "clinical_frailty_scale": 8}
    sent = SentFindings(presentation=body("pain_only")["presentation"], referred_at=NOON, symptoms_began=NOON)
    course = course_from((), CourseRecord(clinical=scores), evidence=evidence(sent, ()))
    for name in ("prognosis", "side_effect_risk_high", "good_response_before"):
        assert name in JUDGEMENT_AT
        assert getattr(course, name) == "not_assessed"


@database
def test_a28_age_is_read_by_no_rule() -> None:
    names = {field.name for kind in (Presentation, Situation, Course) for field in dataclasses.fields(kind)}
    assert not any("age" in name.split("_") or "birth" in name for name in names)
    young = submitted("weakness", patient__date_of_birth="2000-01-01")
    old = submitted("weakness", patient__date_of_birth="1926-01-01")
    said_young, said_old = latest(young.pk), latest(old.pk)
    assert said_young.result == said_old.result
    assert said_young.care == said_old.care


@database
def test_a29_no_treatment_is_a_plan_when_somebody_signs_it() -> None:
    case = triaged("pain_only")
    plan = {"kind": "treatment_plan", "text": "No treatment needed", "by": actor("coordinator")}
    with pytest.raises(Invalid):
        keep_promise(case.reference, **plan, done_by="", done_at=NOON + HOUR, at=NOON + HOUR)
    keep_promise(case.reference, **plan, done_by="Dr Moss, oncology", done_at=NOON + HOUR, at=NOON + HOUR)
    assert clock(case, "treatment_plan").stopped_because == "met"


def test_a30_somebody_under_18_is_told_where_to_go() -> None:
    with pytest.raises(Invalid) as refused:
        parse(body(patient__date_of_birth="2008-11-21"), at=NOON, under_18_route="the children's team")
    assert "the children's team" in refused.value.errors["patient.date_of_birth"][0]
    assert parse(body(patient__date_of_birth="2008-11-20"), at=NOON)


def test_a31_no_rule_cites_the_superseded_guideline() -> None:
    sources = [source for ruleset in RULESETS for rule in ruleset.rules for source in rule.sources]
    assert {source.guideline for source in sources} == {"NG234", "QS56", "service"}
    assert all(source.decision for source in sources if source.row in ("RT-10", "INV-8"))


def test_a32_no_rule_counts_one_source_twice() -> None:
    for ruleset in RULESETS:
        for rule in ruleset.rules:
            assert len(set(rule.sources)) == len(rule.sources), rule.id
            assert not any("summary" in source.words for source in rule.sources), rule.id


def test_a33_a_past_cancer_has_no_look_back_limit() -> None:
    for answers in ({"neurology": WEAK}, {"pain": NIGHT}, {"pain_severity": 8}):
        assert ask(**answers, cancer_context="past").stream == ask(**answers).stream
    assert not any("when" in question.label.casefold() for question in QUESTIONS)


@database
def test_a34_a_stream_is_raised_at_once_and_lowered_by_a_person() -> None:
    case = triaged("metastases_seen")
    report(case, "neurology_changed", at=NOON + 5 * HOUR, by="gp", neurology=WEAK)
    assert again(case).stream == "emergency"
    assert clock(case, "mri", limit=24).due_at == NOON + 29 * HOUR
    report(case, "neurology_changed", at=NOON + 6 * HOUR, by="gp", neurology=_no("neurology"))
    assert again(case).stream == "emergency"
    kinds = [str(entry.kind) for entry in entries(Search(case=case.pk))]
    assert {"clock_started", "event_recorded", "referral_assessed"} <= set(kinds)


def _no(group: str) -> dict[str, str]:
    return {question.name: "no" for question in QUESTIONS if question.path.startswith(f"{group}.")}


def _everything_no() -> dict[str, Any]:
    return {"cancer_context": "current", "pain": _no("pain"), "neurology": _no("neurology")}
