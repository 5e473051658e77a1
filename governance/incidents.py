"""Incidents: anybody who is signed in reports one, and the lead investigates it, step by step, to its end.

SVC-10: recording, audit, and investigating and reporting incidents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.act import Act
from accounts.models import User
from accounts.people import role_in_words
from governance.incident_codes import CLOSED, HARM, INCIDENT_KINDS, NEW, PAGED, STATES
from governance.line_facts import IncidentInvestigated, IncidentReported
from governance.models import Incident, IncidentStep
from kernel.actors import Actor, Role
from kernel.refusals import Denied, Invalid, NotFound, OutOfTurn
from kernel.text import NOTES, fault, tidy
from kernel.time import in_words
from kernel.words import Words
from ledger.append import append
from ledger.keep import keep
from ledger.kinds import Kind
from ledger.transaction import one_transaction
from oncall.alarms import INCIDENT, raise_alarm
from referrals.case.models import Referral
from referrals.case.notes import authorship
from referrals.case.queries import find
from referrals.intake.instants import fault_of_future

MOST = 200  # of those that are closed
TWICE_WITHIN = timedelta(minutes=10)  # the same report within this time was sent twice
NOT_FOUND = "No case that you can open has this reference. Check it, or leave it empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An incident as it was typed. `reference` may be empty: not every incident is about a case."""

    reference: str
    happened_at: datetime | None
    kind: str
    harm: str
    text: str
    done_at_once: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step of an investigation in words."""

    at: str
    who: str
    state: str
    harm: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """One incident in words. `harm` is as judged last; `reported_harm` as it was reported."""

    number: int
    kind: str
    harm: str
    harm_code: str
    reported_harm: str
    happened: str
    reported: str
    who: str
    role: str
    reference: str
    text: str
    done_at_once: str
    state: str
    state_words: str
    steps: Sequence[StepLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentList:
    """Incidents, the newest first: all that are open, the newest that are closed, and how many are closed."""

    open: Sequence[IncidentLine]
    closed: Sequence[IncidentLine]
    all_closed: int


@one_transaction()
def report_incident(report: Report, *, act: Act) -> Incident:
    """Record an incident; the lead, or who is on duty instead, is paged if it did severe harm, or if nobody knows yet.

    Invalid by field. The same report of the same person within ten minutes, every answer the same, is the first one, sent
    twice. The line is not on the case's timeline: whoever reports is not to be read there.
    """
    case, happened_at = _checked(report, act=act)
    # One report of theirs at a time.
    User.objects.select_for_update(no_key=True).filter(pk=act.by.user_id or 0).first()
    answers = {
        "referral": case,
        "happened_at": happened_at,
        "kind": report.kind,
        "harm": report.harm,
        "text": tidy(report.text),
        "done_at_once": tidy(report.done_at_once),
    }
    sent_before = Incident.objects.filter(by=act.by.key, at__gte=act.at - TWICE_WITHIN, **answers).first()
    if sent_before is not None:
        return sent_before
    row = Incident(organisation=act.by.organisation, **answers, **authorship(act.by, at=act.at))
    facts = IncidentReported(kind=report.kind, harm=report.harm)
    if case is not None:
        facts["about"] = case.pk
    row.ledger_line = append(Kind.INCIDENT_REPORTED, by=act.by, at=act.at, facts=facts)
    incident = keep(row, line=row.ledger_line, by=act.by, at=act.at)
    if report.harm in PAGED:
        _page(incident.pk, at=act.at)
    return incident


@one_transaction()
def page_what_waits(*, at: datetime) -> int:
    """Page about each incident that nobody was on duty for when it was reported; how many wait for somebody to look.

    Safe to repeat: an incident pages once.
    """
    waiting = list(
        Incident.objects.filter(harm__in=PAGED, steps=None).order_by("pk").values_list("pk", flat=True)
    )
    for number in waiting:
        _page(number, at=at)
    return len(waiting)


def _page(number: int, *, at: datetime) -> None:
    raise_alarm(INCIDENT, f"incident {number}", at=at)


def _checked(report: Report, *, act: Act) -> tuple[Referral | None, datetime]:
    """The case of a report, if it names one, and when it happened; Invalid with every problem by field."""
    errors: dict[str, Sequence[str]] = {}
    case = None
    if report.reference.strip():
        try:
            case = find(report.reference, by=act.by)
        except (Denied, NotFound):
            errors["case"] = [NOT_FOUND]
    if report.happened_at is None:
        errors["happened_at"] = ["Enter when it happened, as well as you know"]
    elif problem := fault_of_future(report.happened_at, at=act.at):
        errors["happened_at"] = [problem]
    if report.kind not in INCIDENT_KINDS:
        errors["kind"] = ["Choose what went wrong"]
    if report.harm not in HARM:
        errors["harm"] = ["Choose how much harm it did. If you do not know, choose “Not known yet”"]
    errors |= _faults_of_texts(
        {"text": report.text, "done_at_once": report.done_at_once}, ask="Write what happened"
    )
    if errors or report.happened_at is None:
        raise Invalid("Nothing was reported: correct the answers named here", errors=errors)
    return case, report.happened_at


def _faults_of_texts(texts: Mapping[str, str], *, ask: str) -> dict[str, Sequence[str]]:
    """What is wrong with each text; `text` may not be empty."""
    faults = {name: fault(text, limit=NOTES, lines=True) for name, text in texts.items()}
    if not faults["text"] and not tidy(texts["text"]):
        faults["text"] = ask
    return {name: [problem] for name, problem in faults.items() if problem}


@one_transaction()
def investigate(number: int, *, state: str, harm: str, text: str, seen: int, act: Act) -> IncidentStep:
    """Add a step: what the lead found out, how much harm it was, and whether the incident is closed.

    `seen` is the number of steps on the page that was sent. A closed incident is opened again by a step.
    Denied to everybody but the lead; OutOfTurn if somebody added a step meanwhile.
    """
    if act.by.role != Role.LEAD:
        raise Denied("Only the lead investigates incidents")
    incident = Incident.objects.select_for_update().filter(pk=number).first()
    if incident is None:
        raise NotFound("There is no such incident")
    errors = _faults_of_texts({"text": text}, ask="Write what you found out or did")
    if state not in STATES or state == NEW:
        errors["state"] = ["Choose whether the incident is closed"]
    if harm not in HARM:
        errors["harm"] = ["Choose how much harm it did"]
    if errors:
        raise Invalid("Nothing was saved: correct the answers named here", errors=errors)
    if incident.steps.count() != seen:
        raise OutOfTurn(
            "Somebody has added a step since you opened this page. Read it, then send yours again"
        )
    facts = IncidentInvestigated(incident=incident.pk, state=state, harm=harm)
    line = append(Kind.INCIDENT_INVESTIGATED, by=act.by, at=act.at, facts=facts)
    row = IncidentStep(
        incident=incident,
        state=state,
        harm=harm,
        text=tidy(text),
        ledger_line=line,
        **authorship(act.by, at=act.at),
    )
    return keep(row, line=line, by=act.by, at=act.at)


def incidents(*, by: Actor) -> IncidentList:
    """Every open incident and the newest closed ones: all for the lead, and their own for everybody else."""
    last_step = IncidentStep.objects.filter(incident=OuterRef("pk")).order_by("-pk").values("state")[:1]
    rows = Incident.objects.alias(state=Coalesce(Subquery(last_step), Value(NEW)))
    rows = rows.select_related("referral").prefetch_related("steps").order_by("-pk")
    mine = rows if by.role == Role.LEAD else rows.filter(by=by.key)
    closed = mine.filter(state=CLOSED)
    return IncidentList(
        open=tuple(map(_line, mine.exclude(state=CLOSED))),
        closed=tuple(map(_line, closed[:MOST])),
        all_closed=closed.count(),
    )


def incident_at(number: int, *, by: Actor) -> IncidentLine:
    """One incident; NotFound for everybody but the lead and the person who reported it."""
    row = Incident.objects.select_related("referral").prefetch_related("steps").filter(pk=number).first()
    if row is None or (by.role != Role.LEAD and row.by != by.key):
        raise NotFound("There is no such incident")
    return _line(row)


def uninvestigated() -> int:
    """How many incidents nobody has looked into."""
    return Incident.objects.filter(steps=None).count()


def _line(row: Incident) -> IncidentLine:
    steps = sorted(row.steps.all(), key=lambda step: step.pk)
    state = steps[-1].state if steps else NEW
    harm = steps[-1].harm if steps else row.harm
    return IncidentLine(
        number=row.pk,
        kind=Words(INCIDENT_KINDS)[row.kind],
        harm=Words(HARM)[harm],
        harm_code=harm,
        reported_harm=Words(HARM)[row.harm],
        happened=in_words(row.happened_at),
        reported=in_words(row.at),
        who=row.by_name,
        role=role_in_words(row.by_role),
        reference=row.referral.reference if row.referral else "",
        text=row.text,
        done_at_once=row.done_at_once,
        state=state,
        state_words=Words(STATES)[state],
        steps=tuple(
            StepLine(
                at=in_words(step.at),
                who=step.by_name,
                state=Words(STATES)[step.state],
                harm=Words(HARM)[step.harm],
                text=step.text,
            )
            for step in steps
        ),
    )
