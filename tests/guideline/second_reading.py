"""A second reading of the published contract, in plain branches, written without sight of the rules.

It exists to disagree: what the rules say is compared with it over many presentations. Change it only
from the contract, never from the rules.
"""

# ruff: noqa  (kept as its author wrote it)
from datetime import timedelta, timezone

PAIN = [
    "severe_unremitting",
    "progressive",
    "mechanical",
    "aggravated_by_straining",
    "nocturnal",
    "localised_tenderness",
    "claudication",
]
NEURO = [
    "bladder_or_bowel_dysfunction",
    "gait_disturbance",
    "limb_weakness",
    "cord_or_cauda_equina_signs",
    "sensory_disturbance",
    "radicular_pain",
]
# three-valued findings outside the groups, in the order of the presentation
SINGLES = [
    "low_back_pain",
    "instability_signs",
    "saddle_or_sphincter_signs",
    "pain_controlled_by_analgesia",
    "mri_contraindicated",
    "whole_spine_imaged",
    "dexamethasone_given",
]
ORDER = ["pain." + k for k in PAIN] + ["neurology." + k for k in NEURO] + SINGLES
URGENCY = {"emergency": 5, "one_week": 4, "urgent_oncology": 3, "safety_net": 2, "outside_pathway": 1}

STRENGTH = {
    "contact_coordinator_immediately": "act",
    "seek_coordinator_advice_24h": "act",
    "refer_urgent_oncology": "act",
    "safety_net_advice": "act",
    "mri_whole_spine_24h": "offer",
    "mri_whole_spine_1w": "offer",
    "ct_instead_of_mri": "act",
    "no_plain_xray": "do_not",
    "start_immobilisation": "act",
    "consider_immobilisation": "consider",
    "stability_advice_24h": "act",
    "offer_dexamethasone_16mg": "offer",
    "continue_dexamethasone_16mg_daily": "offer",
    "hold_dexamethasone_discuss_haematology": "act",
    "consider_corticosteroid": "consider",
    "stop_dexamethasone": "act",
    "pain_assessment_and_plan": "act",
    "adequate_analgesia": "act",
    "consider_specialist_pain_service": "consider",
    "bisphosphonate": "offer",
    "denosumab": "consider",
    "biopsy_if_primary_unknown": "act",
    "record_key_information": "act",
}


def read(p):
    """Flat dictionary with defaults, then what is read before the rules."""
    v = {}
    for k in PAIN:
        v["pain." + k] = p.get("pain", {}).get(k, "not_assessed")
    for k in NEURO:
        v["neurology." + k] = p.get("neurology", {}).get(k, "not_assessed")
    for k in SINGLES:
        v[k] = p.get(k, "not_assessed")
    v["movement_pain"] = p.get("movement_pain", "not_assessed")
    v["pain_severity"] = p.get("pain_severity", None)
    v["imaging"] = p.get("imaging_finding", "none")
    v["site"] = p.get("primary_site", "not_recorded")
    context = p["cancer_context"]
    haem = p.get("haematological_malignancy", "unknown")
    if haem == "unknown" and v["site"] in ("myeloma", "lymphoma"):
        if context in ("current", "past"):
            haem = "confirmed"
        else:
            haem = "suspected"
    if haem == "confirmed":
        context = "current"
    v["context"] = context
    v["haem"] = haem
    return v


def facts(v):
    f = {}
    f["any_pain_yes"] = any(v["pain." + k] == "yes" for k in PAIN)
    f["any_pain_na"] = any(v["pain." + k] == "not_assessed" for k in PAIN)
    f["six_yes"] = any(v["neurology." + k] == "yes" for k in NEURO)
    f["any_neuro_yes"] = f["six_yes"] or v["saddle_or_sphincter_signs"] == "yes"
    f["any_neuro_na"] = any(v["neurology." + k] == "not_assessed" for k in NEURO)
    f["all_neuro_no"] = all(v["neurology." + k] == "no" for k in NEURO)
    f["positive"] = v["imaging"] in ("spinal_metastases", "impending_compression", "mscc")
    f["known"] = v["context"] in ("current", "past")
    f["sev7"] = v["pain_severity"] is not None and v["pain_severity"] >= 7
    f["ruled_out"] = v["whole_spine_imaged"] == "yes" and v["imaging"] in (
        "no_malignant_disease",
        "non_malignant_compression",
    )
    return f


