"""Views of the audit trail and the measures, recorded in the ledger."""

from datetime import datetime

from django.db import transaction

from governance.line_facts import AuditViewed, MeasuresViewed
from kernel.actors import Actor
from ledger.append import append
from ledger.kinds import Kind
from ledger.read import Search


@transaction.atomic
def record_audit_view(
    search: Search, *, lines: int, by: Actor, at: datetime, decision: int | None = None, purpose: str = ""
) -> None:
    """Record a view of `lines` lines of the audit trail, or of the data behind one decision, with its purpose."""
    facts = AuditViewed(kind=search.kind, actor=search.actor, lines=lines, decision=decision)
    if purpose:
        facts["purpose"] = purpose
    append(Kind.AUDIT_VIEWED, by=by, at=at, case=search.case, facts=facts)


@transaction.atomic
def record_measures_view(query: MeasuresViewed, *, by: Actor, at: datetime) -> None:
    """Record a view of the measures of a period, or of the cases behind one measure."""
    append(Kind.MEASURES_VIEWED, by=by, at=at, facts=query)
