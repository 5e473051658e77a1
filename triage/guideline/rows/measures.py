"""The rows of quality standard QS56 beside its statements: its terms, the start of the clocks, the edge cases."""

from triage.guideline.rows.row import GuidelineRow, Stage, Verdict, Who

ROWS: tuple[GuidelineRow, ...] = (
    GuidelineRow(
        id="QS-GEN",
        stage=Stage.SERVICE,
        who=(Who.SERVICE,),
        source="QS56",
        confirmed=True,
        limit="1 week is 168 hours",
        says="The standard measures processes in adults of England and Wales, sets no target percentage, and its week "
        "runs through nights, weekends and holidays.",
        places=(
            "field:patient.date_of_birth",
            "clock:mri",
            "setting:under_18_route",
            "test:tests/guideline/test_rules.py::test_limits_are_elapsed_hours_across_both_clock_changes",
            "screen:governance",
            "test:tests/usecases/test_edge_cases.py::test_edge_15_hours_are_elapsed_hours_on_the_day_the_clocks_change",
        ),
    ),
    GuidelineRow(
        id="QS-T0",
        stage=Stage.SERVICE,
        who=(Who.REFERRER, Who.SERVICE),
        source="decision of this service",
        confirmed=False,
        limit="at most 5 minutes after submission",
        says="Clocks count from the moment a clinician first suspected metastases or MSCC, which is the moment of "
        "sending unless somebody says otherwise, and alarm at once when the limit has gone by already.",
        places=(
            "field:clinician_suspected_at",
            "field:mscc_suspected_at",
            "warning:suspected_over_limit",
            "screen:governance",
            "test:tests/domain/test_intake.py::test_a_suspicion_of_long_ago_is_questioned_and_accepted",
            "test:tests/oncall/test_sweep.py::TestLadder::test_a_case_already_over_its_limit_alarms_at_once",
        ),
    ),
    GuidelineRow(
        id="QS-1",
        stage=Stage.RECOGNISE,
        who=(Who.SERVICE,),
        source="QS56 statement 1, withdrawn 2023",
        confirmed=True,
        says="The former statement on telling people at risk about the symptoms is withdrawn and is not measured.",
        places=("advice:safety_net_advice",),
        verdict=Verdict.NOT_SOFTWARES,
        why="NICE withdrew it in 2023, so there is nothing left to measure.",
    ),
    GuidelineRow(
        id="EDGE-1",
        stage=Stage.IMAGE,
        who=(Who.RADIOLOGY,),
        confirmed=False,
        source="decision of this service on QS56 statements 2 and 3",
        says="A scan of part of the spine is not the scan that is asked for: neck, chest and lumbar spine all have to "
        "be covered, by one scan or several.",
        places=(
            "event:mri_performed",
            "clock:mri",
            "test:tests/usecases/test_events.py::test_part_of_the_spine_does_not_stop_the_clock_and_scans_add_up",
            "test:tests/usecases/test_edge_cases.py::test_edge_01_part_of_the_spine_fails_and_scans_add_up",
        ),
    ),
    GuidelineRow(
        id="EDGE-2",
        stage=Stage.IMAGE,
        who=(Who.RADIOLOGY, Who.SERVICE),
        confirmed=False,
        source="decision of this service on QS56 statements 2 and 3",
        says="Where MRI is contraindicated a CT fails the measure as it is worded and passes in a second, adjusted "
        "version that names the exception.",
        places=(
            "field:presentation.mri_contraindicated",
            "advice:ct_instead_of_mri",
            "test:tests/usecases/test_events.py::test_ct_counts_only_where_mri_is_contraindicated",
            "test:tests/usecases/test_edge_cases.py::test_edge_02_ct_for_a_contraindicated_mri_fails_literally_and_passes_adjusted",
        ),
    ),
    GuidelineRow(
        id="EDGE-3",
        stage=Stage.IMAGE,
        who=(Who.SERVICE,),
        source="decision of this service",
        confirmed=False,
        says="Disease that a scan found before anybody suspected it has no imaging limit to meet, and its plan is "
        "counted from the report.",
        places=(
            "field:presentation.whole_spine_imaged",
            "field:presentation.imaging_finding",
            "test:tests/usecases/test_edge_cases.py::test_edge_03_found_by_imaging_is_left_out_of_2a_and_3_and_counts_from_the_report",
        ),
    ),
    GuidelineRow(
        id="EDGE-4",
        stage=Stage.CONTACT,
        who=(Who.COORDINATOR,),
        source="decision of this service",
        confirmed=False,
        limit="24 hours from the new neurology",
        says="When neurology appears in the one-week stream the emergency limit starts then, and the case stays among "
        "those who came with pain as well.",
        places=(
            "event:neurology_changed",
            "clock:mri",
            "test:tests/usecases/test_events.py"
            "::test_new_neurology_in_the_week_stream_starts_the_emergency_from_its_own_instant",
            "test:tests/usecases/test_edge_cases.py::test_edge_04_deterioration_counts_in_2a_and_in_3_from_its_own_instant",
        ),
    ),
    GuidelineRow(
        id="EDGE-5",
        stage=Stage.CONTACT,
        who=(Who.COORDINATOR,),
        source="decision of this service",
        confirmed=False,
        says="A case that the coordinator lowers still counts as one that came with neurology, and its clock ends with "
        "a reason and a name.",
        places=(
            "screen:case",
            "screen:audit",
            "test:tests/usecases/test_triage.py"
            "::test_a_provisional_emergency_is_resolved_by_answers_and_lowered_by_a_person",
            "test:tests/usecases/test_edge_cases.py::test_edge_05_a_downgrade_stays_counted_and_its_clock_ends_with_a_reason_and_a_name",
        ),
    ),
    GuidelineRow(
        id="EDGE-6",
        stage=Stage.SERVICE,
        who=(Who.CLINICIAN, Who.ONCOLOGY),
        source="decision of this service",
        confirmed=False,
        says="Somebody too ill for imaging or treatment, or who declines it, stays in the count with an exception that "
        "a senior clinician signs.",
        places=(
            "event:died",
            "field:clinical.resuscitation_and_wishes",
            "screen:case",
            "test:tests/usecases/test_edge_cases.py::test_edge_06_not_for_imaging_stays_in_the_denominator_with_its_exception_and_a_senior_name",
        ),
    ),
    GuidelineRow(
        id="EDGE-7",
        stage=Stage.CONTACT,
        who=(Who.SERVICE,),
        source="decision of this service",
        confirmed=False,
        says="Several referrals of one person are one episode, counted from the earliest suspicion, and none is lost.",
        places=(
            "field:patient.nhs_number",
            "test:tests/usecases/test_submitting.py"
            "::test_a_second_referral_for_the_same_person_is_kept_and_linked",
            "test:tests/usecases/test_edge_cases.py::test_edge_07_several_referrals_of_one_person_are_one_episode_from_the_earliest_suspicion",
        ),
    ),
    GuidelineRow(
        id="EDGE-8",
        stage=Stage.SERVICE,
        who=(Who.COORDINATOR,),
        source="decision of this service",
        confirmed=False,
        says="A new level or deficit after treatment was completed opens a new episode that points back to the former.",
        places=(
            "judgement:recurrence",
            "test:tests/usecases/test_edge_cases.py::test_edge_08_recurrence_after_treatment_is_an_episode_that_points_back_and_counts_again",
        ),
    ),
    GuidelineRow(
        id="EDGE-9",
        stage=Stage.RADIOTHERAPY,
        who=(Who.SERVICE,),
        source="decision of this service",
        confirmed=False,
        says="A long debate on surgery does not show in the radiotherapy measure, so the times from report to decision "
        "and from suspicion to first treatment are shown beside it.",
        places=(
            "clock:decision_to_treat",
            "event:decision_to_treat",
            "event:surgery_started",
            "test:tests/usecases/test_edge_cases.py::test_edge_09_a_long_debate_about_surgery_does_not_show_in_statement_6_and_is_shown_beside_it",
        ),
    ),
    GuidelineRow(
        id="EDGE-10",
        stage=Stage.SERVICE,
        who=(Who.SERVICE,),
        source="decision of this service",
        confirmed=False,
        says="No clock pauses, not even for a bed or a transfer: it stops, or it is ended with a reason.",
        places=(
            "clock:radiotherapy",
            "clock:mri",
            "document:clocks.md",
            "test:tests/usecases/test_triage.py::test_closing_over_a_running_nice_limit_needs_a_reason",
            "test:tests/usecases/test_edge_cases.py::test_edge_10_the_clock_of_radiotherapy_runs_through_transfer",
        ),
    ),
    GuidelineRow(
        id="EDGE-11",
        stage=Stage.RADIOTHERAPY,
        who=(Who.ONCOLOGY, Who.SPINAL_SURGERY),
        confirmed=False,
        source="decision of this service",
        says="Radiotherapy that follows an operation stands outside the 24-hour measure.",
        places=(
            "care:postoperative_radiotherapy",
            "event:surgery_started",
            "clock:radiotherapy",
            "test:tests/usecases/test_events.py::test_radiotherapy_runs_from_the_decision_and_not_after_surgery",
            "test:tests/usecases/test_edge_cases.py::test_edge_11_radiotherapy_after_surgery_has_no_clock_and_is_not_in_statement_6",
        ),
    ),
    GuidelineRow(
        id="EDGE-12",
        stage=Stage.SUPPORT,
        who=(Who.SERVICE,),
        source="decision of this service",
        confirmed=False,
        says="Somebody who dies in hospital is not counted as discharged, and neither is a move to another "
        "hospital.",
        places=(
            "event:died",
            "event:discharged",
            "test:tests/usecases/test_edge_cases.py::test_edge_12_whoever_died_was_not_discharged_and_a_transfer_is_no_discharge",
        ),
    ),
    GuidelineRow(
        id="EDGE-13",
        stage=Stage.SUPPORT,
        who=(Who.CLINICIAN,),
        source="decision of this service",
        confirmed=False,
        says="Somebody who is never admitted is outside the discharge measure and needs a care plan nonetheless.",
        places=(
            "care:holistic_needs_assessment",
            "event:admitted",
            "test:tests/usecases/test_edge_cases.py::test_edge_13_somebody_never_admitted_is_not_in_statement_7_and_is_owed_a_plan",
        ),
    ),
    GuidelineRow(
        id="EDGE-14",
        stage=Stage.IMAGE,
        who=(Who.RADIOLOGY,),
        source="decision of this service",
        confirmed=False,
        limit="report 1 hour in an emergency, else 24 hours, both proposed",
        says="A scan counts from when it was done, reported or not, and its report has a clock of its own.",
        places=(
            "clock:mri_report",
            "care:report_urgently",
            "event:mri_reported",
            "screen:governance",
            "test:tests/usecases/test_events.py::test_a_whole_spine_scan_stops_the_clock_and_asks_for_its_report",
            "test:tests/usecases/test_edge_cases.py::test_edge_14_a_scan_without_its_report_counts_and_the_report_has_a_clock_of_its_own",
        ),
    ),
    GuidelineRow(
        id="EDGE-15",
        stage=Stage.SERVICE,
        who=(Who.SERVICE,),
        source="decision of this service",
        confirmed=False,
        says="Limits count hours that have really passed, so that a day of 23 or 25 hours makes no difference.",
        places=(
            "clock:mri",
            "document:adr/0002-time-is-an-argument.md",
            "test:tests/guideline/test_rules.py::test_limits_are_elapsed_hours_across_both_clock_changes",
            "test:tests/usecases/test_edge_cases.py::test_edge_15_hours_are_elapsed_hours_on_the_day_the_clocks_change",
        ),
    ),
)
