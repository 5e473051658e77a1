"""Nothing in the ledger can be changed, and what was changed behind its back shows."""

import threading
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from accounts import service as services
from governance.verification import verify_records
from kernel.actors import SERVICE, ActingRole, Actor, Role
from kernel.time import rfc3339
from ledger.append import NotInTransaction, append, bind
from ledger.check import verify
from ledger.kinds import WORDS, Kind
from ledger.models import Line, Seal
from ledger.read import Search, entries
from ledger.seal import make_seal, merkle_root
from referrals.case.models import Event, Note, Patient, Referral
from referrals.evidence.events import parse_event
from referrals.usecases.close_referral import close_referral
from referrals.usecases.keep_unmatched_fact import keep_unmatched_fact
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.settle_finding import confirm_finding, withdraw_finding
from referrals.usecases.undo_merge import undo_merge
from referrals.usecases.withdraw_referral import withdraw_referral
from tests.builders import (
    NOON,
    ONE_PERSON,
    act_by,
    actor,
    again,
    report,
    scan,
    set_the_scene,
    submitted,
    triaged,
)
from tests.owner import as_owner

HOUR = timedelta(hours=1)


def refused(sql: str) -> str:
    with pytest.raises(DatabaseError) as fault, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return str(fault.value)


def refused_to_the_owner(sql: str) -> str:
    with pytest.raises(psycopg.Error) as fault, as_owner() as cursor:
        cursor.execute(sql)
    return str(fault.value)


@pytest.mark.usefixtures("scene")
class TestRefusal:
    def test_the_web_role_may_not_change_delete_or_truncate(self) -> None:
        submitted()
        for table in ("ledger_line", "ledger_seal", "referrals_historicalreferral"):
            for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                assert "permission denied" in refused(sql), sql

    def test_the_web_role_deletes_no_record_and_makes_no_table_that_hides_the_ledger(self) -> None:
        rights = "SELECT table_name FROM information_schema.table_privileges WHERE privilege_type = 'DELETE'"
        with connection.cursor() as cursor:
            cursor.execute(f"{rights} AND grantee = current_user")
            deletable = {name for (name,) in cursor.fetchall()}
        records = {model._meta.db_table for model in apps.get_models() if hasattr(model, "history")}
        assert deletable & records == {"oncall_shift", "oncall_handover", "oncall_contactmethod"}, (
            "these are taken away with a line"
        )
        assert "permission denied" in refused("DELETE FROM mdt_plan")
        assert "permission denied" in refused("UPDATE referrals_sharedwith SET organisation = 'RXX01'")
        for change in (
            "recipient_id = 1",
            "rung = 0",
            "clock_id = 1",
            "written_at = now()",
            "channel = 'sms'",
        ):
            assert "permission denied" in refused(f"UPDATE oncall_page SET {change}"), change
        assert "permission denied" in refused("CREATE TEMPORARY TABLE ledger_line (id bigint)")
        for change in (
            "DELETE FROM django_migrations",
            "INSERT INTO django_migrations VALUES (1, 'ledger', 'x', now())",
        ):
            assert "permission denied" in refused(change), "no later step of an update is passed over"

    def test_a_line_is_written_only_with_its_act(self) -> None:
        assert connection.in_atomic_block  # the test's own transaction
        saved, connection.in_atomic_block = connection.in_atomic_block, False
        try:
            with pytest.raises(NotInTransaction):
                append(Kind.SIGNED_IN, by=SERVICE, at=NOON)
        finally:
            connection.in_atomic_block = saved

    def test_a_line_cannot_be_backdated(self) -> None:
        assert "witnessed when it is written" in refused(
            "INSERT INTO ledger_line (chain, position, kind, at, witnessed_at, actor, role, organisation, request, facts,"
            " previous_hash, hash) VALUES ('x', 1, 'signed_in', now(), now() - interval '1 day', 'x', 'x', '', '', '{}', '', '')"
        )

    def test_two_lines_never_stand_at_one_position(self) -> None:
        append(Kind.SIGNED_IN, by=SERVICE, at=NOON)
        line = Line.objects.latest("id")
        with pytest.raises(IntegrityError), transaction.atomic():
            Line.objects.create(
                chain=line.chain,
                position=line.position,
                kind=line.kind,
                at=NOON,
                witnessed_at=line.witnessed_at,
                actor="x",
                role="x",
                previous_hash="",
                hash="",
            )


