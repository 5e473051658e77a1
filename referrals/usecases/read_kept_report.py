"""A coordinator reads a report that came without a result, and records what it says on the case of its person."""

from datetime import datetime

from accounts.act import Act
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import rfc3339
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from referrals.arrival.consequences import ArrivedFact, arrive
from referrals.case.line_facts import UnmatchedFactSettled
from referrals.case.models import UnmatchedFact
from referrals.case.queries import find_and_lock
from referrals.evidence.events import DATA, parse_event
from referrals.evidence.facts import Fact
from referrals.evidence.scans import REPORTED
from referrals.intake.codes import REPORT_UNREAD
from referrals.usecases.keep_unmatched_fact import open_fact, settlement_as_bound


@one_transaction()
def read_kept_report(number: int, *, reference: str, result: str, act: Act) -> ArrivedFact:
    """Record on a case the result of a kept report, as the coordinator read it. It counts from its true instant."""
    row = open_fact(number)
    if row.kind != REPORT_UNREAD:
        raise OutOfTurn("This is not a report that waits to be read")
    fact = _as_read(row, result, at=act.at)
    case = find_and_lock(reference, by=act.by)
    if case.merged_into_id is not None:
        raise OutOfTurn("That referral is merged: choose its main case")
    text = f"Sent without a result by {row.by_name}, and read in the hospital's system"
    arrived = arrive(case, fact, act=act, text=text)
    row.settled_at, row.settled_by_name, row.linked_to = act.at, act.by.name, case
    facts = UnmatchedFactSettled(
        unmatched=row.pk, event=REPORTED, bound={"settled": settlement_as_bound(row)}
    )
    line = append(Kind.UNMATCHED_FACT_SETTLED, by=act.by, at=act.at, case=case.pk, facts=facts)
    keep(row, line=line, by=act.by, at=act.at)
    return arrived


def _as_read(row: UnmatchedFact, result: str, *, at: datetime) -> Fact:
    """The report with its result, through the check of every door."""
    data = {name: value for name, value in row.data.items() if name in DATA[REPORTED]}
    body = {
        "kind": REPORTED,
        "occurred_at": rfc3339(row.occurred_at),
        "data": {**data, "result": result or None},
    }
    try:
        return parse_event(body, at=at)
    except Invalid as invalid:
        texts = [text for rows in invalid.errors.values() for text in rows]
        raise Invalid(invalid.sentence, errors={"result": texts}) from None
