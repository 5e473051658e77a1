"""Facts in odd orders and cases in odd states: chains of merges, deaths told by mistake, findings taken back."""

from datetime import timedelta
from typing import Any

import pytest

from governance.verification import verify_records
from kernel.refusals import Denied, Invalid, OutOfTurn
from kernel.time import clock_time, rfc3339
from mdt.agenda import reasons_for
from mdt.agenda_facts import agenda_standings
from referrals.case.models import Event, Referral
from referrals.case.whereabouts import whereabouts
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.close_referral import close_referral
from referrals.usecases.complete_findings import complete_findings
from referrals.usecases.decline_withdrawal import decline_withdrawal
from referrals.usecases.deny_death import deny_death
from referrals.usecases.keep_promise import keep_promise
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.record_step import record_step
from referrals.usecases.reopen_referral import reopen_referral
from referrals.usecases.settle_finding import withdraw_finding
from referrals.usecases.undo_merge import undo_merge
from referrals.usecases.withdraw_referral import withdraw_referral
from tests.builders import NAMED, NOON, act_by, actor, again, clock, report, running, scan, submitted, triaged

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ONE = {**NAMED, "patient__nhs_number": "9990000018"}
FINAL = {"status": "final"}


def merge(kept: Referral, other: Referral, *, at: Any = NOON + 3 * HOUR) -> Referral:
    return merge_cases(
        kept.reference,
        other=other.reference,
        text="One person",
        confirmed=True,
        act=act_by("coordinator", at),
    )


def unmerge(ended: Referral, *, at: Any = NOON + 6 * HOUR) -> Referral:
    return undo_merge(ended.reference, text="Two people", act=act_by("coordinator", at))


def finding(case: Referral) -> str:
    return str(again(case).presentation["imaging_finding"])


def acknowledge(case: Referral, *, at: Any) -> None:
    acknowledge_referral(case.reference, act=act_by("coordinator", at))


