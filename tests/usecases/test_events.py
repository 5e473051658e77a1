"""Facts move clocks by their true instants, however late and in whatever order they arrive."""

from datetime import timedelta
from typing import Any

import pytest

from accounts import service as services
from accounts.administration import change_settings
from accounts.service import SETTINGS
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import rfc3339
from oncall import clocks
from referrals.case.models import Event
from referrals.case.timeline import timeline
from referrals.evidence.events import parse_event
from referrals.usecases.close_referral import close_referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.deny_death import deny_death
from referrals.usecases.end_treatment_clocks import end_treatment_clocks
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.log_contact import Call, log_contact
from referrals.usecases.record_event import record_event
from referrals.usecases.reopen_referral import reopen_referral
from tests.builders import NOON, act_by, actor, again, clock, report, running, scan, submitted, triaged

pytestmark = pytest.mark.usefixtures("scene")
HOUR = timedelta(hours=1)


def test_a_whole_spine_scan_stops_the_clock_and_asks_for_its_report() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + 3 * HOUR)
    case = again(case)
    mri = clock(case, "mri")
    assert (mri.stopped_at, mri.stopped_because) == (NOON + 3 * HOUR, "met")
    assert case.presentation["whole_spine_imaged"] == "yes"
    assert clock(case, "mri_report").due_at == NOON + 4 * HOUR


def test_part_of_the_spine_does_not_stop_the_clock_and_scans_add_up() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + 2 * HOUR, regions=["lumbar", "sacral"])
    assert "mri" in running(case)
    assert again(case).presentation["whole_spine_imaged"] == "not_assessed"
    scan(case, at=NOON + 5 * HOUR, regions=["cervical", "thoracic"])
    assert clock(case, "mri").stopped_at == NOON + 5 * HOUR


def test_ct_counts_only_where_mri_is_contraindicated() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + HOUR, modality="ct")
    assert "mri" in running(case)
    case = triaged("pacemaker")
    scan(case, at=NOON + HOUR, modality="ct")
    assert "mri" not in running(case)


def test_an_earlier_scan_that_arrives_later_moves_the_instant_back() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + 30 * HOUR)
    assert clock(case, "mri").stopped_at > clock(case, "mri").due_at
    scan(case, at=NOON + 20 * HOUR, recorded_at=NOON + 31 * HOUR)
    mri = clock(case, "mri")
    assert mri.stopped_at == NOON + 20 * HOUR < mri.due_at


def test_the_same_event_again_does_nothing_more() -> None:
    case = triaged("weakness")
    body = {"kind": "mri_booked", "occurred_at": NOON.isoformat(), "data": {"site": "Northmoor"}}
    arguments = {"act": act_by("coordinator", NOON + HOUR), "key": "k1"}
    first, new, _ = record_event(case.reference, parse_event(body, at=NOON + HOUR), **arguments)
    second, again_new, _ = record_event(case.reference, parse_event(body, at=NOON + HOUR), **arguments)
    assert (first.pk, new, again_new) == (second.pk, True, False)
    assert Event.objects.filter(referral=case).count() == 1
    body["occurred_at"] = (NOON + HOUR).isoformat()
    with pytest.raises(OutOfTurn, match="other content"):
        record_event(case.reference, parse_event(body, at=NOON + HOUR), **arguments)


def test_a_booking_silences_the_rung_that_asks_for_one() -> None:
    case = triaged("weakness")
    report(case, "mri_requested", at=NOON + HOUR)
    assert clock(case, "mri").booked_at is None
    report(case, "mri_booked", at=NOON + HOUR)
    assert clock(case, "mri").booked_at == NOON + HOUR


def test_new_neurology_in_the_week_stream_starts_the_emergency_from_its_own_instant() -> None:
    case = triaged("pain_only")
    worse_at = NOON + 48 * HOUR
    report(case, "neurology_changed", at=worse_at, by="gp", neurology={"limb_weakness": "yes"})
    case = again(case)
    assert (case.stream, case.mscc_suspected_at) == ("emergency", worse_at)
    assert clock(case, "mri", limit=24).due_at == worse_at + 24 * HOUR
    week = clock(case, "mri", limit=168)
    assert week.stopped_at is None
    assert week.upgraded_at == worse_at
    assert {"acknowledge", "voice_contact"} <= running(case)


