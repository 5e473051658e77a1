"""The page behind the link in a page: no sign-in, no patient, one button."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.web.page import render
from kernel import telephone
from kernel.refusals import Invalid
from kernel.time import now
from oncall.clocks import colleague_asked, of_case, time_left
from oncall.contact_methods import prove
from oncall.kinds import ClockKind
from oncall.models import Clock, Page
from oncall.page_links import page_of
from oncall.ways import CHANNEL_WORDS
from referrals.case.models import Referral
from referrals.intake.codes import LEASE_REASONS
from referrals.usecases.answer_hand_on import answer_hand_on_page
from referrals.usecases.answer_page import answer_page, why_stopped
from referrals.usecases.extend_lease import extend_lease_by_page
from webkit.fields import Choice, Text
from webkit.forms import Fields, Form, PlainForm


@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Following the link changes nothing: mail scanners follow links too. The button answers."""
    page = page_of(token)
    if page.clock is None:
        return _test_page(request, page)
    if colleague_asked(page.clock) == page.recipient_id:
        return _hand_on(request, token, page, page.clock)
    form = PlainForm.sent(request, fields=_answering(page.recipient.name))
    case, extended = None, bool(request.POST.get("reason"))
    if request.method == "POST":
        try:
            case = _extend(request, token) if extended else _answer(form, token)
        except Invalid as invalid:
            form.refuse(invalid.errors)
    return render(
        request,
        "oncall/answer.jinja",
        status=form.status,
        title="Acknowledge",
        reference=page.clock.reference,
        stream=page.clock.stream,
        left=time_left(page.clock, at=now()) if page.clock.stopped_at is None else "",
        stopped="" if case or form.status != 200 else why_stopped(page),
        person=page.recipient.name,
        answered=page.answered_at is not None,
        callback=telephone.read(case.referrer["callback_number"] or "") if case else None,
        done=case is not None,
        extended=extended,
        leased=case is not None and any(c.kind == ClockKind.TRIAGE_DECISION for c in of_case(case.pk)),
        reasons=list(LEASE_REASONS.items()),
        **form.screen,
    )


def _answering(person: str) -> Fields:
    who = {"me": f"{person}, who was paged", "other": "Somebody else, on their behalf"}
    return {
        "who": Choice("Who are you?", who, initial="me", small=False, by_code="every"),
        "name": Text("Your name, if you are somebody else", width="two-thirds", autocomplete="name"),
    }


def _answer(form: Form, token: str) -> Referral:
    """A name is read only if the form says that somebody else answers."""
    other, name = form.text("who") == "other", form.text("name").strip()
    if other and not name:
        raise Invalid("The name is missing", errors={"name": ["Enter your name"]})
    if name and not other:
        why = "Choose “Somebody else”, or clear the name"
        raise Invalid("It is not clear who you are", errors={"name": [why]})
    return answer_page(token, somebody_else=name, at=now())


def _extend(request: HttpRequest, token: str) -> Referral:
    return extend_lease_by_page(token, reason=request.POST.get("reason", ""), at=now())


DECLINING = {"text": Text("Why you cannot take it", width="full")}


def _hand_on(request: HttpRequest, token: str, page: Page, clock: Clock) -> HttpResponse:
    """A colleague accepts a case or declines it, with the reason."""
    form = PlainForm.sent(request, fields=DECLINING)
    done, accepts = "", request.POST.get("answer") == "accept"
    if request.method == "POST":
        try:
            answer_hand_on_page(
                token,
                accepts=accepts,
                text=form.text("text"),
                at=now(),
                service=services.current(),
            )
            done = "accepted" if accepts else "declined"
        except Invalid as invalid:
            form.refuse(invalid.errors)
    return render(
        request,
        "oncall/hand-on.jinja",
        status=form.status,
        title="Take a case",
        reference=clock.reference,
        stream=clock.stream,
        about=clock.about,
        left=time_left(clock, at=now()),
        answered=clock.stopped_at is not None and not done,
        done=done,
        **form.screen,
    )


def _test_page(request: HttpRequest, page: Page) -> HttpResponse:
    done = page.answered_at is not None
    if request.method == "POST" and not done:
        prove(page, at=now())
        done = True
    return render(
        request,
        "oncall/test-page.jinja",
        title="Test page",
        person=page.recipient.name,
        channel=CHANNEL_WORDS[page.channel].lower(),
        done=done,
    )
