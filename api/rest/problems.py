"""Every error as an RFC 9457 problem document."""

from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from accounts import service as services
from accounts.people import DUTY_WORDS, Duty
from kernel.refusals import Denied, NotFound, Refusal
from referrals.case.policy import Merged

CONTENT_TYPE = "application/problem+json"
TITLES = {
    401: "Not signed in",
    403: "You cannot do this",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    415: "Unsupported media type",
    429: "Too many requests",
}


def problem_response(exception: Exception, context: Any) -> Response | None:
    """The answer to an exception; None lets Django answer 500."""
    if isinstance(exception, Http404):
        exception = NotFound("There is nothing here that you can see")
    elif isinstance(exception, DjangoPermissionDenied):
        exception = Denied("You cannot do this")
    if isinstance(exception, Refusal):
        answer = _problem(
            exception.status, exception.code, exception.title, exception.sentence, exception.errors
        )
        if isinstance(exception, Merged):
            answer.data["merged_into"] = exception.reference
        return answer
    if not isinstance(exception, exceptions.APIException):
        return None
    status = exception.status_code
    answer = _problem(
        status, exception.default_code, TITLES.get(status, "Not done"), str(exception.detail), {}
    )
    if (header := getattr(exception, "auth_header", None)) is not None:
        answer["WWW-Authenticate"] = header
    if (wait := getattr(exception, "wait", None)) is not None:
        answer["Retry-After"] = str(round(wait))
    return answer


def _problem(status: int, code: str, title: str, detail: str, errors: Any) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:mscc:problem:{code}",
        "title": title,
        "status": status,
        "detail": _printable(detail),
        "on_call": {"role": DUTY_WORDS[Duty.COORDINATOR], "telephone": services.telephone_now()},
    }
    if errors:
        body["errors"] = {
            _printable(path): [_printable(text) for text in texts] for path, texts in errors.items()
        }
    return Response(body, status=status, content_type=CONTENT_TYPE)


def _printable(text: str) -> str:
    """A text for an error. Sent content in it may hold half a character, which cannot be encoded."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
