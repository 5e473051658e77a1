"""The management plan is opened, changed or signed. A second writer is told and loses nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from accounts.act import Act
from kernel.refusals import Invalid
from kernel.time import from_rfc3339, is_earlier, london_date, long_date
from ledger.transaction import one_transaction
from mdt.content import Errors, read, unknown
from mdt.line_facts import PlanKept
from mdt.management_plan import FIELDS, NEEDED_TO_SIGN, missing
from mdt.models import Plan
from mdt.statements import newest, write
from mdt.stored import StoredPlan
from referrals.arrival.consequences import arrive
from referrals.case.case_facts import symptoms_began
from referrals.case.models import Referral
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.evidence.facts import Fact
from referrals.intake.codes import PLAN_OPENED, PLAN_SIGNED
from referrals.intake.instants import fault_of_future


@one_transaction()
def keep_plan(
    reference: str, sent: Mapping[str, Any], *, sign: bool = False, seen: int | None = None, act: Act
) -> Plan:
    """Keep the next version of the plan. The first opens it; signed, the person may be discharged.

    A plan that was signed on paper first counts from that instant; the time of typing is kept beside it.
    """
    case = find_and_lock(reference, by=act.by)
    content: StoredPlan
    content, errors = read(FIELDS, sent, at=act.at)
    errors |= unknown(FIELDS, sent)
    if not content and not errors:
        errors["plan.key_worker"] = ["Fill in at least one field"]
    if sign:
        errors = {**missing(content), **errors}
    on_paper_at = content.get("signed_on_paper_at")
    if on_paper_at and (fault := _fault_of_signing(case, from_rfc3339(on_paper_at), at=act.at)):
        errors["plan.signed_on_paper_at"] = [fault]
    elif on_paper_at and sign:
        errors = {**_assessed_later(content, london_date(from_rfc3339(on_paper_at))), **errors}
    if errors:
        raise Invalid("The plan is not complete", errors=errors)
    opened = newest(Plan, case) is None
    plan = write(
        Plan,
        case,
        content,
        action=Action.SIGN_PLAN if sign else Action.KEEP_PLAN,
        facts=PlanKept(fields=sorted(content)),
        columns={"signed": sign},
        seen=seen,
        by=act.by,
        at=act.at,
    )
    on_paper = content.get("signed_on_paper_at") if sign else None
    signed_at = from_rfc3339(on_paper) if on_paper else act.at
    for kind in (*((PLAN_OPENED,) if opened else ()), *((PLAN_SIGNED,) if sign else ())):
        fact = Fact(kind=kind, occurred_at=signed_at if kind == PLAN_SIGNED else min(act.at, signed_at))
        arrive(case, fact, act=act)
    return plan


def _assessed_later(content: Mapping[str, Any], signed_on: date) -> Errors:
    """The fault of a plan on paper that was signed before its assessments."""
    why = f"This is after the plan was signed on paper, {long_date(signed_on)}: correct one of the two"
    return {
        f"plan.{name}": [why]
        for name in NEEDED_TO_SIGN
        if name.endswith("assessed_on") and content.get(name, "") > signed_on.isoformat()
    }


def _fault_of_signing(case: Referral, on_paper_at: datetime, *, at: datetime) -> str | None:
    """The fault of a signature in the future or before the symptoms of the plan."""
    if is_earlier(on_paper_at, than=symptoms_began(case)):
        return "This is before the symptoms began: check the date"
    return fault_of_future(on_paper_at, at=at, ask="it was signed")