@pytest.mark.django_db(transaction=True)
class TestVerify:
    """The owner of the tables can do anything; then it shows."""

    def tamper(self, *statements: str) -> None:
        with as_owner() as cursor:
            cursor.execute("SET session_replication_role = replica")  # switches the triggers off
            for sql in statements:
                cursor.execute(sql)

    def test_even_the_owner_is_refused_while_the_triggers_are_on(self) -> None:
        set_the_scene()
        for sql in ("UPDATE ledger_line SET kind = 'x'", "DELETE FROM ledger_line"):
            assert "Cannot update or delete rows" in refused_to_the_owner(sql)

    def test_an_untouched_ledger_holds(self, capsys: pytest.CaptureFixture[str]) -> None:
        set_the_scene()
        triaged()
        make_seal(at=NOON)
        triaged()
        make_seal(at=NOON)
        call_command("verify_ledger")
        assert "every chain and seal is intact" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("table", "change"),
        [
            ("referrals_note", "text = 'Something else'"),
            ("referrals_triagedecision", "stream = 'safety_net'"),
            ("referrals_event", "data = '{}'"),
            ("triage_assessment", "result = '{}'"),
        ],
    )
    def test_a_record_that_was_changed_afterwards_is_named(self, table: str, change: str) -> None:
        set_the_scene()
        case = triaged("pain_only")
        scan(case, at=NOON)
        close_referral(case.reference, outcome="treated", text="Done", by=actor("coordinator"), at=NOON)
        assert verify_records()[1] is None
        assert "Cannot update" in refused_to_the_owner(f"UPDATE {table} SET {change}")
        self.tamper(f"UPDATE {table} SET {change}")
        with pytest.raises(CommandError, match="was changed afterwards"):
            call_command("verify_ledger")

    @pytest.mark.parametrize(
        ("table", "change", "where"),
        [
            ("referrals_event", "data = '{}'", "kind = 'finding_withdrawn'"),
            ("referrals_event", "kind = 'finding_confirmed'", "kind = 'finding_withdrawn'"),
            ("referrals_event", "kind = 'finding_withdrawn'", "kind = 'finding_confirmed'"),
            ("referrals_event", "data = '{\"finding\": 1}'", "kind = 'finding_confirmed'"),
            ("referrals_event", "kind = 'discharged'", "kind = 'admitted'"),
            ("referrals_event", "occurred_at = occurred_at - interval '1 day'", "kind = 'admitted'"),
            ("referrals_event", "data = '{}'", "kind = 'mri_reported'"),
            ("referrals_unmatchedfact", 'data = \'{"result": "mscc"}\'', "true"),
            ("referrals_unmatchedfact", "patient = '{}'", "true"),
            ("referrals_unmatchedfact", "kind = 'mri_performed'", "true"),
            ("referrals_unmatchedfact", "occurred_at = occurred_at + interval '1 hour'", "true"),
            ("referrals_merge", "into_id = referral_id", "true"),
        ],
    )
    def test_evidence_that_was_changed_afterwards_is_named(self, table: str, change: str, where: str) -> None:
        self.evidence()
        assert verify_records()[1] is None
        self.tamper(f"UPDATE {table} SET {change} WHERE {where}")
        fault = verify_records()[1]
        assert fault is not None
        assert "was changed afterwards" in fault.why

    def test_a_fact_of_a_merged_referral_holds_before_and_after_the_merge_is_undone(self) -> None:
        ended = self.evidence()
        told = Event.objects.get(kind="admitted")
        assert told.referral_id == ended.pk
        assert Line.objects.get(pk=told.ledger_line).case == ended.merged_into_id
        assert verify_records()[1] is None
        undo_merge(ended.reference, text="Two people", act=act_by("coordinator", NOON + HOUR))
        assert verify_records()[1] is None

    def evidence(self) -> Referral:
        """A finding that was confirmed, then taken away; a merge, and a fact told of the merged referral; a fact kept."""
        set_the_scene()
        her, service = actor("coordinator"), services.current()
        case, other = (submitted("weakness", at=NOON, **ONE_PERSON) for _ in range(2))
        scan(case, at=NOON)
        shown = report(case, "mri_reported", at=NOON, result="mscc", status="final")
        clean = report(case, "mri_reported", at=NOON, result="no_malignant_disease", status="final")
        confirm_finding(
            case.reference,
            finding=shown.pk,
            report=clean.pk,
            text="Spoken to",
            act=act_by(her, NOON, service),
        )
        withdraw_finding(case.reference, finding=shown.pk, text="Amended", act=act_by(her, NOON, service))
        merge_cases(case.reference, other=other.reference, text="One", act=act_by(her, NOON, service))
        report(other, "admitted", at=NOON)
        fact = parse_event(
            {
                "kind": "mri_reported",
                "occurred_at": rfc3339(NOON),
                "data": {"result": "impending_compression"},
            },
            at=NOON,
        )
        person = {"family_name": "Marlowe", "date_of_birth": "1950-05-06"}
        keep_unmatched_fact(person, fact, key="one", by=actor("client"), at=NOON)
        return again(other)

    def test_a_changed_line_is_named(self) -> None:
        set_the_scene()
        case = triaged()
        line = Line.objects.filter(case=case.pk, kind="referral_triaged").get()
        self.tamper(f"UPDATE ledger_line SET facts = '{{}}' WHERE id = {line.pk}")
        _, fault = verify()
        assert fault is not None
        assert fault.line == line.pk
        with pytest.raises(CommandError, match=f"Line {line.pk} is bad"):
            call_command("verify_ledger")

    def test_a_line_taken_out_is_noticed(self) -> None:
        set_the_scene()
        case = triaged()
        line = Line.objects.filter(case=case.pk).order_by("position")[2]
        self.tamper(f"DELETE FROM ledger_line WHERE id = {line.pk}")
        _, fault = verify()
        assert fault is not None
        assert fault.why == f"line {line.position} of chain case:{case.pk} is missing"

    def test_a_tail_cut_off_is_noticed_by_the_seal(self) -> None:
        set_the_scene()
        case = triaged()
        make_seal(at=NOON)
        last = Line.objects.filter(case=case.pk).latest("position")
        self.tamper(f"DELETE FROM ledger_line WHERE id = {last.pk}")
        _, fault = verify()
        assert fault is not None
        assert "seal" in fault.why

    def test_a_removed_seal_is_noticed_by_the_next(self) -> None:
        set_the_scene()
        make_seal(at=NOON)
        triaged()
        make_seal(at=NOON)
        self.tamper(f"DELETE FROM ledger_seal WHERE id = {Seal.objects.earliest('id').pk}")
        _, fault = verify()
        assert fault is not None

    def test_a_lawful_deletion_of_the_record_leaves_a_chain_that_verifies(self) -> None:
        """The texts and the identity go; the ledger never held them, so it still holds."""
        set_the_scene()
        case = submitted("back_pain")
        withdraw_referral(case.reference, text="The person asked for deletion", by=actor("gp"), at=NOON)
        note = Note.objects.get(referral=case)
        line = Line.objects.get(pk=note.ledger_line)
        assert line.facts["bound"]["withdrawal"] == bind(note.text, salt=str(note.salt))
        self.tamper(
            f"DELETE FROM referrals_note WHERE referral_id = {case.pk}",
            f"DELETE FROM referrals_historicalnote WHERE referral_id = {case.pk}",
            f"UPDATE referrals_patient SET family_name = '', given_name = '', nhs_number = NULL WHERE id = {case.patient_id}",
            f"DELETE FROM referrals_historicalpatient WHERE id = {case.patient_id}",
        )
        assert Patient.objects.get(pk=case.patient_id).nhs_number is None
        assert verify()[1] is None

    def test_many_writers_to_one_chain_leave_no_gap(self) -> None:
        def write() -> None:
            try:
                for _ in range(25):
                    with transaction.atomic():
                        append(Kind.SIGNED_IN, by=SERVICE, at=NOON, case=77)
            finally:
                connections.close_all()

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert Line.objects.filter(case=77).count() == 100
        assert verify() == (100, None)


