"""The rows of the contradictions and silences of the sources, and what was decided on each.

A decision that a rule cites is with that rule, in the file of its section.
"""

from triage.guideline.rows.row import GuidelineRow, Stage, Verdict, Who

_DECIDED = "decision of this service"
_TESTS = "test:tests/guideline/test_resolutions.py::"

ROWS: tuple[GuidelineRow, ...] = (
    GuidelineRow(
        id="A2", stage=Stage.CONTACT, who=(Who.COORDINATOR, Who.REFERRER), source=_DECIDED, confirmed=False,
        limit="minutes, as the service sets",
        says="Immediately means a page at once and a telephone call, in minutes that the service sets, and never 24 "
             "hours where there is neurology.",
        places=("rule:contact.emergency", "setting:acknowledge_emergency", "setting:voice_contact",
                "clock:voice_contact", _TESTS + "test_a02_immediately_is_minutes_and_never_a_day"),
    ),
    GuidelineRow(
        id="A4", stage=Stage.CONTACT, who=(Who.COORDINATOR,), source=_DECIDED, confirmed=False,
        limit="24 hours and 168 hours",
        says="In the one-week stream advice within a day and the scan within a week are two promises, both counted "
             "from the suspicion.",
        places=("clock:coordinator_advice", "clock:mri", "rule:clock.coordinator_advice", "rule:clock.mri_1w",
                _TESTS + "test_a04_advice_and_scan_are_two_clocks"),
    ),
    GuidelineRow(
        id="A6", stage=Stage.RECOGNISE, who=(Who.REFERRER,), source=_DECIDED, confirmed=False,
        says="Radicular pain alone counts as neurology and makes an emergency, although it is also a pain.",
        places=("field:presentation.neurology.radicular_pain", "rule:emergency.known_cancer",
                _TESTS + "test_a06_radicular_pain_alone_is_an_emergency"),
    ),
    GuidelineRow(
        id="A7", stage=Stage.RECOGNISE, who=(Who.REFERRER,), source=_DECIDED, confirmed=False,
        says="Claudication is a pain and difficulty walking is neurology, each with its own tick, and any "
        "neurology takes priority.",
        places=("field:presentation.pain.claudication", "field:presentation.neurology.gait_disturbance",
                "rule:one_week.pain", _TESTS + "test_a07_claudication_is_pain_and_gait_is_neurology"),
    ),
    GuidelineRow(
        id="A9", stage=Stage.CONTACT, who=(Who.ONCOLOGY, Who.REFERRER), source=_DECIDED, confirmed=False,
        says="Urgent oncology has no limit in hours, so no clinical clock runs, and somebody confirms the onward "
             "referral.",
        places=("rule:contact.urgent_oncology", "advice:refer_urgent_oncology", "setting:acknowledge_timely",
                "screen:act", _TESTS + "test_a09_urgent_oncology_has_no_clinical_clock",
                _TESTS + "test_a09_a_case_sent_on_to_oncology_ends_when_somebody_has_confirmed_it"),
        why="The two weeks of NG12 are shown as information; England's later waiting times were not checked.",
    ),
    GuidelineRow(
        id="A10", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY,), source=_DECIDED, confirmed=False, limit="24 hours",
        says="The formal radiotherapy limit counts from the decision to treat, and the time from confirmation to "
             "treatment is shown second.",
        places=("clock:radiotherapy", "event:decision_to_treat", "event:radiotherapy_started",
                _TESTS + "test_a10_the_radiotherapy_clock_starts_at_the_decision", "screen:governance", "test:tests/usecases/test_edge_cases.py::test_edge_09_a_long_debate_about_surgery_does_not_show_in_statement_6_and_is_shown_beside_it"),
    ),
    GuidelineRow(
        id="A13", stage=Stage.PAIN, who=(Who.ONCOLOGY,), source=_DECIDED, confirmed=False,
        says="A bisphosphonate for prostate pain that analgesia does not control is prompted with or without "
             "compression.",
        places=("rule:bisphosphonate.prostate", "advice:bisphosphonate",
                _TESTS + "test_a13_uncontrolled_prostate_pain_prompts_a_bisphosphonate_in_both_charts"),
    ),
    GuidelineRow(
        id="A14", stage=Stage.STEROID, who=(Who.HAEMATOLOGY, Who.CLINICIAN), source=_DECIDED, confirmed=False,
        says="Steroid follows the person and not the chart: offered in confirmed haematological cancer, held for "
             "haematology while that is only suspected, and considered for severe pain otherwise.",
        places=("rule:offer_dexamethasone_16mg.haematological", "rule:hold_dexamethasone_discuss_haematology",
                "rule:consider_corticosteroid",
                _TESTS + "test_a14_steroid_in_haematological_cancer_follows_the_person"),
    ),
    GuidelineRow(
        id="A19", stage=Stage.IMAGE, who=(Who.RADIOLOGY, Who.SERVICE), source=_DECIDED, confirmed=False,
        says="A CT in place of a contraindicated MRI is reported twice: as a miss by the letter and as an exception "
             "that was met.",
        places=("advice:ct_instead_of_mri", "event:mri_performed", "field:presentation.mri_contraindicated",
                _TESTS + "test_a19_ct_stops_the_clock_only_where_mri_is_contraindicated", "screen:measure", "test:tests/usecases/test_edge_cases.py::test_edge_02_ct_for_a_contraindicated_mri_fails_literally_and_passes_adjusted"),
    ),
    GuidelineRow(
        id="A20", stage=Stage.IMAGE, who=(Who.COORDINATOR, Who.RADIOLOGY), source=_DECIDED, confirmed=False,
        limit="24 hours",
        says="In an emergency 24 hours is the ceiling, and the coordinator may say that the scan is needed sooner.",
        places=("advice:mri_whole_spine_24h", "care:overnight_mri", "clock:mri", "screen:case",
                _TESTS + "test_a20_twenty_four_hours_is_a_ceiling"),
        why="A shorter urgency is recorded with the decision and moves no clock; its reason is optional.",
    ),
    GuidelineRow(
        id="A21", stage=Stage.SUPPORT, who=(Who.CLINICIAN, Who.COORDINATOR), source=_DECIDED, confirmed=False,
        says="Planning for discharge starts with the diagnosis or the admission, whichever is earlier.",
        places=("clock:discharge_plan", "care:start_discharge_planning", "event:admitted",
                "event:mri_reported", "screen:mdt_plan",
                _TESTS + "test_a21_discharge_planning_starts_at_diagnosis_or_admission_whichever_is_earlier"),
    ),
    GuidelineRow(
        id="A22", stage=Stage.SUPPORT, who=(Who.COORDINATOR,), source=_DECIDED, confirmed=False,
        says="The key worker is a named person, and the coordinator makes sure that there is one.",
        places=("clock:discharge_plan", "screen:mdt_plan", _TESTS + "test_a22_no_plan_is_signed_without_a_key_worker"),
    ),
    GuidelineRow(
        id="A23", stage=Stage.CONTACT, who=(Who.COORDINATOR, Who.CLINICIAN), source=_DECIDED, confirmed=False,
        says="A deputy counts as the coordinator, is recorded in the role they acted in, and is shown apart in the "
             "figures.",
        places=("screen:on_call",
                "test:tests/usecases/test_triage.py"
                "::test_acknowledging_stops_the_pages_and_names_the_person_and_the_acting_role",
                _TESTS + "test_a23_a_deputy_acts_as_coordinator_and_is_recorded_as_such", "screen:measure", "test:tests/usecases/test_measures.py::TestStatements::test_4_needs_both_the_need_and_the_urgency_and_says_who"),
    ),
    GuidelineRow(
        id="A24", stage=Stage.SUPPORT, who=(Who.COORDINATOR,), source=_DECIDED, confirmed=False,
        says="Care counts as coordinated when a confirmed case has a named coordinator and an entry of coordination "
             "after the confirmation.",
        places=("event:mri_reported", "screen:case", _TESTS + "test_a24_acts_after_confirmation_carry_their_author", "screen:mdt_summary", "test:tests/usecases/test_measures.py::TestStatements::test_5_needs_an_entry_of_a_coordinator_after_the_confirmation"),
    ),
    GuidelineRow(
        id="A26", stage=Stage.STABILITY, who=(Who.SPINAL_SURGERY, Who.CLINICIAN), source=_DECIDED, confirmed=False,
        says="SINS and the revised Tokuhashi score come first where a validated score is advised, each with its "
             "version, and none is compulsory.",
        places=("score:sins", "score:tokuhashi", "care:consider_scoring_system", "screen:scores",
                _TESTS + "test_a26_scores_are_versioned_and_no_rule_reads_one"),
    ),
    GuidelineRow(
        id="A27", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY, Who.CLINICIAN), source=_DECIDED, confirmed=False,
        says="High risk, poor prognosis and good response are judged by a clinician who can say why, and are never "
             "computed.",
        places=("judgement:side_effect_risk_high", "judgement:prognosis", "judgement:good_response_before",
                "care:several_fractions", _TESTS + "test_a27_undefined_terms_are_judged_and_never_computed"),
    ),
    GuidelineRow(
        id="A28", stage=Stage.SERVICE, who=(Who.SERVICE,), source=_DECIDED, confirmed=False,
        says="Age is read by no rule.",
        places=("test:tests/guideline/test_stream.py::test_the_stream_reads_nothing_else_and_never_age",
                "document:guideline.md", _TESTS + "test_a28_age_is_read_by_no_rule"),
    ),
    GuidelineRow(
        id="A29", stage=Stage.SUPPORT, who=(Who.MDT, Who.COORDINATOR), source=_DECIDED, confirmed=False,
        limit="168 hours",
        says="That no treatment is needed is a plan too, once somebody puts their name to it.",
        places=("clock:treatment_plan", "test:tests/doors/test_case_page.py::test_a_plan_agreed_stops_its_clock",
                _TESTS + "test_a29_no_treatment_is_a_plan_when_somebody_signs_it"),
    ),
    GuidelineRow(
        id="A30", stage=Stage.SERVICE, who=(Who.REFERRER, Who.SERVICE), source=_DECIDED, confirmed=False,
        limit="18 years",
        says="People under 18, and those under another country's guidance, are sent to the contact that the service "
             "names and are not counted.",
        places=("setting:under_18_route", "field:patient.date_of_birth",
                "test:tests/domain/test_intake.py::test_somebody_under_18_is_told_where_to_go",
                _TESTS + "test_a30_somebody_under_18_is_told_where_to_go"),
        verdict=Verdict.NOT_YET,
        why="Somebody under 18 is told where to go; the other countries are neither asked for nor left out of a count.",
    ),
    GuidelineRow(
        id="A31", stage=Stage.SERVICE, who=(Who.SERVICE,), source=_DECIDED, confirmed=False,
        says="What only the guideline of 2008 says is never given as a recommendation in force, and serves to compare "
             "the two editions.",
        places=("command:compare_editions", "screen:compare_editions", "screen:guideline",
                _TESTS + "test_a31_no_rule_cites_the_superseded_guideline"),
        why="STE-7, RT-10 and INV-8 follow earlier guidance or local practice, as decisions of this service.",
    ),
    GuidelineRow(
        id="A32", stage=Stage.SERVICE, who=(Who.SERVICE,), source=_DECIDED, confirmed=False,
        says="The visual summaries and the separate copy of one of them are a single source.",
        places=("document:guideline.md", _TESTS + "test_a32_no_rule_counts_one_source_twice"),
        verdict=Verdict.NOT_SOFTWARES,
        why="It concerns how the sources were read; a citation names a recommendation and never a document.",
    ),
    GuidelineRow(
        id="A33", stage=Stage.RECOGNISE, who=(Who.REFERRER,), source=_DECIDED, confirmed=False,
        says="A cancer of the past counts however long ago it was.",
        places=("field:presentation.cancer_context", "rule:one_week.pain", "rule:emergency.known_cancer",
                _TESTS + "test_a33_a_past_cancer_has_no_look_back_limit"),
    ),
    GuidelineRow(
        id="A34", stage=Stage.CONTACT, who=(Who.COORDINATOR,), source=_DECIDED, confirmed=False,
        says="When neurology comes or goes after metastases are known, the stream is raised at once or lowered by a "
             "person, and both are kept in the audit trail.",
        places=("event:neurology_changed", "screen:audit", "screen:governance", "clock:mri",
                "test:tests/usecases/test_triage.py::test_redirecting_an_emergency_is_a_lowering",
                _TESTS + "test_a34_a_stream_is_raised_at_once_and_lowered_by_a_person"),
    ),
)  # fmt: skip
