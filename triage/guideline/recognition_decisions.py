"""Recognition and contact where NG234 1.3 is silent: decisions of this service."""

from triage.guideline import criteria as f
from triage.guideline.clocks import SUBMITTED_AT, SUSPECTED_AT
from triage.guideline.recommendation import (
    ACT,
    RESOLUTION,
    Advice,
    Recommendation,
    contact,
    give,
    sort,
    start_clock,
    warn,
)
from triage.guideline.rows.row import Stage, Who
from triage.guideline.rule import ALWAYS, ContactUrgency, Stream

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="A1", stage=Stage.CONTACT, who=(Who.COORDINATOR, Who.REFERRER), limit="24 hours",
        decision="neurology is an emergency whatever is known of cancer",
        says="Neurology is an emergency whatever is known of cancer, with the local emergency route named beside "
             "it, and nobody is turned away for want of a diagnosis.",
        rules=(
            sort("emergency.no_known_cancer", step=1, stream=Stream.EMERGENCY,
                 when=f.ANY_NEUROLOGY & ~f.KNOWN_CANCER,
                 because="Neurological symptoms or signs are treated as an emergency although no cancer is "
                         "diagnosed: about one in five people with MSCC did not know of theirs."),
            contact("contact.emergency.no_known_cancer", ContactUrgency.IMMEDIATELY,
                    when=f.EMERGENCY,
                    because="An emergency is told to the coordinator at once, whatever is known of cancer."),
            contact("contact.one_week.no_known_cancer", ContactUrgency.WITHIN_24_HOURS,
                    when=f.ONE_WEEK,
                    because="The coordinator's advice is sought within 24 hours, whatever is known of cancer."),
            start_clock("coordinator_advice", "clock.coordinator_advice.no_known_cancer", hours=24,
                        starts=SUSPECTED_AT, formal=True, cites=("A1", "QS-2a"),
                        when=f.ONE_WEEK & ~f.KNOWN_CANCER,
                        because="The coordinator's advice is due within 24 hours of the suspicion, whatever is "
                                "known of cancer."),
            give("contact_coordinator_immediately.no_known_cancer", cites=("A1", "QS-3"),
                 when=f.EMERGENCY & ~f.KNOWN_CANCER,
                 because="No cancer is diagnosed, and the coordinator still hears of an emergency immediately."),
            give("contact_coordinator_immediately.impending_no_known_cancer", cites=("A1", "QS-2a"),
                 when=~f.EMERGENCY & f.IMPENDING & ~f.KNOWN_CANCER,
                 because="Impending compression is told to the coordinator immediately, whatever is known of "
                         "cancer."),
            give("seek_coordinator_advice_24h.no_known_cancer", cites=("A1", "QS-2a"),
                 when=f.ONE_WEEK & ~f.IMPENDING & ~f.KNOWN_CANCER,
                 because="Metastases on imaging get the coordinator's advice within 24 hours, although no cancer "
                         "is diagnosed."),
            warn("use_local_emergency_route",
                 when=f.EMERGENCY & ~f.KNOWN_CANCER,
                 text="No cancer is diagnosed: also use the local emergency spinal or cauda equina route now. Do "
                      "not wait for the coordinator."),
        ),
        places=("rule:emergency.no_known_cancer", "warning:use_local_emergency_route",
                "rule:contact.emergency.no_known_cancer", "rule:contact.one_week.no_known_cancer",
                "advice:contact_coordinator_immediately", "advice:seek_coordinator_advice_24h",
                "clock:coordinator_advice", "clock:mri",
                RESOLUTION + "test_a01_neurology_without_known_cancer_is_an_emergency"),
    ),
    Recommendation(
        id="A3", stage=Stage.CONTACT, who=(Who.REFERRER, Who.SERVICE),
        decision="the clock runs from the first suspicion, however old",
        says="The limits count from the first suspicion of a clinician, however old, and the figures are shown "
             "from presentation, sending and first contact as well.",
        rules=(
            warn("suspected_over_limit",
                 when=f.OVER_LIMIT,
                 text="A limit counted from the suspicion has already passed: act now, and by telephone."),
        ),
        places=("field:clinician_suspected_at", "field:presented_at", "warning:suspected_over_limit",
                "rule:suspected_over_limit", RESOLUTION + "test_a03_limits_count_from_the_suspicion_however_old",
                "screen:governance"),
    ),
    Recommendation(
        id="A5", stage=Stage.RECOGNISE, who=(Who.COORDINATOR, Who.REFERRER),
        decision="what was not assessed is not a no",
        says="Neurology that nobody assessed is not absent: with suspicious pain, severe pain or positive imaging "
             "it is held as an emergency until a coordinator has the answers.",
        tells=(
            Advice(code="examine_neurology_now", strength=ACT, topic="neurology",
                   text="Examine now what was not assessed: power in each limb, sensation with the saddle area, "
                        "reflexes and plantars, walking, the bladder after voiding. Where the person cannot give "
                        "a history, ask a carer or the ward (walking, falls, using the arms, wet or not passing "
                        "urine, since when) and watch: do both legs move against the bed, does the person stand, "
                        "is the bladder full."),
        ),
        rules=(
            sort("provisional.pain", step=2, stream=Stream.EMERGENCY, provisional=True,
                 when=f.NEUROLOGY_NOT_ASSESSED & f.ANY_PAIN & ~f.NO_KNOWN_CANCER,
                 because="There is suspicious pain and some neurology was not assessed: held as an emergency "
                         "until the coordinator has the answers and decides."),
            sort("provisional.imaging", step=2, stream=Stream.EMERGENCY, provisional=True,
                 when=f.NEUROLOGY_NOT_ASSESSED & f.POSITIVE_IMAGING,
                 because="Imaging shows spinal metastases or compression and some neurology was not assessed: "
                         "held as an emergency until the coordinator has the answers and decides."),
            sort("provisional.unstable_or_severe", step=2, stream=Stream.EMERGENCY, provisional=True,
                 when=f.NEUROLOGY_NOT_ASSESSED & f.KNOWN_CANCER & (f.INSTABILITY | f.SEVERE_PAIN),
                 because="Pain is severe or the spine may be unstable in somebody who has or had cancer, and some "
                         "neurology was not assessed: held as an emergency until the coordinator has the answers "
                         "and decides."),
            sort("insufficient_information", step=5, stream=Stream.INSUFFICIENT_INFORMATION,
                 when=f.PAIN_NOT_ASSESSED | f.NEUROLOGY_NOT_ASSESSED,
                 because="Some pain or neurology findings were not assessed, so nothing can be ruled out yet."),
            contact("contact.insufficient", ContactUrgency.WITHIN_24_HOURS,
                    when=f.INSUFFICIENT,
                    because="What is missing is settled with the coordinator within 24 hours."),
            start_clock("coordinator_advice", "clock.coordinator_advice.other", hours=24, starts=SUBMITTED_AT,
                        formal=False, cites=("A5", "SVC-UNA"),
                        when=f.INSUFFICIENT | (f.URGENT_ONCOLOGY | f.SAFETY_NET | f.OUTSIDE_PATHWAY) & f.INSTABILITY
,
                        because="Advice from the coordinator is due within 24 hours of the referral."),
            give("seek_coordinator_advice_24h.insufficient",
                 when=f.INSUFFICIENT,
                 because="What was not assessed is settled with the coordinator within 24 hours."),
            give("examine_neurology_now",
                 when=f.PROVISIONAL | (f.EMERGENCY & ~f.ANY_NEUROLOGY | f.INSUFFICIENT)
                 & f.NEUROLOGY_OR_SADDLE_NOT_ASSESSED,
                 because="What was not examined is not a no: the answers decide how fast everything else has to "
                         "be."),
            warn("provisional_neurology_not_assessed",
                 when=f.PROVISIONAL,
                 text="Neurology was not fully assessed: this stays an emergency until all six findings are "
                      "answered and the coordinator has decided."),
        ),
        places=("rule:provisional.pain", "rule:provisional.imaging", "rule:provisional.unstable_or_severe",
                "rule:insufficient_information", "rule:contact.insufficient", "advice:examine_neurology_now",
                "advice:seek_coordinator_advice_24h", "clock:coordinator_advice",
                "warning:provisional_neurology_not_assessed",
                RESOLUTION + "test_a05_what_was_not_assessed_is_not_a_no"),
    ),
    Recommendation(
        id="A8", stage=Stage.RECOGNISE, who=(Who.COORDINATOR, Who.ONCOLOGY),
        decision="pain is routed by what is known of cancer",
        says="Pain without neurology goes to the week where cancer is known, to urgent oncology where it is "
             "suspected, and outside the pathway where it is neither, unless the coordinator accepts it, and only "
             "accepted cases are counted strictly.",
        rules=(
            sort("outside_pathway.pain", step=4, stream=Stream.OUTSIDE_PATHWAY,
                 when=f.ALL_NEUROLOGY_NO & f.ANY_PAIN & f.NO_KNOWN_CANCER,
                 because="There is pain but no neurology and no cancer is known or suspected: this pathway does "
                         "not apply unless the coordinator decides so."),
        ),
        places=("rule:one_week.pain", "rule:urgent_oncology.pain", "rule:outside_pathway.pain", "screen:case",
                RESOLUTION + "test_a08_pain_is_routed_by_what_is_known_of_cancer", "screen:measure",
                "test:tests/usecases/test_measures.py::"
                "TestStatements::test_2a_counts_literally_whoever_has_pain_and_adjusted_whom_a_coordinator_accepted"),
    ),
    Recommendation(
        id="A16", stage=Stage.IMAGE, who=(Who.REFERRER, Who.COORDINATOR, Who.RADIOLOGY),
        limit="4 hours as a warning; 24 hours formal",
        decision="saddle or sphincter signs also follow the cauda equina pathway",
        says="Bladder, bowel, saddle or sphincter signs add a warning that the cauda equina pathway scans within "
             "4 hours, while 24 hours stays the formal limit.",
        rules=(
            warn("cauda_equina_4h",
                 when=f.SADDLE_OR_BLADDER,
                 text="Bladder, bowel or saddle signs: where the spine is not imaged yet, the cauda equina "
                      "pathway aims for MRI within 4 hours of the request. 24 hours is the latest, not the aim."),
        ),
        places=("warning:cauda_equina_4h", "field:presentation.saddle_or_sphincter_signs", "clock:mri",
                RESOLUTION + "test_a16_saddle_signs_warn_of_four_hours_and_leave_the_limit"),
        why="The four hours are in the words of the warning and not a setting.",
    ),
    Recommendation(
        id="SVC-EDGE", stage=Stage.RECOGNISE, who=(Who.COORDINATOR,),
        decision="who stands outside this pathway",
        says="Somebody with none of the listed pain or neurology is outside this pathway, which asks for no "
             "contact of its own.",
        rules=(
            sort("outside_pathway", step=7, stream=Stream.OUTSIDE_PATHWAY,
                 when=ALWAYS,
                 because="None of the listed pain or neurology findings is present, so this pathway does not "
                         "apply by itself."),
            contact("contact.none", ContactUrgency.NONE,
                    when=ALWAYS,
                    because="This pathway asks for no contact."),
        ),
        places=("rule:outside_pathway", "rule:contact.none", "setting:acknowledge_other"),
    ),
    Recommendation(
        id="SVC-IMG", stage=Stage.IMAGE, who=(Who.COORDINATOR, Who.RADIOLOGY),
        decision="what imaging has shown counts, whoever asked for it",
        says="What imaging has shown counts towards the stream and the contact, whoever asked for the scan and "
             "why.",
        rules=(
            sort("emergency.imaging", step=1, stream=Stream.EMERGENCY,
                 when=f.MSCC_ON_IMAGING,
                 because="Imaging shows compression of the cord or cauda equina."),
            sort("one_week.imaging", step=3, stream=Stream.ONE_WEEK, cites=("QS-2b", "SVC-IMG"),
                 when=f.ALL_NEUROLOGY_NO & f.POSITIVE_IMAGING & ~f.IMPENDING,
                 because="Imaging shows spinal metastases and all neurology is no: a plan is due within a week."),
            sort("one_week.impending", step=3, stream=Stream.ONE_WEEK, cites=("QS-2b", "SVC-IMG"),
                 when=f.ALL_NEUROLOGY_NO & f.IMPENDING,
                 because="Imaging shows impending compression and all neurology is no: the coordinator hears of "
                         "it at once, and a week is the outside limit, not the aim."),
            contact("contact.impending", ContactUrgency.IMMEDIATELY,
                    when=f.IMPENDING,
                    because="Impending compression is told to the coordinator at once."),
            warn("discuss_impending_compression_now",
                 when=f.IMPENDING,
                 text="Imaging shows impending compression: discuss it with the coordinator now. Do not wait for "
                      "the stream's limit."),
            warn("discuss_spinal_surgery_now",
                 when=f.NON_MALIGNANT_COMPRESSION,
                 text="Imaging shows compression that is not malignant (such as an epidural abscess with or "
                      "without discitis, a haematoma, a disc or a fracture): discuss it with spinal surgery now."),
        ),
        places=("rule:emergency.imaging", "rule:one_week.imaging", "rule:one_week.impending",
                "rule:contact.impending", "warning:discuss_impending_compression_now",
                "warning:discuss_spinal_surgery_now"),
    ),
    Recommendation(
        id="SVC-UNS", stage=Stage.RECOGNISE, who=(Who.COORDINATOR,), limit="1 week",
        decision="severe or unstable pain in known cancer is never below one week",
        says="With a cancer now or in the past, severe pain or signs of instability are never left below the "
             "one-week stream once neurology is answered.",
        rules=(
            sort("one_week.unstable_or_severe", step=4, stream=Stream.ONE_WEEK,
                 when=f.ALL_NEUROLOGY_NO & (f.INSTABILITY | f.SEVERE_PAIN) & f.KNOWN_CANCER,
                 because="Severe pain or signs of instability in somebody who has or had cancer are never left "
                         "outside the one-week stream."),
        ),
        places=("rule:one_week.unstable_or_severe", "rule:seek_coordinator_advice_24h.other",
                "test:tests/guideline/test_stream.py::"
                "test_once_neurology_is_answered_known_cancer_with_instability_or_severe_pain_is_never_below_one_week"),
    ),
    Recommendation(
        id="SVC-UNA", stage=Stage.IMMOBILISE, who=(Who.REFERRER, Who.COORDINATOR), limit="24 hours",
        decision="an unstable spine is told to the coordinator whatever is known of cancer",
        says="An unstable spine is told to the coordinator within a day in every stream, and where no cancer is "
             "diagnosed the local route for an unstable spine is used as well.",
        rules=(
            contact("contact.unstable", ContactUrgency.WITHIN_24_HOURS,
                    when=f.INSTABILITY,
                    because="Signs of an unstable spine are told to the coordinator within 24 hours in every "
                            "stream."),
            give("seek_coordinator_advice_24h.unstable",
                 when=(f.URGENT_ONCOLOGY | f.SAFETY_NET | f.OUTSIDE_PATHWAY) & f.INSTABILITY,
                 because="Signs of an unstable spine get the coordinator's advice within 24 hours, whatever is "
                         "known of cancer."),
            warn("use_local_spinal_route",
                 when=f.INSTABILITY & ~f.KNOWN_CANCER & ~f.EMERGENCY,
                 text="The spine may be unstable and no cancer is diagnosed: also use the local route for an "
                      "unstable spine (spinal or trauma on call) now."),
        ),
        places=("rule:contact.unstable", "rule:seek_coordinator_advice_24h.unstable",
                "warning:use_local_spinal_route", "rule:clock.coordinator_advice.other"),
    ),
    Recommendation(
        id="SVC-NET", stage=Stage.RECOGNISE, who=(Who.REFERRER, Who.CLINICIAN),
        decision="nobody goes home without knowing what to watch for",
        says="Nobody who waits or is not referred on goes home without knowing which changes to watch for and "
             "whom to ring.",
        rules=(
            give("safety_net_advice.outside", cites=("A8", "SVC-NET"),
                 when=f.OUTSIDE_PATHWAY & (f.ANY_PAIN | f.LOW_BACK_PAIN),
                 because="Back pain that is not referred on still needs the person to know what to watch for."),
            give("safety_net_advice.waiting", cites=("A8", "SVC-NET"),
                 when=f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT,
                 because="While a scan, an assessment or an answer is awaited, the person needs to know what to "
                         "watch for."),
        ),
        places=("rule:safety_net_advice.outside", "rule:safety_net_advice.waiting", "advice:safety_net_advice",
                "screen:patient_sheet"),
    ),
    Recommendation(
        id="SVC-REP", stage=Stage.IMAGE, who=(Who.RADIOLOGY, Who.COORDINATOR),
        decision="a clean finding counts when final reports of the whole spine say so",
        says="MSCC is ruled out by final reports of neck, chest and lower back from scans since neurology last "
             "worsened, and by nothing less.",
        rules=(
            warn("imaging_result_outstanding",
                 when=f.WHOLE_SPINE_IMAGED & f.NO_IMAGING_FINDING,
                 text="The whole spine was scanned and its result is not known here: get the report now. Nothing "
                      "is ruled out."),
            warn("clean_imaging_not_final",
                 when=f.CLEAN_OR_NOT_MALIGNANT & f.REPORT_NOT_FINAL,
                 text="That imaging shows no malignant disease is not final: MSCC is not ruled out until final "
                      "reports of the whole spine say so."),
        ),
        places=("warning:imaging_result_outstanding", "warning:clean_imaging_not_final",
                "field:presentation.imaging_report"),
    ),
)  # fmt: skip
