"""Which promises the facts of a case make and keep: from when, until when, and why they ended. Pure.

Facts arrive late and in any order, so the promises are worked out anew from all of them each time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from oncall.kinds import ClockKind, Stopped
from referrals.codes import PLAN_OPENED, PLAN_SIGNED
from referrals.events import COMPRESSION, Fact, in_true_order

PLANNED_ELSEWHERE = frozenset({"transfer", "plan_elsewhere"})
OTHERWISE = frozenset({"surgery", "supportive_care"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One running of a clock; `stopped_at` is None while nothing has stopped it."""

    kind: ClockKind
    started_at: datetime
    stopped_at: datetime | None = None
    because: Stopped = Stopped.MET


SETTLED = (
    ClockKind.MRI_REPORT,
    ClockKind.DECISION_TO_TREAT,
    ClockKind.RADIOTHERAPY,
    ClockKind.CG75_LEGACY,
    ClockKind.DISCHARGE_PLAN,
)
TREATMENT = frozenset({"radiotherapy_started", "surgery_started"})


def spells(
    facts: Iterable[Fact],
    *,
    since: datetime,
    worse_at: Iterable[datetime] = (),
    radiotherapy_excluded: bool = False,
) -> list[Spell]:
    """The spells of report, decision, radiotherapy and discharge plan, in their order.

    `since` is when the symptoms began: nobody waits for the report of an older scan.
    `worse_at` are deteriorations: each asks for a new decision. `radiotherapy_excluded` is the
    exclusion of NG234 1.10.4, as it stands now.
    """
    ordered = in_true_order(facts)
    return [
        *_reports([fact for fact in ordered if fact.occurred_at >= since]),
        *_decisions(ordered, worse_at=sorted(worse_at)),
        *(() if radiotherapy_excluded else _radiotherapies(ordered)),
        *_legacy(ordered),
        *_plans(ordered),
    ]


def first_treatment_at(facts: Iterable[Fact]) -> datetime | None:
    """When definitive treatment began; None while it has not."""
    return next((fact.occurred_at for fact in in_true_order(facts) if fact.kind in TREATMENT), None)


def _reports(facts: list[Fact]) -> Iterator[Spell]:
    """From the first scan that nobody has reported on to the next report."""
    since: datetime | None = None
    for fact in facts:
        if fact.kind == "mri_performed":
            since = since or fact.occurred_at
        elif fact.kind == "mri_reported" and since is not None:
            yield Spell(kind=ClockKind.MRI_REPORT, started_at=since, stopped_at=fact.occurred_at)
            since = None
    if since is not None:
        yield Spell(kind=ClockKind.MRI_REPORT, started_at=since)


def _decisions(facts: list[Fact], *, worse_at: list[datetime]) -> Iterator[Spell]:
    """From a report of compression to the decision; a repeated report asks for no second one."""
    since: datetime | None = None
    decided_at: datetime | None = None
    for fact in facts:
        if fact.kind == "mri_reported" and fact.data["result"] in COMPRESSION:
            new = decided_at is None or any(decided_at < worse <= fact.occurred_at for worse in worse_at)
            since = since or (fact.occurred_at if new else None)
        elif fact.kind == "decision_to_treat":
            decided_at = fact.occurred_at
            if since is not None:
                yield Spell(kind=ClockKind.DECISION_TO_TREAT, started_at=since, stopped_at=decided_at)
                since = None
    if since is not None:
        yield Spell(kind=ClockKind.DECISION_TO_TREAT, started_at=since)


def _radiotherapies(facts: list[Fact]) -> Iterator[Spell]:
    """From the decision for radiotherapy to its first fraction; not after surgery (NG234 1.10.4).

    A later decision for surgery or supportive care, or an operation, takes its place.
    """
    since: datetime | None = None
    operated = False
    for fact in facts:
        overtaken = fact.kind == "surgery_started" or (
            fact.kind == "decision_to_treat" and fact.data["modality"] in OTHERWISE
        )
        if since is not None and (overtaken or fact.kind == "radiotherapy_started"):
            yield Spell(
                kind=ClockKind.RADIOTHERAPY,
                started_at=since,
                stopped_at=fact.occurred_at,
                because=Stopped.SUPERSEDED if overtaken else Stopped.MET,
            )
            since = None
        operated = operated or fact.kind == "surgery_started"
        decided = fact.kind == "decision_to_treat" and fact.data["modality"] == "radiotherapy"
        if decided and not operated and since is None:
            since = fact.occurred_at
    if since is not None:
        yield Spell(kind=ClockKind.RADIOTHERAPY, started_at=since)


def _legacy(facts: list[Fact]) -> Iterator[Spell]:
    """From the first report of compression to treatment, as CG75 (2008) asked: for reports only."""
    confirmed = next(
        (f.occurred_at for f in facts if f.kind == "mri_reported" and f.data["result"] in COMPRESSION), None
    )
    if confirmed is not None:
        after = [fact for fact in facts if fact.occurred_at >= confirmed]
        yield Spell(kind=ClockKind.CG75_LEGACY, started_at=confirmed, stopped_at=first_treatment_at(after))


def plan_is_signed(told: Iterable[Fact]) -> bool:
    """Whether a management plan was signed since the person was last admitted."""
    of_stay = sorted(
        (one for one in told if one.kind in ("admitted", PLAN_SIGNED)), key=lambda one: one.occurred_at
    )
    return bool(of_stay) and of_stay[-1].kind == PLAN_SIGNED


def _plans(facts: list[Fact]) -> Iterator[Spell]:
    """From diagnosis or admission, whichever is earlier, to the opening of the plan (QS56 statement 7).

    Whoever is discharged without a signed plan is owed one from that instant; an admission after a
    discharge asks for a plan again.
    """
    since: datetime | None = None
    opened = signed = home = False
    for fact in sorted(facts, key=_by_the_minute):
        diagnosed = fact.kind == "mri_reported" and fact.data["result"] in COMPRESSION
        if fact.kind == "admitted" and home:
            opened = signed = home = False
        if fact.kind == "admitted" or diagnosed:
            since = since or (None if opened else fact.occurred_at)
        elif fact.kind in (PLAN_OPENED, PLAN_SIGNED):
            opened, signed = True, signed or fact.kind == PLAN_SIGNED
            if since is not None and (signed or not home):
                yield Spell(kind=ClockKind.DISCHARGE_PLAN, started_at=since, stopped_at=fact.occurred_at)
                since = None
        elif fact.kind == "discharged":
            home = True
            planned = signed or fact.data.get("without_plan") in PLANNED_ELSEWHERE
            since = since or (None if planned else fact.occurred_at)
    if since is not None:
        yield Spell(kind=ClockKind.DISCHARGE_PLAN, started_at=since)


def _by_the_minute(fact: Fact) -> tuple[datetime, bool]:
    """Forms know no seconds: who is discharged in the minute of the signature leaves with the plan."""
    return fact.occurred_at.replace(second=0, microsecond=0), fact.kind == "discharged"
