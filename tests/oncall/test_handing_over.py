"""The change of shift: told, accepted, and until then the outgoing holder still holds the duty."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from accounts.models import User
from kernel.refusals import Denied, Invalid, OutOfTurn
from ledger.read import Search, entries
from oncall.handover import accept, change_ahead, change_for, open_cases, write_handover
from oncall.models import Clock, HandOver, Page, Shift
from oncall.roster import give_at_once, swap_shift
from oncall.rota import holder_name, holder_of, holders_at, on_call
from oncall.sweep import climb
from oncall.watch import look_ahead
from tests.builders import NOON, actor, submitted
from tests.doors.forms import signed_in

pytestmark = pytest.mark.usefixtures("scene")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHANGE = NOON + 20 * HOUR  # eight in the morning in London


@pytest.fixture
def incoming() -> Shift:
    """The next shift of the coordinator's duty, held by the registrar."""
    User.objects.filter(username="registrar").update(duties=["coordinator", "deputy"])
    shift = Shift.objects.get(duty="coordinator", starts_at=CHANGE)
    shift.holder = User.objects.get(username="registrar")
    shift.save()
    return shift


def names(at: datetime) -> list[str]:
    """Who is paged for the duty, the holder first. The pages of a case read the holder's name in a query of their own."""
    people = holders_at(at)["coordinator"]
    read = User.objects.annotate(on_duty=holder_name("coordinator", at=at)).values_list("on_duty", flat=True)
    assert set(read) == {people[0].name}
    return [person.username for person in people]


class TestUntilItIsAccepted:
    def test_the_outgoing_holder_holds_the_duty_and_both_are_paged(self, incoming: Shift) -> None:
        assert names(CHANGE - MINUTE) == ["coordinator"]
        assert names(CHANGE + MINUTE) == ["coordinator", "registrar"]
        holding = holder_of("coordinator", at=CHANGE + MINUTE)
        assert holding is not None
        assert holding.username == "coordinator"
        submitted("weakness", at=CHANGE + MINUTE)
        climb(at=CHANGE + MINUTE)
        paged = Page.objects.filter(clock__kind="acknowledge", channel="email")
        assert {page.recipient.username for page in paged} == {"coordinator", "registrar"}
        shown = on_call(at=CHANGE + MINUTE)[0]
        assert (shown.holder, shown.awaited) == ("Sister Grace Okoro", "Dr Leo Fenwick")

    def test_accepted_it_is_the_incoming_holders_alone(self, incoming: Shift) -> None:
        write_handover(incoming.pk, words="All quiet", by=actor("coordinator"), at=CHANGE - HOUR)
        accept(incoming.pk, by=actor("registrar"), at=CHANGE + MINUTE)
        assert names(CHANGE + 2 * MINUTE) == ["registrar"]
        told = entries(Search(kind="hand_over_accepted"))[0]
        assert told.facts["with_words"] is True

    def test_accepted_early_it_begins_with_the_shift(self, incoming: Shift) -> None:
        write_handover(incoming.pk, words="All quiet", by=actor("coordinator"), at=CHANGE - HOUR)
        accept(incoming.pk, by=actor("registrar"), at=CHANGE - HOUR / 2)
        assert names(CHANGE - MINUTE) == ["coordinator"]
        assert names(CHANGE) == ["registrar"]

    def test_whoever_has_held_it_for_two_shifts_still_holds_it(self, incoming: Shift) -> None:
        day_after = Shift.objects.get(duty="coordinator", starts_at=CHANGE + 24 * HOUR)
        incoming.holder = day_after.holder  # the first two shifts are one person's, the third another's
        incoming.save()
        day_after.holder = User.objects.get(username="registrar")
        day_after.save()
        assert names(CHANGE + 24 * HOUR + MINUTE) == ["coordinator", "registrar"]

    def test_the_one_before_is_paged_who_held_it_last_accepted_or_not(self, incoming: Shift) -> None:
        User.objects.filter(username="consultant").update(duties=["coordinator", "consultant"])
        third = Shift.objects.get(duty="coordinator", starts_at=CHANGE + 24 * HOUR)
        third.holder = User.objects.get(username="consultant")
        third.save()
        assert names(CHANGE + 24 * HOUR + MINUTE) == ["registrar", "consultant"]
        shown = on_call(at=CHANGE + 24 * HOUR + MINUTE)[0]
        assert (shown.holder, shown.until) == ("Dr Leo Fenwick", None)

    def test_nobody_is_held_to_it_for_days(self, incoming: Shift) -> None:
        assert names(CHANGE + 13 * HOUR) == ["registrar"]

    def test_a_swap_is_handed_over_too(self, incoming: Shift) -> None:
        running = Shift.objects.get(duty="coordinator", starts_at__lte=NOON, ends_at__gt=NOON)
        swap_shift(running.pk, username="registrar", by=actor("lead"), at=NOON)
        assert names(NOON + MINUTE) == ["coordinator", "registrar"]

    @pytest.mark.parametrize("written", [True, False])
    def test_a_shift_swapped_before_it_was_accepted_is_handed_over_by_whoever_kept_it(
        self, incoming: Shift, written: bool
    ) -> None:
        User.objects.filter(username="consultant").update(duties=["coordinator", "consultant"])
        if written:
            write_handover(incoming.pk, words="All quiet", by=actor("coordinator"), at=CHANGE - HOUR)
        swapped = swap_shift(incoming.pk, username="consultant", by=actor("lead"), at=CHANGE + 10 * MINUTE)
        assert names(CHANGE + 11 * MINUTE) == ["coordinator", "consultant"]
        if not written:
            write_handover(swapped.pk, words="All quiet", by=actor("coordinator"), at=CHANGE + 12 * MINUTE)
        accept(swapped.pk, by=actor("consultant"), at=CHANGE + 13 * MINUTE)
        assert names(CHANGE + 14 * MINUTE) == ["consultant"]

    def test_after_a_quarter_of_an_hour_the_lead_is_told_once(self, incoming: Shift) -> None:
        for minute in range(20):
            look_ahead(at=CHANGE + minute * MINUTE)
        alarms = Page.objects.filter(alarm__startswith="hand_over:", channel="screen")
        assert [page.written_at for page in alarms] == [CHANGE + 15 * MINUTE]

    def test_the_same_person_hands_nothing_over(self) -> None:
        assert names(CHANGE + MINUTE) == ["coordinator"]
        assert change_ahead(at=CHANGE + MINUTE) is None
        look_ahead(at=CHANGE + HOUR)
        assert not Page.objects.filter(alarm__startswith="hand_over:").exists()


