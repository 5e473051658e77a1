"""The one place where the status of a case changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from kernel.actors import Actor
from ledger.append import append
from ledger.facts import Facts
from ledger.keep import keep
from referrals.case import policy
from referrals.case.idempotency import remember
from referrals.case.line_facts import Moved
from referrals.case.models import Referral
from referrals.case.states import Action, Status, transition


def move(
    case: Referral,
    action: Action,
    *,
    by: Actor,
    at: datetime,
    facts: Facts | None = None,
    changes: Mapping[str, Any] | None = None,
) -> int:
    """Do an action on a locked case: check, record, change, keep. Returns the ledger line.

    `facts` are those of the kind of line. `changes` are other columns that the same act changes; a refusal is raised
    when the table of states or the actor's role does not allow it.
    """
    policy.refuse_unless_allowed(by, action, case)
    row = transition(action, Status(case.status))
    assert row is not None  # the policy has just checked it
    old_status, new_status = case.status, str(row.target_from(Status(case.status)))
    moved: Moved = {"from": old_status, "to": new_status} if old_status != new_status else {}
    line = append(row.kind, by=by, at=at, case=case.pk, facts=cast(Facts, {**(facts or {}), **moved}))
    remember(line)
    for name, value in (changes or {}).items():
        setattr(case, name, value)
    case.status, case.updated_at, case.version = new_status, at, case.version + 1
    keep(case, line=line, by=by, at=at)
    return line
