"""The guideline as it runs."""

from django.http import HttpRequest, HttpResponse

from accounts.web.page import render
from triage.guideline import ruleset
from triage.guideline.advice import ADVICE
from triage.guideline.handbook import chapters, outcome
from triage.guideline.rule import EDITIONS


def guideline(request: HttpRequest) -> HttpResponse:
    """Every rule with its condition, its sentence and its citation, printed from the rules themselves."""
    unconfirmed = {
        source.words
        for rule in ruleset.ALL_RULES
        for source in rule.sources
        if not source.confirmed and not source.decision
    }
    return render(
        request,
        "governance/guideline.jinja",
        title="The guideline as it runs",
        chapters=chapters(),
        outcome=outcome,
        advice=ADVICE,
        editions=EDITIONS,
        ruleset=ruleset.RULESET,
        unconfirmed=sorted(unconfirmed),
    )
