"""Record a decision of the MDT: who was there, the options, the outcome and its owner. Each outcome becomes a request."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.act import Act
from accounts.people import SPECIALTY_WORDS
from kernel.actors import Actor
from kernel.refusals import Invalid
from kernel.time import from_rfc3339, is_earlier, near
from ledger.append import append
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from mdt.codes import ACTIONS, PRESENT, is_plan
from mdt.consensus import DECISION, JUDGED, SPOKEN, Quorum, faults_of_judging, quorum_of
from mdt.content import Errors, read
from mdt.line_facts import MdtDecided
from mdt.models import Decision, Item
from mdt.statements import newest, write
from mdt.stored import StoredDecision, StoredPosition
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.arrival.consequences import judge
from referrals.case.case_facts import course_of_case, symptoms_began
from referrals.case.line_facts import ObligationSettled
from referrals.case.models import Referral
from referrals.case.notes import NoteText
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.intake.codes import DISCUSSIONS
from referrals.promises.obligations import start_obligation
from triage.guideline.course import as_json

# The contact that carries out each decision; “No action” has none.
OWED_BY = {
    "surgery": "spinal_surgery",
    "vertebral_intervention": "spinal_surgery",
    "radiotherapy": "oncology",
    "systemic_treatment": "oncology",
    "supportive_care": "palliative_care",
    "external_support": "physiotherapy",
    "mobilise": "physiotherapy",
    "keep_lying": "physiotherapy",
    "rehabilitation": "physiotherapy",
    "biopsy": "radiology",
    "more_imaging": "radiology",
}
HOURS, EMERGENCY_HOURS = 24.0, 4.0


@one_transaction()
def record_decision(
    reference: str,
    sent: Mapping[str, Any],
    *,
    discussion: str,
    meeting: int | None = None,
    seen: int | None = None,
    act: Act,
) -> Decision:
    """Sign a decision of the MDT. `sent` has its fields and what each specialty said to it, by path.

    Without its quorum it needs the name of the person who went ahead, and the reason. Each outcome becomes a task
    for the contact of its specialty; the guideline is asked again with what was judged; opinions still awaited are no
    longer needed, and the clock of the plan is met.
    """
    case = find_and_lock(reference, by=act.by)
    refuse_if_changed(case, version=seen)
    content: StoredDecision
    content, errors = read(DECISION, sent, at=act.at)
    positions = _positions(sent, errors, at=act.at)
    outcomes = content.get("outcomes", [])
    present = [position["specialty"] for position in positions]
    quorum = quorum_of(outcomes, present, act.service.values)
    before = newest(Decision, case)
    errors |= _faults(case, content, quorum, discussion, meeting) | faults_of_judging("decision", content)
    errors |= _fault_of_order(content, before, at=act.at)
    item = _item(case, meeting, errors)
    if errors:
        raise Invalid("The decision is not complete", errors=errors)
    decided_at = from_rfc3339(content["decided_at"])
    tasks = _owe(case, outcomes, content["owner"], act=act)
    decision = write(
        Decision,
        case,
        {**content, "positions": positions, "missing": list(quorum.missing), "tasks": tasks},
        action=Action.DECIDE_IN_MDT,
        facts=MdtDecided(
            outcomes=outcomes,
            decided_at=decided_at,
            discussion=discussion,
            present=present,
            dissent=[position["specialty"] for position in positions if position["position"] == "dissents"],
            missing=list(quorum.missing),
            surgery_suitable=content.get("surgery_suitable", ""),
        ),
        columns={
            "meeting_id": item.meeting_id if item else None,
            "discussion": discussion,
            "decided_at": decided_at,
            "quorum_met": quorum.met,
            "dissent": any(position["position"] == "dissents" for position in positions),
        },
        seen=None,
        changes={"listed_for_mdt_at": case.listed_for_mdt_at or act.at},
        by=act.by,
        at=act.at,
    )
    _judge(case, content, act=act)
    _end_what_waited(case, outcomes, decided_at, before, by=act.by, at=act.at)
    return decision


def _positions(sent: Mapping[str, Any], errors: Errors, *, at: datetime) -> list[StoredPosition]:
    """What each specialty that was there said; who is there has a name, who dissents says why."""
    positions: list[StoredPosition] = []
    content: StoredPosition
    for specialty, fields in SPOKEN.items():
        content, faults = read(fields, sent, at=at)
        errors |= faults
        if content.get("position") not in PRESENT:
            if content.get("name") or content.get("words"):
                errors[f"spoken.{specialty}.position"] = [
                    f"{SPECIALTY_WORDS[specialty]}: choose agrees or dissents"
                ]
            continue
        if not content.get("name"):
            errors[f"spoken.{specialty}.name"] = [
                f"{SPECIALTY_WORDS[specialty]}: enter who spoke for the specialty"
            ]
        if content["position"] == "dissents" and not content.get("words"):
            errors[f"spoken.{specialty}.words"] = [
                f"{SPECIALTY_WORDS[specialty]}: write what they dissent from"
            ]
        positions.append({**content, "specialty": specialty})
    return positions


def _faults(
    case: Referral, content: StoredDecision, quorum: Quorum, discussion: str, meeting: int | None
) -> Errors:
    errors: Errors = {}
    outcomes = content.get("outcomes", [])
    if discussion not in DISCUSSIONS:
        errors["decision.discussion"] = ["Choose how it was discussed"]
    elif discussion == "scheduled" and meeting is None:
        errors["decision.discussion"] = ["Choose the meeting: the case has to be on its list"]
    if not outcomes:
        errors["decision.outcomes"] = ["Choose what was decided; “No action” is a decision too"]
    elif "no_action" in outcomes and len(outcomes) > 1:
        errors["decision.outcomes"] = [
            "“No action” cannot be chosen with another decision: leave out one or the other"
        ]
    if not quorum.met:
        why = f"These specialties were not there: {quorum.missing_words}"
        if not content.get("without_quorum_by"):
            errors["decision.without_quorum_by"] = [f"{why}. Name who decided to go ahead without them"]
        if not content.get("without_quorum_because"):
            errors["decision.without_quorum_because"] = [f"{why}. Write why it could not wait"]
    if "decided_at" in content and is_earlier(from_rfc3339(content["decided_at"]), than=symptoms_began(case)):
        errors["decision.decided_at"] = ["This is before the symptoms began: check the date"]
    return errors


def _fault_of_order(content: Mapping[str, Any], before: Decision | None, *, at: datetime) -> Errors:
    """A decision typed late does not replace a later one; only its time may be corrected."""
    if before is None or "decided_at" not in content or content.get("outcomes") == before.content["outcomes"]:
        return {}
    if not is_earlier(from_rfc3339(content["decided_at"]), than=before.decided_at):
        return {}
    reason = (
        f"A later decision, made at {near(before.decided_at, at=at)}, stands. If this one replaces it, "
        "enter when it did; otherwise write it as an addendum"
    )
    return {"decision.decided_at": [reason]}


def _item(case: Referral, meeting: int | None, errors: Errors) -> Item | None:
    """The case on the list of the meeting that decides."""
    if meeting is None:
        return None
    item = Item.objects.filter(meeting=meeting, referral=case, off_at=None).first()
    if item is None or (item.late and item.approved_at is None):
        errors["decision.meeting"] = ["The case is not on the list of this meeting"]
    return item


def _owe(case: Referral, outcomes: list[str], owner: str, *, act: Act) -> dict[str, int]:
    """Start a request for each outcome. None is started for a patient who has died."""
    if case.died_at is not None:
        return {}
    hours = EMERGENCY_HOURS if case.pages_at_once else HOURS
    return {
        outcome: start_obligation(
            case,
            ClockKind.TASK,
            owed_by=OWED_BY[outcome],
            note=NoteText(
                about="obligation", text=f"The MDT decided: {ACTIONS[outcome].lower()}. For it: {owner}"
            ),
            hours=hours,
            label=ACTIONS[outcome].lower(),
            act=act,
        ).pk
        for outcome in outcomes
        if outcome in OWED_BY
    }


def _judge(case: Referral, content: Mapping[str, Any], *, act: Act) -> None:
    before = as_json(course_of_case(case, service=act.service))
    changes = {name: content[name] for name in JUDGED if name in content and content[name] != before[name]}
    if changes:
        judge(case, changes, act=act)


def _end_what_waited(
    case: Referral,
    outcomes: list[str],
    decided_at: datetime,
    before: Decision | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """End the requests that waited for this decision; later ones go on.

    The tasks of the decision before are replaced by those of this one.
    """
    final = is_plan(outcomes)
    replaced = set(before.content["tasks"].values()) if before else set()
    for clock in clocks.hold(case.pk):
        if clock.subject in replaced and clock.kind == ClockKind.TASK:
            clocks.stop_clock(clock, because=Stopped.SUPERSEDED, stopped_at=at, by=by, at=at)
        if not final or is_earlier(decided_at, than=clock.started_at):
            continue
        stopped_at = max(decided_at, clock.started_at)
        if clock.kind == ClockKind.SPECIALIST_OPINION:
            facts = ObligationSettled(obligation=clock.kind, done_at=decided_at, decided_without=True)
            append(Kind.OBLIGATION_SETTLED, by=by, at=at, case=case.pk, facts=facts)
            clocks.stop_clock(clock, because=Stopped.NOT_NEEDED, stopped_at=stopped_at, by=by, at=at)
        elif clock.kind == ClockKind.TREATMENT_PLAN:
            clocks.stop_clock(clock, because=Stopped.MET, stopped_at=stopped_at, by=by, at=at)
