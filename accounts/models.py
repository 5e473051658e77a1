"""People, organisations, hospital systems, and the settings of the service."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from oauth2_provider.models import AbstractApplication
from simple_history.models import HistoricalRecords

from accounts.people import DUTIES, ROLES, SPECIALTIES
from kernel.actors import ActingRole, Actor, Role


class Organisation(models.Model):
    """A practice, trust or other body by its ODS code, which says nothing of its kind."""

    ods_code = models.CharField(max_length=9, primary_key=True)
    name = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    succeeded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="predecessors")
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(succeeded_by=models.F("ods_code")), name="nobody_succeeds_themselves"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.ods_code})"


class User(AbstractBaseUser):
    """A person who signs in. Duties and specialty describe their work, not their access."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=60, blank=True)
    job_title = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=ROLES)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    duties = ArrayField(models.CharField(max_length=20, choices=DUTIES), default=list, blank=True)
    specialty = models.CharField(max_length=20, choices=SPECIALTIES, blank=True)
    is_active = models.BooleanField(default=True)
    is_safety_officer = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    self_registered = models.BooleanField(default=False)  # sees their own referrals only, until confirmed
    registration_number = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    @property
    def acting_role(self) -> ActingRole | None:
        """The capacity in which this person does a coordinator's work; None for other roles."""
        if self.role != Role.COORDINATOR:
            return None
        if "coordinator" in self.duties:
            return ActingRole.COORDINATOR
        return ActingRole.COVERING_CLINICIAN if "deputy" in self.duties else ActingRole.OTHER_DESIGNATED

    @property
    def actor(self) -> Actor:
        return Actor(
            key=f"user:{self.pk}",
            role=Role(self.role),
            name=self.name,
            organisation=self.organisation_id,
            acting_role=self.acting_role,
            specialty=self.specialty,
            duties=tuple(self.duties),
            own_only=self.self_registered,
        )

    def __str__(self) -> str:
        return self.name


class AccessLink(models.Model):
    """A one-time link: signs a referrer in without a password, or lets an invited person set theirs."""

    token_hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=10)
    email = models.EmailField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    asked_from = models.CharField(max_length=64, blank=True)  # a hash of the network address, for the limit
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["email", "-asked_at"], name="access_link_email")]


class SecondFactor(models.Model):
    """What somebody has beside a password: an authenticator app, a passkey, or one recovery code."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="second_factors")
    kind = models.CharField(max_length=10)
    label = models.CharField(max_length=60)
    secret = (
        models.TextField()
    )  # sealed for an app; the public half of a passkey; the hash of a recovery code
    credential = models.CharField(max_length=400, blank=True)  # of a passkey
    counter = models.BigIntegerField(default=0)  # the last step of an app, or the last count of a passkey
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credential"], condition=~models.Q(credential=""), name="one_passkey_one_person"
            ),
            models.UniqueConstraint(fields=["user"], condition=models.Q(kind="app"), name="one_app_a_person"),
        ]


class OpenSession(models.Model):
    """A browser in which somebody is signed in, for their own list. The session itself is Django's."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=60)
    address = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    # What an identity provider said; empty after a password.
    subject = models.CharField(max_length=255, db_default="", default="", blank=True)
    provider_session = models.CharField(max_length=255, db_default="", default="", blank=True)
    proof = models.CharField(max_length=200, db_default="", default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject"], condition=~models.Q(subject=""), name="open_session_subject")
        ]


class NhsIdentity(models.Model):
    """The NHS identity behind an account. Somebody with several roles has an account for each, under one identity."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="nhs_identity")
    issuer = models.CharField(max_length=200)
    uid = models.CharField(max_length=255)
    linked_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True)  # when the provider last said that they hold the role
    lost_at = models.DateTimeField(null=True)  # since when the provider no longer says so

    class Meta:
        indexes = [models.Index(fields=["uid"], name="nhs_identity_uid")]


class NhsRole(models.Model):
    """What an NHS role is here. It gives nobody an account: it lets the account of this role be used."""

    code = models.CharField(max_length=60)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True
    )  # null is any that is known
    role = models.CharField(max_length=20, choices=ROLES)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "organisation", "role"], nulls_distinct=False, name="one_meaning_of_a_role"
            )
        ]


class ApiClient(AbstractApplication):
    """A hospital system: OAuth2 client credentials, bound to one organisation and its scopes."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    allowed_scopes = ArrayField(models.CharField(max_length=40), default=list)
    is_demo = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(AbstractApplication.Meta):
        swappable = "OAUTH2_PROVIDER_APPLICATION_MODEL"

    def is_usable(self, request: object) -> bool:
        """Whether tokens are given out and taken: not once it is revoked."""
        return self.revoked_at is None

    @property
    def actor(self) -> Actor:
        return Actor(
            key=f"client:{self.pk}", role=Role.CLIENT, name=self.name, organisation=self.organisation_id
        )


class ClientCredential(models.Model):
    """A secret or a public key of a hospital system. Several may hold at once, so that one can replace another."""

    SECRET, KEY = "secret", "key"
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=10)
    secret_hash = models.CharField(max_length=64, blank=True)
    jwk = models.JSONField(null=True)
    kid = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kid"],
                condition=models.Q(kind="key", ended_at=None),
                name="one_key_of_an_identifier",
            )
        ]


class Setting(models.Model):
    """One setting of the service with another value than its default; see accounts.service."""

    key = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()
    history = HistoricalRecords()
