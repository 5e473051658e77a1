"""The guideline follows the patient: after the scan, at the treatment decision, on steroid, in hospital, at home."""

import itertools
from typing import Any

import pytest

from tests.guideline.answers import NIGHT, WEAK, advice, ask, care, course_of, findings
from triage.guideline.care import CARE, CARE_AT
from triage.guideline.course import JUDGEMENTS, as_json, from_json, read_judgements
from triage.guideline.evaluate import evaluate
from triage.guideline.radiotherapy import is_excluded
from triage.guideline.ruleset import NEWEST, RULESETS

MSCC: dict[str, Any] = {"imaging_finding": "mscc", "whole_spine_imaged": "yes"}
METASTASES: dict[str, Any] = {"imaging_finding": "spinal_metastases", "whole_spine_imaged": "yes"}

# Row, findings, course: the prompts that must stand, and those that must not.
STAGES: list[tuple[str, dict[str, Any], dict[str, Any], set[str], set[str]]] = [
    (
        "IMM-3",
        {"neurology": WEAK},
        {"immobilised": True},
        {"nurse_lying", "assess_stability"},
        {"graded_sitting"},
    ),
    (
        "IMM-3 not tolerated",
        {"neurology": WEAK},
        {"immobilised": True, "lying_not_tolerated": "yes"},
        {"adjust_position"},
        set(),
    ),
    (
        "IMM-4",
        {"neurology": WEAK},
        {"immobilised": True, "stability": "unstable"},
        {"nurse_lying"},
        {"assess_stability"},
    ),
    (
        "IMM-5",
        {"neurology": WEAK},
        {"immobilised": True, "stability": "likely_stable"},
        {"graded_sitting"},
        {"nurse_lying", "assess_stability"},
    ),
    (
        "IMG-4 to IMG-6",
        {"neurology": WEAK},
        {},
        {"mri_technique", "mri_locally_first", "overnight_mri"},
        set(),
    ),
    ("IMG-6 in the week", {"pain": NIGHT}, {}, {"mri_technique"}, {"overnight_mri"}),
    (
        "IMG-8",
        {"neurology": WEAK, "mri_contraindicated": "yes"},
        {"ct_performed": True, "more_imaging_needed": "yes"},
        {"myelography_at_centre_only"},
        {"mri_technique"},
    ),
    ("IMG-10", {"neurology": WEAK}, {"report_awaited": True}, {"report_urgently"}, set()),
    ("IMG-11", MSCC, {"recent_ct": "yes"}, {"reconstruct_ct"}, set()),
    ("IMG-11 without CT", MSCC, {}, set(), {"reconstruct_ct"}),
    ("PAI-4", {"pain": NIGHT}, {"pain_plan_changed": "yes"}, {"review_pain_plan"}, set()),
    ("BON-3", {**METASTASES, "primary_site": "lung"}, {}, {"no_bisphosphonate_to_prevent_mscc"}, set()),
    (
        "BON-3 breast",
        {**METASTASES, "primary_site": "breast"},
        {},
        set(),
        {"no_bisphosphonate_to_prevent_mscc"},
    ),
    ("BON-5", {**METASTASES, "primary_site": "prostate"}, {}, {"no_denosumab_in_prostate"}, set()),
    (
        "STE-4",
        {**MSCC, "dexamethasone_given": "yes"},
        {"irradiated": True},
        {"taper_dexamethasone"},
        {"review_dexamethasone"},
    ),
    (
        "STE-5",
        {**METASTASES, "dexamethasone_given": "yes", "haematological_malignancy": "confirmed"},
        {},
        {"haematology_decides_further_steroid"},
        set(),
    ),
    ("STE-6", {"pain": NIGHT}, {}, {"no_routine_corticosteroid"}, set()),
    ("STE-6 severe pain", {"pain": NIGHT, "pain_severity": 8}, {}, set(), {"no_routine_corticosteroid"}),
    (
        "STE-8",
        {"neurology": WEAK, "dexamethasone_given": "yes"},
        {},
        {"steroid_safeguards", "review_dexamethasone"},
        {"record_why_no_dexamethasone"},
    ),
    ("TOO-1", METASTASES, {}, {"consider_scoring_system"}, set()),
    (
        "RT-1",
        MSCC,
        {"surgery_suitable": "no"},
        {"urgent_radiotherapy", "single_fraction"},
        {"several_fractions"},
    ),
    (
        "RT-1 declined",
        MSCC,
        {"surgery_suitable": "no", "wants_radiotherapy": "no"},
        set(),
        {"urgent_radiotherapy"},
    ),
    ("RT-1 surgery open", MSCC, {"surgery_suitable": "pending"}, set(), {"urgent_radiotherapy"}),
    ("RT-3", MSCC, {"radiotherapy_decided": True}, {"single_fraction"}, {"several_fractions"}),
    (
        "RT-4",
        MSCC,
        {"surgery_suitable": "no", "side_effect_risk_high": "yes"},
        {"several_fractions"},
        {"single_fraction"},
    ),
    (
        "RT-5 no reason",
        METASTASES,
        {"symptoms": "no"},
        {"no_radiotherapy_without_symptoms"},
        {"radiotherapy_without_symptoms"},
    ),
    (
        "RT-5 trial",
        METASTASES,
        {"symptoms": "no", "radiotherapy_trial": "yes"},
        {"radiotherapy_without_symptoms"},
        set(),
    ),
    (
        "RT-5 oligometastatic",
        METASTASES,
        {"symptoms": "no", "oligometastatic": "yes"},
        {"radiotherapy_without_symptoms"},
        set(),
    ),
    (
        "RT-5 impending",
        {"imaging_finding": "impending_compression"},
        {"symptoms": "no"},
        {"radiotherapy_without_symptoms"},
        {"no_radiotherapy_without_symptoms"},
    ),
    (
        "RT-6",
        METASTASES,
        {"non_mechanical_pain": "yes"},
        {"single_fraction_for_pain"},
        {"stereotactic_alternative"},
    ),
    (
        "RT-7",
        METASTASES,
        {"non_mechanical_pain": "yes", "prognosis": "good"},
        {"stereotactic_alternative"},
        set(),
    ),
    (
        "RT-8",
        METASTASES,
        {"recurrence": "yes", "good_response_before": "yes", "three_months_since_radiotherapy": "yes"},
        {"radiotherapy_again"},
        set(),
    ),
    (
        "RT-8 too soon",
        METASTASES,
        {"recurrence": "yes", "good_response_before": "yes", "three_months_since_radiotherapy": "no"},
        set(),
        {"radiotherapy_again"},
    ),
    (
        "RT-9",
        MSCC,
        {"operated": True, "recovered_from_surgery": "yes"},
        {"postoperative_radiotherapy"},
        {"urgent_radiotherapy"},
    ),
    ("RT-9 not recovered", MSCC, {"operated": True}, set(), {"postoperative_radiotherapy"}),
    ("RT-10", MSCC, {"surgery_decided": True}, {"no_preoperative_radiotherapy"}, set()),
    (
        "INV-1 to INV-3",
        MSCC,
        {"surgery_suitable": "yes"},
        {"plan_surgery_with_mdt", "surgery_as_soon_as_possible", "decompression_or_stabilisation"},
        {"stabilise_for_pain"},
    ),
    (
        "INV-4",
        {**MSCC, "pain": {"mechanical": "yes"}, "pain_controlled_by_analgesia": "no"},
        {"surgery_suitable": "yes", "stability": "unstable"},
        {"stabilise_for_pain"},
        {"external_support"},
    ),
    (
        "INV-5",
        {**MSCC, "pain": {"mechanical": "yes"}, "pain_controlled_by_analgesia": "no"},
        {"surgery_suitable": "no", "stability": "potentially_unstable"},
        {"external_support"},
        {"stabilise_for_pain"},
    ),
    (
        "INV-6",
        {**MSCC, "primary_site": "unknown"},
        {"treatment_can_wait": "yes"},
        {"biopsy_before_treatment"},
        set(),
    ),
    ("INV-6 cannot wait", {**MSCC, "primary_site": "unknown"}, {}, set(), {"biopsy_before_treatment"}),
    ("INV-7", METASTASES, {"stability": "unstable"}, {"vertebral_intervention"}, set()),
    (
        "INV-8",
        METASTASES,
        {"symptoms": "no", "stability": "likely_stable"},
        {"no_surgery_to_prevent_mscc"},
        {"vertebral_intervention"},
    ),
    (
        "SUP-1 to SUP-3",
        METASTASES,
        {},
        {"talk_about_diagnosis", "holistic_needs_assessment", "rehabilitation_by_goals"},
        {"start_discharge_planning"},
    ),
    ("before the diagnosis", {"neurology": WEAK}, {}, set(), {"talk_about_diagnosis"}),
    (
        "SUP-4, SUP-5, SUP-8",
        MSCC,
        {"admitted": True},
        {"start_discharge_planning", "prevent_complications", "physiotherapy_and_ot"},
        set(),
    ),
    ("SUP-7", MSCC, {"later_stage": "yes"}, {"consider_readjustment"}, {"rehabilitation_by_goals"}),
]


