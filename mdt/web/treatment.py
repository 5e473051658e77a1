"""The treatments of a case: decided one by one, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import service as services
from accounts.web.actor import act_of, actor_of, only
from accounts.web.page import render
from kernel.actors import Actor, Role
from kernel.refusals import NotFound
from kernel.time import duration_in_words, from_rfc3339, near, now
from mdt.content import lines
from mdt.models import Treatment
from mdt.queries import treatments_of
from mdt.treatments import MODALITIES, MODALITY_AT, Modality
from mdt.usecases.decide_treatment import decide_treatment, was_irradiated
from mdt.web.draft import Unsent, confirmations_at, done, send, thrown_away, unsent_below
from mdt.web.page import Head, head, initial_from, inputs, number_in, problems_of, sent_from
from mdt.web.stage import Staged, staged
from oncall import clocks
from oncall.kinds import ClockKind
from referrals.case.access_log import record_view
from referrals.case.case_facts import course_of_case, evidence_of
from referrals.case.models import Referral
from referrals.case.queries import find
from referrals.case.reads import events_of
from referrals.intake.fields import PROGRESSION
from referrals.web.clock_lines import ClockLine, clock_lines
from referrals.web.coordinator.record_lines import event_line
from triage.guideline.course import as_json
from triage.guideline.radiotherapy import is_excluded
from webkit import drafts
from webkit.attempt import Attempt
from webkit.inputs import Input

MDT = only(Role.MDT_MEMBER, Role.COORDINATOR)
REPORTED_KINDS = frozenset(
    {
        "decision_to_treat",
        "radiotherapy_started",
        "surgery_started",
        "dexamethasone_given",
        "dexamethasone_stopped",
    }
)
CLOCKS = frozenset({ClockKind.DECISION_TO_TREAT, ClockKind.RADIOTHERAPY, ClockKind.STEROID_REVIEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentLine:
    """One treatment as it stands, with the versions before."""

    code: str
    words: str
    facts: Sequence[tuple[str, str]]
    signed: str
    earlier: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentScreen:
    """The treatments of a case and the form of the one that was chosen, ready to print."""

    head: Head
    clocks: Sequence[ClockLine]
    urgency: str
    exclusion: str
    irradiated: bool
    staged: Staged
    treatments: Sequence[TreatmentLine]
    reports: Sequence[str]
    choices: Sequence[tuple[str, str]]
    chosen: Modality | None
    seen: int
    inputs: Sequence[Input]


@never_cache
@MDT
def treatment(request: HttpRequest, reference: str, code: str = "") -> HttpResponse:
    """What is decided, and the form of one treatment; sent, it is the next version."""
    if not code and request.GET.get("modality") in MODALITY_AT:
        return redirect("decide_treatment", reference, request.GET["modality"])
    if code and code not in MODALITY_AT:
        raise NotFound("There is no such treatment")
    attempt = Attempt(form=code)
    if request.method == "POST" and code:
        back, act = reverse("mdt_treatment", args=[reference]), act_of(request)
        if answer := thrown_away(request, request.path, at_part="decide"):
            return answer
        typed = dict(request.POST.lists())
        seen = number_in(typed, "seen")
        failed = send(
            request,
            code,
            lambda: decide_treatment(
                reference, code, sent_from(MODALITY_AT[code].fields, typed), seen=seen, act=act
            ),
            at=act.at,
        )
        if failed is None:
            return done(request, f"Signed: {MODALITY_AT[code].words}", back, at_part=f"treatment-{code}")
        attempt = failed
    elif code:
        attempt = Attempt(form=code, typed=drafts.typed_at(request.user, request.path))
    return _page(request, reference, MODALITY_AT.get(code), attempt)


def _page(request: HttpRequest, reference: str, chosen: Modality | None, attempt: Attempt) -> HttpResponse:
    by, at = actor_of(request), now()
    case = find(reference, by=by)
    record_view(case, by=by, at=at, part="treatment")
    screen = _screen(case, chosen, attempt, by=by, at=at)
    forms_begun = _begun(request, case, at=at)
    return render(
        request,
        "mdt/treatment.jinja",
        status=attempt.status,
        title=f"Treatment: {case.patient.name}, {case.reference}",
        screen=screen,
        unsent=forms_begun.pop(chosen.code, None) if chosen else None,
        others=[(MODALITY_AT[code].words, draft) for code, draft in forms_begun.items()],
        **confirmations_at(request),
        errors=bool(attempt.errors),
        problems=problems_of(attempt, "treatment-decided-at"),
    )


def _begun(request: HttpRequest, case: Referral, *, at: datetime) -> dict[str, Unsent]:
    """The forms of treatments that were begun and not sent, by code."""
    forms = unsent_below(request, reverse("mdt_treatment", args=[case.reference]), at=at)
    places = {code: reverse("decide_treatment", args=[case.reference, code]) for code in MODALITY_AT}
    return {code: forms[place] for code, place in places.items() if place in forms}


def _screen(
    case: Referral, chosen: Modality | None, attempt: Attempt, *, by: Actor, at: datetime
) -> TreatmentScreen:
    rows = treatments_of(case)
    newest = {row.modality: row for row in reversed(rows)}
    before = newest.get(chosen.code) if chosen else None
    course = course_of_case(case, service=services.current())
    judgements = as_json(course)
    initial: dict[str, Any] = {}
    if chosen:  # judgements are shown as they are now, whatever an earlier version said
        judged = {name: judgements[name] for name in chosen.judged if judgements[name] != "not_assessed"}
        earlier = {k: v for k, v in before.content.items() if k not in chosen.judged} if before else {}
        first = {} if before else {"treatment.decided_at": at}
        initial = {**first, **initial_from(chosen.fields, {**earlier, **judged})}
    every_clock, events = clocks.of_case(case.pk), events_of(case)
    evidence = evidence_of(case, service=services.current())
    return TreatmentScreen(
        head=head(case, by=by, current="mdt_treatment"),
        clocks=clock_lines([clock for clock in every_clock if clock.kind in CLOCKS], at=at),
        urgency=_urgency(case, progressing=course.progressing, at=at),
        exclusion=EXCLUDED if is_excluded(case.findings, course) else NOT_EXCLUDED,
        irradiated=was_irradiated(case, before=at),
        staged=staged(case, evidence=evidence, events=events, every_clock=every_clock, at=at),
        treatments=tuple(_line(code, rows, at=at) for code in MODALITY_AT if code in newest),
        reports=tuple(event_line(event, at=at) for event in events if event.kind in REPORTED_KINDS),
        choices=tuple((modality.code, modality.words) for modality in MODALITIES),
        chosen=chosen,
        seen=_seen(attempt, before),
        inputs=inputs(chosen.fields, attempt, initial=initial) if chosen else (),
    )


EXCLUDED = (
    "The 24 hours do not apply as judged: a complete plegia of two weeks with pain well controlled, or a poor overall "
    "prognosis (NG234 1.10.4). Radiotherapy for pain has another purpose and is not excluded."
)
NOT_EXCLUDED = (
    "Radiotherapy starts within 24 hours of the decision to treat (NG234 1.10.4, QS56 statement 6), unless it follows "
    "surgery, the person has been completely paralysed for two weeks with pain well controlled, or the prognosis is poor."
)


def _seen(attempt: Attempt, before: Treatment | None) -> int:
    """The version that the writer has read: a draft keeps its own, until the newer one was shown."""
    draft_version = number_in(attempt.typed, "seen")
    return (
        draft_version
        if draft_version is not None and attempt.status == 200
        else before.version
        if before
        else 0
    )


def _urgency(case: Referral, *, progressing: bool, at: datetime) -> str:
    """What sets the urgency of surgery: how long neurology has been there and how it changes."""
    onset = case.clinical.get("neurology_onset_at") or case.mscc_suspected_at
    since = from_rfc3339(onset) if isinstance(onset, str) else onset
    began = (
        f"Neurology began {duration_in_words(at - since)} ago"
        if since
        else "When neurology began is not recorded"
    )
    change = PROGRESSION[case.clinical.get("progression") or "unknown"].lower()
    worse = ". It is getting worse: the surgical opinion comes first" if progressing else ""
    return f"{began}; as referred: {change}{worse}."


def _line(code: str, rows: Sequence[Treatment], *, at: datetime) -> TreatmentLine:
    of_code = [row for row in rows if row.modality == code]
    first, *earlier = of_code
    return TreatmentLine(
        code=code,
        words=MODALITY_AT[code].words,
        facts=lines(MODALITY_AT[code].fields, first.content),
        signed=f"Signed by {first.by_name}, {near(first.at, at=at)}, version {first.version}",
        earlier=tuple(f"Version {row.version}: {row.by_name}, {near(row.at, at=at)}" for row in earlier),
    )
