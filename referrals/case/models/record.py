"""The rows recorded on a case. Each is written once, with its instant and its author."""

import uuid
from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.db import models
from simple_history.models import HistoricalRecords

from referrals.case.models.case import Referral
from referrals.case.stored import StoredClocks, StoredEnd
from referrals.evidence.event_data import EventData, SettledFinding


class Authored(models.Model):
    """The columns of a row with an author: the instant, who it was, and the ledger line."""

    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=40)
    ledger_line = models.BigIntegerField()

    class Meta:
        abstract = True


class Record(Authored):
    """The columns of every row that is recorded on a case."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="%(class)ss")

    class Meta:
        abstract = True


def written_once() -> list[pgtrigger.Trigger]:
    """PostgreSQL itself refuses to change such a row; a lawful deletion stays possible."""
    return [pgtrigger.Protect(name="written_once", operation=pgtrigger.Update)]


class Note(Record):
    """Free text that explains an act. Bound by a salted hash in the ledger; deletable by itself."""

    about = models.CharField(max_length=40)
    text = models.TextField()
    salt = models.UUIDField(default=uuid.uuid4)
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["ledger_line"], name="note_line")]
        triggers = written_once()


class TriageDecision(Record):
    """A coordinator's decision on a suggested stream, with the advice given."""

    assessment = models.BigIntegerField()
    suggested_stream = models.CharField(max_length=30)
    stream = models.CharField(max_length=30)
    override_code = models.CharField(max_length=40, blank=True)
    investigations: "models.JSONField[Sequence[str], Sequence[str]]" = models.JSONField(default=list)
    investigations_urgency = models.CharField(max_length=20, blank=True)
    advice: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True)
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["ledger_line"], name="triage_decision_line")]
        triggers = written_once()


class Disposition(Record):
    """Where the patient goes and how. The referrer sees it."""

    kind = models.CharField(max_length=20)
    site = models.TextField(blank=True)
    unit = models.TextField(blank=True)
    ambulance_category = models.CharField(max_length=20, blank=True)
    position = models.CharField(max_length=20, blank=True)
    told_by = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()


class Event(Record):
    """A fact with its true instant, reported by a person or a hospital system."""

    kind = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    data: "models.JSONField[EventData | SettledFinding, EventData]" = models.JSONField(default=dict)
    salt = models.UUIDField(null=True)  # earlier events are bound with the number of their episode
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["referral", "kind"], name="event_kind")]
        triggers = written_once()


class Obligation(Record):
    """A question, task, review or opinion that is due on a case. It has its own clock."""

    kind = models.CharField(max_length=30)
    owed_by = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    note = models.ForeignKey(Note, on_delete=models.PROTECT)
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["owed_by"], name="obligation_owed_by")]
        triggers = written_once()


class Detail(Record):
    """One entered value of a field of the record; null takes it back. The newest row of a path counts."""

    path = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    salt = models.UUIDField(default=uuid.uuid4)
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["referral", "path", "-id"], name="detail_newest")]
        triggers = written_once()


class Addendum(Record):
    """An addition to an earlier act, which stays unchanged. `about_line` is the ledger line of that act."""

    about_line = models.BigIntegerField()
    note = models.ForeignKey(Note, on_delete=models.PROTECT)
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()


class Contact(Record):
    """A call or message: when, with whom, and its outcome."""

    occurred_at = models.DateTimeField()
    direction = models.CharField(max_length=10)
    channel = models.CharField(max_length=20)
    person = models.TextField()
    role = models.TextField(blank=True)
    number = models.TextField(blank=True)
    with_referrer = models.BooleanField(default=False)
    outcome = models.CharField(max_length=30)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True)
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()


class CareAnswer(Record):
    """What was done about one advice code of the guideline. The newest answer to a code counts."""

    code = models.CharField(max_length=60)
    answer = models.CharField(max_length=20)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True)
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()


class Score(Record):
    """A score: its items, its total, and the version of the scale."""

    kind = models.CharField(max_length=30)
    version = models.CharField(max_length=20)
    about = models.CharField(max_length=60, blank=True)
    items: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    total = models.IntegerField(null=True)
    verdict = models.CharField(max_length=200)
    history = HistoricalRecords()

    class Meta:
        triggers = written_once()


class Review(Record):
    """A review of a decision by a second clinician, such as the lowering of an emergency."""

    decision = models.ForeignKey(TriageDecision, on_delete=models.PROTECT)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=60, blank=True)
    done_by_name = models.CharField(max_length=200, blank=True)
    agreed = models.BooleanField(null=True)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True)
    history = HistoricalRecords()


class Merge(Record):
    """The changes made by a merge, so that it can be undone: `referral` was merged into `into`."""

    into = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="merged_in_by")
    before = models.JSONField()  # columns of the main case before the merge
    after = models.JSONField()  # the same columns after the merge
    ended: "models.JSONField[StoredEnd, StoredEnd]" = models.JSONField()
    clocks: "models.JSONField[StoredClocks, StoredClocks]" = models.JSONField(default=dict)
    shared: "models.JSONField[list[str], list[str]]" = models.JSONField(
        default=list
    )  # organisations that were given access
    undone_at = models.DateTimeField(null=True)
    history = HistoricalRecords()
