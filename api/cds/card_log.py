"""The cards that were shown and what became of them: kept without the person."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from api.cds.calls import ACCEPTED, OVERRIDDEN, Answer
from api.cds.cards import OVERRIDE_REASONS, Card
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """How the cards of one rule were received."""

    topic: str
    indicator: str
    shown: int
    accepted: int
    overridden: int
    reasons: tuple[str, ...]  # each with its number, the most frequent first


def receptions(*, since: datetime) -> tuple[Reception, ...]:
    """How each rule's cards were received since an instant, the most shown first: numbers alone, no comment."""
    shown = Counter(
        dict(
            _pairs(
                models.Card.objects.filter(shown_at__gte=since)
                .values_list("topic", "indicator")
                .annotate(Count("pk"))
            )
        )
    )
    answers = models.CardFeedback.objects.filter(card__shown_at__gte=since)
    outcomes = dict(
        _pairs(answers.values_list("card__topic", "card__indicator", "outcome").annotate(Count("pk")))
    )
    reasons = Counter(
        dict(
            _pairs(
                answers.filter(outcome=OVERRIDDEN)
                .values_list("card__topic", "card__indicator", "reason")
                .annotate(Count("pk"))
            )
        )
    )
    return tuple(
        Reception(
            topic=topic.replace("-", " "),
            indicator=indicator,
            shown=number,
            accepted=outcomes.get((topic, indicator, ACCEPTED), 0),
            overridden=outcomes.get((topic, indicator, OVERRIDDEN), 0),
            reasons=tuple(
                f"{_reason_words(key[2])}: {count}"
                for key, count in reasons.most_common()
                if key[:2] == (topic, indicator)
            ),
        )
        for (topic, indicator), number in shown.most_common()
    )


def _pairs(counted: Iterable[tuple[Any, ...]]) -> Iterable[tuple[tuple[str, ...], int]]:
    return ((row[:-1], row[-1]) for row in counted)


def _reason_words(code: str) -> str:
    return OVERRIDE_REASONS.get(code, "Another reason" if code else "No reason given")
