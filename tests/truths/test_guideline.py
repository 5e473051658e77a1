"""Inputs that once failed, each by its id: what the guideline says."""

from typing import Any

import pytest

from demo.patients import NEUROLOGY, PAIN, findings
from tests.builders import running
from tests.doors.machines import Machine
from tests.truths.sender import EMERGENCY, STEROID, TO_EXAMINE, Sender, codes, evaluated, page_of


class TestGuideline:
    @pytest.mark.parametrize("given", ["not_assessed", "no", "yes"])
    @pytest.mark.parametrize("whole", ["no", "not_assessed"])
    def test_S01_an_abscess_is_no_reason_for_a_steroid(
        self, hospital: Machine, given: str, whole: str
    ) -> None:
        found = evaluated(
            hospital,
            {
                "cancer_context": "current",
                "neurology": {"limb_weakness": "yes"},
                "whole_spine_imaged": whole,
                "imaging_finding": "non_malignant_compression",
                "dexamethasone_given": given,
            },
        )
        advice = codes(found["advice"])
        assert found["stream"] == "emergency"
        assert not advice & STEROID
        assert "hold_dexamethasone_discuss_spinal_surgery" in advice
        assert "stop_dexamethasone" not in advice
        assert "discuss_spinal_surgery_now" in codes(found["warnings"])
        held = next(
            line for line in found["advice"] if line["code"] == "hold_dexamethasone_discuss_spinal_surgery"
        )
        assert held["strength"] == "act"

    def test_S01_in_a_case_by_a_report_of_the_lumbar_spine(self, hospital: Machine) -> None:
        of = Sender(hospital, EMERGENCY)
        of.scanned(60, "lumbar")
        of.reported("non_malignant_compression", 30, status="final")
        shown = of.read()
        advice = codes(shown["triage"]["advice"])
        assert not advice & STEROID
        assert "hold_dexamethasone_discuss_spinal_surgery" in advice
        assert "discuss_spinal_surgery_now" in codes(shown["triage"]["warnings"])
        assert "mri" in running(of.case)
        assert "abscess" in page_of(of.case).lower()

    @pytest.mark.parametrize("severity", [None, 9])
    def test_S02_a_lymphoma_of_long_ago_and_one_pain(self, hospital: Machine, severity: int | None) -> None:
        found = evaluated(
            hospital,
            {
                "cancer_context": "past",
                "haematological_malignancy": "confirmed",
                "primary_site": "lymphoma",
                "pain": findings(PAIN, "claudication"),
                "neurology": findings(NEUROLOGY),
                "pain_severity": severity,
            },
        )
        advice = codes(found["advice"])
        assert found["stream"] == "one_week"
        assert not advice & STEROID
        assert "hold_dexamethasone_discuss_haematology" in advice

    def test_S02_read_from_the_primary_alone(self, hospital: Machine) -> None:
        found = evaluated(
            hospital,
            {
                "cancer_context": "past",
                "primary_site": "lymphoma",
                "pain": findings(PAIN, "nocturnal"),
                "neurology": findings(NEUROLOGY),
            },
        )
        assert "hold_dexamethasone_discuss_haematology" in codes(found["advice"])
        assert not codes(found["advice"]) & STEROID

    @pytest.mark.parametrize(
        "sent",
        [
            {"presentation__active_infection": "yes"},
            {"clinical__active_infection": "yes"},
            {"clinical__active_infection": "yes", "presentation__dexamethasone_given": "yes"},
        ],
    )
    def test_S03_an_infection_reaches_whoever_refers_by_machine(
        self, hospital: Machine, sent: dict[str, Any]
    ) -> None:
        presentation = {"cancer_context": "current", "neurology": {"limb_weakness": "yes"}}
        of = Sender(hospital, presentation, **sent)
        assert "infection_before_dexamethasone" in codes(of.answer["triage"]["warnings"])
        assert of.answer["presentation"]["active_infection"] == "yes"
        assert "infection" in page_of(of.case, by="ward", name="referral").lower()

    def test_S03_the_same_without_a_referral(self, hospital: Machine) -> None:
        asked = {
            "cancer_context": "current",
            "neurology": {"limb_weakness": "yes"},
            "active_infection": "yes",
        }
        assert "infection_before_dexamethasone" in codes(evaluated(hospital, asked)["warnings"])

    @pytest.mark.parametrize("context", ["suspected", "none_known"])
    @pytest.mark.parametrize("pains", [("mechanical", "severe_unremitting"), ()], ids=["U01", "U02"])
    def test_U01_U02_an_unstable_spine_is_never_told_nothing(
        self, hospital: Machine, context: str, pains: tuple[str, ...]
    ) -> None:
        found = evaluated(
            hospital,
            {
                "cancer_context": context,
                "pain": findings(PAIN, *pains),
                "neurology": findings(NEUROLOGY),
                "instability_signs": "yes",
                "pain_severity": 9,
                "movement_pain": "severe",
            },
        )
        assert found["contact"] == "within_24_hours"
        advice = codes(found["advice"])
        assert {"consider_immobilisation", "stability_advice_24h", "seek_coordinator_advice_24h"} <= advice
        assert "use_local_spinal_route" in codes(found["warnings"])
        assert {"stability_advice", "coordinator_advice"} <= {c["kind"] for c in found["clocks"]}

    def test_U03_somebody_who_cannot_give_a_history_is_not_sent_home(self, hospital: Machine) -> None:
        found = evaluated(
            hospital, {"cancer_context": "none_known", "pain_severity": 10, "instability_signs": "yes"}
        )
        advice = {line["code"]: line for line in found["advice"]}
        assert found["stream"] == "insufficient_information"
        assert {
            "adequate_analgesia",
            "pain_assessment_and_plan",
            "consider_immobilisation",
            "stability_advice_24h",
            "safety_net_advice",
            "examine_neurology_now",
            "seek_coordinator_advice_24h",
            "record_key_information",
        } <= set(advice)
        assert "carer" in advice["examine_neurology_now"]["text"].lower()
        assert "watch" in advice["examine_neurology_now"]["text"].lower()
        assert found["contact"] == "within_24_hours"
        assert found["ask_next"][:5] == TO_EXAMINE

    @pytest.mark.parametrize("context", ["current", "past", "suspected", "none_known"])
    def test_A01_bladder_and_legs_are_asked_first(self, hospital: Machine, context: str) -> None:
        asked = evaluated(hospital, {"cancer_context": context})["ask_next"]
        assert asked[:5] == TO_EXAMINE
        assert {f"neurology.{name}" for name in NEUROLOGY} <= set(asked)
        assert {f"pain.{name}" for name in PAIN} <= set(asked)
        assert asked.index("neurology.radicular_pain") < asked.index("pain.severe_unremitting")

    def test_A02_a_firm_emergency_asks_what_changes_the_next_hour(self, hospital: Machine) -> None:
        found = evaluated(hospital, {"cancer_context": "current", "neurology": {"limb_weakness": "yes"}})
        assert (found["stream"], found["provisional"]) == ("emergency", False)
        assert {
            "instability_signs",
            "mri_contraindicated",
            "haematological_malignancy",
            "active_infection",
            "dexamethasone_given",
        } <= set(found["ask_next"])
