"""A named person withdraws an imaging finding, or confirms it against a report, with a reason."""

from collections.abc import Mapping
from datetime import datetime

from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.act import act
from referrals.arrival.consequences import picture_changed
from referrals.arrival.reliance import ask_for_review
from referrals.case.case_facts import evidence_of
from referrals.case.event_record import write_event
from referrals.case.models import Referral
from referrals.case.notes import words
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.evidence.facts import FINDING_CONFIRMED, FINDING_WITHDRAWN
from referrals.promises.reassessment import reassess
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks


@act()
def withdraw_finding(
    reference: str, *, finding: int, text: str, by: Actor, at: datetime, service: Service
) -> Referral:
    """Withdraw a current finding, by the number of its fact (0: the referral itself), with a reason."""
    case = find_and_lock(reference, by=by)
    before = evidence_of(case, service=service).picture
    withdrawn = next((row for row in before.findings if row.number == finding), None)
    if withdrawn is None:
        raise Invalid("Choose a finding", errors={"finding": ["This finding does not stand any more"]})
    data: dict[str, int | str] = {"finding": finding, "shown": withdrawn.finding}
    _record(case, Action.WITHDRAW_FINDING, FINDING_WITHDRAWN, data, text, by=by, at=at)
    reassess(case, service=service, by=by, at=at)
    picture_changed(case, before, evidence_of(case, service=service).picture, by=by, at=at)
    if not case.is_over:
        settle_clocks_of_scans(case, service=service, by=by, at=at)
        settle_event_clocks(case, service=service, by=by, at=at)
        ask_for_review(case, withdrawn, by=by, at=at, service=service)
    return case


@act()
def confirm_finding(
    reference: str, *, finding: int, report: int, text: str, by: Actor, at: datetime, service: Service
) -> Referral:
    """Confirm a finding against a clean report of the same region, with a reason."""
    case = find_and_lock(reference, by=by)
    before = evidence_of(case, service=service).picture
    if (finding, report) not in {(row.finding.number, row.report) for row in before.contradictions}:
        raise Invalid("Choose a contradiction", errors={"finding": ["This is settled already"]})
    data = {"finding": finding, "report": report}
    _record(case, Action.CONFIRM_FINDING, FINDING_CONFIRMED, data, text, by=by, at=at)
    picture_changed(case, before, evidence_of(case, service=service).picture, by=by, at=at)
    return case


def _record(
    case: Referral,
    action: Action,
    kind: str,
    data: Mapping[str, int | str],
    text: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    note = words("finding", text, required=True, path="text")
    write_event(case, action, kind, occurred_at=at, data=data, facts=data, note=note, by=by, at=at)
