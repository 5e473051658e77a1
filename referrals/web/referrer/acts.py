"""What a referrer can do after sending a referral: report worse neurology, and write."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.views.decorators.cache import never_cache

from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Denied, Invalid
from kernel.time import now
from referrals.case import policy
from referrals.case.access_log import record_view
from referrals.case.idempotency import AlreadyRecorded
from referrals.case.models import Referral
from referrals.case.queries import find, main_case_of
from referrals.case.states import Action
from referrals.case.timeline import timeline
from referrals.evidence.events import parse_event
from referrals.intake.codes import DUE_WITHIN
from referrals.usecases.record_event import record_event
from referrals.usecases.send_message import send_message
from referrals.web.form_keys import key_of, recorded_once
from referrals.web.inputs import WALKING_NOW
from referrals.web.referrer.screens import ReferralScreen, referral_screen
from referrals.web.timeline_blocks import timeline_blocks
from triage.guideline.findings import NEUROLOGY_QUESTIONS, PAIN_QUESTIONS, SADDLE_SIGNS
from webkit import drafts
from webkit.attempt import Attempt
from webkit.fields import Area, Choice, Field, Many, Moment, Text
from webkit.forms import NOTHING, Form, PlainForm
from webkit.typed import Typed, instant_of, number_of

WORSE = {q.name: q.label for q in (*NEUROLOGY_QUESTIONS, SADDLE_SIGNS)}
WORSE_PAIN = {q.name: q.label for q in PAIN_QUESTIONS}


class Worse(Form):
    """What changed and since when."""

    worse = Many("Power, feeling, walking, bladder or bowel: what is new or worse", WORSE)
    walking_now = Choice("Walking now", WALKING_NOW, kind="select")
    pain = Many("Pain: what is new or worse", WORSE_PAIN)
    occurred_at = Moment("Since when")


IN_YOUR_WORDS = {
    "text": Area("In your words", hint="Such as: could stand this morning, cannot lift the left leg now")
}


@never_cache
@only(Role.REFERRER)
def worse(request: HttpRequest, reference: str) -> HttpResponse:
    """One page: what changed and since when. It always pages again."""
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    policy.refuse_unless_allowed(
        by, Action.RECORD_EVENT if case.is_over else Action.RECORD_DETERIORATION, case
    )
    attempt = Attempt(typed=drafts.typed_at(request.user, request.path))
    if request.method == "POST":
        typed = dict(request.POST.lists())
        try:
            with recorded_once(typed, request, by=by):
                _send(reference, typed, request)
        except AlreadyRecorded as recorded:
            drafts.forget(request.user, place=request.path)
            messages.success(request, recorded.sentence)
            return redirect("referral", reference)
        except Invalid as invalid:
            attempt = Attempt(typed=typed, errors=invalid.errors)
        else:
            drafts.forget(request.user, place=request.path)
            current = main_case_of(case)
            where = (
                f" for {current.reference}, the case that continues for this person"
                if current.pk != case.pk
                else ""
            )
            messages.success(request, f"Sent. The coordinator is paged again{where}. Ring as well")
            return redirect("referral", reference)
    record_view(case, by=by, at=at)  # a refused form names the person too
    form = Worse(attempt, fields=IN_YOUR_WORDS, initial={"occurred_at": at})
    return render(
        request,
        "referrer/worse.jinja",
        status=422 if attempt.errors else 200,
        title="Neurology, walking, bladder or pain is worse",
        reference=case.reference,
        patient=case.patient.name,
        inputs=form.inputs,
        form_key=key_of(attempt.typed),
        errors=attempt.errors,
        problems=form.problems,
    )


def _send(reference: str, typed: Typed, request: HttpRequest) -> None:
    act, problems = act_of(request), dict[str, str]()
    occurred_at = instant_of(typed, "occurred_at", problems)
    signs = [name for name in typed.get("worse", ()) if name in WORSE]
    errors = {path: [why] for path, why in problems.items()}
    walking = (typed.get("walking_now") or [""])[-1]
    pain = [name for name in typed.get("pain", ()) if name in WORSE_PAIN]
    if not signs and not walking and not pain:
        errors["worse"] = ["Choose what is new or worse"]
    if errors:
        raise Invalid("This is not complete", errors=errors)
    body = {
        "kind": "neurology_changed",
        "occurred_at": occurred_at,
        "data": {"worse": signs, "walking_now": walking or None, "pain": dict.fromkeys(pain, "yes")},
    }
    words = (typed.get("text") or [""])[-1]
    record_event(reference, parse_event(body, at=act.at), act=act, text=words, alarming=True)


@never_cache
@only(Role.REFERRER)
def write(request: HttpRequest, reference: str) -> HttpResponse:
    """A message to the coordinator, or the answer to a question."""
    if request.method != "POST":
        return redirect("referral", reference)
    act = act_of(request)
    if act.by.role != Role.REFERRER:
        raise Denied("Only the referrer can write here")
    try:
        with recorded_once(dict(request.POST.lists()), request, by=act.by):
            send_message(
                reference,
                request.POST.get("text", ""),
                within=request.POST.get("within", ""),
                answers=number_of(dict(request.POST.lists()), "answers"),
                act=act,
            )
    except AlreadyRecorded as recorded:
        drafts.forget(request.user, place=request.path)
        messages.success(request, recorded.sentence)
        return redirect("referral", reference)
    except Invalid as invalid:
        case = find(reference, by=act.by)
        record_view(case, by=act.by, at=act.at)
        attempt = Attempt(typed=dict(request.POST.lists()), errors=invalid.errors)
        return referral_page(request, case, referral_screen(case, by=act.by, at=act.at), attempt)
    drafts.forget(request.user, place=request.path)
    messages.success(request, "Sent to the coordinator")
    return redirect("referral", reference)


WITHDRAWAL: dict[str, Field] = {"reason": Text("Why it is withdrawn", width="full")}


def referral_page(
    request: HttpRequest,
    case: Referral,
    screen: ReferralScreen,
    attempt: Attempt = NOTHING,
    *,
    withdrawal: Attempt = NOTHING,
) -> HttpResponse:
    """One referral, with a message that was begun or refused, or a withdrawal that was refused."""
    within = {"": "No answer is needed", **{hours: f"within {words}" for hours, words in DUE_WITHIN.items()}}
    fields: dict[str, Field] = {
        "text": Area("Message", weight="s"),
        "within": Choice("An answer is needed", within, kind="select", weight="s"),
    }
    if screen.questions:
        questions = {str(line.number): Truncator(line.words).chars(90) for line in screen.questions}
        options = {**questions, "": "A new message"}
        answers = Choice(
            "What you are answering", options, kind="select", weight="s", initial=next(iter(questions))
        )
        fields = {"answers": answers, **fields}
    form, to_withdraw = PlainForm(attempt, fields=fields), PlainForm(withdrawal, fields=WITHDRAWAL)
    return render(
        request,
        "referrer/referral.jinja",
        status=max(form.status, to_withdraw.status),
        title=case.reference,
        screen=screen,
        history=timeline_blocks(timeline(case, for_referrer=True), at=now()),
        to_withdraw=to_withdraw.inputs,
        writing=bool(attempt.typed),
        form_key=key_of(attempt.typed),
        inputs=form.inputs,
        errors={**form.refusals, **to_withdraw.refusals},
        problems=(*form.problems, *to_withdraw.problems),
    )
