"""The pages of incidents: the form, open to everybody who is signed in, the list, and one with its investigation."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from governance.access_log import record_audit_view
from governance.incident_codes import CLOSED, HARM, INCIDENT_KINDS, INVESTIGATED, STATES
from governance.incidents import IncidentLine, Report, incident_at, investigate, report_incident
from governance.incidents import incidents as incidents_of
from kernel.actors import Role
from kernel.refusals import Errors, Invalid, OutOfTurn
from kernel.time import from_rfc3339, now
from ledger.read import Search
from webkit.fields import Area, Choice, PickedMoment, Text
from webkit.forms import PlainForm

SIGNED_IN = (Role.REFERRER, Role.COORDINATOR, Role.MDT_MEMBER, Role.LEAD, Role.ADMINISTRATOR)


@never_cache
@only(*SIGNED_IN)
def incidents(request: HttpRequest) -> HttpResponse:
    """All incidents for the lead, whose look is recorded; their own for everybody else."""
    by = actor_of(request)
    found = incidents_of(by=by)
    is_lead = by.role == Role.LEAD
    if is_lead:
        record_audit_view(Search(), lines=len(found.open) + len(found.closed), by=by, at=now())
    return render(
        request,
        "governance/incidents.jinja",
        title="Incidents" if is_lead else "Incidents that you reported",
        groups=[("Open", found.open), ("Closed", found.closed)],
        all_closed=found.all_closed,
        is_lead=is_lead,
    )


@never_cache
@only(*SIGNED_IN)
def report(request: HttpRequest) -> HttpResponse:
    """The form of an incident. `case` in the address fills in the reference."""
    form = PlainForm.sent(
        request,
        fields={
            "case": Text(
                "Reference of the case",
                hint="If it is about a patient, and you know it",
                width="10",
                initial=request.GET.get("case", "")[:20],
                spellcheck=False,
            ),
            "happened_at": PickedMoment("When it happened", required="Enter when it happened"),
            "kind": Choice(
                "What went wrong", INCIDENT_KINDS, required="Choose what went wrong", kind="select"
            ),
            "harm": Choice("Harm to the patient", HARM, required="Choose how much harm it did"),
            "text": Area(
                "What happened",
                hint="Facts, in the order in which they happened. Name no patient: the reference is enough",
                rows=6,
            ),
            "done_at_once": Area("Immediate action", hint="Leave it empty if there was none", rows=3),
        },
    )
    if request.method == "POST":
        typed, wrong = _typed(form)
        try:
            row = report_incident(typed, act=act_of(request))
        except Invalid as invalid:
            form.refuse({**invalid.errors, **wrong})
        else:
            messages.success(request, f"Reported as incident {row.pk}. The lead reads it")
            return redirect("incident", row.pk)
    return render(
        request,
        "governance/report-incident.jinja",
        status=form.status,
        title="Report an incident",
        **form.screen,
    )


def _typed(form: PlainForm) -> tuple[Report, Errors]:
    """The report as it was typed, and what is wrong with its shape; the use case refuses an instant that cannot be read."""
    wrong: Errors = {}
    try:
        form.values()
    except Invalid as invalid:
        wrong = invalid.errors
    happened = form.cleaned_data.get("happened_at")
    report = Report(
        reference=form.text("case"),
        happened_at=from_rfc3339(happened) if happened else None,
        **form.texts("kind", "harm", "text", "done_at_once"),
    )
    return report, wrong


@never_cache
@only(*SIGNED_IN)
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """One incident and its investigation, which the lead carries on here. Whoever reported it reads what came of it."""
    act = act_of(request)
    line = incident_at(number, by=act.by)
    is_lead = act.by.role == Role.LEAD
    form = PlainForm.sent(request, fields=_step_fields(line))
    refusal = ""
    if request.method == "POST":
        typed = form.texts("state", "harm", "text")
        try:
            investigate(number, **typed, seen=_number(form.text("seen")), act=act)
        except Invalid as invalid:
            form.refuse(invalid.errors)
        except OutOfTurn as late:
            refusal = str(late)
        else:
            messages.success(request, "Saved")
            return redirect("incident", number)
    if is_lead:
        record_audit_view(Search(), lines=1, by=act.by, at=act.at)
    return render(
        request,
        "governance/incident.jinja",
        status=409 if refusal else form.status,
        title=f"Incident {line.number}: {line.kind}",
        line=line,
        is_lead=is_lead,
        refusal=refusal,
        **form.screen,
    )


def _step_fields(line: IncidentLine) -> dict[str, Any]:
    states = {code: STATES[code] for code in (INVESTIGATED, CLOSED)}
    return {
        "text": Area("What you found out or did", hint="The person who reported it reads this", rows=4),
        "harm": Choice("Harm, as you judge it now", HARM, kind="select", initial=line.harm_code),
        "state": Choice("The incident is", states, initial=INVESTIGATED),
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
