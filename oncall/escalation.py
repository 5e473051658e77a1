"""The ladder that each kind of clock starts with. Pure."""

from collections.abc import Mapping
from typing import Any

from oncall.kinds import OBLIGATIONS, REPORT_ONLY, ClockKind
from oncall.ladder import SCREEN, Ladder, Rung

HOUR = 60
_NOTE = (SCREEN,)
REFERRER = "referrer"  # gets a notice, not a page; the coordinator rings when the answer is late


def _rungs(*rungs: tuple[float, str], repeat: float, booking_warning: float = 0) -> Ladder:
    """A note on the screen at minute 0, then each (minutes, duty); the last rung repeats."""
    rungs_before_last = [
        Rung(after_minutes=minutes, duty=duty, unless_booked=minutes == booking_warning)
        for minutes, duty in rungs
    ]
    last = Rung(after_minutes=rungs[-1][0], duty=rungs[-1][1], repeat_minutes=repeat)
    return (Rung(after_minutes=0, duty="coordinator", channels=_NOTE), *rungs_before_last[:-1], last)


def ladder_of(
    kind: str,
    *,
    limit_hours: float,
    paged_at_once: bool = False,
    owed_by: str = "",
    person: int = 0,
    service: Mapping[str, Any],
) -> Ladder:
    """The ladder that a clock of this kind and limit starts with; empty for clocks that are for reports only.

    `owed_by` is the duty that is paged before the coordinator, or `person` is paged instead of a duty.
    `service` has minutes by setting key.
    """
    limit = limit_hours * HOUR
    if kind in REPORT_ONLY:
        return ()
    if kind in OBLIGATIONS:
        return _obligation(kind, limit, owed_by=owed_by, person=person)
    if kind == ClockKind.FOLLOW_UP:
        return (
            Rung(after_minutes=max(limit - 24 * HOUR, 0), duty="coordinator", channels=_NOTE),
            Rung(after_minutes=limit, duty="coordinator", repeat_minutes=24 * 7 * HOUR),
        )
    if kind == ClockKind.ACKNOWLEDGE:
        return _acknowledge(limit, paged_at_once, service)
    if kind == ClockKind.TRIAGE_DECISION:
        return _rungs((limit, "coordinator"), (limit + 10, "deputy"), (limit + 20, "consultant"), repeat=15)
    if kind == ClockKind.VOICE_CONTACT:
        return _rungs((limit * 2 / 3, "coordinator"), (limit, "deputy"), repeat=15)
    if kind == ClockKind.MRI and limit_hours <= 24:
        return _rungs(
            (4 * HOUR, "coordinator"),
            (12 * HOUR, "coordinator"),
            (18 * HOUR, "coordinator"),
            (22 * HOUR, "deputy"),
            (24 * HOUR, "consultant"),
            repeat=120,
            booking_warning=4 * HOUR,
        )
    if kind == ClockKind.MRI:
        return _rungs(
            (24 * HOUR, "coordinator"),
            (96 * HOUR, "coordinator"),
            (120 * HOUR, "coordinator"),
            (144 * HOUR, "deputy"),
            (168 * HOUR, "consultant"),
            repeat=24 * HOUR,
            booking_warning=24 * HOUR,
        )
    return _rungs(
        (limit * _FIRST_WARNING.get(kind, 0.5), "coordinator"),
        (limit * 5 / 6, "coordinator"),
        (limit, "consultant"),
        repeat=max(limit / 6, 30),
    )


def _obligation(kind: str, limit: float, *, owed_by: str, person: int) -> Ladder:
    """The ladder of a question, task, review or opinion, by who has to answer."""
    if owed_by == REFERRER:
        return (
            Rung(after_minutes=0, duty="coordinator", channels=_NOTE),
            Rung(after_minutes=limit, duty="coordinator", repeat_minutes=max(limit / 6, 30)),
        )
    if person:
        return _for_colleague(person, limit)
    return _for_duty(owed_by or "coordinator", limit, warning=_FIRST_WARNING.get(kind, 0.5))


def _for_duty(duty: str, limit: float, *, warning: float) -> Ladder:
    """Page and warn the duty that has to answer; page the waiting coordinator before the limit."""
    return (
        Rung(after_minutes=0, duty=duty),
        Rung(after_minutes=limit * warning, duty=duty),
        Rung(after_minutes=limit * 5 / 6, duty="coordinator"),
        Rung(after_minutes=limit, duty="consultant", repeat_minutes=max(limit / 6, 30)),
    )


def _for_colleague(person: int, limit: float) -> Ladder:
    """Page a colleague twice; without an answer the case stays with the coordinator, who is paged at the limit."""
    return (
        Rung(after_minutes=0, duty="coordinator", person=person),
        Rung(after_minutes=limit / 2, duty="coordinator", person=person),
        Rung(after_minutes=limit, duty="coordinator", repeat_minutes=max(limit, 30)),
    )


# The share of the limit at which a clock first warns, after the service's timer catalogue.
_FIRST_WARNING: dict[str, float] = {
    ClockKind.COORDINATOR_ADVICE: 0.5,
    ClockKind.MRI_REPORT: 0.75,
    ClockKind.TREATMENT_PLAN: 5 / 7,
    ClockKind.STABILITY_ADVICE: 0.75,
    ClockKind.RADIOTHERAPY: 0.25,
}


def _acknowledge(limit: float, paged_at_once: bool, service: Mapping[str, Any]) -> Ladder:
    if not paged_at_once:
        return (
            Rung(after_minutes=0, duty="coordinator"),
            Rung(after_minutes=limit / 2, duty="coordinator"),
            Rung(after_minutes=limit * 3 / 4, duty="deputy"),
            Rung(after_minutes=limit, duty="consultant", repeat_minutes=limit / 4),
        )
    rungs = sorted(
        (float(service[f"rung_{rung}"]), duty)
        for rung, duty in (("repage", "coordinator"), ("deputy", "deputy"), ("consultant", "consultant"))
    )
    last = max(float(service["rung_manager"]), rungs[-1][0])
    return (
        Rung(after_minutes=0, duty="coordinator"),
        *(Rung(after_minutes=minutes, duty=duty) for minutes, duty in rungs),
        Rung(after_minutes=last, duty="manager", repeat_minutes=15),
    )
