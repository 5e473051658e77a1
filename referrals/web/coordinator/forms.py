"""The forms on a case page, with their inputs."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.people import DUTY_WORDS, SPECIALTY_WORDS
from referrals.case.models import Referral
from referrals.case.states import Status
from referrals.intake import codes
from referrals.usecases.triage_referral import suggested_advice
from referrals.web.inputs import field_of
from triage.guideline.findings import (
    IMAGING_FINDING,
    NEUROLOGY_QUESTIONS,
    PAIN_QUESTIONS,
    QUESTIONS,
    Answer,
    answer_at,
)
from triage.guideline.rule import STREAM_WORDS, Stream
from triage.guideline.stored import StoredResult
from webkit.fields import Area, Choice, Field, Flag, Many, Moment, Text
from webkit.forms import Fields


def findings(case: Referral) -> Fields:
    """The open questions first: what the stream waits for, then where the answers come from."""
    return {**_finding_fields(open_findings(case), case), "source": _source()}


def open_findings(case: Referral) -> list[str]:
    """The paths of the findings that nobody has asked about or examined."""
    presentation = case.findings
    return [
        question.path
        for question in (*NEUROLOGY_QUESTIONS, *PAIN_QUESTIONS)
        if answer_at(presentation, question.path) == Answer.NOT_ASSESSED
    ]


def corrections(case: Referral) -> Fields:
    """Every finding as it stands, to be corrected."""
    return {
        **_finding_fields([q.path for q in QUESTIONS if q is not IMAGING_FINDING], case),
        "source": _source(),
    }


def _finding_fields(paths: Iterable[str], case: Referral) -> Fields:
    answers = {path: answer_at(case.findings, path) for path in paths}
    return {
        f"presentation.{path}": field_of(
            f"presentation.{path}", initial=None if answer is None else str(answer)
        )
        for path, answer in answers.items()
    }


def _source() -> Field:
    sources = {code: words for code, words in codes.NEUROLOGY_SOURCES.items() if code != "referral"}
    return Choice("Where these answers come from", sources)


def triage(case: Referral, result: StoredResult) -> Fields:
    """The decision, filled in as the guideline suggests; each part can be changed."""
    undecided = case.status in (Status.SUBMITTED, Status.ACKNOWLEDGED)
    stream = case.suggested_stream if undecided else case.stream  # what a person decided stands
    advice_codes = {advice["code"] for advice in result["advice"]}
    scan = "ct_whole_spine" if "ct_instead_of_mri" in advice_codes else "mri_whole_spine"
    scans = advice_codes & {"mri_whole_spine_24h", "mri_whole_spine_1w", "ct_instead_of_mri"}
    suggested = suggested_advice(result)
    return {
        "stream": Choice(
            "Stream", {s.value: w for s, w in STREAM_WORDS.items()}, initial=stream, kind="select"
        ),
        "override_code": Choice(
            "Reason, if your decision differs from the guideline",
            {"": "The guideline's stream", **codes.OVERRIDE_CODES},
            kind="select",
        ),
        "override_text": Text("Why, in a few words", hint="Needed only if your decision differs"),
        "investigations": Many(
            "Investigations needed",
            codes.INVESTIGATIONS,
            initial=[scan] if scans else ["none"] if stream in _URGENCY else [],
        ),
        "urgency": Choice(
            "How urgent they are",
            codes.URGENCIES,
            kind="select",
            initial=_urgency(stream, result) if scans else "not_needed",
        ),
        **_advice(suggested),
    }


_URGENCY = {Stream.EMERGENCY: "within_24_hours", Stream.ONE_WEEK: "within_1_week"}


def _urgency(stream: str, result: StoredResult) -> str:
    """The limit of the stream; the cauda equina pathway's if its warning is given."""
    warning_codes = {warning["code"] for warning in result["warnings"]}
    return (
        "within_4_hours" if "cauda_equina_4h" in warning_codes else _URGENCY.get(Stream(stream), "not_needed")
    )


def _advice(suggested: Mapping[str, str]) -> Fields:
    fields: dict[str, Field] = {}
    for topic, label in codes.ADVICE_TOPICS.items():
        on = f"Advice on {label[0].lower()}{label[1:]}"
        fields[f"advice.{topic}"] = Choice(on, codes.ADVICE_ANSWERS, initial=suggested[topic], kind="inline")
        fields[f"deviations.{topic}"] = Text(f"{label}: why it differs from the guideline", asked_for=True)
    return fields


