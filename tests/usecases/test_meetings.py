"""The list of a meeting: by rule and by hand, with its reasons, its order and its end."""

from datetime import datetime, timedelta

import pytest

from kernel.refusals import Denied, Invalid, OutOfTurn
from mdt.agenda import REASONS, AgendaStanding, reasons_for
from mdt.agenda_facts import agenda_standings
from mdt.endings import endings
from mdt.models import Item, Meeting
from mdt.usecases.change_agenda import approve, move_up, take_off
from mdt.usecases.plan_meeting import end_meeting, plan_meeting
from mdt.usecases.put_on_agenda import assemble, assemble_due, put_by_hand
from tests.builders import NOON, actor, again, report, triaged
from tests.usecases.mdt_acts import (
    DAY,
    HOUR,
    NOW,
    asked,
    confirmed,
    decided,
)

pytestmark = pytest.mark.usefixtures("scene")


class TestMeetings:
    def meeting(self, *, at: datetime = NOW, starts: timedelta = DAY) -> Meeting:
        return plan_meeting(
            starts_at=at + starts, cut_off_at=at + starts - HOUR, place="Room", by=actor("coordinator"), at=at
        )

    def test_the_list_is_made_by_rule_with_every_reason_and_repeats_safely(self) -> None:
        compressed, quiet = confirmed(), triaged("pain_only")
        meeting = self.meeting()
        assert assemble(meeting, at=NOW) == 1
        assert assemble(Meeting.objects.get(), at=NOW) == 0
        item = Item.objects.get()
        assert (item.referral_id, item.reasons) == (compressed.pk, ["compression_undecided"])
        assert again(compressed).listed_for_mdt_at is not None
        assert again(quiet).listed_for_mdt_at is None
        asked(compressed, "oncology", at=NOW + HOUR)
        assemble(Meeting.objects.get(), at=NOW + 2 * HOUR)
        assert Item.objects.get().reasons == ["compression_undecided", "asked"]

    def test_a_case_that_was_taken_off_comes_back_when_something_new_is_reported(self) -> None:
        meeting, case = self.meeting(), confirmed("pain_only", "impending_compression")
        assemble(meeting, at=NOW)
        take_off(meeting.pk, case.reference, reason="settled", by=actor("coordinator"), at=NOW)
        assert assemble(Meeting.objects.get(), at=NOW + HOUR) == 0
        report(case, "mri_reported", at=NOW + 2 * HOUR, result="mscc")
        assert assemble(Meeting.objects.get(), at=NOW + 3 * HOUR) == 1
        assert Item.objects.get().off_at is None

    def test_treatment_before_the_report_does_not_keep_a_case_off_the_list(self) -> None:
        case = triaged("pain_only")
        report(case, "radiotherapy_started", at=NOON + HOUR)
        report(case, "mri_reported", at=NOON + 3 * HOUR, result="mscc")
        assemble(self.meeting(), at=NOW)
        assert Item.objects.get(referral=case).reasons == ["compression_undecided"]

    def test_a_decision_for_another_test_first_keeps_a_case_on_the_lists(self) -> None:
        case = confirmed()
        assemble(self.meeting(), at=NOW)
        decided(case, "biopsy", "more_imaging", at=NOW + HOUR)
        assert reasons_for(agenda_standings([again(case)])[case.pk]) == ("compression_undecided",)
        decided(case, "no_action", at=NOW + 2 * HOUR)
        assert reasons_for(agenda_standings([again(case)])[case.pk]) == ()

    def test_after_the_cut_off_nothing_comes_by_rule(self) -> None:
        meeting = self.meeting(starts=2 * HOUR)
        assemble_due(at=NOW + HOUR + timedelta(minutes=1))
        late = confirmed()
        assemble_due(at=NOW + HOUR + timedelta(minutes=2))
        assert not Item.objects.filter(meeting=meeting, referral=late).exists()

    def test_a_late_case_needs_a_reason_and_somebody_elses_approval_before_it_is_decided(self) -> None:
        meeting, case = self.meeting(starts=HOUR), confirmed()
        late = {"by": actor("coordinator"), "at": NOW + 30 * timedelta(minutes=1)}
        with pytest.raises(Invalid, match="cannot wait"):
            put_by_hand(meeting.pk, case.reference, text="", **late)
        put_by_hand(meeting.pk, case.reference, text="Worse this morning", **late)
        with pytest.raises(OutOfTurn, match="somebody else"):
            approve(meeting.pk, case.reference, **late)
        with pytest.raises(Invalid, match="not complete"):
            decided(case, "radiotherapy", meeting=meeting.pk)
        approve(meeting.pk, case.reference, by=actor("mdt"), at=NOW + HOUR)
        assert decided(case, "radiotherapy", meeting=meeting.pk).meeting_id == meeting.pk

    def test_a_meeting_ends_when_every_case_is_decided_or_taken_off(self) -> None:
        meeting, one, other = self.meeting(), confirmed(), confirmed()
        assemble(meeting, at=NOW)
        with pytest.raises(OutOfTurn, match="Not decided yet"):
            end_meeting(meeting.pk, by=actor("coordinator"), at=NOW + DAY)
        decided(one, "no_action", meeting=meeting.pk)
        take_off(meeting.pk, other.reference, reason="not_ready", by=actor("mdt"), at=NOW + DAY)
        assert again(other).listed_for_mdt_at is None  # never asked, never discussed: not theirs to see
        end_meeting(meeting.pk, by=actor("coordinator"), at=NOW + DAY)
        with pytest.raises(OutOfTurn, match="was ended by"):
            put_by_hand(meeting.pk, other.reference, text="", by=actor("coordinator"), at=NOW + DAY)

    def test_a_decision_signed_elsewhere_ends_a_case_unless_a_rule_still_asks_for_it(self) -> None:
        meeting, whole, incomplete = self.meeting(), confirmed(), confirmed()
        assemble(meeting, at=NOW)
        decided(whole, "radiotherapy")
        decided(
            incomplete,
            "radiotherapy",
            present=("oncology",),
            without_quorum_by="Dr Helen Moss",
            without_quorum_because="It could not wait",
        )
        ended = endings(meeting)
        assert set(ended) == {whole.pk}
        asked(whole, at=NOW + 3 * HOUR, discussion="scheduled")
        assert endings(meeting) == {}

    def test_the_order_is_changed_one_place_at_a_time(self) -> None:
        meeting, first, second = self.meeting(), confirmed(), confirmed()
        assemble(meeting, at=NOW)
        move_up(meeting.pk, second.reference, by=actor("coordinator"), at=NOW)
        move_up(meeting.pk, second.reference, by=actor("coordinator"), at=NOW)
        in_order = Item.objects.order_by("position").values_list("referral_id", flat=True)
        assert list(in_order) == [second.pk, first.pk]

    def test_only_a_coordinator_plans(self) -> None:
        with pytest.raises(Denied):
            plan_meeting(starts_at=NOW + DAY, cut_off_at=NOW, place="Room", by=actor("mdt"), at=NOW)

    @pytest.mark.parametrize(
        ("standing", "codes"),
        [
            (AgendaStanding(), ()),
            (AgendaStanding(asked=True), ("asked",)),
            (AgendaStanding(finding="mscc"), ("compression_undecided",)),
            (AgendaStanding(finding="mscc", decided=True), ()),
            (AgendaStanding(finding="mscc", treated=True), ()),
            (AgendaStanding(finding="impending_compression"), ("impending",)),
            (AgendaStanding(finding="spinal_metastases", plan_owed=True), ("plan_owed",)),
            (AgendaStanding(finding="spinal_metastases"), ()),
            (AgendaStanding(sins=7), ("unstable",)),
            (AgendaStanding(sins=6), ()),
            (AgendaStanding(sins=13, surgery_judged=True), ()),
            (AgendaStanding(finding="mscc", decided=True, primary_unknown=True), ()),
            (AgendaStanding(finding="spinal_metastases", primary_unknown=True), ("primary_unknown",)),
            (AgendaStanding(surgery_pending=True), ("surgery_pending",)),
            (AgendaStanding(without_quorum=True, dissent=True), ("without_quorum", "dissent")),
        ],
    )
    def test_the_rules_of_a_list(self, standing: AgendaStanding, codes: tuple[str, ...]) -> None:
        assert reasons_for(standing) == codes
        assert {reason.code for reason in REASONS} >= set(codes)
