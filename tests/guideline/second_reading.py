"""A second reading of the published contract, in plain branches, written without sight of the rules.

It exists to disagree: what the rules say is compared with it over many presentations. Change it only
from the contract, never from the rules.
"""

# ruff: noqa  (kept as its author wrote it)
from datetime import timedelta, timezone
from typing import Any

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
# three-valued findings outside the groups
SINGLES = [
    "low_back_pain",
    "instability_signs",
    "saddle_or_sphincter_signs",
    "pain_controlled_by_analgesia",
    "mri_contraindicated",
    "whole_spine_imaged",
    "active_infection",
    "dexamethasone_given",
]
# what is asked next, in the order of the contract: the path, what it reads while nobody answered, what is tried
ASKED: Any = [
    ("saddle_or_sphincter_signs", "not_assessed", ["yes"]),
    ("neurology.bladder_or_bowel_dysfunction", "not_assessed", ["yes"]),
    ("neurology.gait_disturbance", "not_assessed", ["yes"]),
    ("neurology.limb_weakness", "not_assessed", ["yes"]),
    ("neurology.cord_or_cauda_equina_signs", "not_assessed", ["yes"]),
    ("instability_signs", "not_assessed", ["yes"]),
    ("neurology.sensory_disturbance", "not_assessed", ["yes"]),
    ("neurology.radicular_pain", "not_assessed", ["yes"]),
    ("pain.severe_unremitting", "not_assessed", ["yes"]),
    ("pain.progressive", "not_assessed", ["yes"]),
    ("pain.mechanical", "not_assessed", ["yes"]),
    ("pain.aggravated_by_straining", "not_assessed", ["yes"]),
    ("pain.nocturnal", "not_assessed", ["yes"]),
    ("pain.localised_tenderness", "not_assessed", ["yes"]),
    ("pain.claudication", "not_assessed", ["yes"]),
    ("low_back_pain", "not_assessed", ["yes"]),
    ("movement_pain", "not_assessed", ["severe"]),
    ("pain_severity", None, [10]),
    ("mri_contraindicated", "not_assessed", ["yes"]),
    ("haematological_malignancy", "unknown", ["confirmed", "suspected"]),
    ("active_infection", "not_assessed", ["yes"]),
    ("dexamethasone_given", "not_assessed", ["yes"]),
    ("pain_controlled_by_analgesia", "not_assessed", ["no"]),
]
# insufficient_information ranks with outside_pathway
URGENCY = {
    "emergency": 5,
    "one_week": 4,
    "urgent_oncology": 3,
    "safety_net": 2,
    "outside_pathway": 1,
    "insufficient_information": 1,
}

