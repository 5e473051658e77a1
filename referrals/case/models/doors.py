"""The memory of the doors: keys, so that a request sent twice acts once, and facts that came before their referral."""

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from referrals.evidence.event_data import EventData, KeptData
from referrals.intake.stored import StoredIdentifiers


class IdempotencyKey(models.Model):
    """A key that a client has used, and its result. Kept for seven days."""

    owner = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    content_hash = models.CharField(max_length=64)
    result = models.BigIntegerField(null=True)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_use_of_a_key")]


class UnmatchedFact(models.Model):
    """A fact about a person without a referral, kept with their identifiers until a coordinator links it."""

    organisation = models.CharField(max_length=9)
    by = models.CharField(max_length=60)
    by_name = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    patient: "models.JSONField[StoredIdentifiers, StoredIdentifiers]" = models.JSONField()
    kind = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    data: "models.JSONField[EventData, KeptData]" = models.JSONField(default=dict)
    salt = models.UUIDField(default=uuid.uuid4)
    ledger_line = models.BigIntegerField()
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=200, blank=True)
    settled_because = models.TextField(blank=True)
    linked_to = models.ForeignKey(
        "referrals.Referral", on_delete=models.PROTECT, null=True, related_name="linked_facts"
    )
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by_name="")
                | Q(settled_at__isnull=False) & ~Q(settled_by_name=""),
                name="settled_by_somebody",
            )
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(settled_at=None), name="unmatched_fact_open")
        ]
