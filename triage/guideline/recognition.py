"""Recognition and contact (NG234 1.3): which stream, whom to contact, which clocks."""

from triage.guideline import criteria as f
from triage.guideline import sources as s
from triage.guideline.rule import (
    ALWAYS,
    AdviceRule,
    ContactRule,
    ContactUrgency,
    Stream,
    StreamRule,
    WarningRule,
)

STREAM_RULES: tuple[StreamRule, ...] = (
    StreamRule(
        id="emergency.known_cancer", step=1, stream=Stream.EMERGENCY,
        when=f.ANY_NEUROLOGY & f.KNOWN_CANCER,
        says="Neurological symptoms or signs in somebody who has or had cancer are an oncological emergency.",
        sources=(s.REC_2,),
    ),
    StreamRule(
        id="emergency.no_known_cancer", step=1, stream=Stream.EMERGENCY,
        when=f.ANY_NEUROLOGY & ~f.KNOWN_CANCER,
        says="Neurological symptoms or signs are treated as an emergency although no cancer is diagnosed: "
             "about one in five people with MSCC did not know of theirs.",
        sources=(s.ANY_CANCER_CONTEXT,),
    ),
    StreamRule(
        id="emergency.imaging", step=1, stream=Stream.EMERGENCY,
        when=f.MSCC_ON_IMAGING,
        says="Imaging shows compression of the cord or cauda equina.",
        sources=(s.CONFIRMED_ON_IMAGING,),
    ),
    StreamRule(
        id="provisional.pain", step=2, stream=Stream.EMERGENCY, provisional=True,
        when=f.NEUROLOGY_NOT_ASSESSED & f.ANY_PAIN & ~f.NO_KNOWN_CANCER,
        says="There is suspicious pain and some neurology was not assessed: held as an emergency until the "
             "coordinator has the answers and decides.",
        sources=(s.NOT_ASSESSED,),
    ),
    StreamRule(
        id="provisional.imaging", step=2, stream=Stream.EMERGENCY, provisional=True,
        when=f.NEUROLOGY_NOT_ASSESSED & f.POSITIVE_IMAGING,
        says="Imaging shows spinal metastases or compression and some neurology was not assessed: held as an "
             "emergency until the coordinator has the answers and decides.",
        sources=(s.NOT_ASSESSED,),
    ),
    StreamRule(
        id="provisional.unstable_or_severe", step=2, stream=Stream.EMERGENCY, provisional=True,
        when=f.NEUROLOGY_NOT_ASSESSED & f.KNOWN_CANCER & (f.INSTABILITY | f.SEVERE_PAIN),
        says="Pain is severe or the spine may be unstable in somebody who has or had cancer, and some neurology was "
             "not assessed: held as an emergency until the coordinator has the answers and decides.",
        sources=(s.NOT_ASSESSED,),
    ),
    StreamRule(
        id="one_week.imaging", step=3, stream=Stream.ONE_WEEK,
        when=f.ALL_NEUROLOGY_NO & f.POSITIVE_IMAGING & ~f.IMPENDING,
        says="Imaging shows spinal metastases and all neurology is no: a plan is due within a week.",
        sources=(s.QS_2B, s.CONFIRMED_ON_IMAGING),
    ),
    StreamRule(
        id="one_week.impending", step=3, stream=Stream.ONE_WEEK,
        when=f.ALL_NEUROLOGY_NO & f.IMPENDING,
        says="Imaging shows impending compression and all neurology is no: the coordinator hears of it at "
             "once, and a week is the outside limit, not the aim.",
        sources=(s.QS_2B, s.CONFIRMED_ON_IMAGING),
    ),
    StreamRule(
        id="one_week.pain", step=4, stream=Stream.ONE_WEEK,
        when=f.ALL_NEUROLOGY_NO & f.ANY_PAIN & f.KNOWN_CANCER,
        says="Pain that suggests spinal metastases, without neurology, in somebody who has or had cancer "
             "needs the coordinator's advice within 24 hours and MRI within a week.",
        sources=(s.REC_3, s.IMG_2),
    ),
    StreamRule(
        id="one_week.unstable_or_severe", step=4, stream=Stream.ONE_WEEK,
        when=f.ALL_NEUROLOGY_NO & (f.INSTABILITY | f.SEVERE_PAIN) & f.KNOWN_CANCER,
        says="Severe pain or signs of instability in somebody who has or had cancer are never left outside "
             "the one-week stream.",
        sources=(s.UNSTABLE_OR_SEVERE,),
    ),
    StreamRule(
        id="urgent_oncology.pain", step=4, stream=Stream.URGENT_ONCOLOGY,
        when=f.ALL_NEUROLOGY_NO & f.ANY_PAIN & f.CANCER_SUSPECTED,
        says="Pain that suggests spinal metastases, without neurology, where cancer is suspected needs "
             "urgent oncology assessment.",
        sources=(s.REC_5,),
    ),
    StreamRule(
        id="outside_pathway.pain", step=4, stream=Stream.OUTSIDE_PATHWAY,
        when=f.ALL_NEUROLOGY_NO & f.ANY_PAIN & f.NO_KNOWN_CANCER,
        says="There is pain but no neurology and no cancer is known or suspected: this pathway does not "
             "apply unless the coordinator decides so.",
        sources=(s.CANCER_SPLIT,),
    ),
    StreamRule(
        id="insufficient_information", step=5, stream=Stream.INSUFFICIENT_INFORMATION,
        when=f.PAIN_NOT_ASSESSED | f.NEUROLOGY_NOT_ASSESSED,
        says="Some pain or neurology findings were not assessed, so nothing can be ruled out yet.",
        sources=(s.NOT_ASSESSED,),
    ),
    StreamRule(
        id="safety_net", step=6, stream=Stream.SAFETY_NET,
        when=f.KNOWN_CANCER & f.LOW_BACK_PAIN,
        says="There is back pain without suspicious features in somebody who has or had cancer: explain "
             "which changes to watch for.",
        sources=(s.REC_6,),
    ),
    StreamRule(
        id="outside_pathway", step=7, stream=Stream.OUTSIDE_PATHWAY,
        when=ALWAYS,
        says="None of the listed pain or neurology findings is present, so this pathway does not apply by "
             "itself.",
        sources=(s.PATHWAY_EDGE,),
    ),
)  # fmt: skip

