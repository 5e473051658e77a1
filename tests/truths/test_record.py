"""Inputs that once failed, each by its id: the record as evidence."""

from typing import Any

import pytest
from django.urls import reverse

from referrals.intake.record_fields import GROUPS
from tests.builders import clock, running
from tests.doors.forms import signed_in
from tests.doors.machines import Machine
from tests.scenery import undone
from tests.truths.sender import ALARMED, EMERGENCY, PAIN_ONLY, Sender, codes, page_of, pages_about


class TestRecord:
    def keep(self, of: Sender, slug: str, *, by: str = "coordinator", **fields: str) -> Any:
        name = "record_part" if by == "coordinator" else "referral_more_part"
        sent = {name.replace("__", "."): value for name, value in fields.items()}
        answer = signed_in(by).post(reverse(name, args=[of.reference, slug]), sent, follow=True)
        assert answer.status_code == 200, answer.content
        return answer.content.decode()

    def part(self, path: str) -> str:
        return next(group.slug for group in GROUPS if path in {spec.path for spec in group.fields})

    def test_R01_what_was_examined_is_evidence(self, hospital: Machine) -> None:
        of = Sender(hospital, PAIN_ONLY)
        of.quiet()
        before = pages_about(of.case)
        signs = {
            "record.bladder": "retention",
            "record.post_void_residual_ml": "800",
            "record.saddle_sensation": "absent",
            "record.power_l3_left": "0",
            "record.sensory_level": "T10",
        }
        assert of.read()["stream"] == "one_week"
        for slug in dict.fromkeys(self.part(path) for path in signs):
            self.keep(of, slug, **{p: v for p, v in signs.items() if self.part(p) == slug})
        shown = of.read()
        assert (shown["stream"], shown["triage"]["stream"]) == ("emergency", "emergency")
        assert "cauda_equina_4h" in codes(shown["triage"]["warnings"])
        assert ALARMED | {"mri"} <= running(of.case)
        assert clock(of.case, "mri", limit=24).stopped_at is None
        assert pages_about(of.case) > before
        neurology = shown["presentation"]["neurology"]
        assert {
            neurology[name]
            for name in ("bladder_or_bowel_dysfunction", "limb_weakness", "cord_or_cauda_equina_signs")
        } == {"yes"}
        assert shown["presentation"]["saddle_or_sphincter_signs"] == "yes"
        page = page_of(of.case)
        assert page.count("Does not fit:") >= 4
        assert "Which is right?" in page

    SIGNS = (
        ("record.bladder", "retention", "bladder_or_bowel_dysfunction"),
        ("record.post_void_residual_ml", "200", "bladder_or_bowel_dysfunction"),
        ("record.power_l3_left", "0", "limb_weakness"),
        ("record.power_c5_right", "4", "limb_weakness"),
        ("record.sensory_level", "T10", "cord_or_cauda_equina_signs"),
        ("record.plantars", "extensor_both", "cord_or_cauda_equina_signs"),
        ("record.clonus", "yes", "cord_or_cauda_equina_signs"),
        ("record.saddle_sensation", "absent", ""),
        ("record.anal_tone", "reduced", ""),
    )

    @pytest.mark.parametrize("by", ["coordinator", "ward"])
    def test_R01_each_sign_by_itself_by_either_side(self, hospital: Machine, by: str) -> None:
        of = Sender(hospital, PAIN_ONLY)
        of.quiet()
        before = pages_about(of.case)
        for path, value, finding in self.SIGNS:
            with undone():
                self.keep(of, self.part(path), by=by, **{path: value})
                shown = of.read()
                neurology = shown["presentation"]["neurology"]
                sign = neurology[finding] if finding else shown["presentation"]["saddle_or_sphincter_signs"]
                assert sign == "yes", path
                assert shown["stream"] == "emergency", path
                assert ALARMED | {"mri"} <= running(of.case), path
                assert pages_about(of.case) > before, path
            assert not ALARMED & running(of.case), path  # the next sign is told of a quiet case

    def test_R01_a_residual_below_the_limit_raises_nothing(self, hospital: Machine) -> None:
        of = Sender(hospital, PAIN_ONLY)
        of.quiet()
        path = "record.post_void_residual_ml"
        self.keep(of, self.part(path), **{path: "199"})
        assert of.read()["stream"] == "one_week"
        assert not ALARMED & running(of.case)

    @pytest.mark.parametrize(
        "path", ["record.mri_pacemaker", "record.mri_clips", "record.mri_cochlear", "record.mri_metal"]
    )
    def test_R02_a_device_asks_about_the_scanner_at_once(self, hospital: Machine, path: str) -> None:
        of = Sender(hospital, EMERGENCY)
        of.acknowledge()
        self.keep(of, self.part(path), **{path: "yes"})
        assert (
            of.read()["presentation"]["mri_contraindicated"] == "not_assessed"
        )  # a question, never an answer
        page = page_of(of.case)
        asked = page.split("Does not fit:")[1].split("</p>")[0]
        assert "Which is right?" in asked
        assert "mri_contraindicated" in of.read()["triage"]["ask_next"]

    def test_R02_a_device_against_an_answer_of_no_is_a_contradiction(self, hospital: Machine) -> None:
        of = Sender(hospital, {**EMERGENCY, "mri_contraindicated": "no"})
        path = "record.mri_pacemaker"
        self.keep(of, self.part(path), **{path: "yes"})
        assert "Does not fit:" in page_of(of.case)
