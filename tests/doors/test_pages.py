"""Every page of every role opens, and pages of others do not."""

import html
import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from demo.cases import PLAYS, cast, send
from demo.people import PASSWORD, add_people, add_rota
from kernel.actors import SERVICE
from kernel.time import now
from ledger.append import append
from ledger.kinds import Kind
from referrals.case.models import Referral
from referrals.usecases.run_self_test import run_self_test
from webkit.models import Draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> None:
    """People, a rota and two cases."""
    at = now()
    add_people(at=at)
    add_rota(at=at)
    for number in range(2):
        send(PLAYS[number], number, at=at, cast=cast())


def signed_in(username: str) -> Client:
    client = Client()
    assert client.post(reverse("sign_in"), {"username": username, "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize(
    ("username", "names"),
    [
        ("gp", ["referrals", "new_referral", "guideline", "about", "on_call"]),
        (
            "coordinator",
            ["worklist", "worklist_rows", "new_referral", "inbox", "on_call", "mdt", "referrals", "mailbox"],
        ),
        ("mdt", ["mdt"]),
        ("lead", ["governance", "audit"]),
        ("admin", ["settings", "users", "new_user", "organisations"]),
    ],
)
def test_pages_of_a_role_open(service: None, username: str, names: list[str]) -> None:
    client = signed_in(username)
    for name in names:
        answer = client.get(reverse(name))
        assert answer.status_code == 200, name
        assert "01632 960999" in answer.content.decode() or name == "worklist_rows", name


def test_the_audit_trail_and_a_case_open_with_lines_of_another_version(service: None) -> None:
    """The self-test's lines, pages of alarms, people who are gone, and kinds nobody here knows."""
    case = Referral.objects.order_by("pk").first()
    assert case is not None
    strange = {
        "recipient": "user:999999",
        "to": "user:999998",
        "alarm": "new_alarm:x",
        "source": "new_source",
        "event": 7,
    }
    with transaction.atomic():
        for kind in (*Kind, "new_kind"):
            for number in (case.pk, None):
                append(kind, by=SERVICE, at=now(), case=number, facts=strange)  # type: ignore[arg-type]
    run_self_test(at=now())
    lead = signed_in("lead")
    address, seen = f"{reverse('audit')}?show=all", 0
    while address:
        answer = lead.get(address)
        assert answer.status_code == 200
        seen += 1
        older = re.search(r'href="(\?[^"]+)">Older lines', answer.content.decode())
        address = reverse("audit") + html.unescape(older.group(1)) if older else ""
    assert seen >= 3
    assert signed_in("coordinator").get(reverse("case_timeline", args=[case.reference])).status_code == 200


def test_pages_of_a_case_open(service: None) -> None:
    for number in range(2, 12):
        send(PLAYS[number], number, at=now(), cast=cast())
    for case in Referral.objects.all():
        assert signed_in("coordinator").get(reverse("case", args=[case.reference])).status_code == 200
    case = Referral.objects.filter(referrer_organisation="Y12345").first()
    gp = signed_in("gp")
    for name in ("referral", "referral_live", "referral_print", "referral_summary", "patient_sheet"):
        assert gp.get(reverse(name, args=[case.reference])).status_code == 200, name


def test_a_copy_that_arrives_late_never_replaces_what_was_sent_after_it(service) -> None:
    """The live advice saves the page as it is filled in; the network may deliver it after Continue."""
    client = signed_in("gp")
    number = "9f1c7d04-7f6c-4a57-8f6c-6e43ff8a4a1e"
    step, advice = (reverse(name, args=[number, "cord"]) for name in ("referral_step", "referral_advice"))
    early = {"presentation.cancer_context": "current", "revision": "1000"}
    sent = {**early, "presentation.neurology.limb_weakness": "yes", "revision": "2000"}
    client.post(step, sent)
    late = client.post(advice, early)
    assert "Emergency" in late.content.decode()
    assert Draft.objects.get().typed["presentation.neurology.limb_weakness"] == ["yes"]
    client.post(advice, {**early, "revision": "3000"})
    assert "presentation.neurology.limb_weakness" not in Draft.objects.get().typed
