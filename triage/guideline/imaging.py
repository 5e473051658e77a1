"""Imaging (NG234 1.5)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
from triage.guideline.clocks import MSCC_SUSPECTED_AT, SUSPECTED_AT
from triage.guideline.recommendation import (
    ACT,
    AT_ITS_STAGE,
    CONSIDER,
    DO_NOT,
    OFFER,
    RESOLUTION,
    Advice,
    Recommendation,
    give,
    start_clock,
)
from triage.guideline.rows.row import Stage, Who

_MRI_STILL_DUE = ~f.MRI_CONTRAINDICATED & ~f.WHOLE_SPINE_IMAGED

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="IMG-1", number="1.5.2", confirmed=True, stage=Stage.IMAGE, who=(Who.RADIOLOGY,), strength=OFFER,
        limit="24 hours",
        says="Radiology offers MRI at the first opportunity, never later than 24 hours, to somebody with suspected "
             "MSCC.",
        tells=(
            Advice(code="mri_whole_spine_24h", strength=OFFER, topic="transfer",
                   text="Offer MRI of the whole spine at the first chance; 24 hours is the limit, not the aim. "
                        "Locally, or at a centre with direct access."),
        ),
        rules=(
            start_clock("mri", "clock.mri_24h", hours=24, starts=MSCC_SUSPECTED_AT, formal=True,
                        cites=("IMG-1", "QS-3"),
                        when=f.EMERGENCY & ~f.WHOLE_SPINE_IMAGED & f.KNOWN_CANCER,
                        because="MRI of the whole spine is due within 24 hours of the suspicion of MSCC."),
            start_clock("mri", "clock.mri_24h.no_known_cancer", hours=24, starts=MSCC_SUSPECTED_AT, formal=True,
                        cites=("A1", "QS-3"),
                        when=f.EMERGENCY & ~f.WHOLE_SPINE_IMAGED & ~f.KNOWN_CANCER,
                        because="MRI of the whole spine is due within 24 hours of the suspicion of MSCC, whatever "
                                "is known of cancer."),
            give("mri_whole_spine_24h", cites=("IMG-1", "IMG-3", "QS-3"),
                 when=f.EMERGENCY & _MRI_STILL_DUE & f.KNOWN_CANCER,
                 because="In an emergency the whole spine is scanned by MRI at the first chance, 24 hours being "
                         "the limit."),
            give("mri_whole_spine_24h.no_known_cancer", cites=("A1", "IMG-3", "QS-3"),
                 when=f.EMERGENCY & _MRI_STILL_DUE & ~f.KNOWN_CANCER,
                 because="An emergency is scanned within 24 hours although no cancer is diagnosed."),
        ),
        places=("advice:mri_whole_spine_24h", "rule:clock.mri_24h", "clock:mri", "event:mri_booked",
                "test:tests/usecases/test_submitting.py::"
                "test_an_emergency_starts_its_clocks_from_the_suspicion_and_pages_from_the_sending"),
    ),
    Recommendation(
        id="IMG-2", number="1.5.3", confirmed=True, stage=Stage.IMAGE, who=(Who.RADIOLOGY,), strength=OFFER,
        limit="1 week",
        says="Radiology at the local hospital offers MRI within a week to somebody with suspected metastases and "
             "no neurology.",
        tells=(
            Advice(code="mri_whole_spine_1w", strength=OFFER, topic="transfer",
                   text="Offer MRI of the whole spine at the local hospital; one week from the suspicion is the "
                        "limit, and sooner where the coordinator says so."),
        ),
        rules=(
            start_clock("mri", "clock.mri_1w", hours=168, starts=SUSPECTED_AT, formal=True,
                        cites=("IMG-2", "QS-2a"),
                        when=f.ONE_WEEK & ~f.WHOLE_SPINE_IMAGED & f.KNOWN_CANCER,
                        because="MRI of the whole spine is due within one week of the suspicion."),
            start_clock("mri", "clock.mri_1w.no_known_cancer", hours=168, starts=SUSPECTED_AT, formal=True,
                        cites=("A1", "QS-2a"),
                        when=f.ONE_WEEK & ~f.WHOLE_SPINE_IMAGED & ~f.KNOWN_CANCER,
                        because="MRI of the whole spine is due within one week of the suspicion, whatever is "
                                "known of cancer."),
            give("mri_whole_spine_1w", cites=("IMG-2", "IMG-3", "QS-2a"),
                 when=f.ONE_WEEK & _MRI_STILL_DUE & f.KNOWN_CANCER,
                 because="In the one-week stream the whole spine is scanned by MRI, one week being the limit."),
            give("mri_whole_spine_1w.no_known_cancer", cites=("A1", "IMG-3", "QS-2a"),
                 when=f.ONE_WEEK & _MRI_STILL_DUE & ~f.KNOWN_CANCER,
                 because="Metastases on imaging are followed by MRI of the whole spine within a week although no "
                         "cancer is diagnosed."),
        ),
        places=("rule:one_week.pain", "advice:mri_whole_spine_1w", "rule:clock.mri_1w", "clock:mri",
                "test:tests/usecases/test_submitting.py::"
                "test_pain_alone_starts_advice_scan_and_plan_from_the_suspicion"),
    ),
    Recommendation(
        id="IMG-3", number="1.5.5", confirmed=True, stage=Stage.IMAGE, who=(Who.RADIOLOGY,), strength=ACT,
        says="Radiology scans the whole spine, under either limit.",
        places=("advice:mri_whole_spine_24h", "advice:mri_whole_spine_1w", "field:presentation.whole_spine_imaged",
                "event:mri_performed",
                "test:tests/usecases/test_events.py::"
                "test_part_of_the_spine_does_not_stop_the_clock_and_scans_add_up"),
    ),
    Recommendation(
        id="IMG-4", number="1.5", stage=Stage.IMAGE, who=(Who.RADIOLOGY,), strength=ACT,
        says="Radiology takes sagittal T1 or STIR of the whole spine, or both, sagittal T2 to see where and how "
             "far the cord is compressed, and axial images of abnormal areas.",
        tells=(
            Advice(code="mri_technique", strength=ACT, topic="image",
                   text="Ask for sagittal T1 or STIR of the whole spine, sagittal T2 where the cord may be "
                        "compressed, and axial images through what is abnormal."),
        ),
        rules=(
            give("mri_technique",
                 when=(f.EMERGENCY | f.ONE_WEEK) & _MRI_STILL_DUE,
                 because="What the sequences show decides the treatment."),
        ),
        places=("care:mri_technique", AT_ITS_STAGE),
    ),
    Recommendation(
        id="IMG-5", number="1.5", stage=Stage.IMAGE, who=(Who.COORDINATOR, Who.RADIOLOGY), strength=ACT,
        says="Coordinator and radiology have the scan done nearby or at a centre with direct access, and move the "
             "person to a tertiary centre for it only when nothing local is possible.",
        tells=(
            Advice(code="mri_locally_first", strength=ACT, topic="image",
                   text="Have the scan done locally, or at a centre with direct access. Transfer for the scan "
                        "alone only where that is impossible, and record why."),
        ),
        rules=(
            give("mri_locally_first", cites=("IMG-5", "A18"),
                 when=(f.EMERGENCY | f.ONE_WEEK) & _MRI_STILL_DUE,
                 because="A transfer for the scan alone costs time: it is for when no local scan is possible."),
        ),
        places=("advice:mri_whole_spine_24h", "advice:mri_whole_spine_1w", "care:mri_locally_first",
                "event:mri_booked", AT_ITS_STAGE),
    ),
    Recommendation(
        id="IMG-6", number="1.5.4", stage=Stage.IMAGE, who=(Who.RADIOLOGY, Who.COORDINATOR), strength=CONSIDER,
        says="Radiology and coordinator may have the scan done overnight when treatment would start as soon as "
             "the diagnosis is known.",
        tells=(
            Advice(code="overnight_mri", strength=CONSIDER, topic="image",
                   text="Consider a scan tonight if treatment would follow at once."),
        ),
        rules=(
            give("overnight_mri",
                 when=f.EMERGENCY & f.ANY_NEUROLOGY & _MRI_STILL_DUE,
                 because="Where treatment would follow at once, the scan may be done at night."),
        ),
        places=("care:overnight_mri", AT_ITS_STAGE),
    ),
    Recommendation(
        id="IMG-7", number="1.5", stage=Stage.IMAGE, who=(Who.RADIOLOGY,), strength=ACT, limit="as for MRI",
        says="Radiology uses CT where MRI is contraindicated, and this service holds it to the limit that MRI "
             "would have had.",
        tells=(
            Advice(code="ct_instead_of_mri", strength=ACT, topic="transfer",
                   text="Image the whole spine by CT, because MRI is contraindicated, within the limit that MRI "
                        "would have."),
        ),
        rules=(
            give("ct_instead_of_mri", cites=("IMG-7", "IMG-7L"),
                 when=(f.EMERGENCY | f.ONE_WEEK) & f.MRI_CONTRAINDICATED & ~f.WHOLE_SPINE_IMAGED,
                 because="MRI is contraindicated, so the whole spine is imaged by CT within the same limit."),
        ),
        places=("advice:ct_instead_of_mri", "field:presentation.mri_contraindicated", "clock:mri",
                "test:tests/usecases/test_events.py::test_ct_counts_only_where_mri_is_contraindicated",
                "test:tests/doors/test_case_page.py::test_ct_is_prefilled_where_mri_is_contraindicated"),
    ),
    Recommendation(
        id="IMG-7L", stage=Stage.IMAGE, who=(Who.RADIOLOGY,), limit="24 hours or 1 week",
        decision="CT instead of MRI keeps the same limit",
        says="A CT that takes the place of a contraindicated MRI keeps the limit that the MRI would have had.",
        places=("rule:ct_instead_of_mri", "clock:mri",
                "test:tests/usecases/test_events.py::test_ct_counts_only_where_mri_is_contraindicated"),
    ),
    Recommendation(
        id="IMG-8", number="1.5", stage=Stage.IMAGE, who=(Who.RADIOLOGY,), strength=CONSIDER,
        says="Radiology uses myelography only in the rare case that CT leaves open, and only at a neuroscience "
        "or spinal surgical centre.",
        tells=(
            Advice(code="myelography_at_centre_only", strength=CONSIDER, topic="image",
                   text="Consider myelography, at a neuroscience or spinal surgical centre and nowhere else."),
        ),
        rules=(
            give("myelography_at_centre_only",
                 when=f.MRI_CONTRAINDICATED & c.CT_AT_HAND & c.MORE_IMAGING_NEEDED,
                 because="MRI cannot be done and CT did not answer the question."),
        ),
        places=("care:myelography_at_centre_only", "judgement:more_imaging_needed", AT_ITS_STAGE),
    ),
    Recommendation(
        id="IMG-9", number="1.5", stage=Stage.IMAGE, who=(Who.REFERRER, Who.CLINICIAN), strength=DO_NOT,
        says="Nobody takes a plain X-ray as showing or excluding metastases or MSCC.",
        tells=(
            Advice(code="no_plain_xray", strength=DO_NOT, topic="transfer",
                   text="Do not rely on plain X-rays to show or exclude metastases or cord compression."),
        ),
        rules=(
            give("no_plain_xray",
                 when=f.EMERGENCY | f.ONE_WEEK | f.URGENT_ONCOLOGY | f.INSUFFICIENT,
                 because="A plain X-ray cannot be relied on to show or to exclude metastases or cord compression."),
        ),
        places=("advice:no_plain_xray", "screen:referral_advice"),
    ),
    Recommendation(
        id="IMG-10", number="1.5.1", stage=Stage.IMAGE, who=(Who.RADIOLOGY,), strength=ACT, limit="urgently",
        says="A radiologist supervises the imaging, checks that it is complete, and reports it urgently.",
        tells=(
            Advice(code="report_urgently", strength=ACT, topic="image",
                   text="Have a radiologist report the scan urgently, all of it, and tell whoever asked."),
        ),
        rules=(
            give("report_urgently",
                 when=c.REPORT_AWAITED,
                 because="A scan that nobody has reported decides nothing."),
        ),
        places=("clock:mri_report", "event:mri_reported", "care:report_urgently",
                "test:tests/usecases/test_events.py::test_reporting_a_scan_of_the_one_week_stream_has_a_day",
                "test:tests/doors/test_case_page.py::test_the_scan_is_recorded_step_by_step"),
    ),
    Recommendation(
        id="IMG-11", number="1.5", stage=Stage.IMAGE, who=(Who.RADIOLOGY,), strength=CONSIDER,
        says="Radiology considers reconstructing an available CT in several planes, to judge stability and to "
             "plan vertebroplasty, kyphoplasty or surgery.",
        tells=(
            Advice(code="reconstruct_ct", strength=CONSIDER, topic="image",
                   text="Consider reconstructing the CT in three planes, to assess stability and to plan "
                        "vertebroplasty, kyphoplasty or surgery."),
        ),
        rules=(
            give("reconstruct_ct",
                 when=f.POSITIVE_IMAGING & c.CT_AT_HAND,
                 because="A CT at hand shows stability in several planes, and helps to plan an intervention."),
        ),
        places=("care:reconstruct_ct", "judgement:recent_ct", "screen:act", AT_ITS_STAGE),
    ),
    Recommendation(
        id="A18", stage=Stage.IMAGE, who=(Who.COORDINATOR, Who.RADIOLOGY),
        decision="a scan elsewhere than locally needs a reason",
        says="In both streams the scan is done locally, and elsewhere only with a reason.",
        places=("rule:mri_locally_first", "care:mri_locally_first", "event:mri_booked",
                "test:tests/doors/test_sites.py::TestBooking::test_a_scan_away_from_the_patient_needs_a_reason",
                RESOLUTION + "test_a18_the_scan_is_local_in_both_streams"),
        why="A coordinator's booking away from a site with MRI, where the patient is, is refused without the reason; one "
            "that a hospital system reports is kept as it comes.",
    ),
    Recommendation(
        id="SVC-CLN", stage=Stage.IMAGE, who=(Who.CLINICIAN, Who.RADIOLOGY),
        decision="a clean spine with neurology is not the end of looking",
        says="With neurology and a clean spine the search for a cause goes on: infection, leptomeningeal or "
        "intramedullary disease,"
             "inflammation, a vascular cause, the brain.",
        tells=(
            Advice(code="clean_spine_with_neurology", strength=ACT, topic="image",
                   text="Keep looking for the cause: the spine is clear and there are neurological signs. "
                        "Consider infection (discitis, abscess elsewhere), leptomeningeal or intramedullary "
                        "disease, inflammation, a vascular cause, the brain. Ask a neurologist and the "
                        "radiologist now."),
        ),
        rules=(
            give("clean_spine_with_neurology",
                 when=f.RULED_OUT & f.NO_MALIGNANT_DISEASE & f.ANY_NEUROLOGY,
                 because="The spine is clean and the neurology has another cause, which may be as urgent."),
        ),
        places=("care:clean_spine_with_neurology",),
    ),
)  # fmt: skip
