"""The actions on a case, the states they lead from and to, and who may do them. Pure; the diagram is printed from here."""

from dataclasses import dataclass
from enum import StrEnum

from kernel.actors import Role
from ledger.kinds import Kind


class Status(StrEnum):
    SUBMITTED = "submitted"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    AWAITING_MDT = "awaiting_mdt"
    IN_TREATMENT = "in_treatment"
    ADVICE_GIVEN = "advice_given"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    ENTERED_IN_ERROR = "entered_in_error"


STATUS_WORDS = {
    Status.SUBMITTED: "Sent, not yet acknowledged",
    Status.ACKNOWLEDGED: "Acknowledged",
    Status.IN_PROGRESS: "In progress",
    Status.AWAITING_MDT: "Awaiting MDT",
    Status.IN_TREATMENT: "In treatment",
    Status.ADVICE_GIVEN: "Advice given",
    Status.CLOSED: "Closed",
    Status.WITHDRAWN: "Withdrawn",
    Status.ENTERED_IN_ERROR: "Entered in error",
}
OVER = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR})
OPEN = tuple(status for status in Status if status not in OVER)


class Action(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    ADVISE = "advise"
    REDIRECT = "redirect"
    COMPLETE_FINDINGS = "complete_findings"
    DECIDE_DISPOSITION = "decide_disposition"
    RECORD_EVENT = "record_event"
    RECORD_DETERIORATION = "record_deterioration"
    WITHDRAW_FINDING = "withdraw_finding"
    CONFIRM_FINDING = "confirm_finding"
    SETTLE_ARRIVAL = "settle_arrival"
    START_TREATMENT = "start_treatment"
    LOG_CONTACT = "log_contact"
    ADD_ORGANISATION = "add_organisation"
    REVIEW = "review"
    END_CLOCKS = "end_clocks"
    KEEP_PROMISE = "keep_promise"
    JUDGE_COURSE = "judge_course"
    ANSWER_CARE = "answer_care"
    RECORD_SCORE = "record_score"
    EXTEND_LEASE = "extend_lease"
    SNOOZE = "snooze"
    ASK = "ask"
    SETTLE = "settle"
    DENY_DEATH = "deny_death"
    LIST_FOR_MDT = "list_for_mdt"
    PUT_ON_AGENDA = "put_on_agenda"
    APPROVE_ON_AGENDA = "approve_on_agenda"
    TAKE_OFF_AGENDA = "take_off_agenda"
    GIVE_OPINION = "give_opinion"
    DECIDE_IN_MDT = "decide_in_mdt"
    DECIDE_TREATMENT = "decide_treatment"
    KEEP_PLAN = "keep_plan"
    SIGN_PLAN = "sign_plan"
    RECORD_OUTCOME = "record_outcome"
    RECORD_DETAILS = "record_details"
    READ_NEWS = "read_news"
    CLAIM = "claim"
    RELEASE = "release"
    HAND_ON = "hand_on"
    ACCEPT_HAND_ON = "accept_hand_on"
    DECLINE_HAND_ON = "decline_hand_on"
    TAKE_OVER = "take_over"
    ACCEPT_PATIENT = "accept_patient"
    SEND_MESSAGE = "send_message"
    ATTACH = "attach"
    RECORD_SLOT = "record_slot"
    ISSUE_LETTER = "issue_letter"
    RECORD_READING = "record_reading"
    MERGE = "merge"
    UNDO_MERGE = "undo_merge"
    IDENTIFY = "identify"
    ADD_ADDENDUM = "add_addendum"
    CLOSE = "close"
    REOPEN = "reopen"
    ASK_WITHDRAWAL = "ask_withdrawal"
    DECLINE_WITHDRAWAL = "decline_withdrawal"
    WITHDRAW = "withdraw"
    MARK_ERROR = "mark_error"


ACTION_WORDS = {
    Action.ACKNOWLEDGE: "acknowledge",
    Action.ACCEPT: "triage",
    Action.ADVISE: "give advice and go no further",
    Action.REDIRECT: "redirect",
    Action.COMPLETE_FINDINGS: "complete the findings",
    Action.DECIDE_DISPOSITION: "decide where the patient goes",
    Action.RECORD_EVENT: "record an event",
    Action.RECORD_DETERIORATION: "record worse neurology",
    Action.WITHDRAW_FINDING: "withdraw an imaging finding",
    Action.CONFIRM_FINDING: "confirm an imaging finding",
    Action.SETTLE_ARRIVAL: "settle what arrived after the end",
    Action.START_TREATMENT: "record the start of treatment",
    Action.LOG_CONTACT: "log a contact",
    Action.ADD_ORGANISATION: "give another organisation access",
    Action.REVIEW: "review",
    Action.END_CLOCKS: "end clocks that are not needed",
    Action.KEEP_PROMISE: "record that it was done",
    Action.JUDGE_COURSE: "record judgements for treatment",
    Action.ANSWER_CARE: "answer a prompt of the guideline",
    Action.RECORD_SCORE: "record a score",
    Action.EXTEND_LEASE: "take ten more minutes",
    Action.SNOOZE: "keep a clock quiet",
    Action.ASK: "ask for an answer, task, review or opinion",
    Action.SETTLE: "record an answer",
    Action.DENY_DEATH: "say that a report of death was wrong",
    Action.LIST_FOR_MDT: "list for MDT",
    Action.PUT_ON_AGENDA: "put on the list of a meeting",
    Action.APPROVE_ON_AGENDA: "approve a late addition",
    Action.TAKE_OFF_AGENDA: "take off the list of a meeting",
    Action.GIVE_OPINION: "give an opinion",
    Action.DECIDE_IN_MDT: "record an MDT decision",
    Action.DECIDE_TREATMENT: "decide treatment",
    Action.KEEP_PLAN: "keep the management plan",
    Action.SIGN_PLAN: "sign the management plan",
    Action.RECORD_OUTCOME: "record an outcome",
    Action.RECORD_DETAILS: "complete the record",
    Action.READ_NEWS: "mark the news as read",
    Action.CLAIM: "claim",
    Action.RELEASE: "release",
    Action.HAND_ON: "ask a colleague to take the case",
    Action.ACCEPT_HAND_ON: "take a case from a colleague",
    Action.DECLINE_HAND_ON: "decline a case from a colleague",
    Action.TAKE_OVER: "take over",
    Action.ACCEPT_PATIENT: "record who accepted the patient",
    Action.SEND_MESSAGE: "send a message",
    Action.ATTACH: "add a file",
    Action.RECORD_SLOT: "record a protected slot",
    Action.ISSUE_LETTER: "issue a letter",
    Action.RECORD_READING: "record that a letter was read",
    Action.MERGE: "merge with another referral",
    Action.UNDO_MERGE: "undo a merge",
    Action.IDENTIFY: "identify the person",
    Action.ADD_ADDENDUM: "write an addendum",
    Action.CLOSE: "close",
    Action.REOPEN: "open again",
    Action.ASK_WITHDRAWAL: "ask for withdrawal",
    Action.DECLINE_WITHDRAWAL: "decline a withdrawal",
    Action.WITHDRAW: "withdraw",
    Action.MARK_ERROR: "mark as entered in error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """An action, the states it may start from, the state it leads to (None: unchanged), who may do it, and its ledger kind."""

    action: Action
    sources: tuple[Status, ...]
    target: Status | None
    roles: tuple[Role, ...]
    kind: Kind

    def target_from(self, status: Status) -> Status:
        return self.target or status


COORDINATOR = (Role.COORDINATOR,)
REFERRING = (Role.REFERRER, Role.CLIENT)
PEOPLE = (Role.COORDINATOR, Role.REFERRER)
BOTH = (Role.COORDINATOR, Role.REFERRER, Role.CLIENT)
MDT = (Role.COORDINATOR, Role.MDT_MEMBER)
TELLING = (*BOTH, Role.MDT_MEMBER)
_S = Status


def _when(
    action: Action, sources: tuple[Status, ...], target: Status | None, roles: tuple[Role, ...], kind: Kind
) -> Transition:
    return Transition(action=action, sources=sources, target=target, roles=roles, kind=kind)


TRANSITIONS: tuple[Transition, ...] = (
    _when(Action.ACKNOWLEDGE, (_S.SUBMITTED,), _S.ACKNOWLEDGED, COORDINATOR, Kind.REFERRAL_ACKNOWLEDGED),
    _when(Action.ACKNOWLEDGE, tuple(s for s in Status if s != _S.SUBMITTED), None, COORDINATOR,
          Kind.REFERRAL_ACKNOWLEDGED),
    _when(Action.ACCEPT, (_S.SUBMITTED, _S.ACKNOWLEDGED, _S.ADVICE_GIVEN), _S.IN_PROGRESS, COORDINATOR,
          Kind.REFERRAL_TRIAGED),
    _when(Action.ACCEPT, (_S.IN_PROGRESS, _S.AWAITING_MDT, _S.IN_TREATMENT), None, COORDINATOR,
          Kind.REFERRAL_TRIAGED),
    _when(Action.ADVISE, (_S.SUBMITTED, _S.ACKNOWLEDGED, _S.IN_PROGRESS, _S.ADVICE_GIVEN), _S.ADVICE_GIVEN,
          COORDINATOR, Kind.REFERRAL_TRIAGED),
    _when(Action.REDIRECT, (_S.SUBMITTED, _S.ACKNOWLEDGED, _S.IN_PROGRESS, _S.ADVICE_GIVEN), _S.CLOSED,
          COORDINATOR, Kind.REFERRAL_REDIRECTED),
    _when(Action.COMPLETE_FINDINGS, OPEN, None, PEOPLE, Kind.FINDINGS_CHANGED),
    _when(Action.DECIDE_DISPOSITION, OPEN, None, COORDINATOR, Kind.DISPOSITION_DECIDED),
    _when(Action.RECORD_EVENT, tuple(Status), None, TELLING, Kind.EVENT_RECORDED),
    _when(Action.WITHDRAW_FINDING, tuple(Status), None, MDT, Kind.FINDING_WITHDRAWN),
    _when(Action.CONFIRM_FINDING, tuple(Status), None, MDT, Kind.FINDING_CONFIRMED),
    _when(Action.SETTLE_ARRIVAL, tuple(s for s in Status if s in OVER), None, COORDINATOR, Kind.ARRIVAL_SETTLED),
    _when(Action.RECORD_DETERIORATION, (_S.ADVICE_GIVEN,), _S.IN_PROGRESS, TELLING, Kind.EVENT_RECORDED),
    _when(Action.RECORD_DETERIORATION, tuple(s for s in OPEN if s != _S.ADVICE_GIVEN), None, TELLING,
          Kind.EVENT_RECORDED),
    _when(Action.START_TREATMENT, OPEN, _S.IN_TREATMENT, TELLING, Kind.EVENT_RECORDED),
    _when(Action.LOG_CONTACT, tuple(Status), None, COORDINATOR, Kind.CONTACT_LOGGED),
    _when(Action.ADD_ORGANISATION, OPEN, None, COORDINATOR, Kind.ORGANISATION_ADDED),
    _when(Action.REVIEW, tuple(Status), None, COORDINATOR, Kind.REVIEW_DONE),
    _when(Action.END_CLOCKS, OPEN, None, COORDINATOR, Kind.CLOCKS_NOT_NEEDED),
    _when(Action.KEEP_PROMISE, OPEN, None, COORDINATOR, Kind.PROMISE_KEPT),
    _when(Action.JUDGE_COURSE, OPEN, None, MDT, Kind.COURSE_JUDGED),
    _when(Action.ANSWER_CARE, OPEN, None, COORDINATOR, Kind.CARE_ANSWERED),
    _when(Action.RECORD_SCORE, OPEN, None, MDT, Kind.SCORE_RECORDED),
    _when(Action.EXTEND_LEASE, (_S.ACKNOWLEDGED,), None, COORDINATOR, Kind.LEASE_EXTENDED),
    _when(Action.SNOOZE, OPEN, None, COORDINATOR, Kind.SNOOZED),
    _when(Action.ASK, OPEN, None, COORDINATOR, Kind.OBLIGATION_ASKED),
    _when(Action.SETTLE, OPEN, None, COORDINATOR, Kind.OBLIGATION_SETTLED),
    _when(Action.DENY_DEATH, OPEN, None, COORDINATOR, Kind.DEATH_DENIED),
    _when(Action.LIST_FOR_MDT, (_S.ACKNOWLEDGED, _S.IN_PROGRESS, _S.AWAITING_MDT), _S.AWAITING_MDT,
          COORDINATOR, Kind.LISTED_FOR_MDT),
    _when(Action.LIST_FOR_MDT, (_S.IN_TREATMENT, _S.ADVICE_GIVEN), None, COORDINATOR, Kind.LISTED_FOR_MDT),
    _when(Action.PUT_ON_AGENDA, OPEN, None, (*MDT, Role.SYSTEM), Kind.PUT_ON_AGENDA),
    _when(Action.APPROVE_ON_AGENDA, tuple(Status), None, MDT, Kind.AGENDA_APPROVED),
    _when(Action.TAKE_OFF_AGENDA, tuple(Status), None, MDT, Kind.TAKEN_OFF_AGENDA),
    _when(Action.GIVE_OPINION, OPEN, None, MDT, Kind.OPINION_GIVEN),
    _when(Action.DECIDE_IN_MDT, (_S.AWAITING_MDT,), _S.IN_PROGRESS, MDT, Kind.MDT_DECIDED),
    _when(Action.DECIDE_IN_MDT, tuple(s for s in OPEN if s not in (_S.AWAITING_MDT, _S.SUBMITTED)), None, MDT,
          Kind.MDT_DECIDED),
    _when(Action.DECIDE_TREATMENT, tuple(s for s in OPEN if s != _S.SUBMITTED), None, MDT, Kind.TREATMENT_DECIDED),
    _when(Action.KEEP_PLAN, OPEN, None, MDT, Kind.PLAN_KEPT),
    _when(Action.SIGN_PLAN, OPEN, None, MDT, Kind.PLAN_SIGNED),
    _when(Action.RECORD_OUTCOME, tuple(s for s in Status if s != _S.ENTERED_IN_ERROR), None, MDT,
          Kind.OUTCOME_RECORDED),
    _when(Action.RECORD_DETAILS, OPEN, None, BOTH, Kind.DETAILS_RECORDED),
    _when(Action.READ_NEWS, tuple(Status), None, COORDINATOR, Kind.NEWS_READ),
    _when(Action.CLAIM, OPEN, None, COORDINATOR, Kind.CASE_CLAIMED),
    _when(Action.RELEASE, OPEN, None, COORDINATOR, Kind.CASE_RELEASED),
    _when(Action.HAND_ON, OPEN, None, COORDINATOR, Kind.CASE_HANDED_ON),
    _when(Action.ACCEPT_HAND_ON, OPEN, None, COORDINATOR, Kind.HAND_ON_ACCEPTED),
    _when(Action.DECLINE_HAND_ON, OPEN, None, COORDINATOR, Kind.HAND_ON_DECLINED),
    _when(Action.TAKE_OVER, OPEN, None, COORDINATOR, Kind.CASE_TAKEN_OVER),
    _when(Action.ACCEPT_PATIENT, OPEN, None, COORDINATOR, Kind.PATIENT_ACCEPTED),
    _when(Action.SEND_MESSAGE, OPEN, None, BOTH, Kind.MESSAGE_SENT),
    _when(Action.SEND_MESSAGE, tuple(s for s in Status if s in OVER), None, COORDINATOR, Kind.MESSAGE_SENT),
    _when(Action.ATTACH, OPEN, None, BOTH, Kind.ATTACHMENT_ADDED),
    _when(Action.RECORD_SLOT, OPEN, None, COORDINATOR, Kind.SLOT_RECORDED),
    _when(Action.ISSUE_LETTER, tuple(s for s in Status if s != _S.SUBMITTED), None, MDT,
          Kind.LETTER_ISSUED),
    _when(Action.RECORD_READING, tuple(Status), None, PEOPLE, Kind.LETTER_READ),
    _when(Action.MERGE, OPEN, _S.CLOSED, COORDINATOR, Kind.CASES_MERGED),
    _when(Action.UNDO_MERGE, (_S.CLOSED,), _S.IN_PROGRESS, COORDINATOR, Kind.MERGE_UNDONE),
    _when(Action.IDENTIFY, OPEN, None, COORDINATOR, Kind.PERSON_IDENTIFIED),
    _when(Action.ADD_ADDENDUM, tuple(Status), None, (Role.COORDINATOR, Role.LEAD), Kind.ADDENDUM_WRITTEN),
    _when(Action.CLOSE, tuple(s for s in OPEN if s != _S.SUBMITTED), _S.CLOSED, COORDINATOR,
          Kind.REFERRAL_CLOSED),
    _when(Action.REOPEN, (_S.CLOSED, _S.WITHDRAWN), _S.IN_PROGRESS, COORDINATOR, Kind.REFERRAL_REOPENED),
    _when(Action.ASK_WITHDRAWAL, OPEN, None, REFERRING, Kind.WITHDRAWAL_ASKED),
    _when(Action.DECLINE_WITHDRAWAL, OPEN, None, COORDINATOR, Kind.WITHDRAWAL_DECLINED),
    _when(Action.WITHDRAW, OPEN, _S.WITHDRAWN, BOTH, Kind.REFERRAL_WITHDRAWN),
    _when(Action.MARK_ERROR, (*OPEN, _S.CLOSED), _S.ENTERED_IN_ERROR, COORDINATOR,
          Kind.REFERRAL_ENTERED_IN_ERROR),
)  # fmt: skip


def transition(action: Action, status: Status) -> Transition | None:
    """The row of the table for an action in a state; None when the action is not possible there."""
    return next((t for t in TRANSITIONS if t.action == action and status in t.sources), None)


def roles_for(action: Action) -> frozenset[Role]:
    """The roles that may take this action from at least one state; empty for an action that no state allows."""
    return frozenset(role for t in TRANSITIONS if t.action == action for role in t.roles)


def diagram() -> str:
    """The table as a Mermaid diagram and a list, for docs/states.md."""
    moves = sorted(
        {
            (source, t.target, t.action)
            for t in TRANSITIONS
            if t.target
            for source in t.sources
            if source != t.target
        }
    )
    lines = ["# States of a case", "", "Printed from `referrals/case/states.py`; a test compares the two.", "", "```mermaid",
             "stateDiagram-v2", f"    [*] --> {Status.SUBMITTED}: submit"]  # fmt: skip
    lines += [f"    {source} --> {target}: {ACTION_WORDS[action]}" for source, target, action in moves]
    lines += [f"    {status} --> [*]" for status in sorted(OVER)]
    lines += [
        "```",
        "",
        "| action | in these states | leads to | who may | ledger kind |",
        "|---|---|---|---|---|",
    ]
    for t in TRANSITIONS:
        sources = "every state" if len(t.sources) == len(Status) else ", ".join(t.sources)
        roles = ", ".join(role.value for role in t.roles)
        lines.append(
            f"| {ACTION_WORDS[t.action]} | {sources} | {t.target or 'unchanged'} | {roles} | `{t.kind}` |"
        )
    return "\n".join(lines) + "\n"
