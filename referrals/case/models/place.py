"""The position of an open case on the worklist. The database itself writes it, from the case and its clocks."""

from django.db import models

from referrals.case.models.case import Referral


class Place(models.Model):
    """The place of an open case. Derived: triggers on cases and clocks keep it in the transaction of each act.

    `rank` is 0 for a case that nobody has acknowledged and that is an emergency or paged as one at the referrer's
    request; other cases have the rank of their stream. `due_at` is the next deadline; in 2199 when no clock runs.
    """

    case = models.OneToOneField(Referral, on_delete=models.CASCADE, primary_key=True, related_name="place")
    rank = models.SmallIntegerField()
    waits = models.BooleanField()  # nobody has acknowledged it
    due_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["rank", "due_at", "case"], name="place_rank"),
            models.Index(fields=["due_at"], name="place_due"),
            models.Index(fields=["case"], condition=models.Q(waits=True), name="place_waits"),
        ]
