"""The management plan: kept as one goes, signed, and sent to the GP and the person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.time import near, now
from mdt.content import lines
from mdt.management_plan import FIELDS, NEEDED_TO_SIGN, PARTS
from mdt.models import Plan
from mdt.queries import plans_of
from mdt.usecases.keep_plan import keep_plan
from mdt.usecases.send_plan import send_plan
from mdt.web.draft import confirmations_at, done, send, thrown_away, unsent
from mdt.web.page import Head, head, initial_from, inputs, number_in, problems_of, sent_from
from oncall import clocks
from oncall.kinds import ClockKind
from referrals.case.access_log import record_view
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.intake.codes import LETTER_WORDS, PLAN_LETTERS
from referrals.web.clock_lines import ClockLine, clock_lines
from webkit import drafts
from webkit.attempt import Attempt, attempt
from webkit.fields import Text
from webkit.forms import PlainForm
from webkit.inputs import Input
from webkit.typed import text_at

MDT = only(Role.MDT_MEMBER, Role.COORDINATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartScreen:
    slug: str
    title: str
    hint: str
    inputs: Sequence[Input]
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanScreen:
    """The plan as it stands and its form, ready to print."""

    head: Head
    clocks: Sequence[ClockLine]
    standing: str
    signed: bool
    seen: int
    newer: str
    parts: Sequence[PartScreen]
    needed: Sequence[str]
    versions: Sequence[str]
    copies: Sequence[tuple[str, int]]
    letters: Sequence[tuple[str, str, Input]]


@never_cache
@MDT
def plan(request: HttpRequest, reference: str) -> HttpResponse:
    """The plan, and its form; sent, it is the next version, signed or not."""
    if request.method != "POST":
        typed = drafts.typed_at(request.user, request.path)
        return _page(request, reference, Attempt(form="plan", typed=typed))
    if answer := thrown_away(request, request.path, at_part="write"):
        return answer
    typed = dict(request.POST.lists())
    return (
        _issue(request, reference, typed)
        if text_at(typed, "do") == "send"
        else _keep(request, reference, typed)
    )


def _keep(request: HttpRequest, reference: str, typed: dict[str, list[str]]) -> HttpResponse:
    sign, act = text_at(typed, "do") == "sign", act_of(request)
    seen = number_in(typed, "seen")
    failed = send(
        request,
        "plan",
        lambda: keep_plan(reference, sent_from(FIELDS, typed), sign=sign, seen=seen, act=act),
        at=act.at,
    )
    if failed:
        return _page(request, reference, failed)
    return done(
        request, "The plan is signed" if sign else "Saved. It is not signed yet", request.path, at_part="kept"
    )


def _issue(request: HttpRequest, reference: str, typed: dict[str, list[str]]) -> HttpResponse:
    """A copy of the signed plan; the form of the plan is left as it is."""
    failed = attempt(
        "send",
        typed,
        lambda: send_plan(
            reference, text_at(typed, "kind"), recipient=text_at(typed, "recipient"), act=act_of(request)
        ),
    )
    if failed:
        return _page(request, reference, failed)
    sentence = f"Issued: {LETTER_WORDS[text_at(typed, 'kind')]}. Open it among the copies to print or send it"
    return done(request, sentence, request.path, at_part="copies")


def _page(request: HttpRequest, reference: str, attempt: Attempt) -> HttpResponse:
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    record_view(case, by=by, at=at, part="plan")
    return render(
        request,
        "mdt/plan.jinja",
        status=attempt.status,
        title=f"Management plan: {case.patient.name}, {case.reference}",
        screen=_screen(case, attempt.of("plan"), sending=attempt.of("send"), by=by, at=at),
        unsent=unsent(request, request.path, at=at),
        **confirmations_at(request),
        errors=bool(attempt.errors),
        problems=problems_of(attempt, "plan-key-worker"),
    )


def _screen(case: Referral, attempt: Attempt, *, sending: Attempt, by: Actor, at: datetime) -> PlanScreen:
    rows = plans_of(case)
    newest = rows[0] if rows else None
    content = newest.content if newest else {}
    initial = initial_from(FIELDS, content)
    every_clock = [clock for clock in clocks.of_case(case.pk) if clock.kind == ClockKind.DISCHARGE_PLAN]
    return PlanScreen(
        head=head(case, by=by, current="mdt_plan"),
        clocks=clock_lines(every_clock, at=at),
        standing=_standing(rows, at=at),
        signed=any(row.signed for row in rows),
        seen=_seen(attempt, newest),
        newer=_newer(attempt, newest, at=at),
        parts=tuple(
            PartScreen(
                slug=part.slug,
                title=part.title,
                hint=part.hint,
                inputs=inputs(part.fields, attempt, initial=initial),
                lines=lines(part.fields, content),
            )
            for part in PARTS
        ),
        needed=tuple(words for name, words in NEEDED_TO_SIGN.items() if not content.get(name)),
        versions=tuple(_version(row, at=at) for row in rows),
        copies=tuple(
            (
                f"{LETTER_WORDS[row.kind]}, version {row.version}, to {row.recipient}, {near(row.at, at=at)}",
                row.pk,
            )
            for row in case.letters.filter(kind__in=PLAN_LETTERS).order_by("-id")
        ),
        letters=tuple(_letters(case, sending)),
    )


def _letters(case: Referral, sending: Attempt) -> Iterator[tuple[str, str, Input]]:
    """Each copy that can be issued: its kind, its words and the input of its recipient."""
    recipients = {
        "plan_gp": case.referrer["name"] if case.referrer["role"] == "gp" else "",
        "plan_person": case.patient.name,
    }
    for place, (kind, words) in enumerate(PLAN_LETTERS.items()):
        own = sending if text_at(sending.typed, "kind") == kind else Attempt()
        field = Text(f"{words}: to", initial=recipients[kind], width="full")
        form = PlainForm(own, fields={"recipient": field}, ids="recipient-person" if place else "recipient")
        yield kind, words, form.input("recipient")


def _seen(attempt: Attempt, newest: Plan | None) -> int:
    """The version that the writer has read: a draft keeps its own, until the newer one was shown."""
    version = newest.version if newest else 0
    draft_version = number_in(attempt.typed, "seen")
    return draft_version if draft_version is not None and attempt.status == 200 else version


def _newer(attempt: Attempt, newest: Plan | None, *, at: datetime) -> str:
    """That somebody has written a version since this draft was begun."""
    draft_version = number_in(attempt.typed, "seen")
    if newest is None or draft_version is None or draft_version == newest.version:
        return ""
    return f"{newest.by_name} has since written version {newest.version}, {near(newest.at, at=at)}. It says:"


def _standing(rows: Sequence[Plan], *, at: datetime) -> str:
    signed = next((row for row in rows if row.signed), None)
    if signed is None:
        return "Opened, not signed yet" if rows else "Not opened yet"
    later = f"; version {rows[0].version} is saved but not signed" if rows[0] is not signed else ""
    return f"Version {signed.version} signed by {signed.by_name}, {near(signed.at, at=at)}{later}"


def _version(row: Plan, *, at: datetime) -> str:
    return f"Version {row.version}, {'signed' if row.signed else 'saved'} by {row.by_name}, {near(row.at, at=at)}"
