"""What a referral said when it was sent and who was paged for it, in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.time import clock_time, in_words
from oncall.kinds import ClockKind
from oncall.models import Clock
from oncall.queries import pages_of
from oncall.rota import holder_of
from referrals.case.case_facts import mscc_suspected_when_sent
from referrals.case.models import Referral
from referrals.case.queries import organisation_names
from referrals.intake.fields import FIELDS, LOCATION_KIND, REFERRER_ROLE
from referrals.intake.labels import in_sentence
from referrals.web.coordinator.record_lines import field_in_words
from triage.guideline.findings import QUESTIONS, Question, answer_at, answer_in_words, from_json

_SHORT = 60  # characters that fit beside their label
_FIRST_ASKED = 5
_OPEN = frozenset({None, "", "not_assessed", "not_recorded", "unknown", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReferral:
    """The answers of a referral as they were sent, without later additions or changes."""

    findings: Sequence[tuple[str, str]]
    not_assessed: Sequence[tuple[str, str]]  # questions in one line, under the heading of their part
    state: Sequence[tuple[str, str]]
    long_answers: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]


def sent_referral(case: Referral) -> SentReferral:
    """What the referrer sent: the findings with yes first, and what nobody had assessed."""
    presentation = from_json(case.presentation_sent)
    answers = [(question, answer_at(presentation, question.path)) for question in QUESTIONS]
    findings = [
        (question.label, answer_in_words(presentation, question)) for question, a in answers if a not in _OPEN
    ]
    state = list(_state(case))
    return SentReferral(
        findings=tuple(sorted(findings, key=lambda pair: (pair[1] != "Yes", pair[1] == "No"))),
        not_assessed=tuple(_by_part(question for question, answer in answers if answer in _OPEN)),
        state=tuple(pair for pair in state if len(pair[1]) <= _SHORT),
        long_answers=tuple(pair for pair in state if len(pair[1]) > _SHORT),
        people=tuple(_people(case)),
    )


_PARTS = {"pain": "Pain", "neurology": "Neurology"}


def _by_part(questions: Iterable[Question]) -> Iterator[tuple[str, str]]:
    parts: dict[str, list[str]] = {}
    for question in questions:
        parts.setdefault(_PARTS.get(question.path.partition(".")[0], "Cancer and spine"), []).append(
            question.label
        )
    for part, labels in parts.items():
        yield part, "; ".join(dict.fromkeys(in_sentence(label.rstrip("?")) for label in labels))


def first_asked(labels: Iterable[str]) -> str:
    """The first few questions in a sentence, in the guideline's order, and how many more there are."""
    each = list(dict.fromkeys(in_sentence(label.rstrip("?")) for label in labels))
    more = len(each) - _FIRST_ASKED
    return "; ".join(each[:_FIRST_ASKED]) + (f"; and {more} more" if more > 0 else "")


def _state(case: Referral) -> Iterator[tuple[str, str]]:
    clinical = case.clinical_sent
    dose: Mapping[str, Any] = clinical.get("dexamethasone") or {}
    for spec in FIELDS:
        value = (dose if spec.group == "clinical.dexamethasone" else clinical).get(spec.name)
        if spec.group.startswith("clinical") and value not in (*_OPEN, []):
            yield spec.label, field_in_words(spec, value)


def _people(case: Referral) -> Iterator[tuple[str, str]]:
    referrer, location = case.referrer, case.location
    names = organisation_names({referrer["organisation_ods"], location["organisation_ods"] or ""})

    def name(code: str | None) -> str:
        return names.get(code or "", code or "")

    place = (LOCATION_KIND.get(location["kind"], ""), location["detail"], name(location["organisation_ods"]))
    yield "Where the patient is", ", ".join(part for part in place if part)
    who = (referrer["name"], REFERRER_ROLE[referrer["role"]], name(referrer["organisation_ods"]))
    yield "Referrer", ", ".join(part for part in who if part)
    yield "Call-back number", referrer["callback_number"]
    yield "First suspected", in_words(case.clinician_suspected_at)
    for label, instant in (
        ("MSCC suspected", mscc_suspected_when_sent(case)),
        ("First sought help", case.presented_at),
    ):
        if instant is not None:
            yield label, in_words(instant)


def paging_line(case: Referral, every_clock: Iterable[Clock], *, at: datetime) -> str:
    """Who was paged for a case that nobody has acknowledged, and when; two queries more while nobody was."""
    waiting = [c.pk for c in every_clock if c.kind == ClockKind.ACKNOWLEDGE and c.stopped_at is None]
    if not waiting:
        return ""
    people: dict[str, datetime] = {}
    for page in pages_of(waiting):
        people.setdefault(page.recipient.name, page.written_at)
    if people:
        first = clock_time(next(iter(people.values())))
        return f"{' and '.join(people)} {'has' if len(people) == 1 else 'have'} been paged, first at {first}"
    holder = holder_of("coordinator", at=at)
    return f"{holder.name} is being paged now" if holder else "The rota has nobody on call: ring now"
