"""The actor of a request, and its act."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts import service as services
from accounts.act import Act
from accounts.models import User
from accounts.web.held_form import sign_in_first
from kernel.actors import Actor, Role
from kernel.refusals import Denied
from kernel.time import now


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person, or hospital system, as an actor who asks now."""
    user: Any = request.user
    actor: Actor = user.actor
    return replace(actor, asked_at=now())


def act_of(request: HttpRequest) -> Act:
    """What this request does: by whom, at this instant, under the present settings."""
    return Act(by=actor_of(request), at=now(), service=services.current())


def user_of(request: HttpRequest) -> User:
    """The account of the signed-in person, on a page for people who are signed in."""
    user: Any = request.user
    account: User = user
    return account


def refuse_unconfirmed(actor: Actor) -> None:
    """Denied for a self-registered person: names and numbers of colleagues are for confirmed people."""
    if actor.own_only:
        raise Denied(
            "This is shown once the service has confirmed who you are. The number above is answered day and night"
        )


def only(*roles: Role) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A decorator for pages of these roles: others are asked to sign in, or get Denied."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if actor_of(request).role not in roles:
                raise Denied("This page is not for your role. If you need it, ask the service administrator")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
