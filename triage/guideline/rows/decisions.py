"""The rows of decisions that this service took where the guideline is silent."""

from triage.guideline.rows.row import GuidelineRow, Stage, Who

_SOURCE = "decision of this service"

ROWS: tuple[GuidelineRow, ...] = (
    GuidelineRow(
        id="SVC-EDGE", stage=Stage.RECOGNISE, who=(Who.COORDINATOR,), source=_SOURCE, confirmed=False,
        says="Whoever has none of the listed pain or neurology stands outside this pathway, which asks for no contact "
             "of its own.",
        places=("rule:outside_pathway", "rule:contact.none", "setting:acknowledge_other"),
    ),
    GuidelineRow(
        id="SVC-IMG", stage=Stage.IMAGE, who=(Who.COORDINATOR, Who.RADIOLOGY), source=_SOURCE, confirmed=False,
        says="What imaging has shown counts towards the stream and the contact, whoever asked for the scan and why.",
        places=("rule:emergency.imaging", "rule:one_week.imaging", "rule:one_week.impending", "rule:contact.impending",
                "warning:discuss_impending_compression_now",
            "warning:discuss_spinal_surgery_now"),
    ),
    GuidelineRow(
        id="SVC-UNS", stage=Stage.RECOGNISE, who=(Who.COORDINATOR,), source=_SOURCE, confirmed=False, limit="1 week",
        says="With a cancer now or in the past, severe pain or signs of instability are never left below the one-week "
             "stream once neurology is answered.",
        places=("rule:one_week.unstable_or_severe", "rule:seek_coordinator_advice_24h.other",
                "test:tests/guideline/test_stream.py"
                "::test_once_neurology_is_answered_known_cancer_with_instability_or_severe_pain"
                "_is_never_below_one_week"),
    ),
    GuidelineRow(
        id="SVC-NET", stage=Stage.RECOGNISE, who=(Who.REFERRER, Who.CLINICIAN), source=_SOURCE, confirmed=False,
        says="Nobody who waits or is not referred on goes home without knowing which changes to watch for and whom to "
             "ring.",
        places=("rule:safety_net_advice.outside", "rule:safety_net_advice.waiting", "advice:safety_net_advice",
                "screen:patient_sheet"),
    ),
    GuidelineRow(
        id="SVC-ACK", stage=Stage.CONTACT, who=(Who.COORDINATOR,), source=_SOURCE, confirmed=False,
        limit="15 minutes in an emergency, 1, 4 or 24 hours otherwise, as the service sets",
        says="A human acknowledges every referral within a time that the service promises, and in an emergency speaks "
             "to the referrer.",
        places=("clock:acknowledge", "clock:voice_contact", "setting:acknowledge_emergency", "setting:voice_contact",
                "test:tests/usecases/test_submitting.py::test_no_referral_goes_unseen"),
    ),
    GuidelineRow(
        id="IMG-7L", stage=Stage.IMAGE, who=(Who.RADIOLOGY,), source=_SOURCE, confirmed=False,
        limit="24 hours or 1 week",
        says="A CT that takes the place of a contraindicated MRI keeps the limit that the MRI would have had.",
        places=("rule:ct_instead_of_mri", "clock:mri",
                "test:tests/usecases/test_events.py::test_ct_counts_only_where_mri_is_contraindicated"),
    ),
    GuidelineRow(
        id="CLK-STE", stage=Stage.STEROID, who=(Who.CLINICIAN,), source=_SOURCE, confirmed=False, limit="24 hours",
        says="Dexamethasone is reviewed within a day of its start, and daily from then on.",
        places=("clock:steroid_review", "care:review_dexamethasone", "rule:review_dexamethasone",
                "event:dexamethasone_given"),
        why="The clock asks for the first review; the later ones are prompted without a clock.",
    ),
    GuidelineRow(
        id="SVC-UNA", stage=Stage.IMMOBILISE, who=(Who.REFERRER, Who.COORDINATOR), source=_SOURCE, confirmed=False,
        limit="24 hours",
        says="An unstable spine is told to the coordinator within a day in every stream, and where no cancer is diagnosed "
             "the local route for an unstable spine is used as well.",
        places=("rule:contact.unstable", "rule:seek_coordinator_advice_24h.unstable", "warning:use_local_spinal_route",
                "rule:clock.coordinator_advice.other"),
    ),
    GuidelineRow(
        id="SVC-NMC", stage=Stage.STEROID, who=(Who.SPINAL_SURGERY, Who.CLINICIAN), source=_SOURCE, confirmed=False,
        says="Compression that is not malignant (abscess or discitis, haematoma, disc, fracture) goes to a spinal surgeon "
             "first; a steroid only on their word.",
        places=("advice:hold_dexamethasone_discuss_spinal_surgery",),
    ),
    GuidelineRow(
        id="SVC-REL", stage=Stage.STEROID, who=(Who.HAEMATOLOGY,), source=_SOURCE, confirmed=False,
        says="A relapse of a cancer of the blood that was entered as past, with neither neurology nor a finding, needs "
             "tissue before a steroid.",
        places=("rule:hold_dexamethasone_discuss_haematology.relapse",),
    ),
    GuidelineRow(
        id="SVC-INF", stage=Stage.STEROID, who=(Who.REFERRER, Who.CLINICIAN), source=_SOURCE, confirmed=False,
        says="Infection, fever or a suspicion of spinal infection is asked about, and weighed by a senior clinician before "
             "the next dose of a steroid.",
        places=("warning:infection_before_dexamethasone", "field:presentation.active_infection"),
    ),
    GuidelineRow(
        id="SVC-REP", stage=Stage.IMAGE, who=(Who.RADIOLOGY, Who.COORDINATOR), source=_SOURCE, confirmed=False,
        says="MSCC is ruled out by final reports of neck, chest and lower back from scans since neurology last worsened, and "
             "by nothing less.",
        places=("warning:imaging_result_outstanding", "warning:clean_imaging_not_final",
                "field:presentation.imaging_report"),
    ),
    GuidelineRow(
        id="SVC-BLD", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY, Who.RADIOLOGY), source=_SOURCE, confirmed=False,
        says="Anticoagulant or antiplatelet with its last dose, platelets and clotting are known before a biopsy, a "
             "vertebral intervention or an operation.",
        places=("care:check_anticoagulant_and_platelets", "warning:anticoagulant_before_intervention",
                "field:clinical.anticoagulant"),
    ),
    GuidelineRow(
        id="SVC-SUR", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY, Who.COORDINATOR), source=_SOURCE, confirmed=False,
        says="A spinal surgeon speaks first where the place was operated on or irradiated before, and where compression is "
             "shown and no primary is known.",
        places=("care:spinal_surgeon_first", "judgement:recent_operation_at_level", "judgement:irradiated_at_level"),
    ),
    GuidelineRow(
        id="SVC-PRE", stage=Stage.RADIOTHERAPY, who=(Who.ONCOLOGY, Who.COORDINATOR), source=_SOURCE, confirmed=False,
        says="When MSCC is reported, radiotherapy is alerted while the surgical opinion is awaited, so that no time is lost if surgery is declined.",
        places=("care:prealert_radiotherapy",),
    ),
    GuidelineRow(
        id="SVC-PLE", stage=Stage.RADIOTHERAPY, who=(Who.CLINICIAN,), source=_SOURCE, confirmed=False,
        says="No power for two weeks, or bed-bound, is asked at referral; that plegia is complete, and for how long, is "
             "judged by a clinician and never taken from a form.",
        places=("care:judge_plegia", "field:clinical.bed_bound_two_weeks"),
    ),
    GuidelineRow(
        id="SVC-CLN", stage=Stage.IMAGE, who=(Who.CLINICIAN, Who.RADIOLOGY), source=_SOURCE, confirmed=False,
        says="With neurology and a clean spine one looks on: infection, leptomeningeal or intramedullary disease, "
             "inflammation, a vascular cause, the brain.",
        places=("care:clean_spine_with_neurology",),
    ),
)  # fmt: skip
