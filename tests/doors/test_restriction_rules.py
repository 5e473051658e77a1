"""Each condition of who may open, restrict and review is needed: every one of these fails when its own is dropped."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import attempts
from accounts.models import User
from kernel.actors import ANYBODY, SERVICE, Actor
from kernel.identifiers import Reference
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.time import now
from ledger.kinds import Kind
from ledger.read import Search, entries
from mdt.usecases.list_for_mdt import list_for_mdt
from mdt.usecases.plan_meeting import plan_meeting
from mdt.usecases.put_on_agenda import put_by_hand
from oncall.models import Clock, Owner, Page, Shift
from oncall.page_links import token_of
from oncall.rota import LAPSES
from oncall.sweep import sweep
from referrals.case.models import Episode, Opening, Patient, Referral, Restriction
from referrals.case.openings import (
    LASTS,
    closed_numbers,
    closed_to,
    is_open_until,
    openings,
    restricted_among,
    restriction_of,
    unreviewed,
)
from referrals.case.queries import closed_in_sight, find, restricted_lines, visible_to
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.mark_entered_in_error import mark_entered_in_error
from referrals.usecases.open_record import Sought, open_record, record_miss, review_opening
from referrals.usecases.restrict_record import lift_restriction, name_person, restrict_record, unname_person
from tests.builders import act_by, actor, again, off_duty, set_the_scene, submitted
from tests.doors.forms import every_view, signed_in
from tests.scenery import undone

pytestmark = pytest.mark.django_db
NUMBER = "9990773416"
PERSON = {
    "patient__nhs_number": NUMBER,
    "patient__family_name": "Featherstonehaugh",
    "patient__given_name": "Ada",
    "patient__date_of_birth": "1931-07-19",
}
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def scene(db: None) -> None:
    set_the_scene(at=now())
    for username in ("offduty", "second"):
        off_duty(username)


def asking(username: str, *, later: timedelta = timedelta(), at: datetime | None = None) -> Actor:
    return replace(actor(username), asked_at=(at or now()) + later)


def restricted(**changes: Any) -> Referral:
    case = submitted("weakness", at=now(), **PERSON, **changes)
    restrict_record(case.reference, text="A colleague", by=asking("coordinator"), at=now())
    return case


def sees(case: Referral, username: str, **when: Any) -> bool:
    return visible_to(asking(username, **when)).filter(pk=case.pk).exists()


def opened(case: Referral, username: str, **more: Any) -> Opening:
    words = {"reason": "other", "text": "She is here", "at": now(), **more}
    return open_record(Sought(reference=case.reference), by=asking(username), **words)


@pytest.mark.parametrize("username", ["coordinator", "offduty", "lead", "mdt", "ward"])
def test_the_statement_that_is_kept_is_the_one_that_would_be_put_together(username: str) -> None:
    for later in (timedelta(), 5 * MINUTE):
        by = asking(username, later=later)
        kept = closed_numbers(by)
        assert (kept.sql, tuple(kept.params)) == closed_to(by).query.sql_with_params()


def test_who_has_not_proved_who_they_are_has_no_case_and_the_service_has_every_one() -> None:
    case = submitted("weakness", at=now())
    assert list(visible_to(ANYBODY)) == []
    assert list(visible_to(SERVICE)) == [case]


class TestWholePerson:
    def test_a_second_referral_of_the_same_number_is_restricted_from_its_first_second(self) -> None:
        first = restricted()
        second = submitted("weakness", at=now(), by="ward", **PERSON)
        assert not sees(second, "offduty")
        with pytest.raises(Denied):
            find(second.reference, by=asking("offduty"))
        assert sees(second, "coordinator")
        assert sees(second, "ward"), "whoever sent it"
        row = restriction_of(again(second))
        assert row is not None
        assert row.referral_id == first.pk
        with pytest.raises(OutOfTurn, match="covers it"):
            restrict_record(second.reference, text="Again", by=asking("coordinator"), at=now())
        name_person(second.reference, username="offduty", by=asking("coordinator"), at=now())
        assert sees(first, "offduty"), "who is named for one is named for all of them"
        assert sees(second, "offduty")
        lift_restriction(second.reference, text="She has left", by=asking("coordinator"), at=now())
        assert sees(first, "second")

    def test_so_is_an_earlier_one_one_of_its_episode_and_one_entered_again_but_nobody_elses(self) -> None:
        earlier = submitted("weakness", at=now(), **PERSON)
        other = submitted("weakness", at=now())
        nameless = [
            submitted(
                "weakness",
                at=now(),
                **{
                    **PERSON,
                    "patient__nhs_number": None,
                    "patient__nhs_number_unknown_reason": "Overseas visitor",
                },
            )
            for _ in range(2)
        ]
        first = restricted()
        Referral.objects.filter(pk=nameless[0].pk).update(episode=first.episode)
        Referral.objects.filter(pk=nameless[1].pk).update(corrects=first)
        assert [sees(case, "offduty") for case in (earlier, *nameless)] == [False, False, False]
        assert [row.referral_id for case in (earlier, *nameless) if (row := restriction_of(again(case)))] == [
            first.pk
        ] * 3
        assert sees(other, "offduty")
        assert restriction_of(other) is None
        assert restricted_among({earlier.pk, other.pk}) == {earlier.pk}

    def test_so_is_one_without_a_number_that_was_merged_into_another_episode_of_theirs(self) -> None:
        unknown = {"patient__nhs_number": None, "patient__nhs_number_unknown_reason": "Overseas visitor"}
        first, later, merged, other = (
            submitted("weakness", at=now(), **{**PERSON, **changes})
            for changes in ({}, {}, unknown, {"patient__nhs_number": "9990000018"})
        )
        episode = Episode.objects.create(opened_at=now())
        Referral.objects.filter(pk__in=(later.pk, merged.pk)).update(episode=episode)
        for case in (first, merged):
            with undone():
                restrict_record(case.reference, text="A colleague", by=asking("coordinator"), at=now())
                for covered in (first, later, merged):
                    assert not sees(covered, "offduty"), (case.pk, covered.pk)
                    row = restriction_of(again(covered))
                    assert row is not None
                    assert row.referral_id == case.pk
                assert sees(other, "offduty")
                assert restriction_of(again(other)) is None
                name_person(merged.reference, username="offduty", by=asking("coordinator"), at=now())
                assert all(sees(covered, "offduty") for covered in (first, later, merged))

    def test_the_number_alone_is_enough_and_a_name_on_one_restriction_counts_for_another(self) -> None:
        first, other = restricted(), submitted("weakness", at=now())
        Referral.objects.filter(pk=other.pk).update(episode=Episode.objects.create(opened_at=now()))
        restrict_record(other.reference, text="Too", by=asking("coordinator"), at=now())
        name_person(first.reference, username="offduty", by=asking("coordinator"), at=now())
        assert not sees(other, "offduty")
        with undone():
            name_person(first.reference, username="second", by=asking("offduty"), at=now())
            with pytest.raises(Denied):
                name_person(other.reference, username="second", by=asking("offduty"), at=now())
        Patient.objects.filter(pk=other.patient_id).update(nhs_number=NUMBER)
        assert sees(other, "offduty"), "now they are one person, and both restrictions cover both"
        assert not sees(other, "second")
        third = submitted("weakness", at=now(), by="ward", **PERSON)
        covered_by = [
            row.referral_id for case in (first, other, third) if (row := restriction_of(again(case)))
        ]
        assert covered_by == [first.pk, other.pk, first.pk], "its own, otherwise the first"
        lift_restriction(other.reference, text="One is enough", by=asking("coordinator"), at=now())
        row = restriction_of(again(other))
        assert row is not None
        assert row.referral_id == first.pk
        assert not sees(other, "second")

    def test_two_people_without_a_number_are_not_one(self) -> None:
        unknown = {"patient__nhs_number": None, "patient__nhs_number_unknown_reason": "Overseas visitor"}
        first = submitted("weakness", at=now(), patient__family_name="Marlowe", **unknown)
        restrict_record(first.reference, text="A colleague", by=asking("coordinator"), at=now())
        other = submitted("weakness", at=now(), patient__family_name="Quillfeather", **unknown)
        assert sees(other, "offduty")
        assert restriction_of(other) is None
        Referral.objects.filter(pk=first.pk).update(episode=other.episode)
        row = restriction_of(first)
        assert row is not None, "its own holds, though its episode was joined to another since it was read"
        assert row.referral_id == first.pk

    def test_whoever_sends_a_second_referral_gets_no_way_into_the_first(self) -> None:
        first = restricted()
        second = submitted("weakness", at=now(), by="offduty", **PERSON)
        assert sees(second, "offduty")
        with pytest.raises(Denied, match="in charge"):
            name_person(second.reference, username="offduty", by=asking("offduty"), at=now())
        browser = signed_in("offduty")
        assert first.reference not in every_view(browser, second)
        page = browser.get(reverse("restriction", args=[second.reference])).content.decode()
        assert first.reference not in page
        assert "A colleague" not in page
        assert "another referral of the same person is restricted" in page
        shown = every_view(signed_in("coordinator"), second)
        assert first.reference in shown

    def test_who_sent_one_and_opened_another_with_a_reason_lets_nobody_into_the_other(self) -> None:
        restricted(by="offduty")
        other = submitted("weakness", at=now(), **PERSON)
        opened(other, "offduty")
        with pytest.raises(Denied, match="in charge"):
            name_person(other.reference, username="second", by=asking("offduty"), at=now())

    def test_a_referral_without_a_number_asks_to_be_restricted_too(self) -> None:
        first = restricted()
        other = submitted(
            "weakness",
            at=now(),
            **{
                **PERSON,
                "patient__nhs_number": None,
                "patient__nhs_number_unknown_reason": "Overseas visitor",
            },
        )
        assert first.reference in (shown := every_view(signed_in("coordinator"), other))
        assert "restrict this one too" in shown
        assert "restrict this one too" not in every_view(signed_in("coordinator"), first)
        assert first.reference not in every_view(signed_in("offduty"), other), (
            "next to a name it would tell whose it is"
        )


class TestInCharge:
    def test_a_page_opens_it_while_its_limit_runs_and_for_twelve_hours_more(self) -> None:
        case, person = restricted(), User.objects.get(username="offduty")
        clock = Clock.objects.filter(case=case.pk).first()
        Page.objects.create(
            clock=clock, duty="manager", recipient=person, channel="screen", rung=9, written_at=now()
        )
        assert sees(case, "offduty", later=timedelta(days=2))
        assert not sees(case, "second")
        at = now()
        Clock.objects.filter(pk=clock.pk).update(stopped_at=at, stopped_because="done", next_at=None)
        assert sees(case, "offduty", at=at + 12 * HOUR - SECOND)
        assert not sees(case, "offduty", at=at + 12 * HOUR)

    def test_a_page_about_another_case_opens_nothing(self) -> None:
        other, case = submitted("weakness", at=now()), restricted()
        Page.objects.create(
            clock=Clock.objects.filter(case=other.pk).first(),
            duty="manager",
            channel="screen",
            rung=9,
            written_at=now(),
            recipient=User.objects.get(username="offduty"),
        )
        assert not sees(case, "offduty")

    def test_whoever_owns_it_sees_it_until_then_and_no_other_case(self) -> None:
        case, other, until = restricted(), submitted("weakness", at=now()), now() + LASTS
        person = User.objects.get(username="offduty")
        with undone():
            Owner.objects.update_or_create(case=other.pk, defaults={"person": person, "until": until})
            assert not sees(case, "offduty")
        Owner.objects.update_or_create(case=case.pk, defaults={"person": person, "until": until})
        assert sees(case, "offduty", at=until - SECOND)
        assert not sees(case, "offduty", at=until)
        assert not sees(case, "second")

    def test_whoever_claimed_it_sees_it_until_the_claim_ends_and_a_claim_opens_it_to_nobody_else(
        self,
    ) -> None:
        case, until = restricted(), now() + LASTS
        claim = {"claimed_by": actor("offduty").key, "claimed_by_name": "Sam", "claimed_until": until}
        Referral.objects.filter(pk=case.pk).update(**claim)
        assert sees(case, "offduty", at=until - SECOND)
        assert not sees(case, "offduty", at=until)
        assert not sees(case, "second")

    def test_a_duty_counts_while_its_shift_runs_for_its_holder_and_if_it_is_called_for_any_case(self) -> None:
        case, lead, at = restricted(), User.objects.get(username="lead"), now()
        for change, expected in (
            ({}, True),
            ({"starts_at": at}, True),
            ({"starts_at": at + SECOND}, False),
            ({"ends_at": at + SECOND}, True),
            ({"ends_at": at}, False),
            ({"duty": "manager"}, False),
        ):
            with undone():
                Shift.objects.filter(duty="deputy").delete()
                shift = {"duty": "deputy", "starts_at": at - LASTS, "ends_at": at + LASTS}
                Shift.objects.filter(duty="manager").delete()
                Shift.objects.create(holder=lead, **{**shift, **change})
                assert sees(case, "lead", at=at) is expected, change

    def test_the_duty_of_somebody_who_has_left_is_no_rota_that_names_a_coordinator(self) -> None:
        case = restricted()
        User.objects.filter(username="coordinator").update(is_active=False)
        Shift.objects.exclude(duty="coordinator").delete()
        User.objects.filter(pk__in=Shift.objects.values("holder")).update(is_active=False)
        assert sees(case, "offduty")
        assert not sees(case, "lead"), (
            "the rota without a coordinator makes coordinators count, and nobody else"
        )

    def test_the_one_before_keeps_the_duty_until_it_is_taken_over_or_lapses(self) -> None:
        case, at = restricted(), now()
        before, after = (User.objects.get(username=name) for name in ("offduty", "second"))
        third = off_duty("third")
        Shift.objects.filter(duty="coordinator").delete()
        Shift.objects.create(duty="coordinator", holder=before, starts_at=at - 9 * LASTS, ends_at=at - MINUTE)
        later = Shift.objects.create(
            duty="coordinator", holder=after, starts_at=at - MINUTE, ends_at=at + 9 * LASTS + LAPSES
        )
        assert sees(case, "offduty", at=at - MINUTE), "from the end of the shift on"
        assert sees(case, "offduty", at=at - MINUTE + LAPSES - SECOND)
        assert not sees(case, "offduty", at=at - MINUTE + LAPSES)
        Shift.objects.filter(duty="deputy").delete()
        deputy, next_deputy = (
            {"holder": third, "starts_at": at - HOUR},
            {"holder": after, "ends_at": at + HOUR},
        )
        Shift.objects.create(duty="deputy", ends_at=at - MINUTE, **deputy)
        Shift.objects.create(duty="deputy", starts_at=at - MINUTE, **next_deputy)
        assert not sees(case, "third", at=at), "who had another duty"
        with undone():
            Shift.objects.create(
                duty="coordinator", holder=after, starts_at=at - 19 * LASTS, ends_at=at - 9 * LASTS
            )
            assert not sees(case, "offduty", at=at - 10 * LASTS), "a shift to come is no duty"
        Shift.objects.filter(duty="deputy").delete()
        for change in (
            {"taken_over_at": at},
            {"starts_at": at - MINUTE / 2},  # it does not follow on the one before
            {"duty": "deputy"},
        ):
            with undone():
                Shift.objects.filter(pk=later.pk).update(**change)
                Shift.objects.get_or_create(
                    duty="coordinator",
                    starts_at__lte=at,
                    ends_at__gt=at,
                    defaults={"holder": after, "starts_at": at - MINUTE / 3, "ends_at": at + LASTS},
                )
                assert not sees(case, "offduty"), change

    def test_systems_and_the_service_itself_are_never_stopped(self) -> None:
        case = restricted(location__organisation_ods=actor("client").organisation)
        assert visible_to(actor("client")).filter(pk=case.pk).exists()
        assert not closed_to(SERVICE).exists()

    def test_the_sweep_still_pages_about_it_and_the_link_of_the_page_answers(self) -> None:
        case = restricted()
        sweep(at=now() + LASTS)
        pages = Page.objects.filter(clock__case=case.pk)
        assert pages.exclude(recipient=None).count() > 1
        assert all(case.reference not in page.alarm for page in pages)
        answer = Client().get(reverse("answer_page", args=[token_of(pages[0])])).content.decode()
        assert case.reference in answer
        assert "FEATHERSTONEHAUGH" not in answer.upper()

    def test_lists_name_it_to_those_whose_it_would_be_and_only_while_it_is_open(self) -> None:
        case = restricted()
        assert [reference for reference, _ in restricted_lines(asking("offduty"))] == [case.reference]
        assert restricted_lines(asking("offduty"), listed=True) == []
        assert restricted_lines(asking("ward")) == []
        assert restricted_lines(asking("coordinator")) == []
        assert list(closed_in_sight(asking("offduty"))) == [case]
        mark_entered_in_error(case.reference, text="Wrong person", by=asking("coordinator"), at=now())
        assert restricted_lines(asking("offduty")) == []

    def test_a_meeting_says_that_one_of_its_cases_is_restricted(self) -> None:
        case, by, at = restricted(), asking("coordinator"), now()
        acknowledge_referral(case.reference, act=act_by(by, at))
        meeting = plan_meeting(starts_at=at + LASTS, cut_off_at=at + LASTS, place="Room", by=by, at=at)
        page = reverse("mdt_meeting", args=[meeting.pk])
        assert case.reference not in signed_in("mdt").get(page).content.decode()
        list_for_mdt(case.reference, question="surgery", text="Please", act=act_by(by, at))
        put_by_hand(meeting.pk, case.reference, text="On the list", by=by, at=at)
        shown = signed_in("mdt").get(page).content.decode()
        assert case.reference in shown
        assert "no other cases" in shown
        assert "FEATHERSTONEHAUGH" not in shown.upper()
        assert "Only those in charge" not in signed_in("coordinator").get(page).content.decode()


class TestOpening:
    def test_it_opens_one_record_to_one_person_for_one_hour(self) -> None:
        case, other = submitted("weakness", at=now()), submitted("weakness", at=now())
        submitted(
            "weakness", at=now(), by="ward"
        )  # somebody who refers opens the records of others all the same
        row = opened(case, "ward")
        assert row.until == row.at + HOUR
        for place, username, at, is_open in (
            (case, "ward", row.at, True),
            (case, "ward", row.at - SECOND, False),
            (case, "ward", row.until - SECOND, True),
            (case, "ward", row.until, False),
            (case, "mdt", row.at, False),
            (other, "ward", row.at, False),
        ):
            until = is_open_until(place.pk, by=actor(username), at=at)
            assert until == (row.until if is_open else None), (place, username, at)
            with nullcontext() if is_open else pytest.raises(NotFound):
                assert find(place.reference, by=asking(username, at=at)).pk == case.pk
        assert not sees(case, "ward"), "it is on no list"

    def test_opened_twice_it_is_open_until_the_later_end_and_a_look_names_the_newest_opening_of_it(
        self,
    ) -> None:
        case, other = submitted("weakness", at=now()), submitted("weakness", at=now())
        opened(case, "ward", at=now() - MINUTE)
        newest = opened(case, "ward")
        opened(other, "ward")
        assert is_open_until(case.pk, by=actor("ward"), at=now()) == newest.until
        assert vars(find(case.reference, by=asking("ward")))["opening"] == newest.pk

    def test_who_may_not_open_is_told_before_anybody_is_looked_for(self) -> None:
        case = submitted("weakness", at=now())
        User.objects.filter(username="ward").update(self_registered=True)
        for username in ("ward", "admin"):
            for reference in (case.reference, str(Reference.of(case.pk + 5000))):
                with pytest.raises(Denied):
                    open_record(
                        Sought(reference=reference), reason="other", text="x", by=asking(username), at=now()
                    )

    def test_number_and_birth_have_to_fit_the_same_record_and_what_was_entered_in_error_is_not_there(
        self,
    ) -> None:
        case = submitted("weakness", at=now(), **PERSON)
        born = again(case).patient.date_of_birth
        asked = {"reason": "other", "text": "x", "by": asking("ward"), "at": now()}
        assert born is not None
        for sought, refusal in (
            (Sought(nhs_number=NUMBER, born=born + timedelta(days=1)), NotFound),
            (Sought(nhs_number="9990000018", born=born), NotFound),
            (Sought(nhs_number=NUMBER), Invalid),
            (Sought(born=born), Invalid),
            (Sought(nhs_number="123", born=born), Invalid),
        ):
            with pytest.raises(refusal) as refused:
                open_record(sought, **asked)
            if sought.nhs_number == "123":
                assert set(refused.value.errors) == {"nhs_number"}
        with undone():
            newer = submitted("weakness", at=now(), **PERSON)
            assert open_record(Sought(nhs_number=NUMBER, born=born), **asked).referral_id == newer.pk
        with undone():
            assert open_record(Sought(nhs_number=NUMBER, born=born), **asked).referral_id == case.pk
        mark_entered_in_error(case.reference, text="Wrong", by=asking("coordinator"), at=now())
        with pytest.raises(NotFound):
            open_record(Sought(reference=case.reference), **asked)

    def test_a_reason_is_one_of_the_list_and_words_are_needed(self) -> None:
        case = submitted("weakness", at=now())
        for wrong in ({"reason": "curious"}, {"text": " "}):
            with pytest.raises(Invalid) as refused:
                opened(case, "ward", **wrong)
            assert set(refused.value.errors) == set(wrong)
        with pytest.raises(Invalid) as refused:
            open_record(Sought(), reason="", text="", by=asking("ward"), at=now())
        assert set(refused.value.errors) == {"reference", "reason", "text"}, "all at once"

    def test_looking_is_counted_found_or_not_and_a_miss_is_a_line_without_the_number(self) -> None:
        case, ward = submitted("weakness", at=now()), signed_in("ward")
        typed, nobody = {"reason": "other", "text": "She is here"}, str(Reference.of(case.pk + 5000))

        def look(reference: str) -> int:
            answer: int = ward.post(reverse("open_record"), {**typed, "reference": reference}).status_code
            return answer

        assert [look(case.reference) for _ in range(5)] == [302] * 5
        assert [look(nobody) for _ in range(5)] == [422] * 5
        assert Opening.objects.count() == 5
        assert attempts.count(f"sought:{actor('ward').key}") == 10
        assert [look(case.reference), look(nobody)] == [403, 403], "which is which is not told any more"
        missed = entries(Search(kind=str(Kind.RECORD_NOT_FOUND)), limit=10)
        assert [line.facts for line in missed] == [{"by": "reference"}] * 5
        cache.clear()
        assert look(case.reference) == 302
        record_miss(Sought(nhs_number=NUMBER), by=asking("ward"), at=now())
        assert entries(Search(kind=str(Kind.RECORD_NOT_FOUND)), limit=1)[0].facts == {"by": "nhs_number"}

    def test_a_review_is_by_another_person_once(self) -> None:
        row = opened(submitted("weakness", at=now()), "ward")
        with pytest.raises(NotFound):
            review_opening(row.pk + 1, justified=True, text="Fine", by=actor("lead"), at=now())
        with pytest.raises(Denied):
            review_opening(row.pk, justified=True, text="Fine", by=actor("ward"), at=now())
        waiting = opened(submitted("weakness", at=now()), "ward")
        assert unreviewed() == 2
        review_opening(row.pk, justified=True, text="Fine", by=actor("lead"), at=now())
        assert unreviewed() == 1
        found = [[each.pk for each in openings(reviewed=reviewed, most=9)] for reviewed in (False, True)]
        assert found == [[waiting.pk], [row.pk]]
        with pytest.raises(OutOfTurn):
            review_opening(row.pk, justified=True, text="Fine", by=actor("lead"), at=now())


class TestRestriction:
    def test_only_a_coordinator_and_the_lead_restrict_with_words_and_once(self) -> None:
        case = submitted("weakness", at=now())
        for username in ("gp", "mdt"):
            with pytest.raises(Denied):
                restrict_record(case.reference, text="x", by=asking(username), at=now())
        with pytest.raises(Invalid):
            restrict_record(case.reference, text=" ", by=asking("coordinator"), at=now())
        restrict_record(case.reference, text="x", by=asking("lead"), at=now())
        assert sees(case, "lead"), "whoever restricts it is the first of those named"
        with pytest.raises(OutOfTurn):
            restrict_record(case.reference, text="x", by=asking("lead"), at=now())
        with pytest.raises(Invalid):
            lift_restriction(case.reference, text=" ", by=asking("lead"), at=now())

    def test_naming_asks_for_somebody_who_is_here_and_a_name_twice_changes_nothing(self) -> None:
        case, by = restricted(), asking("coordinator")
        User.objects.filter(username="second").update(is_active=False)
        for username in ("second", "nobody-of-that-name"):
            with pytest.raises(Invalid):
                name_person(case.reference, username=username, by=by, at=now())
        for change, count in (
            (lambda: name_person(case.reference, username=" offduty ", by=by, at=now()), 2),
            (lambda: unname_person(case.reference, key=actor("offduty").key, by=by, at=now()), 1),
        ):
            newest = [len(entries(Search(kind=str(Kind.RESTRICTION_CHANGED)), limit=9)), change(), change()]
            lines = len(entries(Search(kind=str(Kind.RESTRICTION_CHANGED)), limit=9))
            assert lines == newest[0] + 1, "a repetition has no line"
            assert len(Restriction.objects.get().named) == count
        with pytest.raises(OutOfTurn):
            name_person(submitted("weakness", at=now()).reference, username="offduty", by=by, at=now())
