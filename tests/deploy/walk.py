"""The walk of docs/deployment.md through a running installation: health, administrator, rota, referrals, page, backup."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message

from kernel.time import now
from tests.deploy.person import Machine, Person, set_up, wait_for
from tests.oncall.counterparts import Letters

ANSWERS = {
    "presentation.cancer_context": "current",
    "presentation.neurology.limb_weakness": "yes",
    "patient.nhs_number": "9990000026",
    "patient.family_name": "Everard",
    "patient.given_name": "Cora",
    "patient.date_of_birth.day": "3",
    "patient.date_of_birth.month": "2",
    "patient.date_of_birth.year": "1958",
    "patient.sex": "female",
    "referrer.name": "Dr Ivy Lorimer",
    "referrer.role": "ward_doctor",
    "referrer.organisation_ods": "RXX01",
    "referrer.callback_number": "01632 960123",
    "location.kind": "ward",
    "location.organisation_ods": "RXX01",
    "location.ward": "Ward 4",
    "clinician_suspected_at.choice": "now",
}
Manage = Callable[..., str]  # manage.py inside the installation, which gives back what it printed


@dataclass(kw_only=True)
class Walk:
    """What was done, step by step, and how long each took."""

    site: str
    authority: str
    manage: Manage
    letters: Letters
    steps: list[tuple[str, float]] = field(default_factory=list)

    def step(self, words: str, began: float) -> None:
        self.steps.append((words, time.monotonic() - began))
        print(f"  {words}: {self.steps[-1][1]:.1f} s", flush=True)

    def through(self, first: str) -> None:
        """From the address of the first administrator to a page for a referral by each door."""
        began = time.monotonic()
        person = Person(self.site, authority=self.authority)
        for path in ("/health/live", "/health/ready", "/metrics"):
            if person.http.get(self.site + path, timeout=10).status_code != 404:
                raise SystemExit(f"{path} is open to the outside.")
        set_up(person, first, at=now())
        self.step("first administrator, six people, a rota by the pages", began)
        began = time.monotonic()
        reference = self._machine().refer(1, at=now())
        wait_for(lambda: self._paged(reference), seconds=60, says=f"{reference} was not paged.")
        self.step("referral by REST, until its page is in the mail server", began)
        began = time.monotonic()
        ward = Person(self.site, authority=self.authority)
        ward.sign_in("ward")
        reference = ward.refer(ANSWERS)
        wait_for(lambda: self._paged(reference), seconds=60, says=f"{reference} was not paged.")
        self.step("referral by the web form, until its page is in the mail server", began)
        began = time.monotonic()
        coordinator = Person(self.site, authority=self.authority)
        coordinator.sign_in("coordinator")
        board = coordinator.open("/worklist/").words
        if reference not in board:
            raise SystemExit("The board does not show the referral.")
        self.step("the coordinator signs in with a second factor and sees both on the board", began)

    def _machine(self) -> Machine:
        words = (
            "hospital_system add Trust --organisation RXX01 --scope referrals:write --scope referrals:read"
        )
        client = self.manage(*words.split()).split()[-1]
        secret = self.manage("hospital_system", "secret", client).split()[1]
        return Machine(self.site, authority=self.authority, client=client, secret=secret)

    def _paged(self, reference: str) -> bool:
        return any(reference in _text(letter) for letter in self.letters.letters)


def first_address(printed: str) -> str:
    """The address that `prepare` prints."""
    found = re.search(r"https://\S+/settings/first-run/\S+", printed)
    if found is None:
        raise SystemExit(f"prepare names no address: {printed[-600:]}")
    return found.group()


def _text(letter: Message) -> str:
    body = letter.get_payload(decode=True)
    return f"{letter['Subject']} {body.decode() if isinstance(body, bytes) else letter.as_string()}"
