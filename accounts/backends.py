"""The check of user name and password at sign-in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password

from accounts.models import NhsIdentity, User

LONGEST_NAME = 60  # characters, as `accounts.models.User` stores it


class RealAccounts(BaseBackend):
    """User name and password. Demo accounts exist in demo mode only."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **options: Any
    ) -> User | None:
        user = User.objects.filter(username=as_stored(username)).first()
        if user is None or password is None:
            make_password(password or "")  # as slow as a real check, so that names cannot be guessed by time
            return None
        is_right = check_password(password, user.password) and may_sign_in(user)
        return user if is_right and not has_lost_role(user) else None

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("organisation").filter(pk=user_id).first()
        return user if user and may_sign_in(user) else None


def as_stored(username: str | None) -> str:
    """A typed user name in the form that accounts store. What is longer than any name is cut to what is still no name."""
    return (username or "").strip().lower()[: LONGEST_NAME + 1]


def name_tried(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """The account name of a sign-in attempt, so that every spelling counts as the same name."""
    return as_stored(credentials.get("username") if credentials else request.POST.get("username"))


def has_lost_role(user: User) -> bool:
    """Whether the identity provider has said that the role of this account is no longer held: no password opens it then."""
    return NhsIdentity.objects.filter(user=user).exclude(lost_at=None).exists()


def may_sign_in(user: User) -> bool:
    """Whether the account is active, and is no demo account outside demo mode."""
    return user.is_active and (settings.DEMO or not user.is_demo)