def test_new_neurology_pages_again_even_in_an_emergency_whose_scan_is_done() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + 2 * HOUR)
    report(case, "neurology_changed", at=NOON + 6 * HOUR, by="gp", neurology={"sensory_disturbance": "yes"})
    case = again(case)
    assert case.presentation["whole_spine_imaged"] == "not_assessed"
    assert clock(case, "mri").due_at == NOON + 30 * HOUR
    assert {"mri", "acknowledge", "voice_contact"} <= running(case)


def test_an_old_scan_does_not_count_for_new_neurology() -> None:
    case = triaged("pain_only")
    report(case, "neurology_changed", at=NOON + 10 * HOUR, by="gp", neurology={"limb_weakness": "yes"})
    scan(case, at=NOON + 5 * HOUR, recorded_at=NOON + 11 * HOUR)
    assert clock(case, "mri", limit=168).stopped_at == NOON + 5 * HOUR
    assert clock(case, "mri", limit=24).stopped_at is None
    assert again(case).presentation["whole_spine_imaged"] == "not_assessed"


def test_findings_that_an_event_omits_keep_their_value_and_nothing_is_lowered() -> None:
    case = triaged("weakness")
    report(case, "neurology_changed", at=NOON + HOUR, by="gp", neurology={"limb_weakness": "no"})
    case = again(case)
    assert case.presentation["neurology"]["gait_disturbance"] == "yes"
    assert case.presentation["neurology"]["limb_weakness"] == "no"
    assert case.stream == "emergency"


def test_facts_out_of_order_end_in_the_order_in_which_they_happened() -> None:
    case = triaged("weakness")
    late = NOON + 5 * HOUR
    report(
        case,
        "neurology_changed",
        at=NOON + 3 * HOUR,
        by="gp",
        recorded_at=late,
        neurology={"sensory_disturbance": "yes"},
    )
    report(
        case,
        "neurology_changed",
        at=NOON + HOUR,
        by="gp",
        recorded_at=late,
        neurology={"sensory_disturbance": "no"},
    )
    assert again(case).presentation["neurology"]["sensory_disturbance"] == "yes"


@pytest.mark.parametrize(
    ("result", "finding", "decides"),
    [
        ("mscc", "mscc", True),
        ("cauda_equina_compression", "mscc", True),
        ("impending_compression", "impending_compression", False),
        ("metastases_no_compression", "spinal_metastases", False),
        ("nerve_root_only", "spinal_metastases", False),
        ("no_malignant_disease", "no_malignant_disease", False),
        ("non_malignant_compression", "non_malignant_compression", False),
        ("non_diagnostic", "none", False),
    ],
)
def test_a_report_sets_the_finding_and_compression_asks_for_a_decision(
    result: str, finding: str, decides: bool
) -> None:
    case = triaged("pain_only")
    scan(case, at=NOON + HOUR)
    report(case, "mri_reported", at=NOON + 2 * HOUR, result=result, verified=True)
    assert again(case).presentation["imaging_finding"] == finding
    assert clock(case, "mri_report").stopped_because == "met"
    assert ("decision_to_treat" in running(case)) == decides


def test_mscc_on_a_scan_of_the_week_stream_is_an_emergency() -> None:
    case = triaged("pain_only")
    scan(case, at=NOON + HOUR)
    report(case, "mri_reported", at=NOON + 2 * HOUR, by="gp", result="mscc")
    case = again(case)
    assert case.stream == "emergency"
    assert {"acknowledge", "voice_contact"} <= running(case)


def test_impending_compression_on_a_scan_pages_although_the_stream_stays() -> None:
    case = triaged("pain_only")
    scan(case, at=NOON + HOUR)
    report(case, "mri_reported", at=NOON + 2 * HOUR, by="gp", result="impending_compression")
    assert again(case).stream == "one_week"
    assert clock(case, "acknowledge").limit_hours == 0.25
    assert "acknowledge" in running(case)


