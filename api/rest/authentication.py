"""Bearer tokens of hospital systems."""

from typing import Any

from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission

from accounts.machine_clients import may_call
from kernel.actors import Actor


class Client:
    """A hospital system with a valid token."""

    is_authenticated = True

    def __init__(self, actor: Actor, scopes: frozenset[str]) -> None:
        self.actor, self.scopes = actor, scopes
        self.pk = actor.key


class ClientToken(OAuth2Authentication):
    """A token by client credentials. Demo clients exist in demo mode only."""

    def authenticate(self, request: Any) -> tuple[Client, Any] | None:
        credentials = super().authenticate(request)
        if credentials is None:
            if request.META.get("HTTP_AUTHORIZATION"):
                raise AuthenticationFailed("The bearer token is not valid or has expired: ask for a new one")
            return None
        token = credentials[1]
        application = token.application
        if application is None or not may_call(application):
            raise AuthenticationFailed("This client is not known here")
        scopes = frozenset(token.scope.split()) & frozenset(application.allowed_scopes)
        return Client(application.actor, scopes), token


def scope(name: str) -> type[BasePermission]:
    """A permission that asks for a scope."""

    class HasScope(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            if request.user is None:
                return False  # no token: 401
            if name not in request.user.scopes:
                raise PermissionDenied(f"This needs the scope {name}")
            return True

    return HasScope
