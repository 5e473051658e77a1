"""Treatment and care on the case page: clinical judgements, and what was done about the guideline."""

from collections.abc import Callable, Mapping, Sequence

from kernel.refusals import Invalid
from referrals.case.states import Action
from referrals.intake import codes
from referrals.usecases.answer_care import answer_care
from referrals.usecases.judge_course import judge_course
from referrals.web.coordinator.act import ActGroup, CaseAct, SentAct
from referrals.web.coordinator.casefile import CaseFile
from triage.assess import as_still_said
from triage.guideline import course as courses
from triage.guideline.advice import ADVICE_AT
from triage.guideline.care import CARE_AT
from triage.guideline.course import ANSWER_WORDS, JUDGEMENT_AT, JUDGEMENTS, Course, Judgement
from triage.guideline.findings import Answer
from webkit.fields import Area, Choice, Field
from webkit.forms import Fields

JUDGED = "judged."  # before the name of a judgement in the form
GROUPS: dict[str, str] = {
    f"course-{group.split()[0].lower()}": group
    for group in dict.fromkeys(judgement.group for judgement in JUDGEMENTS)
}


def _judging_inputs(group: str) -> Callable[[CaseFile], Fields]:
    """The judgements of a group, as they stand."""

    def inputs(file: CaseFile) -> Fields:
        course = file.assessment.course or courses.as_json(Course())
        return {
            f"{JUDGED}{judgement.name}": _judgement(judgement, str(course[judgement.name]))
            for judgement in JUDGEMENTS
            if judgement.group == group
        }

    return inputs


def _judgement(judgement: Judgement, stands: str) -> Field:
    kind = "finding" if judgement.answers is Answer else "radios"
    words = ANSWER_WORDS[judgement.answers]
    return Choice(judgement.label, words, hint=judgement.hint, initial=stands, kind=kind)


def _answering_inputs(file: CaseFile) -> Fields:
    """What was done about one line of the advice; the unanswered ones come first."""
    (result, care), answers = as_still_said(file.assessment), file.answers
    lines = [*result["advice"], *(care["care"] if care else ())]
    line_codes = sorted((line["code"] for line in lines), key=lambda code: code in answers)
    options = {code: _short(code) + (" (answered)" if code in answers else "") for code in line_codes}
    return {
        "code": Choice("Which advice", {"": "Choose", **options}, kind="select"),
        "answer": Choice("What was done", codes.CARE_ANSWERS, kind="radios"),
        "text": Area("By whom and how, or why not", hint="Needed where it is not done or planned"),
    }


def _short(code: str) -> str:
    text = (ADVICE_AT.get(code) or CARE_AT[code]).text
    return text if len(text) <= 80 else f"{text[:77].rsplit(' ', 1)[0]}…"


def _judge(sent: SentAct) -> str:
    judgements = {name: value for name, value in sent.prefixed(JUDGED).items() if name in JUDGEMENT_AT}
    try:
        judge_course(sent.reference, judgements, act=sent.act, version=sent.seen)
    except Invalid as invalid:
        raise Invalid(invalid.sentence, errors=_by_field(sent, invalid.errors)) from None
    return "Saved. The guideline advice is updated"


def _by_field(sent: SentAct, errors: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Refused judgements by the field of the form; what is wrong with them all, at the first that was sent."""
    first = next((name for name in sent.typed if name.startswith(JUDGED)), "")
    return {first if path == "course" else f"{JUDGED}{path}": texts for path, texts in errors.items()}


def _answer(sent: SentAct) -> str:
    words = (sent.typed.get("text") or [""])[-1]
    answer_care(sent.reference, code=sent["code"], answer=sent["answer"], text=words, by=sent.by, at=sent.at)
    return "Recorded beside the advice"


CARE_ACTS = (
    *(
        CaseAct(
            name=name,
            title=title,
            group=ActGroup.TREAT,
            action=Action.JUDGE_COURSE,
            button="Save these judgements",
            do=_judge,
            fields=_judging_inputs(title),
        )
        for name, title in GROUPS.items()
    ),
    CaseAct(
        name="care",
        title="Record what was done about the guideline",
        group=ActGroup.TREAT,
        action=Action.ANSWER_CARE,
        do=_answer,
        fields=_answering_inputs,
    ),
)
