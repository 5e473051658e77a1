"""Assessments: the answers of the guideline about a case, with their findings. Also confirmations and signatures."""

import uuid

import pgtrigger
from django.db import models

from triage.guideline.stored import StoredCare, StoredPresentation, StoredResult


class Confirmation(models.Model):
    """The number of a recommendation, or the value of a setting, that a clinical lead has confirmed."""

    about = models.CharField(max_length=10)  # citation or setting
    key = models.CharField(max_length=60)
    value = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    by_name = models.CharField(max_length=200)
    ledger_line = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["about", "key", "-id"], name="confirmation_key")]
        triggers = [pgtrigger.Protect(name="confirmed_once", operation=pgtrigger.Update | pgtrigger.Delete)]


class Signature(models.Model):
    """A clinical safety officer's name under one ruleset and the settings that change what it does."""

    ruleset = models.CharField(max_length=20)
    fingerprint = models.CharField(max_length=64)
    settings = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    by_name = models.CharField(max_length=200)
    ledger_line = models.BigIntegerField()

    class Meta:
        triggers = [pgtrigger.Protect(name="signed_once", operation=pgtrigger.Update | pgtrigger.Delete)]


class Assessment(models.Model):
    """One evaluation of a case, never changed: its findings, its result, the ruleset that gave it.

    It refers to the case by number. Its salted hash is in the ledger, so the chain still verifies after a lawful
    deletion of the record.
    """

    case = models.BigIntegerField()
    at = models.DateTimeField()
    edition = models.CharField(max_length=10)
    ruleset = models.CharField(max_length=20)
    presentation: "models.JSONField[StoredPresentation, StoredPresentation]" = models.JSONField()
    course = models.JSONField(null=True)  # a course of the guideline, as its `as_json` has it
    instants: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField()
    promises = models.JSONField(default=dict)
    stream = models.CharField(max_length=30)
    provisional = models.BooleanField()
    result: "models.JSONField[StoredResult, StoredResult]" = models.JSONField()
    care: "models.JSONField[StoredCare | None, StoredCare | None]" = models.JSONField(null=True)
    salt = models.UUIDField(default=uuid.uuid4)
    ledger_line = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["case", "-id"], name="assessment_case")]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]
