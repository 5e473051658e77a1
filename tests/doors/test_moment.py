"""A case as it stood at an instant, and the audit trail by organisation: what was then, and nothing of what came later."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from governance.moment import TELLS, moment
from governance.web import views
from kernel.time import now, rfc3339
from ledger.kinds import Kind
from ledger.models import Line
from ledger.read import Search, entries
from ledger.seal import make_seal
from ledger.tree import is_included, leaf_hash
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.restrict_record import restrict_record
from referrals.usecases.send_message import send_message
from tests.builders import NOON, act_by, actor, report, set_the_scene, submitted, triaged
from tests.doors.forms import signed_in, state_purpose
from tests.doors.markup import read
from tests.owner import forget_statistics

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WEAKNESS = "Weakness of an arm or leg"


@pytest.fixture
def lead() -> Client:
    return signed_in("lead")


@pytest.mark.usefixtures("scene")
class TestMoment:
    def test_it_shows_what_was_known_then_and_nothing_that_came_later(self) -> None:
        case = triaged("pain_only", at=NOON)
        report(case, "neurology_changed", at=NOON + HOUR, by="gp", neurology={"limb_weakness": "yes"})
        before, after = moment(case, at=NOON + 30 * MINUTE), moment(case, at=NOON + HOUR)
        assert before is not None
        assert after is not None
        assert (before.status, before.stream) == ("In progress", "One week")
        assert dict(before.findings)[WEAKNESS] == "No"
        assert dict(after.findings)[WEAKNESS] == "Yes"
        assert before.proof.line < after.proof.line
        assert len(after.clocks) > len(before.clocks)
        assert before.because != after.because

    def test_each_step_of_a_case_is_at_its_own_instant(self) -> None:
        case = submitted("weakness", at=NOON)
        acknowledge_referral(case.reference, act=act_by("coordinator", NOON + 5 * MINUTE))
        assert moment(case, at=NOON - MINUTE) is None
        at_first, later = moment(case, at=NOON), moment(case, at=NOON + 5 * MINUTE)
        assert at_first is not None
        assert later is not None
        assert (at_first.status, later.status) == ("Sent, not yet acknowledged", "Acknowledged")
        running = {clock.label for clock in at_first.clocks if clock.state.startswith("running")}
        stopped = {clock.label for clock in later.clocks if clock.state.startswith("stopped")}
        assert running & stopped, "the promise to acknowledge ran, and then was met"
        overdue = moment(case, at=NOON + 100 * HOUR)
        assert overdue is not None
        assert any(clock.overdue for clock in overdue.clocks)

    def test_a_changed_line_is_said_on_the_page(self) -> None:
        case = submitted("weakness", at=NOON)
        then = moment(case, at=NOON)
        assert then is not None
        assert then.proof.holds
        assert then.proof.seal is None
        Line.objects.create(
            chain=f"case:{case.pk}",
            position=99,
            case=case.pk,
            kind=str(Kind.REFERRAL_CLOSED),
            at=NOON + MINUTE,
            witnessed_at=now(),
            actor="user:1",
            role="lead",
            previous_hash="0",
            hash="0",
        )
        forged = moment(case, at=NOON + MINUTE)
        assert forged is not None
        assert not forged.proof.holds


class TestPages:
    @pytest.fixture(autouse=True)
    def scene(self, db: None) -> None:
        set_the_scene(at=now())

    def test_the_page_asks_for_a_purpose_and_names_no_patient(self, lead: Client) -> None:
        case = submitted("weakness", at=now() - MINUTE, patient__family_name="Quillfeather")
        restrict_record(case.reference, text="A colleague", by=actor("coordinator"), at=now())
        page = reverse("moment", args=[case.reference])
        assert reverse("purpose") in lead.get(page)["Location"]
        state_purpose(lead, case)
        shown = lead.get(page)
        assert shown.status_code == 200
        assert "QUILLFEATHER" not in shown.content.decode().upper()
        view = entries(Search(case=case.pk, kind=str(Kind.AUDIT_VIEWED)), limit=1)[0]
        assert view.facts["purpose"] == "incident"
        for wrong in ({"at": "yesterday"}, {"line": "1"}, {"line": "x"}, {"at": "2020-01-01T00:00"}):
            assert lead.get(page, wrong).status_code == 422, wrong
        assert signed_in("coordinator").get(page).status_code == 403

    def test_what_has_not_been_yet_is_not_shown_as_if_it_had(self, lead: Client) -> None:
        case = submitted("weakness", at=now() - MINUTE)
        state_purpose(lead, case)
        page, later = reverse("moment", args=[case.reference]), now() + 100 * HOUR
        for text in (f"{later:%Y-%m-%dT%H:%M}", rfc3339(later)):
            answer = lead.get(page, {"at": text})
            assert answer.status_code == 422
            assert "Enter a time that has passed" in answer.content.decode()
            assert "overdue" not in answer.content.decode()
        assert lead.get(page, {"at": "2026-01-01T00:00:00-02:00"}).status_code == 422, (
            "no time of London's clock"
        )

    def test_a_list_of_who_knew_that_is_cut_says_so(
        self, lead: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = submitted("weakness", at=now() - MINUTE)
        for text in ("First", "Second"):
            send_message(case.reference, text, act=act_by("coordinator", now()))
        state_purpose(lead, case)
        page = reverse("moment", args=[case.reference])
        assert "are here" not in lead.get(page).content.decode()
        told = entries(Search(case=case.pk, only=frozenset(TELLS)))
        monkeypatch.setattr("governance.moment.MOST_TOLD", len(told) - 1)
        assert f"The last {len(told) - 1} are here" in lead.get(page).content.decode()

    def test_the_audit_trail_leads_to_the_moment_of_a_line(self, lead: Client) -> None:
        case = submitted("weakness", at=now() - MINUTE)
        acknowledge_referral(case.reference, act=act_by("coordinator", now()))
        state_purpose(lead, case)
        sent = next(line for line in entries(Search(case=case.pk)) if line.kind == Kind.REFERRAL_SUBMITTED)
        address = f"{reverse('moment', args=[case.reference])}?line={sent.number}"
        assert escape(address) in lead.get(reverse("audit"), {"show": "all"}).content.decode()
        words = read(lead.get(address).content.decode()).one("main").words
        assert "Status Sent, not yet acknowledged" in words

    def test_the_seal_that_holds_the_line_is_named(self, lead: Client) -> None:
        case = submitted("weakness", at=now() - MINUTE)
        made = make_seal(at=now())
        assert made is not None
        state_purpose(lead, case)
        line = entries(Search(case=case.pk, with_views=False, kind=str(Kind.REFERRAL_SUBMITTED)), limit=1)[0]
        page = lead.get(reverse("moment", args=[case.reference]), {"line": line.number}).content.decode()
        assert f"Seal {made.pk}" in page
        newest = entries(
            Search(case=case.pk, with_views=False, until=line.at + timedelta(microseconds=1)), limit=1
        )[0]
        assert newest.hash in page, "the last line of that act"

    def test_the_trail_is_searched_by_organisation(self, lead: Client) -> None:
        theirs, own = submitted("weakness", at=now()), submitted("weakness", at=now(), by="ward")
        for code in ("Y12345", "RXX01"):
            lines = entries(Search(organisation=code))
            assert lines
            assert {line.organisation for line in lines} == {code}
        page = lead.get(reverse("audit"), {"organisation": "rxx01", "show": "all"}).content.decode()
        assert own.reference in page
        assert theirs.reference not in page

    def test_one_kind_of_one_organisation_is_read_from_its_index_and_no_line_besides(self) -> None:
        """Without it a search for what is rare or old reads every line. With sorting and scanning off, the plan shows whether
        the order of the search is that of the index."""
        forget_statistics("ledger_line")
        kind = str(Kind.REFERRAL_SUBMITTED)
        for _ in range(2):
            submitted("weakness", at=now())
        with CaptureQueriesContext(connection) as queries:
            found = entries(Search(kind=kind, organisation="Y12345"), limit=30)
        assert [line.number for line in found] == sorted((line.number for line in found), reverse=True)
        assert {(line.kind, line.organisation) for line in found} == {(kind, "Y12345")}
        assert len(found) == 2
        assert entries(Search(kind=kind, organisation="RXX01")) == []
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {queries.captured_queries[-1]['sql']}")
            assert "line_kind_of_organisation" in str(cursor.fetchall())

    def test_the_proof_of_a_line_is_a_file_that_the_public_key_alone_checks(self, lead: Client) -> None:
        case = submitted("weakness", at=now() - MINUTE)
        line = entries(Search(case=case.pk), limit=1)[0]
        page = reverse("line_proof", args=[line.number])
        assert "try again after the next one" in lead.get(page).content.decode()
        make_seal(at=now())
        answer = lead.get(page)
        assert answer["Content-Disposition"].startswith("attachment")
        proof = answer.json()
        lines = proof["seal"]["trees"]["lines"]
        path, root = [bytes.fromhex(step) for step in proof["inclusion"]], bytes.fromhex(lines["root"])
        leaf = leaf_hash(bytes.fromhex(line.hash))
        assert is_included(leaf, place=proof["place"], size=lines["size"], path=path, root=root)
        assert not is_included(
            leaf_hash(b"another"), place=proof["place"], size=lines["size"], path=path, root=root
        )
        assert signed_in("coordinator").get(page).status_code == 403

    def test_a_long_ledger_names_the_command_instead(
        self, lead: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = submitted("weakness", at=now() - MINUTE)
        make_seal(at=now())
        monkeypatch.setattr(views, "MOST_PROVEN", 0)
        number = entries(Search(case=case.pk), limit=1)[0].number
        assert f"ledger_proof {number}" in lead.get(reverse("line_proof", args=[number])).content.decode()

    def test_the_words_of_a_restricted_record_are_not_on_the_trail(self, lead: Client) -> None:
        case = submitted("weakness", at=now())
        restrict_record(case.reference, text="Her brother works here", by=actor("coordinator"), at=now())
        assert "Her brother works here" not in lead.get(reverse("audit"), {"show": "all"}).content.decode()
