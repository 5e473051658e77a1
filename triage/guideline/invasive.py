"""Invasive interventions (NG234 1.11)."""

from triage.guideline import course_criteria as c
from triage.guideline import criteria as f
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
    warn,
)
from triage.guideline.rows.row import Stage, Who

_BIOPSY = f.POSITIVE_IMAGING & f.PRIMARY_UNKNOWN & ~f.HAEMATOLOGICAL_CONFIRMED
_VERTEBRAL = c.METASTASES_WITHOUT_MSCC & (c.UNSTABLE | f.PAIN_NOT_CONTROLLED) & ~c.OPERATED
_NEEDLE_OR_KNIFE = (
    c.SURGERY_CONSIDERED | c.SURGERY_DECIDED | _BIOPSY & (~f.EMERGENCY | c.TREATMENT_CAN_WAIT) | _VERTEBRAL
) & ~c.OPERATED

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="INV-1", number="1.11", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY, Who.MDT), strength=ACT,
        says="Spinal surgery makes the plan together with the relevant specialists of the MDT whenever "
             "an operation is considered.",
        tells=(
            Advice(code="plan_surgery_with_mdt", strength=ACT, topic="surgery",
                   text="Make the plan with the relevant specialists of the MSCC MDT."),
        ),
        rules=(
            give("plan_surgery_with_mdt",
                 when=f.POSITIVE_IMAGING & c.SURGERY_CONSIDERED & ~c.OPERATED,
                 because="Surgery is being considered, and its plan belongs to the specialists together."),
        ),
        places=("care:plan_surgery_with_mdt", "screen:list_for_mdt", "screen:mdt_case", "clock:treatment_plan",
                "test:tests/journeys/test_around.py::test_the_mdt_sees_what_a_coordinator_lists"),
    ),
    Recommendation(
        id="INV-2", number="1.11", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY,), strength=OFFER,
        limit="as soon as possible",
        says="Spinal surgery offers a suitable person with MSCC an operation as soon as it can be done after "
             "neurology began, sooner the faster function is being lost.",
        tells=(
            Advice(code="surgery_as_soon_as_possible", strength=OFFER, topic="surgery",
                   text="Offer surgery as soon as possible after neurology began; onset and progression set the "
                        "urgency."),
            Advice(code="surgical_opinion_first", strength=ACT, topic="surgery",
                   text="Get the spinal surgeon's opinion now: neurology is getting worse."),
        ),
        rules=(
            give("surgery_as_soon_as_possible",
                 when=f.MSCC_ON_IMAGING & c.SURGERY_SUITABLE & ~c.OPERATED,
                 because="Surgery is to halt or reverse the loss of function: how fast that came and grows sets "
                         "the urgency."),
            give("surgical_opinion_first", cites=("INV-2", "A25"),
                 when=f.MSCC_ON_IMAGING & c.PROGRESSING & ~c.OPERATED & ~c.SURGERY_NOT_SUITABLE,
                 because="Neurology is getting worse, so the surgical opinion goes before everything else."),
        ),
        places=("care:surgery_as_soon_as_possible", "care:surgical_opinion_first", "field:clinical.progression",
                "field:clinical.neurology_onset_at", "clock:decision_to_treat", "event:surgery_started",
                AT_ITS_STAGE),
    ),
    Recommendation(
        id="A25", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY, Who.MDT),
        limit="2 hours for the opinion, proposed",
        decision="surgery has no limit in hours; progression raises its priority",
        says="Surgery has no limit in hours: progression puts the surgical opinion first, and the opinion has a "
             "clock proposed by the service.",
        places=("rule:surgical_opinion_first", "care:surgery_as_soon_as_possible", "field:clinical.progression",
                "clock:specialist_opinion",
                RESOLUTION + "test_a25_surgery_has_no_clock_and_progression_comes_first", "screen:mdt_case",
                "screen:mdt_treatment"),
    ),
    Recommendation(
        id="INV-3", number="1.11", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY,), strength=CONSIDER,
        says="Spinal surgery considers decompression, stabilisation, or both, in a suitable person with MSCC.",
        tells=(
            Advice(code="decompression_or_stabilisation", strength=CONSIDER, topic="surgery",
                   text="Consider decompression of the cord, stabilisation of the spine, or both."),
        ),
        rules=(
            give("decompression_or_stabilisation",
                 when=f.MSCC_ON_IMAGING & c.SURGERY_SUITABLE & ~c.OPERATED,
                 because="Where surgery is suitable it may free the cord, hold the spine, or both."),
        ),
        places=("care:decompression_or_stabilisation", "judgement:surgery_suitable", AT_ITS_STAGE),
    ),
    Recommendation(
        id="INV-4", number="1.11", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY,), strength=OFFER,
        says="Spinal surgery offers stabilisation to a suitable person with MSCC whose spine may be unstable and "
             "whose mechanical pain analgesia does not control, even if lost function may not return.",
        tells=(
            Advice(code="stabilise_for_pain", strength=OFFER, topic="surgery",
                   text="Offer stabilisation surgery, however severe the deficit."),
        ),
        rules=(
            give("stabilise_for_pain",
                 when=f.MSCC_ON_IMAGING & c.UNSTABLE & c.MECHANICAL_PAIN_UNCONTROLLED & c.SURGERY_SUITABLE
                 & ~c.OPERATED,
                 because="An unstable spine with mechanical pain that analgesia does not control is stabilised, "
                         "even where the deficit is severe and may not come back."),
        ),
        places=("care:stabilise_for_pain", "judgement:stability", "judgement:surgery_suitable",
                "field:presentation.pain.mechanical", "field:presentation.pain_controlled_by_analgesia",
                AT_ITS_STAGE),
    ),
    Recommendation(
        id="INV-5", number="1.11", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY, Who.CLINICIAN), strength=OFFER,
        says="The treating team offers a halo vest, an orthosis or another external support when the spine "
             "may be unstable, mechanical pain is not controlled and surgery is not suitable.",
        tells=(
            Advice(code="external_support", strength=OFFER, topic="surgery",
                   text="Offer external support, such as a halo vest or a cervico-thoraco-lumbar orthosis."),
        ),
        rules=(
            give("external_support",
                 when=f.POSITIVE_IMAGING & c.UNSTABLE & c.MECHANICAL_PAIN_UNCONTROLLED & c.SURGERY_NOT_SUITABLE,
                 because="The spine may be unstable, mechanical pain is not controlled, and surgery is not "
                         "suitable."),
        ),
        places=("care:external_support", "judgement:stability", "judgement:surgery_suitable", AT_ITS_STAGE),
    ),
    Recommendation(
        id="INV-6", number="1.11", stage=Stage.SURGERY, who=(Who.ONCOLOGY, Who.RADIOLOGY), strength=ACT,
        says="Oncology and radiology take a biopsy under image guidance when nobody knows the primary, the answer "
             "might change treatment, and treatment need not start at once.",
        tells=(
            Advice(code="biopsy_if_primary_unknown", strength=ACT, topic="biopsy",
                   text="Arrange an image-guided biopsy if its result could change the treatment and treatment "
                        "can wait for it."),
            Advice(code="biopsy_before_treatment", strength=ACT, topic="surgery",
                   text="Arrange an image-guided biopsy before treatment."),
        ),
        rules=(
            give("biopsy_if_primary_unknown",
                 when=_BIOPSY & ~f.EMERGENCY,
                 because="The primary is unknown: where treatment can wait, a biopsy may change it."),
            give("biopsy_before_treatment",
                 when=_BIOPSY & f.EMERGENCY & c.TREATMENT_CAN_WAIT,
                 because="The primary is unknown and treatment can wait for a result that might change it."),
        ),
        places=("advice:biopsy_if_primary_unknown", "care:biopsy_before_treatment",
                "field:presentation.primary_site", "judgement:treatment_can_wait", AT_ITS_STAGE),
    ),
    Recommendation(
        id="INV-7", number="1.11", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY, Who.RADIOLOGY), strength=CONSIDER,
        says="Spinal surgery and radiology consider cement, radiofrequency ablation, stabilisation or an "
             "operation to prevent MSCC when metastases threaten stability or hurt in spite of analgesia.",
        tells=(
            Advice(code="vertebral_intervention", strength=CONSIDER, topic="surgery",
                   text="Consider vertebroplasty or kyphoplasty, radiofrequency ablation, stabilisation, or "
                        "surgery to prevent MSCC, alone or together."),
        ),
        rules=(
            give("vertebral_intervention",
                 when=_VERTEBRAL,
                 because="Metastases make the spine unstable, or hurt in spite of analgesia."),
        ),
        places=("care:vertebral_intervention", "judgement:stability",
                "field:presentation.pain_controlled_by_analgesia", AT_ITS_STAGE),
    ),
    Recommendation(
        id="INV-8", source="earlier guidance (CG75)", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY,),
        strength=DO_NOT,
        decision="preventive surgery without pain or instability is for research",
        says="Spinal surgery leaves operations to prevent MSCC, in people without pain or instability, to research.",
        tells=(
            Advice(code="no_surgery_to_prevent_mscc", strength=DO_NOT, topic="surgery",
                   text="Do not operate to prevent MSCC outside research."),
        ),
        rules=(
            give("no_surgery_to_prevent_mscc",
                 when=c.METASTASES_WITHOUT_MSCC & c.WITHOUT_SYMPTOMS & ~f.PAIN_NOT_CONTROLLED & c.LIKELY_STABLE,
                 because="Without pain and instability, surgery to prevent MSCC is a question for research."),
        ),
        places=("care:no_surgery_to_prevent_mscc", "judgement:symptoms", AT_ITS_STAGE),
    ),
    Recommendation(
        id="SVC-SUR", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY, Who.COORDINATOR),
        decision="who is told to a spinal surgeon before anybody else decides",
        says="A spinal surgeon speaks first where the place was operated on or irradiated before, and where "
             "compression is shown and no primary is known.",
        tells=(
            Advice(code="spinal_surgeon_first", strength=ACT, topic="surgery",
                   text="Speak to a spinal surgeon before radiotherapy is decided."),
        ),
        rules=(
            give("spinal_surgeon_first",
                 when=f.MSCC_ON_IMAGING & ~c.OPERATED & ~c.SURGERY_NOT_SUITABLE & (c.LEVEL_OPERATED
                 | c.LEVEL_IRRADIATED | f.PRIMARY_UNKNOWN | ~f.KNOWN_CANCER),
                 because="After an operation or radiotherapy at that level, or with no known primary, "
                         "radiotherapy may be the wrong first step."),
        ),
        places=("care:spinal_surgeon_first", "judgement:recent_operation_at_level",
                "judgement:irradiated_at_level"),
    ),
    Recommendation(
        id="SVC-BLD", stage=Stage.SURGERY, who=(Who.SPINAL_SURGERY, Who.RADIOLOGY),
        decision="bleeding risk is known before a biopsy, a vertebral procedure or surgery",
        says="Anticoagulant or antiplatelet with its last dose, platelets and clotting are known before a biopsy, "
             "a vertebral intervention or an operation.",
        tells=(
            Advice(code="check_anticoagulant_and_platelets", strength=ACT, topic="surgery",
                   text="Record any anticoagulant or antiplatelet with its last dose, platelets and clotting "
                        "before a biopsy, a vertebral procedure or surgery."),
        ),
        rules=(
            warn("anticoagulant_before_intervention",
                 when=_NEEDLE_OR_KNIFE & c.ANTICOAGULATED,
                 text="An anticoagulant or antiplatelet is recorded and a biopsy, a vertebral procedure or "
                      "surgery is being considered: find out the drug and its last dose, and tell whoever will do "
                      "it."),
            give("check_anticoagulant_and_platelets",
                 when=_NEEDLE_OR_KNIFE,
                 because="A biopsy, a vertebral procedure or surgery is being considered, and the risk of "
                         "bleeding has to be known first."),
        ),
        places=("care:check_anticoagulant_and_platelets", "warning:anticoagulant_before_intervention",
                "field:clinical.anticoagulant"),
    ),
)  # fmt: skip
