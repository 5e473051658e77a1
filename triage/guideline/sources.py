"""Every source a rule may cite, by the row of our reading of the guideline.

A number is confirmed only where it is printed in a NICE or BMJ text that was read; the others are
shown as not confirmed until a clinical lead has checked them against the guideline itself.
"""

from triage.guideline.rule import Citation


def _ng234(row: str, recommendation: str, *, confirmed: bool = False) -> Citation:
    return Citation(row=row, guideline="NG234", recommendation=recommendation, confirmed=confirmed)


def _qs56(part: str) -> Citation:
    return Citation(row=f"QS-{part}", guideline="QS56", statement=part[0], confirmed=True)


def _service(row: str, decision: str) -> Citation:
    return Citation(row=row, guideline="service", decision=decision)


REC_2 = _ng234("REC-2", "1.3.2", confirmed=True)
REC_3 = _ng234("REC-3", "1.3.3", confirmed=True)
REC_5 = _ng234("REC-5", "1.3.5", confirmed=True)
REC_6 = _ng234("REC-6", "1.3.6", confirmed=True)
COO_1 = _ng234("COO-1", "1.1.15", confirmed=True)
IMM_1 = _ng234("IMM-1", "1.4.1")
IMM_2 = _ng234("IMM-2", "1.4.2")
IMM_3 = _ng234("IMM-3", "1.4.3")
IMM_4 = _ng234("IMM-4", "1.4.4")
IMM_5 = _ng234("IMM-5", "1.4")
IMG_1 = _ng234("IMG-1", "1.5.2", confirmed=True)
IMG_2 = _ng234("IMG-2", "1.5.3", confirmed=True)
IMG_3 = _ng234("IMG-3", "1.5.5", confirmed=True)
IMG_4 = _ng234("IMG-4", "1.5")
IMG_5 = _ng234("IMG-5", "1.5")
IMG_6 = _ng234("IMG-6", "1.5.4")
IMG_7 = _ng234("IMG-7", "1.5")
IMG_8 = _ng234("IMG-8", "1.5")
IMG_9 = _ng234("IMG-9", "1.5")
IMG_10 = _ng234("IMG-10", "1.5.1")
IMG_11 = _ng234("IMG-11", "1.5")
PAI_1 = _ng234("PAI-1", "1.6.1")
PAI_2 = _ng234("PAI-2", "1.6")
PAI_3 = _ng234("PAI-3", "1.6")
PAI_4 = _ng234("PAI-4", "1.6")
PAI_5 = _ng234("PAI-5", "1.6")
BON_1 = _ng234("BON-1", "1.7")
BON_2 = _ng234("BON-2", "1.7")
BON_3 = _ng234("BON-3", "1.7")
BON_4 = _ng234("BON-4", "1.7")
BON_5 = _ng234("BON-5", "1.7")
STE_1 = _ng234("STE-1", "1.8.1")
STE_2 = _ng234("STE-2", "1.8.2")
STE_3 = _ng234("STE-3", "1.8.3")
STE_4 = _ng234("STE-4", "1.8.4")
STE_5 = _ng234("STE-5", "1.8.5")
STE_6 = _ng234("STE-6", "1.8.7")
TOO_1 = _ng234("TOO-1", "1.9")
RT_1 = _ng234("RT-1", "1.10.4", confirmed=True)
RT_2 = _ng234("RT-2", "1.10.4", confirmed=True)
RT_3 = _ng234("RT-3", "1.10")
RT_4 = _ng234("RT-4", "1.10")
RT_5 = _ng234("RT-5", "1.10.1")
RT_6 = _ng234("RT-6", "1.10")
RT_7 = _ng234("RT-7", "1.10")
RT_8 = _ng234("RT-8", "1.10")
RT_9 = _ng234("RT-9", "1.10")
INV_1 = _ng234("INV-1", "1.11")
INV_2 = _ng234("INV-2", "1.11")
INV_3 = _ng234("INV-3", "1.11")
INV_4 = _ng234("INV-4", "1.11")
INV_5 = _ng234("INV-5", "1.11")
INV_6 = _ng234("INV-6", "1.11")
INV_7 = _ng234("INV-7", "1.11")
SUP_1 = _ng234("SUP-1", "1.2")
SUP_2 = _ng234("SUP-2", "1.12.1")
SUP_3 = _ng234("SUP-3", "1.12.2", confirmed=True)
SUP_4 = _ng234("SUP-4", "1.12")
SUP_5 = _ng234("SUP-5", "1.12")