@pytest.mark.parametrize(
    ("answers", "course", "stands", "absent"),
    [pytest.param(*case[1:], id=case[0].replace(" ", "-")) for case in STAGES],
)
def test_a_row_speaks_at_its_stage_and_not_before(
    answers: dict[str, Any], course: dict[str, Any], stands: set[str], absent: set[str]
) -> None:
    prompts = care(ask(**answers, course=course))
    assert stands <= prompts
    assert not absent & prompts


@pytest.mark.parametrize(("plegic", "controlled", "poor"), list(itertools.product((True, False), repeat=3)))
def test_rt2_excludes_by_both_or_by_poor_prognosis(plegic: bool, controlled: bool, poor: bool) -> None:
    """(Complete plegia of two weeks AND pain well controlled) OR poor prognosis, on all eight combinations."""
    judged = {
        "complete_plegia": "yes" if plegic else "no",
        "plegia_two_weeks": "yes" if plegic else "no",
        "prognosis": "poor" if poor else "good",
        "surgery_suitable": "no",
    }
    pain = "yes" if controlled else "no"
    excluded = (plegic and controlled) or poor
    assert is_excluded(findings(pain_controlled_by_analgesia=pain), course_of(judged)) == excluded
    prompts = care(ask(**MSCC, pain_controlled_by_analgesia=pain, course=judged))
    assert ("urgent_radiotherapy" in prompts) == (not excluded)
    assert ("urgent_radiotherapy_not_asked" in prompts) == ("is_there_pain" in prompts) == excluded


