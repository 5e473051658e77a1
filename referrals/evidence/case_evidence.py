"""The evidence of one case, from all its facts: the presentation that triage reads, and the reasons for it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referrals.evidence.event_data import EventData
from referrals.evidence.examination import (
    DEFAULT_LIMITS,
    SADDLE,
    ExaminationQuestion,
    Limits,
    findings_raised,
    questions,
)
from referrals.evidence.facts import CHANGED, EXAMINED, Fact, in_true_order
from referrals.evidence.imaging import SpinePicture, picture
from referrals.evidence.neurology import (
    NOT_WALKING,
    RECORDED_WALKING,
    Examination,
    examinations,
    without_contradiction,
    worsened_at,
)
from referrals.intake.codes import COURSE_JUDGED, FINDINGS_COMPLETED
from triage.guideline.findings import Answer, Presentation, from_json
from triage.guideline.findings import as_json as presentation_json

_IMAGING = ("imaging_finding", "imaging_report", "whole_spine_imaged")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFindings:
    """The findings of the referral, and when they count from: imaging and walking as stated.

    `neurology_since` is when its neurology was suspected, where that was later than the first suspicion; `progressing`
    says that it was getting worse then.
    """

    presentation: Mapping[str, Any]
    referred_at: datetime
    symptoms_began: datetime
    walking: str = ""
    neurology_since: datetime | None = None
    progressing: bool = False

    @property
    def came_later(self) -> list[datetime]:
        """When neurology came or was getting worse, if that was later than its beginning: scans from before do not show it."""
        since = self.neurology_since
        began = self.symptoms_began if self.progressing else self.referred_at
        return [since] if since is not None and since > began else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The current evidence of a case. The rules read `presentation`."""

    presentation: Presentation
    picture: SpinePicture
    examinations: tuple[Examination, ...]
    questions: tuple[ExaminationQuestion, ...]
    came_later: tuple[datetime, ...] = ()

    @property
    def worsened_at(self) -> list[datetime]:
        """When neurology came or was worse than the last record, through any door: scans from before make no region clean."""
        return sorted({*self.came_later, *worsened_at(self.examinations)})

    @property
    def worse(self) -> frozenset[tuple[str, datetime]]:
        """The findings that became worse, and when."""
        return frozenset(
            (name, examination.at) for examination in self.examinations for name in examination.worse
        )

    @property
    def deteriorated_at(self) -> list[datetime]:
        """The same without answers to the questions of the referral, which describe an earlier state."""
        return worsened_at(
            examination for examination in self.examinations if examination.kind != FINDINGS_COMPLETED
        )


def evidence(referral: SentFindings, facts: Iterable[Fact], *, limits: Limits = DEFAULT_LIMITS) -> Evidence:
    """Combine every fact of a case, in true order, with the findings of the referral."""
    ordered = [without_contradiction(fact) for fact in _once(in_true_order(facts))]
    sent_findings: Mapping[str, Any] = presentation_json(from_json(dict(referral.presentation)))
    all_examinations = examinations(
        sent_findings, ordered, referred_at=referral.referred_at, walking_sent=referral.walking, limits=limits
    )
    contraindicated = _mri_contraindicated(sent_findings, ordered)
    spine = picture(
        ordered,
        since=referral.symptoms_began,
        worse_at=[*referral.came_later, *worsened_at(all_examinations)],
        mri_contraindicated=contraindicated,
        statements={name: sent_findings[name] for name in _IMAGING},
        stated_at=referral.referred_at,
    )
    answers, record = _answered(sent_findings, ordered, referral.referred_at)
    if referral.walking in NOT_WALKING:
        record.setdefault(RECORDED_WALKING, referral.walking)
    current = _as_found(answers, [examination for examination in all_examinations if examination.answers])
    current |= {
        "imaging_finding": str(spine.finding),
        "imaging_report": str(spine.report),
        "whole_spine_imaged": "yes" if spine.whole_spine else _not_yes(answers["whole_spine_imaged"]),
    }
    presentation = from_json(current)
    return Evidence(
        presentation=presentation,
        picture=spine,
        examinations=tuple(all_examinations),
        questions=questions(record, from_json(answers), presentation, limits),
        came_later=tuple(referral.came_later),
    )


