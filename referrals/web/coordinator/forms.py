"""The forms on a case page: which inputs each has, and what was typed into them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.people import DUTY_WORDS, SPECIALTY_WORDS
from referrals import codes
from referrals.models import Referral
from referrals.states import Status
from referrals.usecases.triage_referral import suggested_advice
from referrals.web.inputs import input_of
from triage.guideline.findings import (
    IMAGING_FINDING,
    NEUROLOGY_QUESTIONS,
    PAIN_QUESTIONS,
    QUESTIONS,
    Answer,
    answer_at,
)
from triage.guideline.rule import STREAM_WORDS, Stream
from webkit.fields import Typing, choice, flag, instant, many, text
from webkit.inputs import Input
from webkit.typed import one


def findings(case: Referral, t: Typing) -> tuple[Input, ...]:
    """The open questions first: what the stream waits for, then where the answers come from."""
    return (*_finding_inputs(open_findings(case), case, t), _source(t))


def open_findings(case: Referral) -> list[str]:
    """The paths of the findings that nobody has asked about or examined."""
    found = case.findings
    return [
        question.path
        for question in (*NEUROLOGY_QUESTIONS, *PAIN_QUESTIONS)
        if answer_at(found, question.path) == Answer.NOT_ASSESSED
    ]


def corrections(case: Referral, t: Typing) -> tuple[Input, ...]:
    """Every finding as it stands, to be corrected."""
    return (*_finding_inputs([q.path for q in QUESTIONS if q is not IMAGING_FINDING], case, t), _source(t))


def _finding_inputs(paths: Iterable[str], case: Referral, t: Typing) -> list[Input]:
    typed = t.typed or {
        f"presentation.{path}": ["" if (answer := answer_at(case.findings, path)) is None else str(answer)]
        for path in paths
    }
    return [input_of(f"presentation.{path}", typed, t.errors) for path in paths]


def _source(t: Typing) -> Input:
    sources = {code: words for code, words in codes.NEUROLOGY_SOURCES.items() if code != "referral"}
    return choice("source", "Where these answers come from", sources, t)


def triage(case: Referral, result: Mapping[str, object], t: Typing) -> tuple[Input, ...]:
    """The decision, filled in as the guideline suggests; each part can be changed."""
    undecided = case.status == Status.ACKNOWLEDGED
    stream = case.suggested_stream if undecided else case.stream  # what a person decided stands
    advised = {advice["code"] for advice in result["advice"]}  # type: ignore[index, attr-defined]  # stored JSON
    scan = "ct_whole_spine" if "ct_instead_of_mri" in advised else "mri_whole_spine"
    scans = advised & {"mri_whole_spine_24h", "mri_whole_spine_1w", "ct_instead_of_mri"}
    suggested = suggested_advice(result)
    return (
        choice("stream", "Stream", {s.value: w for s, w in STREAM_WORDS.items()}, t, value=stream, kind="select"),
        choice("override_code", "Reason, if you decide otherwise than the guideline suggests",
               {"": "The guideline's stream", **codes.OVERRIDE_CODES}, t, kind="select"),
        text("override_text", "Why, in a few words", t, hint="Needed only if you decide otherwise"),
        many("investigations", "Investigations needed", codes.INVESTIGATIONS, t,
             values=[scan] if scans else ["none"] if stream in _URGENCY else []),
        choice("urgency", "How urgent they are", codes.URGENCIES, t, kind="select",
               value=_urgency(stream, result) if scans else "not_needed"),
        *_advice(suggested, t),
    )  # fmt: skip


_URGENCY = {Stream.EMERGENCY: "within_24_hours", Stream.ONE_WEEK: "within_1_week"}


def _urgency(stream: str, result: Mapping[str, object]) -> str:
    """The limit of the stream; the cauda equina pathway's where its warning stands."""
    warned = {warning["code"] for warning in result["warnings"]}  # type: ignore[index, attr-defined]  # stored JSON
    return "within_4_hours" if "cauda_equina_4h" in warned else _URGENCY.get(Stream(stream), "not_needed")


