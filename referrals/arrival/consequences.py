"""What follows when a fact of a case arrives, inside the transaction of the act that tells of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid
from kernel.time import from_rfc3339, london_date, long_date
from ledger.append import append, bind
from ledger.keep import keep
from ledger.kinds import Kind
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.arrival.clock_effects import ASKS_AGAIN, EFFECTS, Arrival
from referrals.arrival.reliance import ask_again
from referrals.case.case_facts import OUTSIDE, evidence_of, facts_of, symptoms_began
from referrals.case.deterioration import WORSE, Worse, for_page, worse_answers, worse_in
from referrals.case.models import Event, Referral
from referrals.case.move import move
from referrals.case.notes import signed, words
from referrals.case.states import Action
from referrals.correspondence.news import news
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.facts import Fact
from referrals.evidence.findings import Finding
from referrals.evidence.imaging import SpinePicture
from referrals.evidence.scans import FINDING_OF_RESULT, REPORTED
from referrals.intake.codes import COURSE_JUDGED
from referrals.promises.reassessment import page, page_about, reassess, start_from_deterioration
from referrals.promises.settlement import settle_clocks_of_scans, settle_event_clocks
from triage.guideline.findings import ImagingFinding
from triage.guideline.rule import ContactUrgency

LONG_BEFORE = timedelta(days=365)
URGENT_FINDINGS = (ImagingFinding.MSCC, ImagingFinding.IMPENDING_COMPRESSION)
NOTICES = {
    "case_is_over": "This case has ended. The fact is kept, and a coordinator looks at it.",
    "booked_after_limit": "The scan is booked for after its limit. The coordinator is paged.",
    "scan_already_done": "A scan is recorded before this: its clock is not touched.",
    "finding_contradicted": "This report says the opposite of a finding that stands. The finding stands until a "
    "named person settles it, and the coordinator is paged.",
    "finding_replaced": "This report takes the place of a finding. The coordinator is told.",
    "report_withdrawn": "The report is withdrawn. What it showed stands until another final report or a named person "
    "takes it away, and the coordinator is paged.",
    "regions_unknown": "It is not known which regions this report speaks of: send its regions or its scan. Until then "
    "it makes no region clean.",
    "scan_unknown": "No scan of these regions is recorded: when it was done is asked for.",
    "transfer_not_accepted": "Nobody has accepted a transfer of this patient, as far as is recorded. The fact is kept: "
    "tell the coordinator who accepted it.",
    "likely_repeat": "The same was told before, for the same instant. It is kept and counted once.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The event that was recorded, and the codes of what its sender is told."""

    event: Event
    notices: tuple[str, ...] = ()


def arrive(
    case: Referral,
    fact: Fact,
    *,
    by: Actor,
    at: datetime,
    service: Service,
    text: str = "",
    about: str = "event",
    alarming: bool = False,
    told_of: Referral | None = None,
) -> Arrived:
    """Record a fact on a case that the caller has locked; the guideline is asked again and clocks follow.

    `alarming` pages a human whatever was known before; `text` is kept as a note about it. `told_of` is the merged
    referral that it was addressed to, with which it goes when the merge is undone. Nothing is refused
    because a case has ended: the fact is kept there for a coordinator to look at.
    """
    _refuse_slip_of_the_year(case, fact)
    told = facts_of(case)
    fact = replace(fact, number=_NEW, by_service=str(by.role) not in OUTSIDE, by_name=by.name)
    before = evidence_of(case, service=service, facts=told)
    after = evidence_of(case, service=service, facts=[*told, fact])
    worse = fact.occurred_at in after.deteriorated_at and before.deteriorated_at != after.deteriorated_at
    what = worse_in(before, after) if worse else {}
    what |= worse_answers(fact.data) if alarming else {}
    loud = for_page(what, since=fact.occurred_at, at=at) if worse or alarming else ""
    notices = _notices(case, fact, told, before.picture, after.picture)
    event, line = _record(
        case, fact, text, about, told_of or case, worse=worse or alarming, what=what, by=by, at=at
    )
    arrival = Arrival(case=case, fact=fact, line=line, by=by, at=at, service=service)
    picture_changed(case, before.picture, after.picture, by=by, at=at)
    if fact.kind in ASKS_AGAIN:
        reassess(case, service=service, by=by, at=at, since=fact.occurred_at, about=loud)
    if case.is_over:
        shown = set(after.picture.findings) - set(before.picture.findings)
        urgent = worse or alarming or _is_urgent_report(fact) or bool(shown) or "report_withdrawn" in notices
        _wait_for_a_look(arrival, urgent=urgent, about=loud)
        return Arrived(event=event, notices=notices)
    for effect in EFFECTS.get(fact.kind, ()):
        effect(arrival)
    if worse:
        start_from_deterioration(case, since=fact.occurred_at, service=service, by=by, at=at)
    if _wants_a_human(fact, before, after, notices, worse=worse, alarming=alarming):
        page(case, since=at, contact=ContactUrgency.IMMEDIATELY, about=loud, service=service, by=by, at=at)
    if "booked_after_limit" in notices:
        page_about(case, service=service, by=by, at=at)
    settle_clocks_of_scans(case, service=service, by=by, at=at)
    settle_event_clocks(case, by=by, at=at, service=service)
    _look_again(arrival, before.picture, after.picture, notices)
    _end_with_death(arrival)
    return Arrived(event=event, notices=notices)


