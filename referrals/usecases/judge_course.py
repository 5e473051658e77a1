"""What is judged for treatment: stability, suitability, prognosis and the rest that the rules of care read."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.append import bind
from ledger.keep import keep
from referrals.assessing import facts_of, reassess
from referrals.codes import COURSE_JUDGED
from referrals.course import course_of
from referrals.models import Event, Referral
from referrals.move import move
from referrals.notes import signed
from referrals.queries import find_and_lock, refuse_if_changed
from referrals.settling import settle_event_clocks
from referrals.states import Action
from triage.guideline.course import as_json, read_judgements


@transaction.atomic(durable=True)
def judge_course(
    reference: str,
    judged: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
    service: Service,
    seen: int | None = None,
) -> Referral:
    """Record judgements by their names; the guideline is asked again and clocks follow."""
    case = find_and_lock(reference, by=by)
    refuse_if_changed(case, seen=seen, at=at)
    read, errors = read_judgements(judged)
    before = as_json(course_of(facts_of(case), case.clinical))
    changed = {name: value for name, value in read.items() if before[name] != value}
    if not changed and not errors:
        errors["course"] = ["Nothing was changed"]
    if errors:
        raise Invalid("Some of this cannot be accepted", errors=errors)
    salt = uuid.uuid4()
    bound = {"data": bind(changed, salt=str(salt))}
    line = move(case, Action.JUDGE_COURSE, by=by, at=at, facts={"judged": changed, "bound": bound})
    event = Event(
        referral=case,
        kind=COURSE_JUDGED,
        occurred_at=at,
        data=changed,
        salt=salt,
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(event, line=line, by=by, at=at)
    reassess(case, service=service, by=by, at=at)
    settle_event_clocks(case, by=by, at=at, service=service)
    return case
