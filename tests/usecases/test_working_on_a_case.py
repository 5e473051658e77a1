"""Claims, responsibility, messages and their clocks, receipts, letters, transfer."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts import service as services
from kernel.refusals import Invalid, OutOfTurn
from kernel.time import rfc3339
from ledger.read import of_case
from oncall.clocks import of_case as clocks_of
from oncall.models import Page
from oncall.sweep import sweep
from referrals.case import worklist
from referrals.case.models import Event, Letter, Message, Notice, Referral
from referrals.case.reads import find_as_it_stands
from referrals.case.worklist import View
from referrals.correspondence.clinical_lines import place_of
from referrals.correspondence.notice_delivery import send_next
from referrals.correspondence.notices import text_of, write_unseen_notices
from referrals.evidence.events import parse_event
from referrals.usecases.accept_patient import accept_patient
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.claim_case import claim_case, release_case, take_over_case
from referrals.usecases.decide_disposition import Destination, decide_disposition
from referrals.usecases.issue_letter import issue_letter, record_reading
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.record_event import record_event
from referrals.usecases.record_step import record_step
from referrals.usecases.send_message import send_message
from referrals.usecases.settle_question import settle_question
from referrals.usecases.share_case import share_case
from referrals.usecases.triage_referral import triage_referral
from referrals.web.coordinator.board import board
from referrals.web.coordinator.casefile import CaseFile
from referrals.web.coordinator.head import case_head
from referrals.web.places import place
from referrals.web.talk import open_questions, talk
from tests.builders import (
    NOON,
    acknowledged,
    act_by,
    actor,
    again,
    clock,
    decision,
    report,
    running,
    submitted,
    triaged,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scene")]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GOES_NOW = {"unaccepted_because": "Deteriorating in a clinic"}
EMAIL = {"referrer__email": "priya.anand@example.nhs.uk"}


def claim(case: Referral, by: str = "coordinator", *, at: Any = NOON + 6 * MINUTE) -> Referral:
    return claim_case(case.reference, act=act_by(by, at))


class TestClaims:
    def test_whoever_comes_second_is_told_who_has_it(self) -> None:
        case = acknowledged()
        claim(case)
        with pytest.raises(OutOfTurn, match="Sister Grace Okoro has claimed this case until 12:36"):
            claim(case, "registrar")

    def test_a_colleague_cannot_decide_on_a_claimed_case(self) -> None:
        case = acknowledged()
        claim(case, "registrar")
        with pytest.raises(OutOfTurn, match="Dr Leo Fenwick has claimed this case"):
            triage_referral(case.reference, decision(case), act=act_by("coordinator", NOON + 7 * MINUTE))
        assert again(case).status == "acknowledged"

    def test_a_claim_runs_out(self) -> None:
        case = acknowledged()
        claim(case)
        assert claim(case, "registrar", at=NOON + 37 * MINUTE).claimed_by == actor("registrar").key

    def test_it_is_released_and_taken_over_with_a_reason(self) -> None:
        case, service = acknowledged(), services.current()
        claim(case)
        with pytest.raises(OutOfTurn):
            release_case(case.reference, by=actor("registrar"), at=NOON + 7 * MINUTE)
        release_case(case.reference, by=actor("coordinator"), at=NOON + 7 * MINUTE)
        claim(case, "registrar", at=NOON + 7 * MINUTE)
        with pytest.raises(Invalid):
            take_over_case(case.reference, text=" ", act=act_by("coordinator", NOON + 8 * MINUTE, service))
        take_over_case(
            case.reference, text="He is in theatre", act=act_by("coordinator", NOON + 8 * MINUTE, service)
        )
        assert again(case).claimed_by == actor("coordinator").key
        release_case(case.reference, by=actor("coordinator"), at=NOON + 9 * MINUTE)
        assert again(case).claimed_until is None

    def test_a_claim_stops_no_clock(self) -> None:
        case = acknowledged()
        before = running(case)
        claim(case)
        assert running(case) == before

    def test_the_referrer_is_responsible_until_somebody_accepts(self) -> None:
        case = acknowledged()
        assert case.responsible_since is None
        with pytest.raises(Invalid):
            accept_patient(
                case.reference,
                accepted_by="",
                accepted_at=NOON + 2 * HOUR,
                by=actor("coordinator"),
                at=NOON + HOUR,
            )
        accept_patient(
            case.reference,
            accepted_by="Dr Katz, oncology, Northmoor",
            accepted_at=NOON + HOUR,
            by=actor("coordinator"),
            at=NOON + HOUR,
        )
        assert again(case).responsible == "Dr Katz, oncology, Northmoor"


class TestReceipts:
    def kinds(self, case: Referral) -> list[str]:
        return list(case.notices.order_by("id").values_list("kind", flat=True))

    def test_each_step_tells_the_referrer_once_and_names_no_patient(self) -> None:
        case = submitted("weakness", **EMAIL)
        acknowledge_referral(case.reference, act=act_by("coordinator", NOON + 2 * MINUTE))
        claim(case)
        triage_referral(case.reference, decision(case), act=act_by("coordinator", NOON + 7 * MINUTE))
        assert self.kinds(case) == ["submitted", "seen", "claimed", "decided"]
        while send_next(at=NOON + 8 * MINUTE) is not None:
            pass
        assert len(mail.outbox) == 4
        person = case.patient
        for letter in mail.outbox:
            assert letter.to == ["priya.anand@example.nhs.uk"]
            words = letter.subject + letter.body
            for secret in (
                person.family_name,
                person.given_name,
                person.nhs_number,
                str(person.date_of_birth),
            ):
                assert secret not in words
            assert case.reference in words

    def test_an_emergency_nobody_has_seen_in_time_tells_the_referrer_to_ring_once(self) -> None:
        case = submitted("weakness", **EMAIL)
        write_unseen_notices(at=NOON + 14 * MINUTE)
        assert "not_seen" not in self.kinds(case)
        for minutes in (15, 16, 600):
            write_unseen_notices(at=NOON + minutes * MINUTE)
        assert self.kinds(case).count("not_seen") == 1
        text = text_of(case.notices.get(kind="not_seen"), telephone="01632 960999")
        assert "Ring the MSCC coordinator now: 01632 960999" in text

    def test_an_answered_or_unhurried_case_tells_nobody_to_ring(self) -> None:
        seen, slow = acknowledged("weakness", **EMAIL), submitted("pain_only", **EMAIL)
        write_unseen_notices(at=NOON + 6 * HOUR)
        assert "not_seen" not in self.kinds(seen) + self.kinds(slow)

    def test_a_mail_server_that_is_down_is_tried_for_a_day_and_shown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = submitted("weakness", **EMAIL)

        def refused(self: Any, *args: Any, **how: Any) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr("django.core.mail.EmailMessage.send", refused)
        at = NOON
        for _ in range(5):
            assert send_next(at=at) is False
            at += timedelta(hours=1)
        notice = Notice.objects.get(referral=case)
        assert (notice.attempts, notice.failure) == (5, "ConnectionRefusedError")
        assert notice.failed_at is None
        assert [line.kind for line in of_case(case.pk)].count("notice_failed") == 1
        assert send_next(at=NOON + timedelta(hours=25)) is False
        assert Notice.objects.get(referral=case).failed_at is not None
        assert [line.kind for line in of_case(case.pk)].count("notice_failed") == 1

    def test_that_nobody_has_seen_it_is_owed_until_somebody_has(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = submitted("weakness", **EMAIL)
        while send_next(at=NOON) is not None:
            pass
        write_unseen_notices(at=NOON + HOUR)

        def refused(self: Any, *args: Any, **how: Any) -> None:
            raise ConnectionRefusedError

        with monkeypatch.context() as patched:
            patched.setattr("django.core.mail.EmailMessage.send", refused)
            for hour in range(1, 40):
                assert send_next(at=NOON + hour * HOUR) is False
        mail.outbox.clear()
        assert send_next(at=NOON + 40 * HOUR) is True
        assert "NOBODY HAS SEEN IT" in mail.outbox[0].subject
        late = submitted("weakness", **EMAIL)
        write_unseen_notices(at=NOON + HOUR)
        acknowledge_referral(late.reference, act=act_by("coordinator", NOON + 2 * HOUR))
        mail.outbox.clear()
        while send_next(at=NOON + 3 * HOUR) is not None:
            pass
        assert not [letter for letter in mail.outbox if "NOBODY HAS SEEN IT" in letter.subject]
        assert Notice.objects.get(referral=late, kind="not_seen").failure == "somebody has seen it"
        assert case.pk != late.pk


class TestDeterioration:
    def test_it_starts_the_clock_from_its_instant_and_pages_again_whatever_was_known(self) -> None:
        case = triaged("weakness")
        assert "acknowledge" not in running(case)
        since = NOON + 20 * MINUTE
        body = {
            "kind": "neurology_changed",
            "occurred_at": rfc3339(since),
            "data": {"neurology": {"limb_weakness": "yes"}},
        }
        at = NOON + 30 * MINUTE
        record_event(
            case.reference,
            parse_event(body, at=at),
            act=act_by("gp", at),
            text="Cannot lift the left leg now",
            alarming=True,
        )
        assert {"acknowledge", "voice_contact"} <= running(case)
        sweep(at=at)
        assert Page.objects.filter(clock__case=case.pk, clock__kind="acknowledge", written_at=at).exists()
        assert again(case).news_since == at

    def test_new_neurology_on_a_one_week_case_is_an_emergency_from_that_instant(self) -> None:
        case = triaged("pain_only")
        since = NOON + 2 * HOUR
        body = {
            "kind": "neurology_changed",
            "occurred_at": rfc3339(since),
            "data": {"neurology": {"gait_disturbance": "yes"}},
        }
        at = NOON + 3 * HOUR
        record_event(case.reference, parse_event(body, at=at), act=act_by("gp", at), alarming=True)
        assert again(case).stream == "emergency"
        assert clock(case, "mri", limit=24).due_at == since + 24 * HOUR
        assert clock(case, "mri", limit=168).stopped_at is None


class TestMessages:
    def send(
        self, case: Referral, by: str, text: str = "A question", at: Any = NOON + HOUR, **more: Any
    ) -> Message:
        return send_message(case.reference, text, act=act_by(by, at), **more)[0]

    def test_a_question_to_the_coordinator_pages_and_its_answer_stops_the_clock(self) -> None:
        case = triaged("weakness")
        asked = self.send(case, "gp", within="1")
        assert clock(case, "question").due_at == NOON + 2 * HOUR
        sweep(at=NOON + HOUR)
        assert Page.objects.filter(clock__kind="question").exists()
        self.send(case, "coordinator", "Yes, flat", at=NOON + HOUR + 5 * MINUTE, answers=asked.pk)
        assert clock(case, "question").stopped_because == "met"

    def test_an_answer_that_answers_nothing_leaves_the_question_open_until_the_asker_says_so(self) -> None:
        case = triaged("weakness")
        asked = self.send(case, "coordinator", "Anal tone?", within="2")
        with pytest.raises(Invalid, match="No answer is on the case"):
            settle_question(case.reference, asked.pk, by=actor("coordinator"), at=NOON + HOUR)
        self.send(case, "gp", "Report follows", answers=asked.pk, at=NOON + HOUR + MINUTE)
        assert clock(case, "question").stopped_at is None
        open_now = open_questions([case.pk], at=NOON + HOUR + MINUTE)[case.pk]
        assert [(line.words, line.due, line.answered) for line in open_now] == [
            ("Anal tone?", "Answer by 15:00 GMT: 1 hour 59 minutes left", True)
        ]
        self.send(case, "gp", "Reduced", answers=asked.pk, at=NOON + HOUR + 2 * MINUTE)
        shown = talk(case, clocks_of(case.pk), for_referrer=True, at=NOON + 2 * HOUR).messages
        assert [[answer.words for answer in line.answers] for line in shown] == [
            ["Report follows", "Reduced"]
        ]
        settle_question(case.reference, asked.pk, by=actor("coordinator"), at=NOON + 2 * HOUR)
        assert clock(case, "question").stopped_at == NOON + HOUR + 2 * MINUTE
        assert open_questions([case.pk], at=NOON + 2 * HOUR) == {}
        assert clock(case, "question").about == "Referrer: answer for Sister Grace Okoro"

    def test_a_return_for_information_stops_no_clinical_clock_and_pages_nobody_before_it_is_late(
        self,
    ) -> None:
        case = triaged("weakness", **EMAIL)
        before = running(case)
        self.send(case, "coordinator", "Anal tone?", reason="neurology_not_examined", within="2")
        assert running(case) == before | {"question"}
        sweep(at=NOON + HOUR)
        pages = Page.objects.filter(clock__kind="question").exclude(channel="screen")
        assert not pages.exists()
        assert case.notices.filter(kind="message").count() == 1
        sweep(at=NOON + 3 * HOUR)
        assert pages.filter(duty="coordinator").exists()

    def test_nobody_answers_their_own_question(self) -> None:
        case = triaged("weakness")
        asked = self.send(case, "gp", within="1")
        with pytest.raises(Invalid):
            self.send(case, "gp", "Never mind", answers=asked.pk)
        assert clock(case, "question").stopped_at is None

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"text": "  "}, "text"),
            ({"within": "99"}, "within"),
            ({"reason": "boredom"}, "reason"),
            ({"reason": "other"}, "within"),
        ],
    )
    def test_what_does_not_fit_is_named(self, more: dict[str, str], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            self.send(triaged("weakness"), "coordinator", **more)
        assert field in refused.value.errors


class TestTransfer:
    def step(self, case: Referral, kind: str, *, at: Any = NOON + HOUR, **data: Any) -> Event:
        return record_step(
            case.reference, kind, data, occurred_at=at, by=actor("coordinator"), at=NOON + 5 * HOUR
        )

    def test_an_unstable_spine_does_not_travel_untold(self) -> None:
        case = triaged("weakness", presentation__instability_signs="yes")
        with pytest.raises(Invalid, match="tell the transport service"):
            self.step(case, "transport_booked", transport="Ambulance 42", **GOES_NOW)
        assert self.step(
            case, "transport_booked", transport="Ambulance 42", unstable_told="yes", **GOES_NOW
        ).data["unstable_told"]

    def test_nobody_arrives_before_they_left(self) -> None:
        case = triaged("weakness")
        with pytest.raises(OutOfTurn, match="departed"):
            self.step(case, "arrived", **GOES_NOW)
        self.step(case, "departed", at=NOON + 2 * HOUR, **GOES_NOW)
        with pytest.raises(OutOfTurn):
            self.step(case, "arrived", at=NOON + HOUR, **GOES_NOW)
        self.step(case, "arrived", at=NOON + 3 * HOUR, by="Sister Lane", **GOES_NOW)

    def test_an_immobilised_patient_is_told_of_however_it_was_recorded(self) -> None:
        case = triaged("weakness")
        report(case, "immobilised", at=NOON + HOUR)
        with pytest.raises(Invalid, match="The spine may be unstable"):
            self.step(case, "transport_booked", at=NOON + 2 * HOUR, transport="Ambulance 42", **GOES_NOW)

    def test_what_was_recorded_of_a_transfer_before_a_merge_counts_after_it(self) -> None:
        one_person = {"patient__nhs_number": "9990000018", "patient__nhs_number_unknown_reason": None}
        kept, other = triaged("weakness", **one_person), triaged("weakness", **one_person)
        self.step(other, "transfer_accepted", at=NOON + HOUR, by="Mr Price", site="Southmoor")
        self.step(other, "departed", at=NOON + 2 * HOUR)
        merge_cases(
            kept.reference,
            other=other.reference,
            text="One person",
            confirmed=True,
            act=act_by("coordinator", NOON + 3 * HOUR),
        )
        self.step(again(kept), "arrived", at=NOON + 4 * HOUR, site="Southmoor")

    def test_nobody_moves_before_they_are_accepted_unless_a_reason_says_why(self) -> None:
        case = triaged("weakness")
        assert place_of(case) == "At home"
        for kind, data in (("transport_booked", {"transport": "Ambulance 42"}), ("departed", {})):
            with pytest.raises(Invalid, match="Nobody has accepted the transfer") as asked:
                self.step(case, kind, **data)
            assert list(asked.value.errors) == ["unaccepted_because"]
        assert (
            self.step(case, "departed", **GOES_NOW).data["unaccepted_because"] == "Deteriorating in a clinic"
        )
        self.step(case, "transfer_accepted", at=NOON + 2 * HOUR, by="Mr Price", site="Southmoor")
        self.step(case, "arrived", at=NOON + 3 * HOUR, site="Southmoor, ward 7")
        assert place_of(again(case)).startswith("Southmoor, ward 7, arrived 15:00 GMT")

    def test_whoever_has_left_is_on_the_way_until_they_arrive_on_every_page_and_letter(self) -> None:
        case = triaged("weakness")
        self.step(case, "transfer_accepted", at=NOON + HOUR, by="Mr Price", site="Southmoor")
        self.step(case, "departed", at=NOON + HOUR)
        self.step(case, "arrived", at=NOON + 2 * HOUR, site="Southmoor")
        assert self.places(case) == (
            "Southmoor",
            "Southmoor",
            "Southmoor, arrived 14:00 GMT on 20 November 2026",
        )
        self.step(case, "transfer_accepted", at=NOON + 2 * HOUR + MINUTE, by="Dr Katz", site="Northmoor")
        assert self.places(case)[0] == "Southmoor"
        self.step(case, "departed", at=NOON + 2 * HOUR + 5 * MINUTE, site="Southmoor")
        way = "On the way to Northmoor since 14:05 GMT"
        assert self.places(case) == (way, way, f"{way} on 20 November 2026")
        self.step(case, "arrived", at=NOON + 3 * HOUR)
        assert self.places(case)[:2] == ("Northmoor", "Northmoor")
        share_case(
            case.reference, organisation=actor("client").organisation, by=actor("coordinator"), at=NOON
        )
        report(case, "discharged", at=NOON + 5 * HOUR, by="client")
        assert self.places(case)[:2] == ("Left hospital 17:00 GMT", "Left hospital 17:00 GMT")

    def test_an_earlier_decision_never_names_where_a_later_journey_leads(self) -> None:
        case = triaged("weakness")
        where = Destination(
            kind="ambulance", site="Southmoor", ambulance_category="category_2", position="flat"
        )
        decide_disposition(case.reference, where, by=actor("coordinator"), at=NOON + HOUR)
        self.step(case, "departed", at=NOON + HOUR, **GOES_NOW)
        assert self.places(case)[0] == "On the way to Southmoor since 13:00 GMT"
        self.step(case, "arrived", at=NOON + 2 * HOUR, site="Southmoor", **GOES_NOW)
        self.step(case, "departed", at=NOON + 3 * HOUR, **GOES_NOW)
        assert self.places(case)[0] == "On the way since 15:00 GMT, where to is not recorded"

    @pytest.mark.parametrize(
        ("kind", "words"),
        [("ward", "on a ward, not named"), ("home", "at home"), ("other", "somewhere else, not named")],
    )
    def test_a_place_without_a_name_is_said_in_words(self, kind: str, words: str) -> None:
        case = Referral(location={"kind": kind, "detail": ""}, location_organisation="")
        assert place(case, {}) == words

    def places(self, case: Referral) -> tuple[str, str, str]:
        """Where the patient is: on the head of the case, on its row of the board, and on paper."""
        at, by = NOON + 6 * HOUR, actor("coordinator")
        read = find_as_it_stands(case.reference, by=by, at=at)
        file = CaseFile(case=read, by=by, at=at, service=services.current())
        rows = [
            row
            for section in board(worklist.cases(View(), by=by, at=at), at=at).sections
            for row in section.rows
        ]
        shown = next(row for row in rows if row.reference == case.reference)
        return case_head(file, current="case").place, shown.place, place_of(again(case))

    def test_steps_change_no_finding_and_no_clock(self) -> None:
        case = triaged("weakness")
        before = (again(case).presentation, running(case))
        for kind, data in (
            ("mri_vetted", {}),
            ("images_requested", {"site": "Southmoor"}),
            ("transfer_accepted", {"by": "Mr Price", "site": "Southmoor", "bed": "7"}),
        ):
            self.step(case, kind, **data)
        assert (again(case).presentation, running(case)) == before


class TestLetters:
    def issue(self, case: Referral, kind: str = "advice", *, at: Any = NOON + HOUR) -> Letter:
        return issue_letter(
            case.reference,
            kind,
            recipient="Dr Anand",
            text="Nurse flat until we ring.",
            act=act_by("coordinator", at),
        )

    def test_it_says_what_was_decided_with_edition_and_reference_and_is_tagged(self) -> None:
        from io import BytesIO

        from pypdf import PdfReader

        from referrals.correspondence.letters import pdf_of

        letter = self.issue(triaged("weakness"))
        made = PdfReader(BytesIO(pdf_of(letter)))
        text = " ".join(page.extract_text() for page in made.pages)
        for part in (
            letter.referral.reference,
            "Nurse flat until we ring.",
            "NG234, edition 2023-09-06",
            letter.code,
            "Emergency, decided by Sister Grace Okoro",
        ):
            assert part in text, part
        assert made.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert made.metadata is not None
        assert made.metadata.title == "Advice to the referrer"
        width, height = (float(side) for side in made.pages[0].mediabox[2:])
        assert (round(width), round(height)) == (595, 842)

    def test_a_change_is_a_new_version_and_the_old_one_stays_as_it_was(self) -> None:
        case = triaged("weakness")
        first = self.issue(case)
        kept = dict(first.content)
        second = self.issue(case, at=NOON + 2 * HOUR)
        assert (first.version, second.version) == (1, 2)
        assert Letter.objects.get(pk=first.pk).content == kept
        assert first.code != second.code

    def test_it_is_awaited_until_it_is_read(self) -> None:
        case = triaged("weakness")
        letter = self.issue(case)
        assert clock(case, "task").due_at == NOON + 25 * HOUR
        record_reading(case.reference, letter.pk, by=actor("gp"), at=NOON + 2 * HOUR)
        record_reading(case.reference, letter.pk, by=actor("gp"), at=NOON + 3 * HOUR)
        assert clock(case, "task").stopped_because == "met"
        assert [reading.person for reading in letter.readings.all()] == ["Dr Priya Anand"]
