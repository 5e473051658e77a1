"""The pack that is printed in case the service is down."""

from django.db import models


class DowntimePack(models.Model):
    """The blank form and the telephone tree of one day, as PDF."""

    made_at = models.DateTimeField()
    content = models.BinaryField()
    holders = models.PositiveSmallIntegerField()  # how many duties had a holder
