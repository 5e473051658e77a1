"""The MDT asks, says, decides; what it decides is owed."""

import pytest

from accounts import service as services
from accounts.models import Setting
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.time import rfc3339
from mdt.consensus import quorum_of
from mdt.models import Opinion
from mdt.usecases.plan_meeting import plan_meeting
from mdt.usecases.put_on_agenda import put_by_hand
from oncall.models import Clock
from referrals.case.models import Obligation
from referrals.case.queries import visible_to
from tests.builders import NOON, acknowledged, actor, again, clock, report, running
from tests.usecases.mdt_acts import (
    HOUR,
    MEMBER,
    NOW,
    RADIOTHERAPY,
    asked,
    confirmed,
    decided,
    problems,
    said,
    treated,
)

pytestmark = pytest.mark.usefixtures("scene")


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

    def test_an_older_decision_that_is_written_later_replaces_no_task(self) -> None:
        case = asked(confirmed(), "oncology")
        meeting = plan_meeting(
            starts_at=NOW + HOUR, cut_off_at=NOW + HOUR, place="Room", by=actor("coordinator"), at=NOW
        )
        put_by_hand(meeting.pk, case.reference, text="", by=actor("coordinator"), at=NOW)
        decided(case, "radiotherapy", at=NOW + 3 * HOUR)
        decided(case, "more_imaging", meeting=meeting.pk, at=NOW + 4 * HOUR, decided_at=rfc3339(NOW + HOUR))
        open_ones = Clock.objects.filter(case=case.pk, kind="task", stopped_at=None)
        assert {Obligation.objects.get(pk=c.subject).owed_by for c in open_ones} == {"oncology", "radiology"}

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