def test_a_clean_whole_spine_offers_to_end_what_is_not_needed() -> None:
    case = triaged("pain_only")
    with pytest.raises(OutOfTurn, match="whole spine"):
        end_treatment_clocks(case.reference, act=act_by("coordinator", NOON + HOUR))
    scan(case, at=NOON + HOUR)
    report(case, "mri_reported", at=NOON + 2 * HOUR, result="no_malignant_disease")
    with pytest.raises(OutOfTurn, match="final"):
        end_treatment_clocks(case.reference, act=act_by("coordinator", NOON + 3 * HOUR))
    report(case, "mri_reported", at=NOON + 2 * HOUR, result="no_malignant_disease", status="final")
    end_treatment_clocks(case.reference, act=act_by("coordinator", NOON + 3 * HOUR))
    assert clock(case, "treatment_plan").stopped_because == "not_needed"


def test_radiotherapy_runs_from_the_decision_and_not_after_surgery() -> None:
    case = triaged("weakness")
    report(case, "decision_to_treat", at=NOON + 6 * HOUR, modality="radiotherapy")
    assert clock(case, "radiotherapy").due_at == NOON + 30 * HOUR
    report(case, "radiotherapy_started", at=NOON + 20 * HOUR)
    assert clock(case, "radiotherapy").stopped_because == "met"
    assert again(case).status == "in_treatment"
    case = triaged("weakness")
    report(case, "surgery_started", at=NOON + 5 * HOUR)
    report(case, "decision_to_treat", at=NOON + 6 * HOUR, modality="radiotherapy")
    assert "radiotherapy" not in running(case)


@pytest.mark.parametrize(
    ("kind", "starts", "formal"),
    [
        ("immobilised", "stability_advice", False),
        ("dexamethasone_given", "steroid_review", False),
        ("admitted", "discharge_plan", False),
    ],
)
def test_events_that_start_a_clock(kind: str, starts: str, formal: bool) -> None:
    case = triaged("weakness")
    report(case, kind, at=NOON + HOUR)
    started = clock(case, starts)
    assert (started.due_at, started.formal) == (NOON + 25 * HOUR, formal)


def test_death_ends_every_clock_and_leaves_the_case_to_a_human() -> None:
    case = triaged("weakness")
    report(case, "died", at=NOON + 5 * HOUR)
    assert running(case) == {"acknowledge"}, "a human confirms that it is so"
    assert clock(case, "mri").stopped_because == "ended"
    assert again(case).status == "in_progress"


@pytest.mark.parametrize("kind", ["mri_booked", "admitted"])
def test_what_comes_for_a_closed_case_is_kept_and_shown_to_a_coordinator(kind: str) -> None:
    case = triaged("no_cancer", location__organisation_ods="RXX01")
    close_referral(case.reference, outcome="advice_only", by=actor("coordinator"), at=NOON + HOUR)
    assert running(case) == set()
    event = report(case, kind, at=NOON + 2 * HOUR, by="client")
    case = again(case)
    assert (event.referral_id, case.arrived_since, case.is_over) == (case.pk, NOON + 2 * HOUR, True)
    assert running(case) == set(), "it waits on the board"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("mri_reported", {"result": "mscc"}),
        ("mri_reported", {"result": "metastases_no_compression"}),
        ("neurology_changed", {"neurology": {"limb_weakness": "yes"}}),
    ],
)
def test_what_is_urgent_for_a_closed_case_pages_at_once(kind: str, data: dict[str, Any]) -> None:
    case = triaged("no_cancer", location__organisation_ods="RXX01")
    close_referral(case.reference, outcome="advice_only", by=actor("coordinator"), at=NOON + HOUR)
    report(case, kind, at=NOON + 2 * HOUR, by="client", **data)
    assert running(case) == {"acknowledge"}
    assert clock(case, "acknowledge").limit_hours == 0.25


