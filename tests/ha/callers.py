"""Hospital systems that send one referral after another until it is acknowledged, and the mail server that takes the pages."""

import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message

import requests
from aiosmtpd.controller import Controller

from kernel.time import now
from tests.deploy.containers import OUTSIDE
from tests.deploy.person import referral
from tests.ha.hosts import BASE
from tests.oncall.counterparts import Letters

CLIENT = ("demo-hospital", "demo-hospital-secret")  # that of the demo, see the README
PAUSE = 1.0  # seconds between two referrals of one caller
WAITS = 12.0  # seconds that a caller waits for an answer
_REFERENCE = re.compile(r"MSCC-[0-9A-Z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One referral: when it was first sent, when it was acknowledged, and after how many attempts."""

    reference: str
    nhs_number: str
    began: datetime
    acknowledged: datetime
    attempts: int


class TimedLetters(Letters):
    """Pages as the mail server took them, each with its instant."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[datetime, str]] = []

    def handle_message(self, message: Message) -> None:
        super().handle_message(message)
        found = _REFERENCE.search(f"{message['Subject']} {message.get_payload()}")
        self.taken.append((now(), found.group() if found else ""))

    def delivered(self) -> Counter[str]:
        """How often each page has arrived, by the reference that it carries."""
        return Counter(str(letter["Message-ID"]).strip("<>").partition("@")[0] for letter in self.letters)

    def first_of(self, reference: str) -> datetime | None:
        """When the first page about a referral came."""
        return next((at for at, name in self.taken if name == reference), None)


@dataclass(kw_only=True)
class Caller:
    """One hospital system; `first` keeps its patients apart from those of others."""

    first: int
    sent: list[Sent] = field(default_factory=list)
    waits_since: datetime | None = None
    stops: bool = False

    def run(self) -> None:
        """Refer until `stops`. Whatever has no answer is sent again under the same key."""
        http, number = requests.Session(), self.first
        http.trust_env = False
        while not self.stops:
            number += 1
            self._refer(http, number)
            time.sleep(PAUSE)

    def _refer(self, http: requests.Session, number: int) -> None:
        key, began, attempts = str(uuid.uuid4()), now(), 0
        body = referral(number, at=began)
        self.waits_since = began
        while True:
            attempts += 1
            try:
                answer = http.post(
                    f"{BASE}/api/v1/referrals/", json=body, headers={"Idempotency-Key": key}, timeout=WAITS
                )
                if answer.status_code in (401, 403):
                    self._sign_in(http)
                    continue
                if answer.status_code in (200, 201):
                    break
                if answer.status_code < 500 and answer.status_code not in (409, 429):
                    raise SystemExit(f"{answer.status_code}: {answer.text[:500]}")
            except requests.RequestException:
                http.close()
            time.sleep(0.5)
        patient = body["patient"]["nhs_number"]
        self.sent.append(
            Sent(
                reference=answer.json()["reference"],
                nhs_number=patient,
                began=began,
                acknowledged=now(),
                attempts=attempts,
            )
        )
        self.waits_since = None

    def _sign_in(self, http: requests.Session) -> None:
        asked = {"grant_type": "client_credentials"}
        http.headers.pop("Authorization", None)
        answer = http.post(f"{BASE}/oauth/token/", asked, auth=CLIENT, timeout=WAITS)
        if answer.status_code == 200:
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        else:
            time.sleep(0.5)


@contextmanager
def calling(callers: list[Caller]) -> Iterator[None]:
    """While they call."""
    threads = [threading.Thread(target=caller.run, daemon=True) for caller in callers]
    for thread in threads:
        thread.start()
    yield
    for caller in callers:
        caller.stops = True
    for thread in threads:
        thread.join(120)


@contextmanager
def mail_served(letters: Letters) -> Iterator[None]:
    controller = Controller(letters, hostname=OUTSIDE, port=2525)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
