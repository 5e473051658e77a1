"""Rows of recognition and contact (NG234 1.3), and of the coordinator and the service (NG234 1.1)."""

from triage.guideline.rows.row import GuidelineRow, Stage, Verdict, Who

REF, COORD, CLIN, SVC = Who.REFERRER, Who.COORDINATOR, Who.CLINICIAN, Who.SERVICE

ROWS: tuple[GuidelineRow, ...] = (
    GuidelineRow(
        id="REC-1", stage=Stage.RECOGNISE, who=(REF,), source="NG234 1.3.1", confirmed=False, strength="act",
        says="Whoever sees a person with suspicious back pain or neurology, or with cancer known or suspected, keeps "
             "spinal metastases and cord compression in mind.",
        places=("screen:referral_step", "field:presentation.cancer_context", "screen:referral_advice",
                "test:tests/guideline/test_stream.py::test_every_class_has_a_stream"),
    ),
    GuidelineRow(
        id="REC-2", stage=Stage.RECOGNISE, who=(REF,), source="NG234 1.3.2", confirmed=True, strength="act",
        limit="immediately",
        says="The referrer reaches the coordinator at once, as for an oncological emergency, when somebody who has or "
             "had cancer shows any symptom or sign of compression.",
        places=("rule:emergency.known_cancer", "rule:emergency.imaging", "rule:contact.emergency",
                "advice:contact_coordinator_immediately", "clock:acknowledge",
                "test:tests/guideline/test_stream.py::test_any_neurology_yes_is_an_emergency"),
    ),
    GuidelineRow(
        id="REC-3", stage=Stage.RECOGNISE, who=(REF,), source="NG234 1.3.3", confirmed=True, strength="act",
        limit="24 hours",
        says="The referrer asks for advice through the coordinator within 24 hours when somebody who has or had cancer "
             "has suspicious spinal pain and no neurology.",
        places=("rule:one_week.pain", "rule:contact.one_week", "advice:seek_coordinator_advice_24h",
                "clock:coordinator_advice",
                "test:tests/usecases/test_submitting.py::"
                "test_pain_alone_starts_advice_scan_and_plan_from_the_suspicion"),
    ),
    GuidelineRow(
        id="REC-4", stage=Stage.CONTACT, who=(REF, COORD), source="NG234 1.3.4", confirmed=True, strength="act",
        limit="same contact",
        says="Referrer and coordinator settle the first steps of care in that same contact, on every topic on which "
             "the coordinator advises.",
        places=("screen:act", "clock:voice_contact", "screen:referral_advice",
                "test:tests/doors/test_case_page.py::test_a_call_is_logged_with_its_own_time",
                "test:tests/usecases/test_triage.py::"
                "test_a_conversation_with_the_referrer_stops_the_clock_that_asks_for_one"),
    ),
    GuidelineRow(
        id="REC-5", stage=Stage.RECOGNISE, who=(REF,), source="NG234 1.3.5", confirmed=True, strength="act",
        limit="urgently",
        says="The referrer sends somebody with suspicious spinal pain, whose cancer is suspected but not diagnosed, "
             "for urgent oncology assessment by the suspected cancer guideline.",
        places=("rule:urgent_oncology.pain", "rule:contact.urgent_oncology", "advice:refer_urgent_oncology",
                "test:tests/usecases/test_triage.py::test_streams_without_a_scan_of_ours_end_in_advice"),
    ),
    GuidelineRow(
        id="REC-6", stage=Stage.RECOGNISE, who=(REF, CLIN), source="NG234 1.3.6", confirmed=True, strength="act",
        says="Whoever sees low back pain in somebody who has or had cancer, without signs of metastases or "
             "compression, tells them which changes to watch for and to get help at once if one comes.",
        places=("rule:safety_net", "advice:safety_net_advice", "screen:patient_sheet"),
    ),
    GuidelineRow(
        id="REC-7", stage=Stage.RECOGNISE, who=(REF, COORD), source="decision of this service", confirmed=False,
        limit="immediately",
        says="Neurology in somebody without a known cancer is handled by referrer and coordinator as an emergency from "
             "the start, because no recommendation covers it and waiting could cost the cord.",
        places=("rule:emergency.no_known_cancer", "warning:use_local_emergency_route", "clock:mri",
                "test:tests/guideline/test_stream.py::test_any_neurology_yes_is_an_emergency"),
    ),
    GuidelineRow(
        id="SVC-1", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.1", confirmed=False, strength="act",
        says="Commissioners and cancer alliances see to it that pathways are clear, services exist, and their outcomes "
             "are audited as they go.",
        verdict=Verdict.NOT_SOFTWARES,
        why="Commissioning pathways and services is done by people; the software can only supply figures for an audit.",
    ),
    GuidelineRow(
        id="SVC-2", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.2", confirmed=False, strength="act",
        says="The alliance's lead for MSCC writes down one pathway for all its hospitals and audits how many people "
             "are affected, how fast they are treated and how they fare.",
        verdict=Verdict.NOT_SOFTWARES,
        why="A pathway and an audit across an alliance reach beyond one service and are for its lead to set up.",
    ),
    GuidelineRow(
        id="SVC-3", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.5", confirmed=False, strength="act",
        says="Each area names its MSCC service, and everybody with suspected or confirmed metastases or compression is "
             "sent to it with the urgency that their findings ask for.",
        places=("screen:new_referral", "screen:worklist", "setting:service_name", "setting:telephone",
                "test:tests/usecases/test_submitting.py::test_no_referral_goes_unseen"),
        why="Naming the service is for commissioners; the software takes the referrals and sets their urgency.",
    ),
    GuidelineRow(
        id="SVC-4", stage=Stage.SERVICE, who=(SVC, COORD), source="NG234 1.1.6", confirmed=False, strength="act",
        says="A referral reaches the coordinator first, and a named clinician with the right skills whenever the "
             "coordinator is not at work.",
        places=("screen:on_call", "clock:acknowledge", "setting:rung_deputy",
                "test:tests/oncall/test_sweep.py::TestLadder::"
                "test_a_rung_that_finds_nobody_pages_the_next_duty_at_once_and_the_ladder_goes_on",
                "test:tests/usecases/test_triage.py::"
                "test_acknowledging_stops_the_pages_and_names_the_person_and_the_acting_role"),
    ),
    GuidelineRow(
        id="SVC-5", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.7", confirmed=True, strength="act",
        limit="at all hours",
        says="The service keeps the coordinator's role filled day and night, every day, from an oncology service and "
             "behind one point of contact.",
        places=("screen:on_call", "screen:plan_shift", "setting:telephone", "command:sweep", "command:watchdog",
                "test:tests/oncall/test_rota.py::TestGaps::test_a_gap_pages_the_lead_before_it_arrives_and_once",
                "test:tests/oncall/test_sweep.py::TestLadder::"
                "test_an_unanswered_emergency_climbs_to_the_manager_and_repeats"),
        why="Finding the people is for the service; the software shows any uncovered minute ahead, pages the lead about it, "
            "and pages on until somebody answers.",
    ),
    GuidelineRow(
        id="SVC-6", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.8", confirmed=False, strength="act",
        says="The specialties agree beforehand on who is referred, how information is shared, and by which channels "
             "they talk to each other.",
        places=("screen:guideline", "screen:referral_summary", "screen:act",
                "test:tests/doors/test_case_page.py::test_another_organisation_is_let_in",
                "test:tests/doors/test_rest.py::TestReading::test_where_the_patient_is_sees_the_case_too"),
        why="The agreement is made by people; the software carries the criteria and the sharing of a case.",
    ),
    GuidelineRow(
        id="SVC-7", stage=Stage.SERVICE, who=(SVC, Who.MDT), source="NG234 1.1.9", confirmed=False, strength="act",
        says="The service forms an MDT of acute oncology, haematology, histopathology, oncology, palliative care, "
             "physiotherapy, radiology and spinal surgery.",
        places=("screen:mdt", "screen:user",
                "test:tests/doors/test_security.py::TestWhoSeesWhat::test_an_mdt_member_sees_what_is_listed"),
        verdict=Verdict.NOT_SOFTWARES,
        why="Forming the team is for the service; the software gives all eight specialties accounts and a list.",
    ),
    GuidelineRow(
        id="SVC-8", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.10", confirmed=False, strength="act",
        says="Every specialty that treats MSCC names one point of contact to whom others turn for advice.",
        places=("screen:on_call", "screen:mdt", "screen:on_call", "screen:mdt_case"),
    ),
    GuidelineRow(
        id="SVC-9", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.11", confirmed=False, strength="act",
        says="The service keeps up links with primary, community and palliative care and with social services, so that "
             "people leave hospital safely and are followed up.",
        verdict=Verdict.NOT_SOFTWARES,
        why="Links between services are made by people; software cannot stand in for them.",
    ),
    GuidelineRow(
        id="SVC-10", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.12", confirmed=False, strength="act",
        says="The service has ways to record what it does, to audit it, and to report and look into incidents.",
        places=("screen:audit", "screen:decision", "screen:check_ledger", "command:verify_ledger",
                "test:tests/doors/test_settings.py::TestAudit::test_lines_are_found_by_case_person_kind_and_day"),
        verdict=Verdict.NOT_YET,
        why="The record, its audit trail and the measures are here; a register of incidents is not built yet.",
    ),
    GuidelineRow(
        id="SVC-11", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.13", confirmed=False, strength="act",
        says="The service looks in its own figures for inequalities such as deprivation, and makes reasonable "
             "adjustments for those who need them.",
        places=("field:patient.ethnic_category", "field:patient.postcode", "field:patient.interpreter_needed",
                "field:patient.communication_needs"),
        verdict=Verdict.NOT_YET,
        why="What an analysis needs is collected, and needs are shown; no report of inequalities is built yet.",
    ),
    GuidelineRow(
        id="SVC-12", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.14", confirmed=False, strength="act",
        says="Hospital, community and social services plan discharge together, so that it is safe, in good time, and "
             "followed by support at home for the person and their carers.",
        places=("clock:discharge_plan", "event:admitted", "event:discharged", "screen:mdt_plan", "screen:mdt_outcomes"),
    ),
    GuidelineRow(
        id="COO-1", stage=Stage.CONTACT, who=(COORD,), source="NG234 1.1.15", confirmed=True, strength="act",
        says="The coordinator keeps for every case the presentation, neurology, performance status, frailty, "
             "investigations, the oncology assessment with its stage, and what the person needs and prefers.",
        places=("advice:record_key_information", "screen:case", "field:clinical.performance_status",
                "field:clinical.clinical_frailty_scale", "field:clinical.resuscitation_and_wishes",
                "field:patient.communication_needs"),
        why="The oncology assessment and stage go into notes: they have no field of their own yet.",
    ),
    GuidelineRow(
        id="COO-2", stage=Stage.CONTACT, who=(COORD,), source="NG234 1.1.15", confirmed=True, strength="act",
        says="The coordinator does the first triage of every case, passes what matters on to primary care and the MDT, "
             "and holds the planning of discharge together.",
        places=("screen:act", "screen:list_for_mdt", "screen:referral_summary", "clock:discharge_plan",
                "test:tests/usecases/test_triage.py::test_taking_the_suggestion_also_acknowledges"),
        why="Discharge planning has a clock and no plan yet, and a summary for primary care is sent by hand.",
    ),
    GuidelineRow(
        id="COO-3", stage=Stage.CONTACT, who=(COORD,), source="NG234 1.1.16", confirmed=True, strength="act",
        limit="at contact",
        says="The coordinator advises the referrer at first contact on pain, stability of the spine, immobilisation, "
             "dexamethasone and where to send the person, and helps to get an urgent MRI.",
        places=("screen:act", "screen:referral", "clock:coordinator_advice", "event:mri_requested",
                "test:tests/usecases/test_triage.py::test_advice_that_differs_from_the_guideline_says_why",
                "test:tests/doors/test_case_page.py::test_the_disposition_is_checked_and_shown_to_the_referrer"),
    ),
    GuidelineRow(
        id="COO-4", stage=Stage.SERVICE, who=(SVC, CLIN), source="NG234 1.1.17", confirmed=True, strength="act",
        limit="1 week",
        says="The service makes sure that somebody with suspected metastases and no neurology can have an MRI and a "
             "treatment plan within a week.",
        places=("clock:mri", "clock:treatment_plan",
                "test:tests/usecases/test_submitting.py::"
                "test_pain_alone_starts_advice_scan_and_plan_from_the_suspicion",
                "test:tests/doors/test_case_page.py::test_a_plan_agreed_stops_its_clock"),
        why="The number was seen in print and its wording was not; scanner capacity is for the service.",
    ),
    GuidelineRow(
        id="COO-5", stage=Stage.SERVICE, who=(SVC, Who.RADIOLOGY), source="NG234 1.1.19", confirmed=True,
        strength="act", limit="24 hours",
        says="The service makes sure that somebody with suspected compression and neurology can have an MRI within 24 "
             "hours.",
        places=("clock:mri",
                "test:tests/usecases/test_submitting.py::"
                "test_an_emergency_starts_its_clocks_from_the_suspicion_and_pages_from_the_sending",
                "test:tests/usecases/test_events.py::test_a_whole_spine_scan_stops_the_clock_and_asks_for_its_report"),
        why="The number was seen in print and its wording was not; scanner capacity is for the service.",
    ),
    GuidelineRow(
        id="COO-6", stage=Stage.SERVICE, who=(SVC, Who.ONCOLOGY), source="NG234 1.1.21", confirmed=True,
        strength="act", limit="24 hours",
        says="The service makes sure that somebody with MSCC who is not to be operated on can start radiotherapy "
             "within 24 hours.",
        places=("clock:radiotherapy", "event:decision_to_treat", "event:radiotherapy_started",
                "test:tests/usecases/test_events.py::"
                "test_radiotherapy_runs_from_the_decision_and_not_after_surgery"),
        why="The number was seen in print and its wording was not; radiotherapy capacity is for the service.",
    ),
    GuidelineRow(
        id="COO-7", stage=Stage.SERVICE, who=(SVC,), source="NG234 1.1.18 and 1.1.20", confirmed=False,
        says="Two further recommendations to services stand between those on scans and on radiotherapy, and somebody "
             "with the guideline at hand has to read them first.",
        verdict=Verdict.NOT_SOFTWARES,
        why="The wording of 1.1.18 and 1.1.20 was not found, so that nothing can be built on it.",
    ),
)  # fmt: skip
