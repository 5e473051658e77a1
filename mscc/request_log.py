"""What the log says of each request: its method and path. What stands behind the path is said by nobody.

Whoever asks for a patient by an address is refused, but the address would stand in the log all the same.
"""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class Requests(RequestMiddleware):
    """The middleware of django-structlog without the query of an address."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """The method and the path."""
        return f"{request.method} {request.path}"
