"""Treatment, plan and outcomes: what was decided is followed to the end."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from governance.verification import verify_records
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import rfc3339
from mdt.mobility import MobilityPoint, picture
from mdt.treatments import MODALITIES, MODALITY_AT, faults
from mdt.treatments import RADIOTHERAPY as RADIOTHERAPY_CODES
from mdt.usecases.send_plan import send_plan
from oncall.handover import open_cases
from oncall.kinds import FOLLOW_UPS
from oncall.models import Clock
from referrals.case.models import Referral
from referrals.intake.validation import parse
from referrals.usecases.close_referral import close_referral
from referrals.usecases.issue_letter import issue_letter
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.record_details import record_details
from referrals.usecases.submit_referral import submit_referral
from tests.builders import (
    NAMED,
    NOON,
    acknowledged,
    act_by,
    actor,
    again,
    body,
    clock,
    report,
    running,
    scan,
    triaged,
)
from tests.usecases.mdt_acts import (
    DAY,
    HOUR,
    NOW,
    RADIOTHERAPY,
    WHOLE_PLAN,
    asked,
    confirmed,
    decided,
    kept,
    observed,
    problems,
    said,
    treated,
)

pytestmark = pytest.mark.usefixtures("scene")


class TestTreatment:
    def test_a_decision_for_radiotherapy_starts_the_24_hours_and_its_start_meets_them(self) -> None:
        case = confirmed()
        treated(case, "rt_single_8gy", **RADIOTHERAPY)
        assert clock(case, "radiotherapy").due_at == NOW + 27 * HOUR
        assert clock(case, "decision_to_treat").stopped_because == "met"
        treated(
            case,
            "rt_single_8gy",
            at=NOW + 9 * HOUR,
            seen=1,
            **RADIOTHERAPY,
            decided_at=rfc3339(NOW + 3 * HOUR),
            started_at=rfc3339(NOW + 8 * HOUR),
        )
        met = clock(case, "radiotherapy")
        assert (met.stopped_because, met.stopped_at) == ("met", NOW + 8 * HOUR)
        assert again(case).status == "in_treatment"
        assert case.events.filter(kind="decision_to_treat").count() == 1

    def test_anything_but_8_gy_once_has_its_reason_and_its_dose(self) -> None:
        case = confirmed()
        with pytest.raises(Invalid) as refused:
            treated(case, "rt_multifraction", **RADIOTHERAPY)
        assert problems(refused) == {
            "treatment.not_single_reason",
            "treatment.total_gy",
            "treatment.fractions",
        }
        row = treated(
            case,
            "rt_multifraction",
            total_gy=20,
            fractions=5,
            not_single_reason="large_field",
            **RADIOTHERAPY,
        )
        assert (row.content["total_gy"], row.content["fractions"]) == (20, 5)

    def test_radiotherapy_again_asks_what_was_before(self) -> None:
        case = confirmed()
        record_details(
            case.reference,
            {"clinical.previous_radiotherapy": "T4 to T6, 2024"},
            act=act_by("coordinator", NOW),
        )
        with pytest.raises(Invalid) as refused:
            treated(case, "rt_single_8gy", **RADIOTHERAPY)
        assert problems(refused) == {
            "treatment.reirradiation_considered",
            "treatment.good_response_before",
            "treatment.three_months_since_radiotherapy",
        }

    def test_surgery_has_no_clock_and_carries_out_what_was_decided(self) -> None:
        case = asked(confirmed(), "spinal_surgery")
        decided(case, "surgery", surgery_suitable="yes")
        treated(case, "surgery_decompression", by="mdt", procedure="T8 laminectomy", urgency="now")
        assert "radiotherapy" not in running(case)
        assert clock(case, "task").stopped_because == "met"

    def test_each_step_of_a_taper_is_a_task_of_its_morning_and_a_new_taper_replaces_it(self) -> None:
        case = confirmed()
        report(case, "dexamethasone_given", at=NOON + HOUR, recorded_at=NOW, dose_mg=16)
        taper = {
            "start_on": "2026-11-20",
            "daily_mg": 16.0,
            "step_1_on": "2026-11-23",
            "step_1_mg": 8.0,
            "stop_on": "2026-11-27",
        }
        treated(case, "dexamethasone", **taper)
        due = sorted(c.due_at for c in Clock.objects.filter(case=case.pk, kind="task", stopped_at=None))
        assert [d.isoformat() for d in due] == ["2026-11-23T09:00:00+00:00", "2026-11-27T09:00:00+00:00"]
        assert clock(case, "steroid_review").stopped_because == "met"
        treated(case, "dexamethasone", at=NOW + 4 * HOUR, seen=1, **{**taper, "stop_on": "2026-11-26"})
        assert Clock.objects.filter(case=case.pk, kind="task", stopped_at=None).count() == 2
        assert Clock.objects.filter(case=case.pk, kind="task", stopped_because="superseded").count() == 2

    def test_a_taper_needs_a_step_in_its_order(self) -> None:
        with pytest.raises(Invalid) as refused:
            treated(
                confirmed(),
                "dexamethasone",
                start_on="2026-11-20",
                stop_on="2026-11-19",
                step_1_on="2026-11-21",
            )
        assert problems(refused) == {"treatment.step_1_mg", "treatment.stop_on"} | {"treatment.step_1_on"}

    def test_nothing_starts_before_it_is_decided(self) -> None:
        with pytest.raises(Invalid) as refused:
            treated(confirmed(), "rt_single_8gy", started_at=rfc3339(NOW), **RADIOTHERAPY)
        assert problems(refused) == {"treatment.started_at"}

    def test_a_note_on_a_treatment_judges_nothing_anew_and_settles_nothing(self) -> None:
        case = asked(confirmed(), "oncology")
        treated(case, "rt_single_8gy", prognosis="intermediate", **RADIOTHERAPY)
        decided(case, "radiotherapy", at=NOW + 4 * HOUR, prognosis="poor")
        assert "radiotherapy" not in running(case)
        treated(
            case,
            "rt_single_8gy",
            at=NOW + 5 * HOUR,
            seen=1,
            prognosis="intermediate",
            note="Rang the ward",
            decided_at=rfc3339(NOW + 3 * HOUR),
            **RADIOTHERAPY,
        )
        assert "radiotherapy" not in running(case)  # the MDT's judgement stands
        assert "task" in running(case)

    def test_nothing_is_decided_without_the_person(self) -> None:
        case = confirmed()
        treated(case, "rt_single_8gy", **{**RADIOTHERAPY, "consent": "declined"})
        assert "radiotherapy" not in running(case)
        treated(case, "rt_single_8gy", at=NOW + 4 * HOUR, seen=1, **RADIOTHERAPY)
        assert clock(case, "radiotherapy").started_at == NOW + 4 * HOUR

    @pytest.mark.parametrize(
        ("consent", "because"), [("pending", ""), ("declined", "not_needed"), ("consented", "met")]
    )
    def test_what_the_mdt_left_to_do_waits_for_the_person(self, consent: str, because: str) -> None:
        case = confirmed()
        asked(case, "oncology")
        decided(case, "radiotherapy")
        treated(case, "rt_single_8gy", consent=consent, **RADIOTHERAPY)
        assert clock(case, "task").stopped_because == because

    def test_a_taper_that_the_person_has_not_agreed_to_is_no_review(self) -> None:
        case = confirmed()
        report(case, "dexamethasone_given", at=NOW, dose_mg=16, route="oral")
        days = {"start_on": "2026-11-20", "step_1_on": "2026-11-25", "step_1_mg": 8, "stop_on": "2026-11-30"}
        treated(case, "dexamethasone", consent="pending", **days)
        assert "steroid_review" in running(case)
        treated(case, "dexamethasone", consent="consented", **days)
        assert "steroid_review" not in running(case)

    def test_what_was_told_as_a_fact_stays_told(self) -> None:
        case = confirmed()
        started = {"decided_at": rfc3339(NOW + 3 * HOUR), "started_at": rfc3339(NOW + 5 * HOUR)}
        treated(case, "rt_single_8gy", at=NOW + 6 * HOUR, **RADIOTHERAPY, **started)
        with pytest.raises(Invalid) as refused:
            treated(
                case,
                "rt_single_8gy",
                at=NOW + 7 * HOUR,
                seen=1,
                **RADIOTHERAPY,
                **{**started, "started_at": rfc3339(NOW + 6 * HOUR)},
            )
        assert problems(refused) == {"treatment.started_at"}

    def test_every_modality_names_what_it_needs(self) -> None:
        assert len(MODALITY_AT) == len(MODALITIES) == 14
        for modality in MODALITIES:
            assert {"decided_at", "decided_by", "grade", "consent"} <= {spec.name for spec in modality.fields}
            asked_for = faults(modality, {}, irradiated=True)
            assert set(asked_for) <= {spec.path for spec in modality.fields}
            assert bool(asked_for) == (
                modality.code in RADIOTHERAPY_CODES or modality.code == "dexamethasone"
            )

    def test_a_hospital_that_reported_the_start_already_is_not_told_twice(self) -> None:
        case = confirmed()
        treated(case, "rt_single_8gy", **RADIOTHERAPY)
        report(case, "radiotherapy_started", at=NOW + 5 * HOUR)
        treated(
            case,
            "rt_single_8gy",
            at=NOW + 9 * HOUR,
            seen=1,
            **RADIOTHERAPY,
            decided_at=rfc3339(NOW + 3 * HOUR),
            started_at=rfc3339(NOW + 6 * HOUR),
        )
        assert clock(case, "radiotherapy").stopped_at == NOW + 5 * HOUR


class TestPlan:
    def test_the_plan_is_opened_by_its_first_version_and_signed_when_complete(self) -> None:
        case = confirmed()
        kept(case, key_worker="Nurse Kit Barlow")
        assert clock(case, "discharge_plan").stopped_because == "met"
        with pytest.raises(Invalid) as refused:
            kept(case, sign=True, key_worker="Nurse Kit Barlow")
        assert problems(refused) == {
            "plan.who_to_call",
            "plan.destination",
            "plan.ongoing_care_assessed_on",
            "plan.rehabilitation_assessed_on",
        }
        assert kept(case, sign=True, seen=1, **WHOLE_PLAN).signed

    def test_no_plan_was_signed_before_the_symptoms_that_it_is_about(self) -> None:
        case = confirmed()
        for on_paper in ("2026-01-20T10:00:00Z", "2021-11-20T10:00:00Z"):
            with pytest.raises(Invalid) as refused:
                kept(case, sign=True, **WHOLE_PLAN, signed_on_paper_at=on_paper)
            assert problems(refused) == {"plan.signed_on_paper_at"}

    def test_what_a_plan_on_paper_rests_on_was_assessed_before_it_was_signed(self) -> None:
        case = confirmed()
        late = WHOLE_PLAN | {"rehabilitation_assessed_on": "2026-11-26"}
        with pytest.raises(Invalid) as refused:
            kept(case, sign=True, at=NOW + 7 * DAY, **late, signed_on_paper_at=rfc3339(NOW + HOUR))
        assert problems(refused) == {"plan.rehabilitation_assessed_on"}
        assert kept(case, sign=True, at=NOW + 7 * DAY, **late).signed

    def test_two_who_write_at_once_lose_nothing(self) -> None:
        case = asked(confirmed(), "physiotherapy")
        kept(case, seen=0, key_worker="Nurse Kit Barlow")
        with pytest.raises(OutOfTurn, match="has written version 1"):
            kept(case, seen=0, by="mdt-physiotherapy", rehabilitation="Transfers with one")

    def test_whoever_is_admitted_again_is_owed_a_plan_again(self) -> None:
        case = confirmed()
        report(case, "admitted", at=NOW)
        kept(case, sign=True, **WHOLE_PLAN)
        report(case, "discharged", at=NOW + DAY)
        assert "discharge_plan" not in running(case)
        report(case, "admitted", at=NOW + 2 * DAY)
        assert clock(case, "discharge_plan").started_at == NOW + 2 * DAY
        with pytest.raises(Invalid, match="Sign the management plan first"):
            report(case, "discharged", at=NOW + 3 * DAY)

    def test_only_a_signed_plan_is_sent_and_the_gps_copy_is_awaited(self) -> None:
        case = confirmed()
        kept(case, **WHOLE_PLAN)
        send: dict[str, Any] = {"recipient": "Dr Anand", "act": act_by("coordinator", NOW + 6 * HOUR)}
        with pytest.raises(OutOfTurn, match="Sign the plan first"):
            send_plan(case.reference, "plan_gp", **send)
        kept(case, sign=True, seen=1, **WHOLE_PLAN)
        assert send_plan(case.reference, "plan_gp", **send).awaited is not None
        own = send_plan(case.reference, "plan_person", **send)
        assert own.awaited is None
        titles = [section["title"] for section in own.content["sections"]]
        assert titles[0] == "If your symptoms come back"
        assert "What you told us you want" in titles


@pytest.mark.parametrize(
    ("kind", "limit", "starts_at"),
    [
        ("mri", 24, NOON - timedelta(minutes=30)),
        ("mri_report", 1, NOON + 2 * HOUR),
        ("stability_advice", 24, NOON + HOUR),
        ("steroid_review", 24, NOON + HOUR),
        ("specialist_opinion", 2, NOW),
        ("decision_to_treat", 4, NOON + 3 * HOUR),
        ("radiotherapy", 24, NOW + 3 * HOUR),
        ("discharge_plan", 24, NOON + 3 * HOUR),
        ("physiotherapy", 24, NOON + 3 * HOUR),
        ("occupational_therapy", 48, NOON + 3 * HOUR),
        ("total_pathway", 48, NOON - timedelta(minutes=30)),
        ("cg75_legacy", 24, NOON + 3 * HOUR),
    ],
)
def test_every_clock_of_the_timer_catalogue_has_its_start_and_its_limit(
    kind: str, limit: float, starts_at: datetime
) -> None:
    """From the suspicion to the first fraction, on one case."""
    case = triaged("weakness")
    report(case, "immobilised", at=NOON + HOUR)
    report(case, "dexamethasone_given", at=NOON + HOUR, dose_mg=16)
    scan(case, at=NOON + 2 * HOUR)
    report(case, "mri_reported", at=NOON + 3 * HOUR, result="mscc", status="final")
    report(case, "admitted", at=NOON + 3 * HOUR)
    asked(case, "oncology")
    treated(case, "rt_single_8gy", **RADIOTHERAPY)
    found = clock(case, kind)
    assert (found.limit_hours, found.started_at) == (limit, starts_at)
    assert found.due_at == starts_at + limit * HOUR


class TestOnePerson:
    def test_a_case_that_the_mdt_works_on_is_kept_when_two_are_merged(self) -> None:
        kept_one, other = acknowledged("weakness"), asked(confirmed(), "oncology")
        with pytest.raises(OutOfTurn, match="keep that one"):
            merge_cases(
                kept_one.reference,
                other=other.reference,
                text="One person",
                confirmed=True,
                act=act_by("coordinator", NOW),
            )

    def test_a_recurrence_points_back_only_for_the_same_person(self) -> None:
        first = acknowledged("weakness", patient__nhs_number="9990000018", **NAMED)
        close_referral(first.reference, outcome="treated", text="Done", by=actor("coordinator"), at=NOW)
        for number, follows in (("9990000018", first.episode_id), ("9990000026", None)):
            sent = parse(body("weakness", at=NOW + DAY, patient__nhs_number=number, **NAMED), at=NOW + DAY)
            case, _ = submit_referral(
                sent,
                act=act_by("coordinator", NOW + DAY),
                source="telephone",
                key=f"recurrence:{number}",
                follows=first.reference,
            )
            assert case.episode.follows_id == follows


class TestOutcomes:
    def in_treatment(self) -> Referral:
        case = confirmed()
        report(case, "radiotherapy_started", at=NOW)
        return case

    def test_follow_up_begins_with_the_first_treatment_and_outlives_the_case(self) -> None:
        case = self.in_treatment()
        due = {c.limit_hours for c in Clock.objects.filter(case=case.pk, kind="follow_up", stopped_at=None)}
        assert due == set(FOLLOW_UPS)
        close_referral(case.reference, outcome="treated", text="Done", by=actor("coordinator"), at=NOW + DAY)
        observed(case, "week_4", at=NOW + 28 * DAY, walking="with_aid")
        assert clock(case, "follow_up", limit=FOLLOW_UPS[0]).stopped_because == "met"
        assert clock(case, "follow_up", limit=FOLLOW_UPS[1]).stopped_at is None

    def test_an_outcome_long_before_its_point_does_not_end_the_wait_for_it(self) -> None:
        case = self.in_treatment()
        with pytest.raises(Invalid) as refused:
            observed(case, "month_12", at=NOW + DAY, walking="unaided")
        assert problems(refused) == {"outcome.observed_at"}
        observed(case, "month_12", at=NOW + DAY, not_seen_because="elsewhere")
        assert clock(case, "follow_up", limit=FOLLOW_UPS[3]).stopped_because == "met"

    def test_a_hand_over_names_follow_up_only_in_its_week(self) -> None:
        case = self.in_treatment()
        close_referral(case.reference, outcome="treated", text="Done", by=actor("coordinator"), at=NOW + HOUR)
        assert open_cases(at=NOW + DAY) == ()
        (due,) = open_cases(at=NOW + 22 * DAY)
        assert due.reference == case.reference

    def test_a_death_ends_follow_up(self) -> None:
        case = self.in_treatment()
        report(case, "died", at=NOW + DAY)
        assert running(case) == {"acknowledge"}, "a human confirms that it is so"

    def test_a_case_that_ends_with_a_death_asks_for_no_follow_up(self) -> None:
        case = self.in_treatment()
        close_referral(case.reference, outcome="died", by=actor("coordinator"), at=NOW + DAY)
        assert running(case) == set()

    def test_somebody_who_cannot_be_reached_is_recorded_as_that(self) -> None:
        case = self.in_treatment()
        with pytest.raises(Invalid, match="not complete"):
            observed(case, "week_4", at=NOW + 28 * DAY)
        assert observed(case, "week_4", at=NOW + 28 * DAY, not_seen_because="not_reached").version == 1
        assert observed(case, "week_4", at=NOW + 29 * DAY, seen=1, walking="unaided").version == 2

    def test_walking_is_a_picture_with_the_same_in_words(self) -> None:
        drawn = picture(
            [
                MobilityPoint(at=NOON, grade="no_power", source="as referred"),
                MobilityPoint(at=NOON - DAY, grade="unaided", source="before"),
                MobilityPoint(at=NOON, grade="", source="nobody asked"),
            ]
        )
        assert drawn is not None
        assert len(drawn.dots) == 2
        assert drawn.dots[0].y < drawn.dots[1].y  # unaided stands above no power
        assert (
            drawn.words
            == "19 November 2026: walks unaided (before); 20 November 2026: no power (as referred)"
        )
        assert picture([]) is None


def test_everything_that_is_signed_is_what_the_ledger_says() -> None:
    case = asked(confirmed(), "spinal_surgery", "oncology")
    said(case, "spinal_surgery", recommends=["radiotherapy"])
    decided(case, "radiotherapy")
    treated(case, "rt_single_8gy", **RADIOTHERAPY)
    kept(case, sign=True, **WHOLE_PLAN)
    observed(case, "before_treatment", at=NOW + 6 * HOUR, walking="with_aid")
    record_details(case.reference, {"record.pain_plan": "Morphine"}, act=act_by("coordinator", NOW))
    issue_letter(case.reference, "gp", recipient="Dr Anand", act=act_by("coordinator", NOW))
    send_plan(case.reference, "plan_gp", recipient="Dr Anand", act=act_by("coordinator", NOW + 7 * HOUR))
    checked, fault = verify_records()
    assert fault is None
    assert checked > 20
