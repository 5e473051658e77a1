"""Files and letters of a case: added, downloaded, verified. Nothing is ever shown from our own address."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid, NotFound, OutOfTurn
from kernel.time import in_words, now
from ledger.kinds import Kind
from referrals.case import policy
from referrals.case.access_log import record_view
from referrals.case.models import Attachment
from referrals.case.queries import find
from referrals.case.reads import letter_with, newest_letter_like
from referrals.case.states import Action
from referrals.correspondence.files import ACCEPTED, LARGEST, has_scanner, read_file
from referrals.correspondence.letters import pdf_of
from referrals.usecases.add_attachment import add_attachment
from referrals.usecases.issue_letter import record_reading
from webkit.fields import Text
from webkit.forms import PlainForm

SIDES = (Role.REFERRER, Role.COORDINATOR)


@never_cache
@only(*SIDES)
def attach(request: HttpRequest, reference: str) -> HttpResponse:
    """Add one file."""
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    policy.refuse_unless_allowed(by, Action.ATTACH, case)
    back = reverse("case" if by.role == Role.COORDINATOR else "referral", args=[case.reference])
    errors: Mapping[str, Sequence[str]] = {}
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise Invalid("The file is missing", errors={"file": ["Choose a file"]})
            if (upload.size or 0) > LARGEST:
                raise Invalid(
                    "Too large", errors={"file": ["This file is larger than 10 MB: send a smaller one"]}
                )
            add_attachment(reference, read_file(upload.name or "", upload.read()), by=by, at=at)
        except Invalid as invalid:
            errors = invalid.errors
        else:
            messages.success(request, "The file is saved. It can be opened once it has been scanned")
            return redirect(back + "#messages")
    return render(
        request,
        "referrer/attach.jinja",
        status=422 if errors else 200,
        title="Add a file",
        reference=case.reference,
        back=back,
        accepted=ACCEPTED,
        has_scanner=has_scanner(),
        errors=errors,
        problems=[(text, f"#{name}") for name, texts in errors.items() for text in texts],
    )


@never_cache
@only(*SIDES, Role.MDT_MEMBER)
def attachment(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Download a scanned file. A file that is still held is refused."""
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    row = case.attachments.filter(pk=number).first()
    if row is None:
        raise NotFound("There is no such file on this case")
    if row.state != Attachment.CLEAN:
        raise OutOfTurn("This file is held until a virus scanner has passed it")
    record_view(case, by=by, at=at, kind=Kind.DOCUMENT_VIEWED, part="attachment")
    return download(bytes(row.content), row.content_type, row.name)


@never_cache
@only(*SIDES, Role.MDT_MEMBER)
def letter(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """A letter as PDF. A referrer who opens it has read it."""
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    row = case.letters.select_related("referral").filter(pk=number).first()
    if row is None or (by.role == Role.REFERRER and row.kind != "advice"):
        raise NotFound("There is no such letter on this case")
    record_view(case, by=by, at=at, kind=Kind.DOCUMENT_VIEWED, part="letter")
    if by.role == Role.REFERRER:
        record_reading(reference, number, by=by, at=at)
    return download(pdf_of(row), "application/pdf", f"{case.reference}-{row.kind}-{row.version}.pdf")


def download(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to be saved, never rendered in our origin."""
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


class Verification(PlainForm):
    code = Text("Verification code")


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Whether we issued a letter and it is the newest of its kind, for anybody who holds it. Shows no patient."""
    form = Verification.sent(request)
    code = form.text("code").strip().upper().replace(" ", "-")
    row, newest = None, None
    if code:
        row = letter_with(code)
    if row is not None:
        newest = newest_letter_like(row)
    return render(
        request,
        "referrer/verify.jinja",
        title="Verify a letter",
        inputs=form.inputs,
        tried=request.method == "POST",
        letter=row,
        issued=in_words(row.at) if row else "",
        newest=newest,
        void=row is not None and row.referral.status == "entered_in_error",
    )
