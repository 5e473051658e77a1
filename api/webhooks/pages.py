"""The page of deliveries that nobody took in three days, for the coordinator and the administrator."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from api.webhooks.models import Delivery
from api.webhooks.subscriptions import given_up, replay
from kernel.actors import Role
from kernel.refusals import NotFound
from kernel.time import in_words, now
from ledger.kinds import WORDS, Kind

PER_PAGE = 50


@never_cache
@only(Role.COORDINATOR, Role.ADMINISTRATOR)
def undelivered(request: HttpRequest) -> HttpResponse:
    """The deliveries that failed, with the reason, and a button to send each again."""
    by = actor_of(request)
    if request.method == "POST":
        numbers = [request.POST.get(name, "") for name in ("webhook", "delivery")]
        if not all(text.isascii() and text.isdecimal() and len(text) < 18 for text in numbers):
            raise NotFound("There is no such delivery")
        replay(int(numbers[0]), int(numbers[1]), by=by, at=now())
        messages.success(request, "It is sent again now")
        return redirect("undelivered")
    with_reference = by.role == Role.COORDINATOR
    page = Paginator(given_up(), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "settings/undelivered.jinja",
        title="Not delivered to hospital systems",
        rows=[(row, _words(row, with_reference=with_reference)) for row in page.object_list],
        count=page.paginator.count,
        page=page,
    )


def _words(row: Delivery, *, with_reference: bool) -> str:
    """A delivery in words. An administrator sees no case."""
    what = WORDS[Kind(row.kind)] if row.kind in set(Kind) else row.kind
    about = f"{row.reference}: " if with_reference else ""
    gave_up = in_words(row.given_up_at) if row.given_up_at else ""
    return f"{about}{what}, to {row.webhook.client.name}, given up {gave_up}"
