"""A person or a hospital system reports a fact of a case; clocks follow its true instant."""

from dataclasses import replace

from accounts.act import Act
from kernel.actors import SERVICE, Actor, Role
from kernel.refusals import Invalid, OutOfTurn
from kernel.text import tidy
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind
from referrals.arrival.consequences import arrive
from referrals.case.case_facts import facts_of
from referrals.case.idempotency import settle, use_key
from referrals.case.models import Event, Referral
from referrals.case.queries import find, find_and_lock, lock
from referrals.correspondence.acknowledgement import acknowledge
from referrals.evidence.facts import Fact
from referrals.intake.codes import DISCHARGED_WITHOUT_PLAN
from referrals.promises.periods import plan_is_signed


@one_transaction()
def record_event(
    reference: str,
    fact: Fact,
    *,
    act: Act,
    key: str | None = None,
    text: str = "",
    alarming: bool = False,
    without_plan: str = "",
    dealing_with_it: bool = False,
) -> tuple[Event, bool, tuple[str, ...]]:
    """Record a fact, and return its event, whether it is new, and its notices. With a key, the same fact again returns the first.

    A fact for a merged referral goes to its main case; a fact for an ended case is kept for a coordinator to read.

    `alarming` pages a human whatever is already known: the reporting person is worried.
    `without_plan` is the exception for a discharge without a signed plan; `text` then
    names the senior clinician. `dealing_with_it`: the person on call who records it also acknowledges
    it, and nobody is paged.
    """
    case, addressed = _main_case_of(reference, by=act.by)
    if alarming and case.died_at is not None:
        raise OutOfTurn(
            "A death is reported on this case, so nobody is paged for it. If that is wrong, ring now"
        )
    use = None
    if key is not None:
        content = [case.reference, fact.kind, fact.occurred_at, dict(fact.data)]
        use = use_key(key, content=content, by=act.by, at=act.at)
        if use.result is not None:
            return Event.objects.get(pk=use.result), False, ()
    needs_plan = fact.kind == "discharged" and act.by.role != Role.CLIENT and not case.is_over
    if needs_plan and not plan_is_signed(facts_of(case)):
        _refuse_without_plan(without_plan, text)
        fact = replace(fact, data={**fact.data, "without_plan": without_plan})
    arrived = arrive(case, fact, act=act, text=text, alarming=alarming, addressed=addressed)
    if dealing_with_it and any(clock.kind == ClockKind.ACKNOWLEDGE for clock in clocks.hold(case.pk)):
        acknowledge(case, act=act)
    if use is not None:
        settle(use, result=arrived.event.pk)
    return arrived.event, True, arrived.notices


def _main_case_of(reference: str, *, by: Actor) -> tuple[Referral, Referral]:
    """The main case that a fact belongs to, locked, and the referral it was addressed to."""
    addressed = into = find(reference, by=by)
    while into.merged_into is not None:
        into = find_and_lock(into.merged_into.reference, by=SERVICE)
    if into is not addressed:
        return into, addressed
    case = lock(addressed)
    return (case, case) if case.merged_into_id is None else _main_case_of(reference, by=by)


def _refuse_without_plan(exception: str, text: str) -> None:
    """Refuse a discharge without a signed plan or a named exception (QS56 statement 7)."""
    reason = "Sign the management plan first, or choose why the person leaves without one"
    errors: dict[str, list[str]] = {}
    if exception not in DISCHARGED_WITHOUT_PLAN:
        errors["without_plan"] = [reason]
    elif not tidy(text):
        errors["text"] = ["Name the senior clinician who decided it"]
    if errors:
        raise Invalid(reason, errors=errors)