def stream_of(v):
    f = facts(v)
    # 1
    if f["any_neuro_yes"] or v["imaging"] == "mscc":
        return "emergency", False
    # 2
    if f["any_neuro_na"]:
        if f["any_pain_yes"] and v["context"] in ("current", "past", "suspected"):
            return "emergency", True
        if f["positive"]:
            return "emergency", True
        if f["known"] and (f["sev7"] or v["movement_pain"] == "severe"):
            return "emergency", True
    # 3
    if f["all_neuro_no"] and v["imaging"] in ("spinal_metastases", "impending_compression"):
        return "one_week", False
    # 4
    if f["all_neuro_no"]:
        hit = f["any_pain_yes"]
        if f["known"] and (v["instability_signs"] == "yes" or f["sev7"] or v["movement_pain"] == "severe"):
            hit = True
        if hit:
            if f["known"]:
                return "one_week", False
            if v["context"] == "suspected":
                return "urgent_oncology", False
            return "outside_pathway", False
    # 5
    if f["any_pain_na"] or f["any_neuro_na"]:
        return "insufficient_information", False
    # 6
    if f["known"] and v["low_back_pain"] == "yes":
        return "safety_net", False
    return "outside_pathway", False


def oracle(p, at, suspected_at=None, mscc_suspected_at=None):
    v = read(p)
    f = facts(v)
    stream, provisional = stream_of(v)
    emergency = stream == "emergency"
    one_week = stream == "one_week"
    onc = stream == "urgent_oncology"
    haem = v["haem"]
    imaged = v["whole_spine_imaged"] == "yes"

    # contact
    if emergency or v["imaging"] == "impending_compression":
        contact = "immediately"
    elif one_week:
        contact = "within_24_hours"
    elif onc:
        contact = "urgent_oncology_referral"
    elif stream == "insufficient_information":
        contact = "within_24_hours"
    else:
        contact = "none"

    # clocks
    def due(start, hours):
        if start is None:
            return None
        return start.astimezone(timezone.utc) + timedelta(hours=hours)

    clocks = []
    if contact == "immediately":
        clocks.append(("acknowledge", 0.25, "submitted_at", False, None))
        clocks.append(("voice_contact", 0.5, "submitted_at", False, None))
    elif stream == "insufficient_information":
        clocks.append(("acknowledge", 1, "submitted_at", False, None))
    elif one_week or onc:
        clocks.append(("acknowledge", 4, "submitted_at", False, None))
    else:
        clocks.append(("acknowledge", 24, "submitted_at", False, None))
    if emergency and not imaged:
        if mscc_suspected_at is not None:
            clocks.append(("mri", 24, "mscc_suspected_at", True, due(mscc_suspected_at, 24)))
        else:
            clocks.append(("mri", 24, "clinician_suspected_at", True, due(suspected_at, 24)))
    if one_week:
        clocks.append(("coordinator_advice", 24, "clinician_suspected_at", True, due(suspected_at, 24)))
        if not imaged:
            clocks.append(("mri", 168, "clinician_suspected_at", True, due(suspected_at, 168)))
        clocks.append(("treatment_plan", 168, "clinician_suspected_at", True, due(suspected_at, 168)))
    if stream == "insufficient_information" and f["known"]:
        clocks.append(("coordinator_advice", 24, "clinician_suspected_at", False, due(suspected_at, 24)))

    # advice
    a = []
    if contact == "immediately":
        a.append("contact_coordinator_immediately")
    if one_week and contact != "immediately":
        a.append("seek_coordinator_advice_24h")
    if onc:
        a.append("refer_urgent_oncology")
    if stream == "safety_net":
        a.append("safety_net_advice")
    elif stream == "outside_pathway" and (f["any_pain_yes"] or v["low_back_pain"] == "yes"):
        a.append("safety_net_advice")
    elif one_week or onc:
        a.append("safety_net_advice")
    if v["mri_contraindicated"] != "yes" and not imaged:
        if emergency:
            a.append("mri_whole_spine_24h")
        if one_week:
            a.append("mri_whole_spine_1w")
    if (emergency or one_week) and v["mri_contraindicated"] == "yes" and not imaged:
        a.append("ct_instead_of_mri")
    if emergency or one_week or onc:
        a.append("no_plain_xray")
    start = emergency and v["instability_signs"] == "yes"
    if start:
        a.append("start_immobilisation")
    if not start:
        if (emergency or one_week) and v["movement_pain"] in ("moderate", "severe"):
            a.append("consider_immobilisation")
        elif one_week and v["instability_signs"] == "yes":
            a.append("consider_immobilisation")
    if start or (one_week and v["instability_signs"] == "yes"):
        a.append("stability_advice_24h")
    same = False  # "the same conditions"
    if not f["ruled_out"]:
        if f["any_neuro_yes"] and haem != "suspected":
            if v["context"] != "none_known" or f["positive"]:
                same = True
        if haem == "confirmed" and (emergency or one_week):
            same = True
    offer = same and v["dexamethasone_given"] != "yes"
    if offer:
        a.append("offer_dexamethasone_16mg")
    if emergency and same and v["dexamethasone_given"] == "yes":
        a.append("continue_dexamethasone_16mg_daily")
    if (emergency or one_week) and haem == "suspected" and not f["ruled_out"]:
        a.append("hold_dexamethasone_discuss_haematology")
    if one_week or (emergency and f["all_neuro_no"] and v["saddle_or_sphincter_signs"] != "yes"):
        if (
            haem not in ("confirmed", "suspected")
            and v["dexamethasone_given"] != "yes"
            and not f["ruled_out"]
        ):
            if f["sev7"] or v["pain.severe_unremitting"] == "yes":
                a.append("consider_corticosteroid")
    if v["dexamethasone_given"] == "yes" and f["ruled_out"]:
        a.append("stop_dexamethasone")
    if emergency or one_week or onc:
        if (
            f["any_pain_yes"]
            or v["neurology.radicular_pain"] == "yes"
            or v["low_back_pain"] == "yes"
            or (v["pain_severity"] is not None and v["pain_severity"] > 0)
            or v["movement_pain"] in ("mild", "moderate", "severe")
        ):
            a.append("pain_assessment_and_plan")
            a.append("adequate_analgesia")
    if (emergency or one_week) and v["pain_controlled_by_analgesia"] == "no":
        if f["sev7"] or v["pain.severe_unremitting"] == "yes":
            a.append("consider_specialist_pain_service")
    if f["positive"]:
        if v["site"] in ("breast", "myeloma"):
            a.append("bisphosphonate")
        elif v["site"] == "prostate" and v["pain_controlled_by_analgesia"] == "no":
            a.append("bisphosphonate")
        if v["site"] not in ("prostate", "unknown", "not_recorded", "myeloma", "lymphoma"):
            if haem not in ("confirmed", "suspected"):
                a.append("denosumab")
        if v["site"] == "unknown" and not emergency and haem != "confirmed":
            a.append("biopsy_if_primary_unknown")
    if emergency or one_week or stream == "insufficient_information":
        a.append("record_key_information")

    # warnings
    w = []
    if emergency and v["context"] in ("suspected", "none_known"):
        w.append("use_local_emergency_route")
    if v["neurology.bladder_or_bowel_dysfunction"] == "yes" or v["saddle_or_sphincter_signs"] == "yes":
        w.append("cauda_equina_4h")
    if provisional:
        w.append("provisional_neurology_not_assessed")
    if any(c[3] and c[4] is not None and c[4] < at for c in clocks):
        w.append("suspected_over_limit")
    if v["imaging"] == "impending_compression":
        w.append("discuss_impending_compression_now")
    if v["imaging"] == "non_malignant_compression":
        w.append("discuss_spinal_surgery_now")
    if offer and v["context"] == "suspected":
        w.append("no_histology_discuss_before_dexamethasone")

    # ask_next
    if provisional:
        ask = ["neurology." + k for k in NEURO if v["neurology." + k] == "not_assessed"]
    elif stream == "insufficient_information":
        ask = [k for k in ORDER if k.startswith(("pain.", "neurology.")) and v[k] == "not_assessed"]
    else:
        ask = []
        for k in ORDER:
            if v[k] == "not_assessed":
                w2 = dict(v)
                w2[k] = "yes"
                new = stream_of(w2)[0]
                if new in URGENCY and URGENCY[new] > URGENCY[stream]:
                    ask.append(k)

    return {
        "stream": stream,
        "provisional": provisional,
        "contact": contact,
        "clocks": clocks,
        "advice": sorted(a),
        "warnings": sorted(w),
        "ask_next": ask,
    }
