"""The fifteen edge cases of the QS56 measures by number, on cases that were really referred, scanned and treated."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import service as services
from governance.counting import Counted
from governance.episode import FLAG_WORDS
from governance.measured import episodes
from governance.qs56 import Figure, Result, results
from kernel.refusals import Invalid
from kernel.time import rfc3339
from mdt.usecases.keep_plan import keep_plan
from mdt.usecases.record_outcome import record_outcome
from oncall import clocks
from referrals.codes import DISCHARGED_WITHOUT_PLAN
from referrals.events import parse_event
from referrals.models import Referral
from referrals.usecases.close_referral import close_referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.deny_death import deny_death
from referrals.usecases.judge_course import judge_course
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.record_details import record_details
from referrals.usecases.record_event import record_event
from referrals.usecases.triage_referral import triage_referral
from tests.builders import (
    ALL_NO,
    NOON,
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
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUSPECTED = NOON - timedelta(minutes=30)  # by the builders, half an hour before the referral
IN_HOSPITAL = {"location__organisation_ods": "RXX01"}


def measured(name: str, *, since: datetime = NOON - 30 * DAY, until: datetime = NOON + 90 * DAY,
             at: datetime = NOON + 60 * DAY) -> Result:  # fmt: skip
    found = results(episodes(since=since, until=until), since=since, until=until, at=at)
    return next(one for one in found if one.measure.id == name)


def counts(figure: Figure) -> tuple[int, int]:
    return figure.numerator, figure.denominator


def both(name: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Numerator and denominator, literally and adjusted."""
    result = measured(name)
    return counts(result.literal), counts(result.adjusted)


def only(figure: Figure) -> Counted:
    (one,) = figure.counted
    return one


def reported(result: str = "mscc", *, at: datetime = NOON + 3 * HOUR, **changes: Any) -> Referral:
    """An emergency, scanned an hour before its report."""
    case = triaged("weakness", **changes)
    scan(case, at=at - HOUR)
    report(case, "mri_reported", at=at, result=result)
    return case


def judged(case: Referral, *, at: datetime = NOON + 4 * HOUR, **course: str) -> None:
    judge_course(case.reference, course, by=actor("coordinator"), at=at, service=services.current())


def planned(case: Referral, *, at: datetime) -> None:
    sent = {
        "plan.key_worker": "Nurse Kit Barlow", "plan.who_to_call": "The coordinator", "plan.destination": "home",
        "plan.ongoing_care_assessed_on": "2026-11-20", "plan.rehabilitation_assessed_on": "2026-11-20",
    }  # fmt: skip
    keep_plan(case.reference, sent, sign=True, by=actor("coordinator"), at=at, service=services.current())


def excepted(case: Referral, *codes: str, by: str = "Dr Miriam Katz") -> None:
    answers: dict[str, Any] = {"record.exceptions": list(codes), "record.exception_decided_by": by}
    record_details(
        case.reference, answers, by=actor("coordinator"), at=NOON + HOUR, service=services.current()
    )


def test_edge_01_part_of_the_spine_fails_and_scans_add_up() -> None:
    part, whole = triaged("weakness"), triaged("weakness")
    scan(part, at=NOON + HOUR, regions=["lumbar", "sacral"])
    scan(whole, at=NOON + HOUR, regions=["lumbar"])
    scan(whole, at=NOON + 2 * HOUR, regions=["cervical", "thoracic"])
    result = measured("3")
    assert {one.reference: one.met for one in result.literal.counted} == {
        part.reference: False,
        whole.reference: True,
    }
    assert [one.took for one in result.literal.counted if one.met] == [NOON + 2 * HOUR - SUSPECTED]


def test_edge_02_ct_for_a_contraindicated_mri_fails_literally_and_passes_adjusted() -> None:
    case = triaged("pacemaker")
    scan(case, at=NOON + 2 * HOUR, modality="ct")
    assert both("3") == ((0, 1), (1, 1))
    assert "ct_instead" in only(measured("3").adjusted).flags
    other = triaged("weakness")  # whose MRI was not contraindicated
    scan(other, at=NOON + 2 * HOUR, modality="ct")
    assert both("3") == ((0, 2), (1, 2))


def test_edge_03_found_by_imaging_is_left_out_of_2a_and_3_and_counts_from_the_report() -> None:
    case = triaged("metastases_seen")
    excepted(case, "incidental_imaging")
    scan(case, at=NOON - 2 * DAY)
    report(case, "mri_reported", at=NOON - DAY, recorded_at=NOON, result="metastases_no_compression")
    keep_promise(case.reference, kind="treatment_plan", done_by="Dr Helen Moss", text="Radiotherapy", done_at=NOON + 6 * DAY,
                 by=actor("coordinator"), at=NOON + 6 * DAY)  # fmt: skip
    assert both("2a") == ((0, 0), (0, 0))
    assert both("3") == ((0, 0), (0, 0))
    assert both("2b") == ((1, 1), (1, 1))
    assert only(measured("2b").literal).took == 7 * DAY
    with_mscc = triaged("weakness")
    excepted(with_mscc, "incidental_imaging")
    report(with_mscc, "mri_reported", at=NOON + HOUR, result="mscc")
    assert both("3") == ((0, 0), (0, 0))
    assert with_mscc.reference in {one.reference for one in measured("5").literal.counted}


