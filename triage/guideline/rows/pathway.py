"""Rows of immobilisation, imaging, pain, bone agents and corticosteroids (NG234 1.4 to 1.8)."""

from triage.guideline.rows.row import GuidelineRow, Stage, Who

REF, COORD, CLIN, RAD, ONC = Who.REFERRER, Who.COORDINATOR, Who.CLINICIAN, Who.RADIOLOGY, Who.ONCOLOGY

ROWS: tuple[GuidelineRow, ...] = (
    GuidelineRow(
        id="IMM-1", stage=Stage.IMMOBILISE, who=(REF, CLIN), source="NG234 1.4.1", confirmed=False, strength="act",
        limit="without delay",
        says="Whoever has the care immobilises the spine without delay, transfer to hospital included, when MSCC is "
             "suspected or confirmed and neurology suggests that the spine is unstable.",
        places=("advice:start_immobilisation", "field:presentation.instability_signs", "event:immobilised",
                "screen:referral_advice"),
    ),
    GuidelineRow(
        id="IMM-2", stage=Stage.IMMOBILISE, who=(CLIN,), source="NG234 1.4.2", confirmed=False, strength="consider",
        says="The clinician thinks about immobilisation when movement hurts moderately or severely and metastases or "
             "MSCC are suspected or confirmed.",
        places=("advice:consider_immobilisation", "field:presentation.movement_pain", "screen:referral_advice"),
    ),
    GuidelineRow(
        id="IMM-3", stage=Stage.IMMOBILISE, who=(CLIN,), source="NG234 1.4.3", confirmed=False, strength="act",
        says="The ward nurses an immobilised person on their back, flat or partly raised, to take weight off the "
             "spine, and changes that if pain or breathlessness makes it unbearable.",
        places=("advice:start_immobilisation", "advice:consider_immobilisation", "care:nurse_lying",
                "care:adjust_position", "judgement:lying_not_tolerated",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="IMM-4", stage=Stage.IMMOBILISE, who=(CLIN,), source="NG234 1.4.4", confirmed=False, strength="act",
        limit="24 hours",
        says="The clinician gets advice from a specialist physiotherapist, an oncologist or a spinal surgeon within 24 "
             "hours of immobilisation and begins to assess stability, so that it is soon over.",
        places=("advice:stability_advice_24h", "care:assess_stability", "clock:stability_advice",
                "field:clinical.immobilised_since",
                "test:tests/usecases/test_events.py::test_events_that_start_a_clock",
                "test:tests/usecases/test_submitting.py::test_what_was_begun_before_starts_its_clocks"),
    ),
    GuidelineRow(
        id="IMM-5", stage=Stage.IMMOBILISE, who=(Who.PHYSIOTHERAPY, CLIN), source="NG234 section 1.4", confirmed=False,
        strength="act",
        says="Once assessment and imaging make a stable spine likely, physiotherapist and clinician try it out by "
             "letting the person sit up in steps and then bear weight.",
        places=("care:graded_sitting", "judgement:stability",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="IMG-1", stage=Stage.IMAGE, who=(RAD,), source="NG234 1.5.2", confirmed=True, strength="offer",
        limit="24 hours",
        says="Radiology offers MRI at the first chance, never later than 24 hours, to somebody with suspected MSCC.",
        places=("advice:mri_whole_spine_24h", "rule:clock.mri_24h", "clock:mri", "event:mri_booked",
                "test:tests/usecases/test_submitting.py::"
                "test_an_emergency_starts_its_clocks_from_the_suspicion_and_pages_from_the_sending"),
    ),
    GuidelineRow(
        id="IMG-2", stage=Stage.IMAGE, who=(RAD,), source="NG234 1.5.3", confirmed=True, strength="offer",
        limit="1 week",
        says="Radiology at the local hospital offers MRI within a week to somebody with suspected metastases and no "
             "neurology.",
        places=("rule:one_week.pain", "advice:mri_whole_spine_1w", "rule:clock.mri_1w", "clock:mri",
                "test:tests/usecases/test_submitting.py::"
                "test_pain_alone_starts_advice_scan_and_plan_from_the_suspicion"),
    ),
    GuidelineRow(
        id="IMG-3", stage=Stage.IMAGE, who=(RAD,), source="NG234 1.5.5", confirmed=True, strength="act",
        says="Radiology scans the spine from top to bottom, whichever limit the MRI was asked under.",
        places=("advice:mri_whole_spine_24h", "advice:mri_whole_spine_1w", "field:presentation.whole_spine_imaged",
                "event:mri_performed",
                "test:tests/usecases/test_events.py::"
                "test_part_of_the_spine_does_not_stop_the_clock_and_scans_add_up"),
    ),
    GuidelineRow(
        id="IMG-4", stage=Stage.IMAGE, who=(RAD,), source="NG234 section 1.5", confirmed=False, strength="act",
        says="Radiology takes sagittal T1 or STIR of the whole spine, or both, sagittal T2 to see where and how far "
             "the cord is compressed, and axial images of what looks wrong.",
        places=("care:mri_technique",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="IMG-5", stage=Stage.IMAGE, who=(COORD, RAD), source="NG234 section 1.5", confirmed=False, strength="act",
        says="Coordinator and radiology have the scan done nearby or at a centre with direct access, and move the "
             "person to a tertiary centre for it only when nothing local is possible.",
        places=("advice:mri_whole_spine_24h", "advice:mri_whole_spine_1w", "care:mri_locally_first",
                "event:mri_booked",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="IMG-6", stage=Stage.IMAGE, who=(RAD, COORD), source="NG234 1.5.4", confirmed=False, strength="consider",
        says="Radiology and coordinator may have the scan done overnight when treatment would start as soon as the "
             "diagnosis is known.",
        places=("care:overnight_mri",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="IMG-7", stage=Stage.IMAGE, who=(RAD,), source="NG234 section 1.5", confirmed=False, strength="act",
        limit="as for MRI",
        says="Radiology uses CT where MRI is contraindicated, and this service holds it to the limit that MRI would "
             "have had.",
        places=("advice:ct_instead_of_mri", "field:presentation.mri_contraindicated", "clock:mri",
                "test:tests/usecases/test_events.py::test_ct_counts_only_where_mri_is_contraindicated",
                "test:tests/doors/test_case_page.py::test_ct_is_prefilled_where_mri_is_contraindicated"),
    ),
    GuidelineRow(
        id="IMG-8", stage=Stage.IMAGE, who=(RAD,), source="NG234 section 1.5", confirmed=False,
        strength="consider",
        says="Radiology keeps myelography for the rare case that CT leaves open, and leaves it to a neuroscience or "
             "spinal surgical centre.",
        places=("care:myelography_at_centre_only", "judgement:more_imaging_needed",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="IMG-9", stage=Stage.IMAGE, who=(REF, CLIN), source="NG234 section 1.5", confirmed=False,
        strength="do_not",
        says="Nobody takes a plain X-ray as showing or excluding metastases or MSCC.",
        places=("advice:no_plain_xray", "screen:referral_advice"),
    ),
    GuidelineRow(
        id="IMG-10", stage=Stage.IMAGE, who=(RAD,), source="NG234 1.5.1", confirmed=False, strength="act",
        limit="urgently",
        says="A radiologist watches over the imaging, sees that it is complete, and reports it urgently.",
        places=("clock:mri_report", "event:mri_reported", "care:report_urgently",
                "test:tests/usecases/test_events.py::test_reporting_a_scan_of_the_one_week_stream_has_a_day",
                "test:tests/doors/test_case_page.py::test_the_scan_is_recorded_step_by_step"),
    ),
    GuidelineRow(
        id="IMG-11", stage=Stage.IMAGE, who=(RAD,), source="NG234 section 1.5", confirmed=False, strength="consider",
        says="Radiology thinks about rebuilding a CT that is at hand in several planes, to judge stability and to plan "
             "vertebroplasty, kyphoplasty or surgery.",
        places=("care:reconstruct_ct", "judgement:recent_ct", "screen:act",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="PAI-1", stage=Stage.PAIN, who=(CLIN,), source="NG234 1.6.1", confirmed=False, strength="act",
        says="The clinician assesses the person's own pain: how bad, where, of what kind and from what cause, whether "
             "it grows, and what it does to daily life, sleep and work.",
        places=("advice:pain_assessment_and_plan", "field:presentation.pain_severity", "field:clinical.pain_levels",
                "field:presentation.pain.progressive", "field:presentation.pain.nocturnal"),
        why="What pain does to daily life and work has no field; the advice asks for the assessment.",
    ),
    GuidelineRow(
        id="PAI-2", stage=Stage.PAIN, who=(CLIN,), source="NG234 section 1.6", confirmed=False, strength="act",
        limit="promptly",
        says="The clinician gives enough analgesia straight away, opioid, non-opioid or both, and does not wait for "
             "tests or treatment to do so.",
        places=("advice:adequate_analgesia", "field:presentation.pain_controlled_by_analgesia",
                "screen:patient_sheet"),
    ),
    GuidelineRow(
        id="PAI-3", stage=Stage.PAIN, who=(CLIN,), source="NG234 section 1.6", confirmed=False, strength="act",
        says="The clinician agrees a plan with the person that explains the pain and its toll, the drugs and how they "
             "are stepped up, ways to cope, other treatments, and when and how to ask for more help.",
        places=("advice:pain_assessment_and_plan", "screen:act"),
        why="The advice asks for the plan and a coordinator records having advised on pain; the plan has no form.",
    ),
    GuidelineRow(
        id="PAI-4", stage=Stage.PAIN, who=(CLIN,), source="NG234 section 1.6", confirmed=False, strength="act",
        limit="after a change",
        says="The clinician checks what a new or changed pain plan has achieved, and takes away a drug that does not "
             "help.",
        places=("care:review_pain_plan", "judgement:pain_plan_changed",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="PAI-5", stage=Stage.PAIN, who=(CLIN,), source="NG234 section 1.6", confirmed=False, strength="consider",
        limit="at any stage",
        says="The clinician thinks about a specialist pain or palliative care team at any stage when pain is hard to "
             "control and is severe or narrows the person's life.",
        places=("advice:consider_specialist_pain_service", "field:presentation.pain_controlled_by_analgesia"),
    ),
    GuidelineRow(
        id="BON-1", stage=Stage.PAIN, who=(ONC,), source="NG234 section 1.7", confirmed=False, strength="offer",
        says="Oncology offers a bisphosphonate against pain and collapse when myeloma or breast cancer has reached the "
             "vertebrae.",
        places=("advice:bisphosphonate", "rule:bisphosphonate.breast_or_myeloma", "field:presentation.primary_site"),
    ),
    GuidelineRow(
        id="BON-2", stage=Stage.PAIN, who=(ONC,), source="NG234 section 1.7", confirmed=False, strength="offer",
        says="Oncology offers a bisphosphonate for spinal metastases of prostate cancer when ordinary analgesia leaves "
             "the pain uncontrolled.",
        places=("advice:bisphosphonate", "rule:bisphosphonate.prostate",
                "field:presentation.pain_controlled_by_analgesia"),
    ),
    GuidelineRow(
        id="BON-3", stage=Stage.PAIN, who=(ONC,), source="NG234 section 1.7", confirmed=False, strength="do_not",
        says="Oncology keeps bisphosphonates for other primaries, or meant to prevent MSCC, to randomised trials.",
        places=("care:no_bisphosphonate_to_prevent_mscc",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="BON-4", stage=Stage.PAIN, who=(ONC,), source="NG234 section 1.7", confirmed=False, strength="consider",
        says="Oncology may choose denosumab against skeletal events, in place of a bisphosphonate and at the agreed "
             "discount, for bone metastases of breast cancer or another solid tumour but prostate.",
        places=("advice:denosumab", "field:presentation.primary_site"),
        why="Whether the discount applies is for the hospital's pharmacy and is not asked.",
    ),
    GuidelineRow(
        id="BON-5", stage=Stage.PAIN, who=(ONC,), source="NG234 section 1.7", confirmed=False, strength="do_not",
        says="Oncology does not turn to denosumab for bone metastases of prostate cancer.",
        places=("care:no_denosumab_in_prostate",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="STE-1", stage=Stage.STEROID, who=(REF, CLIN), source="NG234 1.8.1", confirmed=False, strength="offer",
        limit="as soon as possible",
        says="The clinician offers 16 mg of dexamethasone by mouth, or as much by another route, as soon as MSCC with "
             "neurology is suspected, and the same every day until surgery or radiotherapy.",
        places=("advice:offer_dexamethasone_16mg", "advice:continue_dexamethasone_16mg_daily",
                "event:dexamethasone_given", "field:clinical.dexamethasone.dose_mg",
                "field:presentation.dexamethasone_given"),
    ),
    GuidelineRow(
        id="STE-2", stage=Stage.STEROID, who=(CLIN, COORD), source="NG234 1.8.2", confirmed=False, strength="act",
        limit="on the result",
        says="Clinician and coordinator stop dexamethasone that was begun before the scan once the scan has ruled MSCC "
             "out.",
        places=("advice:stop_dexamethasone", "event:mri_reported", "field:presentation.imaging_finding"),
    ),
    GuidelineRow(
        id="STE-3", stage=Stage.STEROID, who=(CLIN,), source="NG234 1.8.3", confirmed=False, strength="consider",
        says="The clinician thinks about a corticosteroid in somebody without neurology who has severe pain or a "
             "haematological malignancy.",
        places=("advice:consider_corticosteroid", "advice:offer_dexamethasone_16mg",
                "field:presentation.haematological_malignancy", "field:presentation.pain_severity"),
    ),
    GuidelineRow(
        id="STE-4", stage=Stage.STEROID, who=(CLIN,), source="NG234 1.8.4", confirmed=False, strength="act",
        says="The clinician brings the steroid down step by step and ends it after surgery or from the start of "
             "radiotherapy.",
        places=("care:taper_dexamethasone", "clock:steroid_review", "event:radiotherapy_started",
                "event:surgery_started",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
        why="A clock asks for the review or the taper; over how many days it runs is not known for this guideline.",
    ),
    GuidelineRow(
        id="STE-5", stage=Stage.STEROID, who=(Who.HAEMATOLOGY, CLIN), source="NG234 1.8.5", confirmed=False,
        strength="offer", limit="as soon as possible",
        says="Clinician and haematology offer 16 mg of dexamethasone for spinal disease of a confirmed haematological "
             "malignancy, neurology or none, and the haematology MDT decides on more.",
        places=("advice:offer_dexamethasone_16mg", "advice:continue_dexamethasone_16mg_daily",
                "care:haematology_decides_further_steroid", "field:presentation.haematological_malignancy",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="STE-6", stage=Stage.STEROID, who=(CLIN,), source="NG234 1.8.7", confirmed=False, strength="do_not",
        says="The clinician does not begin a steroid as routine in somebody without neurology, unless it belongs to a "
             "course of radiotherapy.",
        places=("care:no_routine_corticosteroid",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
    GuidelineRow(
        id="STE-7", stage=Stage.STEROID, who=(CLIN,), source="local practice", confirmed=False, strength="act",
        limit="before a dose",
        says="The clinician holds the steroid and speaks to the haematology consultant first when lymphoma or myeloma "
             "is suspected without histology, because a dose can spoil the diagnosis.",
        places=("advice:hold_dexamethasone_discuss_haematology", "warning:no_histology_discuss_before_dexamethasone",
                "field:presentation.haematological_malignancy"),
    ),
    GuidelineRow(
        id="STE-8", stage=Stage.STEROID, who=(CLIN,), source="local practice", confirmed=False, strength="act",
        says="The clinician covers the stomach, watches glucose, doses before 14:00, hands over steroid card and "
             "sick-day rules, and writes the taper down for anybody on dexamethasone.",
        places=("care:steroid_safeguards", "field:clinical.diabetes", "field:clinical.gastrointestinal_bleed",
                "test:tests/guideline/test_care.py::test_a_row_speaks_at_its_stage_and_not_before"),
    ),
)  # fmt: skip
