"""The downtime pack, for every signed-in user."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, refuse_unconfirmed
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Denied, NotFound
from kernel.time import in_words, now
from referrals.case.reads import newest_pack
from referrals.correspondence.downtime import make_pack
from referrals.web.documents import download

MAKERS = (Role.COORDINATOR, Role.LEAD, Role.ADMINISTRATOR)


@never_cache
@login_required
def downtime(request: HttpRequest) -> HttpResponse:
    """When the newest pack was made, and a button to make it now."""
    by, at = actor_of(request), now()
    if request.method == "POST":
        if by.role not in MAKERS:
            raise Denied("Only a coordinator, the lead or an administrator can make the pack")
        make_pack(by=by, at=at)
        messages.success(request, "The pack is made from the current rota. Print it")
        return redirect("downtime")
    newest = newest_pack(with_content=False)
    return render(
        request,
        "oncall/downtime.jinja",
        title="When the software is down",
        made=in_words(newest.made_at) if newest else "",
        may_make=by.role in MAKERS,
        may_enter=by.role == Role.COORDINATOR,
    )


@never_cache
@login_required
def pack(request: HttpRequest) -> HttpResponse:
    """The newest pack as PDF."""
    refuse_unconfirmed(actor_of(request))
    newest = newest_pack(with_content=True)
    if newest is None:
        raise NotFound("No downtime pack has been made yet")
    return download(bytes(newest.content), "application/pdf", "downtime-pack.pdf")
