"""The hand-over at the change of shift: written by the outgoing holder, accepted by the incoming one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.web.actor import actor_of
from accounts.web.page import render
from kernel.refusals import Errors, Invalid
from kernel.time import in_words, near, now
from oncall.handover import OpenCase, accept, change_ahead, open_cases, words_of, write_handover
from oncall.kinds import KIND_AT, ClockKind
from oncall.models import HandOver
from oncall.queries import accepted_handovers, handover_into
from oncall.sbar import PARTS, as_text, from_text
from oncall.start import EMERGENCY
from webkit.attempt import Attempt
from webkit.fields import Area, Text
from webkit.forms import PlainForm
from webkit.typed import number_of

SHOWN = 14


def hand_over_page(
    request: HttpRequest, *, patients: Callable[[Iterable[str]], Mapping[str, Any]]
) -> HttpResponse:
    """The open cases, the written hand-over, and the two buttons: write and accept.

    `patients` gives, for references, the name, age, clinical words and owner of each; this room knows no patient.
    """
    by, at = actor_of(request), now()
    errors: Errors = {}
    if request.method == "POST":
        shift = number_of(dict(request.POST.lists()), "shift")
        try:
            if request.POST.get("act") == "accept":
                accept(shift, because=request.POST.get("because", ""), by=by, at=at)
                messages.success(request, "You have taken over")
            else:
                write_handover(shift, words=as_text(request.POST), by=by, at=at)
                messages.success(request, "The hand-over is written. You hold the duty until it is accepted")
            return redirect("hand_over")
        except Invalid as invalid:
            errors = invalid.errors
    attempt = Attempt(form=request.POST.get("act", ""), typed=dict(request.POST.lists()), errors=errors)
    change = change_ahead(at=at)
    recorded = handover_into(change.shift) if change else None
    cases = open_cases(at=at)
    then = {case["reference"] for case in recorded.open_promises} if recorded else set()
    return render(
        request,
        "oncall/hand-over.jinja",
        status=422 if errors else 200,
        title="Hand-over",
        change=change,
        words=words_of(change.shift) if change else "",
        given_because=recorded.without_words_because if recorded else "",
        may_tell=bool(change and change.outgoing.pk == by.user_id != change.shift.holder_id),
        may_accept=bool(change and change.shift.holder_id == by.user_id),
        needs_reason=bool(change and not change.at_once and not (recorded and recorded.told)),
        written=recorded,
        written_at=near(recorded.told_at, at=at) if recorded and recorded.told_at else "",
        as_of=near(at, at=at),
        pressing=[case for case in cases if _is_pressing(case)],
        waiting=[case for case in cases if not _is_pressing(case)],
        patients=patients({case.reference for case in cases} | then),
        earlier=[
            (
                words_of(row.shift),
                row.told,
                row.without_words_because,
                row.shift.holder.name,
                in_words(row.accepted_at) if row.accepted_at else "",
            )
            for row in accepted_handovers(most=SHOWN)
        ],
        to_tell=_to_tell(attempt.of("tell"), recorded, cases).inputs,
        to_accept=AcceptForm(attempt.of("accept")).inputs,
        errors=errors,
        problems=[
            (text, "#situation" if field == "words" else f"#{field}")
            for field, texts in errors.items()
            for text in texts
        ],
    )


def _is_pressing(case: OpenCase) -> bool:
    """Whether the next holder reads about a case first: it is an emergency, or a promise of it is overdue."""
    return case.stream == EMERGENCY or _is_overdue(case)


def _is_overdue(case: OpenCase) -> bool:
    return any("overdue" in promise for promise in case.promises)


class AcceptForm(PlainForm):
    because = Text("Why you take over without a written hand-over", weight="s", width="full")


def _to_tell(attempt: Attempt, recorded: HandOver | None, cases: Sequence[OpenCase]) -> PlainForm:
    """The form with its four parts, filled with the written hand-over or a summary; problems show at the first."""
    initial = from_text(recorded.told) if recorded and recorded.told else {"situation": _summary_of(cases)}
    fields = {name: Area(heading, hint=hint, rows=3, weight="s") for name, (heading, hint) in PARTS.items()}
    form = PlainForm(attempt, fields=fields, initial=initial)
    form.refuse({"situation" if path == "words" else path: why for path, why in attempt.errors.items()})
    return form


def _summary_of(cases: Sequence[OpenCase]) -> str:
    """A summary of the open clocks, for the holder to correct and add to."""
    if not cases:
        return "No case is open."
    promises = [promise for case in cases for promise in case.promises]
    emergencies = [case.reference for case in cases if case.stream == EMERGENCY]
    overdue = [case.reference for case in cases if _is_overdue(case)]
    questions = sum(promise.startswith(KIND_AT[ClockKind.QUESTION].next_step) for promise in promises)
    sentences = [f"{len(cases)} open case{'' if len(cases) == 1 else 's'}."]
    for words, references in (("Emergencies", emergencies), ("Overdue", overdue)):
        if references:
            sentences.append(
                f"{words}: {', '.join(references[:10])}{' and more' if len(references) > 10 else ''}."
            )
    if questions:
        sentences.append(f"{questions} question{' waits' if questions == 1 else 's wait'} for an answer.")
    return " ".join(sentences)
