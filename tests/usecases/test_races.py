"""Two people at the same instant, on real connections: one winner and one clear sentence, and nothing is lost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from accounts import service as services
from accounts.models import User
from accounts.one_time_links import accept_invitation, invite
from governance.incidents import Report, report_incident
from governance.models import Incident
from kernel.refusals import Denied, OutOfTurn, Refusal
from referrals.case.models import Episode, Referral
from referrals.intake.validation import parse
from referrals.usecases.claim_case import claim_case
from referrals.usecases.merge_cases import merge_cases
from referrals.usecases.record_details import record_details
from referrals.usecases.submit_referral import submit_referral
from referrals.usecases.triage_referral import triage_referral
from referrals.web.first_run import first_token
from tests.builders import (
    NAMED,
    NOON,
    ONE_PERSON,
    act_by,
    actor,
    again,
    body,
    clock,
    decision,
    running,
    set_the_scene,
    submitted,
    triaged,
)
from tests.doors.test_access import link_in_the_mail
from tests.oncall.processes import until

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOON + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def scene(transactional_db: None) -> None:
    set_the_scene()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave or which refusal it met, all begun together on connections of their own."""
    gate, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def work(place: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            outcomes[place] = act()
        except Refusal as refusal:
            outcomes[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return outcomes


def test_twin_submissions_of_one_person_are_two_referrals_of_one_open_episode() -> None:
    person = {**NAMED, "patient__nhs_number": "9990000034"}
    people = [actor("gp"), actor("ward"), actor("gp"), actor("ward")]
    service = services.current()

    def send(number: int) -> Referral:
        sent = parse(body("weakness", **person), at=NOON)
        case, _ = submit_referral(
            sent, act=act_by(people[number], NOON, service), source="web", key=f"twin:{number}"
        )
        return case

    outcomes = at_once(*(lambda number=number: send(number) for number in range(4)))
    assert all(isinstance(case, Referral) for case in outcomes)
    assert len({case.pk for case in outcomes}) == 4
    assert Episode.objects.filter(person_key="9990000034", closed_at=None).count() == 1
    assert len({again(case).episode_id for case in outcomes}) == 1


def test_of_two_claims_one_has_it_and_the_other_is_told_who() -> None:
    case, service = submitted("weakness"), services.current()
    people = [actor("coordinator"), actor("registrar")]
    outcomes = at_once(
        *(lambda by=by: claim_case(case.reference, act=act_by(by, LATER, service)) for by in people)
    )
    refused = [one for one in outcomes if isinstance(one, OutOfTurn)]
    assert len(refused) == 1
    assert again(case).claimed_by_name in refused[0].sentence


def test_of_two_decisions_on_one_claimed_case_only_the_holders_stands() -> None:
    case, service = submitted("weakness"), services.current()
    wanted, people = decision(case), [actor("coordinator"), actor("registrar")]
    claim_case(case.reference, act=act_by(people[0], LATER, service))
    outcomes = at_once(
        *(
            lambda by=by: triage_referral(case.reference, wanted, act=act_by(by, LATER, service))
            for by in people
        )
    )
    assert isinstance(outcomes[0], Referral)
    assert isinstance(outcomes[1], OutOfTurn)
    assert case.triagedecisions.count() == 1


def test_a_merge_and_an_update_at_once_lose_neither() -> None:
    kept, other = triaged("weakness", **ONE_PERSON), submitted("pain_only", by="ward", **ONE_PERSON)
    service = services.current()
    coordinator, ward = actor("coordinator"), actor("ward")
    merged, added = at_once(
        lambda: merge_cases(
            kept.reference, other=other.reference, text="One person", act=act_by(coordinator, LATER, service)
        ),
        lambda: record_details(other.reference, {"record.stage": "IV"}, act=act_by(ward, LATER, service)),
    )
    assert isinstance(merged, Referral)
    assert again(other).merged_into_id == kept.pk
    kept_values = list(other.details.values_list("value", flat=True))
    if isinstance(added, Refusal):
        assert kept_values == []
        assert kept.reference in added.sentence
    else:
        assert kept_values == ["IV"]
    assert not running(other)
    assert clock(kept, "mri").stopped_at is None


def test_two_merges_across_each_other_do_not_wait_for_ever() -> None:
    one, two, service = (
        triaged("weakness", **ONE_PERSON),
        triaged("weakness", **ONE_PERSON),
        services.current(),
    )
    people = [actor("coordinator"), actor("registrar")]
    outcomes = at_once(
        lambda: merge_cases(
            one.reference, other=two.reference, text="One", act=act_by(people[0], LATER, service)
        ),
        lambda: merge_cases(
            two.reference, other=one.reference, text="One", act=act_by(people[1], LATER, service)
        ),
    )
    assert sorted(isinstance(one_, Refusal) for one_ in outcomes) == [False, True]
    assert Referral.objects.filter(merged_into=None).count() == 1


def test_an_account_that_ends_while_its_invitation_is_accepted_stays_ended() -> None:
    user = User.objects.get(username="registrar")
    invite(user, by=actor("admin"), at=NOON)
    token = link_in_the_mail().strip("/").rpartition("/")[2]
    outcomes: list[Any] = []

    def accept() -> None:
        outcomes.extend(at_once(lambda: accept_invitation(token, "a very long password", at=LATER)))

    thread = threading.Thread(target=accept)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        thread.start()
        assert until(is_somebody_waiting)
        User.objects.filter(pk=user.pk).update(is_active=False)
    thread.join(30)
    assert [type(outcome) for outcome in outcomes] == [Denied]
    user.refresh_from_db()
    assert not user.is_active


def test_an_incident_that_is_sent_twice_at_once_is_one() -> None:
    typed = Report(
        reference="",
        happened_at=NOON,
        kind="delay",
        harm="severe",
        text="Nobody came",
        done_at_once="",
    )
    act = act_by("gp", LATER)
    first, *others = at_once(*[lambda: report_incident(typed, act=act)] * 3)
    assert others == [first, first]
    assert Incident.objects.count() == 1


def is_somebody_waiting() -> bool:
    """Whether another connection waits for a lock that this one holds."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


def test_two_uses_of_the_first_link_at_once_make_one_administrator() -> None:
    User.objects.filter(role="admin").update(is_active=False)
    typed = {
        "name": "Robin Hale",
        "email": "robin@example.nhs.uk",
        "organisation": "RXX01",
        "organisation_name": "",
        "password": "a very long password",
    }
    address = reverse("first_administrator", args=[first_token()])

    def use(username: str) -> Callable[[], int]:
        return lambda: Client().post(address, {**typed, "username": username}).status_code

    assert sorted(at_once(use("robin"), use("rowan"), use("reese"))) == [302, 404, 404]
    assert User.objects.filter(role="admin", is_active=True).count() == 1
