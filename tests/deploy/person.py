"""A person at a browser without JavaScript, and a hospital system, both from outside the proxy."""

import time
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pyotp
import requests

from kernel.time import LONDON, rfc3339
from tests.doors.markup import Element, read

WEEK = timedelta(days=7)
PASSWORD = "a long password of nobody"
PRESENTATION = {"cancer_context": "current", "neurology": {"limb_weakness": "yes"}}


class Person:
    """One browser. Every page has to be answered with 200 after its redirects."""

    def __init__(self, address: str, *, authority: str) -> None:
        self.address = address
        self.http = requests.Session()
        self.http.trust_env, self.http.verify = False, authority
        self.secret = ""
        self.page: Element = Element("", {})
        self.at = ""

    def open(self, path: str) -> Element:
        return self._read(self.http.get(self._full(path), timeout=20))

    def send(self, action: str = "", **typed: Any) -> Element:
        """Fill in the form that has these fields, and send it; `a__b` stands for `a.b`."""
        wanted = {name.replace("__", "."): value for name, value in typed.items()}
        forms = (form for form in self.page.all("form") if "logout" not in form.get("action"))
        form = next(form for form in forms if _names(form) >= set(wanted))
        buttons = {
            button.get("name"): button.get("value") for button in form.all("button") if button.get("name")
        }
        sent = {
            **form.fields(),
            **wanted,
            **{name: value for name, value in buttons.items() if name == "send"},
        }
        address = self._full(action or form.get("action") or self.at)
        return self._read(self.http.post(address, sent, headers={"Referer": self.at}, timeout=20))

    def sign_in(self, username: str) -> None:
        self.open("/accounts/login/")
        self.send(username=username, password=PASSWORD)
        if "/accounts/security/" in self.at:
            self.set_up_app()
        elif "second-step" in self.at:
            self.send(code=pyotp.TOTP(self.secret).now())

    def set_up_app(self) -> None:
        """The second factor that the role needs."""
        page = self.open("/accounts/security/app/")
        self.secret = next(
            element.words.replace(" ", "") for element in page.all("code") if len(element.words) >= 32
        )
        self.send(code=pyotp.TOTP(self.secret).now())

    def refer(self, answers: Mapping[str, str]) -> str:
        """The web form, page after page, from the answers by field; the reference of the referral."""
        self.open("/referrals/new/")
        for _ in range(12):
            form = next(form for form in self.page.all("form") if "logout" not in form.get("action"))
            self.send(**{name: value for name, value in answers.items() if name in _names(form)})
            if "/referrals/MSCC-" in self.at:
                return self.at.split("/referrals/")[1].strip("/").partition("/")[0]
        raise SystemExit(f"The form did not come to its end: {self.at} {self.page.words[:600]}")

    def _read(self, answer: requests.Response) -> Element:
        self.at, self.page = answer.url, read(answer.text)
        if answer.status_code != 200:
            problems = [element.words for element in self.page.all(class_="nhsuk-error-summary")]
            raise SystemExit(f"{answer.status_code} at {answer.url}: {problems or self.page.words[300:2500]}")
        return self.page

    def _full(self, path: str) -> str:
        return path if path.startswith("http") else self.address + path


def _names(form: Element) -> set[str]:
    return {element.get("name") for element in form if element.get("name")}


def set_up(person: Person, first: str, *, at: datetime) -> None:
    """The first administrator, the people of every duty, and a rota of two weeks, by the pages alone."""
    person.open(first)
    person.send(
        name="Ada Installer",
        username="ada",
        email="ada@example.nhs.uk",
        organisation="RXX01",
        organisation_name="Example Hospital",
        password=PASSWORD,
    )
    person.set_up_app()
    duties = ("coordinator", "deputy", "consultant", "manager", "lead")
    for duty in duties:
        role = {"lead": "lead", "coordinator": "coordinator"}.get(duty, "coordinator")
        _add(person, duty, role=role, duties=[duty])
    _add(person, "ward", role="referrer", duties=[])
    begins = (at - timedelta(hours=1)).astimezone(LONDON)
    weeks = [(begins + number * WEEK, begins + (number + 1) * WEEK) for number in range(2)]
    lines = [
        f"{duty},{duty},{start:%Y-%m-%d %H:%M},{end:%Y-%m-%d %H:%M}"
        for duty in duties
        for start, end in weeks
    ]
    person.open("/on-call/")
    person.send(csv="\n".join(["duty,user_name,starts,ends", *lines]))
    person.send(
        **({"sure": "on"} if any("sure" in _names(form) for form in person.page.all("form")) else {}),
        seen=_seal(person),
    )


def _add(person: Person, username: str, *, role: str, duties: list[str]) -> None:
    person.open("/settings/users/new/")
    person.send(
        name=f"{username.title()} Example",
        username=username,
        role=role,
        organisation="RXX01",
        email=f"{username}@example.nhs.uk",
        duties=duties,
        password=PASSWORD,
        active="on",
    )
    if "/settings/users/new" in person.at:
        raise SystemExit(person.page.words[:600])


def _seal(person: Person) -> str:
    return next(e.get("value") for e in person.page.all("input") if e.get("name") == "seen")


class Machine:
    """A hospital system with the client that `manage.py hospital_system` made."""

    def __init__(self, address: str, *, authority: str, client: str, secret: str) -> None:
        self.address, self.http = address, requests.Session()
        self.http.trust_env, self.http.verify = False, authority
        answer = self.http.post(
            f"{address}/oauth/token/", {"grant_type": "client_credentials"}, auth=(client, secret), timeout=20
        )
        answer.raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def refer(self, number: int, *, at: datetime, key: str = "") -> str:
        """Send one referral of an invented patient; its reference. An exception when it was not acknowledged."""
        answer = self.http.post(
            f"{self.address}/api/v1/referrals/",
            json=referral(number, at=at),
            timeout=20,
            headers={"Idempotency-Key": key or str(uuid.uuid4())},
        )
        answer.raise_for_status()
        return str(answer.json()["reference"])


def referral(number: int, *, at: datetime) -> dict[str, Any]:
    """An emergency, with a 999 number that its check digit allows."""
    return {
        "patient": {
            "nhs_number": nhs_number(number),
            "family_name": "Marlowe",
            "given_name": "Ruth",
            "date_of_birth": "1958-02-03",
        },
        "referrer": {
            "name": "Dr Priya Anand",
            "role": "emergency_department",
            "organisation_ods": "RXX01",
            "callback_number": "01632 960123",
        },
        "location": {"kind": "emergency_department", "organisation_ods": "RXX01"},
        "clinician_suspected_at": rfc3339(at),
        "presentation": PRESENTATION,
    }


def nhs_number(number: int) -> str:
    """The number-th invented one that has a check digit."""
    for counted in range(number * 2, number * 2 + 2):
        digits = f"999{counted:06d}"
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
        if check != 10:
            return f"{digits}{0 if check == 11 else check}"
    raise ValueError(number)


def wait_for(claim: Any, *, seconds: float, says: str) -> float:
    """Seconds until the claim came true; SystemExit when it did not."""
    began = time.monotonic()
    while not claim():
        if time.monotonic() - began > seconds:
            raise SystemExit(says)
        time.sleep(0.2)
    return time.monotonic() - began
