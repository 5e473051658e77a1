"""One case at the MDT: questions, opinions and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.people import SPECIALTY_WORDS
from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.time import now
from mdt.consensus import DECISION, OPINION, SPOKEN
from mdt.models import Opinion
from mdt.queries import meetings_ahead_with, opinions_of
from mdt.usecases.give_opinion import give_opinion
from mdt.usecases.list_for_mdt import list_for_mdt as put_to_mdt
from mdt.usecases.record_decision import record_decision
from mdt.web.case_facts import CaseFacts, case_facts
from mdt.web.discussion_lines import (
    DecisionLine,
    MdtQuestionLine,
    OpinionLine,
    decision_lines,
    meeting_words,
    opinion_lines,
    question_lines,
    quorum_lines,
)
from mdt.web.draft import confirmations_at, done, send, thrown_away, unsent_below
from mdt.web.obligation_lines import WHAT, AwaitedOpinion, obligations_on
from mdt.web.opinion_form import OpinionForm, opinion_form
from mdt.web.page import Head, head, inputs, number_in, problems_of, sent_from
from mdt.web.stage import Staged, staged
from oncall import clocks
from referrals.case.access_log import record_view
from referrals.case.case_facts import evidence_of
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.case.reads import events_of
from referrals.intake.codes import DISCUSSIONS
from referrals.web.clock_lines import ClockLine, clock_lines
from referrals.web.coordinator.act import SentAct
from referrals.web.coordinator.case import carry_out
from webkit import drafts
from webkit.attempt import Attempt
from webkit.fields import Choice, Field
from webkit.forms import Form
from webkit.inputs import Input
from webkit.typed import text_at

MDT = only(Role.MDT_MEMBER, Role.COORDINATOR)
FIRST_INPUT = {"opinion": "opinion-words", "decision": "decision-decided-at"}
HINTS = {
    "surgery_reasons": "Needed for “not suitable” and “being considered”",
    "owner": "Each specialty is given this name",
    "prognosis": "Age decides nothing here",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The position of one specialty on a decision, as a row of the form."""

    specialty: str
    position: Input
    name: Input
    words: Input
    opinion: str

    @property
    def open(self) -> bool:
        """Whether it is in sight: they gave an opinion, were there, or something in it is to be corrected."""
        inputs = (self.position, self.name, self.words)
        typed = self.name.value or self.words.value or self.position.value
        return bool(self.opinion or typed or any(input.error for input in inputs))


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscussionScreen:
    """The discussion of a case, ready to print."""

    head: Head
    version: int
    questions: Sequence[MdtQuestionLine]
    opinions: Sequence[OpinionLine]
    decisions: Sequence[DecisionLine]
    facts: CaseFacts
    obligations: Sequence[AwaitedOpinion]
    clocks: Sequence[ClockLine]
    staged: Staged
    specialty: str
    speaker: Sequence[Input]  # whose opinion it is, if somebody else records it
    seen: Sequence[tuple[str, int]]
    opinion: OpinionForm
    decision: Sequence[Input]
    voices: Sequence[Voice]
    quorum: Sequence[tuple[str, str]]
    discussion: Sequence[Input]
    waits: bool
    failed: str


@never_cache
@MDT
def mdt_case(request: HttpRequest, reference: str) -> HttpResponse:
    """The case with its questions, opinions and decisions, and the forms for more."""
    return _page(request, reference, Attempt())


@never_cache
@MDT
def opinion(request: HttpRequest, reference: str) -> HttpResponse:
    """Sign an opinion."""
    if request.method != "POST":  # the address of a form, opened again by the back button or a reload
        return redirect("mdt_case", reference)
    back = reverse("mdt_case", args=[reference])
    if answer := thrown_away(request, back, at_part="opinions"):
        return answer
    typed, by, at = dict(request.POST.lists()), actor_of(request), now()
    specialty = by.specialty if by.role == Role.MDT_MEMBER else text_at(typed, "specialty")
    failed = send(
        request,
        "opinion",
        lambda: give_opinion(
            reference,
            specialty,
            sent_from(OPINION, typed),
            seen=number_in(typed, f"seen.{specialty}"),
            by=by,
            at=at,
        ),
        at=at,
    )
    if failed:
        return _page(request, reference, failed)
    return done(request, "The opinion is signed", back, at_part="opinions")


@never_cache
@MDT
def decision(request: HttpRequest, reference: str) -> HttpResponse:
    """Sign a decision of the MDT."""
    if request.method != "POST":
        return redirect("mdt_case", reference)
    back = reverse("mdt_case", args=[reference])
    if answer := thrown_away(request, back, at_part="opinions"):
        return answer
    typed, act = dict(request.POST.lists()), act_of(request)
    fields = (*DECISION, *(spec for specs in SPOKEN.values() for spec in specs))
    failed = send(
        request,
        "decision",
        lambda: record_decision(
            reference,
            sent_from(fields, typed),
            discussion=text_at(typed, "discussion"),
            meeting=number_in(typed, "meeting") or None,
            seen=number_in(typed, "version"),
            act=act,
        ),
        at=act.at,
    )
    if failed:
        return _page(request, reference, failed)
    return done(
        request,
        "The decision is signed. Each contact is asked to carry out their part",
        back,
        at_part="decisions",
    )


@never_cache
@only(Role.COORDINATOR)
def list_for_mdt(request: HttpRequest, reference: str) -> HttpResponse:
    """Put a case to the MDT: on the list, or now to the specialties that are asked."""
    return carry_out(request, reference, "mdt", _put_to_mdt)


