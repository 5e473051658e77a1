"""Importing a rota: the page shows the changes first, and takes exactly those."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.refusals import Errors, Invalid, OutOfTurn
from kernel.time import now
from oncall.reach import reach_of
from oncall.roster import unreached_words
from oncall.rota_file import import_rota, read_rota, text_of
from oncall.web.rota import PLANNERS, rota_page
from webkit.attempt import Attempt


@never_cache
@only(*PLANNERS)
def load(request: HttpRequest) -> HttpResponse:
    """Compare a file with the rota, then take it. With any wrong line nothing is taken, and each is named."""
    if request.method != "POST":
        return redirect("on_call")
    seal, at = request.POST.get("seen", ""), now()
    errors: Errors = {}
    try:
        upload = request.FILES.get("file")
        text = text_of(upload.read()) if upload else request.POST.get("csv", "")
    except Invalid as invalid:
        return _refused(request, request.POST.get("csv", ""), invalid)
    try:
        if seal:
            number = import_rota(
                text, seal=seal, sure=bool(request.POST.get("sure")), by=actor_of(request), at=at
            )
            messages.success(request, f"{number} {'shift' if number == 1 else 'shifts'} imported")
            return redirect("on_call")
    except OutOfTurn as refusal:
        errors = {"rota": [refusal.sentence]}
    except Invalid as invalid:
        if "sure" not in invalid.errors:
            return _refused(request, text, invalid)
        errors = invalid.errors
    return _comparison(request, text, errors)


def _refused(request: HttpRequest, text: str, invalid: Invalid) -> HttpResponse:
    """The page of the rota with what was read, pasted or from a file, to be corrected there."""
    why = {"csv": ["; ".join(invalid.errors["file"])]}
    return rota_page(request, Attempt(form="import", typed={"csv": [text]}, errors=why))


def _comparison(request: HttpRequest, text: str, errors: Errors) -> HttpResponse:
    """The page of the changes that a file would make."""
    try:
        file = read_rota(text, at=now())
    except Invalid as invalid:
        return _refused(request, text, invalid)
    reach = reach_of(file.holders)
    return render(
        request,
        "oncall/import.jinja",
        status=422 if errors else 200,
        title="Import a rota",
        file=file,
        text=text,
        unreached=[unreached_words(person) for person in file.holders if not reach.is_reached(person)],
        errors=errors,
        problems=[(why, f"#{field}") for field, texts in errors.items() for why in texts],
    )
