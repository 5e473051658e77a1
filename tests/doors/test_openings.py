"""Restricted records, and records that are opened with a reason: who sees whom, until when, and what the lead reads."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kernel.actors import Actor
from kernel.refusals import Denied, NotFound, OutOfTurn
from kernel.time import now
from ledger.kinds import Kind
from ledger.read import Search, entries
from mdt.usecases.list_for_mdt import list_for_mdt
from oncall.models import Clock, Page, Shift
from referrals.case.models import Opening, Referral
from referrals.case.openings import LASTS, is_closed
from referrals.case.queries import Restricted, find
from referrals.case.worklist import BoardSectionKind, View, cases
from referrals.evidence.facts import Fact
from referrals.intake.codes import REPORT_UNREAD
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.claim_case import claim_case
from referrals.usecases.keep_unmatched_fact import keep_unmatched_fact
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from referrals.usecases.open_record import AlreadyYours, Sought, open_record, review_opening
from referrals.usecases.restrict_record import lift_restriction, name_person, restrict_record, unname_person
from tests.builders import act_by, actor, off_duty, set_the_scene, submitted
from tests.doors.forms import every_view, signed_in, state_purpose
from tests.doors.markup import read
from tests.doors.test_access import ask, link_in_the_mail
from tests.scenery import undone

pytestmark = pytest.mark.django_db
FAMILY = "Featherstonehaugh"
WHY = "She has been brought here by ambulance"


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())
    off_duty("offduty", name="Sam Rowe")


def sent(**changes: Any) -> Referral:
    return submitted("weakness", at=now(), patient__family_name=FAMILY, **changes)


def restricted(**changes: Any) -> Referral:
    case = sent(**changes)
    restrict_record(case.reference, text="A colleague", by=asking("coordinator"), at=now())
    return case


def asking(username: str, *, later: timedelta = timedelta()) -> Actor:
    """Somebody who comes to the door now, or later."""
    return replace(actor(username), asked_at=now() + later)


def opened(case: Referral, username: str, *, reason: str = "patient_here", text: str = WHY) -> Opening:
    return open_record(
        Sought(reference=case.reference), reason=reason, text=text, by=asking(username), at=now()
    )


def send(client: Client, **typed: str) -> Any:
    return client.post(reverse("open_record"), {"reason": "patient_here", "text": WHY, **typed})


class TestOpening:
    def test_a_ward_opens_the_record_of_another_organisation_for_an_hour_and_every_look_names_the_opening(
        self,
    ) -> None:
        case, ward = sent(), signed_in("ward")
        page = reverse("referral", args=[case.reference])
        assert ward.get(page).status_code == 404
        answer = send(ward, reference=case.reference.lower())
        assert answer["Location"] == page
        shown = ward.get(page).content.decode()
        assert FAMILY.upper() in shown
        assert "You opened this record with a reason" in shown
        assert "You opened this record" not in ward.get(reverse("referrals")).content.decode()
        row = Opening.objects.get()
        view = entries(Search(case=case.pk, actor=row.by, kind=str(Kind.CASE_VIEWED)), limit=1)[0]
        assert view.facts["opening"] == row.pk
        with time_machine.travel(now() + LASTS, tick=False):
            assert Client.get(ward, page).status_code in (302, 404)
            with pytest.raises(NotFound):
                find(case.reference, by=asking("ward"))

    def test_a_record_is_found_by_number_and_birth_together_and_by_neither_alone(self) -> None:
        case = sent(patient__nhs_number="999 000 0018", patient__date_of_birth="1958-02-03")
        ward = signed_in("ward")
        born = {"born.day": "3", "born.month": "2", "born.year": "1958"}
        assert send(ward, nhs_number="999 000 0018").status_code == 422
        wrong = send(ward, nhs_number="9990000018", **{**born, "born.year": "1959"})
        assert wrong.status_code == 422
        assert "No referral has this reference" in wrong.content.decode()
        assert not Opening.objects.exists()
        assert send(ward, nhs_number="9990000018", **born)["Location"].endswith(f"{case.reference}/")

    def test_whoever_tries_out_numbers_is_stopped(self) -> None:
        ward = signed_in("ward")
        answers = [send(ward, reference="MSCC-QWKQK-3").status_code for _ in range(2)]
        assert answers == [422, 422]
        born = {"born.day": "3", "born.month": "2", "born.year": "1958"}
        for _ in range(10):
            send(ward, nhs_number="9990000018", **born)
        assert send(ward, nhs_number="9990000018", **born).status_code == 403

    def test_a_reason_and_a_sentence_are_needed(self) -> None:
        case, ward = sent(), signed_in("ward")
        for missing in ("reason", "text"):
            assert send(ward, reference=case.reference, **{missing: ""}).status_code == 422
        assert not Opening.objects.exists()

    def test_the_person_is_told_by_a_page_of_their_own(self) -> None:
        case = sent()
        opened(case, "ward")
        page = Page.objects.filter(alarm__startswith="opened:").first()
        assert page is not None
        assert (page.recipient.username, page.duty) == ("ward", "lead")
        assert case.reference in page.alarm
        restrict_record(case.reference, text="A colleague", by=asking("coordinator"), at=now())
        opened(case, "offduty")
        assert Page.objects.latest("id").duty == "coordinator", "to a person on the rota as one of their duty"

    def test_what_is_ones_own_needs_no_reason(self) -> None:
        with pytest.raises(AlreadyYours):
            opened(sent(), "gp")

    def test_a_self_registered_person_an_administrator_and_a_system_open_nothing(self) -> None:
        case = sent()
        ask()
        visitor = Client()
        visitor.post(
            link_in_the_mail(), {"name": "Dr N", "job_title": "GP", "organisation": "RYY02", "telephone": "1"}
        )
        assert send(visitor, reference=case.reference).status_code == 403
        assert signed_in("admin").get(reverse("open_record")).status_code == 403
        with pytest.raises(Denied):
            open_record(
                Sought(reference=case.reference), reason="other", text="x", by=actor("client"), at=now()
            )

    def test_a_member_of_the_mdt_opens_what_is_not_on_their_list(self) -> None:
        case, mdt = sent(), signed_in("mdt")
        assert mdt.get(reverse("mdt_case", args=[case.reference])).status_code == 404
        assert FAMILY.upper() in mdt.get(send(mdt, reference=case.reference)["Location"]).content.decode()


class TestReview:
    def test_the_lead_reads_who_whose_why_and_what_they_did_and_says_whether_it_was_justified(self) -> None:
        case, ward, lead = sent(), signed_in("ward"), signed_in("lead")
        send(ward, reference=case.reference)
        ward.get(reverse("referral_print", args=[case.reference]))
        assert "1 to review" in lead.get(reverse("governance")).content.decode()
        queue = lead.get(reverse("openings")).content.decode()
        assert case.reference in queue
        assert WHY in queue
        page = reverse("opening", args=[Opening.objects.get().pk])
        shown = read(lead.get(page).content.decode()).one("main").words
        for part in ("Dr Tom Ellery", "The patient is with me", WHY, "Document viewed, print"):
            assert part in shown, part
        assert FAMILY.upper() not in shown.upper()
        assert lead.post(page, {"justified": "yes"}).status_code == 422
        assert lead.post(page, {"justified": "no", "text": "Nobody was admitted"}).status_code == 302
        assert "Not justified, says" in lead.get(page).content.decode()
        assert lead.post(page, {"justified": "yes", "text": "After all"}).status_code == 409
        assert (
            entries(Search(case=case.pk, kind=str(Kind.OPENING_REVIEWED)), limit=1)[0].facts["justified"]
            is False
        )

    def test_nobody_reviews_their_own(self) -> None:
        row = opened(restricted(), "lead")
        with pytest.raises(Denied):
            review_opening(row.pk, justified=True, text="Fine", by=actor("lead"), at=now())


class TestRestriction:
    def test_only_those_in_charge_see_who_it_is_and_others_that_it_exists(self) -> None:
        case = restricted()
        for username in ("coordinator", "registrar", "gp"):  # on call, the deputy, the sender
            assert find(case.reference, by=asking(username)).pk == case.pk, username
        for username in ("offduty", "lead"):
            with pytest.raises(Restricted):
                find(case.reference, by=asking(username))
        with pytest.raises(NotFound):
            find(case.reference, by=asking("ward"))
        board = signed_in("offduty").get(reverse("worklist")).content.decode()
        assert FAMILY.upper() not in board.upper()
        assert case.reference in board
        assert "Restricted record" in board
        page = signed_in("offduty").get(reverse("case", args=[case.reference]))
        assert page.status_code == 403
        assert f"{reverse('open_record')}?case={case.reference}" in page.content.decode()

    def test_a_colleague_of_the_sender_and_the_mdt_see_that_it_exists(self) -> None:
        User.objects.create(
            username="partner",
            name="Dr P",
            role="referrer",
            organisation_id="Y12345",
            is_demo=True,
            password=User.objects.get(username="gp").password,
        )
        case = restricted()
        acknowledge_referral(case.reference, act=act_by(asking("coordinator"), now()))
        list_for_mdt(
            case.reference, question="surgery", text="Please", act=act_by(asking("coordinator"), now())
        )
        for username, name in (("partner", "referrals"), ("mdt", "mdt")):
            page = signed_in(username).get(reverse(name)).content.decode()
            assert FAMILY.upper() not in page.upper(), username
            assert case.reference in page, username

    def test_a_search_by_name_finds_nobody_and_by_reference_that_it_exists(self) -> None:
        case, offduty = restricted(), signed_in("offduty")
        for text, found in ((FAMILY, False), (case.reference, True)):
            page = offduty.post(reverse("worklist"), {"search": text}, follow=True).content.decode()
            assert (f'data-reference="{case.reference}"' in page) is found, text

    def test_the_board_asks_who_may_see_a_case_only_when_a_restricted_one_is_on_it(
        self, django_assert_num_queries: Any
    ) -> None:
        offduty, coordinator, other = asking("offduty"), asking("coordinator"), sent()

        def board(by: Actor, *, queries: int) -> dict[str, bool]:
            with django_assert_num_queries(queries):
                rows = cases(View(), by=by, at=now())
            with django_assert_num_queries(0):
                return {row.reference: is_closed(row) or not row.patient.name for row in rows}

        assert board(offduty, queries=2) == {other.reference: False}
        case = restricted()
        assert board(offduty, queries=4) == {case.reference: True, other.reference: False}
        assert board(coordinator, queries=3) == {case.reference: False, other.reference: False}
        by_name = cases(View(search=FAMILY), by=offduty, at=now())
        assert [row.reference for row in by_name] == [other.reference], "a name finds no restricted case"

    def test_an_ended_one_is_on_no_list_and_its_reference_finds_that_it_exists(self) -> None:
        case, twin, other, still = restricted(), restricted(), sent(), submitted("weakness", at=now())
        for ended in (case, twin, other):
            mark_entered_in_error(ended.reference, text="Wrong", by=asking("coordinator"), at=now())

        def found(show: str, search: str = "", stream: str = "") -> dict[str, bool]:
            view = View(show=show, search=search, stream=stream)
            return {row.reference: is_closed(row) for row in cases(view, by=asking("offduty"), at=now())}

        assert found("over") == {other.reference: False}
        assert found("all") == {other.reference: False, still.reference: False}

        def sections() -> list[BoardSectionKind]:
            return [row.section for row in cases(View(show="all"), by=asking("offduty"), at=now())]

        assert sorted(sections()) == [BoardSectionKind.UNSEEN, BoardSectionKind.ENDED]
        acknowledge_referral(still.reference, act=act_by("coordinator", now()))
        assert sections() == [BoardSectionKind.RUNNING, BoardSectionKind.ENDED], "the last changed first"
        assert found("over", stream="one_week") == found("arrived") == {}
        Referral.objects.filter(pk__in=(case.pk, other.pk, still.pk)).update(arrived_since=now())
        assert found("arrived") == {other.reference: False}
        assert found("all", FAMILY) == found("all", other.reference) == {other.reference: False}
        assert found("all", case.reference) == {case.reference: True}
        assert found("over", case.reference) == {}

    def test_another_referral_of_the_person_does_not_name_them(self) -> None:
        restricted(patient__nhs_number="9990000018", patient__given_name="Wilhelmina")
        other = submitted(
            "weakness", at=now(), patient__nhs_number="9990000018", patient__family_name="Other"
        )
        assert "WILHELMINA" not in every_view(signed_in("offduty"), other).upper()

    def test_no_list_of_a_coordinator_off_duty_names_them(self) -> None:
        case, offduty = restricted(), signed_in("offduty")
        acknowledge_referral(case.reference, act=act_by(asking("coordinator"), now()))
        list_for_mdt(
            case.reference, question="surgery", text="Please", act=act_by(asking("coordinator"), now())
        )
        names = (
            "worklist",
            "worklist_rows",
            "referrals",
            "mdt",
            "hand_over",
            "unmatched",
            "undelivered",
            "inbox",
            "on_call",
        )
        for name in names:
            page = offduty.get(reverse(name))
            assert page.status_code == 200, name
            assert FAMILY.upper() not in page.content.decode().upper(), name
            lines = entries(Search(actor=actor("offduty").key, kind=str(Kind.LIST_VIEWED)), limit=20)
            assert not any(case.pk in line.facts["cases"] for line in lines), name

    def test_a_report_kept_for_it_names_nobody_to_a_coordinator_off_duty(self) -> None:
        case = restricted()
        fact = Fact(kind=REPORT_UNREAD, occurred_at=now(), data={"reference": case.reference})
        keep_unmatched_fact({"family_name": FAMILY}, fact, key="report", by=actor("client"), at=now())
        page = signed_in("offduty").get(reverse("unmatched"))
        assert page.status_code == 200
        assert FAMILY.upper() not in page.content.decode().upper()
        assert case.reference in page.content.decode()
        assert FAMILY.upper() in signed_in("coordinator").get(reverse("unmatched")).content.decode().upper()

    def test_nobody_on_call_is_ever_stopped_not_even_where_the_rota_is_empty(self) -> None:
        case = restricted()
        for without in (Shift.objects.all(), Shift.objects.filter(duty="coordinator")):
            with undone():
                without.delete()
                assert find(case.reference, by=asking("offduty")).pk == case.pk
        with undone():
            Shift.objects.filter(duty="coordinator").update(holder=User.objects.get(username="offduty"))
            assert find(case.reference, by=asking("offduty")).pk == case.pk

    @pytest.mark.parametrize("duty", ["deputy", "consultant"])
    def test_a_lead_on_call_for_any_case_needs_no_reason(self, duty: str) -> None:
        case, lead = restricted(), User.objects.get(username="lead")
        with pytest.raises(Restricted):
            find(case.reference, by=asking("lead"))
        Shift.objects.filter(duty=duty).update(holder=lead)
        assert find(case.reference, by=asking("lead")).pk == case.pk

    def test_whoever_was_paged_or_claimed_it_or_is_named_sees_it(self) -> None:
        case, offduty = restricted(), User.objects.get(username="offduty")
        with undone():
            Page.objects.create(
                clock=Clock.objects.filter(case=case.pk).first(),
                duty="manager",
                recipient=offduty,
                channel="screen",
                rung=9,
                written_at=now(),
            )
            assert find(case.reference, by=asking("offduty")).pk == case.pk
        with undone():
            Referral.objects.filter(pk=case.pk).update(
                claimed_by=offduty.actor.key,
                claimed_by_name="Sam",
                claimed_until=now() + timedelta(minutes=30),
            )
            assert find(case.reference, by=asking("offduty")).pk == case.pk
            with pytest.raises(Restricted):
                find(case.reference, by=asking("offduty", later=timedelta(hours=1)))
        name_person(case.reference, username="offduty", by=asking("coordinator"), at=now())
        assert find(case.reference, by=asking("offduty")).pk == case.pk
        unname_person(case.reference, key=offduty.actor.key, by=asking("coordinator"), at=now())
        with pytest.raises(Restricted):
            claim_case(case.reference, act=act_by(asking("offduty"), now()))

    def test_the_lead_opens_it_with_a_reason_before_they_can_end_the_restriction(self) -> None:
        case, lead = restricted(), signed_in("lead")
        page = reverse("restriction", args=[case.reference])
        assert lead.post(page, {"act": "lift", "text": "No need"}).status_code == 403
        send(lead, reference=case.reference)
        assert lead.post(page, {"act": "lift", "text": "No need"}).status_code == 302
        assert find(case.reference, by=asking("offduty")).pk == case.pk

    def test_the_page_restricts_names_and_ends(self) -> None:
        case, coordinator = sent(), signed_in("coordinator")
        page = reverse("restriction", args=[case.reference])
        assert page in coordinator.get(reverse("case_acts", args=[case.reference])).content.decode()
        assert coordinator.post(page, {"act": "restrict", "text": ""}).status_code == 422
        coordinator.post(page, {"act": "restrict", "text": "Works here"})
        assert coordinator.post(page, {"act": "name", "username": "nobody"}).status_code == 422
        coordinator.post(page, {"act": "name", "username": "offduty"})
        shown = coordinator.get(page).content.decode()
        assert "Works here" in shown
        assert "Sam Rowe" in shown
        coordinator.post(page, {"act": "lift", "text": "Left"})
        with pytest.raises(OutOfTurn):
            lift_restriction(case.reference, text="Again", by=asking("coordinator"), at=now())

    def test_who_has_looked_is_still_the_leads_to_read(self) -> None:
        case, lead = restricted(), signed_in("lead")
        state_purpose(lead, case)
        page = lead.get(reverse("readers", args=[case.reference]))
        assert page.status_code == 200
        assert FAMILY.upper() not in page.content.decode().upper()