class TestGivenAtOnce:
    @pytest.fixture
    def given(self, incoming: Shift) -> Shift:
        running = Shift.objects.get(duty="coordinator", starts_at__lte=NOON, ends_at__gt=NOON)
        return give_at_once(
            running.pk, username="registrar", because="Grace is ill", by=actor("lead"), at=NOON
        )

    def test_P18_the_colleague_alone_holds_the_duty_from_the_swap_and_is_paged(self, given: Shift) -> None:
        assert names(NOON) == ["registrar"]
        assert (on_call(at=NOON)[0].holder, on_call(at=NOON)[0].awaited) == ("Dr Leo Fenwick", "")
        assert names(NOON - MINUTE) == ["coordinator"]
        paged = Page.objects.filter(alarm__startswith="duty:")
        assert {(page.recipient.username, page.channel) for page in paged} == {
            ("registrar", "screen"),
            ("registrar", "email"),
        }
        line = entries(Search(kind="shift_changed"))[0]
        assert (line.facts["at_once"], line.actor) == (True, actor("lead").key)
        assert "ill" not in str(line.facts)

    def test_P18_the_board_names_the_new_holder_to_everybody_until_they_answer(self, given: Shift) -> None:
        change = change_for(actor("consultant").user_id, at=NOON + MINUTE)
        assert change is not None
        assert change.words == "Dr Leo Fenwick has held the coordinator's duty since 12:00 GMT"
        look_ahead(at=NOON + 15 * MINUTE)
        assert Page.objects.filter(alarm__startswith="hand_over:", channel="screen").count() == 1
        accept(given.pk, by=actor("registrar"), at=NOON + 20 * MINUTE)
        assert change_ahead(at=NOON + 21 * MINUTE) is None
        assert names(NOON + MINUTE) == ["registrar"]

    def test_P18_whoever_waits_for_a_hand_over_that_cannot_come_is_named_too(self, incoming: Shift) -> None:
        at = CHANGE + MINUTE
        assert names(at) == ["coordinator", "registrar"]
        give_at_once(incoming.pk, username="registrar", because="Grace is ill", by=actor("lead"), at=at)
        assert names(at) == ["registrar"]
        with pytest.raises(Invalid, match="cannot be given"):
            give_at_once(incoming.pk, username="registrar", because="again", by=actor("lead"), at=at)

    def test_it_needs_a_reason_a_planner_and_a_shift_that_runs(self, incoming: Shift) -> None:
        with pytest.raises(Denied):
            give_at_once(incoming.pk, username="registrar", because="ill", by=actor("coordinator"), at=CHANGE)
        with pytest.raises(OutOfTurn, match="has not begun"):
            give_at_once(incoming.pk, username="registrar", because="ill", by=actor("lead"), at=NOON)
        with pytest.raises(Invalid) as refused:
            give_at_once(incoming.pk, username="registrar", because=" ", by=actor("lead"), at=CHANGE)
        assert refused.value.errors == {"because": ["Say why, such as: taken ill"]}


