"""Treatment and care on the case page: what is judged, and what was done about the guideline."""

from collections.abc import Callable

from referrals import codes
from referrals.states import Action
from referrals.usecases.answer_care import answer_care
from referrals.usecases.judge_course import judge_course
from referrals.web.coordinator.act import Act, Group, Sent
from referrals.web.coordinator.casefile import CaseFile
from triage.guideline import course as courses
from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT
from triage.guideline.course import ANSWER_WORDS, JUDGEMENT_AT, JUDGEMENTS, Course, Judgement
from triage.guideline.findings import Answer
from webkit.fields import Typing, choice, text
from webkit.inputs import Input, Option

GROUPS: dict[str, str] = {
    f"course-{group.split()[0].lower()}": group
    for group in dict.fromkeys(judgement.group for judgement in JUDGEMENTS)
}


def _judging_inputs(group: str) -> Callable[[CaseFile, Typing], tuple[Input, ...]]:
    """The judgements of a group, as they stand."""

    def inputs(file: CaseFile, t: Typing) -> tuple[Input, ...]:
        course = file.assessment.course or courses.as_json(Course())
        return tuple(_judgement(one, str(course[one.name]), t) for one in JUDGEMENTS if one.group == group)

    return inputs


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


def _answering_inputs(file: CaseFile, t: Typing) -> tuple[Input, ...]:
    """What was done about one line of the advice; the unanswered ones come first."""
    said, care, answers = file.assessment.result, file.assessment.care, file.answers
    lines = [*said["advice"], *(care or {"care": ()})["care"]]
    given = sorted((line["code"] for line in lines), key=lambda code: code in answers)
    shown = {code: _short(code) + (" (answered)" if code in answers else "") for code in given}
    return (
        choice("code", "Which advice", {"": "Choose", **shown}, t, kind="select"),
        choice("answer", "What was done", codes.CARE_ANSWERS, t, kind="radios"),
        text(
            "text", "By whom and how, or why not", t, hint="Needed where it is not done or planned", area=True
        ),
    )


def _short(code: str) -> str:
    said = (ADVICE_AT.get(code) or CARE_AT[code]).text
    return said if len(said) <= 80 else f"{said[:77].rsplit(' ', 1)[0]}…"


def _judge(sent: Sent) -> str:
    judged = {name: value for name, value in sent.prefixed("judged.").items() if name in JUDGEMENT_AT}
    judge_course(sent.reference, judged, service=sent.service, seen=sent.seen, **sent.act)
    return "Kept; the guideline was asked again"


def _answer(sent: Sent) -> str:
    words = (sent.typed.get("text") or [""])[-1]
    answer_care(sent.reference, code=sent["code"], answer=sent["answer"], text=words, **sent.act)
    return "Recorded beside the advice"


CARE_ACTS = (
    *(
        Act(
            name=name, title=title, group=Group.TREAT, action=Action.JUDGE_COURSE, button="Keep these judgements",
            do=_judge, inputs=_judging_inputs(title),
        )
        for name, title in GROUPS.items()
    ),
    Act(
        name="care", title="Record what was done about the guideline", group=Group.TREAT, action=Action.ANSWER_CARE,
        do=_answer, inputs=_answering_inputs,
    ),
)  # fmt: skip
