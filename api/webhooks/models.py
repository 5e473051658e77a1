"""Subscriptions, what is to be delivered to them, every attempt, and how far the ledger has been read."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import ApiClient


class Webhook(models.Model):
    """One address of a hospital system. Its secrets are made from a salt and the key of this installation."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=40), default=list)  # empty: every kind
    salt = models.UUIDField(default=uuid.uuid4)
    earlier_salt = models.UUIDField(null=True)
    earlier_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # attempts since the last that was taken
    rests_until = models.DateTimeField(null=True)


class Delivery(models.Model):
    """One message to one address. Written once for each ledger line; its id stays the same whenever it is sent."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    number = models.UUIDField(default=uuid.uuid4, unique=True)
    case = models.BigIntegerField()
    reference = models.CharField(max_length=13)
    kind = models.CharField(max_length=40)
    ledger_line = models.BigIntegerField()
    written_at = models.DateTimeField()
    due_since = (
        models.DateTimeField()
    )  # when it was written, or sent again on request: three days run from here
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "ledger_line"], name="one_delivery_of_a_line"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(next_attempt_at__isnull=False),
                name="webhook_delivery_due",
            ),
            models.Index(
                fields=["webhook", "case"],
                condition=Q(next_attempt_at__isnull=False),
                name="webhook_delivery_of_case",
            ),
            models.Index(
                fields=["-given_up_at"],
                condition=Q(given_up_at__isnull=False),
                name="webhook_delivery_given_up",
            ),
        ]


class Attempt(models.Model):
    """One attempt to deliver: its answer or its fault."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="log")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    fault = models.CharField(max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField()


class Progress(models.Model):
    """The last ledger line of which deliveries were written: one row."""

    last_line = models.BigIntegerField()
