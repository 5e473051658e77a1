"""Records that are closed to most people, and records that somebody opened with a reason."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from referrals.case.models.record import Note, Record


class Opening(Record):
    """One person opened a record that is not theirs, with a reason, until an instant. The lead reviews it."""

    organisation = models.CharField(max_length=9, blank=True)
    reason = models.CharField(max_length=30)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=60, blank=True)
    reviewed_by_name = models.CharField(max_length=200, blank=True)
    justified = models.BooleanField(null=True)
    verdict = models.ForeignKey(Note, on_delete=models.PROTECT, null=True, related_name="+")
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="opened_until_later"),
            models.CheckConstraint(
                condition=Q(
                    reviewed_at=None, reviewed_by="", reviewed_by_name="", justified=None, verdict=None
                )
                | Q(reviewed_at__isnull=False, justified__isnull=False, verdict__isnull=False)
                & ~Q(reviewed_by="")
                & ~Q(reviewed_by_name=""),
                name="reviewed_by_somebody_with_words",
            ),
        ]
        indexes = [
            models.Index(fields=["by", "until"], name="opening_of_person"),
            models.Index(fields=["id"], condition=Q(reviewed_at=None), name="opening_to_review"),
        ]


class Restriction(Record):
    """A record that only those in charge of it and the people named here see, from `at` until it is lifted."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="+")
    named = ArrayField(models.CharField(max_length=60), default=list)  # keys of people
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=60, blank=True)
    lifted_by_name = models.CharField(max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral"], condition=Q(lifted_at=None), name="restricted_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by="", lifted_by_name="")
                | Q(lifted_at__isnull=False) & ~Q(lifted_by="") & ~Q(lifted_by_name=""),
                name="lifted_by_somebody",
            ),
        ]