QS_2A, QS_2B, QS_3, QS_6, QS_7 = (_qs56(part) for part in ("2a", "2b", "3", "6", "7"))
SUP_7 = Citation(row="SUP-7", guideline="QS56", statement="7", confirmed=True)

STE_7 = _service("STE-7", "suspected lymphoma or myeloma without histology, haematology first")
ANY_CANCER_CONTEXT = _service("A1", "neurology is an emergency whatever is known of cancer")
CAUDA_EQUINA = _service("A16", "saddle or sphincter signs also follow the cauda equina pathway")
NOT_ASSESSED = _service("A5", "what was not assessed is not a no")
CANCER_SPLIT = _service("A8", "pain is routed by what is known of cancer")
PATHWAY_EDGE = _service("SVC-EDGE", "who stands outside this pathway")
CONFIRMED_ON_IMAGING = _service("SVC-IMG", "what imaging has shown counts, whoever asked for it")
UNSTABLE_OR_SEVERE = _service("SVC-UNS", "severe or unstable pain in known cancer is never below one week")
UNSTABLE_ANYWHERE = _service(
    "SVC-UNA", "an unstable spine is told to the coordinator whatever is known of cancer"
)
NOT_MALIGNANT_FIRST = _service(
    "SVC-NMC", "compression that is not malignant goes to a spinal surgeon before any steroid"
)
RELAPSE_FIRST = _service("SVC-REL", "a relapse of a cancer of the blood needs tissue before a steroid")
INFECTION_FIRST = _service("SVC-INF", "infection is weighed before a steroid")
REPORT_COUNTS = _service("SVC-REP", "a clean finding counts when final reports of the whole spine say so")
NEEDLE_OR_KNIFE = _service(
    "SVC-BLD", "bleeding risk is known before a biopsy, a vertebral procedure or surgery"
)
SURGEON_FIRST = _service("SVC-SUR", "who is told to a spinal surgeon before anybody else decides")
RADIOTHERAPY_WARNED = _service("SVC-PRE", "radiotherapy is warned while surgery is being decided")
PLEGIA_JUDGED = _service("SVC-PLE", "how long power has been lost is judged, never taken from a form")
CLEAN_SPINE = _service("SVC-CLN", "a clean spine with neurology is not the end of looking")
SAFETY_NET_FOR_ALL = _service("SVC-NET", "nobody goes home without knowing what to watch for")
PAGED_PROMISE = _service("SVC-ACK", "a human acknowledges every referral")
SAME_LIMIT = _service("IMG-7L", "CT instead of MRI keeps the same limit")
INSTABILITY_ALONE = _service("A17", "instability without neurology is a reason to consider immobilisation")
LATE_SUSPICION = _service("A3", "the clock runs from the first suspicion, however old")
STE_8 = _service("STE-8", "safeguards of steroid, as local practice has them")
STEROID_PROMPT = _service(
    "A15", "dexamethasone is prompted, never prescribed; a reason stands where it is not given"
)
STEROID_REVIEW = _service("CLK-STE", "dexamethasone is reviewed within a day of its start")
LOCAL_FIRST = _service("A18", "a scan elsewhere than locally needs a reason")
SURGERY_WITHOUT_HOURS = _service("A25", "surgery has no limit in hours; progression raises its priority")
EXCLUSION = _service("A11", "complete plegia for two weeks with pain controlled, or a poor prognosis")
PAINFUL_ALTHOUGH_EXCLUDED = _service(
    "A12", "who is excepted from urgent radiotherapy is still asked about pain"
)
NO_PREOPERATIVE = _service(
    "RT-10", "no radiotherapy before surgery, from earlier guidance; not confirmed for NG234"
)
PREVENTIVE_SURGERY = _service("INV-8", "preventive surgery without pain or instability is for research")
SUP_8 = _service("SUP-8", "therapists see the admitted person early, as local practice has it")
