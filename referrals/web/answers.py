"""Turns a web form into the JSON body that the one validation reads. Has no rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from referrals.intake.fields import FIELDS
from referrals.intake.record_fields import RECORD_FIELDS
from triage.guideline.findings import NEUROLOGY_QUESTIONS, PAIN_QUESTIONS, QUESTIONS
from webkit.typed import Typed, instant_of, is_year_alone, text_at, with_mid_year
from webkit.typed import value_of as read_value

EVERY = (*FIELDS, *RECORD_FIELDS)
KIND_AT = {
    **{f.path: f.kind for f in EVERY},
    **dict.fromkeys(("called_at", "received_at", "seen_at"), "instant"),
    "presentation.pain_severity": "whole",
}
DATES = frozenset(path for path, kind in KIND_AT.items() if kind == "date")
INSTANTS = frozenset(path for path, kind in KIND_AT.items() if kind == "instant")
GROUPS = {"pain": PAIN_QUESTIONS, "neurology": NEUROLOGY_QUESTIONS}
NONE_PRESENT, BORN = "none_present", "patient.date_of_birth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A form as a JSON body, with the problems that only a form can have and the groups answered as one."""

    body: dict[str, Any]
    problems: dict[str, str]
    answered_as_group: tuple[str, ...]
    called_at: str | None
    received_at: str | None
    seen_at: str | None
    seen_by: str


def answers_of(typed: Typed) -> Answers:
    """The body of a whole referral form."""
    body: dict[str, Any] = {}
    problems: dict[str, str] = {}
    if is_year_alone(typed, BORN):
        typed = {**with_mid_year(typed, BORN), "patient.birth_estimated": ["yes"]}
    for spec in FIELDS:
        _put(body, spec.path, value_of(typed, spec.path, problems))
    groups = _presentation(typed, body, problems)
    if not text_at(typed, "patient.given_name"):  # somebody with one name
        _put(body, "patient.given_name", "")
    return Answers(
        body=body,
        problems=problems,
        answered_as_group=groups,
        called_at=instant_of(typed, "called_at", problems),
        received_at=instant_of(typed, "received_at", problems),
        seen_at=instant_of(typed, "seen_at", problems),
        seen_by=text_at(typed, "seen_by"),
    )


def _presentation(typed: Typed, body: dict[str, Any], problems: dict[str, str]) -> tuple[str, ...]:
    for question in QUESTIONS:
        path = f"presentation.{question.path}"
        _put(body, path, value_of(typed, path, problems))
    groups = tuple(name for name in GROUPS if text_at(typed, f"{NONE_PRESENT}.{name}"))
    for name in groups:
        answered = [q.label for q in GROUPS[name] if text_at(typed, f"presentation.{q.path}") == "yes"]
        if answered:
            problems[f"{NONE_PRESENT}.{name}"] = (
                f"You chose that none of these is present, and yes to: {'; '.join(answered)}. Change one of them"
            )
        for question in GROUPS[name]:
            if text_at(typed, f"presentation.{question.path}") != "yes":
                _put(body, f"presentation.{question.path}", "no")
    body.setdefault("presentation", {})
    return groups


def presentation_of(typed: Typed, paths: Iterable[str]) -> dict[str, Any]:
    """The findings at these paths as a nested body; unanswered findings are left out."""
    body: dict[str, Any] = {}
    for path in paths:
        _put(body, path, value_of(typed, f"presentation.{path}", {}))
    return body


def value_of(typed: Typed, path: str, problems: dict[str, str]) -> Any:
    """The JSON value of a field, of the kind it has in a referral; None when it was left empty."""
    return read_value(typed, path, problems, kind=KIND_AT.get(path, "text"))


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    if value is None:
        return
    *groups, name = path.split(".")
    for group in groups:
        body = body.setdefault(group, {})
    body[name] = value
