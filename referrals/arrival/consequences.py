"""The consequences of a new fact of a case, in the transaction of the act that reports it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict, cast

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid
from kernel.time import london_date, long_date
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.arrival.clock_effects import ASKS_AGAIN, EFFECTS, Arrival
from referrals.arrival.notices import (
    NEW_ROW,
    URGENT_FINDINGS,
    news_for_page,
    notices_of,
    removed_findings,
)
from referrals.arrival.reliance import ask_for_review
from referrals.case.case_facts import OUTSIDE, course_record_of, evidence_of, facts_of, symptoms_began
from referrals.case.deterioration import WORSE, Worse, for_page, is_pain_alone, new_worsenings, worse_answers
from referrals.case.event_record import write_event
from referrals.case.line_facts import CourseJudged, EventRecorded, PictureChanged
from referrals.case.models import Event, Referral
from referrals.case.notes import NoteText, words
from referrals.case.states import Action
from referrals.correspondence.news import news
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.course import CourseRecord
from referrals.evidence.facts import Fact
from referrals.evidence.imaging import SpinePicture
from referrals.evidence.scans import FINDING_OF_RESULT, REPORTED
from referrals.intake.codes import COURSE_JUDGED
from referrals.promises.reassessment import page, page_about, reassess, start_from_deterioration
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks
from triage.guideline.rule import ContactUrgency

DEATH_REPORTED = "A death is reported: confirm it, or say that it is wrong"
LONG_BEFORE = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedFact:
    """The recorded event, and the codes of the notices for its sender."""

    event: Event
    notices: tuple[str, ...] = ()


class Known(TypedDict):
    """What is known of a case once its new fact is recorded, read once."""

    facts: Sequence[Fact]
    record: CourseRecord


def arrive(
    case: Referral,
    fact: Fact,
    *,
    act: Act,
    text: str = "",
    about: str = "event",
    alarming: bool = False,
    addressed: Referral | None = None,
) -> ArrivedFact:
    """Record a fact on a case that the caller has locked, ask the guideline again and update the clocks.

    `alarming` pages a human whatever is already known; `text` is kept as a note. `addressed` is the merged
    referral that the sender named; the fact returns with it when the merge is undone. A fact for an ended
    case is not refused: it is kept for a coordinator to read.
    """
    _refuse_slip_of_the_year(case, fact)
    facts, had_died = facts_of(case), case.died_at is not None
    fact = replace(fact, number=NEW_ROW, by_service=str(act.by.role) not in OUTSIDE, by_name=act.by.name)
    before = evidence_of(case, service=act.service, facts=facts)
    after = evidence_of(case, service=act.service, facts=[*facts, fact])
    worse = fact.occurred_at in after.deteriorated_at and before.deteriorated_at != after.deteriorated_at
    worse_findings = new_worsenings(before, after) if worse else {}
    worse_findings |= worse_answers(fact.data) if alarming else {}
    message = for_page(worse_findings, since=fact.occurred_at, at=act.at) if worse or alarming else ""
    notices = notices_of(case, fact, facts, before.picture, after.picture)
    message = message or news_for_page(fact, notices, before.picture, after.picture)
    event = _record(
        case,
        fact,
        words(about, text, path="text"),
        addressed,
        is_worse=worse or alarming,
        worse=worse_findings,
        by=act.by,
        at=act.at,
    )
    arrival = Arrival(case=case, fact=fact, line=event.ledger_line, act=act)
    picture_changed(case, before.picture, after.picture, by=act.by, at=act.at)
    new_findings = set(after.picture.findings) - set(before.picture.findings)
    known: Known = {"facts": facts_of(case), "record": course_record_of(case)}
    if fact.kind in ASKS_AGAIN:
        is_news = worse or alarming or bool(new_findings)
        reassess(
            case, act=act, since=fact.occurred_at, about=message, is_news=is_news, is_worse=worse, **known
        )
    if case.is_over:
        urgent = (
            worse
            or alarming
            or _is_urgent_report(fact)
            or bool(new_findings)
            or "report_withdrawn" in notices
        )
        _wait_for_a_look(arrival, urgent=urgent, about=message)
        _end_clocks_with_death(arrival, pages_too=False)
        return ArrivedFact(event=event, notices=notices)
    for effect in EFFECTS.get(fact.kind, ()):
        effect(arrival)
    if worse:
        start_from_deterioration(case, since=fact.occurred_at, act=act)
    if _wants_a_human(fact, before, after, notices, worse=worse, alarming=alarming):
        page(case, since=act.at, contact=ContactUrgency.IMMEDIATELY, about=message, act=act)
    if "booked_after_limit" in notices:
        page_about(case, about=message, act=act)
    settle_clocks_of_scans(case, facts=known["facts"], act=act)
    settle_event_clocks(case, act=act, **known)
    _look_again(arrival, before.picture, after.picture, notices)
    _end_with_death(arrival, again=had_died)
    return ArrivedFact(event=event, notices=notices)


def _record(
    case: Referral,
    fact: Fact,
    note: NoteText,
    addressed: Referral | None,
    *,
    is_worse: bool,
    worse: Worse,
    by: Actor,
    at: datetime,
) -> Event:
    facts = cast(EventRecorded, {"event": fact.kind, "occurred_at": fact.occurred_at, **_codes(fact)})
    if is_worse:
        facts[WORSE] = dict(worse)
    return write_event(
        case,
        _action(fact, case, worse=is_worse),
        fact.kind,
        occurred_at=fact.occurred_at,
        data=fact.data,
        facts=facts,
        changes={
            **_changes(case, fact, worse=is_worse and not is_pain_alone(worse)),
            **news(case, by=by, at=at),
        },
        note=note,
        addressed=addressed,
        by=by,
        at=at,
    )


def picture_changed(
    case: Referral, before: SpinePicture, after: SpinePicture, *, by: Actor, at: datetime
) -> None:
    """Record every change of the picture of the spine in the ledger, in codes."""
    if _coded(before) != _coded(after):
        append(Kind.PICTURE_CHANGED, by=by, at=at, case=case.pk, facts=_coded(after))


def _coded(picture: SpinePicture) -> PictureChanged:
    return {
        "finding": str(picture.finding),
        "report": str(picture.report),
        "whole_spine": picture.whole_spine,
        "regions": {region.name: region.finding or str(region.state) for region in picture.regions},
        "contradictions": len(picture.contradictions),
    }


def _is_urgent_report(fact: Fact) -> bool:
    finding = FINDING_OF_RESULT.get(fact.data.get("result", ""), "")
    return fact.kind == REPORTED and fact.data.get("status") != "withdrawn" and bool(finding)


def _wants_a_human(
    fact: Fact, before: Evidence, after: Evidence, notices: Sequence[str], *, worse: bool, alarming: bool
) -> bool:
    """Whether a fact pages at once: newly reported worse neurology, compression, a contradiction or a withdrawal."""
    is_news = worse and bool(after.worse - before.worse)
    exclusion_lifted = before.picture.ruled_out and not after.picture.ruled_out
    finding = FINDING_OF_RESULT.get(fact.data.get("result", ""), "")
    is_compression = _is_urgent_report(fact) and finding in URGENT_FINDINGS and "likely_repeat" not in notices
    changes = {"finding_contradicted", "finding_replaced", "report_withdrawn"} & set(notices)
    return is_news or alarming or is_compression or exclusion_lifted or bool(changes)


def _wait_for_a_look(a: Arrival, *, urgent: bool, about: str) -> None:
    """A fact of an ended case waits on the board until somebody reads it; an urgent one pages."""
    if a.case.arrived_since is None:
        a.case.arrived_since = a.act.at
        keep(a.case, line=a.line, by=a.act.by, at=a.act.at)
    if urgent:
        of_death = a.case.died_at is not None
        page_about(a.case, at_once=True, of_death=of_death, about=about, act=a.act)


def _look_again(a: Arrival, before: SpinePicture, after: SpinePicture, notices: Sequence[str]) -> None:
    """Ask for a review of what rests on each finding that has changed."""
    findings = removed_findings(before, after)
    if "finding_contradicted" in notices:
        earlier = {
            (contradiction.finding.number, contradiction.report) for contradiction in before.contradictions
        }
        findings += [
            contradiction.finding
            for contradiction in after.contradictions
            if (contradiction.finding.number, contradiction.report) not in earlier
        ]
    if "report_withdrawn" in notices:
        findings += [finding for finding in after.findings if finding.report_withdrawn]
    for finding in findings:
        ask_for_review(a.case, finding, act=a.act)


def _end_with_death(a: Arrival, *, again: bool) -> None:
    """After a death, end every clock; the only page is to confirm the death. One that is reported `again` keeps its page."""
    _end_clocks_with_death(a, pages_too=a.fact.kind == "died" and not again)
    if a.fact.kind == "died":
        page_about(a.case, of_death=True, about=DEATH_REPORTED, act=a.act)


def _end_clocks_with_death(a: Arrival, *, pages_too: bool) -> None:
    """After a death, end every clock, the follow-ups of a closed case too. `pages_too` ends those for a human as well."""
    if a.case.died_at is None:
        return
    kinds = frozenset(ClockKind) - (frozenset() if pages_too else {ClockKind.ACKNOWLEDGE})
    clocks.stop(a.case.pk, kinds, because=Stopped.ENDED, stopped_at=a.case.died_at, by=a.act.by, at=a.act.at)


def judge(case: Referral, judgements: Mapping[str, str], *, act: Act) -> None:
    """Record judgements, checked by the caller, on a locked case, ask the guideline again and update the clocks."""
    write_event(
        case,
        Action.JUDGE_COURSE,
        COURSE_JUDGED,
        occurred_at=act.at,
        data=judgements,
        facts=CourseJudged(judged=dict(judgements)),
        by=act.by,
        at=act.at,
    )
    reassess(case, act=act, since=act.at)
    settle_event_clocks(case, act=act)


def _refuse_slip_of_the_year(case: Referral, fact: Fact) -> None:
    """Refuse an instant before birth or more than a year before the symptoms: it is a slip that would start or stop clocks."""
    born = case.patient.date_of_birth
    reason = ""
    if born is not None and london_date(fact.occurred_at) < born:
        reason = f"This is before the date of birth, {long_date(born)}"
    elif fact.occurred_at < symptoms_began(case) - LONG_BEFORE:
        reason = "This is more than a year before the symptoms: check the year"
    if reason:
        raise Invalid("Some of what was sent cannot be accepted", errors={"occurred_at": [reason]})


def _action(fact: Fact, case: Referral, *, worse: bool) -> Action:
    if case.is_over:
        return Action.RECORD_EVENT
    if worse:
        return Action.RECORD_DETERIORATION
    is_treatment = fact.kind in ("radiotherapy_started", "surgery_started")
    return Action.START_TREATMENT if is_treatment else Action.RECORD_EVENT


_TEXTS = frozenset({"site", "route", "reason", "scan", "report", "replaces"})


def _codes(fact: Fact) -> dict[str, object]:
    """The coded part of the data; free texts and identifiers of other systems stay out of the ledger."""
    return {key: value for key, value in fact.data.items() if key not in _TEXTS}


def _changes(case: Referral, fact: Fact, *, worse: bool) -> dict[str, object]:
    if fact.kind == "died":
        return {"died_at": fact.occurred_at}
    if worse and (case.mscc_suspected_at is None or fact.occurred_at < case.mscc_suspected_at):
        return {"mscc_suspected_at": fact.occurred_at}
    return {}
