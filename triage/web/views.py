"""The guideline as it runs: row by row, as a drawing, as rules."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from accounts.web.page import render
from kernel.actors import Role
from triage.guideline import diagram
from triage.guideline.advice import ADVICE
from triage.guideline.care import CARE
from triage.guideline.editions import EDITIONS
from triage.guideline.handbook import chapters, outcome
from triage.guideline.rows.row import STAGE_WORDS, VERDICT_WORDS, WHO_WORDS, GuidelineRow
from triage.guideline.rows.table import counts, find
from triage.guideline.ruleset import NEWEST
from triage.signature import confirmed_numbers, unconfirmed_citations
from triage.web.guidance import STRENGTH_WORDS

PLACE_WORDS = {
    "rule": "Rule",
    "advice": "Advice",
    "care": "Prompt",
    "warning": "Warning",
    "clock": "Clock",
    "screen": "Page",
    "field": "Field",
    "judgement": "Judgement",
    "event": "Event",
    "setting": "Setting",
    "score": "Score",
    "command": "Command",
    "document": "Document",
    "test": "Test",
}


def guideline(request: HttpRequest) -> HttpResponse:
    """Every row and what the software does about it, searchable."""
    filters = {name: request.GET.get(name, "") for name in ("words", "who", "stage", "verdict")}
    rows = find(**filters)
    return _render(
        request,
        "guideline/rows.jinja",
        "The guideline, row by row",
        rows=rows,
        is_filtered=any(filters.values()),
        by_stage=[
            (stage, [row for row in rows if row.stage == stage])
            for stage in STAGE_WORDS
            if any(row.stage == stage for row in rows)
        ],
        filters=filters,
        counts=counts(),
        places=_places,
        verdicts=VERDICT_WORDS,
        stages=STAGE_WORDS,
        whos=WHO_WORDS,
        numbers=confirmed_numbers(),
        here="guideline",
    )


def guideline_drawing(request: HttpRequest) -> HttpResponse:
    """The charts, drawn from the rules."""
    return _render(
        request,
        "guideline/drawing.jinja",
        "The guideline as a drawing",
        charts=diagram.CHARTS,
        entries=diagram.entries,
        lines=lambda box: list(diagram.lines(box)),
        here="guideline_drawing",
    )


def guideline_rules(request: HttpRequest) -> HttpResponse:
    """Every rule with its condition, its sentence and its citation, printed from the rules themselves."""
    return _render(
        request,
        "guideline/rules.jinja",
        "The guideline as rules",
        chapters=chapters(),
        outcome=outcome,
        advice=(*ADVICE, *CARE),
        editions=EDITIONS,
        unconfirmed=unconfirmed_citations(),
        numbers=confirmed_numbers(),
        here="guideline_rules",
    )


def _render(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    user = request.user
    may_see = user.is_authenticated and (user.role == Role.LEAD or user.is_safety_officer)
    return render(
        request,
        template,
        title=title,
        ruleset=NEWEST.id,
        strengths=STRENGTH_WORDS,
        may_see_sign_off=may_see,
        **context,
    )


def _places(row: GuidelineRow) -> Iterator[tuple[str, str, str]]:
    """Where the software does it: what kind of place, its name, and where to look at it."""
    for place in row.places:
        kind, _, name = place.partition(":")
        yield PLACE_WORDS[kind], name, _address(kind, name)


def _address(kind: str, name: str) -> str:
    if kind == "rule":
        return f"{reverse('guideline_rules')}#{name}"
    if kind in ("advice", "care"):
        return f"{reverse('guideline_rules')}#say-{name}"
    if kind == "screen":
        try:
            return reverse(name)
        except NoReverseMatch:  # a page of one case has no address without one
            return ""
    return ""
