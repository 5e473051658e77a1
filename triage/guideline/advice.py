"""What each advice code tells the clinician, in the order in which a screen gives it."""

from dataclasses import dataclass

from triage.guideline.rule import Strength

OFFER, CONSIDER, DO_NOT, ACT = Strength.OFFER, Strength.CONSIDER, Strength.DO_NOT, Strength.ACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """An instruction: its code, the guideline's strength, its text, and the topic it belongs to."""

    code: str
    strength: Strength
    text: str
    topic: str


def _advise(code: str, strength: Strength, topic: str, text: str) -> Advice:
    return Advice(code=code, strength=strength, topic=topic, text=text)


ADVICE: tuple[Advice, ...] = (
    _advise("contact_coordinator_immediately", ACT, "contact",
            "Ring the MSCC coordinator now, as well as sending this."),
    _advise("seek_coordinator_advice_24h", ACT, "contact",
            "Get the MSCC coordinator's advice within 24 hours."),
    _advise("refer_urgent_oncology", ACT, "contact",
            "Refer urgently for oncology assessment, and get the spine looked at as oncology advises."),
    _advise("safety_net_advice", ACT, "safety_net",
            "Explain which changes to watch for (weakness, numbness, unsteadiness, bladder or bowel change, "
            "new or worse pain) and whom to contact at once if one comes."),
    _advise("examine_neurology_now", ACT, "neurology",
            "Examine now what was not assessed: power in each limb, sensation with the saddle area, reflexes and plantars, "
            "walking, the bladder after voiding. Where the person cannot give a history, ask a carer or the ward (walking, falls, using "
            "the arms, wet or not passing urine, since when) and watch: do both legs move against the bed, does the person "
            "stand, is the bladder full."),
    _advise("start_immobilisation", ACT, "immobilisation",
            "Immobilise the spine now and keep it so on every transfer: lying, flat or partly raised, adjusted if not tolerated."),
    _advise("consider_immobilisation", CONSIDER, "immobilisation", "Consider immobilisation: lying, flat or partly raised, adjusted if it cannot be tolerated."),
    _advise("stability_advice_24h", ACT, "spinal_stability",
            "Get expert advice on the stability of the spine within 24 hours, so that immobilisation stays short."),
    _advise("offer_dexamethasone_16mg", OFFER, "dexamethasone",
            "Offer a first dose of dexamethasone now: 16 mg orally, or the parenteral equivalent. Where there is no "
            "histology yet, speak to the coordinator before it, without losing time."),
    _advise("continue_dexamethasone_16mg_daily", OFFER, "dexamethasone",
            "Go on with dexamethasone 16 mg a day until surgery or radiotherapy; in a haematological cancer agree "
            "further doses with haematology."),
    _advise("hold_dexamethasone_discuss_haematology", ACT, "dexamethasone",
            "Give no dexamethasone, or no further dose, before discussing it with the haematology consultant. If "
            "power is being lost quickly a clinician may decide otherwise and record why."),
    _advise("hold_dexamethasone_discuss_spinal_surgery", ACT, "dexamethasone",
            "Give no dexamethasone, or no further dose, until a spinal surgeon has advised: imaging shows compression that is "
            "not malignant (abscess or discitis, haematoma, disc, fracture)."),
    _advise("consider_corticosteroid", CONSIDER, "dexamethasone", "Consider a corticosteroid for the severe pain; where there is no histology, discuss it first."),
    _advise("stop_dexamethasone", ACT, "dexamethasone",
            "Stop dexamethasone: final reports of the whole spine rule MSCC out. Not if it is given for another reason; "
            "taper if it was given for long."),
    _advise("mri_whole_spine_24h", OFFER, "transfer",
            "Offer MRI of the whole spine at the first chance; 24 hours is the limit, not the aim. Locally, or at a "
            "centre with direct access."),
    _advise("mri_whole_spine_1w", OFFER, "transfer",
            "Offer MRI of the whole spine at the local hospital; one week from the suspicion is the limit, and "
            "sooner where the coordinator says so."),
    _advise("ct_instead_of_mri", ACT, "transfer",
            "Image the whole spine by CT, because MRI is contraindicated, within the limit that MRI would have."),
    _advise("no_plain_xray", DO_NOT, "transfer",
            "Do not rely on plain X-rays to show or exclude metastases or cord compression."),
    _advise("pain_assessment_and_plan", ACT, "pain", "Assess the pain and agree a plan for it with the person."),
    _advise("adequate_analgesia", ACT, "pain",
            "Relieve the pain adequately now, with opioids if need be; do not wait for tests."),
    _advise("consider_specialist_pain_service", CONSIDER, "pain",
            "Consider a specialist pain or palliative care service."),
    _advise("bisphosphonate", OFFER, "bone_agents", "Offer a bisphosphonate, through oncology; not together with denosumab."),
    _advise("denosumab", CONSIDER, "bone_agents",
            "Consider denosumab against skeletal events, through oncology, instead of a bisphosphonate."),
    _advise("biopsy_if_primary_unknown", ACT, "biopsy",
            "Arrange an image-guided biopsy if its result could change the treatment and treatment can wait for it."),
    _advise("record_key_information", ACT, "record",
            "Record presentation, neurology, performance status, frailty, investigations, oncology assessment "
            "and the person's needs."),
)  # fmt: skip
ADVICE_AT: dict[str, Advice] = {advice.code: advice for advice in ADVICE}
