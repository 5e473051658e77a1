"""Organising services (NG234 1.1): the service and its coordinator."""

from triage.guideline import criteria as f
from triage.guideline.recommendation import ACT, Advice, Recommendation, give
from triage.guideline.rows.row import Stage, Verdict, Who

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="SVC-1", number="1.1.1", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="Commissioners and cancer alliances make sure that pathways are clear, services exist, and "
        "outcomes are audited prospectively.",
        verdict=Verdict.NOT_SOFTWARES,
        why="Commissioning pathways and services is done by people; the software can only supply figures for an "
            "audit.",
    ),
    Recommendation(
        id="SVC-2", number="1.1.2", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="The alliance's lead for MSCC writes down one pathway for all its hospitals and audits how many "
             "people are affected, how fast they are treated and their outcomes.",
        verdict=Verdict.NOT_SOFTWARES,
        why="A pathway and an audit across an alliance reach beyond one service and are for its lead to set up.",
    ),
    Recommendation(
        id="SVC-3", number="1.1.5", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="Each area names its MSCC service, and everybody with suspected or confirmed metastases or "
             "compression is sent to it with the urgency that their findings ask for.",
        places=("screen:new_referral", "screen:worklist", "setting:service_name", "setting:telephone",
                "test:tests/usecases/test_submitting.py::test_no_referral_goes_unseen"),
        why="Naming the service is for commissioners; the software takes the referrals and sets their urgency.",
    ),
    Recommendation(
        id="SVC-4", number="1.1.6", stage=Stage.SERVICE, who=(Who.SERVICE, Who.COORDINATOR), strength=ACT,
        says="A referral reaches the coordinator first, and a named clinician with the right skills whenever the "
             "coordinator is not at work.",
        places=("screen:on_call", "clock:acknowledge", "setting:rung_deputy",
                "test:tests/oncall/test_sweep.py::"
                "TestLadder::test_a_rung_that_finds_nobody_pages_the_next_duty_at_once_and_the_ladder_goes_on",
                "test:tests/usecases/test_triage.py::"
                "test_acknowledging_stops_the_pages_and_names_the_person_and_the_acting_role"),
    ),
    Recommendation(
        id="SVC-5", number="1.1.7", confirmed=True, stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        limit="at all hours",
        says="The service keeps the coordinator's role filled day and night, every day, from an oncology service "
             "and behind one point of contact.",
        places=("screen:on_call", "screen:plan_shift", "setting:telephone", "command:sweep", "command:watchdog",
                "test:tests/oncall/test_rota.py::"
                "TestGaps::test_a_gap_pages_the_lead_before_it_arrives_and_once",
                "test:tests/oncall/test_sweep.py::"
                "TestLadder::test_an_unanswered_emergency_climbs_to_the_manager_and_repeats"),
        why="Finding the people is for the service; the software shows any uncovered minute ahead, pages the lead "
            "about it, and pages on until somebody answers.",
    ),
    Recommendation(
        id="SVC-6", number="1.1.8", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="The specialties agree beforehand on who is referred, how information is shared, and by which "
             "channels they talk to each other.",
        places=("screen:guideline", "screen:referral_summary", "screen:act",
                "test:tests/doors/test_case_page.py::test_another_organisation_is_let_in",
                "test:tests/doors/test_rest.py::TestReading::test_where_the_patient_is_sees_the_case_too"),
        why="The agreement is made by people; the software carries the criteria and the sharing of a case.",
    ),
    Recommendation(
        id="SVC-7", number="1.1.9", stage=Stage.SERVICE, who=(Who.SERVICE, Who.MDT), strength=ACT,
        says="The service forms an MDT of acute oncology, haematology, histopathology, oncology, palliative care, "
             "physiotherapy, radiology and spinal surgery.",
        places=("screen:mdt", "screen:user",
                "test:tests/doors/test_security.py::TestWhoSeesWhat::test_an_mdt_member_sees_what_is_listed"),
        verdict=Verdict.NOT_SOFTWARES,
        why="Forming the team is for the service; the software gives all eight specialties accounts and a list.",
    ),
    Recommendation(
        id="SVC-8", number="1.1.10", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="Every specialty that treats MSCC names one point of contact to whom others turn for advice.",
        places=("screen:on_call", "screen:mdt", "screen:mdt_case"),
    ),
    Recommendation(
        id="SVC-9", number="1.1.11", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="The service keeps up links with primary, community and palliative care and with social services, so "
             "that people leave hospital safely and are followed up.",
        verdict=Verdict.NOT_SOFTWARES,
        why="People make the links between services; software cannot replace them.",
    ),
    Recommendation(
        id="SVC-10", number="1.1.12", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="The service has ways to record what it does, to audit it, and to report and look into incidents.",
        places=("screen:audit", "screen:decision", "screen:check_ledger", "screen:incidents",
                "screen:report_incident", "command:verify_ledger",
                "test:tests/doors/test_settings.py::"
                "TestAudit::test_lines_are_found_by_case_person_kind_and_day",
                "test:tests/doors/test_incidents.py::"
                "test_a_report_from_the_case_page_is_with_the_lead_and_its_steps_are_read_by_the_reporter"),
    ),
    Recommendation(
        id="SVC-11", number="1.1.13", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="The service looks in its own figures for inequalities such as deprivation, and makes reasonable "
             "adjustments for those who need them.",
        places=("field:patient.ethnic_category", "field:patient.postcode", "field:patient.interpreter_needed",
                "field:patient.communication_needs", "screen:inequalities"),
        why="Deprivation is not counted: that needs the national table of postcodes, which is not in the software.",
    ),
    Recommendation(
        id="SVC-12", number="1.1.14", stage=Stage.SERVICE, who=(Who.SERVICE,), strength=ACT,
        says="Hospital, community and social services plan discharge together, so that it is safe, in good time, "
             "and followed by support at home for the person and their carers.",
        places=("clock:discharge_plan", "event:admitted", "event:discharged", "screen:mdt_plan",
                "screen:mdt_outcomes"),
    ),
    Recommendation(
        id="COO-1", number="1.1.15", confirmed=True, stage=Stage.CONTACT, who=(Who.COORDINATOR,), strength=ACT,
        says="The coordinator keeps for every case the presentation, neurology, performance status, frailty, "
             "investigations, the oncology assessment with its stage, and what the person needs and prefers.",
        tells=(
            Advice(code="record_key_information", strength=ACT, topic="record",
                   text="Record presentation, neurology, performance status, frailty, investigations, oncology "
                        "assessment and the person's needs."),
        ),
        rules=(
            give("record_key_information",
                 when=f.EMERGENCY | f.ONE_WEEK | f.INSUFFICIENT,
                 because="The key information about the person goes into the coordinator's record."),
        ),
        places=("advice:record_key_information", "screen:case", "field:clinical.performance_status",
                "field:clinical.clinical_frailty_scale", "field:clinical.resuscitation_and_wishes",
                "field:patient.communication_needs", "field:record.oncology_assessment", "field:record.stage",
                "field:record.other_investigations", "field:record.individual_needs", "screen:record"),
    ),
    Recommendation(
        id="COO-2", number="1.1.15", confirmed=True, stage=Stage.CONTACT, who=(Who.COORDINATOR,), strength=ACT,
        says="The coordinator does the first triage of every case, passes what matters on to primary care and the "
             "MDT, and coordinates the planning of discharge.",
        places=("screen:act", "screen:list_for_mdt", "screen:referral_summary", "screen:letter", "screen:mdt_plan",
                "clock:discharge_plan",
                "test:tests/usecases/test_triage.py::test_taking_the_suggestion_also_acknowledges"),
        why="The software makes the letter for primary care; a person sends it.",
    ),
    Recommendation(
        id="COO-3", number="1.1.16", confirmed=True, stage=Stage.CONTACT, who=(Who.COORDINATOR,), strength=ACT,
        limit="at contact",
        says="The coordinator advises the referrer at first contact on pain, stability of the spine, "
             "immobilisation, dexamethasone and where to send the person, and helps to get an urgent MRI.",
        places=("screen:act", "screen:referral", "clock:coordinator_advice", "event:mri_requested",
                "test:tests/usecases/test_triage.py::test_advice_that_differs_from_the_guideline_says_why",
                "test:tests/doors/test_case_page.py::"
                "test_the_disposition_is_checked_and_shown_to_the_referrer"),
    ),
    Recommendation(
        id="COO-4", number="1.1.17", confirmed=True, stage=Stage.SERVICE, who=(Who.SERVICE, Who.CLINICIAN),
        strength=ACT, limit="1 week",
        says="The service makes sure that somebody with suspected metastases and no neurology can have an MRI and "
             "a treatment plan within a week.",
        places=("clock:mri", "clock:treatment_plan",
                "test:tests/usecases/test_submitting.py::"
                "test_pain_alone_starts_advice_scan_and_plan_from_the_suspicion",
                "test:tests/doors/test_case_page.py::test_a_plan_agreed_stops_its_clock"),
        why="The number was seen in print and its wording was not; scanner capacity is for the service.",
    ),
    Recommendation(
        id="COO-5", number="1.1.19", confirmed=True, stage=Stage.SERVICE, who=(Who.SERVICE, Who.RADIOLOGY),
        strength=ACT, limit="24 hours",
        says="The service makes sure that somebody with suspected compression and neurology can have an MRI "
             "within 24 hours.",
        places=("clock:mri",
                "test:tests/usecases/test_submitting.py::"
                "test_an_emergency_starts_its_clocks_from_the_suspicion_and_pages_from_the_sending",
                "test:tests/usecases/test_events.py::"
                "test_a_whole_spine_scan_stops_the_clock_and_asks_for_its_report"),
        why="The number was seen in print and its wording was not; scanner capacity is for the service.",
    ),
    Recommendation(
        id="COO-6", number="1.1.21", confirmed=True, stage=Stage.SERVICE, who=(Who.SERVICE, Who.ONCOLOGY),
        strength=ACT, limit="24 hours",
        says="The service makes sure that somebody with MSCC who is not to be operated on can start radiotherapy "
             "within 24 hours.",
        places=("clock:radiotherapy", "event:decision_to_treat", "event:radiotherapy_started",
                "test:tests/usecases/test_events.py::"
                "test_radiotherapy_runs_from_the_decision_and_not_after_surgery"),
        why="The number was seen in print and its wording was not; radiotherapy capacity is for the service.",
    ),
    Recommendation(
        id="COO-7", source="NG234 1.1.18 and 1.1.20", stage=Stage.SERVICE, who=(Who.SERVICE,),
        says="Two further recommendations to services come between those on scans and on radiotherapy, and "
             "somebody with the guideline at hand has to read them first.",
        verdict=Verdict.NOT_SOFTWARES,
        why="The wording of 1.1.18 and 1.1.20 was not found, so that nothing can be built on it.",
    ),
    Recommendation(
        id="SVC-ACK", stage=Stage.CONTACT, who=(Who.COORDINATOR,),
        limit="15 minutes in an emergency, 1, 4 or 24 hours otherwise, as the service sets",
        decision="a human acknowledges every referral",
        says="A human acknowledges every referral within a time that the service promises, and in an emergency "
             "speaks to the referrer.",
        places=("clock:acknowledge", "clock:voice_contact", "setting:acknowledge_emergency",
                "setting:voice_contact", "test:tests/usecases/test_submitting.py::test_no_referral_goes_unseen"),
    ),
)  # fmt: skip
