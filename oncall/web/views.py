"""A person's own pages, the runbooks, and the demo's mailbox."""

from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, user_of
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Denied, NotFound
from kernel.time import now
from oncall.inbox import alarms_of, pages_of

NEWEST = 50


@never_cache
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """The pages of the signed-in person. Everybody with a duty is paged, in any role."""
    actor, at = actor_of(request), now()
    if actor.role not in (Role.COORDINATOR, Role.LEAD) and not user_of(request).duties:
        raise Denied("Nobody is paged without a duty. If you hold one, ask the service administrator")
    person = actor.user_id or 0
    before = request.GET.get("before", "")
    pages, older = pages_of(
        person, before=int(before) if before.isdecimal() and len(before) < 18 else 0, at=at
    )
    return render(
        request,
        "oncall/inbox.jinja",
        title="Your pages",
        waiting=[line for line in pages if not line.is_done],
        done=[line for line in pages if line.is_done],
        older=older,
        alarms=alarms_of(person, at=at),
    )


def runbook(request: HttpRequest, name: str) -> HttpResponse:
    """The runbook of an alarm; open without a sign-in, for everybody who was paged."""
    paths = (settings.ROOT / "docs" / "runbooks").glob("*.md")
    path = next((path for path in paths if path.stem == name), None)
    if path is None:
        raise NotFound("There is no such runbook")
    title, _, text = path.read_text().partition("\n")
    return render(request, "oncall/runbook.jinja", title=title.lstrip("# "), text=text.strip())


@never_cache
@login_required
def mailbox(request: HttpRequest) -> HttpResponse:
    """The e-mails of the demo, which go into a folder, not to people."""
    if not (settings.DEMO and settings.ENVIRONMENT.email_folder):
        raise NotFound("There is no such page")
    folder = Path(settings.ENVIRONMENT.email_folder)
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)[:NEWEST]
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    rows = [
        {
            "to": letter["To"],
            "subject": letter["Subject"],
            "date": letter["Date"],
            "text": letter.get_content(),
        }
        for letter in letters
    ]
    return render(request, "oncall/mailbox.jinja", title="Mailbox of the demo", letters=rows)
