"""Tables of the MDT: lists and meetings, opinions and decisions, treatments, plans and outcomes."""

import uuid

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from accounts.people import SPECIALTIES
from mdt.stored import StoredDecision, StoredOpinion, StoredOutcome, StoredPlan, StoredTreatment
from referrals.case.models import Note, Obligation
from referrals.case.models.record import Record, written_once


class Listing(Record):
    """A case put to the MDT with its question: for the next meeting, or now to the specialties that are asked."""

    question = models.CharField(max_length=30)
    discussion = models.CharField(max_length=20, default="scheduled")
    asked: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)  # specialties
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True)
    history = HistoricalRecords()


class Meeting(models.Model):
    """A scheduled meeting. Its list is made by rule until the cut-off; later additions need approval."""

    starts_at = models.DateTimeField()
    cut_off_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    assembled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cut_off_at__lte=F("starts_at")), name="cut_off_before_start"),
            models.UniqueConstraint(fields=["starts_at", "place"], name="one_meeting_at_a_place"),
        ]


class Item(Record):
    """A case on the list of a meeting, with every reason why it is there."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    reasons: "models.JSONField[list[str], list[str]]" = models.JSONField()
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True)
    late = models.BooleanField(default=False)
    approved_at = models.DateTimeField(null=True)
    approved_by_name = models.CharField(max_length=200, blank=True)
    off_at = models.DateTimeField(null=True)
    off_because = models.CharField(max_length=20, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "referral"], name="once_on_a_list"),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by_name="")
                | Q(approved_at__isnull=False) & ~Q(approved_by_name=""),
                name="approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(off_at=None, off_because="") | Q(off_at__isnull=False) & ~Q(off_because=""),
                name="taken_off_with_a_reason",
            ),
        ]


class Statement(Record):
    """A signed record that never changes: a correction is a new version. Its content is bound in the ledger."""

    version = models.PositiveSmallIntegerField()
    content = models.JSONField()
    salt = models.UUIDField(default=uuid.uuid4)

    class Meta:
        abstract = True


class Opinion(Statement):
    """The opinion of a specialty, signed by its specialist or recorded by a coordinator."""

    content: "models.JSONField[StoredOpinion, StoredOpinion]"
    specialty = models.CharField(max_length=20, choices=SPECIALTIES)
    answers = models.ForeignKey(Obligation, on_delete=models.PROTECT, null=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "specialty", "version"], name="one_opinion_of_a_version"
            )
        ]
        triggers = written_once()


class Decision(Statement):
    """A decision of the MDT: who was there, the options, and who carries it out."""

    content: "models.JSONField[StoredDecision, StoredDecision]"
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, related_name="decisions")
    discussion = models.CharField(max_length=20)
    decided_at = models.DateTimeField()
    quorum_met = models.BooleanField()
    dissent = models.BooleanField()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "version"], name="one_mdt_decision_of_a_version")
        ]
        triggers = written_once()


class Treatment(Statement):
    """A treatment that was decided, by its modality; a later version records its progress."""

    content: "models.JSONField[StoredTreatment, StoredTreatment]"
    modality = models.CharField(max_length=30)
    decided_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "modality", "version"], name="one_treatment_of_a_version"
            )
        ]
        triggers = written_once()


class Plan(Statement):
    """A version of the management plan; the last signed version counts."""

    content: "models.JSONField[StoredPlan, StoredPlan]"
    signed = models.BooleanField()
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["referral", "version"], name="one_plan_of_a_version")]
        triggers = written_once()


class Outcome(Statement):
    """How the person was at one point."""

    content: "models.JSONField[StoredOutcome, StoredOutcome]"
    point = models.CharField(max_length=20)
    observed_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "point", "version"], name="one_outcome_of_a_version")
        ]
        triggers = written_once()


STATEMENTS: tuple[type[Statement], ...] = (Opinion, Decision, Treatment, Plan, Outcome)