def _put_to_mdt(sent: SentAct) -> str:
    put_to_mdt(
        sent.reference,
        question=sent["question"],
        text=sent.text(),
        discussion=sent["discussion"],
        asked=[code for code in sent.typed.get("asked", ()) if code],
        act=sent.act,
    )
    return (
        "Asked now: each specialty is paged" if sent["discussion"] == "virtual_urgent" else "Listed for MDT"
    )


def _page(request: HttpRequest, reference: str, attempt: Attempt) -> HttpResponse:
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    record_view(case, by=by, at=at)
    attempts = _attempts(request, case, attempt)
    unsent_there = unsent_below(request, reverse("mdt_case", args=[case.reference]), at=at)
    screen = _screen(case, attempts, failed=attempt.form, query=request.GET, by=by, at=at)
    return render(
        request,
        "mdt/case.jinja",
        status=attempt.status,
        title=f"{screen.head.patient}, {screen.head.reference}",
        screen=screen,
        unsent={name: unsent_there[place] for name, place in _places(case).items() if place in unsent_there},
        **confirmations_at(request),
        errors=bool(attempt.errors),
        problems=problems_of(attempt, FIRST_INPUT.get(attempt.form, "")),
    )


def _places(case: Referral) -> dict[str, str]:
    """Where each form of the page is sent to."""
    return {
        "opinion": reverse("give_opinion", args=[case.reference]),
        "decision": reverse("record_decision", args=[case.reference]),
    }


def _attempts(request: HttpRequest, case: Referral, attempt: Attempt) -> dict[str, Attempt]:
    """Each form as it was sent, or as it was typed but not sent."""
    typed = drafts.typed_below(request.user, reverse("mdt_case", args=[case.reference]))
    attempts = {name: Attempt(form=name, typed=typed.get(place, {})) for name, place in _places(case).items()}
    return {**attempts, **({attempt.form: attempt} if attempt.form else {})}


def _screen(
    case: Referral, attempts: dict[str, Attempt], *, failed: str, query: Any, by: Actor, at: datetime
) -> DiscussionScreen:
    every_clock = clocks.of_case(case.pk)
    opinions = sorted(opinions_of(case), key=lambda row: (row.specialty, -row.version))
    newest = {row.specialty: row for row in reversed(opinions)}
    obligations = obligations_on(case, every_clock, at=at)
    rows = opinion_lines(opinions, obligations, at=at)
    evidence, events = evidence_of(case, service=services.current()), events_of(case)
    stage = staged(case, evidence=evidence, events=events, every_clock=every_clock, at=at)
    mine = SPECIALTY_WORDS.get(by.specialty, "")
    return DiscussionScreen(
        head=head(case, by=by, current="mdt_case"),
        version=case.version,
        questions=question_lines(case, at=at),
        opinions=rows,
        decisions=decision_lines(case, at=at),
        facts=case_facts(
            case, evidence=evidence, events=events, every_clock=every_clock, guidance=stage.guidance, at=at
        ),
        obligations=obligations,
        clocks=clock_lines([c for c in every_clock if c.stopped_at is None and c.kind not in WHAT], at=at),
        staged=stage,
        specialty=SPECIALTY_WORDS.get(by.specialty, "") if by.role == Role.MDT_MEMBER else "",
        speaker=() if by.role == Role.MDT_MEMBER else Form(attempts["opinion"], fields=SPEAKER).inputs,
        seen=tuple((code, newest[code].version if code in newest else 0) for code in SPECIALTY_WORDS),
        opinion=opinion_form(attempts["opinion"], by=by, at=at),
        decision=inputs(DECISION, attempts["decision"], initial={"decision.decided_at": at}, hints=HINTS),
        voices=_voices(newest, attempts["decision"]),
        quorum=quorum_lines(services.current()),
        discussion=_discussion(case, attempts["decision"], query.get("meeting", ""), at=at),
        waits=by.role == Role.MDT_MEMBER and any(line.waits for line in rows if line.specialty == mine),
        failed=failed,
    )


def _voices(newest: dict[str, Opinion], attempt: Attempt) -> tuple[Voice, ...]:
    """A row for each specialty, with the name of the person who gave its opinion; nobody is said to have been there."""
    rows = []
    for specialty, fields in SPOKEN.items():
        opinion = newest.get(specialty)
        hints = {"name": f"The opinion was given by {opinion.content['given_by']}"} if opinion else {}
        position, name, words = inputs(fields, attempt, hints=hints)
        rows.append(
            Voice(
                specialty=SPECIALTY_WORDS[specialty],
                position=position,
                name=name,
                words=words,
                opinion=opinion.content["words"][:160] if opinion else "",
            )
        )
    return tuple(rows)


SPEAKER = {"specialty": Choice("Specialty", {"": "Choose", **SPECIALTY_WORDS}, kind="select")}


def _discussion(case: Referral, attempt: Attempt, number: str, *, at: datetime) -> Sequence[Input]:
    """How it was discussed, and at which meeting where the case is on the list of one."""
    rows = meetings_ahead_with(case)
    meetings = {str(meeting.pk): meeting_words(meeting, at=at) for meeting in rows}
    at_meeting = text_at(attempt.typed, "meeting") or number
    fields: dict[str, Field] = {
        "discussion": Choice(
            "How it was discussed",
            {**DISCUSSIONS, "scheduled": "At a meeting"},
            initial="scheduled" if at_meeting else "virtual_urgent",
            by_code="rest",
        )
    }
    if meetings:
        fields["meeting"] = Choice(
            "Which meeting", {"": "No meeting", **meetings}, initial=number, kind="select"
        )
    return Form(attempt, fields=fields, of="decision").inputs
