"""The ruleset as FHIR R4: one PlanDefinition (event-condition-action) and the Library it names.

Conditions are text expressions in the words of the rules. FHIR has no agreed machine form for them, and only the
rules compute them.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT
from triage.guideline.findings import ANSWER_WORDS, QUESTIONS
from triage.guideline.handbook import chapters, outcome
from triage.guideline.rule import Citation, Rule
from triage.guideline.ruleset import NEWEST, Ruleset, fingerprint

BASE = "urn:mscc-coordinator"
# FHIR's strengths of an action: `could` for consider, `must` for the rest.
_REQUIRED = {"consider": "could", "offer": "must-unless-documented", "act": "must", "do_not": "must"}
_KINDS = {"ng234": "https://www.nice.org.uk/guidance/ng234", "qs56": "https://www.nice.org.uk/guidance/qs56"}


def bundle(ruleset: Ruleset = NEWEST) -> dict[str, Any]:
    """A collection Bundle of the PlanDefinition and its Library."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"{BASE}:plan:{ruleset.id}", "resource": plan_definition(ruleset)},
            {"fullUrl": f"{BASE}:library:{ruleset.id}", "resource": library(ruleset)},
        ],
    }


def plan_definition(ruleset: Ruleset) -> dict[str, Any]:
    """Every rule as an action: its condition, its text, its documentation."""
    return {
        "resourceType": "PlanDefinition",
        "id": f"mscc-{ruleset.id.replace('.', '-')}",
        "url": f"{BASE}:plan:{ruleset.id}",
        "version": ruleset.id,
        "name": "MsccCoordinatorRuleset",
        "title": "MSCC coordinator: the guideline as it runs",
        "type": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/plan-definition-type", "code": "eca-rule"}
            ]
        },
        "status": "draft",
        "experimental": True,
        "date": ruleset.holds_from.date().isoformat(),
        "description": "Decision support after NICE NG234 and QS56. It suggests; a person decides. "
        "Numbers marked as not confirmed were not seen in print.",
        "jurisdiction": [{"coding": [{"system": "urn:iso:std:iso:3166", "code": "GB"}]}],
        "library": [f"{BASE}:library:{ruleset.id}"],
        "action": [
            {
                "title": chapter.title,
                "description": chapter.note,
                "action": [_action(rule) for rule in chapter.rules],
            }
            for chapter in chapters()
        ],
    }


def _action(rule: Rule) -> dict[str, Any]:
    code = getattr(rule, "code", "")
    advice = ADVICE_AT.get(code) or CARE_AT.get(code)
    action: dict[str, Any] = {
        "id": rule.id.replace("_", "-")[:64],
        "title": outcome(rule),
        "description": advice.text if advice else rule.says,
        "textEquivalent": rule.because,
        "condition": [
            {
                "kind": "applicability",
                "expression": {
                    "description": rule.when.words,
                    "language": "text/plain",
                    "expression": rule.when.words,
                },
            }
        ],
        "documentation": [_documentation(source) for source in rule.sources],
    }
    if advice:
        action["requiredBehavior"] = _REQUIRED[str(advice.strength)]
    hours = getattr(rule, "limit_hours", None)
    if hours is not None:
        action["timingDuration"] = {
            "value": hours,
            "unit": "h",
            "system": "http://unitsofmeasure.org",
            "code": "h",
        }
    return action


def _documentation(source: Citation) -> dict[str, Any]:
    document = {
        "type": "citation" if source.guideline != "service" else "justification",
        "label": source.row,
        "display": source.words,
    }
    address = _KINDS.get(source.guideline.lower())
    return {**document, "url": address} if address else document


def library(ruleset: Ruleset) -> dict[str, Any]:
    """What the rules read: every question with its answers, as a logic library's data requirements."""
    content = {
        "fingerprint": fingerprint(ruleset),
        "questions": [
            {"path": q.path, "label": q.label, "answers": ANSWER_WORDS[q.answers] if q.answers else "0 to 10"}
            for q in QUESTIONS
        ],
    }
    return {
        "resourceType": "Library",
        "id": f"mscc-{ruleset.id.replace('.', '-')}",
        "url": f"{BASE}:library:{ruleset.id}",
        "version": ruleset.id,
        "name": "MsccCoordinatorFindings",
        "title": "MSCC coordinator: the findings that the rules read",
        "status": "draft",
        "experimental": True,
        "type": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library"}
            ]
        },
        "content": [{"contentType": "application/json", "title": "Findings", "data": _base64(content)}],
    }


def _base64(content: Mapping[str, Any]) -> str:
    return base64.b64encode(json.dumps(content, sort_keys=True).encode()).decode()