def test_worse_after_advice_opens_the_case_again() -> None:
    case = triaged("no_cancer")
    assert case.status == "advice_given"
    report(case, "neurology_changed", at=NOON + 30 * HOUR, by="gp", neurology={"gait_disturbance": "yes"})
    case = again(case)
    assert (case.status, case.stream) == ("in_progress", "emergency")


def test_reporting_a_scan_of_the_one_week_stream_has_a_day() -> None:
    case = triaged("pain_only")
    scan(case, at=NOON + HOUR)
    assert clock(case, "mri_report").limit_hours == 24


def test_a_suspicion_six_days_old_is_over_its_limit_at_once() -> None:
    case = submitted("weakness", clinician_suspected_at=(NOON - timedelta(days=6)).isoformat())
    assert clock(case, "mri").due_at == NOON - timedelta(days=5)


def test_what_a_clock_asked_for_is_recorded_as_done_with_its_true_time() -> None:
    case = triaged("weakness")
    report(case, "immobilised", at=NOON)
    done = {
        "done_by": "Specialist physiotherapist",
        "text": "Stable, sit up by degrees",
        "by": actor("coordinator"),
    }
    keep_promise(case.reference, kind="stability_advice", done_at=NOON + 3 * HOUR, at=NOON + 5 * HOUR, **done)
    stopped = clock(case, "stability_advice")
    assert (stopped.stopped_at, stopped.stopped_because) == (NOON + 3 * HOUR, "met")
    with pytest.raises(OutOfTurn, match="No clock asks for this"):
        keep_promise(
            case.reference, kind="stability_advice", done_at=NOON + 3 * HOUR, at=NOON + 5 * HOUR, **done
        )
    with pytest.raises(Invalid) as problem:
        keep_promise(
            case.reference,
            kind="mri",
            done_by="",
            text="",
            done_at=NOON + 9 * HOUR,
            by=actor("coordinator"),
            at=NOON,
        )
    assert set(problem.value.errors) == {"kind", "done_by", "done_at"}


def test_a_report_that_comes_late_moves_a_deterioration_to_its_true_instant() -> None:
    case = triaged("pain_only")
    weak = {"neurology": {"limb_weakness": "yes"}}
    report(case, "neurology_changed", at=NOON + 6 * HOUR, **weak)
    report(case, "neurology_changed", at=NOON + 4 * HOUR, recorded_at=NOON + 7 * HOUR, **weak)
    case = again(case)
    assert case.mscc_suspected_at == NOON + 4 * HOUR
    assert clock(case, "mri", limit=24).due_at == NOON + 28 * HOUR


def test_a_scan_from_before_the_symptoms_stops_nothing_until_a_coordinator_lets_it_count() -> None:
    case = triaged("weakness")
    scan(case, at=NOON - 4000 * HOUR, recorded_at=NOON + HOUR)
    assert "mri" in running(case)
    assert again(case).presentation["whole_spine_imaged"] == "not_assessed"
    complete_findings(
        case.reference,
        {"whole_spine_imaged": "yes"},
        source="telephone",
        act=act_by("coordinator", NOON + 2 * HOUR),
    )
    assert clock(case, "mri").stopped_because == "not_needed"


OUT_OF_ORDER = {
    "mri_report": (
        ("mri_reported", 5, {"result": "metastases_no_compression", "status": "final"}),
        ("mri_performed", 4, {"modality": "mri", "regions": ["thoracic"]}),
    ),
    "decision_to_treat": (
        ("decision_to_treat", 6, {"modality": "surgery"}),
        ("mri_reported", 5, {"result": "mscc"}),
    ),
    "radiotherapy": (
        ("radiotherapy_started", 8, {}),
        ("decision_to_treat", 6, {"modality": "radiotherapy"}),
    ),
}