_NEW = 2**62  # the row of a fact that is not stored yet: it came last


def _record(
    case: Referral,
    fact: Fact,
    text: str,
    about: str,
    told_of: Referral,
    *,
    worse: bool,
    what: Worse,
    by: Actor,
    at: datetime,
) -> tuple[Event, int]:
    note = words(about, text, path="text")
    salt = uuid.uuid4()
    bound = {"data": bind(dict(fact.data), salt=str(salt)), **note.bound.get("bound", {})}
    told = {"event": fact.kind, "occurred_at": fact.occurred_at, **_codes(fact)}
    told |= {WORSE: dict(what)} if worse else {}
    line = move(
        case,
        _action(fact, case, worse=worse),
        by=by,
        at=at,
        facts={**told, "bound": bound},
        changes={**_changes(case, fact, worse=worse), **news(case, by=by, at=at)},
    )
    note.write(case, line=line, by=by, at=at)
    event = Event(
        referral=told_of,
        kind=fact.kind,
        occurred_at=fact.occurred_at,
        data=dict(fact.data),
        salt=salt,
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(event, line=line, by=by, at=at)
    return event, line


def picture_changed(
    case: Referral, before: SpinePicture, after: SpinePicture, *, by: Actor, at: datetime
) -> None:
    """Every change of what is known of the spine is a line of the ledger, in codes."""
    if _coded(before) != _coded(after):
        append(Kind.PICTURE_CHANGED, by=by, at=at, case=case.pk, facts=_coded(after))


def _coded(picture: SpinePicture) -> dict[str, object]:
    return {
        "finding": str(picture.finding),
        "report": str(picture.report),
        "whole_spine": picture.whole_spine,
        "regions": {region.name: region.finding or str(region.state) for region in picture.regions},
        "contradictions": len(picture.contradictions),
    }


def _notices(
    case: Referral, fact: Fact, told: Sequence[Fact], before: SpinePicture, after: SpinePicture
) -> tuple[str, ...]:
    """The codes of what the sender of a fact is told."""
    same = any(
        (one.kind, one.occurred_at, dict(one.data)) == (fact.kind, fact.occurred_at, dict(fact.data))
        for one in told
    )
    kinds = {one.kind for one in told}
    moved = fact.kind == "admitted" and bool({"transport_booked", "departed"} & kinds)
    scanned = any(one.kind == "mri_performed" and one.occurred_at <= fact.occurred_at for one in told)
    found = {
        "case_is_over": case.is_over,
        "likely_repeat": same,
        "booked_after_limit": _is_after_limit(case, fact),
        "scan_already_done": fact.kind == "mri_cancelled" and scanned,
        "report_withdrawn": fact.data.get("status") == "withdrawn",
        "finding_contradicted": len(after.contradictions) > len(before.contradictions),
        "finding_replaced": bool(_taken_away(before, after)),
        "regions_unknown": _NEW in after.unplaced,
        "scan_unknown": _NEW in after.assumed,
        "transfer_not_accepted": moved
        and case.responsible_since is None
        and "transfer_accepted" not in kinds,
    }
    return tuple(code for code, holds in found.items() if holds)


def _taken_away(before: SpinePicture, after: SpinePicture) -> list[Finding]:
    """The findings that no longer stand."""
    left = {one.number for one in after.findings}
    return [one for one in before.findings if one.number not in left]


def _is_after_limit(case: Referral, fact: Fact) -> bool:
    booked_for = fact.data.get("booked_for")
    if fact.kind not in ("mri_requested", "mri_booked") or not booked_for:
        return False
    due = [clock.due_at for clock in clocks.hold(case.pk) if clock.kind == ClockKind.MRI]
    return bool(due) and from_rfc3339(booked_for) > min(due)


def _is_urgent_report(fact: Fact) -> bool:
    shown = FINDING_OF_RESULT.get(fact.data.get("result", ""), "")
    return fact.kind == REPORTED and fact.data.get("status") != "withdrawn" and bool(shown)


def _wants_a_human(
    fact: Fact, before: Evidence, after: Evidence, notices: Sequence[str], *, worse: bool, alarming: bool
) -> bool:
    """Whether a fact pages at once: worse neurology that nobody had told of, compression, a contradiction, a withdrawal."""
    told_anew = worse and bool(after.worse - before.worse)
    lifted = before.picture.ruled_out and not after.picture.ruled_out
    shown = FINDING_OF_RESULT.get(fact.data.get("result", ""), "")
    compression = _is_urgent_report(fact) and shown in URGENT_FINDINGS and "likely_repeat" not in notices
    changed = {"finding_contradicted", "finding_replaced", "report_withdrawn"} & set(notices)
    return told_anew or alarming or compression or lifted or bool(changed)


def _wait_for_a_look(a: Arrival, *, urgent: bool, about: str) -> None:
    """A fact of a case that is over waits on the board until somebody reads it; what is urgent pages."""
    if a.case.arrived_since is None:
        a.case.arrived_since = a.at
        keep(a.case, line=a.line, by=a.by, at=a.at)
    if urgent:
        of_death = a.case.died_at is not None
        page_about(a.case, at_once=True, of_death=of_death, about=about, service=a.service, by=a.by, at=a.at)


def _look_again(a: Arrival, before: SpinePicture, after: SpinePicture, notices: Sequence[str]) -> None:
    """What was decided on a finding that has changed is looked at again, by name."""
    changed = _taken_away(before, after)
    if "finding_contradicted" in notices:
        old = {(one.finding.number, one.report) for one in before.contradictions}
        changed += [
            one.finding for one in after.contradictions if (one.finding.number, one.report) not in old
        ]
    if "report_withdrawn" in notices:
        changed += [one for one in after.findings if one.report_withdrawn]
    for finding in changed:
        ask_again(a.case, finding, by=a.by, at=a.at, service=a.service)


def _end_with_death(a: Arrival) -> None:
    """Nobody is paged for somebody who has died, but to confirm that they have."""
    died_at = a.case.died_at
    if died_at is None:
        return
    ended = frozenset(ClockKind) - (frozenset() if a.fact.kind == "died" else {ClockKind.ACKNOWLEDGE})
    clocks.stop(a.case.pk, ended, because=Stopped.ENDED, stopped_at=died_at, by=a.by, at=a.at)
    if a.fact.kind == "died":
        page_about(a.case, of_death=True, service=a.service, by=a.by, at=a.at)


def judge(case: Referral, judged: Mapping[str, str], *, by: Actor, at: datetime, service: Service) -> None:
    """Record judgements, checked by the caller, on a locked case; the guideline is asked again and clocks follow."""
    salt = uuid.uuid4()
    bound = {"data": bind(dict(judged), salt=str(salt))}
    line = move(case, Action.JUDGE_COURSE, by=by, at=at, facts={"judged": dict(judged), "bound": bound})
    event = Event(
        referral=case,
        kind=COURSE_JUDGED,
        occurred_at=at,
        data=dict(judged),
        salt=salt,
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(event, line=line, by=by, at=at)
    reassess(case, service=service, by=by, at=at, since=at)
    settle_event_clocks(case, by=by, at=at, service=service)


def _refuse_slip_of_the_year(case: Referral, fact: Fact) -> None:
    """What happened before birth, or years before the suspicion, is a slip and would stop or start clocks."""
    born = case.patient.date_of_birth
    why = ""
    if born is not None and london_date(fact.occurred_at) < born:
        why = f"This is before the date of birth, {long_date(born)}"
    elif fact.occurred_at < symptoms_began(case) - LONG_BEFORE:
        why = "This is more than a year before the symptoms: check the year"
    if why:
        raise Invalid("Some of what was sent cannot be accepted", errors={"occurred_at": [why]})


def _action(fact: Fact, case: Referral, *, worse: bool) -> Action:
    if case.is_over:
        return Action.RECORD_EVENT
    if worse:
        return Action.RECORD_DETERIORATION
    started = fact.kind in ("radiotherapy_started", "surgery_started")
    return Action.START_TREATMENT if started else Action.RECORD_EVENT


_TEXTS = frozenset({"site", "route", "reason", "scan", "report", "replaces"})


def _codes(fact: Fact) -> dict[str, object]:
    """The coded part of the data; texts and other people's identifiers stay out of the ledger."""
    return {key: value for key, value in fact.data.items() if key not in _TEXTS}


def _changes(case: Referral, fact: Fact, *, worse: bool) -> dict[str, object]:
    if fact.kind == "died":
        return {"died_at": fact.occurred_at}
    if worse and (case.mscc_suspected_at is None or fact.occurred_at < case.mscc_suspected_at):
        return {"mscc_suspected_at": fact.occurred_at}
    return {}
