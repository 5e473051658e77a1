"""Pagers and telephones, by a gateway of the hospital: a signed request that the gateway can check.

`POST PAGER_URL` with a JSON body; `X-MSCC-Signature: t=<unix>,v1=<HMAC-SHA256 of "t.body">` under
PAGER_SECRET. Before a page is sent again the gateway is asked for it: `GET PAGER_URL/<client reference>`
answers 200 if it has the page and 404 if not. `token` answers the page by `POST /api/v1/on-call/acknowledge/`.
"""

import hashlib
import hmac
import json
from datetime import datetime

import requests
from django.conf import settings

from oncall.channels.deadline import in_time
from oncall.channels.faults import fault_of_answer
from oncall.channels.text import link_of, short_text_of
from oncall.kinds import ClockKind
from oncall.models import Page
from oncall.page_links import token_of
from oncall.reach import address_of

PATIENCE = 5  # seconds


def send(page: Page, *, at: datetime) -> bool:
    """Send one page to the gateway, unless it has the page already; OSError when it refuses."""
    body = json.dumps(
        {
            "client_reference": str(page.client_reference),
            "to": address_of(page.recipient, "pager"),
            "text": short_text_of(page, at=at),
            "case": page.clock.reference if page.clock else None,
            "emergency": page.clock is not None and page.clock.stream == "Emergency",
            "link": link_of(page),
            "token": token_of(page) if page.clock and page.clock.kind == ClockKind.ACKNOWLEDGE else None,
        }
    )
    return hand_over(body, str(page.client_reference), again=page.attempts > 1, at=at)


def hand_over(body: str, reference: str, *, again: bool, at: datetime) -> bool:
    """Give a message to the gateway under its reference; `again` first asks whether the gateway has it."""
    with in_time():
        return _hand_over(body, reference, again=again, at=at)


def _hand_over(body: str, reference: str, *, again: bool, at: datetime) -> bool:
    address = settings.ENVIRONMENT.pager_url.rstrip("/")
    if again:
        look_up = requests.get(
            f"{address}/{reference}",
            headers=_signature(reference, at=at),
            timeout=PATIENCE,
            allow_redirects=False,
        )
        if look_up.status_code == requests.codes.ok:
            return True
    headers = {"Content-Type": "application/json", "Idempotency-Key": reference, **_signature(body, at=at)}
    answer = requests.post(
        address, data=body.encode(), headers=headers, timeout=PATIENCE, allow_redirects=False
    )
    if not 200 <= answer.status_code < 300:  # a redirection is a refusal too
        raise fault_of_answer("the gateway", answer.status_code, answer.headers)
    return True


def _signature(body: str, *, at: datetime) -> dict[str, str]:
    moment = int(at.timestamp())
    digest = hmac.new(settings.ENVIRONMENT.pager_secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256)
    return {"X-MSCC-Signature": f"t={moment},v1={digest.hexdigest()}"}
