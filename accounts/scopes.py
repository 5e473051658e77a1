"""The scopes that a hospital system may ask for."""

from typing import Any

from oauth2_provider.scopes import SettingsScopes


class ScopesOfClient(SettingsScopes):
    """Limits the scopes of a client to those that its account allows."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        scopes = super().get_available_scopes(application, request, *args, **kwargs)
        return (
            scopes
            if application is None
            else [scope for scope in scopes if scope in application.allowed_scopes]
        )

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application, request, *args, **kwargs)
