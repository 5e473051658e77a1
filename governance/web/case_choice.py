"""The page on which the lead names a case by its reference, before a page about that case."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.web.page import render
from kernel.identifiers import Reference


def choose_case(request: HttpRequest, *, title: str, then: str) -> HttpResponse:
    """Ask for the reference of a case, then go on to the page named `then`; 422 without a valid one."""
    typed, error = request.GET.get("case", "").strip(), ""
    if typed:
        try:
            return redirect(then, str(Reference.read(typed)))
        except ValueError as problem:
            error = str(problem)
    elif "case" in request.GET:
        error = "Enter the reference of a case, such as MSCC-7K3QF-X"
    return render(
        request,
        "governance/readers-of.jinja",
        status=422 if error else 200,
        title=title,
        typed=typed,
        error=error,
        errors={"case": [error]} if error else {},
        problems=[(error, "#case")] if error else [],
    )
