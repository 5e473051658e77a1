"""The statements of quality standard QS56, each with its measure."""

from triage.guideline import criteria as f
from triage.guideline.clocks import SUSPECTED_AT
from triage.guideline.recommendation import Recommendation, start_clock
from triage.guideline.rows.row import Stage, Who

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="QS-2a",
        statement="2",
        confirmed=True,
        stage=Stage.IMAGE,
        who=(Who.RADIOLOGY, Who.COORDINATOR),
        limit="168 hours",
        says="Of adults whose pain suggests spinal metastases and who have no neurology, it counts those with MRI "
        "of the whole spine within a week.",
        places=(
            "clock:mri",
            "rule:clock.mri_1w",
            "event:mri_performed",
            "screen:measure",
            "test:tests/usecases/test_measures.py::"
            "TestStatements::test_2a_counts_literally_whoever_has_pain_and_adjusted_whom_a_coordinator_accepted",
        ),
    ),
    Recommendation(
        id="QS-2b",
        statement="2",
        confirmed=True,
        stage=Stage.IMAGE,
        who=(Who.MDT, Who.COORDINATOR),
        limit="168 hours, on the same clock",
        says="Of adults in whom MRI of the whole spine confirmed metastases without neurology, it counts those "
        "whose treatment plan was agreed within the same week.",
        rules=(
            start_clock(
                "treatment_plan",
                "clock.treatment_plan",
                hours=168,
                starts=SUSPECTED_AT,
                formal=True,
                when=f.ONE_WEEK,
                because="A treatment plan is due within one week of the suspicion.",
            ),
        ),
        places=(
            "clock:treatment_plan",
            "rule:clock.treatment_plan",
            "screen:measure",
            "test:tests/usecases/test_edge_cases.py::"
            "test_edge_03_found_by_imaging_is_left_out_of_2a_and_3_and_counts_from_the_report",
        ),
    ),
    Recommendation(
        id="QS-3",
        statement="3",
        confirmed=True,
        stage=Stage.IMAGE,
        who=(Who.RADIOLOGY, Who.COORDINATOR),
        limit="24 hours",
        says="Of adults with suspected MSCC and neurology, it counts those with MRI of the whole spine within a "
        "day.",
        places=(
            "clock:mri",
            "rule:clock.mri_24h",
            "event:mri_performed",
            "screen:measure",
            "test:tests/usecases/test_measures.py::"
            "TestStatements::test_3_counts_a_provisional_emergency_only_once_neurology_is_found",
        ),
    ),
    Recommendation(
        id="QS-4",
        statement="4",
        confirmed=True,
        stage=Stage.CONTACT,
        who=(Who.COORDINATOR,),
        says="Of the same adults, it counts those for whom the coordinator judged which investigations are needed "
        "and how soon.",
        places=(
            "screen:case",
            "test:tests/usecases/test_triage.py::test_investigations_and_their_urgency_are_asked_for",
            "screen:measure",
            "test:tests/usecases/test_measures.py::"
            "TestStatements::test_4_needs_both_the_need_and_the_urgency_and_says_who",
        ),
    ),
    Recommendation(
        id="QS-5",
        statement="5",
        confirmed=True,
        stage=Stage.SUPPORT,
        who=(Who.COORDINATOR,),
        says="Of adults with confirmed MSCC, it counts those whose ongoing care is coordinated.",
        places=(
            "event:mri_reported",
            "event:decision_to_treat",
            "screen:case",
            "screen:measure",
            "test:tests/usecases/test_measures.py::"
            "TestStatements::test_5_needs_an_entry_of_a_coordinator_after_the_confirmation",
        ),
    ),
    Recommendation(
        id="QS-6",
        statement="6",
        confirmed=True,
        stage=Stage.RADIOTHERAPY,
        who=(Who.ONCOLOGY,),
        limit="24 hours",
        says="Of adults with MSCC for whom surgery is not suitable and radiotherapy is, it counts those whose "
        "first fraction comes within a day of the decision to treat.",
        places=(
            "clock:radiotherapy",
            "rule:urgent_radiotherapy",
            "event:decision_to_treat",
            "event:radiotherapy_started",
            "judgement:wants_radiotherapy",
            "screen:measure",
            "test:tests/usecases/test_measures.py::"
            "TestStatements::test_6_leaves_out_literally_what_nobody_judged_and_counts_it_adjusted",
        ),
    ),
    Recommendation(
        id="QS-7",
        statement="7",
        confirmed=True,
        stage=Stage.SUPPORT,
        who=(Who.COORDINATOR, Who.CLINICIAN),
        limit="before discharge",
        says="Of adults with MSCC who leave hospital, it counts those who leave with a management plan in which "
        "further care and rehabilitation were assessed.",
        places=(
            "clock:discharge_plan",
            "care:start_discharge_planning",
            "event:discharged",
            "screen:measure",
            "screen:mdt_plan",
            "test:tests/usecases/test_measures.py::"
            "TestStatements::test_7_needs_the_plan_before_the_discharge",
        ),
    ),
)
