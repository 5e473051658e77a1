"""The page behind the link in a page: no sign-in, no patient, one button."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.page import render
from kernel.refusals import Invalid
from kernel.time import now
from oncall.answering import page_of
from oncall.channels.email import time_left
from referrals.usecases.answer_page import answer_page


@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Following the link changes nothing: mail scanners follow links too. The button acknowledges."""
    page, at = page_of(token), now()
    assert page.clock is not None  # page_of gives no other
    errors: dict[str, list[str]] = {}
    case = None
    if request.method == "POST":
        name = request.POST.get("name", "") if request.POST.get("who") == "other" else ""
        try:
            if request.POST.get("who") == "other" and not name.strip():
                raise Invalid("The name is missing", errors={"name": ["Enter your name"]})
            case = answer_page(token, somebody_else=name, at=at)
        except Invalid as invalid:
            errors = invalid.errors
    return render(
        request,
        "oncall/answer.jinja",
        status=422 if errors else 200,
        title="Acknowledge",
        reference=page.clock.reference,
        stream=page.clock.stream,
        left=time_left(page.clock, at=at),
        person=page.recipient.name,
        answered=page.answered_at is not None,
        callback=case.referrer["callback_number"] if case else "",
        done=case is not None,
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
    )