class TestMergesInARow:
    def test_a_finding_of_the_first_stands_on_the_last(self) -> None:
        first, second, third = (submitted("weakness", **ONE) for _ in range(3))
        scan(first, at=NOON + HOUR)
        report(first, "mri_reported", at=NOON + 2 * HOUR, result="mscc", **FINAL)
        merge(second, first)
        merge(third, second, at=NOON + 4 * HOUR)
        assert finding(third) == "mscc"
        assert "decision_to_treat" in running(third)
        assert clock(third, "mri").stopped_because == "met"

    def test_a_fact_told_by_the_first_reference_goes_with_it_when_both_merges_are_undone(self) -> None:
        first, second, third = (submitted("back_pain", **ONE) for _ in range(3))
        why = {"unaccepted_because": "Worse in a clinic"}
        told = {"by": actor("coordinator"), "at": NOON + HOUR}
        record_step(first.reference, "departed", why, occurred_at=NOON + HOUR, **told)
        merge(second, first)
        merge(third, second, at=NOON + 4 * HOUR)
        assert whereabouts([third.pk], words=clock_time)[third.pk].full.startswith("On the way since 13:00")
        report(first, "died", at=NOON + 5 * HOUR + MINUTE)
        unmerge(second)
        assert (again(third).died_at, again(second).died_at) == (None, NOON + 5 * HOUR + MINUTE)
        unmerge(first, at=NOON + 7 * HOUR)
        assert (again(second).died_at, again(first).died_at) == (None, NOON + 5 * HOUR + MINUTE)
        assert {event.referral_id for event in Event.objects.all()} == {first.pk}

    def test_a_meeting_sees_the_report_and_the_treatment_of_every_merged_referral(self) -> None:
        first, second, third = (submitted("weakness", **ONE) for _ in range(3))
        scan(first, at=NOON + HOUR)
        report(first, "mri_reported", at=NOON + 2 * HOUR, result="mscc", **FINAL)
        merge(second, first)
        merge(third, second, at=NOON + 4 * HOUR)
        assert reasons_for(agenda_standings([again(third)])[third.pk]) == ("compression_undecided",)
        report(first, "radiotherapy_started", at=NOON + 5 * HOUR)
        assert reasons_for(agenda_standings([again(third)])[third.pk]) == ()

    def test_what_is_treated_through_a_merged_referral_is_kept_too(self) -> None:
        first, second, third = (submitted("weakness", **ONE) for _ in range(3))
        merge(second, first)
        report(first, "decision_to_treat", at=NOON + 4 * HOUR, modality="radiotherapy")
        with pytest.raises(OutOfTurn, match="treatment or a plan is recorded there"):
            merge(third, second, at=NOON + 5 * HOUR)

    def test_the_later_merge_is_undone_first(self) -> None:
        kept, first, second = (
            submitted("back_pain", **ONE),
            submitted("weakness", **ONE),
            submitted("weakness", **ONE),
        )
        merge(kept, first)
        merge(kept, second, at=NOON + 4 * HOUR)
        with pytest.raises(OutOfTurn, match=f"{second.reference} was merged into"):
            unmerge(first)
        unmerge(second)
        unmerge(first, at=NOON + 7 * HOUR)
        assert {"mri", "acknowledge"} <= running(first)
        assert {"mri", "acknowledge"} <= running(second)

    def test_a_death_goes_with_the_referral_that_it_was_told_of(self) -> None:
        kept, ended = submitted("weakness", **ONE), submitted("weakness", **ONE)
        merge(kept, ended)
        report(ended, "died", at=NOON + 4 * HOUR, by="coordinator")
        assert again(kept).died_at is not None
        unmerge(ended)
        assert (again(kept).died_at, again(ended).died_at) == (None, NOON + 4 * HOUR)
        assert "mri" in running(kept)
        assert running(ended) == {"acknowledge"}

    def test_a_worsening_and_a_treatment_go_with_the_referral_that_they_were_told_of(self) -> None:
        kept, ended = submitted("back_pain", **ONE), submitted("weakness", **ONE)
        merge(kept, ended)
        acknowledge(kept, at=NOON + 3 * HOUR + MINUTE)
        report(ended, "neurology_changed", at=NOON + 4 * HOUR, worse=["limb_weakness"])
        scan(ended, at=NOON + 4 * HOUR + MINUTE)
        report(ended, "mri_reported", at=NOON + 5 * HOUR, result="mscc", **FINAL)
        report(ended, "decision_to_treat", at=NOON + 5 * HOUR + MINUTE, modality="radiotherapy")
        report(ended, "radiotherapy_started", at=NOON + 5 * HOUR + 2 * MINUTE)
        assert again(kept).status == "in_treatment"
        unmerge(ended)
        kept, ended = again(kept), again(ended)
        assert (kept.mscc_suspected_at, kept.status, finding(kept)) == (None, "in_progress", "none")
        assert not {"follow_up", "decision_to_treat", "radiotherapy"} & running(kept)
        assert (ended.status, finding(ended)) == ("in_treatment", "mscc")
        assert "follow_up" in running(ended)

    def test_neither_of_two_merged_is_entered_in_error_before_the_merge_is_undone(self) -> None:
        kept, ended = submitted("pain_only", **ONE), submitted("weakness", by="ward", **ONE)
        merge(kept, ended)
        for case, match in ((kept, "so that it runs again"), (ended, "nothing of it stays there")):
            with pytest.raises(OutOfTurn, match=match):
                mark_entered_in_error(
                    case.reference, text="Another person", by=actor("coordinator"), at=NOON + 4 * HOUR
                )
        assert {"mri", "acknowledge"} <= running(kept)
        unmerge(ended)
        mark_entered_in_error(
            kept.reference, text="Another person", by=actor("coordinator"), at=NOON + 7 * HOUR
        )
        assert {"mri", "acknowledge"} <= running(ended)

    def test_one_referrer_does_not_withdraw_what_another_has_sent_too(self) -> None:
        kept, ended = submitted("pain_only", **ONE), submitted("pain_only", by="ward", **ONE)
        merge(kept, ended)
        _, is_withdrawn = withdraw_referral(
            kept.reference, text="Sent by mistake", by=actor("gp"), at=NOON + 4 * HOUR
        )
        assert not is_withdrawn
        assert "mri" in running(kept)


