"""Recognition and contact (NG234 1.3): which stream, whom to contact, which clocks."""

from triage.guideline import criteria as f
from triage.guideline.clocks import SUSPECTED_AT
from triage.guideline.recommendation import ACT, Advice, Recommendation, contact, give, sort, start_clock
from triage.guideline.rows.row import Stage, Who
from triage.guideline.rule import ContactUrgency, Stream

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="REC-1",
        number="1.3.1",
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER,),
        strength=ACT,
        says="The referrer keeps spinal metastases and cord compression in mind in anybody with suspicious back "
        "pain or neurology, or with known or suspected cancer.",
        places=(
            "screen:referral_step",
            "field:presentation.cancer_context",
            "screen:referral_advice",
            "test:tests/guideline/test_stream.py::test_every_class_has_a_stream",
        ),
    ),
    Recommendation(
        id="REC-2",
        number="1.3.2",
        confirmed=True,
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER,),
        strength=ACT,
        limit="immediately",
        says="The referrer contacts the coordinator at once, as for an oncological emergency, when somebody who "
        "has or had cancer shows any symptom or sign of compression.",
        tells=(
            Advice(
                code="contact_coordinator_immediately",
                strength=ACT,
                topic="contact",
                text="Ring the MSCC coordinator now, as well as sending this.",
            ),
        ),
        rules=(
            sort(
                "emergency.known_cancer",
                step=1,
                stream=Stream.EMERGENCY,
                when=f.ANY_NEUROLOGY & f.KNOWN_CANCER,
                because="Neurological symptoms or signs in somebody who has or had cancer are an oncological "
                "emergency.",
            ),
            contact(
                "contact.emergency",
                ContactUrgency.IMMEDIATELY,
                when=f.EMERGENCY & f.KNOWN_CANCER,
                because="An emergency is told to the coordinator at once.",
            ),
            give(
                "contact_coordinator_immediately.emergency",
                when=f.EMERGENCY & f.ANY_NEUROLOGY & f.KNOWN_CANCER,
                because="With cancer and neurology the coordinator hears of it immediately.",
            ),
            give(
                "contact_coordinator_immediately.held",
                cites=("REC-2", "A1"),
                when=f.EMERGENCY & ~f.ANY_NEUROLOGY & f.KNOWN_CANCER,
                because="This service treats every emergency alike: the coordinator hears of it immediately.",
            ),
            give(
                "contact_coordinator_immediately.impending",
                cites=("REC-2", "SVC-IMG"),
                when=~f.EMERGENCY & f.IMPENDING & f.KNOWN_CANCER,
                because="The coordinator hears of impending compression immediately, before the cord is harmed.",
            ),
        ),
        places=(
            "rule:emergency.known_cancer",
            "rule:emergency.imaging",
            "rule:contact.emergency",
            "advice:contact_coordinator_immediately",
            "clock:acknowledge",
            "test:tests/guideline/test_stream.py::test_any_neurology_yes_is_an_emergency",
        ),
    ),
    Recommendation(
        id="REC-3",
        number="1.3.3",
        confirmed=True,
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER,),
        strength=ACT,
        limit="24 hours",
        says="The referrer asks for advice through the coordinator within 24 hours when somebody who has or had "
        "cancer has suspicious spinal pain and no neurology.",
        tells=(
            Advice(
                code="seek_coordinator_advice_24h",
                strength=ACT,
                topic="contact",
                text="Get the MSCC coordinator's advice within 24 hours.",
            ),
        ),
        rules=(
            sort(
                "one_week.pain",
                step=4,
                stream=Stream.ONE_WEEK,
                cites=("REC-3", "IMG-2"),
                when=f.ALL_NEUROLOGY_NO & f.ANY_PAIN & f.KNOWN_CANCER,
                because="Pain that suggests spinal metastases, without neurology, in somebody who has or had "
                "cancer needs the coordinator's advice within 24 hours and MRI within a week.",
            ),
            contact(
                "contact.one_week",
                ContactUrgency.WITHIN_24_HOURS,
                when=f.ONE_WEEK & f.KNOWN_CANCER,
                because="The coordinator's advice is sought within 24 hours.",
            ),
            start_clock(
                "coordinator_advice",
                "clock.coordinator_advice",
                hours=24,
                starts=SUSPECTED_AT,
                formal=True,
                when=f.ONE_WEEK & f.KNOWN_CANCER,
                because="The coordinator's advice is due within 24 hours of the suspicion.",
            ),
            give(
                "seek_coordinator_advice_24h.pain",
                when=f.ONE_WEEK & ~f.IMPENDING & f.ANY_PAIN & f.KNOWN_CANCER,
                because="Suspicious pain without neurology needs the coordinator's advice within 24 hours.",
            ),
            give(
                "seek_coordinator_advice_24h.other",
                cites=("REC-3", "SVC-UNS"),
                when=f.ONE_WEEK & ~f.IMPENDING & ~f.ANY_PAIN & f.KNOWN_CANCER,
                because="Metastases on imaging, severe pain or instability get the coordinator's advice as soon "
                "as suspicious pain does, within 24 hours.",
            ),
        ),
        places=(
            "rule:one_week.pain",
            "rule:contact.one_week",
            "advice:seek_coordinator_advice_24h",
            "clock:coordinator_advice",
            "test:tests/usecases/test_submitting.py::"
            "test_pain_alone_starts_advice_scan_and_plan_from_the_suspicion",
        ),
    ),
    Recommendation(
        id="REC-4",
        number="1.3.4",
        confirmed=True,
        stage=Stage.CONTACT,
        who=(Who.REFERRER, Who.COORDINATOR),
        strength=ACT,
        limit="same contact",
        says="Referrer and coordinator settle the first steps of care in that same contact, on every topic on "
        "which the coordinator advises.",
        places=(
            "screen:act",
            "clock:voice_contact",
            "screen:referral_advice",
            "test:tests/doors/test_case_page.py::test_a_call_is_logged_with_its_own_time",
            "test:tests/usecases/test_triage.py::"
            "test_a_conversation_with_the_referrer_stops_the_clock_that_asks_for_one",
        ),
    ),
    Recommendation(
        id="REC-5",
        number="1.3.5",
        confirmed=True,
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER,),
        strength=ACT,
        limit="urgently",
        says="The referrer sends somebody with suspicious spinal pain, whose cancer is suspected but not "
        "diagnosed, for urgent oncology assessment by the suspected cancer guideline.",
        tells=(
            Advice(
                code="refer_urgent_oncology",
                strength=ACT,
                topic="contact",
                text="Refer urgently for oncology assessment, and get the spine looked at as oncology advises.",
            ),
        ),
        rules=(
            sort(
                "urgent_oncology.pain",
                step=4,
                stream=Stream.URGENT_ONCOLOGY,
                when=f.ALL_NEUROLOGY_NO & f.ANY_PAIN & f.CANCER_SUSPECTED,
                because="Pain that suggests spinal metastases, without neurology, where cancer is suspected "
                "needs urgent oncology assessment.",
            ),
            contact(
                "contact.urgent_oncology",
                ContactUrgency.URGENT_ONCOLOGY_REFERRAL,
                when=f.URGENT_ONCOLOGY,
                because="Oncology is asked for an urgent assessment.",
            ),
            give(
                "refer_urgent_oncology",
                when=f.URGENT_ONCOLOGY,
                because="Suspicious pain where cancer is only suspected needs an urgent oncology assessment.",
            ),
        ),
        places=(
            "rule:urgent_oncology.pain",
            "rule:contact.urgent_oncology",
            "advice:refer_urgent_oncology",
            "test:tests/usecases/test_triage.py::test_streams_without_a_scan_of_ours_end_in_advice",
        ),
    ),
    Recommendation(
        id="REC-6",
        number="1.3.6",
        confirmed=True,
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER, Who.CLINICIAN),
        strength=ACT,
        says="The referrer or clinician tells somebody who has or had cancer and has low back pain, without signs "
        "of metastases or compression, which changes to watch for and to get help at once if one comes.",
        tells=(
            Advice(
                code="safety_net_advice",
                strength=ACT,
                topic="safety_net",
                text="Explain which changes to watch for (weakness, numbness, unsteadiness, bladder or bowel "
                "change, new or worse pain) and whom to contact at once if one comes.",
            ),
        ),
        rules=(
            sort(
                "safety_net",
                step=6,
                stream=Stream.SAFETY_NET,
                when=f.KNOWN_CANCER & f.LOW_BACK_PAIN,
                because="There is back pain without suspicious features in somebody who has or had cancer: "
                "explain which changes to watch for.",
            ),
            give(
                "safety_net_advice",
                when=f.SAFETY_NET,
                because="Somebody who has or had cancer and has back pain needs to know what to watch for.",
            ),
        ),
        places=("rule:safety_net", "advice:safety_net_advice", "screen:patient_sheet"),
    ),
    Recommendation(
        id="REC-7",
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER, Who.COORDINATOR),
        limit="immediately",
        says="Neurology in somebody without a known cancer is handled by referrer and coordinator as an emergency "
        "from the start, because no recommendation covers it and waiting could cost the cord.",
        places=(
            "rule:emergency.no_known_cancer",
            "warning:use_local_emergency_route",
            "clock:mri",
            "test:tests/guideline/test_stream.py::test_any_neurology_yes_is_an_emergency",
        ),
    ),
)
