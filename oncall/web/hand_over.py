"""The hand-over at the change of shift: written by the outgoing holder, accepted by the incoming one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import in_words, near, now
from oncall.handing_over import accept, change_ahead, open_cases, tell, words_of
from oncall.models import HandOver

SHOWN = 14


@never_cache
@only(Role.COORDINATOR, Role.LEAD)
def hand_over(request: HttpRequest) -> HttpResponse:
    """What is open, what was said, and the two buttons: tell and accept."""
    by, at = actor_of(request), now()
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        number = request.POST.get("shift", "")
        shift = int(number) if number.isdecimal() and len(number) < 18 else 0
        try:
            if request.POST.get("act") == "accept":
                accept(shift, because=request.POST.get("because", ""), by=by, at=at)
                messages.success(request, "You have taken over")
            else:
                tell(shift, words=request.POST.get("words", ""), by=by, at=at)
                messages.success(request, "The hand-over is written. You hold the duty until it is accepted")
            return redirect("hand_over")
        except Invalid as invalid:
            errors = invalid.errors
    change = change_ahead(at=at)
    written = (
        HandOver.objects.select_related("told_by").filter(shift=change.shift).first() if change else None
    )
    return render(
        request,
        "oncall/hand-over.jinja",
        status=422 if errors else 200,
        title="Hand-over",
        change=change,
        words=words_of(change.shift) if change else "",
        may_tell=bool(change and change.outgoing.pk == by.user_id),
        may_accept=bool(change and change.shift.holder_id == by.user_id),
        needs_reason=bool(change and not (written and written.told)),
        written=written,
        written_at=near(written.told_at, at=at) if written and written.told_at else "",
        cases=open_cases(at=at),
        earlier=[
            (words_of(one.shift), one.told, one.shift.holder.name, in_words(one.accepted_at))
            for one in HandOver.objects.select_related("shift__holder")
            .filter(accepted_at__isnull=False)
            .order_by("-accepted_at")[:SHOWN]
        ],
        typed=request.POST,
        errors=errors,
        problems=[(text, f"#{field}") for field, texts in errors.items() for text in texts],
    )
