"""A form that cannot be sent as the sign-in stands: what was typed is held on a page, to be sent again."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from accounts.web.page import render

NEVER_HELD = frozenset({"csrfmiddlewaretoken", "revision"})


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """What somebody who is not signed in gets instead of a page: a sign-in, and what they typed is not lost."""
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=401)
    if request.method == "POST" and can_be_held(request):
        return held_page(request)
    return redirect_to_login(request.get_full_path())


def can_be_held(request: HttpRequest) -> bool:
    """Whether this came from a page of ours, and may stand on another: no password and no file does.

    A browser says from which address a form was sent; one that does not is not believed.
    """
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    return ours and not request.FILES and not any("password" in name for name in request.POST)


def held_page(request: HttpRequest) -> HttpResponse:
    """Everything that was typed, with a new form token and a button that sends it again."""
    typed = [
        (name, value) for name, values in request.POST.lists() if name not in NEVER_HELD for value in values
    ]
    return render(
        request,
        "errors/form-held.jinja",
        status=403,
        title="This was not sent yet",
        typed=typed,
        address=request.get_full_path(),
    )
