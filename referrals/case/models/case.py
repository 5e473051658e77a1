"""The person, the episode, the referral, and who may see it."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from simple_history.models import HistoricalRecords

from kernel.identifiers import NhsNumber
from kernel.time import long_date
from referrals.case.states import OVER, STATUS_WORDS, Status
from referrals.intake.stored import StoredClinical, StoredLocation, StoredReferrer
from triage.guideline.findings import Presentation, from_json
from triage.guideline.rule import Stream
from triage.guideline.stored import StoredPresentation

STATUSES = [(status.value, words) for status, words in STATUS_WORDS.items()]


class Patient(models.Model):
    """The person named in one referral. Their identity is here alone, so that it can be deleted by itself."""

    identity_unknown = models.BooleanField(default=False)
    nhs_number = models.CharField(max_length=10, null=True)
    nhs_number_unknown_reason = models.TextField(null=True)
    local_id = models.TextField(null=True)
    family_name = models.TextField(blank=True)
    given_name = models.TextField(blank=True)
    name_key = models.TextField(
        blank=True
    )  # the names in the form for comparison; see referrals.case.identity
    date_of_birth = models.DateField(null=True)
    birth_estimated = models.BooleanField(default=False)  # only the year is known
    sex = models.CharField(max_length=20)
    postcode = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    ethnic_category = models.CharField(max_length=2, null=True)
    preferred_language = models.TextField(blank=True)
    interpreter_needed = models.BooleanField(default=False)
    communication_needs = models.TextField(blank=True)
    identity_salt = models.UUIDField(
        null=True
    )  # of the ledger line that identified them; deleted with the identity
    history = HistoricalRecords()

    class Meta:
        indexes = [
            models.Index(fields=["nhs_number"], name="patient_nhs_number"),
            models.Index(fields=["family_name"], name="patient_family_name"),
            models.Index(fields=["date_of_birth"], name="patient_date_of_birth"),
            # Of three letters each, for a search by part of a name among a million.
            GinIndex(fields=["name_key"], opclasses=["gin_trgm_ops"], name="patient_name_key"),
            # A new referral looks for its person by each of these: without one of them, through all.
            models.Index(fields=["name_key"], name="patient_whole_name"),
            models.Index(Upper("local_id"), name="patient_local_id"),
            models.Index(
                fields=["date_of_birth"], condition=Q(birth_estimated=True), name="patient_birth_estimated"
            ),
        ]

    @property
    def name(self) -> str:
        """The name as NHS screens write it: FAMILY, Given."""
        if not self.family_name:
            return "Not identified"
        return self.family_name.upper() + (f", {self.given_name}" if self.given_name else "")

    @property
    def nhs_number_words(self) -> str:
        return str(NhsNumber(self.nhs_number)) if self.nhs_number else "NHS number not known"

    @property
    def born(self) -> str:
        if self.date_of_birth is None:
            return "date of birth not known"
        return f"about {self.date_of_birth.year}" if self.birth_estimated else long_date(self.date_of_birth)


class Episode(models.Model):
    """One person's episode of suspected MSCC. A database constraint allows one open episode per person."""

    person_key = models.CharField(max_length=20, null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_key"], condition=Q(closed_at=None), name="one_open_episode_per_person"
            ),
        ]


SELF_TEST = "self_test"  # the source of a referral with which the service tests itself


class OfPatients(models.Manager["Referral"]):
    """Every referral except those with which the service tests itself."""

    def get_queryset(self) -> models.QuerySet["Referral"]:
        return super().get_queryset().exclude(source=SELF_TEST)


