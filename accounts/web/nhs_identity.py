"""Sign-in by NHS identity: to the provider and back, the choice of a role, and sign-outs that the provider reports."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.line_facts import SignedIn, SignInFailed
from accounts.nhs_identity import departure, journey, links, own_key, provider
from accounts.nhs_identity.claims import HeldRole
from accounts.nhs_identity.journey import MOST_OPEN, Away, Insufficient, Person, Question, Refused
from accounts.nhs_identity.links import Choice
from accounts.open_sessions import Proof
from accounts.second_factors import record_confirmed
from accounts.sign_in import record_refused
from accounts.step_up import note_proof
from accounts.web.actor import user_of
from accounts.web.entry import provider_proof
from accounts.web.page import render
from accounts.web.second_step import page_of_ours, signed_in
from kernel.refusals import Denied, Malformed, NotFound, Refusal
from kernel.time import from_rfc3339, now, rfc3339
from webkit.fields import Choice as Choices
from webkit.forms import PlainForm

SIGN_IN, CONFIRM, INVITED = "sign_in", "confirm", "invited"
QUESTIONS, ROLES, INVITATION, ASK_AGAIN = "nhs_questions", "nhs_roles", "nhs_invitation", "nhs_ask_again"
NOT_BELIEVED = (
    "The sign-in could not be checked. Begin again; if it happens twice, ring the service administrator"
)
AWAY = "The NHS identity service does not answer now. Sign in with your user name and password"
log = structlog.get_logger(__name__)


def where_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A decorator for addresses that exist only where a provider is set up."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not provider.is_on():
            raise NotFound("This service has no sign-in by NHS identity")
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@where_on
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """To the provider: to sign in, to confirm who one is, or to accept an invitation.

    A locked session, a proof before an act, and a browser in which somebody has signed out ask for the proof again.
    """
    purpose = request.GET.get("for", SIGN_IN)
    if purpose not in (SIGN_IN, CONFIRM, INVITED) or (
        purpose == CONFIRM and not request.user.is_authenticated
    ):
        raise Malformed("Begin again at the sign-in page")
    again = request.user.is_authenticated or bool(request.session.get(ASK_AGAIN))
    try:
        address, state, question = journey.ask(
            purpose=purpose, wanted=page_of_ours(request), again=again, at=now()
        )
    except Away as away:
        return _away(request, away)
    questions = list(request.session.get(QUESTIONS, {}).items())[1 - MOST_OPEN :]
    request.session[QUESTIONS] = {**dict(questions), state: question}
    return redirect(address)


@never_cache
@where_on
@require_GET
def answer(request: HttpRequest) -> HttpResponse:
    """Back from the provider. An answer to no question of this browser is refused, and each question is answered once."""
    questions, at = request.session.get(QUESTIONS, {}), now()
    question: Question | None = questions.pop(request.GET.get("state", ""), None)
    request.session[QUESTIONS] = questions
    if question is None or journey.is_over(question, at=at):
        return _refused(request, Denied(NOT_BELIEVED), why="no question")
    try:
        person = journey.answer(request.GET.dict(), question, at=at)
        if question["purpose"] == CONFIRM:
            return _confirmed(request, person, question)
        if question["purpose"] == INVITED:
            return _invited(request, person)
        return _arrived(request, person, question)
    except Away as away:
        return _away(request, away)
    except Refused as refused:
        log.warning("nhs_identity_refused", why=str(refused))
        return _refused(request, Denied(NOT_BELIEVED), why="not believed")
    except Insufficient as refusal:
        return _refused(request, refusal, why="assurance")
    except Refusal as refusal:
        return _refused(request, refusal, why="no account")


def _arrived(request: HttpRequest, person: Person, question: Question) -> HttpResponse:
    """Sign the person in, or ask for the role."""
    if person.roles is None:
        raise Denied(
            "Your NHS identity came without its roles, so nothing was opened. Ask the service administrator"
        )
    choices = links.arrive(person.uid, person.roles, at=now())
    if not choices:
        held = "; ".join(role.words for role in person.roles[:8]) or "none"
        raise Denied(
            f"None of your NHS roles opens your account here. They are: {held}. Ask the service administrator"
        )
    if len(choices) == 1:
        return _enter(request, person, choices[0], question["wanted"])
    request.session[ROLES] = {
        "person": {
            "subject": person.subject,
            "uid": person.uid,
            "session": person.session,
            "assurance": person.assurance,
        },
        "choices": [_stored(choice) for choice in choices],
        "wanted": question["wanted"],
        "began": rfc3339(now()),
    }
    return redirect("nhs_role")


@never_cache
@where_on
def role(request: HttpRequest) -> HttpResponse:
    """Ask which of the person's roles this session is for."""
    pending = request.session.get(ROLES)
    if pending is None or (now() - from_rfc3339(pending["began"])).total_seconds() > journey.LASTS:
        request.session.pop(ROLES, None)
        return redirect("sign_in")
    choices = {str(row["number"]): _choice(row) for row in pending["choices"]}
    options = {number: f"{choice.words}: {choice.held.words}" for number, choice in choices.items()}
    form = PlainForm.sent(request, fields={"role": Choices("Which role are you working in now?", options)})
    if request.method == "POST":
        choice = choices.get(form.text("role"))
        if choice is not None:
            del request.session[ROLES]
            return _enter(
                request, Person(roles=None, **pending["person"]), choice, ours(request, pending["wanted"])
            )
        form.refuse({"role": ["Choose the role you are working in now"]})
    return render(
        request,
        "accounts/nhs-role.jinja",
        status=form.status,
        title="Choose your role",
        **form.screen,
    )