CONTACT_RULES: tuple[ContactRule, ...] = (
    ContactRule(
        id="contact.emergency", contact=ContactUrgency.IMMEDIATELY, when=f.EMERGENCY & f.KNOWN_CANCER,
        says="An emergency is told to the coordinator at once.", sources=(s.REC_2,),
    ),
    ContactRule(
        id="contact.emergency.no_known_cancer", contact=ContactUrgency.IMMEDIATELY, when=f.EMERGENCY,
        says="An emergency is told to the coordinator at once, whatever is known of cancer.",
        sources=(s.ANY_CANCER_CONTEXT,),
    ),
    ContactRule(
        id="contact.impending", contact=ContactUrgency.IMMEDIATELY, when=f.IMPENDING,
        says="Impending compression is told to the coordinator at once.", sources=(s.CONFIRMED_ON_IMAGING,),
    ),
    ContactRule(
        id="contact.one_week", contact=ContactUrgency.WITHIN_24_HOURS, when=f.ONE_WEEK & f.KNOWN_CANCER,
        says="The coordinator's advice is sought within 24 hours.", sources=(s.REC_3,),
    ),
    ContactRule(
        id="contact.one_week.no_known_cancer", contact=ContactUrgency.WITHIN_24_HOURS, when=f.ONE_WEEK,
        says="The coordinator's advice is sought within 24 hours, whatever is known of cancer.",
        sources=(s.ANY_CANCER_CONTEXT,),
    ),
    ContactRule(
        id="contact.unstable", contact=ContactUrgency.WITHIN_24_HOURS, when=f.INSTABILITY,
        says="Signs of an unstable spine are told to the coordinator within 24 hours in every stream.",
        sources=(s.UNSTABLE_ANYWHERE,),
    ),
    ContactRule(
        id="contact.urgent_oncology", contact=ContactUrgency.URGENT_ONCOLOGY_REFERRAL, when=f.URGENT_ONCOLOGY,
        says="Oncology is asked for an urgent assessment.", sources=(s.REC_5,),
    ),
    ContactRule(
        id="contact.insufficient", contact=ContactUrgency.WITHIN_24_HOURS, when=f.INSUFFICIENT,
        says="What is missing is settled with the coordinator within 24 hours.", sources=(s.NOT_ASSESSED,),
    ),
    ContactRule(
        id="contact.none", contact=ContactUrgency.NONE, when=ALWAYS,
        says="This pathway asks for no contact.", sources=(s.PATHWAY_EDGE,),
    ),
)  # fmt: skip

