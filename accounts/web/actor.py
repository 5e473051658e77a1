"""Who makes a request."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.web.held import sign_in_first
from kernel.actors import Actor, Role
from kernel.refusals import Denied


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person as an actor."""
    return request.user.actor


def refuse_unconfirmed(actor: Actor) -> None:
    """Names and numbers of colleagues are not for whoever has only said who they are."""
    if actor.own_only:
        raise Denied(
            "This is shown once the service has confirmed who you are. The number above is answered day and night"
        )


def only(*roles: Role) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page for signed-in people of these roles; others are told that it is not theirs."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if actor_of(request).role not in roles:
                raise Denied("This page is not for your role. If you need it, ask the service administrator")
            return view(request, *args, **kwargs)

        return checked

    return decorate
