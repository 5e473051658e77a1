"""The measures of QS56: who is counted by each statement, and what would flatter or hide."""

from datetime import timedelta
from typing import Any

import pytest

from governance.episode import FLAG_WORDS
from kernel.refusals import Invalid
from kernel.time import rfc3339
from mdt.usecases.record_outcome import record_outcome
from referrals.intake.codes import DISCHARGED_WITHOUT_PLAN
from referrals.usecases.close_referral import close_referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.deny_death import deny_death
from referrals.usecases.triage_referral import triage_referral
from tests.builders import (
    ALL_NO,
    NOON,
    act_by,
    actor,
    again,
    decision,
    report,
    running,
    scan,
    submitted,
    triaged,
)
from tests.usecases.measuring import (
    DAY,
    HOUR,
    IN_HOSPITAL,
    both,
    counts,
    excepted,
    judged,
    measured,
    only,
    planned,
    reported,
)

pytestmark = pytest.mark.usefixtures("scene")


class TestStatements:
    def test_2a_counts_literally_whoever_has_pain_and_adjusted_whom_a_coordinator_accepted(self) -> None:
        triaged("pain_only")
        triaged("cancer_suspected")  # pain, cancer only suspected: urgent oncology
        result = measured("2a")
        assert (result.literal.denominator, result.adjusted.denominator) == (2, 1)
        assert "not_accepted" in result.left_out[0].flags

    def test_3_counts_a_provisional_emergency_only_once_neurology_is_found(self) -> None:
        submitted("not_examined")
        assert measured("3").literal.denominator == 0

    def test_4_needs_both_the_need_and_the_urgency_and_says_who(self) -> None:
        case = submitted("weakness")
        submitted("radicular")
        triage_referral(case.reference, decision(case), act=act_by("registrar", NOON))
        result = measured("4")
        assert counts(result.literal) == (1, 2)
        assert "by_deputy" in next(one for one in result.literal.counted if one.met).flags

    def test_5_needs_an_entry_of_a_coordinator_after_the_confirmation(self) -> None:
        case = reported()
        assert counts(measured("5").literal) == (0, 1)
        judged(case, surgery_suitable="no")
        assert counts(measured("5").literal) == (1, 1)

    def test_6_leaves_out_literally_what_nobody_judged_and_counts_it_adjusted(self) -> None:
        case = reported()
        report(case, "decision_to_treat", at=NOON + 4 * HOUR, modality="radiotherapy")
        report(case, "radiotherapy_started", at=NOON + 20 * HOUR)
        assert both("6") == ((0, 0), (1, 1))
        assert "not_judged" in only(measured("6").adjusted).flags
        judged(case, at=NOON + 21 * HOUR, surgery_suitable="no", wants_radiotherapy="yes")
        assert both("6") == ((1, 1), (1, 1))

    def test_6_excepts_what_the_guideline_excepts(self) -> None:
        case = reported()
        judged(case, surgery_suitable="no", wants_radiotherapy="yes", prognosis="poor")
        report(case, "decision_to_treat", at=NOON + 5 * HOUR, modality="radiotherapy")
        assert both("6") == ((0, 0), (0, 0))

    def test_7_needs_the_plan_before_the_discharge(self) -> None:
        case = reported(**IN_HOSPITAL)
        report(case, "admitted", at=NOON + 4 * HOUR)
        with pytest.raises(Invalid, match="Sign the management plan first"):
            report(case, "discharged", at=NOON + DAY)
        planned(case, at=NOON + DAY)
        report(case, "discharged", at=NOON + 2 * DAY)
        assert both("7") == ((1, 1), (1, 1))

    def test_7_a_hospital_system_that_reports_a_discharge_without_a_plan_is_believed_and_counted(
        self,
    ) -> None:
        case = reported(**IN_HOSPITAL)
        report(case, "discharged", at=NOON + DAY, by="client")
        assert both("7") == ((0, 1), (0, 1))
        assert "discharge_plan" in running(case)

    def test_what_ended_before_its_limit_is_listed_and_neither_met_nor_missed(self) -> None:
        case = triaged("weakness")
        close_referral(case.reference, outcome="died", text="", by=actor("coordinator"), at=NOON + HOUR)
        result = measured("3")
        assert (counts(result.literal), counts(result.adjusted)) == ((0, 1), (0, 0))
        assert result.left_out[0].flags == ("ended_before_limit",)

    def test_a_period_has_the_episodes_of_its_days(self) -> None:
        triaged("weakness")
        inside = measured("3", since=NOON - DAY, until=NOON + HOUR, at=NOON + 2 * DAY)
        outside = measured("3", since=NOON + HOUR, until=NOON + 2 * DAY, at=NOON + 2 * DAY)
        assert (inside.literal.denominator, outside.literal.denominator) == (1, 0)

    def test_every_flag_has_its_words(self) -> None:
        from governance import episode

        codes = {v for k, v in vars(episode).items() if k.isupper() and isinstance(v, str)}
        assert codes - {episode.WITHOUT_PLAN} <= set(FLAG_WORDS)
        assert all(f"{episode.WITHOUT_PLAN}.{code}" in FLAG_WORDS for code in DISCHARGED_WITHOUT_PLAN)

    def test_a_case_without_any_finding_yes_is_in_no_measure(self) -> None:
        submitted({"cancer_context": "current", "neurology": ALL_NO, "pain": {}})
        assert [measured(name).literal.denominator for name in ("2a", "2b", "3", "4", "5", "6", "7")] == [
            0
        ] * 7

    def test_the_number_of_queries_does_not_grow(self, django_assert_max_num_queries: Any) -> None:
        reported()
        with django_assert_max_num_queries(20) as few:
            measured("3")
        for _ in range(4):
            reported()
        with django_assert_max_num_queries(len(few.captured_queries)):
            assert measured("3").literal.denominator == 5

    def test_entered_in_error_is_counted_nowhere(self) -> None:
        from referrals.usecases.mark_entered_in_error import mark_entered_in_error

        case = triaged("weakness")
        mark_entered_in_error(case.reference, text="Wrong person", by=actor("coordinator"), at=NOON + HOUR)
        assert measured("3").literal.denominator == 0
        assert again(case).status == "entered_in_error"


