"""The pages to open somebody else's record with a reason, and to restrict a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import attempts
from accounts.names import names_of
from accounts.web.actor import actor_of, only
from accounts.web.page import note_opened, render
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, Malformed, NotFound
from kernel.time import in_words, now
from referrals.case.openings import REASONS, is_closed_to, restriction_of
from referrals.case.queries import find
from referrals.usecases.open_record import AlreadyYours, Sought, open_record, record_miss
from referrals.usecases.restrict_record import lift_restriction, name_person, restrict_record, unname_person
from webkit.fields import Area, Birth, Choice, Text
from webkit.forms import PlainForm

MOST_SOUGHT = 10  # records that one person looks for in a quarter of an hour, found or not
PAGE_OF = {
    Role.REFERRER: "referral",
    Role.MDT_MEMBER: "mdt_case",
    Role.COORDINATOR: "case",
    Role.LEAD: "case",
}


@never_cache
@only(*PAGE_OF)
def open_page(request: HttpRequest) -> HttpResponse:
    """Ask for the record and the reason, then open it for an hour."""
    by = actor_of(request)
    form = PlainForm.sent(request, fields=_fields(), initial={"reference": request.GET.get("case", "")[:20]})
    if request.method == "POST":
        try:
            reference = _opened(request, form, by=by)
        except AlreadyYours as own:
            return redirect(PAGE_OF[by.role], own.reference)
        except Invalid as invalid:
            form.refuse(invalid.errors or {"reference": [invalid.sentence]})
        except NotFound as missing:
            form.refuse({"reference": [missing.sentence]})
        else:
            return redirect(PAGE_OF[by.role], reference)
    title = "Open a record that is not yours"
    return render(request, "access/open.jinja", status=form.status, title=title, **form.screen)


def _fields() -> dict[str, Any]:
    return {
        "reference": Text(
            "Reference of the case", hint="If you do not have it, enter the two below", width="10"
        ),
        "nhs_number": Text("NHS number", width="10"),
        "born": Birth("Date of birth"),
        "reason": Choice("Why you need it", REASONS),
        "text": Area("In a sentence", hint="The lead reads this. Do not name the patient", rows=3),
    }


def _opened(request: HttpRequest, form: PlainForm, *, by: Actor) -> str:
    """Open the record, and return its reference."""
    if attempts.count(sought_by := f"sought:{by.key}") >= MOST_SOUGHT:
        raise Denied(
            f"You have looked for {MOST_SOUGHT} records in a quarter of an hour. Wait, or ring the coordinator, who can open it now"
        )
    values, at = form.values(), now()
    born = values["born"]
    sought = Sought(
        reference=values["reference"] or "",
        nhs_number=values["nhs_number"] or "",
        born=date.fromisoformat(born) if born else None,
    )
    try:
        row = open_record(sought, reason=values["reason"] or "", text=values["text"] or "", by=by, at=at)
    except NotFound:
        attempts.count_one_more(sought_by)
        record_miss(sought, by=by, at=at)
        raise
    attempts.count_one_more(sought_by)
    note_opened(request, row.referral.reference, until=row.until)
    return row.referral.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionScreen:
    """The restriction of a record: since when, by whom, why, and who is named."""

    since: str
    by: str
    why: str
    other: str  # the referral of the same person that was restricted, if it was not this one
    named: Sequence[tuple[str, str]]


TEXT = Area("Why", hint="Such as: works on the ward where the patient would be seen", rows=3)
USERNAME = Text("The name with which this person signs in")


@never_cache
@only(Role.COORDINATOR, Role.LEAD)
def restriction(request: HttpRequest, reference: str) -> HttpResponse:
    """Restrict a record, name people who see it, or end the restriction. The page names no patient."""
    by = actor_of(request)
    case = find(reference, by=by)
    back = reverse("case", args=[case.reference])
    form = PlainForm.sent(request, fields={"text": TEXT, "username": USERNAME})
    if request.method == "POST":
        try:
            messages.success(request, _changed(request, form, case.reference, by=by))
        except Invalid as invalid:
            form.refuse(invalid.errors)
        else:
            return redirect(request.path)
    row = restriction_of(case)
    if row is not None and is_closed_to(row.referral_id, by=by):
        return render(
            request, "access/restricted-person.jinja", title=f"Who sees {case.reference}", back=back
        )
    names = names_of(row.named) if row else {}
    return render(
        request,
        "access/restriction.jinja",
        status=form.status,
        title=f"Who sees {case.reference}",
        screen=RestrictionScreen(
            since=in_words(row.at),
            by=row.by_name,
            why=row.note.text,
            other=row.referral.reference if row.referral_id != case.pk else "",
            named=[(key, names[key]) for key in row.named],
        )
        if row
        else None,
        text=form.input("text"),
        username=form.input("username"),
        errors=form.refusals,
        problems=form.problems,
        back=back,
    )


def _changed(request: HttpRequest, form: PlainForm, reference: str, *, by: Actor) -> str:
    """Do one act of the page, and say what was done."""
    act, at = request.POST.get("act", ""), now()
    if act == "restrict":
        restrict_record(reference, text=form.text("text"), by=by, at=at)
        return "The record is restricted"
    if act == "lift":
        lift_restriction(reference, text=form.text("text"), by=by, at=at)
        return "The record is no longer restricted"
    if act == "name":
        name_person(reference, username=form.text("username"), by=by, at=at)
        return "This person is named: they see the record wherever their role shows them cases"
    if act == "unname":
        unname_person(reference, key=request.POST.get("key", ""), by=by, at=at)
        return "This person is removed"
    raise Malformed("Choose what to do")