class TestTelling:
    def test_promises_due_at_the_same_instant_keep_their_order_from_one_look_to_the_next(
        self, incoming: Shift
    ) -> None:
        submitted("pain_only", at=NOON)
        Clock.objects.update(due_at=NOON + HOUR)
        with connection.cursor() as cursor:  # rows come as they lie in the table, the newest version last
            cursor.execute("SET LOCAL enable_indexscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        before = open_cases(at=NOON)[0].promises
        for clock in Clock.objects.order_by("-pk"):
            Clock.objects.filter(pk=clock.pk).update(next_at=NOON + 2 * HOUR)
        assert len(before) > 1
        assert open_cases(at=NOON)[0].promises == before

    def test_the_open_cases_are_kept_as_they_stood_and_name_nobody(self, incoming: Shift) -> None:
        case = submitted("weakness", at=NOON)
        told = write_handover(
            incoming.pk, words="Watch the first one", by=actor("coordinator"), at=CHANGE - HOUR
        )
        assert [one["reference"] for one in told.open_promises] == [case.reference]
        assert any("Get the MRI done" in said for said in told.open_promises[0]["promises"])
        assert case.patient.family_name not in str(told.open_promises)
        assert [one.reference for one in open_cases(at=CHANGE)] == [case.reference]

    def test_the_words_are_bound_in_the_ledger_and_do_not_stand_there(self, incoming: Shift) -> None:
        write_handover(incoming.pk, words="Mrs Example is worse", by=actor("coordinator"), at=CHANGE - HOUR)
        line = entries(Search(kind="hand_over_told"))[0]
        assert "Example" not in str(line.facts)
        assert len(line.facts["words"]) == 64

    def test_it_needs_words(self, incoming: Shift) -> None:
        with pytest.raises(Invalid):
            write_handover(incoming.pk, words="  ", by=actor("coordinator"), at=CHANGE - HOUR)
        assert not HandOver.objects.exists()

    def test_a_character_that_nobody_sees_is_no_word_and_no_reason(self, incoming: Shift) -> None:
        unseen = " \u200b\u2063"
        with pytest.raises(Invalid):
            write_handover(incoming.pk, words=unseen, by=actor("coordinator"), at=CHANGE - HOUR)
        with pytest.raises(Invalid):
            accept(incoming.pk, because=unseen, by=actor("registrar"), at=CHANGE)
        with pytest.raises(Invalid) as refused:
            give_at_once(incoming.pk, username="registrar", because=unseen, by=actor("lead"), at=CHANGE)
        assert set(refused.value.errors) == {"because"}

    def test_only_the_holder_tells_and_only_the_next_one_accepts(self, incoming: Shift) -> None:
        with pytest.raises(Denied):
            write_handover(incoming.pk, words="x", by=actor("consultant"), at=CHANGE)
        with pytest.raises(Denied, match="Dr Leo Fenwick is on the rota"):
            accept(incoming.pk, because="x", by=actor("consultant"), at=CHANGE)

    def test_without_words_it_needs_a_reason(self, incoming: Shift) -> None:
        with pytest.raises(Invalid) as refusal:
            accept(incoming.pk, by=actor("registrar"), at=CHANGE)
        assert refusal.value.errors == {"because": ["Say why you take over without a written hand-over"]}
        accept(incoming.pk, because="She was taken ill", by=actor("registrar"), at=CHANGE)
        assert names(CHANGE + MINUTE) == ["registrar"]

    def test_what_was_written_goes_to_whoever_comes_instead(self, incoming: Shift) -> None:
        User.objects.filter(username="consultant").update(duties=["coordinator", "consultant"])
        write_handover(incoming.pk, words="Ring the ward at nine", by=actor("coordinator"), at=CHANGE - HOUR)
        instead = swap_shift(incoming.pk, username="consultant", by=actor("lead"), at=CHANGE - HOUR / 2)
        assert HandOver.objects.get(shift=instead).told == "Ring the ward at nine"

    def test_a_reason_has_a_length(self, incoming: Shift) -> None:
        with pytest.raises(Invalid):
            accept(incoming.pk, because="x" * 201, by=actor("registrar"), at=CHANGE)

    def test_twice_is_out_of_turn(self, incoming: Shift) -> None:
        accept(incoming.pk, because="She was taken ill", by=actor("registrar"), at=CHANGE)
        with pytest.raises(OutOfTurn):
            accept(incoming.pk, because="again", by=actor("registrar"), at=CHANGE + MINUTE)


@time_machine.travel(CHANGE - HOUR, tick=False)
def test_it_is_written_and_accepted_on_the_page(incoming: Shift) -> None:
    case = submitted("weakness", at=NOON)
    grace, leo = signed_in("coordinator"), signed_in("registrar")
    page = reverse("hand_over")
    assert "Sister Grace Okoro hands over to Dr Leo Fenwick" in grace.get(page).content.decode()
    assert "Write or accept the hand-over" in grace.get(reverse("worklist")).content.decode()
    assert "Write or accept" not in signed_in("consultant").get(reverse("worklist")).content.decode()
    assert f"1 open case. Emergencies: {case.reference}" in grace.get(page).content.decode()
    empty = grace.post(page, {"act": "tell", "shift": incoming.pk, "situation": ""})
    assert empty.status_code == 422
    assert "Write what the next holder has to know" in empty.content.decode()
    grace.post(page, {"act": "tell", "shift": incoming.pk, "recommendation": "The scan is booked for nine."})
    shown = leo.get(page).content.decode()
    assert "Recommendation: The scan is booked for nine." in shown
    for words in (case.patient.name, case.reference, "limb weakness", "Next: "):
        assert words.lower() in shown.lower(), words
    seen = entries(Search(kind="list_viewed"))[0]
    assert (seen.facts["where"], seen.facts["cases"]) == ("hand_over", [case.pk])
    done = leo.post(page, {"act": "accept", "shift": incoming.pk}, follow=True).content.decode()
    assert "You have taken over" in done
    assert leo.post(page, {"act": "accept", "shift": incoming.pk}).status_code == 409
    assert signed_in("gp").get(page).status_code == 403


@time_machine.travel(NOON, tick=False)
def test_P18_the_lead_gives_it_on_the_page_and_the_colleague_says_that_they_have_it(incoming: Shift) -> None:
    lead, leo = signed_in("lead"), signed_in("registrar")
    running = Shift.objects.get(duty="coordinator", starts_at__lte=NOON, ends_at__gt=NOON)
    address = reverse("change_shift", args=[running.pk])
    assert "The coordinator has fallen ill" in lead.get(reverse("on_call")).content.decode()
    empty = lead.post(address, {"act": "at_once", "user_name": "registrar"}).content.decode()
    assert "Say why, such as: taken ill" in empty
    done = lead.post(address, {"act": "at_once", "user_name": "registrar", "because": "Ill"}, follow=True)
    assert "Dr Leo Fenwick holds the duty from now and is paged" in done.content.decode()
    board = signed_in("consultant").get(reverse("worklist")).content.decode()
    assert "Dr Leo Fenwick has held the coordinator&#39;s duty since 12:00 GMT" in board
    page = leo.get(reverse("hand_over")).content.decode()
    assert "I have the duty" in page
    assert "The rota was changed at once: “Ill”" in page
    shift = Shift.objects.get(duty="coordinator", starts_at=NOON)
    assert (
        "You have taken over"
        in leo.post(reverse("hand_over"), {"act": "accept", "shift": shift.pk}, follow=True).content.decode()
    )
