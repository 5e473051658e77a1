"""The identifiers under which hospital systems sent a referral, and the cards that hospital records were shown."""

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


class CardLink(models.Model):
    """A one-time link to a form with what a hospital record sent. Its token is kept nowhere: it alone opens the content."""

    token_hash = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()  # empty once it was used or has run out
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class Card(models.Model):
    """A card that a hospital record was shown, without its person."""

    number = models.UUIDField(primary_key=True)
    client = models.CharField(max_length=40)  # the caller, as a hash of its issuer
    service = models.CharField(max_length=40)
    topic = models.CharField(max_length=40)
    indicator = models.CharField(max_length=10)
    ruleset = models.CharField(max_length=40)
    shown_at = models.DateTimeField()


class CardFeedback(models.Model):
    """What a clinician did with a card. The same answer sent again is the same row."""

    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="feedback")
    outcome = models.CharField(max_length=10)
    outcome_at = models.DateTimeField()
    reason = models.CharField(max_length=100, blank=True)
    comment = models.CharField(max_length=1000, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["card", "outcome", "outcome_at"], name="one_answer_of_a_card_and_instant"
            )
        ]
