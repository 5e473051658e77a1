"""The MDT's list."""

from django.db import models
from simple_history.models import HistoricalRecords

from referrals.models import Note
from referrals.models.record import Record


class Listing(Record):
    """A case on the MDT's list, with the question it is asked."""

    question = models.CharField(max_length=30)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True)
    history = HistoricalRecords()
