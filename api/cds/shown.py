"""The cards that were shown and what became of them: kept without the person."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from api.cds.calls import Answer
from api.cds.cards import Card
from api.exchange import models
from kernel.refusals import NotFound


def keep_cards(
    cards: Iterable[tuple[UUID, Card]], *, client: str, service: str, ruleset: str, at: datetime
) -> None:
    """Keep which rule spoke to whom, so that feedback can be read."""
    models.Card.objects.bulk_create(
        models.Card(
            number=number,
            client=client,
            service=service,
            topic=card.topic,
            indicator=card.indicator,
            ruleset=ruleset,
            shown_at=at,
        )
        for number, card in cards
    )


@transaction.atomic(durable=True)
def keep_feedback(answers: Iterable[Answer], *, client: str, service: str, at: datetime) -> None:
    """Keep answers to cards; NotFound unless this caller was shown every one. The same answer again changes nothing."""
    rows = tuple(answers)
    shown = models.Card.objects.filter(client=client, service=service, number__in=[row.card for row in rows])
    if len(set(shown.values_list("number", flat=True))) != len({row.card for row in rows}):
        raise NotFound("This service has shown you no such card")
    models.CardFeedback.objects.bulk_create(
        (
            models.CardFeedback(
                card_id=row.card,
                outcome=row.outcome,
                outcome_at=row.outcome_at,
                reason=row.reason,
                comment=row.comment,
                received_at=at,
            )
            for row in rows
        ),
        ignore_conflicts=True,
    )