ADVICE_RULES: tuple[AdviceRule, ...] = (
    AdviceRule(
        id="contact_coordinator_immediately.emergency", code="contact_coordinator_immediately",
        when=f.EMERGENCY & f.ANY_NEUROLOGY & f.KNOWN_CANCER,
        says="With cancer and neurology the coordinator hears of it immediately.",
        sources=(s.REC_2,),
    ),
    AdviceRule(
        id="contact_coordinator_immediately.held", code="contact_coordinator_immediately",
        when=f.EMERGENCY & ~f.ANY_NEUROLOGY & f.KNOWN_CANCER,
        says="This service treats every emergency alike: the coordinator hears of it immediately.",
        sources=(s.REC_2, s.ANY_CANCER_CONTEXT),
    ),
    AdviceRule(
        id="contact_coordinator_immediately.no_known_cancer", code="contact_coordinator_immediately",
        when=f.EMERGENCY & ~f.KNOWN_CANCER,
        says="No cancer is diagnosed, and the coordinator still hears of an emergency immediately.",
        sources=(s.ANY_CANCER_CONTEXT, s.QS_3),
    ),
    AdviceRule(
        id="contact_coordinator_immediately.impending", code="contact_coordinator_immediately",
        when=~f.EMERGENCY & f.IMPENDING & f.KNOWN_CANCER,
        says="The coordinator hears of impending compression immediately, before the cord is harmed.",
        sources=(s.REC_2, s.CONFIRMED_ON_IMAGING),
    ),
    AdviceRule(
        id="contact_coordinator_immediately.impending_no_known_cancer", code="contact_coordinator_immediately",
        when=~f.EMERGENCY & f.IMPENDING & ~f.KNOWN_CANCER,
        says="Impending compression is told to the coordinator immediately, whatever is known of cancer.",
        sources=(s.ANY_CANCER_CONTEXT, s.QS_2A),
    ),
    AdviceRule(
        id="seek_coordinator_advice_24h.pain", code="seek_coordinator_advice_24h",
        when=f.ONE_WEEK & ~f.IMPENDING & f.ANY_PAIN & f.KNOWN_CANCER,
        says="Suspicious pain without neurology needs the coordinator's advice within 24 hours.",
        sources=(s.REC_3,),
    ),
    AdviceRule(
        id="seek_coordinator_advice_24h.other", code="seek_coordinator_advice_24h",
        when=f.ONE_WEEK & ~f.IMPENDING & ~f.ANY_PAIN & f.KNOWN_CANCER,
        says="Metastases on imaging, severe pain or instability get the coordinator's advice as soon as "
             "suspicious pain does, within 24 hours.",
        sources=(s.REC_3, s.UNSTABLE_OR_SEVERE),
    ),
    AdviceRule(
        id="seek_coordinator_advice_24h.no_known_cancer", code="seek_coordinator_advice_24h",
        when=f.ONE_WEEK & ~f.IMPENDING & ~f.KNOWN_CANCER,
        says="Metastases on imaging get the coordinator's advice within 24 hours, although no cancer is diagnosed.",
        sources=(s.ANY_CANCER_CONTEXT, s.QS_2A),
    ),
    AdviceRule(
        id="seek_coordinator_advice_24h.insufficient", code="seek_coordinator_advice_24h",
        when=f.INSUFFICIENT,
        says="What was not assessed is settled with the coordinator within 24 hours.",
        sources=(s.NOT_ASSESSED,),
    ),
    AdviceRule(
        id="seek_coordinator_advice_24h.unstable", code="seek_coordinator_advice_24h",
        when=(f.URGENT_ONCOLOGY | f.SAFETY_NET | f.OUTSIDE_PATHWAY) & f.INSTABILITY,
        says="Signs of an unstable spine get the coordinator's advice within 24 hours, whatever is known of cancer.",
        sources=(s.UNSTABLE_ANYWHERE,),
    ),
    AdviceRule(
        id="refer_urgent_oncology", code="refer_urgent_oncology",
        when=f.URGENT_ONCOLOGY,
        says="Suspicious pain where cancer is only suspected needs an urgent oncology assessment.",
        sources=(s.REC_5,),
    ),
    AdviceRule(
        id="safety_net_advice", code="safety_net_advice",
        when=f.SAFETY_NET,
        says="Somebody who has or had cancer and has back pain needs to know what to watch for.",
        sources=(s.REC_6,),
    ),
    AdviceRule(
        id="safety_net_advice.outside", code="safety_net_advice",
        when=f.OUTSIDE_PATHWAY & (f.ANY_PAIN | f.LOW_BACK_PAIN),
        says="Back pain that is not referred on still needs the person to know what to watch for.",
        sources=(s.CANCER_SPLIT, s.SAFETY_NET_FOR_ALL),
    ),
    AdviceRule(
        id="safety_net_advice.waiting", code="safety_net_advice",
        when=f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT,
        says="While a scan, an assessment or an answer is awaited, the person needs to know what to watch for.",
        sources=(s.CANCER_SPLIT, s.SAFETY_NET_FOR_ALL),
    ),
    AdviceRule(
        id="examine_neurology_now", code="examine_neurology_now",
        when=f.PROVISIONAL | (f.EMERGENCY & ~f.ANY_NEUROLOGY | f.INSUFFICIENT) & f.NEUROLOGY_OR_SADDLE_NOT_ASSESSED,
        says="What was not examined is not a no: the answers decide how fast everything else has to be.",
        sources=(s.NOT_ASSESSED,),
    ),
    AdviceRule(
        id="record_key_information", code="record_key_information",
        when=f.EMERGENCY | f.ONE_WEEK | f.INSUFFICIENT,
        says="The key information about the person goes into the coordinator's record.",
        sources=(s.COO_1,),
    ),
)  # fmt: skip

