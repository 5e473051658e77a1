"""How an event enters the record of a case: its line in the ledger, which binds its data, and its row."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from kernel.actors import Actor
from ledger.append import bind
from ledger.facts import Facts
from ledger.keep import keep
from referrals.case.models import Event, Referral
from referrals.case.move import move
from referrals.case.notes import NoteText, authorship
from referrals.case.states import Action
from referrals.evidence.event_data import EventData


def write_event(
    case: Referral,
    action: Action,
    kind: str,
    *,
    occurred_at: datetime,
    data: Mapping[str, Any],
    facts: Facts,
    changes: Mapping[str, Any] | None = None,
    note: NoteText | None = None,
    addressed: Referral | None = None,
    by: Actor,
    at: datetime,
) -> Event:
    """Do an action on a locked case and keep the event that it records. The ledger binds `data` and the note.

    `facts` are the codes of its ledger line and `changes` other columns of the case, as in `move`, whose refusals
    it raises. The row belongs to `addressed`, a referral merged into the case, where there is one.
    """
    salt = uuid.uuid4()
    bound = {"data": bind(dict(data), salt=str(salt)), **(note.bound.get("bound", {}) if note else {})}
    line = move(case, action, by=by, at=at, facts=cast(Facts, {**facts, "bound": bound}), changes=changes)
    if note is not None:
        note.write(case, line=line, by=by, at=at)
    return keep_event(
        addressed or case, kind, occurred_at=occurred_at, data=data, salt=salt, line=line, by=by, at=at
    )


def keep_event(
    case: Referral,
    kind: str,
    *,
    occurred_at: datetime,
    data: Mapping[str, Any],
    salt: uuid.UUID | None = None,
    line: int,
    by: Actor,
    at: datetime,
) -> Event:
    """Keep the row of an event whose ledger line is written. `salt` is that of its binding, if it has one."""
    event = Event(
        referral=case,
        kind=kind,
        occurred_at=occurred_at,
        data=cast(EventData, dict(data)),
        salt=salt,
        ledger_line=line,
        **authorship(by, at=at),
    )
    return keep(event, line=line, by=by, at=at)