def test_edge_04_deterioration_counts_in_2a_and_in_3_from_its_own_instant() -> None:
    case = triaged("pain_only")
    report(case, "neurology_changed", at=NOON + 48 * HOUR, neurology={"limb_weakness": "yes"})
    scan(case, at=NOON + 60 * HOUR)
    week, day = only(measured("2a").literal), only(measured("3").literal)
    assert (week.met, week.took) == (True, NOON + 60 * HOUR - SUSPECTED)
    assert (day.met, day.took) == (True, 12 * HOUR)
    assert "upgraded" in week.flags and "upgraded" in day.flags


def test_edge_05_a_downgrade_stays_counted_and_its_clock_ends_with_a_reason_and_a_name() -> None:
    case = triaged("weakness")
    lowered = decision(
        case, stream="safety_net", override_code="examined_since", override_text="Examined: normal power",
        investigations=("none",), urgency="not_needed",
    )  # fmt: skip
    triage_referral(
        case.reference, lowered, by=actor("coordinator"), at=NOON + HOUR, service=services.current()
    )
    ended = clock(case, "mri", limit=24)
    assert ended.stopped_because == "reclassified"
    counted = only(measured("3").literal)
    assert not counted.met
    assert "reclassified" in counted.flags


def test_edge_06_not_for_imaging_stays_in_the_denominator_with_its_exception_and_a_senior_name() -> None:
    named, unnamed = triaged("weakness"), triaged("weakness")
    excepted(named, "too_unwell")
    excepted(unnamed, "declined", by="")
    result = measured("3")
    assert counts(result.literal) == counts(result.adjusted) == (0, 2)
    flags = {one.reference: one.flags for one in result.literal.counted}
    assert "too_unwell" in flags[named.reference] and "senior_not_named" not in flags[named.reference]
    assert {"declined", "senior_not_named"} <= set(flags[unnamed.reference])


def test_edge_07_several_referrals_of_one_person_are_one_episode_from_the_earliest_suspicion() -> None:
    first = submitted("weakness", patient__nhs_number="9990000018")
    second = submitted(
        "weakness", patient__nhs_number="9990000018", clinician_suspected_at=rfc3339(NOON - 5 * HOUR)
    )
    scan(second, at=NOON + HOUR)
    (episode,) = episodes(since=NOON - DAY, until=NOON + DAY)
    assert episode.references == (first.reference, second.reference)
    assert only(measured("3").literal).took == 6 * HOUR


def test_edge_08_recurrence_after_treatment_is_an_episode_that_points_back_and_counts_again() -> None:
    case = reported(patient__nhs_number="9990000018")
    report(case, "decision_to_treat", at=NOON + 4 * HOUR, modality="radiotherapy")
    report(case, "radiotherapy_started", at=NOON + 5 * HOUR)
    close_referral(case.reference, outcome="treated", text="Done", by=actor("coordinator"), at=NOON + DAY)
    later = submitted("weakness", at=NOON + 40 * DAY, patient__nhs_number="9990000018")
    assert later.episode_id != case.episode_id
    assert later.episode.follows_id == case.episode_id
    assert measured("3").literal.denominator == 2
    # Follow-up goes on although the case is closed.
    assert {"follow_up"} == running(case)


def test_edge_09_a_long_debate_about_surgery_does_not_show_in_statement_6_and_is_shown_beside_it() -> None:
    case = reported()
    judged(case, surgery_suitable="pending", wants_radiotherapy="yes")
    judged(case, at=NOON + 40 * HOUR, surgery_suitable="no")
    report(case, "decision_to_treat", at=NOON + 40 * HOUR, modality="radiotherapy")
    report(case, "radiotherapy_started", at=NOON + 50 * HOUR)
    assert both("6") == ((1, 1), (1, 1))
    assert only(measured("6").literal).took == 10 * HOUR
    (episode,) = episodes(since=NOON - DAY, until=NOON + 9 * DAY)
    assert episode.decided_at is not None and episode.mscc_at is not None and episode.treated_at is not None
    assert episode.decided_at - episode.mscc_at == 37 * HOUR
    assert episode.treated_at - episode.suspected_at == NOON + 50 * HOUR - SUSPECTED


