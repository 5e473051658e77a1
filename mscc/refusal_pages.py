"""A refusal as a page: a sentence, what to do, and the telephone number."""

import sys
from collections.abc import Callable, Sequence

from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import escape
from psycopg.errors import DiskFull

from accounts import service as services
from accounts.people import DUTY_WORDS, Duty
from accounts.web.held_form import can_be_held, held_page
from accounts.web.page import render
from kernel.refusals import NotFound, Refusal
from kernel.telephone import read
from kernel.time import now
from mscc.postgresql.state import FULL, database
from referrals.case.policy import Merged
from referrals.case.queries import Restricted
from webkit import drafts

MACHINE_DOORS = ("/api/", "/fhir/", "/hl7/", "/cds-services")


class RefusalPages:
    """Middleware that shows a refusal as a page. The API renders its own refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        return refusal_page(request, exception)


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Go back to the page of the form with the sentence on it, or show its own page."""
    if isinstance(refusal, Merged):
        return _merged_page(request, refusal)
    back = request.POST.get("page", "")
    if (
        request.method == "POST"
        and back.startswith("/")
        and not back.startswith("//")
        and not isinstance(refusal, NotFound)
    ):
        messages.warning(request, refusal.sentence)
        return redirect(back)
    way_in = f"{reverse('open_record')}?case={refusal.reference}" if isinstance(refusal, Restricted) else ""
    return render(
        request,
        "errors/refusal.jinja",
        status=refusal.status,
        title=refusal.title,
        refusal=refusal,
        way_in=way_in,
    )


def _merged_page(request: HttpRequest, refusal: Merged) -> HttpResponse:
    """A link to the continuing case; the form there holds everything typed."""
    place = request.path.replace(refusal.addressed, refusal.reference)
    is_kept = request.method == "POST" and place != request.path
    if is_kept:
        drafts.save(request.user, place=place, typed=dict(request.POST.lists()), at=now())
    return render(
        request,
        "errors/merged.jinja",
        status=refusal.status,
        title=refusal.title,
        refusal=refusal,
        address=reverse(
            "case" if place.startswith(reverse("worklist")) else "referral", args=[refusal.reference]
        ),
        kept=is_kept,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was opened in another sign-in: a page holds its content, and the person sends it again."""
    if can_be_held(request):
        return held_page(request)
    return render(request, "errors/form-expired.jinja", status=403, title="This form has expired")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page, or for a machine a problem document."""
    if request.path.startswith(MACHINE_DOORS):
        return _problem(request, 404, "not_found", "Not found", "There is nothing at this address")
    return refusal_page(request, NotFound("There is no such page. Check the address"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that is refused before its view reads it, such as one with too many fields. Nothing of it is read."""
    if request.path.startswith("/oauth/"):
        return JsonResponse({"error": "invalid_request"}, status=400)
    if request.path.startswith(MACHINE_DOORS):
        return _problem(request, 400, "malformed", "Malformed", "This request cannot be read")
    return HttpResponse(
        _page("This could not be read", "What was sent cannot be read. Go back and try again."), status=400
    )


def not_allowed(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    """A method that nothing here knows."""
    if not request.path.startswith(MACHINE_DOORS):
        return HttpResponseNotAllowed(methods)
    words = "This address does not take this method"
    answer = _problem(request, 405, "method_not_allowed", "Method not allowed", words)
    answer["Allow"] = ", ".join(methods)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of this service. The page does not use the database, which may be the fault."""
    fault = sys.exc_info()[1]
    if isinstance(fault, (OperationalError, InterfaceError)):
        if isinstance(fault.__cause__, DiskFull):
            database.unwritable = database.unwritable or FULL
        return unavailable(request)
    if request.path.startswith(MACHINE_DOORS):
        return _problem(
            request,
            500,
            "broken",
            "Broken",
            f"This did not work: ring the MSCC coordinator{_number()}, then try again",
        )
    return HttpResponse(_page("This page does not work at the moment", _BROKEN), status=500)


def unavailable(request: HttpRequest, *, title: str = "") -> HttpResponse:
    """The database does not answer, or too slowly, or cannot store: 503, at once. Nothing here uses it.

    `title` is the heading of the page when something else is wrong.
    """
    if request.path.startswith("/oauth/"):
        response: HttpResponse = JsonResponse({"error": "temporarily_unavailable"}, status=503)
    elif request.path.startswith(MACHINE_DOORS):
        detail = f"Nothing was stored: ring the MSCC coordinator{_number()}, then try again"
        response = _problem(request, 503, "unavailable", "Not available", detail)
    else:
        title = title or (
            "Nothing can be stored at the moment" if database.unwritable else "The database does not answer"
        )
        response = HttpResponse(_page(title, _BROKEN), status=503)
    response["Retry-After"] = "5"
    return response


def unstorable(request: HttpRequest) -> HttpResponse:
    """The request holds a character that cannot be stored. The page reads none of it."""
    if request.path.startswith("/oauth/"):
        return JsonResponse({"error": "invalid_client"}, status=401)
    if request.path.startswith(MACHINE_DOORS):
        return _problem(request, 400, "unstorable", "Not text", "What was sent holds a NUL character")
    return HttpResponse(
        _page(
            "This could not be read",
            "What was sent holds a character that is not text. Go back, take it out and send it again.",
        ),
        status=400,
    )


def _problem(request: HttpRequest, status: int, code: str, title: str, detail: str) -> HttpResponse:
    """A fault that no view answers, in the form of its door."""
    if request.path.startswith(("/fhir/", "/cds-services")):
        return JsonResponse(_outcome(status, detail), status=status, content_type="application/fhir+json")
    body = {
        "type": f"urn:mscc:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "on_call": {"role": DUTY_WORDS[Duty.COORDINATOR], "telephone": services.last_known_telephone},
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _outcome(status: int, detail: str) -> dict[str, object]:
    code = {400: "invalid", 404: "not-found", 503: "transient"}.get(status, "exception")
    ring = f"MSCC coordinator, day and night: {services.last_known_telephone or 'ask the switchboard'}"
    rows = (("error", code, detail), ("information", "informational", ring))
    issues = [
        {"severity": severity, "code": kind, "details": {"text": text}} for severity, kind, text in rows
    ]
    return {"resourceType": "OperationOutcome", "issue": issues}


_BROKEN = "What you sent may not have arrived. Do not rely on this page. Then go back and try again: a referral sent twice is stored once."


def _number() -> str:
    """The telephone number from the last reading, because a new reading could fail too."""
    return f" on {services.last_known_telephone}" if services.last_known_telephone else ""


def _page(title: str, text: str) -> str:
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} · MSCC service</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main><h1>{title}</h1>
<p><strong>Ring the MSCC coordinator{_number_to_dial()}.</strong></p><p>{text}</p></main></body></html>"""


def _number_to_dial() -> str:
    """The last known number as a link, which a telephone dials."""
    dialled = read(services.last_known_telephone).numbers
    if not dialled:
        return escape(_number())
    return f' on <a href="tel:{escape(dialled[0].link)}">{escape(services.last_known_telephone)}</a>'
