"""A specialty gives a signed opinion; a later opinion of the same specialty is its next version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.people import SPECIALTY_WORDS
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid
from kernel.time import from_rfc3339, is_earlier
from ledger.transaction import one_transaction
from mdt.consensus import OPINION, faults_of_judging
from mdt.content import read, unknown
from mdt.line_facts import OpinionGiven
from mdt.models import Opinion
from mdt.statements import write
from mdt.stored import StoredOpinion
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.case.case_facts import symptoms_began
from referrals.case.models import Obligation
from referrals.case.queries import find_and_lock
from referrals.case.states import Action

# Whose advice on stability ends the 24 hours after immobilisation (NG234 1.4.4, number not confirmed).
EXPERTS_ON_STABILITY = frozenset({"physiotherapy", "oncology", "acute_oncology", "spinal_surgery"})


@one_transaction()
def give_opinion(
    reference: str,
    specialty: str,
    sent: Mapping[str, Any],
    *,
    seen: int | None = None,
    by: Actor,
    at: datetime,
) -> Opinion:
    """Sign an opinion; what was asked of the specialty before it was given is answered, at that instant.

    An MDT member signs for their own specialty; a coordinator records what somebody of any specialty said.
    """
    case = find_and_lock(reference, by=by)
    if by.role == Role.MDT_MEMBER and by.specialty != specialty:
        raise Denied(
            f"You can give the opinion of {SPECIALTY_WORDS.get(by.specialty, 'no specialty').lower()} only"
        )
    content: StoredOpinion
    content, errors = read(OPINION, sent, at=at)
    errors |= unknown(OPINION, sent) | faults_of_judging("opinion", content)
    if specialty not in SPECIALTY_WORDS:
        errors["specialty"] = ["Choose the specialty"]
    given_at = from_rfc3339(content["given_at"]) if "given_at" in content else at
    if is_earlier(given_at, than=symptoms_began(case)):
        errors["opinion.given_at"] = ["This is before the symptoms began: check the date"]
    if errors:
        raise Invalid("The opinion is not complete", errors=errors)
    requests = {
        obligation.pk: obligation
        for obligation in case.obligations.filter(kind=ClockKind.SPECIALIST_OPINION.value, owed_by=specialty)
    }
    running = [clock for clock in clocks.hold(case.pk) if not is_earlier(given_at, than=clock.started_at)]
    answered = [clock for clock in running if clock.subject in requests]
    opinion = write(
        Opinion,
        case,
        content,
        action=Action.GIVE_OPINION,
        facts=OpinionGiven(
            specialty=specialty,
            recommends=content.get("recommends", []),
            surgery_suitable=content.get("surgery_suitable", ""),
            answers=len(answered),
        ),
        of={"specialty": specialty},
        columns={"answers": _first(requests, answered)},
        seen=seen,
        by=by,
        at=at,
    )
    expert = content.get("stability") and specialty in EXPERTS_ON_STABILITY
    for clock in running:
        if clock in answered or (expert and clock.kind == ClockKind.STABILITY_ADVICE):
            stopped_at = max(given_at, clock.started_at)
            clocks.stop_clock(clock, because=Stopped.MET, stopped_at=stopped_at, by=by, at=at)
    return opinion


def _first(requests: Mapping[int, Obligation], answered: list[Any]) -> Obligation | None:
    return requests[answered[0].subject] if answered else None
