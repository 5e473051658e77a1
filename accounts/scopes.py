"""Which scopes a hospital system may ask for."""

from typing import Any

from oauth2_provider.scopes import SettingsScopes


class ScopesOfClient(SettingsScopes):
    """A client gets no scope that it was not given."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        every = super().get_available_scopes(application, request, *args, **kwargs)
        return (
            every
            if application is None
            else [scope for scope in every if scope in application.allowed_scopes]
        )

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application, request, *args, **kwargs)
