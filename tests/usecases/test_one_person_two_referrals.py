"""Joining, merging, entering again on the right person, and entering after a downtime."""

from datetime import timedelta
from typing import Any

import pytest

from governance.verification import verify_records
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import rfc3339
from ledger.read import of_case
from oncall.models import Page
from oncall.sweep import sweep
from referrals.case.models import Episode, Referral, SharedWith
from referrals.case.record import details_of, record_values
from referrals.intake.validation import parse
from referrals.usecases.add_addendum import add_addendum
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.record_details import record_details
from referrals.usecases.reopen_referral import reopen_referral
from referrals.usecases.submit_referral import OnPaper, same_person, submit_referral
from referrals.usecases.triage_referral import triage_referral
from tests.builders import (
    ALL_NO,
    NOON,
    ONE_PERSON,
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

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PERSON = {path: value for path, value in ONE_PERSON.items() if "nhs_number" not in path}
NAMELESS = {path: value for path, value in ONE_PERSON.items() if "nhs_number" in path}


def send(sent: dict[str, Any], *, by: str = "coordinator", at: Any = NOON, **more: Any) -> Referral:
    case, _ = submit_referral(
        parse(sent, at=at), act=act_by(by, at), source="telephone", key=f"k:{id(sent)}", **more
    )
    return case


def merge(kept: Referral, other: Referral, *, at: Any = NOON + HOUR) -> Referral:
    return merge_cases(
        kept.reference,
        other=other.reference,
        text="Same NHS number, confirmed",
        act=act_by("coordinator", at),
    )


class TestJoining:
    def test_the_same_person_is_found_by_number_or_by_name_birth_and_sex(self) -> None:
        first = submitted("weakness", **PERSON, **NAMELESS)
        alike = parse(body("weakness", **PERSON), at=NOON)
        by = actor("coordinator")
        (found,) = same_person(alike, by=by)
        assert (found.case.pk, found.match.answer) == (first.pk, "same")
        for other, answers in (
            ({"patient__sex": "male"}, ["perhaps"]),
            ({"patient__given_name": "Edith"}, ["perhaps"]),
            ({"patient__date_of_birth": "1950-06-05"}, ["perhaps"]),  # day and month the other way round
            ({"patient__date_of_birth": "1950-05-07"}, []),
            ({"patient__family_name": "Marlow"}, []),
        ):
            found = same_person(parse(body("weakness", **{**PERSON, **other}), at=NOON), by=by)
            assert [one.match.answer for one in found] == answers, other

    def test_two_numbers_are_two_people_whatever_they_are_called(self) -> None:
        submitted("weakness", **PERSON)
        assert not same_person(parse(body("weakness", **PERSON), at=NOON), by=actor("coordinator"))

    def test_a_sender_is_told_of_nobody_whose_case_they_may_not_see(self) -> None:
        submitted("weakness", by="gp", **PERSON, **NAMELESS)
        alike = parse(body("weakness", **PERSON), at=NOON)
        assert [len(same_person(alike, by=actor(name))) for name in ("gp", "ward")] == [1, 0]

    def test_joining_links_both_in_one_episode_and_keeps_both(self) -> None:
        first = submitted("weakness", **PERSON, **NAMELESS)
        second = send(body("weakness", **PERSON), join=first.reference)
        assert second.episode_id == first.episode_id
        assert Episode.objects.get().person_key == second.patient.nhs_number
        joined = next(entry for entry in of_case(second.pk) if entry.kind == "episode_joined")
        assert joined.facts == {"other": first.pk}
        assert {"acknowledge", "mri"} <= running(second)

    def test_nobody_joins_the_case_of_somebody_else(self) -> None:
        first = submitted("weakness")
        second = send(body("weakness", **PERSON), join=first.reference)
        assert second.episode_id != first.episode_id


class TestMerging:
    def test_the_earliest_suspicion_counts_and_both_stay_on_record(self) -> None:
        early = NOON - 10 * HOUR
        kept = triaged("weakness", **ONE_PERSON)
        other = submitted("pain_only", **ONE_PERSON, clinician_suspected_at=rfc3339(early), by="ward")
        merge(kept, other)
        kept, other = again(kept), again(other)
        assert kept.clinician_suspected_at == early
        assert clock(kept, "mri", limit=24).due_at == early + 24 * HOUR
        assert (other.status, other.outcome, other.merged_into_id) == ("closed", "duplicate", kept.pk)
        assert other.episode_id == kept.episode_id
        assert not running(other)
        assert Referral.objects.count() == 2

    def test_a_yes_in_either_counts_and_raises_the_case(self) -> None:
        kept, other = triaged("pain_only", **ONE_PERSON), submitted("weakness", **ONE_PERSON)
        merge(kept, other)
        kept = again(kept)
        assert kept.presentation["neurology"]["limb_weakness"] == "yes"
        assert kept.stream == "emergency"
        assert clock(kept, "mri", limit=24).stopped_at is None

    def test_a_merge_never_lowers(self) -> None:
        kept, other = triaged("weakness", **ONE_PERSON), submitted("neurology_done", **ONE_PERSON)
        merge(kept, other)
        assert again(kept).stream == "emergency"
        assert again(kept).presentation["neurology"]["limb_weakness"] == "yes"

    def test_a_scan_of_the_other_referral_stops_the_clock_of_the_case(self) -> None:
        kept, other = triaged("weakness", **ONE_PERSON), submitted("weakness", **ONE_PERSON)
        scan(other, at=NOON + 20 * MINUTE)
        merge(kept, other)
        assert clock(kept, "mri").stopped_at == NOON + 20 * MINUTE

    def test_the_organisations_of_both_see_what_goes_on(self) -> None:
        kept, other = triaged("weakness", **ONE_PERSON), submitted("weakness", by="ward", **ONE_PERSON)
        merge(kept, other)
        assert SharedWith.objects.filter(referral=kept, organisation="RXX01").exists()

    def test_what_is_owed_on_the_other_is_not_lost(self) -> None:
        from referrals.usecases.ask_for import ask_for

        kept, other = triaged("weakness", **ONE_PERSON), triaged("weakness", **ONE_PERSON)
        ask_for(
            other.reference,
            kind="task",
            owed_by="deputy",
            text="Ring the ward",
            within="4",
            act=act_by("coordinator", NOON + 20 * MINUTE),
        )
        with pytest.raises(OutOfTurn, match="answer is still due"):
            merge(kept, other)
        assert again(other).status == "in_progress"

    def test_a_merged_referral_is_neither_merged_again_nor_opened(self) -> None:
        kept, other, third = (
            triaged("weakness", **ONE_PERSON),
            submitted("weakness", **ONE_PERSON),
            submitted("weakness", **ONE_PERSON),
        )
        merge(kept, other)
        with pytest.raises(OutOfTurn):
            merge(third, other)
        with pytest.raises(OutOfTurn, match="go on with"):
            reopen_referral(other.reference, text="Why", act=act_by("coordinator", NOON + 2 * HOUR))

    def test_a_yes_of_the_other_is_not_hidden_by_an_earlier_no(self) -> None:
        kept, other = submitted("not_examined", **ONE_PERSON), submitted("weakness", **ONE_PERSON)
        complete_findings(
            kept.reference,
            {"neurology": ALL_NO},
            source="examined_by_me",
            act=act_by("coordinator", NOON + 10 * MINUTE),
        )
        triage_referral(kept.reference, decision(again(kept)), act=act_by("coordinator", NOON + 11 * MINUTE))
        assert again(kept).stream == "one_week"
        merge(kept, other)
        kept = again(kept)
        assert (kept.stream, kept.presentation["neurology"]["limb_weakness"]) == ("emergency", "yes")
        assert clock(kept, "mri", limit=24).stopped_at is None
        assert {"acknowledge", "voice_contact"} <= running(kept)

    def test_an_emergency_that_a_coordinator_decided_stays_one(self) -> None:
        kept, other = triaged("pain_only", **ONE_PERSON), submitted("pain_only", **ONE_PERSON)
        raised = decision(
            other,
            stream="emergency",
            override_code="clinical_judgement_more_urgent",
            override_text="Looks ill",
            investigations=("mri_whole_spine",),
            urgency="within_24_hours",
        )
        triage_referral(other.reference, raised, act=act_by("coordinator", NOON + 5 * MINUTE))
        merge(kept, other)
        assert again(kept).stream == "emergency"
        assert "mri" in running(kept)

    def test_what_ran_on_the_other_runs_on(self) -> None:
        kept, other = triaged("weakness", **ONE_PERSON), triaged("weakness", **ONE_PERSON)
        for kind, more in (
            ("dexamethasone_given", {"dose_mg": 16, "route": "oral"}),
            ("immobilised", {}),
            ("admitted", {}),
        ):
            report(other, kind, at=NOON + 20 * MINUTE, **more)
        merge(kept, other)
        for kind in ("steroid_review", "stability_advice", "discharge_plan", "physiotherapy"):
            assert clock(kept, kind).stopped_at is None, kind
            assert clock(kept, kind).started_at == NOON + 20 * MINUTE

    def test_new_neurology_told_on_the_other_waits_for_a_human_and_a_scan(self) -> None:
        kept, other = triaged("weakness", **ONE_PERSON), submitted("pain_only", **ONE_PERSON)
        scan(kept, at=NOON + 20 * MINUTE)
        report(
            other,
            "neurology_changed",
            at=NOON + 40 * MINUTE,
            by="gp",
            neurology={"bladder_or_bowel_dysfunction": "yes"},
        )
        merge(kept, other)
        assert {"acknowledge", "mri"} <= running(kept)

    def test_the_earliest_suspicion_of_cord_compression_moves_its_clock(self) -> None:
        early = NOON - 8 * HOUR
        kept = triaged("weakness", mscc_suspected_at=rfc3339(NOON - 20 * MINUTE), **ONE_PERSON)
        other = submitted(
            "weakness", mscc_suspected_at=rfc3339(early), clinician_suspected_at=rfc3339(early), **ONE_PERSON
        )
        merge(kept, other)
        assert clock(kept, "mri").started_at == early

    def test_two_people_are_not_merged(self) -> None:
        kept, other = triaged("weakness"), submitted("weakness")
        with pytest.raises(OutOfTurn, match="different NHS numbers"):
            merge(kept, other)
        kept, other = triaged("weakness", **ONE_PERSON), submitted("weakness", **NAMELESS)
        with pytest.raises(Invalid, match="two people"):
            merge(kept, other)
        assert "acknowledge" in running(other)
        merge_cases(
            kept.reference,
            other=other.reference,
            text="Married name",
            confirmed=True,
            act=act_by("coordinator", NOON + HOUR),
        )

    def test_a_reported_death_is_settled_first(self) -> None:
        kept, other = triaged("weakness", **ONE_PERSON), triaged("weakness", **ONE_PERSON)
        report(other, "died", at=NOON + 30 * MINUTE)
        with pytest.raises(OutOfTurn, match="death is reported"):
            merge(kept, other)

    def test_the_record_still_fits_the_ledger_afterwards(self) -> None:
        kept, other = triaged("weakness", **ONE_PERSON), triaged("weakness", **ONE_PERSON)
        scan(other, at=NOON + 20 * MINUTE)
        record_details(other.reference, {"record.stage": "IV"}, act=act_by("gp", NOON + 21 * MINUTE))
        merge(kept, other)
        assert verify_records()[1] is None
        assert record_values(again(kept), details_of(kept))["record.stage"] == "IV"


class TestMistakes:
    def test_it_is_entered_again_with_its_true_times(self) -> None:
        wrong = submitted("weakness", referrer__email="priya.anand@example.nhs.uk")
        at = NOON + 2 * HOUR
        with pytest.raises(OutOfTurn):
            send(body("weakness"), at=at, corrects=wrong.reference)
        mark_entered_in_error(
            wrong.reference, text="Another patient's number", by=actor("coordinator"), at=at
        )
        assert not running(wrong)
        right = send(
            body("weakness"),
            at=at,
            corrects=wrong.reference,
            on_paper=OnPaper(received_at=wrong.submitted_at),
        )
        assert (right.corrects_id, right.submitted_at, right.back_entered_at) == (wrong.pk, NOON, at)
        assert clock(right, "acknowledge").started_at == NOON
        assert wrong.notices.filter(kind="correction").count() == 1

    def test_an_addendum_stands_beside_what_was_written(self) -> None:
        case = triaged("weakness")
        line = next(entry for entry in of_case(case.pk) if entry.kind == "referral_triaged")
        addendum = add_addendum(
            case.reference,
            about=line.number,
            text="The level was T8",
            by=actor("coordinator"),
            at=NOON + HOUR,
        )
        assert addendum.note.text == "The level was T8"
        assert next(e for e in of_case(case.pk) if e.number == line.number).hash == line.hash


class TestBackEntry:
    def test_clocks_run_from_the_true_times_and_the_case_is_marked(self) -> None:
        came, seen, at = NOON - 5 * HOUR, NOON - 5 * HOUR + 10 * MINUTE, NOON
        case = send(
            body("weakness", at=came),
            at=at,
            on_paper=OnPaper(received_at=came, seen_by="Sister Okoro", seen_at=seen),
        )
        case = again(case)
        assert (case.submitted_at, case.back_entered_at, case.acknowledged_at) == (came, at, seen)
        acknowledged = clock(case, "acknowledge")
        assert (acknowledged.started_at, acknowledged.stopped_at, acknowledged.stopped_because) == (
            came,
            seen,
            "met",
        )
        assert clock(case, "mri").started_at == case.clinician_suspected_at
        sweep(at=at)
        assert not Page.objects.filter(clock=acknowledged).exists()
        assert "back_entered" in {entry.kind for entry in of_case(case.pk)}

    def test_a_dose_whose_time_nobody_wrote_down_is_reviewed_from_when_the_form_came(self) -> None:
        came = NOON - 5 * HOUR
        dose = {"dose_mg": 16, "route": "oral", "given_at": None}
        sent = body("weakness", at=came, clinical__dexamethasone=dose)
        case = send(sent, at=NOON, on_paper=OnPaper(received_at=came))
        assert clock(case, "steroid_review").started_at == came

    def test_what_nobody_answered_on_paper_is_overdue_at_once_and_pages(self) -> None:
        case = send(body("weakness", at=NOON - 2 * HOUR), on_paper=OnPaper(received_at=NOON - 2 * HOUR))
        sweep(at=NOON)
        assert Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge").exists()
