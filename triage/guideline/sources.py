"""Every source a rule may cite, by the row of our reading of the guideline.

A number is confirmed only where it is printed in a NICE or BMJ text that was read; the others are
shown as not confirmed until a clinical lead has checked them against the guideline itself.
"""

from triage.guideline.rule import Citation


def _ng234(row: str, recommendation: str, *, confirmed: bool = False) -> Citation:
    return Citation(row=row, guideline="NG234", recommendation=recommendation, confirmed=confirmed)


def _qs56(statement: str) -> Citation:
    return Citation(row=f"QS-{statement}", guideline="QS56", statement=statement, confirmed=True)


def _service(row: str, decision: str) -> Citation:
    return Citation(row=row, guideline="service", decision=decision)


REC_2 = _ng234("REC-2", "1.3.2", confirmed=True)
REC_3 = _ng234("REC-3", "1.3.3", confirmed=True)
REC_5 = _ng234("REC-5", "1.3.5")
REC_6 = _ng234("REC-6", "1.3.6")
COO_1 = _ng234("COO-1", "1.1.15", confirmed=True)
IMM_1 = _ng234("IMM-1", "1.4.1")
IMM_2 = _ng234("IMM-2", "1.4.2")
IMM_4 = _ng234("IMM-4", "1.4.4")
IMG_1 = _ng234("IMG-1", "1.5.2", confirmed=True)
IMG_2 = _ng234("IMG-2", "1.5.3", confirmed=True)
IMG_3 = _ng234("IMG-3", "1.5.5", confirmed=True)
IMG_7 = _ng234("IMG-7", "1.5")
IMG_9 = _ng234("IMG-9", "1.5")
PAI_1 = _ng234("PAI-1", "1.6.1")
PAI_2 = _ng234("PAI-2", "1.6")
PAI_3 = _ng234("PAI-3", "1.6")
PAI_5 = _ng234("PAI-5", "1.6")
BON_1 = _ng234("BON-1", "1.7")
BON_2 = _ng234("BON-2", "1.7")
BON_4 = _ng234("BON-4", "1.7")
STE_1 = _ng234("STE-1", "1.8.1")
STE_2 = _ng234("STE-2", "1.8.2")
STE_3 = _ng234("STE-3", "1.8.3")
STE_5 = _ng234("STE-5", "1.8.5")
INV_6 = _ng234("INV-6", "1.11")

QS_2, QS_3 = _qs56("2"), _qs56("3")

STE_7 = _service("STE-7", "suspected lymphoma or myeloma without histology, haematology first")
ANY_CANCER_CONTEXT = _service("A1", "neurology is an emergency whatever is known of cancer")
CAUDA_EQUINA = _service("A16", "saddle or sphincter signs also follow the cauda equina pathway")
NOT_ASSESSED = _service("A5", "what was not assessed is not a no")
CANCER_SPLIT = _service("A8", "pain is routed by what is known of cancer")
PATHWAY_EDGE = _service("SVC-EDGE", "who stands outside this pathway")
CONFIRMED_ON_IMAGING = _service("SVC-IMG", "what imaging has shown counts, whoever asked for it")
UNSTABLE_OR_SEVERE = _service("SVC-UNS", "severe or unstable pain in known cancer is never below one week")
SAFETY_NET_FOR_ALL = _service("SVC-NET", "nobody goes home without knowing what to watch for")
PAGED_PROMISE = _service("SVC-ACK", "a human acknowledges every referral")
SAME_LIMIT = _service("IMG-7L", "CT instead of MRI keeps the same limit")
INSTABILITY_ALONE = _service("A17", "instability without neurology is a reason to consider immobilisation")
LATE_SUSPICION = _service("A3", "the clock runs from the first suspicion, however old")