WARNING_RULES: tuple[WarningRule, ...] = (
    WarningRule(
        id="use_local_emergency_route", code="use_local_emergency_route",
        when=f.EMERGENCY & ~f.KNOWN_CANCER,
        says="No cancer is diagnosed: also use the local emergency spinal or cauda equina route now. "
             "Do not wait for the coordinator.",
        sources=(s.ANY_CANCER_CONTEXT,),
    ),
    WarningRule(
        id="cauda_equina_4h", code="cauda_equina_4h",
        when=f.SADDLE_OR_BLADDER,
        says="Bladder, bowel or saddle signs: where the spine is not imaged yet, the cauda equina pathway aims "
             "for MRI within 4 hours of the request. 24 hours is the latest, not the aim.",
        sources=(s.CAUDA_EQUINA,),
    ),
    WarningRule(
        id="provisional_neurology_not_assessed", code="provisional_neurology_not_assessed",
        when=f.PROVISIONAL,
        says="Neurology was not fully assessed: this stays an emergency until all six findings are answered "
             "and the coordinator has decided.",
        sources=(s.NOT_ASSESSED,),
    ),
    WarningRule(
        id="discuss_impending_compression_now", code="discuss_impending_compression_now",
        when=f.IMPENDING,
        says="Imaging shows impending compression: discuss it with the coordinator now. Do not wait for the "
             "stream's limit.",
        sources=(s.CONFIRMED_ON_IMAGING,),
    ),
    WarningRule(
        id="discuss_spinal_surgery_now", code="discuss_spinal_surgery_now",
        when=f.NON_MALIGNANT_COMPRESSION,
        says="Imaging shows compression that is not malignant (such as an epidural abscess with or without discitis, a "
             "haematoma, a disc or a fracture): discuss it with spinal surgery now.",
        sources=(s.CONFIRMED_ON_IMAGING,),
    ),
    WarningRule(
        id="use_local_spinal_route", code="use_local_spinal_route",
        when=f.INSTABILITY & ~f.KNOWN_CANCER & ~f.EMERGENCY,
        says="The spine may be unstable and no cancer is diagnosed: also use the local route for an unstable spine "
             "(spinal or trauma on call) now.",
        sources=(s.UNSTABLE_ANYWHERE,),
    ),
    WarningRule(
        id="imaging_result_outstanding", code="imaging_result_outstanding",
        when=f.WHOLE_SPINE_IMAGED & f.NO_IMAGING_FINDING,
        says="The whole spine was scanned and its result is not known here: get the report now. Nothing is ruled out.",
        sources=(s.REPORT_COUNTS,),
    ),
    WarningRule(
        id="clean_imaging_not_final", code="clean_imaging_not_final",
        when=f.CLEAN_OR_NOT_MALIGNANT & f.REPORT_NOT_FINAL,
        says="That imaging shows no malignant disease is not final: MSCC is not ruled out until final reports of the "
             "whole spine say so.",
        sources=(s.REPORT_COUNTS,),
    ),
)  # fmt: skip
