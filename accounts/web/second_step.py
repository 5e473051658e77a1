"""The second step of a sign-in, and the same proof again before acts that need it."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import attempts, passkeys
from accounts import second_factors as factors
from accounts.backends import has_lost_role
from accounts.line_facts import SignedIn
from accounts.models import User
from accounts.nhs_identity.provider import is_on
from accounts.open_sessions import Proof
from accounts.queries import active_person_at
from accounts.step_up import is_fresh, note_proof
from accounts.web.actor import user_of
from accounts.web.entry import enter, provider_proof
from accounts.web.held_form import sign_in_first
from accounts.web.page import render
from kernel.time import from_rfc3339, now, rfc3339
from webkit.fields import Secret, Text
from webkit.forms import Form, PlainForm

PENDING, STATE = "second_step", "passkey_state"
LASTS = timedelta(minutes=5)
MOST_WRONG = 5  # codes of one person in a quarter of an hour; a passkey is never counted
CODE = Text(
    "Code of your authenticator app, or a recovery code",
    width="10",
    autocomplete="one-time-code",
    spellcheck=False,
)
NOT_RIGHT = "This is not right. Try again, or ring the number above if it is urgent"


def page_of_ours(request: HttpRequest) -> str:
    """The page that the person wanted, if it is a page of this service; otherwise ""."""
    address = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if ours and address.startswith("/") else ""


def go_on(request: HttpRequest, user: User) -> HttpResponse:
    """After a right password: signed in, or asked for the second factor that the person has set up."""
    if not factors.has_factor(user):
        return signed_in(request, user, page_of_ours(request), way="password")
    pending = {"user": user.pk, "began": rfc3339(now()), "next": page_of_ours(request)}
    request.session[PENDING] = pending
    return redirect("second_step")


def signed_in(
    request: HttpRequest,
    user: User,
    wanted: str,
    *,
    way: str,
    proof: Proof | None = None,
    about: SignedIn | None = None,
) -> HttpResponse:
    """Begin the session, and go to the page that the person wanted. The device is known from now on."""
    enter(request, user, way=way, proof=proof, about=about)
    answer = redirect(wanted or "home")
    attempts.remember_device(request, answer, user)
    return answer


@never_cache
@sensitive_post_parameters()
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask somebody whose password was right for their second factor; five minutes, then the password again."""
    pending = request.session.get(PENDING, {})
    user = active_person_at(pending.get("user", 0))
    if user is None or has_lost_role(user) or now() - from_rfc3339(pending["began"]) > LASTS:
        request.session.pop(PENDING, None)
        return redirect("sign_in")
    form = PlainForm.sent(request, fields={"code": CODE})
    if request.method == "POST" and _is_right(request, user, form):
        request.session.pop(PENDING, None)
        return signed_in(request, user, pending["next"], way="second_factor")
    return _page(request, user, form, title="One more step", back=reverse("sign_in"))


@never_cache
@sensitive_post_parameters()
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again who you are: with the second factor, or the password where there is none."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    user = user_of(request)
    by_password = not factors.has_factor(user)
    by_provider = is_on() and provider_proof(request) is not None
    secret = Secret("Your password", autocomplete="current-password") if by_password else CODE
    name = "password" if by_password else "code"  # a field named password is never kept as a draft
    has_secret = not by_password or user.has_usable_password()
    form = PlainForm.sent(request, fields={name: secret} if has_secret else {})
    if request.method == "POST" and has_secret and _is_right(request, user, form, by_password=by_password):
        note_proof(request, at=now())
        factors.record_confirmed(user, at=now())
        return redirect(page_of_ours(request) or "home")
    return _page(
        request,
        user,
        form,
        title="Confirm that it is you",
        back=reverse("home"),
        wanted=page_of_ours(request),
        by_provider=by_provider,
    )


def _is_right(request: HttpRequest, user: User, form: Form, *, by_password: bool = False) -> bool:
    at, answer, field = now(), request.POST.get("passkey", ""), next(iter(form.fields))
    if answer:
        if factors.accept_passkey(user, answer, request.session.pop(STATE, None), at=at):
            return True
        form.refuse({field: [NOT_RIGHT]})
        factors.record_wrong(user, at=at)
        return False
    counter = f"factor:{user.pk}"
    if attempts.count(counter) >= MOST_WRONG:
        form.refuse({field: ["There were five wrong codes. Wait a quarter of an hour, or use a passkey"]})
        return False
    typed = form.text(field)
    is_right = user.check_password(typed) if by_password else factors.accept_code(user, typed, at=at)
    if not is_right:
        attempts.count_one_more(counter)
        factors.record_wrong(user, at=at)
        form.refuse({field: [NOT_RIGHT]})
    return is_right


def _page(
    request: HttpRequest,
    user: User,
    form: Form,
    *,
    title: str,
    back: str,
    wanted: str = "",
    by_provider: bool = False,
) -> HttpResponse:
    known, question = factors.passkeys_of(user), ""
    if known:
        question, request.session[STATE] = passkeys.ask_to_sign(known)
    return render(
        request,
        "accounts/second-step.jinja",
        status=form.status,
        title=title,
        question=question,
        next=wanted,
        back=back,
        by_provider=by_provider,
        **form.screen,
    )


def proved(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A decorator for pages whose acts harm most: exports, sign-off, secrets, users, who takes over an
    organisation's cases, and settings, among them who needs a second factor. Beneath the one for roles.

    The page itself asks for the proof, so that a form is seldom sent without it; one that is sent late is held.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request, at=now()):
            return view(request, *args, **kwargs)
        back = request.get_full_path() if request.method == "GET" else request.POST.get("page", request.path)
        return redirect(f"{reverse('confirm')}?{urlencode({'next': back})}")

    return guarded
