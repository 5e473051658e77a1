"""Bisphosphonates and denosumab (NG234 1.7)."""

from triage.guideline import criteria as f
from triage.guideline.recommendation import (
    AT_ITS_STAGE,
    CONSIDER,
    DO_NOT,
    OFFER,
    Advice,
    Recommendation,
    give,
)
from triage.guideline.rows.row import Stage, Who

RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation(
        id="BON-1",
        number="1.7",
        stage=Stage.PAIN,
        who=(Who.ONCOLOGY,),
        strength=OFFER,
        says="Oncology offers a bisphosphonate against pain and collapse when myeloma or breast cancer has "
        "reached the vertebrae.",
        tells=(
            Advice(
                code="bisphosphonate",
                strength=OFFER,
                topic="bone_agents",
                text="Offer a bisphosphonate, through oncology; not together with denosumab.",
            ),
        ),
        rules=(
            give(
                "bisphosphonate.breast_or_myeloma",
                when=f.POSITIVE_IMAGING & f.BREAST_OR_MYELOMA,
                because="Vertebrae involved by breast cancer or myeloma are a reason to offer a bisphosphonate.",
            ),
        ),
        places=(
            "advice:bisphosphonate",
            "rule:bisphosphonate.breast_or_myeloma",
            "field:presentation.primary_site",
        ),
    ),
    Recommendation(
        id="BON-2",
        number="1.7",
        stage=Stage.PAIN,
        who=(Who.ONCOLOGY,),
        strength=OFFER,
        says="Oncology offers a bisphosphonate for spinal metastases of prostate cancer when ordinary analgesia "
        "leaves the pain uncontrolled.",
        rules=(
            give(
                "bisphosphonate.prostate",
                when=f.POSITIVE_IMAGING & f.PROSTATE & f.PAIN_NOT_CONTROLLED,
                because="Prostate metastases with pain that analgesia does not control are a reason to offer a "
                "bisphosphonate.",
            ),
        ),
        places=(
            "advice:bisphosphonate",
            "rule:bisphosphonate.prostate",
            "field:presentation.pain_controlled_by_analgesia",
        ),
    ),
    Recommendation(
        id="BON-3",
        number="1.7",
        stage=Stage.PAIN,
        who=(Who.ONCOLOGY,),
        strength=DO_NOT,
        says="For other primaries, or to prevent MSCC, oncology uses bisphosphonates only in randomised trials.",
        tells=(
            Advice(
                code="no_bisphosphonate_to_prevent_mscc",
                strength=DO_NOT,
                topic="pain",
                text="Do not use a bisphosphonate against this pain or to prevent MSCC, except in a randomised "
                "trial.",
            ),
        ),
        rules=(
            give(
                "no_bisphosphonate_to_prevent_mscc",
                when=f.POSITIVE_IMAGING & (f.SOLID_NOT_PROSTATE & ~f.BREAST_OR_MYELOMA | f.LYMPHOMA),
                because="For this primary a bisphosphonate is neither pain treatment nor protection against MSCC "
                "outside a trial.",
            ),
        ),
        places=("care:no_bisphosphonate_to_prevent_mscc", AT_ITS_STAGE),
    ),
    Recommendation(
        id="BON-4",
        number="1.7",
        stage=Stage.PAIN,
        who=(Who.ONCOLOGY,),
        strength=CONSIDER,
        says="Oncology may choose denosumab against skeletal events, in place of a bisphosphonate and at the "
        "agreed discount, for bone metastases of breast cancer or another solid tumour other than prostate.",
        tells=(
            Advice(
                code="denosumab",
                strength=CONSIDER,
                topic="bone_agents",
                text="Consider denosumab against skeletal events, through oncology, instead of a "
                "bisphosphonate.",
            ),
        ),
        rules=(
            give(
                "denosumab",
                when=f.POSITIVE_IMAGING
                & f.SOLID_NOT_PROSTATE
                & ~f.HAEMATOLOGICAL_CONFIRMED
                & ~f.HAEMATOLOGICAL_SUSPECTED,
                because="Bone metastases of a solid tumour other than prostate make denosumab an option.",
            ),
        ),
        places=("advice:denosumab", "field:presentation.primary_site"),
        why="Whether the discount applies is for the hospital's pharmacy and is not asked.",
    ),
    Recommendation(
        id="BON-5",
        number="1.7",
        stage=Stage.PAIN,
        who=(Who.ONCOLOGY,),
        strength=DO_NOT,
        says="Oncology does not use denosumab for bone metastases of prostate cancer.",
        tells=(
            Advice(
                code="no_denosumab_in_prostate",
                strength=DO_NOT,
                topic="pain",
                text="Do not use denosumab for bone metastases of prostate cancer.",
            ),
        ),
        rules=(
            give(
                "no_denosumab_in_prostate",
                when=f.POSITIVE_IMAGING & f.PROSTATE,
                because="Denosumab is not recommended for bone metastases of prostate cancer.",
            ),
        ),
        places=("care:no_denosumab_in_prostate", AT_ITS_STAGE),
    ),
)
