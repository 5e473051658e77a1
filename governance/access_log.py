"""Looking at the audit trail is itself in the audit trail."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from kernel.actors import Actor
from ledger.append import append
from ledger.kinds import Kind
from ledger.read import Search


@transaction.atomic
def record_audit_view(
    search: Search, *, lines: int, by: Actor, at: datetime, decision: int | None = None
) -> None:
    facts = {"kind": search.kind, "actor": search.actor, "lines": lines, "decision": decision}
    append(Kind.AUDIT_VIEWED, by=by, at=at, case=search.case, facts=facts)


@transaction.atomic
def record_measures_view(chosen: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    """Somebody has looked at the figures of a period, or at the cases behind one."""
    append(Kind.MEASURES_VIEWED, by=by, at=at, facts=dict(chosen))
