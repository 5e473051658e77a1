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


class Seal(models.Model):
    """A Merkle root over every line since the last seal, joined to that seal. It shows missing lines at the end."""

    made_at = models.DateTimeField()
    last_line = models.BigIntegerField()
    lines = models.BigIntegerField()
    previous_root = models.CharField(max_length=64)
    root = models.CharField(max_length=64)

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