STRENGTH = {
    "contact_coordinator_immediately": "act",
    "seek_coordinator_advice_24h": "act",
    "refer_urgent_oncology": "act",
    "safety_net_advice": "act",
    "examine_neurology_now": "act",
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
    "hold_dexamethasone_discuss_spinal_surgery": "act",
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


def entered(p: Any) -> Any:
    """What was entered, flat, with the defaults of what was left out."""
    e = {}
    for k in PAIN:
        e["pain." + k] = p.get("pain", {}).get(k, "not_assessed")
    for k in NEURO:
        e["neurology." + k] = p.get("neurology", {}).get(k, "not_assessed")
    for k in SINGLES:
        e[k] = p.get(k, "not_assessed")
    e["movement_pain"] = p.get("movement_pain", "not_assessed")
    e["pain_severity"] = p.get("pain_severity", None)
    e["imaging_finding"] = p.get("imaging_finding", "none")
    e["imaging_report"] = p.get("imaging_report", "none")
    e["primary_site"] = p.get("primary_site", "not_recorded")
    e["haematological_malignancy"] = p.get("haematological_malignancy", "unknown")
    e["cancer_context"] = p["cancer_context"]
    return e


def readings(e: Any) -> Any:
    """haematological_malignancy first, then cancer_context from what it then reads as."""
    haem = e["haematological_malignancy"]
    context = e["cancer_context"]
    if haem == "unknown" and e["primary_site"] in ("myeloma", "lymphoma"):
        if context in ("current", "past"):
            haem = "confirmed"
        else:
            haem = "suspected"
    if haem == "confirmed":
        context = "current"
    if haem == "suspected" and context == "none_known":
        context = "suspected"
    return haem, context


def facts(e: Any) -> Any:
    f = {}
    f["haem"], f["context"] = readings(e)
    f["known"] = f["context"] in ("current", "past")
    pain = [e["pain." + k] for k in PAIN]
    six = [e["neurology." + k] for k in NEURO]
    saddle = e["saddle_or_sphincter_signs"]
    f["any_pain_yes"] = "yes" in pain
    f["any_pain_na"] = "not_assessed" in pain
    f["any_neuro_yes"] = "yes" in six or saddle == "yes"
    f["six_na"] = "not_assessed" in six
    f["six_or_saddle_na"] = "not_assessed" in six or saddle == "not_assessed"
    f["all_six_no"] = six == ["no"] * 6
    f["positive"] = e["imaging_finding"] in ("spinal_metastases", "impending_compression", "mscc")
    f["sev7"] = e["pain_severity"] is not None and e["pain_severity"] >= 7
    f["imaged"] = e["whole_spine_imaged"] == "yes"
    f["ruled_out"] = (
        f["imaged"]
        and e["imaging_report"] == "final"
        and e["imaging_finding"] in ("no_malignant_disease", "non_malignant_compression")
    )
    return f


def stream_of(e: Any, f: Any) -> Any:
    unstable = e["instability_signs"] == "yes"
    severe_movement = e["movement_pain"] == "severe"
    # 1
    if f["any_neuro_yes"] or e["imaging_finding"] == "mscc":
        return "emergency", False
    # 2
    if f["six_na"]:
        if f["any_pain_yes"] and f["context"] in ("current", "past", "suspected"):
            return "emergency", True
        if f["positive"]:
            return "emergency", True
        if f["known"] and (unstable or f["sev7"] or severe_movement):
            return "emergency", True
    # 3
    if f["all_six_no"] and e["imaging_finding"] in ("spinal_metastases", "impending_compression"):
        return "one_week", False
    # 4
    if f["all_six_no"]:
        hit = f["any_pain_yes"]
        if f["known"] and (unstable or f["sev7"] or severe_movement):
            hit = True
        if hit:
            if f["known"]:
                return "one_week", False
            if f["context"] == "suspected":
                return "urgent_oncology", False
            return "outside_pathway", False
    # 5
    if f["any_pain_na"] or f["six_na"]:
        return "insufficient_information", False
    # 6
    if f["known"] and e["low_back_pain"] == "yes":
        return "safety_net", False
    return "outside_pathway", False


def contact_of(e: Any, stream: Any) -> Any:
    if stream == "emergency" or e["imaging_finding"] == "impending_compression":
        return "immediately"
    if stream in ("one_week", "insufficient_information") or e["instability_signs"] == "yes":
        return "within_24_hours"
    if stream == "urgent_oncology":
        return "urgent_oncology_referral"
    return "none"


def clocks_of(e: Any, f: Any, stream: Any, contact: Any, suspected_at: Any, mscc_suspected_at: Any) -> Any:
    def due(start: Any, hours: Any) -> Any:
        if start is None:
            return None
        return start.astimezone(timezone.utc) + timedelta(hours=hours)

    clocks = []
    if contact == "immediately":
        clocks.append(("acknowledge", 0.25, "submitted_at", False, None))
        clocks.append(("voice_contact", 0.5, "submitted_at", False, None))
    elif stream == "insufficient_information":
        clocks.append(("acknowledge", 1, "submitted_at", False, None))
    elif stream in ("one_week", "urgent_oncology") or contact == "within_24_hours":
        clocks.append(("acknowledge", 4, "submitted_at", False, None))
    else:
        clocks.append(("acknowledge", 24, "submitted_at", False, None))
    if stream == "emergency":
        if not f["imaged"]:
            if mscc_suspected_at is not None:
                clocks.append(("mri", 24, "mscc_suspected_at", True, due(mscc_suspected_at, 24)))
            else:
                clocks.append(("mri", 24, "clinician_suspected_at", True, due(suspected_at, 24)))
    elif stream == "one_week":
        if not f["imaged"]:
            clocks.append(("mri", 168, "clinician_suspected_at", True, due(suspected_at, 168)))
        clocks.append(("coordinator_advice", 24, "clinician_suspected_at", True, due(suspected_at, 24)))
        clocks.append(("treatment_plan", 168, "clinician_suspected_at", True, due(suspected_at, 168)))
    elif contact == "within_24_hours":
        clocks.append(("coordinator_advice", 24, "submitted_at", False, None))
    if e["instability_signs"] == "yes":
        clocks.append(("stability_advice", 24, "submitted_at", False, None))
    return clocks


def advice_of(e: Any, f: Any, stream: Any, provisional: Any, contact: Any) -> Any:
    emergency = stream == "emergency"
    one_week = stream == "one_week"
    onc = stream == "urgent_oncology"
    insufficient = stream == "insufficient_information"
    haem = f["haem"]
    unstable = e["instability_signs"] == "yes"
    dex = e["dexamethasone_given"] == "yes"
    imaging = e["imaging_finding"]
    severe = f["sev7"] or e["pain.severe_unremitting"] == "yes"

    a = []
    if contact == "immediately":
        a.append("contact_coordinator_immediately")
    if contact == "within_24_hours":
        a.append("seek_coordinator_advice_24h")
    if onc:
        a.append("refer_urgent_oncology")
    if stream == "safety_net" or one_week or onc or insufficient:
        a.append("safety_net_advice")
    elif stream == "outside_pathway" and (f["any_pain_yes"] or e["low_back_pain"] == "yes"):
        a.append("safety_net_advice")
    if provisional:
        a.append("examine_neurology_now")
    elif ((emergency and not f["any_neuro_yes"]) or insufficient) and f["six_or_saddle_na"]:
        a.append("examine_neurology_now")

    # imaging
    if not f["imaged"]:
        if e["mri_contraindicated"] == "yes":
            if emergency or one_week:
                a.append("ct_instead_of_mri")
        else:
            if emergency:
                a.append("mri_whole_spine_24h")
            if one_week:
                a.append("mri_whole_spine_1w")
    if emergency or one_week or onc or insufficient:
        a.append("no_plain_xray")

    # immobilisation
    if emergency and unstable:
        a.append("start_immobilisation")
    elif unstable:
        a.append("consider_immobilisation")
    elif e["movement_pain"] in ("moderate", "severe") and (emergency or one_week or onc or insufficient):
        a.append("consider_immobilisation")
    if unstable:
        a.append("stability_advice_24h")

    # steroids
    relapse = (
        (emergency or one_week)
        and haem == "confirmed"
        and e["cancer_context"] == "past"
        and not f["any_neuro_yes"]
        and not f["positive"]
    )
    conditions = False
    if not f["ruled_out"] and imaging != "non_malignant_compression":
        if f["any_neuro_yes"] and haem != "suspected":
            if f["context"] != "none_known" or f["positive"]:
                conditions = True
        if haem == "confirmed" and (emergency or one_week) and not relapse:
            conditions = True
    if conditions and not dex:
        a.append("offer_dexamethasone_16mg")
    if conditions and dex and emergency:
        a.append("continue_dexamethasone_16mg_daily")
    if not f["ruled_out"]:
        if (haem == "suspected" and (emergency or one_week or onc or insufficient)) or relapse:
            a.append("hold_dexamethasone_discuss_haematology")
        if (emergency or one_week) and imaging == "non_malignant_compression":
            a.append("hold_dexamethasone_discuss_spinal_surgery")
        if one_week or (emergency and f["all_six_no"] and not f["any_neuro_yes"]):
            if haem not in ("confirmed", "suspected") and not dex:
                if imaging != "non_malignant_compression" and severe:
                    a.append("consider_corticosteroid")
    if dex and f["ruled_out"]:
        a.append("stop_dexamethasone")

    # pain
    if emergency or one_week or onc or insufficient:
        if (
            f["any_pain_yes"]
            or e["neurology.radicular_pain"] == "yes"
            or e["low_back_pain"] == "yes"
            or (e["pain_severity"] is not None and e["pain_severity"] > 0)
            or e["movement_pain"] in ("mild", "moderate", "severe")
        ):
            a.append("pain_assessment_and_plan")
            a.append("adequate_analgesia")
        if e["pain_controlled_by_analgesia"] == "no" and severe:
            a.append("consider_specialist_pain_service")

    # bone agents, biopsy, record
    site = e["primary_site"]
    if f["positive"]:
        if site in ("breast", "myeloma"):
            a.append("bisphosphonate")
        elif site == "prostate" and e["pain_controlled_by_analgesia"] == "no":
            a.append("bisphosphonate")
        if site not in ("prostate", "unknown", "not_recorded", "myeloma", "lymphoma"):
            if haem not in ("confirmed", "suspected"):
                a.append("denosumab")
        if site == "unknown" and not emergency and haem != "confirmed":
            a.append("biopsy_if_primary_unknown")
    if emergency or one_week or insufficient:
        a.append("record_key_information")
    return a


def warnings_of(e: Any, f: Any, stream: Any, provisional: Any, clocks: Any, advice: Any, at: Any) -> Any:
    emergency = stream == "emergency"
    no_histology = f["context"] in ("suspected", "none_known")
    imaging = e["imaging_finding"]
    offer = "offer_dexamethasone_16mg" in advice
    going_on = "continue_dexamethasone_16mg_daily" in advice
    consider = "consider_corticosteroid" in advice

    w = []
    if emergency and no_histology:
        w.append("use_local_emergency_route")
    if e["neurology.bladder_or_bowel_dysfunction"] == "yes" or e["saddle_or_sphincter_signs"] == "yes":
        w.append("cauda_equina_4h")
    if provisional:
        w.append("provisional_neurology_not_assessed")
    if any(formal and due_at is not None and due_at < at for _, _, _, formal, due_at in clocks):
        w.append("suspected_over_limit")
    if imaging == "impending_compression":
        w.append("discuss_impending_compression_now")
    if imaging == "non_malignant_compression":
        w.append("discuss_spinal_surgery_now")
    if (offer or consider) and no_histology:
        w.append("no_histology_discuss_before_dexamethasone")
    if e["active_infection"] == "yes":
        given_on = e["dexamethasone_given"] == "yes" and "stop_dexamethasone" not in advice
        if offer or going_on or consider or given_on:
            w.append("infection_before_dexamethasone")
    if f["imaged"] and imaging == "none":
        w.append("imaging_result_outstanding")
    if e["instability_signs"] == "yes" and no_histology and not emergency:
        w.append("use_local_spinal_route")
    if f["imaged"] and imaging in ("no_malignant_disease", "non_malignant_compression"):
        if e["imaging_report"] != "final":
            w.append("clean_imaging_not_final")
    return w


def result_of(e: Any, at: Any, suspected_at: Any, mscc_suspected_at: Any) -> Any:
    """Everything but ask_next."""
    f = facts(e)
    stream, provisional = stream_of(e, f)
    contact = contact_of(e, stream)
    clocks = clocks_of(e, f, stream, contact, suspected_at, mscc_suspected_at)
    advice = advice_of(e, f, stream, provisional, contact)
    warnings = warnings_of(e, f, stream, provisional, clocks, advice, at)
    return {
        "stream": stream,
        "provisional": provisional,
        "contact": contact,
        "clocks": clocks,
        "advice": sorted(advice),
        "warnings": sorted(warnings),
    }


def ask_next_of(e: Any, now: Any, at: Any, suspected_at: Any, mscc_suspected_at: Any) -> Any:
    ask = []
    for path, unanswered, tries in ASKED:
        if e[path] != unanswered:
            continue
        if now["provisional"] or now["stream"] == "insufficient_information":
            if path.startswith("neurology.") or path == "saddle_or_sphincter_signs":
                ask.append(path)
                continue
        if now["stream"] == "insufficient_information" and path.startswith("pain."):
            ask.append(path)
            continue
        for answer in tries:
            then = result_of({**e, path: answer}, at, suspected_at, mscc_suspected_at)
            if (
                URGENCY[then["stream"]] > URGENCY[now["stream"]]
                or then["advice"] != now["advice"]
                or then["warnings"] != now["warnings"]
            ):
                ask.append(path)
                break
    return ask


def oracle(p: Any, at: Any, suspected_at: Any = None, mscc_suspected_at: Any = None) -> Any:
    e = entered(p)
    result = result_of(e, at, suspected_at, mscc_suspected_at)
    result["ask_next"] = ask_next_of(e, result, at, suspected_at, mscc_suspected_at)
    return result