class TestDeathsThatWereNone:
    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("neurology_changed", {"worse": ["limb_weakness"], "walking_now": "no_power"}),
            ("mri_reported", {"result": "mscc"}),
        ],
    )
    def test_what_came_in_the_meantime_pages_when_it_is_denied(self, kind: str, data: dict[str, Any]) -> None:
        case = triaged("weakness")
        report(case, "died", at=NOON + HOUR)
        report(case, kind, at=NOON + 2 * HOUR, **data)
        deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 3 * HOUR))
        assert "acknowledge" in running(case)
        assert clock(case, "acknowledge").started_at == NOON + 3 * HOUR
        assert ("decision_to_treat" in running(case)) == (kind == "mri_reported")

    def test_the_page_says_what_is_asked(self) -> None:
        case = triaged("weakness")
        report(case, "died", at=NOON + HOUR)
        assert clock(case, "acknowledge").about == "A death is reported: confirm it, or say that it is wrong"

    def test_nothing_urgent_pages_nobody_again(self) -> None:
        case = triaged("weakness")
        report(case, "died", at=NOON + HOUR)
        report(case, "mri_booked", at=NOON + 2 * HOUR)
        deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 3 * HOUR))
        assert "acknowledge" not in running(case)

    def test_whoever_is_closed_as_dead_and_gets_worse_is_looked_at(self) -> None:
        case = triaged("weakness")
        report(case, "died", at=NOON + HOUR)
        close_referral(case.reference, outcome="died", text="", by=actor("coordinator"), at=NOON + 2 * HOUR)
        report(case, "neurology_changed", at=NOON + 3 * HOUR, worse=["limb_weakness"])
        assert running(case) == {"acknowledge"}


class TestWhatCameWhileItWasOver:
    """A fact of an ended case, or of somebody reported as dead, counts from its own time once the case goes on."""

    CLOCKS = pytest.mark.parametrize(
        ("kind", "promise"),
        [
            ("immobilised", "stability_advice"),
            ("dexamethasone_given", "steroid_review"),
            ("admitted", "physiotherapy"),
        ],
    )

    def closed(self, case: Referral, *, at: Any) -> None:
        close_referral(case.reference, outcome="advice_only", text="Sent on", by=actor("coordinator"), at=at)

    def opened(self, case: Referral, *, at: Any) -> None:
        reopen_referral(case.reference, text="Not yet", act=act_by("coordinator", at))

    @CLOCKS
    def test_it_starts_its_clock_when_the_case_is_opened_again(self, kind: str, promise: str) -> None:
        case = triaged("weakness")
        self.closed(case, at=NOON + HOUR)
        report(case, kind, at=NOON + 2 * HOUR)
        self.opened(case, at=NOON + 3 * HOUR)
        assert promise in running(case)
        assert clock(case, promise).started_at == NOON + 2 * HOUR

    @CLOCKS
    def test_it_starts_its_clock_when_the_death_is_denied(self, kind: str, promise: str) -> None:
        case = triaged("weakness")
        report(case, "died", at=NOON + HOUR)
        report(case, kind, at=NOON + 2 * HOUR)
        deny_death(case.reference, text="Another patient", act=act_by("coordinator", NOON + 3 * HOUR))
        assert promise in running(case)
        assert clock(case, promise).started_at == NOON + 2 * HOUR

    def test_it_ends_what_is_no_longer_needed_and_a_booking_counts(self) -> None:
        case = triaged("weakness")
        report(case, "dexamethasone_given", at=NOON + 20 * MINUTE)
        self.closed(case, at=NOON + HOUR)
        report(case, "dexamethasone_stopped", at=NOON + 2 * HOUR)
        report(case, "mri_booked", at=NOON + 2 * HOUR)
        self.opened(case, at=NOON + 3 * HOUR)
        assert "steroid_review" not in running(case)
        assert clock(case, "mri").booked_at == NOON + 2 * HOUR

    def test_what_was_done_about_an_earlier_fact_is_not_asked_for_again(self) -> None:
        case = triaged("weakness")
        report(case, "immobilised", at=NOON + 20 * MINUTE)
        keep_promise(
            case.reference,
            kind="stability_advice",
            done_by="Mr Price, spinal surgeon",
            text="Stable",
            done_at=NOON + 30 * MINUTE,
            by=actor("coordinator"),
            at=NOON + 30 * MINUTE,
        )
        self.closed(case, at=NOON + HOUR)
        self.opened(case, at=NOON + 3 * HOUR)
        assert "stability_advice" not in running(case)

    def test_a_withdrawal_that_was_asked_for_and_confirmed_is_not_asked_for_again(self) -> None:
        case = triaged("weakness")
        withdraw_referral(case.reference, text="Sent twice", by=actor("gp"), at=NOON + HOUR)
        assert again(case).withdrawal_asked_at == NOON + HOUR
        withdraw_referral(case.reference, text="Confirmed", by=actor("coordinator"), at=NOON + 2 * HOUR)
        self.opened(case, at=NOON + 3 * HOUR)
        assert again(case).withdrawal_asked_at is None

    def test_a_withdrawal_can_be_declined_and_the_referrer_reads_why(self) -> None:
        case = triaged("weakness", referrer__email="anand@practice.example")
        later = act_by("coordinator", NOON + 2 * HOUR)
        with pytest.raises(OutOfTurn, match="Nobody has asked"):
            decline_withdrawal(case.reference, text="She still cannot walk", act=later)
        withdraw_referral(case.reference, text="She is better", by=actor("gp"), at=NOON + HOUR)
        with pytest.raises(Invalid) as refusal:
            decline_withdrawal(case.reference, text=" ", act=later)
        assert set(refusal.value.errors) == {"text"}
        with pytest.raises(Denied):
            decline_withdrawal(case.reference, text="No", act=act_by("gp", NOON + 2 * HOUR))
        before = running(case)
        decline_withdrawal(case.reference, text="She still cannot walk", act=later)
        case = again(case)
        assert (case.withdrawal_asked_at, case.is_over, running(case)) == (None, False, before)
        message = case.messages.get()
        assert (message.to_referrer, message.note.text) == (True, "She still cannot walk")
        assert case.notices.filter(kind="message").exists()
        _, fault = verify_records()
        assert fault is None


