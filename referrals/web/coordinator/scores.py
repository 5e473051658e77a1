"""Scores of a case: what was recorded, and a form for each score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.web.actor import actor_of, only
from accounts.web.page import render
from kernel.actors import Role
from kernel.refusals import Invalid
from kernel.time import near, now
from referrals.case.access_log import record_view
from referrals.case.idempotency import AlreadyRecorded
from referrals.case.models import Referral, Score
from referrals.case.queries import find
from referrals.usecases.record_score import record_score
from referrals.web.form_keys import key_of, recorded_once
from triage.scores.catalogue import SCORE_AT, SCORES
from triage.scores.score import ScoreKind
from webkit.attempt import Attempt
from webkit.fields import Choice, Field, Text
from webkit.forms import Fields, Form
from webkit.inputs import Input

ITEM = "item."  # before the name of an item in the form


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """One recorded score in words."""

    name: str
    about: str
    total: str
    verdict: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresScreen:
    """The scores of a case, and the form of the one that was chosen."""

    reference: str
    patient: str
    over: bool
    lines: Sequence[ScoreLine]
    kinds: Sequence[tuple[str, str]]
    chosen: ScoreKind | None
    inputs: Sequence[Input]
    problems: Sequence[tuple[str, str]]


@never_cache
@only(Role.COORDINATOR, Role.MDT_MEMBER)
def scores(request: HttpRequest, reference: str) -> HttpResponse:
    """What was recorded, and the form of a score; sent, it is counted and kept."""
    actor, at = actor_of(request), now()
    kind = SCORE_AT.get(request.POST.get("kind") or request.GET.get("kind", ""))
    attempt = Attempt()
    if request.method == "POST":
        typed = dict(request.POST.lists())
        try:
            items = {name.removeprefix(ITEM): values[-1] for name, values in typed.items()}
            with recorded_once(typed, request, by=actor):
                score = record_score(
                    reference,
                    kind=kind.id if kind else "",
                    items=items,
                    about=request.POST.get("about", ""),
                    by=actor,
                    at=at,
                )
        except AlreadyRecorded as recorded:
            messages.success(request, recorded.sentence)
            return redirect("scores", reference)
        except Invalid as invalid:
            attempt = Attempt(typed=typed, errors=invalid.errors)
        else:
            total = f"{score.total}, " if score.total is not None else ""
            messages.success(request, f"{SCORE_AT[score.kind].name}: {total}{score.verdict}")
            return redirect("scores", reference)
    case = find(reference, by=actor)
    record_view(case, by=actor, at=at, part="scores")
    screen = _screen(case, kind, attempt, at=at)
    return render(
        request,
        "coordinator/scores.jinja",
        status=422 if attempt.errors else 200,
        title=f"Scores: {case.patient.name}, {case.reference}",
        screen=screen,
        form_key=key_of(attempt.typed),
        back=reverse("case" if actor.role == Role.COORDINATOR else "mdt_case", args=[case.reference]),
        errors=bool(attempt.errors),
    )


def _screen(case: Referral, kind: ScoreKind | None, attempt: Attempt, *, at: datetime) -> ScoresScreen:
    errors = {
        f"{ITEM}{name}" if kind and name in _items(kind) else name: why
        for name, why in attempt.errors.items()
    }
    form = Form(Attempt(typed=attempt.typed, errors=errors), fields=_fields(kind) if kind else {})
    return ScoresScreen(
        reference=case.reference,
        patient=case.patient.name,
        over=case.is_over,
        lines=score_lines(case, at=at),
        kinds=[(score.id, score.name) for score in SCORES],
        chosen=kind,
        inputs=form.inputs,
        problems=form.problems
        or tuple((text, "#kind") for texts in attempt.errors.values() for text in texts),
    )


def _items(kind: ScoreKind) -> frozenset[str]:
    return frozenset(item.name for item in kind.items)


def _fields(kind: ScoreKind) -> Fields:
    fields: dict[str, Field] = {"about": Text(kind.about, width="10")} if kind.about else {}
    for item in kind.items:
        options = {choice.value: _label(choice.label, choice.points) for choice in item.choices}
        blank = {} if item.required else {"": "Not examined"}
        layout = "radios" if item.required else "select"
        fields[f"{ITEM}{item.name}"] = Choice(item.label, {**blank, **options}, kind=layout)
    return fields


def _label(words: str, points: int | None) -> str:
    return words if points is None else f"{words} ({points})"


def score_lines(case: Referral, *, at: datetime) -> tuple[ScoreLine, ...]:
    """The newest scoring of each score and each lesion or moment; of SINS the highest first."""
    rows = list(case.scores.order_by("-id"))
    newest = list({(row.kind, row.about): row for row in reversed(rows)}.values())
    order = [kind.id for kind in SCORES]
    newest.sort(key=lambda row: (order.index(row.kind), -(row.total or 0), -row.pk))
    return tuple(
        _line(row, first=place == 0 and row.kind == "sins" and len(group) > 1, at=at)
        for group in (list(rows) for _, rows in groupby(newest, key=lambda row: row.kind))
        for place, row in enumerate(group)
    )


def _line(row: Score, *, first: bool, at: datetime) -> ScoreLine:
    return ScoreLine(
        name=SCORE_AT[row.kind].name,
        about=row.about + (" (highest, reported)" if first else ""),
        total="" if row.total is None else str(row.total),
        verdict=row.verdict,
        by=f"{row.by_name}, {near(row.at, at=at)}, version {row.version}",
    )