def ours(request: HttpRequest, address: str) -> str:
    """An address if it is of this service, otherwise ""."""
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}) else ""


def _stored(choice: Choice) -> dict[str, Any]:
    held = choice.held
    return {
        "number": choice.number,
        "words": choice.words,
        "held": {"code": held.code, "name": held.name, "organisation": held.organisation},
    }


def _choice(row: Any) -> Choice:
    return Choice(number=row["number"], words=row["words"], held=HeldRole(**row["held"]))


def _enter(request: HttpRequest, person: Person, choice: Choice, wanted: str) -> HttpResponse:
    user = links.account_with(person.uid, choice.number)
    if user is None:
        raise Denied("This account or its NHS role has ended. Ask the service administrator")
    request.session.pop(ASK_AGAIN, None)
    words = f"NHS identity, {person.assurance}, role {choice.held.words}"
    return signed_in(
        request,
        user,
        wanted,
        way="nhs_identity",
        proof=Proof(subject=person.subject, session=person.session, words=words),
        about=SignedIn(
            assurance=person.assurance, role=choice.held.code, organisation=choice.held.organisation
        ),
    )


def _confirmed(request: HttpRequest, person: Person, question: Question) -> HttpResponse:
    """The same person has just proved again who they are."""
    proof = provider_proof(request) if request.user.is_authenticated else None
    if proof is None or proof.subject != person.subject:
        raise Denied("Somebody else confirmed who they are. Nothing was confirmed: begin again")
    note_proof(request, at=now())
    record_confirmed(user_of(request), at=now())
    return redirect(question["wanted"] or "home")


def _invited(request: HttpRequest, person: Person) -> HttpResponse:
    token = request.session.pop(INVITATION, "")
    choice = links.accept_by_invitation(str(token), person.uid, person.roles or (), at=now())
    return _enter(request, person, choice, "")


def _refused(request: HttpRequest, refusal: Refusal, *, why: str) -> HttpResponse:
    record_refused(about=SignInFailed(way="nhs_identity", why=why), at=now())
    is_in = request.user.is_authenticated
    return render(
        request,
        "accounts/nhs-refused.jinja",
        status=403,
        title="Nothing was confirmed" if is_in else "You are not signed in",
        sentence=refusal.sentence,
        again=f"{reverse('nhs_identity')}?{urlencode({'for': CONFIRM if is_in else SIGN_IN})}",
    )


def _away(request: HttpRequest, away: Away) -> HttpResponse:
    log.warning("nhs_identity_away", why=str(away))
    return render(
        request,
        "accounts/nhs-refused.jinja",
        status=503,
        title="The NHS identity service does not answer",
        sentence=AWAY,
        again="",
    )


@csrf_exempt
@never_cache
@where_on
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """The provider's own call: somebody has signed out there (OpenID Connect Back-Channel Logout 1.0)."""
    try:
        ended = departure.depart(request.POST.get("logout_token", ""), at=now())
    except Refused as refused:
        log.warning("logout_token_refused", why=str(refused))
        return JsonResponse({"error": "invalid_request"}, status=400)
    except Away as away:
        log.warning("nhs_identity_away", why=str(away))
        return JsonResponse({"error": "temporarily_unavailable"}, status=503)
    log.info("nhs_identity_left", sessions=ended)
    return HttpResponse(status=200)


@where_on
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """The public key with which this service proves itself to the provider."""
    return JsonResponse(own_key.public_keys(settings.ENVIRONMENT.oidc_key))
