"""The lead's queue of records that somebody opened with a reason, and the review of one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from governance.access_log import record_audit_view
from governance.openings import case_of, line_at, lines
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound
from kernel.time import now
from ledger.read import Search
from referrals.usecases.open_record import review_opening
from webkit.fields import Area, Choice
from webkit.forms import PlainForm

VERDICTS = {"yes": "Justified", "no": "Not justified"}


@never_cache
@only(Role.LEAD)
def openings(request: HttpRequest) -> HttpResponse:
    """What waits for review, then what was reviewed. No patient is named."""
    waiting, done = lines(reviewed=False), lines(reviewed=True)
    record_audit_view(Search(), lines=len(waiting) + len(done), by=actor_of(request), at=now())
    return render(
        request,
        "governance/openings.jinja",
        title="Records opened with a reason",
        groups=[("To review", waiting), ("Reviewed", done)],
    )


@never_cache
@only(Role.LEAD)
def opening(request: HttpRequest, number: int) -> HttpResponse:
    """One opening: who, whose, why, when, and what they did; the lead marks it as justified or not."""
    actor, at = actor_of(request), now()
    opening = line_at(number)
    if opening is None:
        raise NotFound("There is no such opening")
    line, deeds = opening
    form = PlainForm.sent(
        request,
        fields={
            "justified": Choice("Was it justified?", VERDICTS, required="Choose"),
            "text": Area("In a sentence", rows=3),
        },
    )
    if request.method == "POST":
        try:
            values = form.values()
            if values["justified"] not in VERDICTS:
                raise Invalid("Choose", errors={"justified": ["Choose"]})
            justified = values["justified"] == "yes"
            review_opening(number, justified=justified, text=values["text"] or "", by=actor, at=at)
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, "Reviewed")
            return redirect("openings")
    record_audit_view(Search(case=case_of(number)), lines=len(deeds), by=actor, at=at)
    return render(
        request,
        "governance/opening.jinja",
        status=form.status,
        title=f"{line.reference}, opened by {line.who}",
        line=line,
        deeds=deeds,
        **form.screen,
    )
