"""Open questions are answered, usually on the telephone, and the guideline is asked again."""

from collections.abc import Mapping
from typing import Any, cast

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid
from ledger.transaction import one_transaction
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.arrival.consequences import picture_changed
from referrals.arrival.notices import URGENT_FINDINGS
from referrals.case.case_facts import OUTSIDE, evidence_of, facts_of
from referrals.case.deterioration import for_page, new_worsenings
from referrals.case.event_record import keep_event
from referrals.case.line_facts import FindingsChanged
from referrals.case.merge import changed_answers
from referrals.case.models import Referral
from referrals.case.move import move
from referrals.case.queries import find_and_lock, refuse_if_changed
from referrals.case.states import Action
from referrals.correspondence.news import news
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.event_data import EventData
from referrals.evidence.events import INSTABILITY
from referrals.evidence.facts import Fact
from referrals.evidence.findings import SEVERITY
from referrals.evidence.imaging import SpinePicture
from referrals.intake.codes import FINDINGS_COMPLETED, NEUROLOGY_SOURCES
from referrals.intake.validation import read_presentation
from referrals.promises.reassessment import (
    page,
    reassess,
    start_clinical_clocks,
    start_event_clock,
    start_from_deterioration,
)
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks
from triage.guideline.findings import Answer, answer_at
from triage.guideline.rule import ContactUrgency


@one_transaction()
def complete_findings(
    reference: str,
    answers: Mapping[str, Any],
    *,
    source: str,
    act: Act,
    version: int | None = None,
    only_open: bool = False,
) -> Referral:
    """Answer or correct findings (as in the presentation, nested by group), with where they come from.

    With `only_open`, a question that somebody else has answered meanwhile is refused.
    """
    case = find_and_lock(reference, by=act.by)
    refuse_if_changed(case, version=version)
    before = evidence_of(case, service=act.service)
    new_answers = _new_answers(case, answers, source=source, picture=before.picture, only_open=only_open)
    fact = Fact(
        kind=FINDINGS_COMPLETED,
        occurred_at=act.at,
        data=cast(EventData, new_answers),
        by_service=str(act.by.role) not in OUTSIDE,
    )
    worse = new_worsenings(before, evidence_of(case, service=act.service, facts=[*facts_of(case), fact]))
    message = for_page(worse, since=act.at, at=act.at, title="Neurology found") if worse else ""
    facts = FindingsChanged(changed=sorted(_paths(new_answers)), source=source)
    changes = {"neurology_source": source, **news(case, by=act.by, at=act.at)}
    line = move(case, Action.COMPLETE_FINDINGS, by=act.by, at=act.at, facts=facts, changes=changes)
    keep_event(
        case, FINDINGS_COMPLETED, occurred_at=act.at, data=new_answers, line=line, by=act.by, at=act.at
    )
    reassess(case, act=act, since=act.at, about=message, is_news=bool(worse))
    after = evidence_of(case, service=act.service)
    picture_changed(case, before.picture, after.picture, by=act.by, at=act.at)
    _start_clocks(case, new_answers, before=before, after=after, act=act)
    if _is_news_to_the_service(before, after, by=act.by):
        page(case, since=act.at, contact=ContactUrgency.IMMEDIATELY, about=message, act=act)
    settle_clocks_of_scans(case, act=act)
    if after.picture.stated_whole_spine:  # an older scan that the coordinator lets count
        clocks.stop(
            case.pk, [ClockKind.MRI], because=Stopped.NOT_NEEDED, stopped_at=act.at, by=act.by, at=act.at
        )
    settle_event_clocks(case, act=act)
    return case


def _new_answers(
    case: Referral, answers: Mapping[str, Any], *, source: str, picture: SpinePicture, only_open: bool
) -> dict[str, Any]:
    """The answers that change something; Invalid with every problem at once."""
    errors: dict[str, list[str]] = {}
    whole = {"cancer_context": case.presentation["cancer_context"], **answers}
    is_readable = read_presentation(whole, errors) is not None
    if source not in NEUROLOGY_SOURCES:
        errors["source"] = ["Say where these answers come from"]
    new_answers = changed_answers(case.presentation, answers) if is_readable else {}
    if only_open:
        errors |= {
            f"presentation.{path}": ["Somebody has answered this meanwhile: load the page again"]
            for path in _paths(new_answers)
            if answer_at(case.findings, path) != Answer.NOT_ASSESSED
        }
    if not new_answers and not errors:
        errors["presentation"] = ["No answer was changed"]
    if "imaging_finding" in new_answers and _lowers(new_answers["imaging_finding"], picture):
        errors["presentation.imaging_finding"] = [
            "A worse finding stands. If it is wrong, withdraw it with a reason under “What is known about the spine”"
        ]
    if errors:
        raise Invalid("Some answers cannot be accepted", errors=errors)
    return new_answers


def _start_clocks(
    case: Referral, new_answers: Mapping[str, Any], *, before: Evidence, after: Evidence, act: Act
) -> None:
    """The clocks of a scan that no longer counts, of worse neurology, and of a spine that may be unstable."""
    is_worse = bool(after.worse - before.worse)
    is_uncovered = before.picture.whole_spine and not after.picture.whole_spine
    if is_uncovered and case.is_emergency and not is_worse:
        start_clinical_clocks(case, act=act)
    if is_worse and case.is_emergency:
        start_from_deterioration(case, since=act.at, act=act)
    if new_answers.get(INSTABILITY) == Answer.YES:
        start_event_clock(case, ClockKind.STABILITY_ADVICE, started_at=act.at, act=act)


def _is_news_to_the_service(before: Evidence, after: Evidence, *, by: Actor) -> bool:
    """Whether somebody outside the service found worse neurology or an urgent finding; a coordinator who finds it knows."""
    is_worse = bool(after.worse - before.worse)
    shows_more = after.picture.finding != before.picture.finding and after.picture.shows(*URGENT_FINDINGS)
    return (is_worse or shows_more) and str(by.role) in OUTSIDE


def _lowers(finding: str, picture: SpinePicture) -> bool:
    """Whether an answer about imaging is less severe than the worst current finding."""
    order = (*SEVERITY, "no_malignant_disease", "none")
    return bool(picture.findings) and order.index(finding) > order.index(picture.findings[0].finding)


def _paths(answers: Mapping[str, Any]) -> list[str]:
    return [
        path
        for key, value in answers.items()
        for path in ([f"{key}.{name}" for name in value] if isinstance(value, Mapping) else [key])
    ]