def test_edge_10_the_clock_of_radiotherapy_runs_through_transfer() -> None:
    case = reported()
    judged(case, surgery_suitable="no", wants_radiotherapy="yes")
    report(case, "decision_to_treat", at=NOON + 5 * HOUR, modality="radiotherapy")
    due_at = clock(case, "radiotherapy").due_at
    report(case, "admitted", at=NOON + 20 * HOUR)
    report(case, "radiotherapy_started", at=NOON + 31 * HOUR)
    ended = clock(case, "radiotherapy")
    assert due_at == ended.due_at == NOON + 29 * HOUR
    assert clocks.is_breached(ended, at=NOON + 40 * HOUR)
    assert both("6") == ((0, 1), (0, 1))


def test_edge_11_radiotherapy_after_surgery_has_no_clock_and_is_not_in_statement_6() -> None:
    case = reported()
    report(case, "decision_to_treat", at=NOON + 4 * HOUR, modality="surgery", suitable_for_surgery="yes")
    report(case, "surgery_started", at=NOON + 9 * HOUR)
    judged(case, at=NOON + 5 * DAY, surgery_suitable="no", wants_radiotherapy="yes")
    report(case, "decision_to_treat", at=NOON + 6 * DAY, modality="radiotherapy")
    assert "radiotherapy" not in running(case)
    report(case, "radiotherapy_started", at=NOON + 9 * DAY)
    assert measured("6").adjusted.denominator == 0
    assert all(not one.met for one in measured("6").literal.counted)


def test_edge_12_whoever_died_was_not_discharged_and_a_transfer_is_no_discharge() -> None:
    died = reported(**IN_HOSPITAL)
    report(died, "died", at=NOON + DAY)
    moved = reported(**IN_HOSPITAL)
    fact = parse_event({"kind": "discharged", "occurred_at": rfc3339(NOON + DAY), "data": {}}, at=NOON + DAY)
    record_event(moved.reference, fact, without_plan="transfer", text="Dr Katz: to the spinal unit", by=actor("coordinator"),
                 at=NOON + DAY, service=services.current())  # fmt: skip
    assert both("7") == ((0, 1), (0, 0))
    assert [one.reference for one in measured("7").left_out] == [moved.reference]
    assert "transferred" in only(measured("7").literal).flags


def test_edge_13_somebody_never_admitted_is_not_in_statement_7_and_is_owed_a_plan() -> None:
    case = reported()
    assert clock(case, "discharge_plan").started_at == NOON + 3 * HOUR  # from the diagnosis
    assert both("7") == ((0, 0), (0, 0))
    planned(case, at=NOON + 6 * HOUR)
    assert clock(case, "discharge_plan").stopped_because == "met"
    assert both("7") == ((0, 0), (0, 0))


def test_edge_14_a_scan_without_its_report_counts_and_the_report_has_a_clock_of_its_own() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + HOUR)
    assert both("3") == ((1, 1), (1, 1))
    assert "mri_report" in running(case)


@pytest.mark.parametrize(
    ("suspected", "hours"),
    [(datetime(2026, 10, 24, 12, tzinfo=UTC), 25), (datetime(2027, 3, 27, 12, tzinfo=UTC), 23)],
)
def test_edge_15_hours_are_elapsed_hours_on_the_day_the_clocks_change(
    suspected: datetime, hours: int
) -> None:
    """From noon to noon in London is 25 hours in October and 23 in March."""
    case = submitted("weakness", at=suspected, clinician_suspected_at=rfc3339(suspected))
    scan(case, at=suspected + hours * HOUR)
    counted = only(
        measured("3", since=suspected - DAY, until=suspected + 3 * DAY, at=suspected + 3 * DAY).literal
    )
    assert counted.took == hours * HOUR
    assert counted.met == (hours <= 24)


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
        triage_referral(
            case.reference, decision(case), by=actor("registrar"), at=NOON, service=services.current()
        )
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
        triage_referral(
            case.reference, later, by=actor("coordinator"), at=NOON + 101 * HOUR, service=services.current()
        )
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
        deny_death(case.reference, text="Another person", by=actor("coordinator"), at=NOON + 2 * DAY)
        report(case, "discharged", at=NOON + 5 * DAY, by="client")
        assert both("7") == ((0, 1), (0, 1))

    def test_somebody_who_came_with_pain_and_got_worse_stays_in_both(self) -> None:
        case = triaged("pain_only")
        report(case, "neurology_changed", at=NOON + 48 * HOUR, neurology={"limb_weakness": "yes"})
        complete_findings(case.reference, {"neurology": {"gait_disturbance": "yes"}}, source="telephone", by=actor("coordinator"),
                          at=NOON + 49 * HOUR, service=services.current())  # fmt: skip
        assert measured("2a").literal.denominator == 1
        assert "upgraded" in only(measured("3").literal).flags

    def test_an_untriaged_suggestion_is_not_an_acceptance(self) -> None:
        submitted("pain_only")
        assert both("2a") == ((0, 1), (0, 0))
