"""The worklist: who comes first, in a constant number of queries."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kernel.time import now
from oncall.heartbeats import beat
from oncall.sweep import sweep
from referrals.case.models import Referral
from referrals.case.worklist import View, cases, counts, unseen_emergencies
from referrals.usecases.acknowledge_referral import acknowledge_referral
from referrals.usecases.claim_case import claim_case
from referrals.usecases.close_referral import close_referral
from tests.builders import NOON, act_by, actor, again, decision, set_the_scene, submitted, triaged
from tests.doors.forms import signed_in

pytestmark = pytest.mark.django_db
REFERENCES = re.compile(r'data-reference="([^"]+)"')


def order() -> list[str]:
    return [case.reference for case in cases(View(), by=actor("coordinator"), at=NOON)]


@pytest.mark.usefixtures("scene")
class TestOrder:
    def test_streams_stand_in_their_order_and_a_worried_referrer_with_the_emergencies(self) -> None:
        wanted = [
            acknowledged_late := submitted("weakness", at=NOON - timedelta(hours=5)),
            submitted("pain_only", referrer_concern="emergency"),
            triaged("weakness"),
            submitted("little_known"),
            submitted("pain_only"),
            submitted("cancer_suspected"),
            submitted("neurology_done"),
            submitted("back_pain"),
            submitted("no_cancer"),
        ]
        assert acknowledged_late.status == "submitted"
        assert order() == [case.reference for case in wanted]

    def test_within_a_stream_the_next_limit_comes_first(self) -> None:
        later = submitted("pain_only")
        sooner = submitted("pain_only", clinician_suspected_at=(NOON - timedelta(days=3)).isoformat())
        assert order() == [sooner.reference, later.reference]

    def test_a_worried_referrer_who_was_answered_stands_with_the_stream(self) -> None:
        worried = submitted("pain_only", referrer_concern="emergency")
        emergency = triaged("weakness")
        assert order() == [worried.reference, emergency.reference]
        acknowledge_referral(worried.reference, act=act_by("coordinator", NOON))
        assert order() == [emergency.reference, worried.reference]

    def test_what_is_over_is_not_on_it(self) -> None:
        case = triaged("no_cancer")
        close_referral(case.reference, outcome="advice_only", by=actor("coordinator"), at=NOON)
        assert order() == []
        over = cases(View(show="over"), by=actor("coordinator"), at=NOON)
        assert [found.reference for found in over] == [case.reference]

    def test_search_by_name_number_and_reference(self) -> None:
        case, other = submitted("weakness"), submitted("weakness", patient__family_name="Zebedee")
        person = case.patient
        for text in (
            person.family_name.lower(),
            f"{person.family_name}, {person.given_name}",
            person.nhs_number,
            f"{person.nhs_number[:3]} {person.nhs_number[3:6]} {person.nhs_number[6:]}",
            case.reference,
            case.reference.lower().replace("-", " "),
        ):
            found = cases(View(search=text), by=actor("coordinator"), at=NOON)
            assert case.reference in [one.reference for one in found], text
        assert [one.reference for one in cases(View(search="zebe"), by=actor("coordinator"), at=NOON)] == [
            other.reference
        ]
        assert not cases(View(search="100% wildcard_"), by=actor("coordinator"), at=NOON)
        assert not cases(View(stream="one_week"), by=actor("coordinator"), at=NOON)

    @pytest.mark.parametrize(
        ("sent", "typed"),
        [("O'Quillan", "O Quillan"), ("O Quillan", "O'Quillan"), ("Peña-Ruiz", "pena ruiz")],
    )
    def test_a_name_is_found_however_it_is_written(self, sent: str, typed: str) -> None:
        case = submitted("weakness", patient__family_name=sent)
        found = cases(View(search=typed), by=actor("coordinator"), at=NOON)
        assert [one.reference for one in found] == [case.reference]

    def test_a_locked_board_counts_what_nobody_has_acknowledged(self) -> None:
        submitted("weakness", at=NOON - timedelta(minutes=9))
        submitted("pain_only", referrer_concern="emergency")
        submitted("pain_only")
        triaged("weakness")
        assert (unseen_emergencies().emergencies, unseen_emergencies().since) == (
            2,
            NOON - timedelta(minutes=9),
        )


class TestPage:
    @pytest.fixture
    def board(self) -> Client:
        set_the_scene(at=now())
        return signed_in("coordinator")

    def test_one_line_a_case_says_what_to_do_next(self, board: Client) -> None:
        from referrals.usecases.triage_referral import triage_referral

        at = now()
        waits = submitted("weakness", at=at)
        triage_it = acknowledge_referral(
            submitted("weakness", at=at).reference, act=act_by("coordinator", at)
        )
        provisional = acknowledge_referral(
            submitted("not_examined", at=at).reference, act=act_by("coordinator", at)
        )
        scan_it = submitted("weakness", at=at)
        triage_referral(scan_it.reference, decision(again(scan_it)), act=act_by("coordinator", at))
        page = board.get(reverse("worklist")).content.decode()
        for case, words in (
            (waits, "Acknowledge<span"),
            (triage_it, "Triage<span"),
            (provisional, "Complete the neurology<span"),
            (scan_it, "Ring the referrer<span"),
        ):
            row = page.split(f'data-reference="{case.reference}"')[1].split("</tr>")[0]
            assert words in row, words
        assert page.count("board__row--alarm") == 1
        assert re.search(r"1[45] min left", page)
        assert re.search(r"due \d\d:\d\d (GMT|BST)", page)

    def test_the_number_of_queries_does_not_grow(
        self, board: Client, django_assert_max_num_queries: Any
    ) -> None:
        at = now()
        for _ in range(3):
            submitted("weakness", at=at)
        board.get(reverse("worklist"))
        poll = {"X-Requested-With": "fetch"}  # as the script of the page asks
        with django_assert_max_num_queries(9):
            board.get(reverse("worklist_rows"), headers=poll)
        for kind in ("weakness", "pain_only", "not_examined", "no_cancer") * 5:
            submitted(kind, at=at)
        board.get(reverse("worklist"))
        with django_assert_max_num_queries(9):
            answer = board.get(reverse("worklist_rows"), headers=poll)
        assert answer.content.decode().count("data-reference") == 23
        with django_assert_max_num_queries(16):
            board.get(reverse("worklist"))

    def test_long_lists_have_pages(self, board: Client) -> None:
        at = now()
        for _ in range(27):
            submitted("no_cancer", at=at)
        first = board.get(reverse("worklist")).content.decode()
        assert first.count("data-reference") == 25
        assert "First page" not in first
        following = re.search(r'after=([^"]+)"', first)
        assert following
        second = board.get(f"{reverse('worklist')}?after={following.group(1)}").content.decode()
        assert second.count("data-reference") == 2
        assert "First page" in second
        assert "Next page" not in second
        assert not set(REFERENCES.findall(first)) & set(REFERENCES.findall(second))

    def test_the_pages_of_ended_cases_follow_one_another_too(self, board: Client) -> None:
        at = now()
        for number in range(27):
            case = triaged("no_cancer", at=at)
            close_referral(case.reference, outcome="advice_only", by=actor("coordinator"), at=now())
            second = (
                1 if number == 2 else number
            )  # the last of one page and the first of the next in one instant
            Referral.objects.filter(pk=case.pk).update(updated_at=at + timedelta(seconds=second))
        first = board.get(reverse("worklist"), {"show": "over"}).content.decode()
        following = re.search(r'after=([^"]+)"', first)
        assert following
        following_page = board.get(
            f"{reverse('worklist')}?show=over&after={following.group(1)}"
        ).content.decode()
        pages = REFERENCES.findall(first), REFERENCES.findall(following_page)
        assert [len(set(page)) for page in pages] == [25, 2]
        assert len({*pages[0], *pages[1]}) == 27

    def test_what_did_not_change_is_not_sent_again(self, board: Client) -> None:
        case = submitted("weakness", at=now())
        with time_machine.travel(now(), tick=False):
            first = board.get(reverse("worklist_rows"))
            again_ = board.get(reverse("worklist_rows"), {"seen": first["X-Sequence"]})
            assert (again_.status_code, again_.content) == (204, b"")
            acknowledge_referral(case.reference, act=act_by("registrar", now()))
            changed = board.get(reverse("worklist_rows"), {"seen": first["X-Sequence"]})
            assert changed.status_code == 200
            assert changed["X-Sequence"] != first["X-Sequence"]
        with time_machine.travel(now() + timedelta(minutes=1)):
            assert board.get(reverse("worklist_rows"), {"seen": changed["X-Sequence"]}).status_code == 200

    def test_saved_views_count_what_they_show(self, board: Client) -> None:
        at = now()
        mine = triaged("weakness", at=at - timedelta(minutes=5))
        claim_case(mine.reference, act=act_by("coordinator", at))
        submitted("weakness", at=at)
        submitted("pain_only", at=at, clinician_suspected_at=(at - timedelta(days=8)).isoformat())
        counted = counts(by=actor("coordinator"), at=at)
        for show, number in counted.items():
            found = cases(View(show=show), by=actor("coordinator"), at=at)
            assert len(found) == number, show
        assert (counted["open"], counted["mine"], counted["unseen"], counted["overdue"]) == (3, 1, 2, 1)
        of_another = counts(by=actor("registrar"), at=at - timedelta(days=30))
        assert (of_another["open"], of_another["mine"], of_another["overdue"]) == (3, 0, 0)
        page = board.get(reverse("worklist"), {"show": "mine"}).content.decode()
        assert REFERENCES.findall(page) == [mine.reference]

    def test_by_time_to_breach_the_stream_does_not_count_but_for_an_emergency_nobody_saw(
        self, board: Client
    ) -> None:
        at = now()
        emergency = triaged("weakness", at=at)
        overdue = triaged("pain_only", at=at, clinician_suspected_at=(at - timedelta(days=8)).isoformat())
        unseen = submitted("weakness", at=at)
        found = cases(View(order="breach"), by=actor("coordinator"), at=at)
        assert [case.reference for case in found] == [
            unseen.reference,
            overdue.reference,
            emergency.reference,
        ]

    def test_an_empty_list_says_so(self, board: Client) -> None:
        assert "New referrals appear here automatically" in board.get(reverse("worklist")).content.decode()

    def test_a_stalled_sweep_is_a_red_banner(self, board: Client) -> None:
        banner = "Clocks are not being watched"
        assert banner in board.get(reverse("worklist")).content.decode()
        sweep(at=now())
        assert banner not in board.get(reverse("worklist")).content.decode()
        with time_machine.travel(now() + timedelta(seconds=61), tick=False):
            assert banner in board.get(reverse("worklist_rows")).content.decode()

    def test_acknowledging_from_the_list_stays_on_the_list(self, board: Client) -> None:
        case = submitted("weakness", at=now())
        answer = board.post(
            reverse("acknowledge", args=[case.reference]), {"page": reverse("worklist")}, follow=True
        )
        assert answer.redirect_chain == [(reverse("worklist"), 302)]
        assert "The referrer sees your name" in answer.content.decode()

    def test_who_comes_second_is_told_on_the_list(self, board: Client) -> None:
        case = submitted("weakness", at=now())
        acknowledge_referral(case.reference, act=act_by("registrar", now()))
        answer = board.post(
            reverse("acknowledge", args=[case.reference]), {"page": reverse("worklist")}, follow=True
        )
        assert "Dr Leo Fenwick acknowledged this case at" in answer.content.decode()


class TestHealth:
    def test_live_and_ready(self, db: None) -> None:
        http = Client()
        assert http.get("/health/live").json() == {"status": "live"}
        answer = http.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["faults"]["sweep"] == "nothing has been heard of the sweep yet"
        for name in ("sweep", "worker", "audit", "self_test"):
            beat(name, at=now())
        ready = http.get("/health/ready")
        assert ready.status_code == 200
        assert set(ready.json()["heartbeats"]) == {"sweep", "worker", "audit", "self_test"}

    def test_a_broker_that_is_away_is_named(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        import redis

        for name in ("sweep", "worker", "audit", "self_test"):
            beat(name, at=now())
        away = redis.Redis(unix_socket_path="/nonexistent/valkey.sock")
        monkeypatch.setattr(redis.Redis, "from_url", lambda *args, **options: away)
        answer = Client().get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["faults"] == {"broker": "the broker does not answer"}
