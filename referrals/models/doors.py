"""What a door remembers so that sending twice does once."""

from django.db import models


class IdempotencyKey(models.Model):
    """A key that a client has used, and what it led to. Kept for seven days."""

    owner = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    content_hash = models.CharField(max_length=64)
    result = models.BigIntegerField(null=True)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_use_of_a_key")]
