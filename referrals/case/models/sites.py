"""Where people are scanned and treated, for booking and transfer."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.models import Organisation
from referrals.case.models.case import Referral


class Site(models.Model):
    """One hospital: its MRI hours, its direct access, where patients are received, its radiotherapy."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, primary_key=True)
    has_mri = models.BooleanField(default=True)
    mri_from = models.TimeField(null=True)  # London wall time; both empty is day and night
    mri_to = models.TimeField(null=True)
    mri_weekends = models.BooleanField(default=True)
    direct_access = models.BooleanField(default=False)
    receiving_unit = models.CharField(max_length=200, blank=True)
    telephone = models.CharField(max_length=60, blank=True)
    radiotherapy_hours = models.CharField(max_length=200, blank=True)
    protected_slots = models.PositiveSmallIntegerField(default=0)  # a day
    history = HistoricalRecords()


class ProtectedSlot(models.Model):
    """One MRI slot kept for this service on a day: used for a case, or refused with a reason."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="slots")
    day = models.DateField()
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="slots")
    refused_because = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "day", "referral"],
                condition=Q(refused_because=""),
                name="one_slot_for_a_case",
            )
        ]
