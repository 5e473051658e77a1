"""A treatment is decided, or its progress is recorded; its clocks follow the true instants."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from accounts.act import Act
from kernel.actors import Actor
from kernel.refusals import Invalid
from kernel.time import from_london, from_rfc3339, is_earlier, long_date
from ledger.transaction import one_transaction
from mdt.content import Errors, read, unknown
from mdt.line_facts import TreatmentCodes, TreatmentDecided
from mdt.models import Decision, Treatment
from mdt.statements import newest, write
from mdt.stored import StoredTreatment
from mdt.treatments import CARRIES_OUT, MODALITY_AT, STARTED, Modality, faults, taper_of
from oncall import clocks
from oncall.escalation import REFERRER
from oncall.kinds import ClockKind, Stopped
from referrals.arrival.consequences import arrive, judge
from referrals.case.case_facts import course_of_case, of_case, symptoms_began
from referrals.case.models import Event, Referral
from referrals.case.notes import NoteText
from referrals.case.queries import find_and_lock
from referrals.case.states import Action
from referrals.evidence.event_data import EventData
from referrals.evidence.facts import Fact
from referrals.intake.codes import TREATMENT_COMPLETED
from referrals.promises.obligations import start_obligation
from triage.guideline.course import as_json

MORNING = time(9)
INSTANTS = ("decided_at", "started_at", "completed_at")
NEVER = frozenset({"", "no", "none", "nil", "never", "not known", "unknown"})


@one_transaction()
def decide_treatment(
    reference: str, code: str, sent: Mapping[str, Any], *, seen: int | None = None, act: Act
) -> Treatment:
    """Sign the next version of a treatment. A new decision to treat, a start and an end are facts of the case."""
    case = find_and_lock(reference, by=act.by)
    modality = MODALITY_AT.get(code)
    if modality is None:
        raise Invalid("Choose the treatment", errors={"modality": ["Choose the treatment"]})
    content: StoredTreatment
    content, errors = read(modality.fields, sent, at=act.at)
    errors |= unknown(modality.fields, sent)
    before = newest(Treatment, case, modality=code)
    again = "decided_at" in content and was_irradiated(case, before=from_rfc3339(content["decided_at"]))
    errors |= (
        faults(modality, content, irradiated=again)
        | _out_of_order(case, content)
        | _changed_facts(modality, content, before)
    )
    if errors:
        raise Invalid("The treatment is not complete", errors=errors)
    decided_at = from_rfc3339(content["decided_at"])
    if code == "dexamethasone":
        content["tasks"] = _ask_for_steps(case, content, before, act=act)
    treatment = write(
        Treatment,
        case,
        content,
        action=Action.DECIDE_TREATMENT,
        facts=TreatmentDecided(modality=code, decided_at=decided_at, **_coded(content)),
        of={"modality": code},
        columns={"decided_at": decided_at},
        seen=seen,
        by=act.by,
        at=act.at,
    )
    _judge(case, modality, content, before, act=act)
    new = _new_facts(modality, content, before)
    for fact in new:
        arrive(case, fact, act=act)
    opened = before is None or _undecided(before.content) or before.decided_at != decided_at or bool(new)
    if opened and content["consent"] != "pending":
        because = Stopped.NOT_NEEDED if content["consent"] == "declined" else Stopped.MET
        _settle(case, modality, decided_at, because=because, by=act.by, at=act.at)
    return treatment


def was_irradiated(case: Referral, *, before: datetime) -> bool:
    """Whether the spine was irradiated before an instant, as the referral says or as happened on this case."""
    answer = str(case.clinical.get("previous_radiotherapy") or "").strip().lower().rstrip(".")
    started = Event.objects.filter(of_case(case), kind="radiotherapy_started", occurred_at__lt=before)
    return answer not in NEVER or started.exists()


def _changed_facts(modality: Modality, content: StoredTreatment, before: Treatment | None) -> Errors:
    """A recorded start or decision cannot change: clocks have followed it. A new course begins after the one before."""
    if before is None or not modality.event or _undecided(before.content):
        return {}
    earlier, errors = before.content, dict[str, list[str]]()
    if "completed_at" in earlier and content.get("decided_at") != earlier["decided_at"]:
        return {}  # the next course, with its own start and end
    if "started_at" in earlier and content.get("started_at") != earlier["started_at"]:
        errors["treatment.started_at"] = [
            "The start has already been recorded and stays as it is: write in the note what was wrong with it"
        ]
    if content.get("decided_at") != earlier["decided_at"] and "completed_at" not in earlier:
        errors["treatment.decided_at"] = [
            "This decision has already been recorded: decide a new course once this one is completed"
        ]
    return errors


def _undecided(content: StoredTreatment) -> bool:
    """Whether the person has not agreed: the treatment waits, or is declined."""
    return content.get("consent") in ("pending", "declined")


def _out_of_order(case: Referral, content: StoredTreatment) -> Errors:
    """Nothing is decided before the symptoms, begun before it is decided, or completed before it began."""
    errors: Errors = {}
    instants = {name: from_rfc3339(str(instant)) for name, instant in content.items() if name in INSTANTS}
    if "decided_at" in instants and is_earlier(instants["decided_at"], than=symptoms_began(case)):
        errors["treatment.decided_at"] = ["This is before the symptoms began: check the date"]
    if {"started_at", "decided_at"} <= set(instants) and is_earlier(
        instants["started_at"], than=instants["decided_at"]
    ):
        errors["treatment.started_at"] = ["This is before it was decided: check both times"]
    if "completed_at" in instants and is_earlier(
        instants["completed_at"], than=instants.get("started_at", instants["completed_at"])
    ):
        errors["treatment.completed_at"] = ["This is before it started: check both times"]
    if "completed_at" in instants and "started_at" not in instants:
        errors["treatment.started_at"] = ["Enter when it started, too"]
    return errors


def _coded(content: StoredTreatment) -> TreatmentCodes:
    coded = {name: value for name, value in content.items() if name in TreatmentCodes.__annotations__}
    return cast(TreatmentCodes, coded)


def _judge(
    case: Referral, modality: Modality, content: Mapping[str, Any], previous: Treatment | None, *, act: Act
) -> None:
    """What the form judged beside the treatment is judged for the case: the 24 hours depend on it.

    A value from the version before is not a new judgement: somebody may have judged otherwise since.
    """
    before = as_json(course_of_case(case, service=act.service))
    earlier = previous.content if previous else {}
    judgements = {
        name: content[name]
        for name in modality.judged
        if name in content and content[name] != earlier.get(name)
    }
    if "side_effect_risk" in content and content["side_effect_risk"] != earlier.get("side_effect_risk"):
        judgements["side_effect_risk_high"] = "yes" if content["side_effect_risk"] == "high" else "no"
    changes = {name: value for name, value in judgements.items() if before[name] != value}
    if changes:
        judge(case, changes, act=act)


def _new_facts(modality: Modality, content: StoredTreatment, before: Treatment | None) -> list[Fact]:
    """The facts of this version that the one before did not have."""
    if _undecided(content):
        return []
    earlier = before.content if before and not _undecided(before.content) else {}
    instants = {
        name: from_rfc3339(str(instant))
        for name, instant in content.items()
        if name in INSTANTS and instant != earlier.get(name)
    }
    facts = []
    if "decided_at" in instants and modality.event:
        facts.append(
            Fact(
                kind="decision_to_treat",
                occurred_at=instants["decided_at"],
                data={"modality": modality.event},
            )
        )
    if "started_at" in instants and modality.event in STARTED:
        facts.append(Fact(kind=STARTED[modality.event], occurred_at=instants["started_at"], data={}))
    if "completed_at" in instants:
        data: EventData = {"modality": modality.event or modality.code}
        facts.append(Fact(kind=TREATMENT_COMPLETED, occurred_at=instants["completed_at"], data=data))
    return facts


def _settle(
    case: Referral, modality: Modality, decided_at: datetime, *, because: Stopped, by: Actor, at: datetime
) -> None:
    """The task from the MDT's decision is done, or not needed if the person declines; a plan for
    dexamethasone is its review.
    """
    decision = newest(Decision, case)
    follows = decision is not None and not is_earlier(decided_at, than=decision.decided_at)
    task = decision.content["tasks"].get(CARRIES_OUT.get(modality.code, "")) if decision and follows else None
    for clock in clocks.hold(case.pk):
        carried_out = task is not None and clock.subject == task
        plans = modality.code == "dexamethasone" and because == Stopped.MET
        reviewed = plans and clock.kind == ClockKind.STEROID_REVIEW
        if carried_out or reviewed:
            stopped_at = max(decided_at, clock.started_at)
            clocks.stop_clock(clock, because=because, stopped_at=stopped_at, by=by, at=at)


def _ask_for_steps(
    case: Referral, content: StoredTreatment, before: Treatment | None, *, act: Act
) -> list[int]:
    """Each future step is a task for its morning; the tasks of the former taper are replaced."""
    replaced = set(before.content.get("tasks", ())) if before else set()
    for clock in clocks.hold(case.pk):
        if clock.subject in replaced:
            clocks.stop_clock(clock, because=Stopped.SUPERSEDED, stopped_at=act.at, by=act.by, at=act.at)
    if case.died_at is not None:
        return []
    steps = [
        (day, f"Dexamethasone: {dose:g} mg a day from {long_date(day)}") for day, dose in taper_of(content)
    ]
    last = date.fromisoformat(content["stop_on"])
    tasks = []
    for day, text in [*steps, (last, f"Dexamethasone: last day {long_date(last)}; was it stopped?")]:
        hours = (from_london(day, MORNING) - act.at) / timedelta(hours=1)
        if hours > 0:
            # Nobody is paged at once for a later day: the coordinator is paged on the day.
            obligation = start_obligation(
                case,
                ClockKind.TASK,
                owed_by="coordinator",
                paged=REFERRER,
                hours=hours,
                note=NoteText(about="obligation", text=text),
                label=f"dexamethasone on {long_date(day)}",
                act=act,
            )
            tasks.append(obligation.pk)
    return tasks
