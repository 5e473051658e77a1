"""A fact of a case as it was reported, and the order of facts. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from referrals.evidence.event_data import EventData

CHANGED = "neurology_changed"
EXAMINED = "examined"  # fields of the record that are evidence, as one person wrote them at one instant
FINDING_WITHDRAWN = "finding_withdrawn"  # a named person took a finding of imaging away, with a reason
FINDING_CONFIRMED = "finding_confirmed"  # a named person confirmed it against a report that contradicts it


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An event as it was reported: kind, true instant, data in codes, and who reported it.

    `number` is its row, 0 for one that is not stored yet. `by_service` means that a person of the service reported
    it. A statement about imaging by anybody else raises and never reassures.
    """

    kind: str
    occurred_at: datetime
    data: EventData = field(default_factory=EventData)
    number: int = 0
    by_service: bool = False
    by_name: str = ""


def in_true_order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts by when they happened; at the same instant, in order of arrival."""
    return sorted(facts, key=lambda fact: fact.occurred_at)
