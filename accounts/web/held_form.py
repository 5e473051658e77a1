"""A form that cannot be sent without a new sign-in: a page holds its content, to send it again."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from accounts.web.page import render

NEVER_HELD = frozenset({"csrfmiddlewaretoken", "revision"})


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """The answer for a person who is not signed in: a sign-in page, without losing a form they sent."""
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=401)
    if request.method == "POST" and can_be_held(request):
        return held_page(request)
    return redirect_to_login(request.get_full_path())


def can_be_held(request: HttpRequest) -> bool:
    """Whether the form came from a page of this service and holds no password and no file.

    The browser must name the origin of the form; a request without it is not trusted.
    """
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    return ours and not request.FILES and not any("password" in name for name in request.POST)


def held_page(request: HttpRequest) -> HttpResponse:
    """The content of the form, with a new token and a button that sends it again."""
    values = [
        (name, value) for name, values in request.POST.lists() if name not in NEVER_HELD for value in values
    ]
    return render(
        request,
        "errors/form-held.jinja",
        status=403,
        title="This was not sent yet",
        typed=values,
        address=request.get_full_path(),
    )
