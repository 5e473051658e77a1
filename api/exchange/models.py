"""The identifiers under which hospital systems sent a referral."""

from django.db import models


class SentIdentifier(models.Model):
    """A sender's own identifier of a referral. It stays for as long as the referral, so it is never used twice."""

    organisation = models.CharField(max_length=9)
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=200)
    referral = models.ForeignKey("referrals.Referral", on_delete=models.PROTECT, related_name="sent_as")
    content_hash = models.CharField(max_length=64)  # of the referral as it was sent under this identifier
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "system", "value"], name="one_referral_of_a_sent_identifier"
            )
        ]
