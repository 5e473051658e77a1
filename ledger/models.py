"""The ledger's tables. Nothing outside this app imports them."""

import pgtrigger
from django.db import models


class Line(models.Model):
    """One act: a case number, coded facts, and hashes of texts. It never holds the identity of a patient."""

    chain = models.CharField(max_length=60)
    position = models.PositiveIntegerField()
    case = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    witnessed_at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    role = models.CharField(max_length=40)
    organisation = models.CharField(max_length=9, blank=True)
    request = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "position"], name="one_line_at_each_position"),
        ]
        indexes = [
            models.Index(fields=["case", "id"], name="line_case"),
            models.Index(fields=["-at"], name="line_at"),
            models.Index(fields=["actor", "-at"], name="line_actor"),
            models.Index(fields=["kind", "-at"], name="line_kind"),
            # The newest lines of one kind or organisation, in the order of the audit trail, however many there are.
            models.Index(fields=["kind", "-id"], name="line_newest_of_kind"),
            models.Index(fields=["organisation", "-id"], name="line_organisation"),
            models.Index(fields=["organisation", "kind", "-id"], name="line_kind_of_organisation"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="witnessed_now",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("late", "interval")],
                func="""
                    late := clock_timestamp() - NEW.witnessed_at;
                    IF late < interval '-1 second' OR late > interval '60 seconds' THEN
                        RAISE EXCEPTION 'a ledger line is witnessed when it is written';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]


class Binding(models.Model):
    """The hash of one version of one row, which the database itself writes with the row: see `ledger.guard`.

    `history` is the row of history that was bound; empty where the row itself was. The salt goes when the record is
    deleted by law, so that nobody can guess what it held.
    """

    source = models.CharField(max_length=60)  # the table
    record = models.CharField(max_length=60)
    history = models.BigIntegerField(null=True)
    operation = models.CharField(max_length=1)  # + ~ - as in history; = found at an update of the service
    line = models.BigIntegerField(null=True)
    form = models.PositiveSmallIntegerField()
    at = models.DateTimeField()  # the database's time
    hash = models.CharField(max_length=64)
    salt = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["source", "history"], name="binding_history"),
            models.Index(fields=["source", "record", "-id"], name="binding_record"),
        ]


class Seal(models.Model):
    """What the ledger was at one instant. It shows missing lines at the end.

    Since seals are signed, a Merkle tree over all lines and one over all bindings, as in RFC 6962, each with its size
    and the roots from which it grows on. Before that a root over the lines since the seal before.
    """

    made_at = models.DateTimeField()
    last_line = models.BigIntegerField()
    lines = models.BigIntegerField()
    previous_root = models.CharField(max_length=64)
    root = models.CharField(max_length=64)
    last_binding = models.BigIntegerField(default=0)
    trees = models.JSONField(null=True)
    key = models.CharField(max_length=16, blank=True)
    signature = models.TextField(blank=True)

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Verification(models.Model):
    """One check of the ledger and of the records that it binds, and its result."""

    at = models.DateTimeField()
    whole = models.BooleanField()  # from the first line; else from the seal that was verified last
    seal = models.BigIntegerField(null=True)  # up to this seal everything is verified
    lines = models.BigIntegerField()
    records = models.BigIntegerField()
    seconds = models.FloatField()
    faults = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="verification_at")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