class TestWhatWouldFlatterOrHide:
    """Each of these once made a figure better or worse than what happened."""

    def test_a_clean_scan_of_long_ago_excludes_nobody(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON - 90 * DAY, modality="ct")
        scan(case, at=NOON + 40 * HOUR)
        assert both("3") == ((0, 1), (0, 1))

    def test_what_is_excluded_is_listed(self) -> None:
        case = triaged("pain_only")
        excepted(case, "incidental_imaging")
        (listed,) = measured("2a").left_out
        assert (listed.reference, listed.excluded) == (case.reference, True)
        submitted("not_examined")
        flags = {flag for one in measured("2a").left_out for flag in one.flags}
        assert "neurology_open" in flags

    def test_radiotherapy_that_surgery_overtook_counts_from_its_second_decision(self) -> None:
        case = reported()
        judged(case, surgery_suitable="no", wants_radiotherapy="yes")
        for hours, modality in ((4, "radiotherapy"), (8, "surgery"), (50, "radiotherapy")):
            report(case, "decision_to_treat", at=NOON + hours * HOUR, modality=modality)
        report(case, "radiotherapy_started", at=NOON + 60 * HOUR)
        assert only(measured("6").literal).took == 10 * HOUR

    def test_a_prognosis_that_turns_poor_later_takes_nobody_out_of_the_past(self) -> None:
        case = reported()
        judged(case, surgery_suitable="no", wants_radiotherapy="yes", prognosis="intermediate")
        report(case, "decision_to_treat", at=NOON + 5 * HOUR, modality="radiotherapy")
        report(case, "radiotherapy_started", at=NOON + 45 * HOUR)
        judged(case, at=NOON + 14 * DAY, prognosis="poor")
        assert both("6") == ((0, 1), (0, 1))

    def test_asking_for_more_imaging_is_no_plan(self) -> None:
        case = triaged("pain_only")
        scan(case, at=NOON + DAY)
        report(case, "mri_reported", at=NOON + 30 * HOUR, result="metastases_no_compression")
        assert both("2b") == ((0, 1), (0, 1))
        assert "treatment_plan" in running(case)

    def test_the_triage_of_pain_is_not_the_assessment_of_neurology_that_came_later(self) -> None:
        case = triaged("pain_only")
        report(case, "neurology_changed", at=NOON + 100 * HOUR, neurology={"limb_weakness": "yes"})
        assert counts(measured("4").literal) == (0, 1)
        later = decision(again(case), stream="emergency")
        triage_referral(case.reference, later, act=act_by("coordinator", NOON + 101 * HOUR))
        assert only(measured("4").literal).took == HOUR

    def test_a_case_that_ended_stays_ended_whatever_is_recorded_afterwards(self) -> None:
        case = triaged("weakness")
        close_referral(
            case.reference, outcome="supportive_care", text="Dying", by=actor("coordinator"), at=NOON + HOUR
        )
        report_of = {
            "outcome.point": "week_1",
            "outcome.observed_at": rfc3339(NOON + 7 * DAY),
            "outcome.pain": 0,
        }
        outcome = record_outcome(case.reference, report_of, by=actor("coordinator"), at=NOON + 7 * DAY)
        assert outcome.content["pain"] == 0  # none is an answer
        assert both("3") == ((0, 1), (0, 0))

    def test_a_plan_of_the_stay_before_is_not_the_plan_of_this_one(self) -> None:
        case = reported(**IN_HOSPITAL)
        planned(case, at=NOON + 5 * HOUR)
        report(case, "discharged", at=NOON + DAY)
        assert both("7") == ((1, 1), (1, 1))
        report(case, "admitted", at=NOON + 3 * DAY)
        report(case, "discharged", at=NOON + 5 * DAY, by="client")
        assert both("7") == ((0, 1), (0, 1))

    def test_a_plan_signed_in_the_minute_of_the_discharge_came_before_it(self) -> None:
        case = reported(**IN_HOSPITAL)
        planned(case, at=NOON + DAY + timedelta(seconds=20))
        report(case, "discharged", at=NOON + DAY, recorded_at=NOON + DAY + timedelta(minutes=1))
        assert both("7") == ((1, 1), (1, 1))
        assert "discharge_plan" not in running(case)

    def test_a_death_that_was_struck_out_hides_no_discharge(self) -> None:
        case = reported(**IN_HOSPITAL)
        report(case, "died", at=NOON + DAY)
        deny_death(case.reference, text="Another person", act=act_by("coordinator", NOON + 2 * DAY))
        report(case, "discharged", at=NOON + 5 * DAY, by="client")
        assert both("7") == ((0, 1), (0, 1))

    def test_somebody_who_came_with_pain_and_got_worse_stays_in_both(self) -> None:
        case = triaged("pain_only")
        report(case, "neurology_changed", at=NOON + 48 * HOUR, neurology={"limb_weakness": "yes"})
        complete_findings(
            case.reference,
            {"neurology": {"gait_disturbance": "yes"}},
            source="telephone",
            act=act_by("coordinator", NOON + 49 * HOUR),
        )
        assert measured("2a").literal.denominator == 1
        assert "upgraded" in only(measured("3").literal).flags

    def test_an_untriaged_suggestion_is_not_an_acceptance(self) -> None:
        submitted("pain_only")
        assert both("2a") == ((0, 1), (0, 0))
