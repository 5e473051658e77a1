"""What has become worse in a person's neurology: in codes for the ledger, and in words for pages, timelines and lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kernel.time import dated, from_rfc3339
from ledger.read import Entry, lines_with
from referrals.case.models import Note
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.event_data import EventData
from referrals.evidence.examination import SADDLE
from referrals.evidence.neurology import WALKING, finding_of
from referrals.intake.fields import WALKING as WALKING_WORDS
from referrals.intake.labels import in_sentence
from referrals.intake.validation import label_of, words_at
from triage.guideline.findings import Answer

WORSE: Final = "deteriorated"  # the fact in a ledger line that lists what became worse
Worse = Mapping[str, str]  # value by finding of the presentation, or by path of the record


@dataclass(frozen=True, slots=True, kw_only=True)
class Worsening:
    """The newest worsening of a case: in standard words, since when, and in the reporter's own words."""

    words: str
    since: datetime
    text: str = ""


def new_worsenings(before: Evidence, after: Evidence) -> dict[str, str]:
    """Findings that are worse in `after` and were not yet worse in `before`; empty when there are none."""
    earlier = {
        (examination.number, examination.at, name)
        for examination in before.examinations
        for name in examination.worse
    }
    worse: dict[str, str] = {}
    for examination in after.examinations:
        names = [
            name for name in examination.worse if (examination.number, examination.at, name) not in earlier
        ]
        measured = {finding_of(name) for name in names if name in examination.measured}
        worse |= {
            name: examination.measured.get(name, "yes")
            for name in names
            if name in examination.measured or name not in measured
        }
    return worse


def worse_answers(data: EventData) -> dict[str, str]:
    """The findings that a worried person reports, whether or not they are worse than before."""
    walking = {f"clinical.{WALKING}": data[WALKING]} if data.get(WALKING) else {}
    pain = {f"{PAIN}{name}": answer for name, answer in data.get("pain", {}).items() if answer == Answer.YES}
    return {**dict.fromkeys(data.get("worse", ()), "yes"), **walking, **pain}


PAIN = "pain."


def is_pain_alone(worse: Worse) -> bool:
    """Whether only pain is worse: no sign of cord compression, so no suspicion of it begins."""
    return bool(worse) and all(name.startswith(PAIN) for name in worse)


def in_words_of(worse: Worse, *, since: datetime, at: datetime, title: str = "Neurology worse") -> str:
    """Neurology worse: weakness of an arm or leg, since 14:55 GMT. The date is given when it is another day."""
    title = "Pain worse" if is_pain_alone({name: "" for name in worse if name != MORE}) else title
    findings = "; ".join(_finding(name, value) for name, value in worse.items())
    return f"{title}{f': {findings}' if findings else ''}, since {dated(since, at=at)}"


def for_page(worse: Worse, *, since: datetime, at: datetime, title: str = "Neurology worse") -> str:
    """The same, short enough for a page."""
    words = in_words_of(worse, since=since, at=at, title=title)
    if len(words) <= LENGTH:
        return words
    finding = dict(list(worse.items())[:1])
    return in_words_of({**finding, MORE: str(len(worse) - 1)}, since=since, at=at, title=title)[:LENGTH]


LENGTH = 200
MORE = "and more"


def _finding(name: str, value: str) -> str:
    if name == MORE:
        return f"and {value} more"
    if name == f"clinical.{WALKING}":
        return f"walking: {WALKING_WORDS.get(value, value).lower()}"
    if name.startswith(PAIN):
        return in_sentence(label_of(f"presentation.{name}"))
    if "." in name:
        return f"{in_sentence(label_of(name))}: {in_sentence(words_at(name, value))}"
    return in_sentence(label_of(f"presentation.{name if name == SADDLE else f'neurology.{name}'}"))


def worsenings(
    cases: Iterable[int], *, at: datetime, acknowledged: Mapping[int, datetime | None] | None = None
) -> dict[int, Worsening]:
    """What became worse in each case since it was acknowledged, or else its newest worsening: two queries.

    Cases with no worsening are left out.
    """
    acknowledged_at = acknowledged or {}
    lines_of: dict[int, list[Entry]] = {}
    for line in lines_with(WORSE, cases=cases):
        lines_of.setdefault(line.case or 0, []).append(line)
    news = {}
    for case, lines in lines_of.items():
        moment = acknowledged_at.get(case)
        unread = [line for line in lines if case in acknowledged_at and (moment is None or line.at > moment)]
        news[case] = unread or lines[-1:]
    numbers = [line.number for lines in news.values() for line in lines]
    texts = dict(Note.objects.filter(ledger_line__in=numbers).values_list("ledger_line", "text"))
    return {case: _worsening(lines, texts, at=at) for case, lines in news.items()}


def _worsening(lines: Sequence[Entry], texts: Mapping[int, str], *, at: datetime) -> Worsening:
    """Several worsenings in one sentence, dated from the first."""
    worse: dict[str, str] = {}
    for line in lines:
        worse |= line.shared[WORSE]
    since = min(
        from_rfc3339(line.shared["occurred_at"]) if "occurred_at" in line.shared else line.at
        for line in lines
    )
    notes = [texts[line.number] for line in lines if line.number in texts]
    return Worsening(words=in_words_of(worse, since=since, at=at), since=since, text=" / ".join(notes))
