"""The rows that compare the guideline of 2008 with that of 2023, and what the difference does here."""

from triage.guideline.rows.row import GuidelineRow, Stage, Who

_SOURCE = "CG75 2008 against NG234 2023"

ROWS: tuple[GuidelineRow, ...] = (
    GuidelineRow(
        id="CG-1",
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER,),
        source=_SOURCE,
        confirmed=False,
        says="Where the old guideline spoke of patients with cancer, the new one takes in everybody who has or ever "
        "had one, so a history in remission counts.",
        places=(
            "field:presentation.cancer_context",
            "rule:emergency.known_cancer",
            "rule:one_week.pain",
            "command:compare_editions",
        ),
    ),
    GuidelineRow(
        id="CG-2",
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER,),
        source=_SOURCE,
        confirmed=False,
        says="The list of suspicious pain no longer asks where in the spine it is, and has gained mechanical pain and "
        "claudication.",
        places=(
            "field:presentation.pain.mechanical",
            "field:presentation.pain.claudication",
            "field:clinical.pain_levels",
            "command:compare_editions",
        ),
        why="The region is recorded so that the two editions can be compared; no rule in force reads it.",
    ),
    GuidelineRow(
        id="CG-3",
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER,),
        source=_SOURCE,
        confirmed=False,
        says="Neurology makes an emergency by itself, whereas the old guideline wanted symptoms of metastases with it.",
        places=(
            "rule:emergency.known_cancer",
            "command:compare_editions",
            "test:tests/guideline/test_stream.py::test_any_neurology_yes_is_an_emergency",
        ),
    ),
    GuidelineRow(
        id="CG-4",
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER,),
        source=_SOURCE,
        confirmed=False,
        says="The list of neurology is wider: it now has disturbed gait, numbness and tingling.",
        places=(
            "field:presentation.neurology.gait_disturbance",
            "field:presentation.neurology.sensory_disturbance",
            "command:compare_editions",
        ),
    ),
    GuidelineRow(
        id="CG-5",
        stage=Stage.IMAGE,
        who=(Who.RADIOLOGY, Who.COORDINATOR),
        source=_SOURCE,
        confirmed=False,
        limit="24 hours or 1 week",
        says="The limit is now on the scan itself and not on a plan made after it, so the plan has its own clock.",
        places=(
            "clock:mri",
            "clock:treatment_plan",
            "rule:clock.mri_24h",
            "rule:clock.mri_1w",
            "command:compare_editions",
        ),
    ),
    GuidelineRow(
        id="CG-6",
        stage=Stage.IMAGE,
        who=(Who.COORDINATOR, Who.RADIOLOGY),
        source=_SOURCE,
        confirmed=False,
        says="The scan is done locally first, and by CT where MRI cannot be done, so a transfer for the scan "
        "alone needs a reason.",
        places=("care:mri_locally_first", "advice:ct_instead_of_mri", "rule:mri_locally_first"),
    ),
    GuidelineRow(
        id="CG-7",
        stage=Stage.IMMOBILISE,
        who=(Who.REFERRER, Who.CLINICIAN),
        source=_SOURCE,
        confirmed=False,
        limit="advice within 24 hours",
        says="Flat bed rest is no longer meant for everybody: immobilisation is started for signs of instability, "
        "considered for pain on movement, and ended soon by expert advice.",
        places=(
            "advice:start_immobilisation",
            "advice:consider_immobilisation",
            "clock:stability_advice",
            "care:nurse_lying",
            "command:compare_editions",
        ),
    ),
    GuidelineRow(
        id="CG-8",
        stage=Stage.STEROID,
        who=(Who.CLINICIAN, Who.HAEMATOLOGY),
        source=_SOURCE,
        confirmed=False,
        says="Dexamethasone is offered for neurology, has its own rules in haematological cancer, stops when "
        "the scan is clean, and is not routine without neurology.",
        places=(
            "advice:offer_dexamethasone_16mg",
            "advice:stop_dexamethasone",
            "advice:consider_corticosteroid",
            "care:no_routine_corticosteroid",
            "command:compare_editions",
        ),
    ),
    GuidelineRow(
        id="CG-9",
        stage=Stage.RADIOTHERAPY,
        who=(Who.ONCOLOGY, Who.SPINAL_SURGERY),
        source=_SOURCE,
        confirmed=False,
        limit="24 hours from the decision",
        says="The formal limit of treatment runs from the decision on radiotherapy and no longer from the diagnosis, "
        "and both instants are kept.",
        places=(
            "clock:radiotherapy",
            "clock:decision_to_treat",
            "event:mri_reported",
            "event:decision_to_treat",
            "screen:governance",
        ),
    ),
    GuidelineRow(
        id="CG-10",
        stage=Stage.RADIOTHERAPY,
        who=(Who.ONCOLOGY,),
        source=_SOURCE,
        confirmed=False,
        says="One fraction of 8 Gy is the rule and several are the exception, which needs a reason.",
        places=(
            "care:single_fraction",
            "care:several_fractions",
            "judgement:side_effect_risk_high",
            "screen:mdt_treatment",
        ),
    ),
    GuidelineRow(
        id="CG-11",
        stage=Stage.RADIOTHERAPY,
        who=(Who.ONCOLOGY,),
        source=_SOURCE,
        confirmed=False,
        says="Metastases without symptoms may be irradiated for three reasons, where a trial was once the only one.",
        places=(
            "care:radiotherapy_without_symptoms",
            "care:no_radiotherapy_without_symptoms",
            "judgement:radiotherapy_trial",
            "judgement:oligometastatic",
            "command:compare_editions",
        ),
    ),
    GuidelineRow(
        id="CG-12",
        stage=Stage.SURGERY,
        who=(Who.SPINAL_SURGERY, Who.MDT),
        source=_SOURCE,
        confirmed=False,
        says="Intervention to prevent MSCC may be considered for instability or pain that analgesia does not control, "
        "and remains a research question without either.",
        places=("care:vertebral_intervention", "care:no_surgery_to_prevent_mscc", "command:compare_editions"),
    ),
    GuidelineRow(
        id="CG-13",
        stage=Stage.SUPPORT,
        who=(Who.COORDINATOR, Who.CLINICIAN),
        source=_SOURCE,
        confirmed=False,
        says="Discharge has a management plan and a key worker, from the diagnosis or the admission on, in "
        "place of a named individual.",
        places=("clock:discharge_plan", "care:start_discharge_planning", "screen:mdt_plan"),
    ),
    GuidelineRow(
        id="CG-14",
        stage=Stage.RECOGNISE,
        who=(Who.REFERRER, Who.CLINICIAN),
        source=_SOURCE,
        confirmed=False,
        says="The leaflet for everybody at high risk and its measure are gone; what to watch for is explained to those "
        "who come with back pain.",
        places=("advice:safety_net_advice", "screen:patient_sheet", "rule:safety_net"),
    ),
    GuidelineRow(
        id="CG-15",
        stage=Stage.SERVICE,
        who=(Who.COORDINATOR, Who.SERVICE),
        source=_SOURCE,
        confirmed=False,
        limit="day and night, every day",
        says="The coordinator, who was once advised, is now required day and night with a deputy, so rota and "
        "fallback are essential.",
        places=(
            "screen:on_call",
            "setting:rung_deputy",
            "setting:rung_consultant",
            "test:tests/oncall/test_sweep.py::TestLadder"
            "::test_an_unanswered_emergency_climbs_to_the_manager_and_repeats",
        ),
    ),
    GuidelineRow(
        id="CG-16",
        stage=Stage.SERVICE,
        who=(Who.SERVICE,),
        source=_SOURCE,
        confirmed=False,
        says="Where a network audit was enough, the service now audits prospectively, reports incidents and looks for "
        "inequalities.",
        places=(
            "screen:audit",
            "field:patient.postcode",
            "field:patient.ethnic_category",
            "command:verify_ledger",
            "screen:incidents",
            "screen:exports",
            "screen:inequalities",
        ),
    ),
    GuidelineRow(
        id="CG-17",
        stage=Stage.RECOGNISE,
        who=(Who.SERVICE,),
        confirmed=False,
        source="Scottish referral guidance, as seen, against NG234 2023",
        says="Scottish referral guidance still prints the lists of 2008, so the lists belong to a dated ruleset that "
        "can be compared with another edition.",
        places=(
            "screen:guideline",
            "screen:compare_editions",
            "command:compare_editions",
            "document:adr/0001-rules-are-values.md",
        ),
        why="No ruleset for Scotland is supplied: the product is made for services under NICE.",
    ),
)
