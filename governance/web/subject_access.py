"""The lead's pages for a person's own record: a copy of everything held, and corrections by addendum."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from accounts.web.second_step import proved
from governance.subject_access import make_copy
from governance.web.case_choice import choose_case
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import now
from ledger.read import of_case
from referrals.case.line_words import title_of
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.usecases.add_addendum import add_addendum
from referrals.web.documents import download
from referrals.web.purpose import ask_purpose, purpose_of
from webkit.fields import Area, Choice
from webkit.forms import Fields, PlainForm


@never_cache
@only(Role.LEAD)
def choose(request: HttpRequest) -> HttpResponse:
    """Ask for the reference of a case of the person."""
    return choose_case(request, title="A patient's copy of their record", then="subject_access")


@never_cache
@only(Role.LEAD)
@proved
def subject_access(request: HttpRequest, reference: str) -> HttpResponse:
    """The copy as a file to save, and the form of an addendum to an entry that is wrong. The page names no patient."""
    by = actor_of(request)
    case = find(reference, by=by)
    if not purpose_of(request, case.reference):
        return ask_purpose(request, case.reference)
    form = PlainForm.sent(request, fields=_fields(case))
    if request.method == "POST":
        if request.POST.get("act") == "copy":
            content = make_copy(case.reference, by=by, at=now())
            return download(content, "application/zip", f"{case.reference}-copy.zip")
        try:
            add_addendum(case.reference, about=_about(form), text=form.text("text"), by=by, at=now())
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, "Added. The original entry stays, with this beside it")
            return redirect(request.path)
    return render(
        request,
        "governance/subject-access.jinja",
        status=form.status,
        title=f"The patient's copy of {case.reference}",
        reference=case.reference,
        **form.screen,
    )


def _about(form: PlainForm) -> int:
    text = form.text("about")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _fields(case: Referral) -> Fields:
    """Every act of a person on the case, the newest first, and the words that put it right."""
    acts = [entry for entry in of_case(case.pk) if entry.actor.startswith(("user:", "client:"))]
    entries = {str(entry.number): f"Line {entry.number}: {title_of(entry)}" for entry in reversed(acts)}
    return {
        "about": Choice("Which entry is wrong", {"": "Choose", **entries}, kind="select"),
        "text": Area("What is right, and who says so", rows=3),
    }
