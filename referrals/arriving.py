"""What follows when a fact of a case arrives, inside the transaction of the act that tells of it."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.service import Service
from kernel.actors import Actor
from kernel.refusals import Invalid
from kernel.time import london_date, long_date
from ledger.append import bind
from ledger.keep import keep
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.assessing import (
    facts_of,
    is_clean,
    page,
    reassess,
    start_event_clock,
    start_from_deterioration,
    stop_clocks_of_scans,
    symptoms_began,
)
from referrals.codes import COURSE_JUDGED, EVENT_KINDS
from referrals.events import Fact, deteriorations
from referrals.models import Event, Referral
from referrals.move import move
from referrals.news import news
from referrals.notes import signed, words
from referrals.settling import settle_event_clocks
from referrals.states import Action
from triage.guideline.findings import Answer, from_json
from triage.guideline.rule import Contact

LONG_BEFORE = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A fact that has just been recorded on a locked case."""

    case: Referral
    fact: Fact
    line: int
    by: Actor
    at: datetime
    service: Service


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
) -> Event:
    """Record a fact on a case that the caller has locked; the guideline is asked again and clocks follow.

    `alarming` pages a human whatever was known before; `text` is kept as a note about it.
    """
    _refuse_slip_of_the_year(case, fact)
    worse, again = _deterioration(case, fact)
    note = words(about, text, path="text")
    salt = uuid.uuid4()
    bound = {"data": bind(dict(fact.data), salt=str(salt)), **note.bound.get("bound", {})}
    told = {"event": fact.kind, "occurred_at": fact.occurred_at, **_codes(fact)}
    line = move(
        case,
        _action(fact, worse=worse or alarming),
        by=by,
        at=at,
        facts={**told, "bound": bound},
        changes={**_changes(case, fact, worse=worse), **news(case, by=by, at=at)},
    )
    note.write(case, line=line, by=by, at=at)
    event = Event(
        referral=case,
        kind=fact.kind,
        occurred_at=fact.occurred_at,
        data=dict(fact.data),
        salt=salt,
        ledger_line=line,
        **signed(by, at=at),
    )
    keep(event, line=line, by=by, at=at)
    arrival = Arrival(case=case, fact=fact, line=line, by=by, at=at, service=service)
    if fact.kind in ASKS_AGAIN:
        reassess(case, service=service, by=by, at=at)
    for effect in EFFECTS.get(fact.kind, ()):
        effect(arrival)
    if worse:
        start_from_deterioration(case, since=fact.occurred_at, service=service, by=by, at=at)
        if again or alarming:
            page(case, since=at, contact=Contact.IMMEDIATELY, service=service, by=by, at=at)
        _scan(arrival)
    elif alarming:
        page(case, since=at, contact=Contact.IMMEDIATELY, service=service, by=by, at=at)
    settle_event_clocks(case, by=by, at=at, service=service)
    if case.died_at is not None:  # whatever else arrives, nobody is paged for somebody who has died
        clocks.end_all(case.pk, because=Stopped.ENDED, stopped_at=case.died_at, by=by, at=at)
    return event


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
    reassess(case, service=service, by=by, at=at)
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


def _deterioration(case: Referral, fact: Fact) -> tuple[bool, bool]:
    """Whether a finding newly became yes at this fact's instant, and whether nobody had told of it yet.

    A report that comes late may only move a known deterioration to its true, earlier instant.
    """
    if fact.kind != "neurology_changed":
        return False, False
    sent, told = from_json(case.presentation_sent), facts_of(case)
    before, after = list(deteriorations(sent, told)), list(deteriorations(sent, [*told, fact]))
    return fact.occurred_at in after and before != after, len(after) > len(before)


def _action(fact: Fact, *, worse: bool) -> Action:
    if worse:
        return Action.RECORD_DETERIORATION
    started = fact.kind in ("radiotherapy_started", "surgery_started")
    return Action.START_TREATMENT if started else Action.RECORD_EVENT


def _codes(fact: Fact) -> dict[str, object]:
    """The coded part of the data; sites and routes are text and stay out of the ledger."""
    return {key: value for key, value in fact.data.items() if key not in ("site", "route")}


def _changes(case: Referral, fact: Fact, *, worse: bool) -> dict[str, object]:
    if fact.kind == "died":
        return {"died_at": fact.occurred_at}
    if worse and (case.mscc_suspected_at is None or fact.occurred_at < case.mscc_suspected_at):
        return {"mscc_suspected_at": fact.occurred_at}
    return {}


def _book(arrival: Arrival) -> None:
    a = arrival
    if a.fact.kind == "mri_booked" or "booked_for" in a.fact.data:
        clocks.mark_booked(a.case.pk, booked_at=a.fact.occurred_at, by=a.by, at=a.at, line=a.line)


def _scan(arrival: Arrival) -> None:
    stop_clocks_of_scans(arrival.case, by=arrival.by, at=arrival.at)


def _start(kind: ClockKind) -> Callable[[Arrival], None]:
    """The clock of an event that one report starts; told again by somebody else, it starts nothing."""

    def effect(a: Arrival) -> None:
        since = a.fact.occurred_at
        if not any(c.kind == kind and c.started_at == since for c in clocks.of_case(a.case.pk)):
            start_event_clock(a.case, kind, started_at=since, service=a.service, by=a.by, at=a.at)

    return effect


def _review_dexamethasone(a: Arrival) -> None:
    """A clean whole spine asks for a review of dexamethasone that is still given (NG234 1.8.2, number not confirmed)."""
    given = a.case.findings.dexamethasone_given == Answer.YES
    if given and is_clean(a.case):
        _start(ClockKind.STEROID_REVIEW)(a)


# A booking changes nothing that the guideline reads; after a death it is not asked again.
ASKS_AGAIN = frozenset(EVENT_KINDS) - {"mri_requested", "mri_booked", "died"}
EFFECTS: dict[str, tuple[Callable[[Arrival], None], ...]] = {
    "mri_requested": (_book,),
    "mri_booked": (_book,),
    "mri_performed": (_scan,),
    "mri_reported": (_review_dexamethasone,),
    "immobilised": (_start(ClockKind.STABILITY_ADVICE),),
    "dexamethasone_given": (_start(ClockKind.STEROID_REVIEW),),
    "admitted": (_start(ClockKind.PHYSIOTHERAPY), _start(ClockKind.OCCUPATIONAL_THERAPY)),
}
