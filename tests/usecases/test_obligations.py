"""What somebody owes on a case: each has its own clock, its own ladder and its own answer."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from kernel.refusals import Invalid, NotFound, OutOfTurn
from ledger.read import of_case
from oncall.clocks import of_case as clocks_of
from oncall.models import Clock, Page
from oncall.sweep import climb
from referrals.case.models import Obligation, Referral
from referrals.case.queries import find
from referrals.usecases.accept_patient import accept_patient
from referrals.usecases.ask_for import ask_for
from referrals.usecases.close_referral import close_referral
from referrals.usecases.log_contact import Call, log_contact
from referrals.usecases.record_step import record_step
from referrals.usecases.settle_obligation import settle_obligation
from referrals.usecases.snooze_clock import snooze_clock
from tests.builders import NOON, act_by, actor, clock, report, running, submitted, triaged
from tests.doors.forms import signed_in

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def asked(
    case: Referral,
    kind: str = "specialist_opinion",
    *,
    owed_by: str = "spinal_surgery",
    within: str = "2",
    text: str = "Is this spine stable?",
) -> Obligation:
    return ask_for(
        case.reference,
        kind=kind,
        owed_by=owed_by,
        text=text,
        within=within,
        act=act_by("coordinator", NOON + HOUR),
    )


def settle(case: Referral, owed: Obligation, *, at: object = NOON + 2 * HOUR) -> None:
    settle_obligation(
        case.reference,
        owed.pk,
        done_by="Mr Price, spinal surgeon",
        text="Stable",
        done_at=at,
        by=actor("coordinator"),
        at=NOON + 3 * HOUR,  # type: ignore[arg-type]  # an instant
    )


def told(owed: Obligation) -> list[tuple[int, str]]:
    pages = Page.objects.filter(clock__subject=owed.pk, channel="screen").order_by("rung")
    return [(page.rung, page.recipient.username) for page in pages]


def test_whoever_owes_it_is_paged_at_once_and_others_when_it_is_late() -> None:
    owed = asked(triaged("weakness"))
    for minute in (0, 60, 100, 120):
        climb(at=NOON + HOUR + minute * MINUTE)
    assert told(owed) == [(0, "mdt"), (1, "mdt"), (2, "coordinator"), (3, "consultant")]


def test_two_questions_of_one_case_have_a_clock_each() -> None:
    case = triaged("weakness")
    first, second = asked(case, "question"), asked(case, "question")
    settle(case, first)
    standing = {
        one.subject: one.stopped_because for one in Clock.objects.filter(case=case.pk, kind="question")
    }
    assert standing == {first.pk: "met", second.pk: ""}


def test_an_answer_stops_its_clock_at_its_true_instant_and_is_kept() -> None:
    case = triaged("weakness")
    owed = asked(case)
    settle(case, owed, at=NOON + 90 * MINUTE)
    assert clock(case, "specialist_opinion").stopped_at == NOON + 90 * MINUTE
    assert "Mr Price, spinal surgeon: Stable" in set(case.notes.values_list("text", flat=True))
    assert "stable" not in str([line.facts for line in of_case(case.pk)])
    with pytest.raises(OutOfTurn):
        settle(case, owed)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "wish"}, "kind"),
        ({"owed_by": "somebody"}, "owed_by"),
        ({"within": "0"}, "within"),
        ({"text": ""}, "text"),
    ],
)
def test_what_is_not_complete_is_refused_by_its_field(change: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        asked(triaged("weakness"), **change)  # type: ignore[arg-type]  # its own arguments
    assert list(refusal.value.errors) == [field]
    assert not Obligation.objects.exists()


def test_an_answer_before_its_question_is_a_slip() -> None:
    case = triaged("weakness")
    with pytest.raises(Invalid, match="not complete"):
        settle(case, asked(case), at=NOON)


def test_an_answer_typed_for_the_minute_of_its_question_is_kept_and_stops_its_clock_no_earlier_than_it_began() -> (
    None
):
    case = triaged("weakness")
    owed = ask_for(
        case.reference,
        kind="specialist_opinion",
        owed_by="spinal_surgery",
        text="Is this spine stable?",
        within="2",
        act=act_by("coordinator", NOON + HOUR + timedelta(seconds=40)),
    )
    settle(case, owed, at=NOON + HOUR)
    stopped = clock(case, "specialist_opinion")
    assert stopped.stopped_at == stopped.started_at == NOON + HOUR + timedelta(seconds=40)


def test_a_call_typed_for_the_minute_in_which_the_symptoms_began_is_no_slip() -> None:
    case = triaged("weakness", clinician_suspected_at="2026-11-20T11:30:40Z")
    log = {"direction": "incoming", "channel": "telephone", "person": "Dr Anand", "outcome": "spoke"}
    at = NOON + HOUR
    log_contact(case.reference, Call(occurred_at=NOON - 30 * MINUTE, **log), by=actor("coordinator"), at=at)
    with pytest.raises(Invalid):
        log_contact(
            case.reference, Call(occurred_at=NOON - 31 * MINUTE, **log), by=actor("coordinator"), at=at
        )


def test_an_arrival_typed_for_the_minute_of_an_acceptance_and_a_departure_is_kept() -> None:
    case = triaged("weakness")
    moved, seconds = NOON + HOUR, timedelta(seconds=40)
    who = {"by": actor("coordinator"), "at": NOON + 2 * HOUR}
    accept_patient(case.reference, accepted_by="Dr Katz, Northmoor", accepted_at=moved + seconds, **who)
    record_step(case.reference, "departed", {}, occurred_at=moved + seconds, **who)
    arrival = record_step(case.reference, "arrived", {"site": "Northmoor"}, occurred_at=moved, **who)
    assert arrival.occurred_at == moved


def test_a_specialty_that_is_asked_sees_the_case_and_no_other_does() -> None:
    case = triaged("weakness")
    with pytest.raises(NotFound):
        find(case.reference, by=actor("mdt"))
    asked(case)
    assert find(case.reference, by=actor("mdt")) == case
    with pytest.raises(NotFound):
        find(case.reference, by=actor("mdt-radiology"))


def test_nobody_is_asked_about_somebody_who_has_died() -> None:
    case = triaged("weakness")
    report(case, "died", at=NOON + HOUR / 2)
    with pytest.raises(OutOfTurn, match="A death is reported"):
        asked(case)


def test_who_is_asked_by_duty_sees_it_and_only_while_the_case_is_open() -> None:
    User.objects.filter(username="mdt-oncology").update(duties=["spinal_surgery"])
    case = triaged("weakness")
    asked(case)
    assert find(case.reference, by=actor("mdt-oncology")) == case
    close_referral(case.reference, outcome="treated", text="x", by=actor("coordinator"), at=NOON + 2 * HOUR)
    with pytest.raises(NotFound):
        find(case.reference, by=actor("mdt-oncology"))


def test_it_is_asked_and_answered_on_the_case_page() -> None:
    case = triaged("weakness")
    browser = signed_in("coordinator")
    page = reverse("case", args=[case.reference])
    asking = reverse("act", args=[case.reference, "ask"])
    wrong = browser.post(
        asking, {"page": page, "kind": "task", "owed_by": "deputy", "within": "4", "text": ""}
    )
    assert wrong.status_code == 422
    sent = {"page": page, "kind": "task", "owed_by": "deputy", "within": "4", "text": "Ring the ward"}
    shown = browser.post(asking, sent, follow=True).content.decode()
    assert "Covering clinician (deputy): task for Sister Grace Okoro: Ring the ward" in shown
    assert "task" in running(case)
    number = Obligation.objects.get().pk
    answer = {"page": page, "obligation": number, "done_by": "Dr Fenwick", "text": "Rung"}
    shown = browser.post(reverse("act", args=[case.reference, "settle"]), answer).content.decode()
    assert "Enter the date and the time" in shown


class TestSnooze:
    def snooze(self, case: Referral, kind: str, *, minutes: str = "60", at: object = NOON + HOUR) -> None:
        snooze_clock(
            case.reference,
            clock(case, kind).pk,
            minutes=minutes,
            reason="arranged",
            by=actor("coordinator"),
            at=at,  # type: ignore[arg-type]  # an instant
        )

    def test_it_is_quiet_for_its_time_and_then_pages(self) -> None:
        case = triaged("weakness")
        climb(at=NOON + HOUR)
        self.snooze(case, "mri", at=NOON + 3 * HOUR)
        climb(at=NOON + 3.75 * HOUR)
        assert clock(case, "mri").next_at == NOON + 4 * HOUR  # its own rung comes later than the snooze
        self.snooze(case, "mri", at=NOON + 3.25 * HOUR)
        climb(at=NOON + 4 * HOUR)
        assert clock(case, "mri").climbed == 1
        climb(at=NOON + 4.25 * HOUR)
        assert clock(case, "mri").climbed == 2

    def test_it_never_outlives_the_deadline(self) -> None:
        case = triaged("weakness")
        climb(at=NOON + 22 * HOUR)
        self.snooze(case, "mri", at=NOON + 23 * HOUR)
        assert clock(case, "mri").snoozed_until == clock(case, "mri").due_at
        climb(at=NOON + 24 * HOUR)
        assert clock(case, "mri").breach_recorded_at is not None
        with pytest.raises(OutOfTurn, match="limit has passed"):
            self.snooze(case, "mri", at=NOON + 25 * HOUR)

    def test_what_asks_for_a_human_now_is_never_quiet(self) -> None:
        case = submitted("weakness")
        for kind in ("acknowledge", "voice_contact"):
            with pytest.raises(Invalid):
                self.snooze(case, kind)

    @pytest.mark.parametrize(("minutes", "reason"), [("600", "arranged"), ("60", "tired")])
    def test_an_hour_at_most_and_with_a_reason(self, minutes: str, reason: str) -> None:
        case = triaged("weakness")
        with pytest.raises(Invalid):
            snooze_clock(
                case.reference,
                clock(case, "mri").pk,
                minutes=minutes,
                reason=reason,
                by=actor("coordinator"),
                at=NOON + HOUR,
            )
        assert clock(case, "mri").snoozed_until is None


def test_what_is_only_measured_never_pages() -> None:
    case = triaged("weakness")
    for day in range(10):
        climb(at=NOON + day * 24 * HOUR)
    measured = [one for one in clocks_of(case.pk, with_report_only=True) if one.kind == "total_pathway"]
    assert [(one.limit_hours, one.pages.count()) for one in measured] == [(48, 0)]