class Referral(models.Model):
    """One referral: the case that people know by its reference."""

    reference = models.CharField(max_length=13, unique=True)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="referrals")
    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="referral")
    status = models.CharField(max_length=20, choices=STATUSES, default=Status.SUBMITTED.value)
    source = models.CharField(max_length=10)
    referrer: "models.JSONField[StoredReferrer, StoredReferrer]" = models.JSONField()
    referrer_organisation = models.CharField(max_length=9)
    location: "models.JSONField[StoredLocation, StoredLocation]" = models.JSONField()
    location_organisation = models.CharField(max_length=9, blank=True)
    clinician_suspected_at = models.DateTimeField()
    suspected_at_defaulted = models.BooleanField(default=False)
    mscc_suspected_at = models.DateTimeField(null=True)
    presented_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=60)
    updated_at = models.DateTimeField()
    referrer_concern = models.CharField(max_length=20)
    presentation_sent: "models.JSONField[StoredPresentation, StoredPresentation]" = models.JSONField()
    presentation: "models.JSONField[StoredPresentation, StoredPresentation]" = models.JSONField()
    answered_as_group: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    neurology_source = models.CharField(max_length=30, default="referral")
    clinical: "models.JSONField[StoredClinical, StoredClinical]" = models.JSONField()
    clinical_sent: "models.JSONField[StoredClinical, StoredClinical]" = models.JSONField(
        default=dict
    )  # as sent; later examinations are compared with it
    kept = models.JSONField(default=dict)
    incomplete: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    suggested_stream = models.CharField(max_length=30)
    provisional = models.BooleanField(default=False)
    neurology_open = models.BooleanField(default=False)
    stream = models.CharField(max_length=30)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    acknowledged_role = models.CharField(max_length=30, blank=True)
    withdrawal_asked_at = models.DateTimeField(null=True)
    died_at = models.DateTimeField(null=True)
    listed_for_mdt_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    outcome = models.CharField(max_length=40, blank=True)
    claimed_by = models.CharField(max_length=60, blank=True)
    claimed_by_name = models.CharField(max_length=200, blank=True)
    claimed_until = models.DateTimeField(null=True)
    responsible = models.TextField(blank=True)  # who accepted the patient; the referrer's until then
    responsible_since = models.DateTimeField(null=True)
    news_since = models.DateTimeField(
        null=True
    )  # when the referring side added something that no coordinator has read
    arrived_since = models.DateTimeField(null=True)  # when facts arrived after the end that nobody has read
    not_the_same: "models.JSONField[list[int], list[int]]" = models.JSONField(
        default=list
    )  # cases of other people, by number, as the referrer said
    back_entered_at = models.DateTimeField(
        null=True
    )  # when it was entered after a downtime; its other instants are the true ones
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrected_by")
    objects = OfPatients()
    every = models.Manager()  # noqa: DJ012  # also a manager
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by="")
                | Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="") & ~Q(acknowledged_role=""),
                name="acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="submitted") | Q(acknowledged_at=None),
                name="submitted_is_not_acknowledged",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(status__in=["closed", "entered_in_error", "withdrawn"]),
                name="an_outcome_ends_a_case",
            ),
            models.CheckConstraint(
                condition=Q(claimed_until=None, claimed_by="", claimed_by_name="")
                | Q(claimed_until__isnull=False) & ~Q(claimed_by="") & ~Q(claimed_by_name=""),
                name="claimed_by_somebody_until_a_time",
            ),
            models.CheckConstraint(
                condition=Q(responsible_since=None, responsible="")
                | Q(responsible_since__isnull=False) & ~Q(responsible=""),
                name="accepted_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["referrer_organisation", "-id"], name="referral_organisation"),
            models.Index(fields=["location_organisation", "-id"], name="referral_location"),
            models.Index(F("referrer__registration_number"), name="referral_registration"),
            models.Index(
                fields=["status"],
                condition=~Q(status__in=["closed", "withdrawn", "entered_in_error"]),
                name="referral_open",
            ),
            models.Index(fields=["-updated_at"], name="referral_updated"),
            models.Index(
                fields=["arrived_since"], condition=Q(arrived_since__isnull=False), name="referral_arrived"
            ),
            models.Index(fields=["news_since"], condition=Q(news_since__isnull=False), name="referral_news"),
            models.Index(fields=["claimed_by"], condition=~Q(claimed_by=""), name="referral_claimed"),
            models.Index(
                fields=["listed_for_mdt_at"],
                condition=Q(listed_for_mdt_at__isnull=False),
                name="referral_listed_for_mdt",
            ),
        ]

    @property
    def findings(self) -> Presentation:
        return from_json(self.presentation)

    @property
    def is_over(self) -> bool:
        return Status(self.status) in OVER

    @property
    def is_emergency(self) -> bool:
        return self.stream == Stream.EMERGENCY

    @property
    def pages_at_once(self) -> bool:
        """Whether it is paged as an emergency: by its stream, or because the referrer is worried."""
        return self.is_emergency or self.referrer_concern == "emergency"


class SharedWith(models.Model):
    """Another organisation with access to the case: an imaging site or a treating centre."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="shared_with")
    organisation = models.CharField(max_length=9)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "organisation"], name="shared_once"),
        ]
        indexes = [models.Index(fields=["organisation"], name="shared_organisation")]