def test_every_kind_has_its_words() -> None:
    assert set(WORDS) == set(Kind)


def test_the_root_changes_with_every_leaf_and_their_order() -> None:
    leaves = ["00" * 32, "11" * 32, "22" * 32]
    roots = {merkle_root(leaves), merkle_root(leaves[:2]), merkle_root(leaves[::-1]), merkle_root([])}
    assert len(roots) == 4


@pytest.mark.usefixtures("scene")
def test_lines_are_found_by_case_person_kind_and_time() -> None:
    case = triaged()
    by_case = entries(Search(case=case.pk))
    assert {entry.case for entry in by_case} == {case.pk}
    assert [entry.number for entry in by_case] == sorted((entry.number for entry in by_case), reverse=True)
    triage = entries(Search(kind="referral_triaged", actor=actor("coordinator").key))
    assert [entry.case for entry in triage] == [case.pk]
    assert entries(Search(case=case.pk, until=NOON)) == []


@pytest.mark.django_db
def test_a_line_says_in_which_role_somebody_acted() -> None:
    coordinator = Actor(key="user:1", role=Role.COORDINATOR)
    deputy = replace(coordinator, acting_role=ActingRole.COVERING_CLINICIAN)
    for actor_, role in ((coordinator, "coordinator"), (deputy, "covering_clinician")):
        number = append(Kind.SIGNED_IN, by=actor_, at=NOON)
        assert Line.objects.get(pk=number).role == role