def contact(case: Referral, *, at: datetime) -> Fields:
    """Inputs for a call or message, filled in for a telephone call to the referrer at `at`."""
    referrer, folded = case.referrer, "Already filled in"
    return {
        "outcome": Choice("What came of it", codes.CONTACT_OUTCOMES, kind="inline"),
        "direction": Choice("Direction", codes.DIRECTIONS, initial="outgoing", kind="inline"),
        "text": Area("Note"),
        "occurred_at": Moment("When", initial=at, folded=folded),
        "with_referrer": Flag("This was with the referrer", initial=True, folded=folded),
        "channel": Choice("How", codes.CONTACT_CHANNELS, initial="telephone", kind="select", folded=folded),
        "person": Text("With whom", initial=referrer["name"] or "", folded=folded),
        "role": Text("Their role", folded=folded),
        "number": Text("Number", initial=referrer["callback_number"] or "", width="10", folded=folded),
    }


def promise(running: Iterable[str], *, at: datetime) -> Fields:
    """Only what a running clock needs. `running` is in order of deadline."""
    options = {kind: codes.PROMISES[kind] for kind in running if kind in codes.PROMISES}
    return {
        "kind": Choice("What was done", options, initial=next(iter(options), "")),
        "done_by": Text("By whom, with their role"),
        "text": Area("What they said or decided"),
        "done_at": Moment("When", initial=at),
    }


def asking() -> Fields:
    """Somebody is asked for something, with a time."""
    return {
        "kind": Choice("What you are asking for", {"": "Choose", **codes.OBLIGATIONS}, kind="select"),
        "owed_by": Choice(
            "Who to ask",
            {"": "Choose", **{duty.value: words for duty, words in DUTY_WORDS.items()}},
            kind="select",
        ),
        "text": Area("What they are asked"),
        "within": Choice("By when", {"": "Choose", **codes.DUE_WITHIN}, kind="select"),
    }


def settling(obligations: Mapping[str, str], *, at: datetime) -> Fields:
    """`obligations` has the open requests, by number."""
    return {
        "obligation": Choice("What was answered", obligations, initial=next(iter(obligations), "")),
        "done_by": Text("By whom, with their role"),
        "text": Area("What they said"),
        "done_at": Moment("When", initial=at),
    }


def snoozing(quietable: Mapping[str, str]) -> Fields:
    """`quietable` has the clocks that can wait, by their number."""
    return {
        "clock": Choice("Which clock", quietable, initial=next(iter(quietable), "")),
        "minutes": Choice("For how long", codes.SNOOZE_MINUTES, kind="inline"),
        "reason": Choice("Why it can wait", codes.SNOOZE_REASONS),
    }


def mdt(case: Referral) -> Fields:
    """An emergency is asked about now, unless somebody chooses otherwise."""
    return {
        "question": Choice("What the MDT is asked", {"": "Choose", **codes.MDT_QUESTIONS}, kind="select"),
        "text": Area("In your words"),
        "discussion": Choice(
            "When",
            codes.DISCUSSIONS,
            initial="virtual_urgent" if case.is_emergency else "scheduled",
            hint="If you ask now, each specialty is paged and has a time limit for its opinion",
        ),
        "asked": Many("Who is asked now", SPECIALTY_WORDS),
    }


def redirect() -> Fields:
    """Inputs for where the referral goes instead, and why."""
    return {
        "route": Choice("Redirected to", {"": "Choose", **codes.REDIRECT_ROUTES}, kind="select"),
        "text": Text("Why it is not suspected MSCC"),
    }


def closing(case: Referral) -> Fields:
    """Inputs for how the case ended, with a note for a NICE limit that still runs, or for a referral that others make."""
    note = Text("Note", hint="Needed when a NICE limit is still running")
    if case.stream == Stream.URGENT_ONCOLOGY:
        note = Text(
            "Who confirmed that the urgent cancer referral was made, and when",
            hint="Urgent means within 2 weeks in NG12. Later waiting times in England were not checked",
        )
    return {
        "outcome": Choice("Outcome", {"": "Choose", **codes.CLOSE_OUTCOMES}, kind="select"),
        "text": note,
    }


def reason(label: str, *, name: str = "text", hint: str = "") -> Fields:
    """One text input with this label, sent under `name`."""
    return {name: Text(label, hint=hint)}
