"""Tables of governance: incidents, and each step of their investigation."""

from django.db import models
from simple_history.models import HistoricalRecords

from referrals.case.models import Referral
from referrals.case.models.record import written_once


class Incident(models.Model):
    """Something that went wrong, as it was reported. It never changes: what is found out later is a step."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, null=True, related_name="incidents")
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=40)
    organisation = models.CharField(max_length=10, blank=True)
    ledger_line = models.BigIntegerField()
    happened_at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    harm = models.CharField(max_length=10)
    text = models.TextField()
    done_at_once = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["by", "-id"], name="incident_of_reporter")]
        triggers = written_once()


class IncidentStep(models.Model):
    """What the lead found out or did about an incident. The newest says where it is."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=40)
    ledger_line = models.BigIntegerField()
    state = models.CharField(max_length=20)
    harm = models.CharField(max_length=10)
    text = models.TextField()
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()
