"""Treatment and care on the case page: what is judged, and what was done about the guideline."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kernel.time import near
from referrals import codes
from referrals.models import Referral
from referrals.states import Action
from referrals.usecases.answer_care import answer_care
from referrals.usecases.judge_course import judge_course
from referrals.web.coordinator.acts import Sent
from referrals.web.coordinator.forms import Typing, choice, text
from referrals.web.inputs import Input, Option
from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT
from triage.guideline.course import ANSWER_WORDS, JUDGEMENT_AT, JUDGEMENTS, Judgement
from triage.guideline.findings import Answer

GROUPS: dict[str, str] = {
    f"course-{group.split()[0].lower()}": group
    for group in dict.fromkeys(judgement.group for judgement in JUDGEMENTS)
}
Made = tuple[str, Action, tuple[Input, ...]]


def judging_forms(course: Mapping[str, Any], typing: Mapping[str, Typing]) -> dict[str, Made]:
    """One form for each group of judgements, as they stand."""
    return {
        act: (
            "Keep these judgements",
            Action.JUDGE_COURSE,
            tuple(
                _judgement(one, str(course[one.name]), typing.get(act, Typing()))
                for one in JUDGEMENTS
                if one.group == group
            ),
        )
        for act, group in GROUPS.items()
    }


def _judgement(judgement: Judgement, stands: str, t: Typing) -> Input:
    name = f"judged.{judgement.name}"
    chosen = (t.typed.get(name) or [stands])[-1]
    words = ANSWER_WORDS[judgement.answers]
    return Input(
        kind="finding" if judgement.answers is Answer else "radios",
        name=name,
        label=judgement.label,
        hint=judgement.hint,
        options=tuple(Option(value=code, text=said, chosen=code == chosen) for code, said in words.items()),
        error=" ".join(t.errors.get(judgement.name, t.errors.get("course", ()))),
    )


def answering_form(
    said: Mapping[str, Any], care: Mapping[str, Any] | None, answers: Mapping[str, str], t: Typing
) -> Made:
    """What was done about one line of the advice; the unanswered ones come first."""
    lines = [*said["advice"], *(care or {"care": ()})["care"]]
    given = sorted((line["code"] for line in lines), key=lambda code: code in answers)
    shown = {code: _short(code) + (" (answered)" if code in answers else "") for code in given}
    return (
        "Record",
        Action.ANSWER_CARE,
        (
            choice("code", "Which advice", {"": "Choose", **shown}, t, kind="select"),
            choice("answer", "What was done", codes.CARE_ANSWERS, t, kind="radios"),
            text(
                "text",
                "By whom and how, or why not",
                t,
                hint="Needed where it is not done or planned",
                area=True,
            ),
        ),
    )


def _short(code: str) -> str:
    said = (ADVICE_AT.get(code) or CARE_AT[code]).text
    return said if len(said) <= 80 else f"{said[:77].rsplit(' ', 1)[0]}…"


def answers_of(case: Referral, *, at: datetime) -> dict[str, str]:
    """What was done about each advice code, in words: one query."""
    rows = case.careanswers.select_related("note").order_by("id")
    return {
        row.code: f"{codes.CARE_ANSWERS[row.answer]}, {row.by_name}, {near(row.at, at=at)}"
        + (f": {row.note.text}" if row.note else "")
        for row in rows
    }


def _judge(sent: Sent) -> str:
    judged = {name: value for name, value in sent.prefixed("judged.").items() if name in JUDGEMENT_AT}
    judge_course(sent.reference, judged, service=sent.service, seen=sent.seen, **sent.act)
    return "Kept; the guideline was asked again"


def _answer(sent: Sent) -> str:
    words = (sent.typed.get("text") or [""])[-1]
    answer_care(sent.reference, code=sent["code"], answer=sent["answer"], text=words, **sent.act)
    return "Recorded beside the advice"


CARE_ACTS: dict[str, Callable[[Sent], str]] = {**dict.fromkeys(GROUPS, _judge), "care": _answer}
