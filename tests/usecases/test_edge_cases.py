"""The fifteen edge cases of the QS56 measures by number, on cases that were really referred, scanned and treated."""

from datetime import UTC, datetime

import pytest

from governance.episodes import episodes
from kernel.time import rfc3339
from oncall import clocks
from referrals.evidence.events import parse_event
from referrals.usecases.close_referral import close_referral
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.record_event import record_event
from referrals.usecases.triage_referral import triage_referral
from tests.builders import (
    NAMED,
    NOON,
    act_by,
    actor,
    clock,
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
    SUSPECTED,
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
    keep_promise(
        case.reference,
        kind="treatment_plan",
        done_by="Dr Helen Moss",
        text="Radiotherapy",
        done_at=NOON + 6 * DAY,
        by=actor("coordinator"),
        at=NOON + 6 * DAY,
    )
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
    assert "upgraded" in week.flags
    assert "upgraded" in day.flags


def test_edge_05_a_downgrade_stays_counted_and_its_clock_ends_with_a_reason_and_a_name() -> None:
    case = triaged("weakness")
    lowered = decision(
        case,
        stream="safety_net",
        override_code="examined_since",
        override_text="Examined: normal power",
        investigations=("none",),
        urgency="not_needed",
    )
    triage_referral(case.reference, lowered, act=act_by("coordinator", NOON + HOUR))
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
    assert "too_unwell" in flags[named.reference]
    assert "senior_not_named" not in flags[named.reference]
    assert {"declined", "senior_not_named"} <= set(flags[unnamed.reference])


def test_edge_07_several_referrals_of_one_person_are_one_episode_from_the_earliest_suspicion() -> None:
    first = submitted("weakness", patient__nhs_number="9990000018", **NAMED)
    second = submitted(
        "weakness", patient__nhs_number="9990000018", **NAMED, clinician_suspected_at=rfc3339(NOON - 5 * HOUR)
    )
    scan(second, at=NOON + HOUR)
    (episode,) = episodes(since=NOON - DAY, until=NOON + DAY)
    assert episode.references == (first.reference, second.reference)
    assert only(measured("3").literal).took == 6 * HOUR


def test_edge_08_recurrence_after_treatment_is_an_episode_that_points_back_and_counts_again() -> None:
    case = reported(patient__nhs_number="9990000018", **NAMED)
    report(case, "decision_to_treat", at=NOON + 4 * HOUR, modality="radiotherapy")
    report(case, "radiotherapy_started", at=NOON + 5 * HOUR)
    close_referral(case.reference, outcome="treated", text="Done", by=actor("coordinator"), at=NOON + DAY)
    later = submitted("weakness", at=NOON + 40 * DAY, patient__nhs_number="9990000018", **NAMED)
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
    assert episode.decided_at is not None
    assert episode.mscc_at is not None
    assert episode.treated_at is not None
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
    record_event(
        moved.reference,
        fact,
        without_plan="transfer",
        text="Dr Katz: to the spinal unit",
        act=act_by("coordinator", NOON + DAY),
    )
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
