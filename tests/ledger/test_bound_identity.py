"""Kept facts, merges and identities: what was changed or deleted behind the ledger's back shows."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts import service as services
from governance.verification import verify_everything
from kernel.time import rfc3339
from ledger.erase import erase
from ledger.keep import keep
from ledger.transaction import one_transaction
from referrals.case.models import Patient
from referrals.evidence.events import parse_event
from referrals.usecases.identify_person import identify_person
from referrals.usecases.keep_unmatched_fact import (
    dismiss_unmatched_fact,
    keep_unmatched_fact,
    link_unmatched_fact,
)
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.undo_merge import undo_merge
from tests.builders import NOON, ONE_PERSON, act_by, actor, submitted
from tests.owner import able_to_delete

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
HOUR = timedelta(hours=1)
KEPT = "UPDATE referrals_unmatchedfact SET"
LINKED = "WHERE linked_to_id IS NOT NULL"
DISMISSED = "WHERE settled_because <> ''"
OPEN = "WHERE settled_at IS NULL"
MERGED = "UPDATE referrals_merge SET"
STANDS = "WHERE undone_at IS NULL"
PERSON = "UPDATE referrals_patient SET"
FOUND = "WHERE identity_salt IS NOT NULL"
LATER = "+ interval '1 hour'"
TAMPERING = [
    *(
        f"{KEPT} {change} {where}"
        for where in (LINKED, DISMISSED, OPEN)
        for change in (
            "organisation = 'XXX99'",
            "by = 'user:1'",
            "by_name = 'Somebody else'",
            f"received_at = received_at {LATER}",
        )
    ),
    *(
        f"{KEPT} {change} {where}"
        for where in (LINKED, DISMISSED)
        for change in (
            "settled_by_name = 'Somebody else'",
            "settled_because = 'Another reason'",
            f"settled_at = settled_at {LATER}",
            "linked_to_id = (SELECT max(id) FROM referrals_referral)",
            "settled_at = NULL, settled_by_name = ''",
        )
    ),
    f"{KEPT} linked_to_id = NULL {LINKED}",
    f"{KEPT} settled_because = '' {DISMISSED}",
    f"{KEPT} settled_at = received_at, settled_by_name = 'Somebody' {OPEN}",
    *(f"DELETE FROM referrals_unmatchedfact {where}" for where in (LINKED, DISMISSED, OPEN)),
    *(
        f"{MERGED} {change} {where}"
        for where in (STANDS, "WHERE undone_at IS NOT NULL")
        for change in (
            "by = 'user:1'",
            "by_name = 'Somebody else'",
            "by_role = 'lead'",
            f"at = at {LATER}",
            "before = jsonb_set(before, '{stream}', '\"safety_net\"')",
            "after = jsonb_set(after, '{stream}', '\"safety_net\"')",
            "ended = jsonb_set(ended, '{status}', '\"advice_given\"')",
            "ended = '{}'",
            "clocks = '{}'",
            "shared = '[\"XXX99\"]'",
            f"undone_at = at {LATER} {LATER}",
        )
    ),
    f"{MERGED} undone_at = NULL",
    f"DELETE FROM referrals_merge {STANDS}",
    "DELETE FROM referrals_merge WHERE undone_at IS NOT NULL",
    "DELETE FROM referrals_merge",
    *(
        f"{PERSON} {change} {FOUND}"
        for change in (
            "family_name = 'Other'",
            "given_name = 'Other'",
            "nhs_number = '9434765919'",
            "date_of_birth = '1951-01-01'",
            "birth_estimated = true",
            "nhs_number_unknown_reason = 'Other'",
            "sex = 'male'",
            "identity_unknown = true",
            "identity_salt = NULL",
            "family_name = ''",
        )
    ),
]


def act_and_settle() -> None:
    """A merge that stands and one that was undone; facts linked, dismissed and open; somebody identified."""
    her, service = actor("coordinator"), services.current()
    case, other = (submitted("weakness", at=NOON, **ONE_PERSON) for _ in range(2))
    for hours in (0, 2, 4):
        merge_cases(
            case.reference,
            other=other.reference,
            text="One",
            confirmed=True,
            act=act_by(her, NOON + hours * HOUR, service),
        )
        if hours < 4:
            undo_merge(other.reference, text="Two", act=act_by(her, NOON + (hours + 1) * HOUR))
    data = {"result": "impending_compression"}
    sent = {"kind": "mri_reported", "occurred_at": rfc3339(NOON), "data": data}
    person = {"family_name": "Marlowe", "date_of_birth": "1950-05-06"}
    linked, dismissed, _ = (
        keep_unmatched_fact(person, parse_event(sent, at=NOON), key=key, by=actor("client"), at=NOON)[0]
        for key in ("one", "two", "three")
    )
    link_unmatched_fact(linked.pk, reference=case.reference, act=act_by(her, NOON + HOUR, service))
    dismiss_unmatched_fact(dismissed.pk, text="Sent twice", by=her, at=NOON + HOUR)
    nobody = submitted("weakness", at=NOON, patient={"identity_unknown": True})
    identify_person(
        nobody.reference,
        {
            "family_name": "Ashdown",
            "given_name": "Ann",
            "date_of_birth": "1944-02-03",
            "nhs_number_unknown_reason": "Overseas",
        },
        text="Her passport",
        under_18_route="",
        by=her,
        at=NOON + HOUR,
    )
    submitted("weakness", at=NOON)


def is_noticed(sql: str) -> bool:
    """Change the rows, verify, and take the change back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount > 0, sql
        noticed = verify_everything()[2] is not None
        transaction.set_rollback(True)
    return noticed


@pytest.mark.parametrize("table", ["referrals_unmatchedfact", "referrals_merge", "referrals_patient"])
def test_whatever_is_changed_or_deleted_is_noticed(table: str) -> None:
    act_and_settle()
    assert verify_everything()[2] is None
    with able_to_delete("referrals_unmatchedfact", "referrals_merge"):
        assert [sql for sql in TAMPERING if table in sql and not is_noticed(sql)] == []


def test_an_identity_that_was_lawfully_deleted_with_its_salt_is_no_fault() -> None:
    act_and_settle()
    patient = Patient.objects.exclude(identity_salt=None).get()
    with one_transaction():
        line = erase(
            [("referrals_patient", patient.pk)],
            case=patient.referral.pk,
            because="person_asked",
            keep_rows=True,
            by=actor("lead"),
            at=NOON + HOUR,
        )
        patient.family_name = patient.given_name = patient.name_key = ""
        patient.nhs_number = patient.date_of_birth = patient.identity_salt = None
        keep(patient, line=line, by=actor("lead"), at=NOON + HOUR)
    assert [row.family_name for row in patient.history.all()] == [""]
    assert verify_everything()[2] is None


def test_an_identity_that_went_without_a_line_is_a_fault() -> None:
    act_and_settle()
    gone = "family_name = '', given_name = '', nhs_number = NULL, date_of_birth = NULL, identity_salt = NULL"
    assert is_noticed(f"{PERSON} {gone} {FOUND}")
