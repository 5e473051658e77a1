"""Writing a statement: signed, bound in the ledger, as the next version; it never overwrites another."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from kernel.actors import Actor
from kernel.refusals import OutOfTurn
from ledger.append import bind
from ledger.keep import keep
from mdt.line_facts import StatementSigned
from mdt.models import Statement
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.notes import authorship
from referrals.case.states import Action

StatementT = TypeVar("StatementT", bound=Statement)


def newest(table: type[StatementT], case: Referral, **of: Any) -> StatementT | None:
    """The version of a statement in force, of a specialty, modality or point where it has one."""
    return table._default_manager.filter(referral=case, **of).order_by("-version").first()


def write(
    table: type[StatementT],
    case: Referral,
    content: Mapping[str, Any],
    *,
    action: Action,
    facts: StatementSigned,
    of: Mapping[str, Any] | None = None,
    columns: Mapping[str, Any] | None = None,
    seen: int | None,
    changes: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> StatementT:
    """Sign the next version on a locked case. `seen` is the version that its writer had on the screen.

    `of` are the columns that name what it is a version of, `columns` the others; `facts` are codes for
    the ledger line. A version that came meanwhile is not overwritten: OutOfTurn.
    """
    of = of or {}
    before = newest(table, case, **of)
    version = before.version if before else 0
    if seen is not None and seen != version and before is not None:
        raise OutOfTurn(
            f"{before.by_name} has written version {version} since you opened this. Your version was not "
            "saved: read the new one above, then sign again"
        )
    salt = uuid.uuid4()
    bound = {"content": bind(dict(content), salt=str(salt))}
    signed: StatementSigned = {**facts, "version": version + 1, "bound": bound}
    line = move(case, action, by=by, at=at, facts=signed, changes=changes)
    row = table(
        referral=case,
        version=version + 1,
        content=dict(content),
        salt=salt,
        ledger_line=line,
        **of,
        **(columns or {}),
        **authorship(by, at=at),
    )
    statement: StatementT = keep(row, line=line, by=by, at=at)
    return statement
