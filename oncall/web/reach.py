"""How a person is paged: their own addresses, each with its test page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.models import User
from accounts.queries import account_of
from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Errors, Invalid, OutOfTurn
from kernel.time import in_words, now
from oncall import contact_methods
from oncall.channels.push import public_key
from oncall.contact_methods import send_test_page, set_address
from oncall.ladder import EMAIL
from oncall.queries import contact_methods_of
from oncall.reach import reach_of
from oncall.ways import CHANNEL_WORDS
from webkit.attempt import Attempt
from webkit.fields import Text
from webkit.forms import PlainForm
from webkit.inputs import Input


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One channel on the screen."""

    channel: str
    label: str
    address: str
    available: bool
    proven: str
    editable: bool
    inputs: Sequence[Input]


@never_cache
@login_required
def reach(request: HttpRequest) -> HttpResponse:
    """Change an address, or send a test page to oneself."""
    by, at = actor_of(request), now()
    channel = request.POST.get("channel", "")
    errors: Errors = {}
    if request.method == "POST":
        try:
            if request.POST.get("act") == "test":
                send_test_page(channel, by=by, at=at)
                messages.success(request, "A test page is on its way. Press the button behind its link")
            else:
                set_address(channel, request.POST.get("address", ""), by=by, at=at)
                messages.success(request, "Your address is changed. Send yourself a test page")
            return redirect("reach")
        except Invalid as invalid:
            errors = invalid.errors
        except OutOfTurn as refusal:
            errors = {channel: [refusal.sentence]}
    person = account_of(by)
    return render(
        request,
        "oncall/reach.jinja",
        status=422 if errors else 200,
        title="How you are paged",
        ways=_ways(person, Attempt(form=channel, typed=dict(request.POST.lists()), errors=errors)),
        reached=reach_of([person]).is_reached(person),
        push_key=public_key(),
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
    )


@never_cache
@only(Role.LEAD, Role.ADMINISTRATOR)
def ask_to_prove(request: HttpRequest, number: int) -> HttpResponse:
    """A test page to somebody whose address is not proven."""
    if request.method == "POST":
        person = contact_methods.ask_to_prove(number, by=actor_of(request), at=now())
        messages.success(
            request,
            f"A test page is on its way to {person.name}. Pressing the button behind its link proves it",
        )
    return redirect("on_call")


@login_required
def push_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from an address that lets it work for these pages."""
    script = (settings.ROOT / "static" / "mscc" / "push-worker.js").read_text()
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


def _ways(person: User, attempt: Attempt) -> list[Way]:
    methods = contact_methods_of(person)
    proven = reach_of([person]).proven(person)
    return [
        _way(
            channel,
            person.email if channel == EMAIL else method.address if method else "",
            attempt,
            proven=in_words(method.proven_at) if method and method.proven_at and channel in proven else "",
        )
        for channel, method in ((channel, methods.get(channel)) for channel in CHANNEL_WORDS)
    ]


def _way(channel: str, address: str, attempt: Attempt, *, proven: str) -> Way:
    label = "Mobile number" if channel == "sms" else "Number of your pager or telephone"
    field = Text(f"{label}; leave it empty to remove it", initial=address, autocomplete="tel")
    own = Attempt()
    if channel in attempt.errors:
        own = Attempt(typed=attempt.typed, errors={"address": attempt.errors[channel]})
    return Way(
        channel=channel,
        label=CHANNEL_WORDS[channel],
        address=address,
        available=channel in settings.CHANNELS,
        proven=proven,
        editable=channel != EMAIL,
        inputs=PlainForm(own, fields={"address": field}, ids=channel).inputs,
    )
