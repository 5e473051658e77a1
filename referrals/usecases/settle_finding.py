"""A named person withdraws an imaging finding, or confirms it against a report, with a reason."""

from datetime import datetime

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid, OutOfTurn
from ledger.transaction import one_transaction
from referrals.arrival.consequences import picture_changed
from referrals.arrival.reliance import ask_for_review
from referrals.case.case_facts import evidence_of
from referrals.case.event_record import write_event
from referrals.case.models import Referral
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.evidence.event_data import SettledFinding
from referrals.evidence.facts import FINDING_CONFIRMED, FINDING_WITHDRAWN
from referrals.promises.reassessment import reassess
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks


@one_transaction()
def withdraw_finding(reference: str, *, finding: int, text: str, act: Act) -> Referral:
    """Withdraw a current finding, by the number of its fact (0: the referral itself), with a reason."""
    case = _find_and_lock(reference, by=act.by)
    before = evidence_of(case, service=act.service).picture
    withdrawn = next((row for row in before.findings if row.number == finding), None)
    if withdrawn is None:
        raise Invalid("Choose a finding", errors={"finding": ["This finding no longer stands"]})
    data: SettledFinding = {"finding": finding, "shown": withdrawn.finding}
    _record(case, Action.WITHDRAW_FINDING, FINDING_WITHDRAWN, data, text, by=act.by, at=act.at)
    reassess(case, act=act)
    picture_changed(case, before, evidence_of(case, service=act.service).picture, by=act.by, at=act.at)
    if not case.is_over:
        settle_clocks_of_scans(case, act=act)
        settle_event_clocks(case, act=act)
        ask_for_review(case, withdrawn, act=act)
    return case


@one_transaction()
def confirm_finding(reference: str, *, finding: int, report: int, text: str, act: Act) -> Referral:
    """Confirm a finding against a clean report of the same region, with a reason."""
    case = _find_and_lock(reference, by=act.by)
    before = evidence_of(case, service=act.service).picture
    if (finding, report) not in {(row.finding.number, row.report) for row in before.contradictions}:
        raise Invalid("Choose a contradiction", errors={"finding": ["This is settled already"]})
    data: SettledFinding = {"finding": finding, "report": report}
    _record(case, Action.CONFIRM_FINDING, FINDING_CONFIRMED, data, text, by=act.by, at=act.at)
    picture_changed(case, before, evidence_of(case, service=act.service).picture, by=act.by, at=act.at)
    return case


def _find_and_lock(reference: str, *, by: Actor) -> Referral:
    """The case, locked. What a merged referral shows counts on its main case, where it is settled."""
    case = find_and_lock(reference, by=by)
    if case.merged_into is not None:
        raise OutOfTurn(f"This was merged: settle it on {case.merged_into.reference}")
    return case


def _record(
    case: Referral,
    action: Action,
    kind: str,
    data: SettledFinding,
    text: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    note = words("finding", text, required=True, path="text")
    write_event(case, action, kind, occurred_at=at, data=data, facts=data, note=note, by=by, at=at)
