"""Tables of governance: incidents, and each step of their investigation."""

from django.db import models
from simple_history.models import HistoricalRecords

from referrals.case.models import Referral
from referrals.case.models.record import Authored, written_once


class Incident(Authored):
    """Something that went wrong, as it was reported. It never changes: what is found out later is a step."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, null=True, related_name="incidents")
    organisation = models.CharField(max_length=10, blank=True)
    happened_at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    harm = models.CharField(max_length=10)
    text = models.TextField()
    done_at_once = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["by", "-id"], name="incident_of_reporter")]
        triggers = written_once()


class IncidentStep(Authored):
    """What the lead found out or did about an incident. The newest says where it is."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=20)
    harm = models.CharField(max_length=10)
    text = models.TextField()
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()