class TestFindingsTakenBack:
    def test_what_stands_again_on_a_closed_case_pages(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc", report="R1", **FINAL)
        report(
            case,
            "mri_reported",
            at=NOON + 3 * HOUR,
            result="no_malignant_disease",
            report="R2",
            replaces="R1",
            status="amended",
        )
        close_referral(
            case.reference, outcome="advice_only", text="Clean", by=actor("coordinator"), at=NOON + 4 * HOUR
        )
        assert running(case) == set()
        report(
            case,
            "mri_reported",
            at=NOON + 5 * HOUR,
            result="no_malignant_disease",
            report="R2",
            status="withdrawn",
        )
        assert running(case) == {"acknowledge"}

    def test_an_answer_that_is_none_is_refused_whatever_stands(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc", **FINAL)
        with pytest.raises(Invalid) as refused:
            complete_findings(
                case.reference,
                {"imaging_finding": "clear"},
                source="telephone",
                act=act_by("coordinator", NOON + 3 * HOUR),
            )
        assert "Choose one of" in refused.value.errors["presentation.imaging_finding"][0]

    def test_a_clean_report_that_turns_out_unreadable_pages(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 2 * HOUR, result="no_malignant_disease", report="R1", **FINAL)
        assert "acknowledge" not in running(case)
        report(
            case, "mri_reported", at=NOON + 3 * HOUR, result="non_diagnostic", report="R1", status="amended"
        )
        assert "acknowledge" in running(case)

    def test_the_withdrawal_of_what_a_referral_stated_takes_nothing_else_away(self) -> None:
        case = submitted("metastases_seen", **ONE)
        withdraw_finding(
            case.reference, finding=0, text="An old scan", act=act_by("coordinator", NOON + HOUR)
        )
        assert finding(case) == "none"
        other = submitted("weakness", presentation__imaging_finding="mscc", **ONE)
        merge(case, other)
        assert finding(case) == "mscc"

    @pytest.mark.parametrize("withdrawn", ["kept", "other"])
    @pytest.mark.parametrize("also_stated", ["mscc", "spinal_metastases"])
    def test_the_withdrawal_of_what_one_referral_stated_leaves_what_the_other_stated(
        self, withdrawn: str, also_stated: str
    ) -> None:
        """Two people stated it, each on their own: a merge makes no withdrawal of both from a withdrawal of one."""
        wrong, right = (
            submitted("weakness", presentation__imaging_finding=stated, **ONE)
            for stated in ("mscc", also_stated)
        )
        at = NOON + HOUR
        withdraw_finding(wrong.reference, finding=0, text="Another person", act=act_by("coordinator", at))
        kept, other = (wrong, right) if withdrawn == "kept" else (right, wrong)
        merge(kept, other)
        assert finding(kept) == also_stated
        unmerge(other)
        assert [finding(case) for case in (wrong, right)] == ["none", also_stated]

    def test_nothing_is_taken_from_a_referral_that_is_merged(self) -> None:
        """It would take the statement of the main case away, with nobody told of it."""
        kept, other = (submitted("weakness", presentation__imaging_finding="mscc", **ONE) for _ in range(2))
        merge(kept, other)
        with pytest.raises(OutOfTurn, match=kept.reference):
            withdraw_finding(
                other.reference, finding=0, text="Another", act=act_by("coordinator", NOON + 4 * HOUR)
            )
        assert finding(kept) == "mscc"

    def test_a_named_scan_covers_only_its_own_regions(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR, regions=["lumbar"], scan="S1")
        report(
            case,
            "mri_reported",
            at=NOON + 2 * HOUR,
            result="no_malignant_disease",
            scan="S1",
            regions=["cervical", "thoracic", "lumbar"],
            **FINAL,
        )
        assert finding(case) == "none"
        assert "mri" in running(case)


class TestNewsAfterADecision:
    def test_compression_on_a_later_scan_asks_for_a_decision(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 2 * HOUR, result="metastases_no_compression", **FINAL)
        report(case, "decision_to_treat", at=NOON + 3 * HOUR, modality="radiotherapy")
        report(case, "radiotherapy_started", at=NOON + 4 * HOUR)
        assert "decision_to_treat" not in running(case)
        scan(case, at=NOON + 9 * DAY)
        report(case, "mri_reported", at=NOON + 9 * DAY + HOUR, result="mscc", **FINAL)
        assert "decision_to_treat" in running(case)

    def test_so_does_compression_that_the_decision_was_told_is_not_there(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc", report="R1")
        report(
            case,
            "mri_reported",
            at=NOON + 3 * HOUR,
            result="no_malignant_disease",
            report="R2",
            replaces="R1",
            **FINAL,
        )
        report(case, "decision_to_treat", at=NOON + 4 * HOUR, modality="supportive_care")
        report(
            case,
            "mri_reported",
            at=NOON + 5 * HOUR,
            result="mscc",
            report="R3",
            replaces="R2",
            status="amended",
        )
        assert "decision_to_treat" in running(case)

    def test_a_result_by_telephone_was_known(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        report(case, "decision_to_treat", at=NOON + 2 * HOUR, modality="radiotherapy")
        report(case, "mri_reported", at=NOON + 3 * HOUR, result="mscc", **FINAL)
        assert "decision_to_treat" not in running(case)

    def test_radiotherapy_after_a_recurrence_does_not_follow_the_operation_of_before(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc", **FINAL)
        report(case, "decision_to_treat", at=NOON + 3 * HOUR, modality="surgery")
        report(case, "surgery_started", at=NOON + 4 * HOUR)
        report(case, "decision_to_treat", at=NOON + 5 * HOUR, modality="radiotherapy")
        assert "radiotherapy" not in running(case)
        report(case, "neurology_changed", at=NOON + 60 * DAY, worse=["limb_weakness"])
        report(case, "decision_to_treat", at=NOON + 60 * DAY + HOUR, modality="radiotherapy")
        assert "radiotherapy" in running(case)


class TestLateFacts:
    @pytest.mark.parametrize("order", [1, -1], ids=["as_it_happened", "the_other_way_round"])
    def test_a_sign_that_has_gone_since_makes_an_emergency_in_whichever_order_it_is_told(
        self, order: int
    ) -> None:
        """A later "no" never lowers a stream, so it does not keep an earlier "yes" from raising it either."""
        case = submitted("pain_only")
        told = [(1, "yes"), (2, "no")][::order]
        for number, (hours, answer) in enumerate(told):
            report(
                case,
                "neurology_changed",
                at=NOON + hours * HOUR,
                recorded_at=NOON + 3 * HOUR + number * MINUTE,
                neurology={"limb_weakness": answer},
            )
        case = again(case)
        assert (case.stream, case.mscc_suspected_at) == ("emergency", NOON + HOUR)
        assert case.presentation["neurology"]["limb_weakness"] == "no"
        assert clock(case, "mri", limit=24).started_at == NOON + HOUR
        assert {"acknowledge", "voice_contact", "mri"} <= running(case)

    def test_a_new_sign_told_late_pages_although_as_many_worsenings_are_known(self) -> None:
        case = triaged("weakness")
        report(case, "neurology_changed", at=NOON + 2 * HOUR, neurology={"cord_or_cauda_equina_signs": "yes"})
        acknowledge(case, at=NOON + 2 * HOUR + MINUTE)
        both = {"cord_or_cauda_equina_signs": "yes", "bladder_or_bowel_dysfunction": "yes"}
        report(case, "neurology_changed", at=NOON + HOUR, recorded_at=NOON + 3 * HOUR, neurology=both)
        assert "acknowledge" in running(case)

    @pytest.mark.parametrize("late", ["dexamethasone_stopped", "dexamethasone_given"])
    def test_the_review_of_a_steroid_follows_what_happened_last(self, late: str) -> None:
        case = triaged("weakness")
        first = "dexamethasone_given" if late == "dexamethasone_stopped" else "dexamethasone_stopped"
        report(case, first, at=NOON + 3 * HOUR)
        report(case, late, at=NOON + 2 * HOUR, recorded_at=NOON + 4 * HOUR)
        assert ("steroid_review" in running(case)) == (first == "dexamethasone_given")

    def test_a_cancelled_scan_is_not_booked_by_an_older_booking(self) -> None:
        case = triaged("weakness")
        report(case, "mri_cancelled", at=NOON + 2 * HOUR)
        report(case, "mri_booked", at=NOON + HOUR, recorded_at=NOON + 3 * HOUR)
        assert clock(case, "mri").booked_at is None


class TestCompleting:
    def test_a_referrer_who_states_compression_pages_and_asks_for_a_decision(self) -> None:
        case = triaged("weakness")
        complete_findings(
            case.reference, {"imaging_finding": "mscc"}, source="telephone", act=act_by("gp", NOON + HOUR)
        )
        assert {"acknowledge", "decision_to_treat"} <= running(case)

    def test_a_new_sign_twenty_days_later_has_its_own_day(self) -> None:
        case = triaged("weakness")
        scan(case, at=NOON + HOUR)
        complete_findings(
            case.reference,
            {"neurology": {"bladder_or_bowel_dysfunction": "yes"}},
            source="telephone",
            act=act_by("coordinator", NOON + 20 * DAY),
        )
        assert clock(case, "mri", limit=24).due_at == NOON + 21 * DAY

    def test_an_unstable_spine_starts_advice_and_reaches_a_human(self) -> None:
        case = triaged("no_cancer")
        complete_findings(
            case.reference, {"instability_signs": "yes"}, source="telephone", act=act_by("gp", NOON + HOUR)
        )
        assert {"acknowledge", "stability_advice", "coordinator_advice"} <= running(case)


@pytest.mark.parametrize(
    ("kind", "data", "news"),
    [
        ("mri_reported", {"result": "impending_compression"}, "Scan report: impending compression"),
        ("mri_reported", {"status": "withdrawn"}, "A scan report was withdrawn"),
        ("mri_performed", {"modality": "mri", "regions": ["thoracic"]}, "MSCC is no longer ruled out"),
    ],
)
def test_a_page_about_a_scan_says_what_is_new(kind: str, data: dict[str, Any], news: str) -> None:
    case = triaged("weakness")
    scan(case, at=NOON + HOUR)
    report(case, "mri_reported", at=NOON + 2 * HOUR, result="no_malignant_disease", **FINAL)
    report(case, kind, at=NOON + 3 * HOUR, **data)
    assert clock(case, "acknowledge").about == news


def test_less_than_what_is_known_does_not_take_the_place_of_the_news_in_a_page() -> None:
    case = triaged("weakness")
    scan(case, at=NOON + HOUR)
    report(case, "mri_reported", at=NOON + 2 * HOUR, result="mscc", regions=["thoracic"])
    for result in ("impending_compression", "metastases_no_compression"):
        report(case, "mri_reported", at=NOON + 2 * HOUR, result=result, regions=["lumbar"])
    assert clock(case, "acknowledge").about == "Scan report: metastatic spinal cord compression"


def test_a_page_about_a_booking_says_what_is_new() -> None:
    case = triaged("weakness")
    late = rfc3339(NOON + 50 * HOUR)
    report(case, "mri_booked", at=NOON + HOUR, site="Northmoor", booked_for=late)
    assert clock(case, "acknowledge").about == "The scan is booked for after its limit"
