"""The correspondence between the coordinator and the referrer: messages, attachments, notices and letters."""

import uuid

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from referrals.case.models.case import Referral
from referrals.case.models.record import Note, Obligation, Record, written_once
from referrals.case.stored import StoredLetter


class Message(Record):
    """One message on a case. A question carries the obligation whose clock waits for its answer."""

    to_referrer = models.BooleanField()
    reason = models.CharField(max_length=30, blank=True)  # why information is asked for
    note = models.ForeignKey(Note, on_delete=models.PROTECT)
    question = models.OneToOneField(Obligation, on_delete=models.PROTECT, null=True)
    answers = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answered_by")
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()


class Attachment(Record):
    """A file of a case, stored in the database so that it is saved with its act or not at all.

    Held until a scanner finds it clean. It is always downloaded, never shown from our address.
    """

    HELD, CLEAN, INFECTED, UNREADABLE = "held", "clean", "infected", "unreadable"
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=HELD)
    scanned_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=200, blank=True)
    next_scan_at = models.DateTimeField(null=True)
    history = HistoricalRecords(excluded_fields=["content"])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="held", scanned_at=None) | ~Q(state="held") & Q(scanned_at__isnull=False),
                name="scanned_or_held",
            )
        ]
        indexes = [
            models.Index(fields=["next_scan_at"], condition=Q(state="held"), name="attachment_to_scan")
        ]


class Notice(models.Model):
    """A receipt or news for the referrer, without patient details. Written with its act, sent afterwards."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20)
    about = models.BigIntegerField(default=0)  # the ledger line of the act it announces
    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=200)
    client_reference = models.UUIDField(default=uuid.uuid4, unique=True)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "kind", "about", "channel", "address"], name="one_notice_of_a_kind"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(sent_at=None, failed_at=None), name="notice_to_send"
            )
        ]


class Letter(Record):
    """A letter as it was issued, with its whole content. A change is a new version."""

    kind = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    recipient = models.TextField()
    content: "models.JSONField[StoredLetter, StoredLetter]" = models.JSONField()
    salt = models.UUIDField(default=uuid.uuid4)
    code = models.CharField(max_length=20, unique=True)  # the code with which a reader verifies it
    awaited = models.OneToOneField(
        Obligation, on_delete=models.PROTECT, null=True
    )  # the obligation to read it
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "kind", "version"], name="one_letter_of_a_version")
        ]
        triggers = written_once()


class LetterRead(Record):
    """A person has read a letter, or is recorded as having read it."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="readings")
    person = models.TextField()
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()