def test_what_nobody_judged_never_excludes() -> None:
    assert not is_excluded(
        findings(pain_controlled_by_analgesia="yes"), course_of({"complete_plegia": "yes"})
    )
    assert not is_excluded(findings(), course_of({}))


@pytest.mark.parametrize(
    "name", ["active_infection", "gastrointestinal_bleed", "steroid_allergy", "diabetes"]
)
def test_a_contraindication_to_steroid_warns_and_blocks_nothing(name: str) -> None:
    infection: dict[str, Any] = {name: "yes"} if name == "active_infection" else {}
    without, with_it = ask(WEAK, course={}), ask(WEAK, course={name: "yes"}, **infection)
    (code,) = {warning.code for warning in with_it.warnings} - {warning.code for warning in without.warnings}
    assert code in {
        "infection_before_dexamethasone",
        "steroid_and_bleeding",
        "steroid_and_allergy",
        "steroid_and_diabetes",
    }
    assert advice(with_it) == advice(without)
    assert "offer_dexamethasone_16mg" in advice(with_it)
    assert (with_it.stream, with_it.clocks) == (without.stream, without.clocks)


def test_dexamethasone_stops_when_mscc_is_ruled_out() -> None:
    ruled_out = ask(
        WEAK,
        dexamethasone_given="yes",
        whole_spine_imaged="yes",
        imaging_finding="no_malignant_disease",
        imaging_report="final",
    )
    assert "stop_dexamethasone" in advice(ruled_out)
    for missing in (
        {"whole_spine_imaged": "no"},
        {"imaging_report": "provisional"},
        {"imaging_finding": "mscc"},
    ):
        held: dict[str, Any] = {
            "whole_spine_imaged": "yes",
            "imaging_finding": "no_malignant_disease",
            "imaging_report": "final",
            **missing,
        }
        assert "stop_dexamethasone" not in advice(ask(WEAK, dexamethasone_given="yes", **held)), missing
    assert not {"review_dexamethasone", "steroid_safeguards", "taper_dexamethasone"} & care(ruled_out)


def test_the_triage_result_is_the_same_whatever_becomes_of_the_case() -> None:
    """What a referrer and a hospital system were told does not hang on what is judged later."""
    plain = evaluate(findings(WEAK), at=NEWEST.holds_from, ruleset=NEWEST)
    followed = evaluate(
        findings(WEAK), at=NEWEST.holds_from, ruleset=NEWEST, course=course_of({"admitted": True})
    )
    assert plain.as_json() == followed.as_json()
    assert not plain.care
    assert followed.care


def test_every_prompt_has_a_rule_and_every_rule_a_prompt() -> None:
    assert {rule.code for rule in NEWEST.care_rules} == {prompt.code for prompt in CARE}
    assert len(CARE_AT) == len(CARE)


def test_the_first_ruleset_said_nothing_of_care() -> None:
    first = evaluate(
        findings(WEAK), at=NEWEST.holds_from, ruleset=RULESETS[0], course=course_of({"admitted": True})
    )
    assert not first.care


def test_judgements_are_read_by_their_codes() -> None:
    judgements, errors = read_judgements({"stability": "unstable", "prognosis": "bad", "colour": "red"})
    assert judgements == {"stability": "unstable"}
    assert set(errors) == {"prognosis", "colour"}


def test_a_course_survives_being_stored() -> None:
    course = course_of(
        {judgement.name: list(judgement.answers)[-1] for judgement in JUDGEMENTS} | {"operated": True}
    )
    assert from_json(as_json(course)) == course
