"""The door of health checks and figures: ahead of the host check, the redirect to HTTPS, sessions and the database.

It is in front of Django in every web process, and alone in the process that serves health checks on its own port.
"""

from collections.abc import Callable, Iterable
from http.client import responses
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound

from mscc import health, metrics
from mscc.background_check import BackgroundCheck, View

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def before(application: Application | None = None) -> Application:
    """The door in front of an application, or alone."""
    rooms: dict[str, View] = {
        "/health/live": health.live,
        "/health/service": health.service,
        "/health/ready": BackgroundCheck(health.ready, instead=health.unknown),
        "/metrics": metrics.guarded(BackgroundCheck(metrics.figures, instead=metrics.unknown)),
    }

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        view = rooms.get(environ.get("PATH_INFO", ""))
        if view is None and application is not None:
            return application(environ, start_response)
        return _send(_response(view, environ), environ, start_response)

    return answer


def _response(view: View | None, environ: dict[str, Any]) -> HttpResponse:
    if view is None:
        return HttpResponseNotFound()
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return view(WSGIRequest(environ))


def _send(response: HttpResponse, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    headers = {
        **dict(response.items()),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Length": str(len(response.content)),
    }
    start_response(f"{response.status_code} {responses[response.status_code]}", list(headers.items()))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.content]
