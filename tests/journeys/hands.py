"""What people do at a browser in more than one journey: fill in, send, wait."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from playwright.sync_api import Locator

from kernel.time import LONDON, now, rfc3339
from tests.journeys.conftest import Visitor

Make = Callable[..., Visitor]
NEUROLOGY = "presentation.neurology."
LEADS_TO_ITS_FIELD = """[...document.querySelectorAll(".nhsuk-error-summary a")].every(
    (link) => document.querySelector(link.hash)?.form?.action === location.href)"""


def fill_in(somebody: Visitor, form: str, button: str, **values: str) -> None:
    """Open a form by its id, or the page of an act on a case by its name; fill it in, press its button."""
    part = somebody.page.locator(f"details#{form}")
    if part.count() == 0:
        part = the_act(somebody, form)
    elif part.get_attribute("open") is None:
        part.locator("summary").first.click()
    for name, value in values.items():
        fields = part.locator(f'[name="{name.replace("__", ".")}"]')
        kind = fields.first.evaluate("(field) => field.type")
        if kind == "select-one":
            fields.first.select_option(value)
        elif kind in ("radio", "checkbox"):
            part.locator(f'[name="{name.replace("__", ".")}"][value="{value}"]').check(force=True)
        else:
            fields.first.fill(value)
    part.locator(f"button:has-text('{button}')").click()


def the_act(somebody: Visitor, act: str) -> Locator:
    """The form of an act: where it stands already, else the page of its own."""
    form = somebody.page.locator(f'[data-act-form="{act}"]:not([data-as-it-stands])')
    if form.count() == 0:
        reference = re.search(r"/worklist/(MSCC-[^/]+)/", somebody.page.url)
        assert reference, somebody.page.url
        somebody.go(f"/worklist/{reference.group(1)}/{act}/")
    return form.first


def instant(name: str, at: datetime) -> dict[str, str]:
    """What is typed for an instant, in London time."""
    wall = at.astimezone(LONDON)
    parts = {"day": wall.day, "month": wall.month, "year": wall.year, "time": f"{wall:%H:%M}"}
    return {f"{name}__{part}": str(value) for part, value in parts.items()}


def to_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def there_is_a_problem(somebody: Visitor, *sentences: str, status: str = "422", axe: bool = True) -> None:
    """The page says what is wrong, accessibly, and leads to it in the form that was sent."""
    for sentence in sentences:
        somebody.expect(sentence)
    somebody.complaints = [text for text in somebody.complaints if status not in text]
    if axe:  # it needs JavaScript
        somebody.is_accessible()
    assert somebody.page.evaluate(LEADS_TO_ITS_FIELD)


def half_an_hour_passes() -> None:
    """Every session has been idle for longer than it may be."""
    for session in Session.objects.all():
        data = session.get_decoded()
        data["active_at"] = rfc3339(now() - timedelta(minutes=31))
        session.session_data = Session.objects.encode(data)
        session.save()


def type_identity(gp: Visitor) -> None:
    """Who the patient is: six fields, of which the date of birth is three."""
    for name, text in {
        "patient.family_name": "Ashdown",
        "patient.given_name": "Ada",
        "patient.date_of_birth.day": "3",
        "patient.date_of_birth.month": "2",
        "patient.date_of_birth.year": "1958",
        "patient.nhs_number": "999 000 0018",
    }.items():
        gp.type(name, text)


def send_an_emergency(gp: Visitor, *, look: bool = True) -> str:
    """Three steps, then sent. Every press and every field filled in is counted."""
    gp.go("/referrals/new/")
    gp.actions = gp.characters = 0
    gp.choose("presentation.cancer_context", "current")
    gp.choose(NEUROLOGY + "limb_weakness", "yes")
    if look:
        gp.expect("Ring the MSCC coordinator now")
        gp.expect("Step 1 of 3", within="h1")
        gp.is_accessible()
    gp.click("button:has-text('Continue')")
    gp.expect("Step 2 of 3", within="h1")
    type_identity(gp)
    gp.choose("location.kind", "home")
    if look:
        gp.is_accessible()
    gp.click("button:has-text('Continue')")
    gp.expect("Step 3 of 3", within="h1")
    gp.expect("Weakness of an arm or leg", within=".entered")
    if look:
        gp.is_accessible()
    gp.click("#send")
    gp.expect("What happens next")
    reference = gp.page.locator(".reference").inner_text()
    assert reference.startswith("MSCC-")
    return reference
