"""The MDT asks, says, decides; what it decides is owed, treated, planned and followed to the end."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts import service as services
from accounts.models import Setting
from governance.bound import verify_records
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.time import rfc3339
from mdt.agenda import REASONS, Standing, reasons_for
from mdt.deciding import quorum_of
from mdt.models import Decision, Item, Meeting, Opinion, Outcome, Plan, Treatment
from mdt.treatments import MODALITIES, MODALITY_AT, faults
from mdt.treatments import RADIOTHERAPY as RADIOTHERAPY_CODES
from mdt.usecases.change_agenda import approve, move_up, take_off
from mdt.usecases.decide_treatment import decide_treatment
from mdt.usecases.give_opinion import give_opinion
from mdt.usecases.keep_plan import keep_plan
from mdt.usecases.list_for_mdt import list_for_mdt
from mdt.usecases.plan_meeting import end_meeting, plan_meeting
from mdt.usecases.put_on_agenda import assemble, assemble_due, put_by_hand
from mdt.usecases.record_decision import record_decision
from mdt.usecases.record_outcome import record_outcome
from mdt.usecases.send_plan import send_plan
from mdt.walking import Seen, picture
from oncall.handing_over import open_cases
from oncall.kinds import FOLLOW_UPS
from oncall.models import Clock
from referrals.intake import parse
from referrals.models import Obligation, Referral
from referrals.queries import visible_to
from referrals.usecases.close_referral import close_referral
from referrals.usecases.issue_letter import issue_letter
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.record_details import record_details
from referrals.usecases.submit_referral import submit_referral
from tests.builders import NOON, acknowledged, actor, again, body, clock, report, running, scan, triaged

pytestmark = pytest.mark.usefixtures("scene")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = NOON + 4 * HOUR
MEMBER = {"spinal_surgery": "mdt", "oncology": "mdt-oncology", "radiology": "mdt-radiology"}


def confirmed(presentation: str = "weakness", result: str = "mscc") -> Referral:
    case = triaged(presentation)
    scan(case, at=NOON + 2 * HOUR)
    report(case, "mri_reported", at=NOON + 3 * HOUR, result=result)
    return again(case)


def asked(case: Referral, *specialties: str, at: datetime = NOW) -> Referral:
    return list_for_mdt(
        case.reference, question="surgery", text="Unstable?", discussion="virtual_urgent", asked=specialties,
        by=actor("coordinator"), at=at, service=services.current(),
    )  # fmt: skip


def said(case: Referral, specialty: str, *, by: str = "", at: datetime = NOW + HOUR, seen: int | None = None,
         **content: Any) -> Opinion:  # fmt: skip
    by = by or MEMBER[specialty]
    sent = {"given_by": actor(by).name, "given_at": rfc3339(at), "words": "As written", **content}
    return give_opinion(
        case.reference,
        specialty,
        {f"opinion.{k}": v for k, v in sent.items()},
        seen=seen,
        by=actor(by),
        at=at,
    )


def decided(case: Referral, *outcomes: str, present: tuple[str, ...] = tuple(MEMBER), by: str = "coordinator",
            at: datetime = NOW + 2 * HOUR, meeting: int | None = None, seen: int | None = None, **content: Any) -> Decision:  # fmt: skip
    sent: dict[str, Any] = {
        "decided_at": rfc3339(at), "outcomes": list(outcomes), "recommendation": "As agreed", "owner": "Dr Helen Moss",
        "chaired_by": "Mr Alun Price", **content,
    }  # fmt: skip
    paths = {f"decision.{name}": value for name, value in sent.items()}
    for specialty in present:
        paths |= {f"spoken.{specialty}.position": "agrees", f"spoken.{specialty}.name": specialty.title()}
    paths |= {name: value for name, value in content.items() if name.startswith("spoken.")}
    return record_decision(
        case.reference, {k: v for k, v in paths.items() if not k.startswith("decision.spoken.")},
        discussion="scheduled" if meeting else "virtual_urgent", meeting=meeting, seen=seen, by=actor(by), at=at,
        service=services.current(),
    )  # fmt: skip


def treated(case: Referral, code: str, *, by: str = "coordinator", at: datetime = NOW + 3 * HOUR,
            seen: int | None = None, **content: Any) -> Treatment:  # fmt: skip
    sent: dict[str, Any] = {
        "decided_at": rfc3339(at), "decided_by": "Dr Helen Moss", "grade": "consultant", "consent": "consented", **content,
    }  # fmt: skip
    return decide_treatment(
        case.reference, code, {f"treatment.{k}": v for k, v in sent.items()}, seen=seen, by=actor(by), at=at,
        service=services.current(),
    )  # fmt: skip


RADIOTHERAPY = {"levels": "T7 to T9", "side_effect_risk": "usual", "wants_radiotherapy": "yes"}
WHOLE_PLAN = {
    "key_worker": "Nurse Kit Barlow", "who_to_call": "The coordinator", "destination": "home", "goals": "To garden",
    "ongoing_care_assessed_on": "2026-11-20", "rehabilitation_assessed_on": "2026-11-20",
}  # fmt: skip


def kept(case: Referral, *, sign: bool = False, seen: int | None = None, by: str = "coordinator",
         at: datetime = NOW + 5 * HOUR, **content: Any) -> Plan:  # fmt: skip
    sent = {f"plan.{name}": value for name, value in content.items()}
    return keep_plan(
        case.reference, sent, sign=sign, seen=seen, by=actor(by), at=at, service=services.current()
    )


def observed(case: Referral, point: str, *, at: datetime, seen: int | None = None, **content: Any) -> Outcome:
    sent = {
        "outcome.point": point,
        "outcome.observed_at": rfc3339(at),
        **{f"outcome.{k}": v for k, v in content.items()},
    }
    return record_outcome(case.reference, sent, seen=seen, by=actor("coordinator"), at=at)


def problems(refused: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(refused.value.errors)


class TestAsking:
    def test_each_specialty_that_is_asked_owes_an_opinion_with_its_own_clock(self) -> None:
        case = asked(confirmed(), "spinal_surgery", "radiology")
        owed = Obligation.objects.filter(referral=case, kind="specialist_opinion")
        assert {row.owed_by for row in owed} == {"spinal_surgery", "radiology"}
        assert {c.due_at for c in Clock.objects.filter(kind="specialist_opinion", case=case.pk)} == {
            NOW + 2 * HOUR
        }
        assert case.status == "awaiting_mdt"

    def test_only_those_who_are_asked_or_have_the_list_see_the_case(self) -> None:
        case = acknowledged("weakness")
        assert not visible_to(actor("mdt-radiology")).filter(pk=case.pk).exists()
        asked(case, "radiology")
        assert visible_to(actor("mdt-radiology")).filter(pk=case.pk).exists()

    def test_an_urgent_discussion_names_whom_it_asks(self) -> None:
        with pytest.raises(Invalid) as refused:
            asked(confirmed())
        assert problems(refused) == {"asked"}


class TestOpinions:
    def test_an_opinion_answers_what_was_asked_and_stops_its_clock_alone(self) -> None:
        case = asked(confirmed(), "spinal_surgery", "radiology")
        said(case, "spinal_surgery", recommends=["surgery"])
        running_for = {
            Obligation.objects.get(pk=c.subject).owed_by
            for c in Clock.objects.filter(case=case.pk, kind="specialist_opinion", stopped_at=None)
        }
        assert running_for == {"radiology"}
        stopped = Clock.objects.get(case=case.pk, kind="specialist_opinion", stopped_at__isnull=False)
        assert (stopped.stopped_at, stopped.stopped_because) == (NOW + HOUR, "met")

    def test_a_change_is_a_new_version_and_the_old_one_stays(self) -> None:
        case = asked(confirmed(), "spinal_surgery")
        said(case, "spinal_surgery", recommends=["surgery"])
        said(
            case,
            "spinal_surgery",
            at=NOW + 2 * HOUR,
            seen=1,
            words="On second thoughts no",
            recommends=["radiotherapy"],
        )
        versions = Opinion.objects.filter(referral=case).order_by("version")
        assert [row.content["recommends"] for row in versions] == [["surgery"], ["radiotherapy"]]

    def test_nothing_is_written_over_what_somebody_else_signed_meanwhile(self) -> None:
        case = asked(confirmed(), "spinal_surgery")
        said(case, "spinal_surgery", by="coordinator", seen=0)
        with pytest.raises(OutOfTurn, match="Sister Grace Okoro has written version 1"):
            said(case, "spinal_surgery", seen=0)
        assert Opinion.objects.count() == 1

    def test_an_mdt_member_signs_for_the_own_specialty_and_on_seen_cases_only(self) -> None:
        case = asked(confirmed(), "spinal_surgery")
        with pytest.raises(Denied, match="spinal surgery only"):
            said(case, "oncology", by="mdt")
        unlisted = acknowledged("weakness")
        with pytest.raises(NotFound):
            said(unlisted, "spinal_surgery")

    def test_expert_advice_on_stability_ends_the_24_hours_after_immobilisation(self) -> None:
        case = asked(confirmed(), "spinal_surgery", "radiology")
        report(case, "immobilised", at=NOON + HOUR, recorded_at=NOW)
        said(case, "radiology", stability="unstable")
        assert "stability_advice" in running(case)  # a radiologist is none of the three
        said(case, "spinal_surgery", stability="unstable")
        assert clock(case, "stability_advice").stopped_because == "met"

    def test_an_opinion_answers_only_what_was_asked_before_it_was_given(self) -> None:
        case = asked(confirmed(), "spinal_surgery")
        report(case, "immobilised", at=NOW)
        said(case, "spinal_surgery", at=NOW + HOUR, given_at=rfc3339(NOW - 2 * HOUR), stability="unstable")
        assert {"specialist_opinion", "stability_advice"} <= running(case)

    def test_surgery_that_is_not_suitable_has_its_reasons(self) -> None:
        case = asked(confirmed(), "spinal_surgery")
        with pytest.raises(Invalid) as refused:
            said(case, "spinal_surgery", surgery_suitable="no")
        assert problems(refused) == {"opinion.surgery_reasons"}


class TestDecisions:
    def test_a_decision_becomes_what_somebody_owes_with_a_clock(self) -> None:
        case = asked(confirmed(), "spinal_surgery")
        decided(
            case, "surgery", "external_support", surgery_suitable="yes", present=(*MEMBER, "physiotherapy")
        )
        owed = Obligation.objects.filter(referral=case, kind="task")
        assert {row.owed_by for row in owed} == {"spinal_surgery", "physiotherapy"}
        assert all(c.due_at == NOW + 6 * HOUR for c in Clock.objects.filter(case=case.pk, kind="task"))
        assert again(case).status == "in_progress"

    def test_opinions_still_awaited_are_no_longer_needed(self) -> None:
        case = asked(confirmed(), "radiology")
        decided(case, "radiotherapy")
        assert clock(case, "specialist_opinion").stopped_because == "not_needed"

    def test_a_decision_ends_nothing_that_was_asked_after_it(self) -> None:
        case = asked(confirmed(), "radiology")
        asked(case, "spinal_surgery", at=NOW + 5 * HOUR)
        decided(case, "radiotherapy", at=NOW + 6 * HOUR, decided_at=rfc3339(NOW + 2 * HOUR))
        waiting = Clock.objects.filter(case=case.pk, kind="specialist_opinion", stopped_at=None)
        assert [Obligation.objects.get(pk=c.subject).owed_by for c in waiting] == ["spinal_surgery"]

    def test_asking_for_more_ends_no_opinion(self) -> None:
        case = asked(confirmed(), "radiology")
        decided(case, "more_imaging")
        assert "specialist_opinion" in running(case)

    def test_the_tasks_of_a_decision_are_replaced_by_the_next(self) -> None:
        case = asked(confirmed(), "oncology")
        decided(case, "radiotherapy")
        decided(case, "supportive_care", at=NOW + 3 * HOUR, present=("oncology", "palliative_care"))
        open_ones = Clock.objects.filter(case=case.pk, kind="task", stopped_at=None)
        assert [Obligation.objects.get(pk=c.subject).owed_by for c in open_ones] == ["palliative_care"]

    def test_the_plan_of_the_week_is_met_by_a_decision_and_not_by_asking_for_more(self) -> None:
        case = confirmed("pain_only", "metastases_no_compression")
        asked(case, "oncology")
        decided(case, "more_imaging")
        assert "treatment_plan" in running(case)
        decided(case, "no_action", at=NOW + 3 * HOUR)
        met = clock(case, "treatment_plan")
        assert (met.stopped_because, met.stopped_at) == ("met", NOW + 3 * HOUR)

    def test_what_is_judged_is_read_by_the_guideline(self) -> None:
        case = asked(confirmed(), "oncology")
        decided(
            case, "radiotherapy", surgery_suitable="no", surgery_reasons=["radiosensitive"], prognosis="poor"
        )
        treated(case, "rt_single_8gy", **RADIOTHERAPY)
        assert "radiotherapy" not in running(case)  # poor prognosis: NG234 1.10.4 excepts it

    def test_without_its_quorum_a_decision_needs_a_name_and_a_reason(self) -> None:
        case = asked(confirmed(), "oncology")
        with pytest.raises(Invalid) as refused:
            decided(case, "surgery", present=("oncology",))
        assert problems(refused) == {"decision.without_quorum_by", "decision.without_quorum_because"}
        assert "spinal surgery" in refused.value.errors["decision.without_quorum_by"][0]
        made = decided(
            case,
            "surgery",
            present=("oncology",),
            without_quorum_by="Dr Katz",
            without_quorum_because="Night",
        )
        assert (made.quorum_met, made.content["missing"]) == (False, ["radiology", "spinal_surgery"])

    def test_the_quorum_of_each_kind_is_a_setting(self) -> None:
        Setting.objects.create(key="quorum_surgery", value="spinal surgery")
        case = asked(confirmed(), "spinal_surgery")
        assert decided(case, "surgery", present=("spinal_surgery",)).quorum_met
        assert quorum_of(["mobilise"], ["physiotherapy"], services.current().values).missing == (
            "spinal_surgery",
        )
        with pytest.raises(ValueError, match="any of"):
            services.SETTING_AT["quorum_other"].read("oncology, dentistry")

    def test_dissent_has_a_name_and_words(self) -> None:
        case = asked(confirmed(), "oncology")
        with pytest.raises(Invalid) as refused:
            decided(case, "radiotherapy", **{"spoken.radiology.position": "dissents"})
        assert problems(refused) == {"spoken.radiology.words"}
        made = decided(
            case,
            "radiotherapy",
            **{"spoken.radiology.position": "dissents", "spoken.radiology.words": "Unstable"},
        )
        assert made.dissent

    def test_a_stale_page_decides_nothing(self) -> None:
        case = asked(confirmed(), "oncology")
        seen = case.version
        said(case, "oncology")
        with pytest.raises(OutOfTurn, match="changed this case"):
            decided(case, "radiotherapy", seen=seen)

    def test_no_action_stands_alone(self) -> None:
        with pytest.raises(Invalid) as refused:
            decided(asked(confirmed(), "oncology"), "no_action", "surgery")
        assert problems(refused) == {"decision.outcomes"}


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
            (Standing(), ()),
            (Standing(asked=True), ("asked",)),
            (Standing(result="mscc"), ("compression_undecided",)),
            (Standing(result="mscc", decided=True), ()),
            (Standing(result="mscc", treated=True), ()),
            (Standing(result="impending_compression"), ("impending",)),
            (Standing(result="metastases_no_compression", plan_owed=True), ("plan_owed",)),
            (Standing(result="metastases_no_compression"), ()),
            (Standing(sins=7), ("unstable",)),
            (Standing(sins=6), ()),
            (Standing(sins=13, surgery_judged=True), ()),
            (Standing(result="mscc", decided=True, primary_unknown=True), ()),
            (Standing(result="metastases_no_compression", primary_unknown=True), ("primary_unknown",)),
            (Standing(surgery_pending=True), ("surgery_pending",)),
            (Standing(without_quorum=True, dissent=True), ("without_quorum", "dissent")),
        ],
    )
    def test_the_rules_of_a_list(self, standing: Standing, codes: tuple[str, ...]) -> None:
        assert reasons_for(standing) == codes
        assert {reason.code for reason in REASONS} >= set(codes)


class TestTreatment:
    def test_a_decision_for_radiotherapy_starts_the_24_hours_and_its_start_meets_them(self) -> None:
        case = confirmed()
        treated(case, "rt_single_8gy", **RADIOTHERAPY)
        assert clock(case, "radiotherapy").due_at == NOW + 27 * HOUR
        assert clock(case, "decision_to_treat").stopped_because == "met"
        treated(case, "rt_single_8gy", at=NOW + 9 * HOUR, seen=1, **RADIOTHERAPY,
                decided_at=rfc3339(NOW + 3 * HOUR), started_at=rfc3339(NOW + 8 * HOUR))  # fmt: skip
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
        record_details(case.reference, {"clinical.previous_radiotherapy": "T4 to T6, 2024"}, by=actor("coordinator"), at=NOW,
                       service=services.current())  # fmt: skip
        with pytest.raises(Invalid) as refused:
            treated(case, "rt_single_8gy", **RADIOTHERAPY)
        assert problems(refused) == {
            "treatment.reirradiation_considered", "treatment.good_response_before",
            "treatment.three_months_since_radiotherapy",
        }  # fmt: skip

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
        treated(case, "rt_single_8gy", at=NOW + 5 * HOUR, seen=1, prognosis="intermediate", note="Rang the ward",
                decided_at=rfc3339(NOW + 3 * HOUR), **RADIOTHERAPY)  # fmt: skip
        assert "radiotherapy" not in running(case)  # the MDT's judgement stands
        assert "task" in running(case)

    def test_nothing_is_decided_without_the_person(self) -> None:
        case = confirmed()
        treated(case, "rt_single_8gy", **{**RADIOTHERAPY, "consent": "declined"})
        assert "radiotherapy" not in running(case)
        treated(case, "rt_single_8gy", at=NOW + 4 * HOUR, seen=1, **RADIOTHERAPY)
        assert clock(case, "radiotherapy").started_at == NOW + 4 * HOUR

    def test_what_was_told_as_a_fact_stays_told(self) -> None:
        case = confirmed()
        started = {"decided_at": rfc3339(NOW + 3 * HOUR), "started_at": rfc3339(NOW + 5 * HOUR)}
        treated(case, "rt_single_8gy", at=NOW + 6 * HOUR, **RADIOTHERAPY, **started)
        with pytest.raises(Invalid) as refused:
            treated(case, "rt_single_8gy", at=NOW + 7 * HOUR, seen=1, **RADIOTHERAPY,
                    **{**started, "started_at": rfc3339(NOW + 6 * HOUR)})  # fmt: skip
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
        treated(case, "rt_single_8gy", at=NOW + 9 * HOUR, seen=1, **RADIOTHERAPY,
                decided_at=rfc3339(NOW + 3 * HOUR), started_at=rfc3339(NOW + 6 * HOUR))  # fmt: skip
        assert clock(case, "radiotherapy").stopped_at == NOW + 5 * HOUR


class TestPlan:
    def test_the_plan_is_opened_by_its_first_version_and_signed_when_complete(self) -> None:
        case = confirmed()
        kept(case, key_worker="Nurse Kit Barlow")
        assert clock(case, "discharge_plan").stopped_because == "met"
        with pytest.raises(Invalid) as refused:
            kept(case, sign=True, key_worker="Nurse Kit Barlow")
        assert problems(refused) == {
            "plan.who_to_call", "plan.destination", "plan.ongoing_care_assessed_on", "plan.rehabilitation_assessed_on",
        }  # fmt: skip
        assert kept(case, sign=True, seen=1, **WHOLE_PLAN).signed

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
        send: dict[str, Any] = {
            "recipient": "Dr Anand",
            "by": actor("coordinator"),
            "service": services.current(),
        }
        with pytest.raises(OutOfTurn, match="Sign the plan first"):
            send_plan(case.reference, "plan_gp", at=NOW + 6 * HOUR, **send)
        kept(case, sign=True, seen=1, **WHOLE_PLAN)
        assert send_plan(case.reference, "plan_gp", at=NOW + 6 * HOUR, **send).awaited is not None
        own = send_plan(case.reference, "plan_person", at=NOW + 6 * HOUR, **send)
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
    report(case, "mri_reported", at=NOON + 3 * HOUR, result="mscc")
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
            merge_cases(kept_one.reference, other=other.reference, text="One person", confirmed=True, by=actor("coordinator"),
                        at=NOW, service=services.current())  # fmt: skip

    def test_a_recurrence_points_back_only_for_the_same_person(self) -> None:
        first = acknowledged("weakness", patient__nhs_number="9990000018")
        close_referral(first.reference, outcome="treated", text="Done", by=actor("coordinator"), at=NOW)
        for number, follows in (("9990000018", first.episode_id), ("9990000026", None)):
            sent = parse(body("weakness", at=NOW + DAY, patient__nhs_number=number), at=NOW + DAY)
            case, _ = submit_referral(sent, by=actor("coordinator"), at=NOW + DAY, service=services.current(), source="telephone",
                                      key=f"recurrence:{number}", follows=first.reference)  # fmt: skip
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

    def test_a_hand_over_names_follow_up_only_in_its_week(self) -> None:
        case = self.in_treatment()
        close_referral(case.reference, outcome="treated", text="Done", by=actor("coordinator"), at=NOW + HOUR)
        assert open_cases(at=NOW + DAY) == ()
        (due,) = open_cases(at=NOW + 22 * DAY)
        assert due.reference == case.reference

    def test_a_death_ends_follow_up(self) -> None:
        case = self.in_treatment()
        report(case, "died", at=NOW + DAY)
        assert running(case) == set()

    def test_somebody_who_cannot_be_reached_is_recorded_as_that(self) -> None:
        case = self.in_treatment()
        with pytest.raises(Invalid, match="not complete"):
            observed(case, "week_4", at=NOW + 28 * DAY)
        assert observed(case, "week_4", at=NOW + 28 * DAY, not_seen_because="not_reached").version == 1
        assert observed(case, "week_4", at=NOW + 29 * DAY, seen=1, walking="unaided").version == 2

    def test_walking_is_a_picture_with_the_same_in_words(self) -> None:
        drawn = picture(
            [Seen(at=NOON, grade="no_power", source="as referred"), Seen(at=NOON - DAY, grade="unaided", source="before"),
             Seen(at=NOON, grade="", source="nobody asked")]
        )  # fmt: skip
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
    record_details(
        case.reference,
        {"record.pain_plan": "Morphine"},
        by=actor("coordinator"),
        at=NOW,
        service=services.current(),
    )
    issue_letter(
        case.reference,
        "gp",
        recipient="Dr Anand",
        by=actor("coordinator"),
        at=NOW,
        service=services.current(),
    )
    send_plan(
        case.reference,
        "plan_gp",
        recipient="Dr Anand",
        by=actor("coordinator"),
        at=NOW + 7 * HOUR,
        service=services.current(),
    )
    checked, fault = verify_records()
    assert fault is None
    assert checked > 20
