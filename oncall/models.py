"""Clocks, pages, shifts and the heartbeat."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Func, Q
from simple_history.models import HistoricalRecords

from accounts.models import User
from accounts.people import DUTIES, DUTY_WORDS, Duty
from kernel.identifiers import Reference
from oncall.ladder import StoredRung


class Clock(models.Model):
    """One promise in time about one case: a row that the sweep reads. Nothing waits in a broker."""

    case = models.BigIntegerField()
    kind = models.CharField(max_length=30)
    subject = models.BigIntegerField(default=0)  # the question, task, review or opinion it is about
    about = models.CharField(
        max_length=200, blank=True
    )  # the subject in words for a page: no patient, no free text
    stream = models.CharField(max_length=30)
    limit_hours = models.FloatField()
    formal = models.BooleanField()
    started_at = models.DateTimeField()
    recorded_at = models.DateTimeField(
        null=True
    )  # when the service learned of it, perhaps long after it began
    due_at = models.DateTimeField()
    ladder: "models.JSONField[list[StoredRung], list[StoredRung]]" = models.JSONField()
    climbed = models.PositiveIntegerField(default=0)
    last_climbed_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    breach_recorded_at = models.DateTimeField(null=True)
    pass_on_at = models.DateTimeField(null=True)
    found_nobody_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    quarantined_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)
    upgraded_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=20, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "limit_hours", "subject"],
                condition=Q(stopped_at=None),
                name="one_running_clock_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None, stopped_because="")
                | Q(stopped_at__isnull=False) & ~Q(stopped_because=""),
                name="stopped_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(next_at=None), name="a_stopped_clock_climbs_no_more"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("started_at")), name="due_after_start"),
            models.CheckConstraint(
                condition=Q(snoozed_until=None) | Q(snoozed_until__lte=F("due_at")),
                name="no_snooze_outlives_the_deadline",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(stopped_at=None), name="clock_to_sweep"),
            models.Index(fields=["case", "due_at"], name="clock_case"),
            models.Index(
                fields=["quarantined_at"],
                condition=Q(stopped_at=None, quarantined_at__isnull=False),
                name="clock_quarantined",
            ),
            models.Index(fields=["recorded_at"], name="clock_recorded"),
        ]

    @property
    def reference(self) -> str:
        return str(Reference.of(self.case))


class Owner(models.Model):
    """The colleague who accepted a case and gets the coordinator's pages for it until an instant."""

    case = models.BigIntegerField(unique=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()


class Page(models.Model):
    """One message to one person by one channel about one rung. Written with the climb, sent afterwards."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="pages", null=True)
    alarm = models.CharField(max_length=80, blank=True)  # the key of the alarm, for a page without a clock
    rung = models.PositiveIntegerField(default=0)
    duty = models.CharField(max_length=20, choices=DUTIES)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT)
    channel = models.CharField(max_length=10)
    client_reference = models.UUIDField(default=uuid.uuid4, unique=True)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    was_awaited = False  # whether the attempt before this one waited for a receipt; set by the sender

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(clock__isnull=False, alarm="") | Q(clock=None) & ~Q(alarm=""),
                name="a_page_is_about_a_clock_or_an_alarm",
            ),
            models.UniqueConstraint(
                fields=["alarm", "recipient", "channel"], condition=~Q(alarm=""), name="one_page_per_alarm"
            ),
            models.UniqueConstraint(
                fields=["clock", "rung", "recipient", "channel"], name="one_page_per_rung_person_channel"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(sent_at=None, failed_at=None),
                name="page_to_send",
            ),
            models.Index(fields=["recipient", "-written_at"], name="page_inbox"),
            BrinIndex(
                fields=["written_at"], name="page_written"
            ),  # pages are stored in the order of their time
        ]


class Shift(models.Model):
    """Who holds a duty from when to when. The database refuses two holders at once."""

    duty = models.CharField(max_length=20, choices=DUTIES)
    holder = models.ForeignKey(User, on_delete=models.PROTECT)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    taken_over_at = models.DateTimeField(null=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start"),
            ExclusionConstraint(
                name="one_holder_of_a_duty",
                expressions=[
                    ("duty", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{DUTY_WORDS[Duty(self.duty)]}: {self.holder}"


class HandOver(models.Model):
    """The words of the outgoing holder of a duty for the incoming holder, and their acceptance."""

    shift = models.OneToOneField(Shift, on_delete=models.CASCADE, related_name="hand_over")
    open_promises = models.JSONField(default=list)
    told = models.TextField(blank=True)
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    without_words_because = models.CharField(max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(told="", told_by=None, told_at=None)
                | ~Q(told="") & Q(told_by__isnull=False, told_at__isnull=False),
                name="told_by_somebody_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | ~Q(told="") | ~Q(without_words_because=""),
                name="accepted_with_words_or_a_reason",
            ),
        ]


class ContactMethod(models.Model):
    """A way to reach a person beside the screen, proven once they answer its test page."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="contact_methods")
    channel = models.CharField(max_length=10)
    address = models.TextField()
    added_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "channel"], name="one_address_a_channel"),
        ]


class Heartbeat(models.Model):
    """When a regular task last ended well, by its own time and by the database's, and how often it did."""

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    beats = models.BigIntegerField(default=0)  # goes up by one each time, whatever any clock says
    witnessed_at = models.DateTimeField(null=True)  # the database's time
    drift_seconds = models.FloatField(default=0)  # how far the machine of the task was ahead of the database


class Way(models.Model):
    """The state of a channel: when it last worked, since when it fails, and until when it is left alone."""

    channel = models.CharField(max_length=10, primary_key=True)
    worked_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)  # the last failure
    failures = models.PositiveIntegerField(default=0)  # since it last worked
    fault = models.CharField(max_length=200, blank=True)
    shut_until = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)  # when its last test message got through
    test_sent_at = models.DateTimeField(null=True)  # when the last test was begun
    test_reference = models.UUIDField(null=True)  # of a test message on its way