@pytest.mark.parametrize("kind", OUT_OF_ORDER)
@pytest.mark.parametrize("reverse", [False, True])
def test_what_starts_and_what_stops_a_clock_may_arrive_in_either_order(kind: str, reverse: bool) -> None:
    case = triaged("weakness")
    told = OUT_OF_ORDER[kind]
    for event, hours, data in reversed(told) if reverse else told:
        report(case, event, at=NOON + hours * HOUR, recorded_at=NOON + 9 * HOUR, **data)
    stopped = clock(case, kind)
    first, last = sorted(hours for _, hours, _ in told)
    assert (stopped.started_at, stopped.stopped_at) == (NOON + first * HOUR, NOON + last * HOUR)
    assert stopped.stopped_because == "met"


def test_a_second_report_of_the_same_finding_asks_for_no_second_decision() -> None:
    case = triaged("weakness")
    report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc", verified=False)
    report(case, "decision_to_treat", at=NOON + 3 * HOUR, modality="surgery")
    report(case, "mri_reported", at=NOON + 5 * HOUR, result="mscc", verified=True)
    assert "decision_to_treat" not in running(case)
    report(case, "neurology_changed", at=NOON + 6 * HOUR, neurology={"sensory_disturbance": "yes"})
    report(case, "mri_reported", at=NOON + 8 * HOUR, result="mscc")
    assert clock(case, "decision_to_treat").due_at == NOON + 12 * HOUR


@pytest.mark.parametrize("operation_told_late", [False, True])
def test_surgery_takes_the_place_of_a_decision_for_radiotherapy(operation_told_late: bool) -> None:
    case = triaged("weakness")
    if operation_told_late:
        report(case, "decision_to_treat", at=NOON + 6 * HOUR, modality="radiotherapy")
        report(case, "surgery_started", at=NOON + 5 * HOUR, recorded_at=NOON + 7 * HOUR)
    else:
        report(case, "decision_to_treat", at=NOON + 5 * HOUR, modality="radiotherapy")
        report(case, "decision_to_treat", at=NOON + 6 * HOUR, modality="surgery")
    assert clock(case, "radiotherapy").stopped_because == "superseded"


def test_nothing_that_arrives_after_a_death_starts_a_clock() -> None:
    case = submitted("weakness")
    report(case, "died", at=NOON + HOUR)
    report(case, "mri_reported", at=NOON + HOUR / 2, recorded_at=NOON + 2 * HOUR, result="mscc")
    report(
        case,
        "neurology_changed",
        at=NOON + HOUR / 2,
        recorded_at=NOON + 2 * HOUR,
        neurology={"sensory_disturbance": "yes"},
    )
    assert running(case) == {"acknowledge"}


def test_a_death_reported_in_error_is_struck_out_and_the_clocks_run_on() -> None:
    case = submitted("weakness")
    before = running(case)
    report(case, "died", at=NOON + HOUR, by="gp")
    with pytest.raises(Invalid, match="Write why"):
        deny_death(case.reference, text="", act=act_by("coordinator", NOON + 2 * HOUR))
    deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 2 * HOUR))
    assert running(case) == before
    assert clock(case, "mri").due_at == case.clinician_suspected_at + 24 * HOUR
    with pytest.raises(OutOfTurn, match="No death"):
        deny_death(case.reference, text="Again", act=act_by("coordinator", NOON + 3 * HOUR))


def test_a_saddle_sign_found_after_the_scan_asks_for_another() -> None:
    case = triaged("pain_only")
    scan(case, at=NOON + HOUR)
    complete_findings(
        case.reference,
        {"saddle_or_sphincter_signs": "yes"},
        source="telephone",
        act=act_by("coordinator", NOON + 2 * HOUR),
    )
    assert again(case).presentation["whole_spine_imaged"] == "not_assessed"
    assert clock(case, "mri", limit=24).stopped_at is None


def test_a_ct_done_before_anybody_said_that_mri_is_contraindicated_counts() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + HOUR, modality="ct")
    complete_findings(
        case.reference,
        {"mri_contraindicated": "yes"},
        source="telephone",
        act=act_by("coordinator", NOON + 2 * HOUR),
    )
    assert again(case).presentation["whole_spine_imaged"] == "yes"
    assert clock(case, "mri").stopped_at == NOON + HOUR


