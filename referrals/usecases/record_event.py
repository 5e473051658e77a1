"""A fact of a case arrives, from a person or a hospital system; clocks follow its true instant."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from accounts.service import Service
from kernel.actors import Actor, Role
from kernel.refusals import Invalid, OutOfTurn
from kernel.text import tidy
from referrals.arriving import arrive
from referrals.assessing import facts_of
from referrals.codes import DISCHARGED_WITHOUT_PLAN
from referrals.events import Fact
from referrals.keys import settle, use_key
from referrals.models import Event
from referrals.queries import find_and_lock
from referrals.spells import plan_is_signed


@transaction.atomic(durable=True)
def record_event(
    reference: str,
    fact: Fact,
    *,
    by: Actor,
    at: datetime,
    service: Service,
    key: str | None = None,
    text: str = "",
    alarming: bool = False,
    without_plan: str = "",
) -> tuple[Event, bool]:
    """Record a fact and say whether it is new. With a key, the same fact again gives the first one.

    `alarming` pages a human whatever was known before: the person who tells of it is worried.
    `without_plan` is the exception by which somebody is discharged without a signed plan; `text` then
    names the senior clinician.
    """
    case = find_and_lock(reference, by=by)
    if alarming and case.died_at is not None:
        raise OutOfTurn(
            "A death is reported on this case, so nobody is paged for it. If that is wrong, ring now"
        )
    used = None
    if key is not None:
        content = [case.reference, fact.kind, fact.occurred_at, dict(fact.data)]
        used = use_key(key, content=content, by=by, at=at)
        if used.result is not None:
            return Event.objects.get(pk=used.result), False
    missing = fact.kind == "discharged" and by.role != Role.CLIENT and not plan_is_signed(facts_of(case))
    if missing:
        _refuse_without_plan(without_plan, text)
        fact = replace(fact, data={**fact.data, "without_plan": without_plan})
    event = arrive(
        case,
        fact,
        by=by,
        at=at,
        service=service,
        text=text,
        alarming=alarming,
    )
    if used is not None:
        settle(used, result=event.pk)
    return event, True


def _refuse_without_plan(exception: str, text: str) -> None:
    """A person leaves hospital with a signed plan, or by an exception that has a name (QS56 statement 7)."""
    why = "Sign the management plan first, or choose why the person leaves without one"
    errors: dict[str, list[str]] = {}
    if exception not in DISCHARGED_WITHOUT_PLAN:
        errors["without_plan"] = [why]
    elif not tidy(text):
        errors["text"] = ["Name the senior clinician who decided it"]
    if errors:
        raise Invalid(why, errors=errors)