def _once(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The facts without changes that the same side told again for the same instant: the first has said it."""
    told: list[tuple[datetime, EventData, bool]] = []
    for fact in facts:
        key = fact.occurred_at, fact.data, fact.by_service
        if fact.kind == CHANGED:
            if key in told:
                continue
            told.append(key)
        yield fact


def _not_yes(answer: str) -> str:
    """A yes counts as not assessed: the whole spine is not covered by statements from outside the service."""
    return str(Answer.NOT_ASSESSED) if answer == Answer.YES else answer


def _answered(
    sent_findings: Mapping[str, Any], facts: Iterable[Fact], referred_at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The newest answers to the questions of triage, and the newest values of the record."""
    current, record = dict(sent_findings), dict[str, Any]()
    for fact in facts:
        if fact.data.get("walking_now"):
            record[RECORDED_WALKING] = fact.data["walking_now"]
        if fact.kind in (CHANGED, FINDINGS_COMPLETED):
            answers = _known(fact.data) if fact.kind == CHANGED else dict(fact.data)
            if fact.occurred_at < referred_at:  # an older answer does not remove a yes of the referral
                answers = _raising(answers, sent_findings)
            current = _completed(current, answers)
        elif fact.kind == EXAMINED:
            record |= fact.data.items()
            if "active_infection" in set(findings_raised(fact.data)):
                current["active_infection"] = "yes"
        elif fact.kind == "dexamethasone_given":
            current["dexamethasone_given"] = "yes"
        elif fact.kind == "dexamethasone_stopped" and fact.occurred_at >= referred_at:
            current["dexamethasone_given"] = "no"
        elif (
            fact.kind == COURSE_JUDGED and fact.data.get("active_infection", "not_assessed") != "not_assessed"
        ):
            current["active_infection"] = fact.data["active_infection"]
    return current, record


def _as_found(answers: Mapping[str, Any], all_examinations: Iterable[Examination]) -> dict[str, Any]:
    """The answers with the results of examinations. Only a person of the service takes back what the record raised."""
    current = {**answers, "neurology": dict(answers["neurology"])}
    by_record: set[str] = set()
    for examination in all_examinations:
        for name, answer in examination.answers.items():
            if examination.kind == EXAMINED:
                by_record.add(name)
            elif name in by_record and answer != Answer.YES and not examination.by_service:
                continue
            elif examination.by_service and answer != Answer.YES:
                by_record.discard(name)
            (current if name == SADDLE else current["neurology"])[name] = answer
    return current


def _known(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a change, without those not assessed."""
    return {
        key: {name: answer for name, answer in value.items() if answer != Answer.NOT_ASSESSED}
        if isinstance(value, Mapping)
        else value
        for key, value in answers.items()
        if value != Answer.NOT_ASSESSED
    }


def _raising(answers: Mapping[str, Any], sent_findings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _raising(value, sent_findings.get(key, {})) if isinstance(value, Mapping) else value
        for key, value in answers.items()
        if value == Answer.YES or sent_findings.get(key) != Answer.YES
    }


def _completed(current: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    groups = {
        group: {**current[group], **answers[group]} for group in ("pain", "neurology") if group in answers
    }
    single_answers = {key: value for key, value in answers.items() if key in current and key not in groups}
    return {**current, **single_answers, **groups}


def _mri_contraindicated(sent_findings: Mapping[str, Any], facts: Iterable[Fact]) -> bool:
    """The newest answer, for scans of any time: a CT done before it was given counts too."""
    later_answers = [fact.data["mri_contraindicated"] for fact in facts if "mri_contraindicated" in fact.data]
    all_answers: list[str] = [sent_findings["mri_contraindicated"], *later_answers]
    return all_answers[-1] == "yes"
