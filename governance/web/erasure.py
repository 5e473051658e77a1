"""The lead's page to erase a person's identity by law. It names no patient."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from accounts.web.second_step import proved
from governance.audit_words import ERASED_BECAUSE
from governance.erasure import erase_person
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import now
from referrals.case.queries import find
from referrals.web.purpose import purposed
from webkit.fields import Choice, Text
from webkit.forms import PlainForm


@never_cache
@only(Role.LEAD)
@proved
@purposed
def erasure(request: HttpRequest, reference: str) -> HttpResponse:
    """What is erased and what stays, and the form with the lawful reason."""
    by = actor_of(request)
    case = find(reference, by=by)
    fields = {
        "because": Choice(
            "Why the law asks for it", {code: words.capitalize() for code, words in ERASED_BECAUSE.items()}
        ),
        "confirmed": Text("Type the reference of the case, to be sure", width="10"),
    }
    form = PlainForm.sent(request, fields=fields)
    if request.method == "POST":
        typed = form.texts("because", "confirmed")
        try:
            cases = erase_person(
                case.reference, because=typed["because"], confirmed=typed["confirmed"], by=by, at=now()
            )
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, f"Erased on {', '.join(each.reference for each in cases)}")
            return redirect(request.path)
    return render(
        request,
        "governance/erasure.jinja",
        status=form.status,
        title=f"Erase the person’s identity from {case.reference}",
        reference=case.reference,
        **form.screen,
    )