@pytest.mark.parametrize(("years", "why"), [(2, "more than a year"), (100, "date of birth")])
def test_a_slip_of_the_year_is_named(years: int, why: str) -> None:
    case = triaged("weakness")
    with pytest.raises(Invalid) as refused:
        report(case, "admitted", at=NOON - years * 8766 * HOUR, recorded_at=NOON + HOUR)
    assert why in refused.value.errors["occurred_at"][0]


def test_a_case_opened_again_has_its_clocks_whatever_was_done_to_it_meanwhile() -> None:
    case = triaged("weakness")
    before = running(case)
    close_referral(case.reference, outcome="treated", text="Sent on", by=actor("coordinator"), at=NOON + HOUR)
    call = Call(
        occurred_at=NOON + 2 * HOUR, direction="outgoing", channel="telephone", person="GP", outcome="spoke"
    )
    log_contact(case.reference, call, by=actor("coordinator"), at=NOON + 2 * HOUR)
    reopen_referral(case.reference, text="Not yet", act=act_by("coordinator", NOON + 3 * HOUR))
    assert running(case) == before
    close_referral(case.reference, outcome="treated", text="Now", by=actor("coordinator"), at=NOON + 4 * HOUR)
    reopen_referral(case.reference, text="No", act=act_by("coordinator", NOON + 5 * HOUR))
    assert running(case) == before
    assert sum(c.stopped_at is None for c in clocks.of_case(case.pk)) == len(before)


def test_what_the_service_sets_holds_for_clocks_that_start_after_it() -> None:
    before, after = triaged("weakness"), triaged("weakness")
    report(before, "mri_reported", at=NOON + HOUR, result="mscc")
    typed = {setting.key: str(services.current()[setting.key]) for setting in SETTINGS}
    change_settings({**typed, "limit_decision_to_treat": "6"}, by=actor("admin"), at=NOON + HOUR)
    report(after, "mri_reported", at=NOON + 2 * HOUR, result="mscc")
    assert clock(before, "decision_to_treat").limit_hours == 4
    assert clock(after, "decision_to_treat").due_at == NOON + 8 * HOUR


def test_no_setting_reaches_a_limit_of_nice() -> None:
    assert not {setting.key for setting in SETTINGS} & {
        "limit_mri",
        "limit_radiotherapy",
        "limit_stability_advice",
    }
    case = triaged("weakness")
    report(case, "immobilised", at=NOON)
    assert clock(case, "stability_advice").limit_hours == 24


def test_nobody_is_paged_for_the_therapies_of_somebody_who_has_left_hospital() -> None:
    therapies = {"physiotherapy", "occupational_therapy"}
    case = triaged("weakness", location__organisation_ods="RXX01")
    report(case, "admitted", at=NOON + HOUR)
    left_at = NOON + 5 * HOUR
    transfer = parse_event({"kind": "discharged", "occurred_at": rfc3339(left_at), "data": {}}, at=left_at)
    record_event(
        case.reference, transfer, without_plan="transfer", text="Dr Katz", act=act_by("coordinator", left_at)
    )
    assert therapies <= running(case), "another hospital is a hospital"
    report(case, "discharged", at=NOON + 9 * HOUR, by="client")
    assert not therapies & running(case)
    report(case, "admitted", at=NOON + 7 * HOUR, recorded_at=NOON + 10 * HOUR)
    assert not therapies & running(case), "told late, of a stay that is over"
    report(case, "admitted", at=NOON + 11 * HOUR)
    assert therapies <= running(case)


def test_a_line_is_read_on_later_days_and_so_names_the_day_that_was_tomorrow() -> None:
    case = triaged("weakness")
    at = NOON + HOUR
    report(case, "mri_booked", at=at, booked_for=rfc3339(NOON + 20 * HOUR))
    line = next(line for line in timeline(again(case)) if "MRI booked" in line.what)
    assert line.details == ("at 13:00 GMT", "for 08:00 GMT on 21 November 2026")
