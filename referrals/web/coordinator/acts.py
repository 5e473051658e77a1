"""Every act on a case, in menu order."""

from collections.abc import Iterable

from referrals.case.states import Action
from referrals.web.coordinator import forms, pathway, reports
from referrals.web.coordinator.act import ActGroup, CaseAct
from referrals.web.coordinator.aftercare import DISCHARGE
from referrals.web.coordinator.care import CARE_ACTS
from referrals.web.coordinator.closure import CLOSURE_ACTS
from referrals.web.coordinator.correspondence import CORRESPONDENCE_ACTS
from referrals.web.coordinator.decision import DECISION_ACTS
from referrals.web.coordinator.mistakes import MISTAKE_ACTS
from referrals.web.coordinator.ownership import OWNERSHIP_ACTS
from referrals.web.coordinator.relatives import RELATIVES_CALL
from referrals.web.coordinator.spine import SPINE_ACTS

_SCANS = (
    reports.MRI_REQUESTED,
    pathway.VETTED,
    pathway.MRI_BOOKED,
    reports.MRI_CANCELLED,
    pathway.SLOT,
    reports.MRI_PERFORMED,
    reports.MRI_REPORTED,
    pathway.REQUESTED,
    pathway.RECEIVED,
    pathway.VIEWABLE,
)
_ELSEWHERE = (
    CaseAct(
        name="mdt",
        title="Put to the MDT",
        group=ActGroup.TREAT,
        action=Action.LIST_FOR_MDT,
        button="Put to the MDT",
        page="list_for_mdt",
        fields=lambda file: forms.mdt(file.case),
    ),
    CaseAct(
        name="mdt-case",
        title="Opinions and decision of the MDT",
        group=ActGroup.TREAT,
        action=Action.JUDGE_COURSE,
        page="mdt_case",
    ),
    CaseAct(
        name="treatment",
        title="Treatment: decide, start, complete",
        group=ActGroup.TREAT,
        action=Action.DECIDE_TREATMENT,
        page="mdt_treatment",
    ),
    CaseAct(
        name="plan", title="Management plan", group=ActGroup.TREAT, action=Action.KEEP_PLAN, page="mdt_plan"
    ),
    CaseAct(
        name="outcomes",
        title="Outcomes and follow-up",
        group=ActGroup.TREAT,
        action=Action.RECORD_OUTCOME,
        page="mdt_outcomes",
    ),
    CaseAct(
        name="scores",
        title="Record or read scores",
        group=ActGroup.TREAT,
        action=Action.RECORD_SCORE,
        page="scores",
    ),
    CaseAct(
        name="record",
        title="Complete the record: neurology, pain, cancer, MRI safety, needs, wishes",
        group=ActGroup.MEND,
        action=Action.RECORD_DETAILS,
        page="record",
    ),
)


def _in_groups(acts: Iterable[CaseAct]) -> dict[str, CaseAct]:
    order = list(ActGroup)
    return {act.name: act for act in sorted(acts, key=lambda act: order.index(act.group))}


ACTS = _in_groups(
    (
        *DECISION_ACTS[:3],
        reports.DETERIORATION,
        *DECISION_ACTS[3:],
        *OWNERSHIP_ACTS,
        *_SCANS,
        *SPINE_ACTS,
        *pathway.TRANSFER_ACTS,
        CORRESPONDENCE_ACTS[0],
        RELATIVES_CALL,
        *CORRESPONDENCE_ACTS[1:],
        *_ELSEWHERE,
        *CARE_ACTS,
        reports.OTHER_EVENT,
        DISCHARGE,
        *MISTAKE_ACTS,
        *CLOSURE_ACTS,
    )
)