def _advice(suggested: Mapping[str, str], t: Typing) -> list[Input]:
    inputs = []
    for topic, label in codes.ADVICE_TOPICS.items():
        name = f"advice.{topic}"
        inputs.append(
            choice(
                name,
                f"Advice on {label[0].lower()}{label[1:]}",
                codes.ADVICE_ANSWERS,
                t,
                value=suggested[topic],
                kind="inline",
            )
        )
        deviation = f"deviations.{topic}"
        if one(t.typed, deviation) or deviation in t.errors:
            inputs.append(text(deviation, f"{label}: why it differs from the guideline", t))
    return inputs  # fmt: skip


def contact(case: Referral, t: Typing, *, at: datetime) -> tuple[Input, ...]:
    referrer = case.referrer
    return (
        choice("outcome", "What came of it", codes.CONTACT_OUTCOMES, t, kind="inline"),
        choice("direction", "Direction", codes.DIRECTIONS, t, value="outgoing", kind="inline"),
        text("text", "Note", t, area=True),
        instant("occurred_at", "When", t, at=at),
        flag("with_referrer", "This was with the referrer", t, value="" if t.typed else "yes"),
        choice("channel", "How", codes.CONTACT_CHANNELS, t, value="telephone", kind="select"),
        text("person", "With whom", t, value=referrer["name"] or ""),
        text("role", "Their role", t),
        text("number", "Number", t, value=referrer["callback_number"] or "", short=True),
    )


def promise(running: Iterable[str], t: Typing, *, at: datetime) -> tuple[Input, ...]:
    """Only what a running clock asks for; `running` is in the order of their deadlines."""
    asked = {kind: codes.PROMISES[kind] for kind in running if kind in codes.PROMISES}
    return (
        choice("kind", "What was done", asked, t, value=next(iter(asked), "")),
        text("done_by", "By whom, with their role", t),
        text("text", "What they said or decided", t, area=True),
        instant("done_at", "When", t, at=at),
    )


def asking(t: Typing) -> tuple[Input, ...]:
    """Somebody is asked for something, with a time."""
    return (
        choice("kind", "What is asked for", {"": "Choose", **codes.OBLIGATIONS}, t, kind="select"),
        choice("owed_by", "Of whom", {"": "Choose", **DUTY_WORDS}, t, kind="select"),
        text("text", "What they are asked", t, area=True),
        choice("within", "By when", {"": "Choose", **codes.DUE_WITHIN}, t, kind="select"),
    )


def settling(owed: Mapping[str, str], t: Typing, *, at: datetime) -> tuple[Input, ...]:
    """`owed` has what is waited for, by its number."""
    return (
        choice("obligation", "What was answered", owed, t, value=next(iter(owed), "")),
        text("done_by", "By whom, with their role", t),
        text("text", "What they said", t, area=True),
        instant("done_at", "When", t, at=at),
    )


def snoozing(quietable: Mapping[str, str], t: Typing) -> tuple[Input, ...]:
    """`quietable` has the clocks that can wait, by their number."""
    return (
        choice("clock", "Which clock", quietable, t, value=next(iter(quietable), "")),
        choice("minutes", "For how long", codes.SNOOZE_MINUTES, t, kind="inline"),
        choice("reason", "Why it can wait", codes.SNOOZE_REASONS, t),
    )


def mdt(case: Referral, t: Typing) -> tuple[Input, ...]:
    """An emergency is asked about now, unless somebody chooses otherwise."""
    return (
        choice("question", "What the MDT is asked", {"": "Choose", **codes.MDT_QUESTIONS}, t, kind="select"),
        text("text", "In your words", t, area=True),
        choice(
            "discussion",
            "When",
            codes.DISCUSSIONS,
            t,
            value="virtual_urgent" if case.is_emergency else "scheduled",
            hint="Asked now, each specialty is paged and owes its opinion in time",
        ),
        many("asked", "Who is asked now", SPECIALTY_WORDS, t),
    )


def redirect(t: Typing) -> tuple[Input, ...]:
    return (
        choice("route", "Redirected to", {"": "Choose", **codes.REDIRECT_ROUTES}, t, kind="select"),
        text("text", "Why it is not suspected MSCC", t),
    )


def closing(t: Typing) -> tuple[Input, ...]:
    return (
        choice("outcome", "Outcome", {"": "Choose", **codes.CLOSE_OUTCOMES}, t, kind="select"),
        text("text", "Note", t, hint="Needed when a NICE limit still runs"),
    )


def reason(t: Typing, label: str, *, name: str = "text") -> tuple[Input, ...]:
    return (text(name, label, t),)
