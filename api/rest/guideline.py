"""The guideline for other systems: rules, sources, editions, rows, and the release signature."""

from typing import Any

from kernel.time import rfc3339
from triage.guideline.advice import ADVICE
from triage.guideline.care import CARE
from triage.guideline.editions import EDITIONS, Edition
from triage.guideline.handbook import outcome
from triage.guideline.recommendation import Advice
from triage.guideline.rows.row import GuidelineRow
from triage.guideline.rows.table import ROWS, counts
from triage.guideline.rule import Rule
from triage.guideline.ruleset import Ruleset, fingerprint
from triage.signature import Release


def guideline_json(ruleset: Ruleset, *, release: Release) -> dict[str, Any]:
    """The ruleset in force with its rules, advice and rows, and the sources of each."""
    return {
        "ruleset": {
            "id": ruleset.id,
            "edition": ruleset.edition,
            "holds_from": rfc3339(ruleset.holds_from),
            "fingerprint": fingerprint(ruleset),
        },
        "release": {"signed": release.signed, "detail": release.words},
        "editions": [_edition(edition) for edition in EDITIONS],
        "rules": [_rule(rule) for rule in ruleset.rules],
        "advice": [_advice(advice) for advice in (*ADVICE, *CARE)],
        "rows": [_row(row) for row in ROWS],
        "counts": counts(),
    }


def _edition(edition: Edition) -> dict[str, Any]:
    return {
        "guideline": edition.guideline,
        "published": edition.published,
        "title": edition.title,
        "active": edition.active,
        "rulesets": [ruleset.id for ruleset in edition.rulesets],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": type(rule).__name__.removesuffix("Rule").lower(),
        "leads_to": outcome(rule),
        "when": rule.when.words,
        "says": rule.says,
        "sources": [{"row": source.row, **source.as_json()} for source in rule.sources],
    }


def _advice(advice: Advice) -> dict[str, Any]:
    return {
        "code": advice.code,
        "strength": str(advice.strength),
        "topic": advice.topic,
        "text": advice.text,
    }


def _row(row: GuidelineRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "stage": str(row.stage),
        "who": [str(who) for who in row.who],
        "says": row.says,
        "strength": row.strength or None,
        "limit": row.limit or None,
        "source": row.source,
        "confirmed": row.confirmed,
        "verdict": str(row.verdict),
        "why": row.why or None,
        "places": list(row.places),
    }
