"""Filling in the web form as a browser would, from the JSON of a referral."""

import uuid
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from demo.people import PASSWORD
from kernel.time import LONDON
from referrals.web.answers import DATES, INSTANTS
from referrals.web.steps import STEPS
from tests.doors.markup import read
from webkit.inputs import field_id


def signed_in(username: str) -> Client:
    client = Client()
    answer = client.post(reverse("sign_in"), {"username": username, "password": PASSWORD})
    assert answer.status_code == 302, username
    return client


def state_purpose(client: Client, case: Any, purpose: str = "incident") -> None:
    """The lead says once what they look at this record for."""
    answer = client.post(f"{reverse('purpose')}?case={case.reference}", {"purpose": purpose})
    assert answer.status_code == 302


VIEWS = ("case", "case_record", "case_scans", "case_talk", "case_treatment", "case_timeline")


def every_view(client: Client, case: Any) -> str:
    """All that a coordinator can read of a case, view after view."""
    pages = (client.get(reverse(name, args=[case.reference])) for name in VIEWS)
    return "".join(page.content.decode() for page in pages)


def prefilled(page: str, act: str) -> dict[str, list[str]]:
    """The fields of the form of an act as the browser would send them untouched."""
    return read(page).one("form", data_act_form=act).fields()


def send_act(client: Client, case: Any, act: str, *, follow: bool = True, **fields: Any) -> Any:
    """Open the form of an act, fill in these fields (`a__b` for `a.b`), and send it."""
    address = reverse("act", args=[case.reference, act])
    page = client.get(address).content.decode()
    sent = {**prefilled(page, act), **{name.replace("__", "."): value for name, value in fields.items()}}
    return client.post(address, sent, follow=follow)


def flat(body: Any, path: str = "") -> dict[str, Any]:
    """The leaves of a body by path."""
    if not isinstance(body, dict):
        return {path: body}
    found: dict[str, Any] = {}
    for key, value in body.items():
        found |= flat(value, f"{path}.{key}".lstrip("."))
    return found


def fields(body: dict[str, Any]) -> dict[str, str]:
    """The form fields that say what a body says."""
    found: dict[str, str] = {}
    for path, value in flat(body).items():
        if value is None or value is False:
            continue
        if path in DATES:
            found |= dict(
                zip(
                    (f"{path}.{part}" for part in ("year", "month", "day")),
                    str(value).split("-"),
                    strict=False,
                )
            )
        elif path in INSTANTS:
            found |= _instant(path, str(value))
        else:
            found[path] = "yes" if value is True else str(value)
    return found


def _instant(path: str, text: str) -> dict[str, str]:
    try:
        wall = datetime.fromisoformat(text).astimezone(LONDON)
    except ValueError:
        return {f"{path}.day": text}
    return {
        f"{path}.day": str(wall.day),
        f"{path}.month": str(wall.month),
        f"{path}.year": str(wall.year),
        f"{path}.time": f"{wall:%H:%M}",
    }


class WebForm:
    """One referral form in one browser."""

    def __init__(self, username: str = "ward") -> None:
        self.client, self.number = signed_in(username), uuid.uuid4()

    def fill(self, body: dict[str, Any], **extra: str) -> Any:
        """Every page, then send. What a page refuses is kept, and shown again on the last page."""
        typed = {**fields(body), **extra}
        for step in STEPS:
            self.client.post(reverse("referral_step", args=[self.number, step.slug]), typed)
        return self.send(referrer_concern=typed.get("referrer_concern", ""))

    def send(self, **fields: str) -> Any:
        return self.client.post(reverse("check_referral", args=[self.number]), fields)


def problems_on(answer: Any) -> set[str]:
    """The ids of the fields that an error summary links to."""
    summaries = read(answer.content.decode()).all(class_="nhsuk-error-summary")
    links = [link.get("href") for summary in summaries for link in summary.all("a")]
    return {link.partition("#")[2] for link in links if "#" in link}


def ids(paths: Any) -> set[str]:
    return {field_id(path) for path in paths}
