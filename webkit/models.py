"""Drafts of forms."""

import uuid

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """A form that was typed and not yet sent, stored on the server so that it survives a sign-out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    place = models.CharField(max_length=200)
    typed: "models.JSONField[dict[str, list[str]], dict[str, list[str]]]" = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    led_to = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "accounts_draft"  # the table of an earlier app
        constraints = [models.UniqueConstraint(fields=["owner", "place"], name="one_draft_at_a_place")]
