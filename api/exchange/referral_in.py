"""A referral from a standard: stored once, under the sender's own identifiers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError

from accounts.act import Act
from api.exchange.models import SentIdentifier
from kernel.actors import Actor
from kernel.refusals import Denied, OutOfTurn
from ledger.append import canonical
from referrals.arrival.consequences import arrive
from referrals.case.models import Referral
from referrals.evidence.facts import Fact, in_true_order
from referrals.intake.validation import parse
from referrals.usecases.submit_referral import submit_referral
from triage.models import Assessment

SOURCE = "api"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """An identifier in the sender's system."""

    system: str
    value: str


def receive_referral(
    body: Any, identifiers: Sequence[Identifier], *, facts: Sequence[Fact] = (), key: str, act: Act
) -> tuple[Referral, bool, Sequence[str]]:
    """Store a referral and return it, whether it is new, and its notices. `body` is that of the REST API.

    A referral under an identifier or a key that was sent before is the first one; with other content it is OutOfTurn.
    `facts` came with it and are recorded in the same transaction, in the order of their true times.
    """
    intake = parse(body, at=act.at, under_18_route=act.service["under_18_route"])
    if intake.values["referrer.organisation_ods"] != act.by.organisation:
        raise Denied(f"This client refers in the name of {act.by.organisation}, its own organisation")
    content_of_facts = [[fact.kind, fact.occurred_at, dict(fact.data)] for fact in facts]
    content = hashlib.sha256(canonical([intake.content, content_of_facts])).hexdigest()
    if (case := _sent_before(identifiers, content, by=act.by)) is not None:
        return case, False, ()

    def remember(case: Referral, _: Assessment) -> None:
        for name in identifiers:
            SentIdentifier.objects.create(
                organisation=act.by.organisation,
                system=name.system,
                value=name.value,
                referral=case,
                content_hash=content,
                sent_at=act.at,
            )
        for fact in in_true_order(facts):
            arrive(case, fact, act=act)

    try:
        case, is_new = submit_referral(
            intake, act=act, source=SOURCE, key=key, came_with=content_of_facts, alongside=remember
        )
    except IntegrityError:
        raise OutOfTurn("Another request has just used one of these identifiers: send this again") from None
    return case, is_new, intake.notices


def _sent_before(identifiers: Sequence[Identifier], content: str, *, by: Actor) -> Referral | None:
    """The referral that was sent under one of these identifiers, with the same content."""
    for name in identifiers:
        row = (
            SentIdentifier.objects.select_related("referral__patient", "referral__episode")
            .filter(organisation=by.organisation, system=name.system, value=name.value)
            .first()
        )
        if row is None:
            continue
        if row.content_hash != content:
            raise OutOfTurn(
                f"A referral was sent under the identifier {name.value} before, with other content. Report what has changed "
                "as a fact of that referral, or use a new identifier for a new referral"
            )
        return row.referral
    return None


def referral_numbers(identifier: Identifier) -> list[int]:
    """The numbers of the referrals that were sent under an identifier; an empty system means any."""
    rows = SentIdentifier.objects.filter(value=identifier.value)
    if identifier.system:
        rows = rows.filter(system=identifier.system)
    return list(rows.values_list("referral", flat=True))


def identifiers_of(cases: Sequence[Referral]) -> dict[int, list[Identifier]]:
    """The senders' identifiers of some cases: one query."""
    identifiers: dict[int, list[Identifier]] = {case.pk: [] for case in cases}
    rows = SentIdentifier.objects.filter(referral__in=list(identifiers)).order_by("id")
    for number, system, value in rows.values_list("referral", "system", "value"):
        identifiers[number].append(Identifier(system, value))
    return identifiers
