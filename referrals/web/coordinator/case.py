"""One case: shown, and acted upon."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import drafts
from accounts import service as services
from accounts.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound
from kernel.time import now
from referrals.queries import find
from referrals.viewing import record_view
from referrals.web.coordinator.acts import ACTS, Sent
from referrals.web.coordinator.aftercare import AFTERCARE_ACTS
from referrals.web.coordinator.care import CARE_ACTS
from referrals.web.coordinator.correspondence import CORRESPONDENCE_ACTS
from referrals.web.coordinator.forms import Typing
from referrals.web.coordinator.identity import IDENTITY_ACTS
from referrals.web.coordinator.mistakes import MISTAKE_ACTS
from referrals.web.coordinator.ownership import OWNERSHIP_ACTS
from referrals.web.coordinator.pathway import PATHWAY_ACTS
from referrals.web.coordinator.reports import REPORTING_ACTS
from referrals.web.coordinator.screens import case_screen
from referrals.web.coordinator.spine import SPINE_ACTS

EVERY_ACT = {
    **ACTS,
    **REPORTING_ACTS,
    **CARE_ACTS,
    **OWNERSHIP_ACTS,
    **PATHWAY_ACTS,
    **CORRESPONDENCE_ACTS,
    **MISTAKE_ACTS,
    **AFTERCARE_ACTS,
    **SPINE_ACTS,
    **IDENTITY_ACTS,
}


@never_cache
@only(Role.COORDINATOR, Role.LEAD)
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """A case with everything that can be done to it. What was typed and not sent is back in its form."""
    place = reverse("case", args=[reference])
    kept = drafts.typed_below(request.user, place)  # type: ignore[arg-type]  # signed in
    typing = {path.removeprefix(place).strip("/"): Typing(typed=typed) for path, typed in kept.items()}
    return show(request, reference, typing)


@never_cache
@only(Role.COORDINATOR)
def act(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """Do what a form on the case page asks for, or show the page again with what is wrong."""
    if request.method != "POST":  # the address of a form, opened again by the back button or a reload
        return redirect("case", reference)
    if act not in EVERY_ACT:
        raise NotFound("There is no such form")
    typed = dict(request.POST.lists())
    sent = Sent(reference=reference, typed=typed, by=actor_of(request), at=now(), service=services.current())
    try:
        done = EVERY_ACT[act](sent)
    except Invalid as invalid:
        return show(request, reference, {act: Typing(typed=typed, errors=invalid.errors)}, failed=act)
    drafts.forget(request.user, place=request.path)
    messages.success(request, done)
    back = request.POST.get("page", "")
    return redirect(back if back == reverse("worklist") else reverse("case", args=[reference]))


def show(
    request: HttpRequest, reference: str, typing: Mapping[str, Typing], *, failed: str = ""
) -> HttpResponse:
    """The page of a case, with what was typed into its forms; `failed` is the one with problems."""
    actor, at = actor_of(request), now()
    found = find(reference, by=actor)
    record_view(found, by=actor, at=at)
    service = services.current()
    screen = case_screen(found, by=actor, at=at, service=service, typing=typing, failed=failed)
    return render(
        request,
        "coordinator/case.jinja",
        status=422 if failed else 200,
        service=service,
        title=f"{screen.patient}, {screen.reference}",
        screen=screen,
        errors=bool(failed),
        failed=screen.forms.get(failed),
    )
