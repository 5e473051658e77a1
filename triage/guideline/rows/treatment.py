"""Rows of scores, radiotherapy, invasive interventions, and support (NG234 1.2 and 1.9 to 1.12)."""

from triage.guideline.rows.row import GuidelineRow, Stage, Who

COORD, CLIN, ONC, SS, MDT = Who.COORDINATOR, Who.CLINICIAN, Who.ONCOLOGY, Who.SPINAL_SURGERY, Who.MDT
RAD, PHYS = Who.RADIOLOGY, Who.PHYSIOTHERAPY

ROWS: tuple[GuidelineRow, ...] = (
    GuidelineRow(
        id="TOO-1", stage=Stage.STABILITY, who=(CLIN, SS, ONC), source="NG234 section 1.9", confirmed=False,
        strength="consider",
        says="Whoever judges stability or prognosis thinks about a validated score as one part of the whole clinical "
             "assessment.",
        places=("care:consider_scoring_system", "screen:scores", "score:sins", "score:tokuhashi", "score:tomita",
                "score:bilsky",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="RT-1", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 1.10.4", confirmed=True, strength="offer",
        limit="24 hours",
        says="Oncology offers radiotherapy as soon as it can be given, and within 24 hours, to somebody with MSCC who "
             "wants it, for whom surgery is not suitable, and who is not excepted.",
        places=("care:urgent_radiotherapy", "clock:radiotherapy", "event:decision_to_treat",
                "event:radiotherapy_started", "judgement:wants_radiotherapy",
                "test:tests/usecases/test_events.py::"
                "test_radiotherapy_runs_from_the_decision_and_not_after_surgery"),
    ),
    GuidelineRow(
        id="RT-2", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 1.10.4", confirmed=True,
        says="Oncology is not bound to urgent radiotherapy when plegia has been complete for two weeks or more and "
             "pain is well controlled, or when the overall prognosis is poor.",
        places=("care:urgent_radiotherapy_not_asked", "judgement:complete_plegia", "judgement:plegia_two_weeks",
                "judgement:prognosis", "field:presentation.pain_controlled_by_analgesia",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="RT-3", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 section 1.10", confirmed=False, strength="act",
        says="Oncology treats MSCC with one fraction of 8 Gy where side effects are no special danger.",
        places=("care:single_fraction", "judgement:side_effect_risk_high",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="RT-4", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 section 1.10", confirmed=False,
        strength="consider",
        says="Oncology thinks about dividing the dose when a large field, earlier radiotherapy or the like makes side "
             "effects likely.",
        places=("care:several_fractions", "judgement:side_effect_risk_high", "field:clinical.previous_radiotherapy",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="RT-5", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 1.10.1", confirmed=False, strength="consider",
        says="Oncology irradiates metastases without symptoms only in a randomised trial of prevention, as part of an "
             "oligometastatic strategy, or when a scan shows tumour about to press on the cord.",
        places=("care:radiotherapy_without_symptoms", "care:no_radiotherapy_without_symptoms", "judgement:symptoms",
                "judgement:radiotherapy_trial", "judgement:oligometastatic",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="RT-6", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 section 1.10", confirmed=False,
        strength="offer",
        says="Oncology offers 8 Gy in one fraction for pain from spinal metastases that is not mechanical, also to "
             "somebody who is paralysed.",
        places=("care:single_fraction_for_pain", "care:is_there_pain", "judgement:non_mechanical_pain",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="RT-7", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 section 1.10", confirmed=False,
        strength="consider",
        says="Oncology thinks about stereotactic ablative radiotherapy for such pain when the outlook is good or few "
             "metastases, the spine's among them, are all there is.",
        places=("care:stereotactic_alternative", "judgement:prognosis", "judgement:oligometastatic",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="RT-8", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 section 1.10", confirmed=False,
        strength="consider", limit="from 3 months",
        says="Oncology thinks about radiotherapy again when symptoms return three months or more after a first course "
             "that helped, and weighs dose, time and volume together with the person.",
        places=("care:radiotherapy_again", "judgement:recurrence", "judgement:good_response_before",
                "judgement:three_months_since_radiotherapy", "field:clinical.previous_radiotherapy",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="RT-9", stage=Stage.RADIOTHERAPY, who=(ONC,), source="NG234 section 1.10", confirmed=False,
        strength="offer", limit="after recovery",
        says="Oncology offers radiotherapy to whoever has had surgery, once they have recovered from it.",
        places=("care:postoperative_radiotherapy", "judgement:recovered_from_surgery", "event:surgery_started",
                "test:tests/usecases/test_events.py::"
                "test_surgery_takes_the_place_of_a_decision_for_radiotherapy"),
    ),
    GuidelineRow(
        id="RT-10", stage=Stage.RADIOTHERAPY, who=(ONC, SS), source="earlier guidance (CG75)", confirmed=False,
        strength="do_not",
        says="Oncology and spinal surgery give no radiotherapy ahead of an operation that is planned for MSCC.",
        places=("care:no_preoperative_radiotherapy",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="INV-1", stage=Stage.SURGERY, who=(SS, MDT), source="NG234 section 1.11", confirmed=False, strength="act",
        says="Spinal surgery makes the plan together with those specialists of the MDT whom it concerns whenever an "
             "operation is considered.",
        places=("care:plan_surgery_with_mdt", "screen:list_for_mdt", "screen:mdt_case", "clock:treatment_plan",
                "test:tests/journeys/test_around.py::test_the_mdt_sees_what_a_coordinator_lists"),
        why="A case is put to the MDT with a question, and the prompt stands on it; the opinions are not recorded yet.",
    ),
    GuidelineRow(
        id="INV-2", stage=Stage.SURGERY, who=(SS,), source="NG234 section 1.11", confirmed=False, strength="offer",
        limit="as soon as possible",
        says="Spinal surgery offers a suitable person with MSCC an operation as soon as it can be done after neurology "
             "began, sooner the faster function is being lost.",
        places=("care:surgery_as_soon_as_possible", "care:surgical_opinion_first", "field:clinical.progression",
                "field:clinical.neurology_onset_at", "clock:decision_to_treat", "event:surgery_started",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="INV-3", stage=Stage.SURGERY, who=(SS,), source="NG234 section 1.11", confirmed=False, strength="consider",
        says="Spinal surgery thinks about freeing the cord, holding the spine, or both, in a person with MSCC who is "
             "fit for it.",
        places=("care:decompression_or_stabilisation", "judgement:surgery_suitable",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="INV-4", stage=Stage.SURGERY, who=(SS,), source="NG234 section 1.11", confirmed=False, strength="offer",
        says="Spinal surgery offers stabilisation to a suitable person with MSCC whose spine may be unstable and whose "
             "mechanical pain defies analgesia, even if lost function may never return.",
        places=("care:stabilise_for_pain", "judgement:stability", "judgement:surgery_suitable",
                "field:presentation.pain.mechanical", "field:presentation.pain_controlled_by_analgesia",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="INV-5", stage=Stage.SURGERY, who=(SS, CLIN), source="NG234 section 1.11", confirmed=False,
        strength="offer",
        says="The treating team offers a halo vest, an orthosis or another support from outside when the spine may be "
             "unstable, mechanical pain is not controlled and surgery is not suitable.",
        places=("care:external_support", "judgement:stability", "judgement:surgery_suitable",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="INV-6", stage=Stage.SURGERY, who=(ONC, RAD), source="NG234 section 1.11", confirmed=False, strength="act",
        says="Oncology and radiology take a biopsy under image guidance when nobody knows the primary, the answer "
             "might change treatment, and treatment need not start at once.",
        places=("advice:biopsy_if_primary_unknown", "care:biopsy_before_treatment",
                "field:presentation.primary_site", "judgement:treatment_can_wait",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="INV-7", stage=Stage.SURGERY, who=(SS, RAD), source="NG234 section 1.11", confirmed=False,
        strength="consider",
        says="Spinal surgery and radiology think about cement, radiofrequency ablation, stabilisation or an operation "
             "to prevent MSCC when metastases threaten stability or hurt in spite of analgesia.",
        places=("care:vertebral_intervention", "judgement:stability",
                "field:presentation.pain_controlled_by_analgesia",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="INV-8", stage=Stage.SURGERY, who=(SS,), source="earlier guidance (CG75)", confirmed=False,
        strength="do_not",
        says="Spinal surgery leaves operations against a compression that may never come, in people without pain or "
             "instability, to research.",
        places=("care:no_surgery_to_prevent_mscc", "judgement:symptoms",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="SUP-1", stage=Stage.SUPPORT, who=(CLIN, ONC), source="NG234 section 1.2", confirmed=False, strength="act",
        limit="from diagnosis",
        says="The treating team makes time from the diagnosis on to talk it and its treatment over with the person and "
             "their family, offers advance care planning, and says where support of every kind is found.",
        places=("care:talk_about_diagnosis", "field:clinical.resuscitation_and_wishes",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="SUP-2", stage=Stage.SUPPORT, who=(CLIN, MDT), source="NG234 1.12.1", confirmed=False, strength="act",
        limit="from diagnosis",
        says="The treating team looks at all of the person's needs from the diagnosis on, writes a care plan of their "
             "own with the MDT's advice, and goes back to it regularly.",
        places=("care:holistic_needs_assessment",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
        why="It is prompted and the answer is kept; the care plan itself is written and reviewed elsewhere.",
    ),
    GuidelineRow(
        id="SUP-3", stage=Stage.SUPPORT, who=(PHYS, CLIN), source="NG234 1.12.2", confirmed=True, strength="offer",
        limit="ongoing",
        says="Therapists and ward offer rehabilitation that serves the person's own aims, such as doing things for "
             "themselves and living well from day to day, and go on reviewing it.",
        places=("care:rehabilitation_by_goals",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="SUP-4", stage=Stage.SUPPORT, who=(CLIN, COORD), source="NG234 section 1.12", confirmed=False,
        strength="act", limit="on admission",
        says="Ward and coordinator begin to plan for discharge and for care afterwards on the day a person comes in.",
        places=("care:start_discharge_planning", "clock:discharge_plan", "event:admitted",
                "test:tests/usecases/test_events.py::test_events_that_start_a_clock"),
        why="A clock starts with the admission and asks for the plan; the plan itself is not kept here yet.",
    ),
    GuidelineRow(
        id="SUP-5", stage=Stage.SUPPORT, who=(CLIN,), source="NG234 section 1.12", confirmed=False, strength="offer",
        says="The treating team offers care that prevents or eases complications such as clots, pressure damage, and "
             "trouble with bladder, bowel, circulation or breathing.",
        places=("care:prevent_complications",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="SUP-6", stage=Stage.SUPPORT, who=(ONC, SS, CLIN), source="QS56 statements 6 and 7", confirmed=True,
        strength="act",
        says="Nobody lets a person's age alone decide on their treatment, on what their discharge plan holds, or on "
             "whether they get rehabilitation.",
        places=("test:tests/guideline/test_stream.py::test_the_stream_reads_nothing_else_and_never_age",
                "document:guideline.md", "field:clinical.performance_status"),
        why="No rule reads age; whether those who decide do is not measured yet.",
    ),
    GuidelineRow(
        id="SUP-7", stage=Stage.SUPPORT, who=(CLIN, PHYS), source="QS56 statement 7", confirmed=True,
        strength="consider",
        says="The treating team thinks about helping the person to readjust, rather than to regain function, when "
             "disease is far advanced, and chooses the moment with care.",
        places=("care:consider_readjustment", "judgement:later_stage",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="SUP-8", stage=Stage.SUPPORT, who=(CLIN, PHYS), source="local practice", confirmed=False, strength="act",
        limit="24 and 48 hours",
        says="The ward refers somebody admitted with MSCC to physiotherapy within 24 hours and to occupational therapy "
             "within 48.",
        places=("care:physiotherapy_and_ot", "event:admitted",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
)  # fmt: skip
