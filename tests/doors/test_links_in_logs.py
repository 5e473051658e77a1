"""No log holds a secret that opens something: every such link is followed, and every line of the logs is searched."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.calendar_links import make_calendar_link
from accounts.models import User
from accounts.one_time_links import INVITATION, _issue
from api.cds.links import link_with
from kernel.time import now
from mscc.capability_links import BEFORE, STRUCK
from oncall.models import Page
from oncall.page_links import token_of
from oncall.sweep import sweep
from referrals.web.first_run import first_token
from tests.builders import set_the_scene, submitted
from tests.doors.matrix import every_pattern

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the product would write, at every level, by its own configuration."""
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    about = dict(settings.LOGGING["formatters"]["json"])
    handler.setFormatter(about.pop("()")(**about))
    level, kept = root.level, root.handlers
    root.handlers = [handler]
    root.setLevel(logging.DEBUG)
    yield written
    root.handlers = kept
    root.setLevel(level)


def secrets_of_links() -> dict[str, str]:
    """A real secret for each address that opens something, by the address's name."""
    at, coordinator = now(), User.objects.get(username="coordinator")
    submitted("weakness", at=at)
    sweep(at=at)
    page = Page.objects.filter(clock__isnull=False).first()
    assert page
    return {
        "use_link": _issue(INVITATION, coordinator.email, user=coordinator, asked_from="", at=at),
        "first_administrator": first_token(),
        "answer_page": token_of(page),
        "calendar": make_calendar_link(coordinator, at=at),
        "card_link": link_with({"patient.family_name": ["Larkspur"]}, at=at).rsplit("/", 2)[1],
    }


def test_no_secret_of_a_link_is_in_any_line(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    set_the_scene(at=now())
    User.objects.filter(role="admin").update(is_active=False)
    links = secrets_of_links()
    with_token = {pattern.name for pattern in every_pattern() if "token" in pattern.pattern.converters}
    assert set(links) == with_token, "a new link that opens something belongs here"
    for name, secret in links.items():
        address = reverse(name, args=[secret])
        assert address.startswith(BEFORE), f"{name}: name its address in mscc.capability_links"
        opened = Client().get(address)
        assert opened.status_code == 200, name
        Client().post(address, {"password": "short"})
        Client().put(address)
        Client().get("/no-such-page/", headers={"Referer": address})

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(f"broken at {reverse('calendar', args=[links['calendar']])}")

    monkeypatch.setattr("oncall.web.rota.owner_of", broken)
    Client(raise_request_exception=False).get(reverse("calendar", args=[links["calendar"]]))
    text = log.getvalue()
    assert text.count(STRUCK) > len(links), "the links must have been written, or nothing was proven"
    assert "broken at" in text
    assert not [name for name, secret in links.items() if secret in text]


def test_the_code_of_an_identity_provider_is_in_no_line(log: io.StringIO) -> None:
    Client().get(f"{reverse('nhs_identity_answer')}?state=abc&code=a-code-of-a-provider")
    assert "nhs-identity/answer/" in log.getvalue()
    assert "a-code-of-a-provider" not in log.getvalue()


@pytest.mark.parametrize(
    "address",
    [
        "/fhir/R4/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018",
        "/api/v1/referrals/?family_name=Larkspur",
        "/api/v1/referrals/9990000018/",
        "/worklist/?search=Larkspur",
        "/referrals/999%20000%200018/",
    ],
)
def test_who_asks_for_a_patient_by_an_address_is_not_repeated(log: io.StringIO, address: str) -> None:
    Client().get(address)
    assert f"GET {address.partition('?')[0][:9]}" in log.getvalue()
    for word in ("9990000018", "999 000 0018", "999%20000%200018", "Larkspur"):
        assert word not in log.getvalue()


def test_the_row_that_the_database_refused_is_not_repeated(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f'The "{"Lark"}spur" \n ward'  # the lines of this file stand in the log too

    def broken(*args: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO accounts_organisation (ods_code, name) VALUES ('X', %s)", [name])

    monkeypatch.setattr("oncall.web.rota.owner_of", broken)
    Client(raise_request_exception=False).get(reverse("calendar", args=["x"]))
    assert "NotNullViolation" in log.getvalue()
    assert f"DETAIL: {STRUCK}" in log.getvalue()
    assert "Larkspur" not in log.getvalue()
    assert " ward" not in log.getvalue()
