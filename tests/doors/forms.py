"""Filling in the web form as a browser would, from the JSON of a referral."""

import re
import uuid
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from kernel.time import LONDON
from mscc.demo.people import PASSWORD
from referrals.web.answers import DATES, INSTANTS
from referrals.web.inputs import field_id
from referrals.web.steps import STEPS


def signed_in(username: str) -> Client:
    client = Client()
    answer = client.post(reverse("sign_in"), {"username": username, "password": PASSWORD})
    assert answer.status_code == 302, username
    return client


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
    return set(
        re.findall(
            r'<a href="[^"]*#([\w-]+)">',
            answer.content.decode().split("There is a problem")[-1].split("</ul>")[0],
        )
    )


def ids(paths: Any) -> set[str]:
    return {field_id(path) for path in paths}
