"""The worklist, ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.web.page import is_stale
from kernel.time import clock_time, duration_in_words, near
from oncall import clocks
from oncall.kinds import KIND_AT, ClockKind
from oncall.models import Clock
from oncall.sweep import last_sweep
from referrals.states import STATUS_WORDS, Status
from referrals.web.clock_lines import ClockLine, clock_line
from referrals.worklist import Arrivals, arrivals, waiting
from triage.guideline.rule import STREAM_WORDS, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The one thing to do next: a button when it can be done at once, else a link."""

    text: str
    address: str
    at_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    reference: str
    address: str
    patient: str
    nhs_number: str
    born: str
    stream: str
    emergency: bool
    provisional: bool
    worried: bool
    news: bool
    claimed: str
    alarm: bool
    status: str
    where: str
    sent: str
    elapsed: str
    next_clock: ClockLine | None
    other_clocks: int
    next_step: NextStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The worklist at an instant."""

    rows: Sequence[BoardRow]
    alarms: int
    at: str
    stale: bool
    stale_since: str
    arrivals: Arrivals


def board(cases: Sequence[Any], *, at: datetime) -> Board:
    """The rows of these cases: two queries, however many there are."""
    running = clocks.of_cases(case.pk for case in cases)
    rows = tuple(_row(case, running[case.pk], at=at) for case in cases)
    swept_at = last_sweep()
    return Board(
        rows=rows,
        alarms=waiting().emergencies,  # of the whole service, whatever view is shown
        at=clock_time(at),
        stale=is_stale(swept_at, at=at),
        stale_since=near(swept_at, at=at) if swept_at else "the service was started",
        arrivals=arrivals(),
    )


def _row(case: Any, running: Sequence[Clock], *, at: datetime) -> BoardRow:
    first = running[0] if running else None
    return BoardRow(
        reference=case.reference,
        address=reverse("case", args=[case.reference]),
        patient=case.patient.name,
        nhs_number=case.patient.nhs_number_words,
        born=case.patient.born,
        stream=STREAM_WORDS[Stream(case.stream)],
        emergency=case.is_emergency,
        provisional=case.provisional,
        worried=case.referrer_concern == "emergency",
        news=case.news_since is not None,
        claimed=case.claimed_by_name if case.claimed_until and case.claimed_until > at else "",
        alarm=case.waits and case.pages_at_once,
        status=STATUS_WORDS[Status(case.status)],
        where=case.location.get("detail") or case.referrer["organisation_ods"],
        sent=near(case.submitted_at, at=at),
        elapsed=f"sent {duration_in_words(at - case.submitted_at)} ago",
        next_clock=clock_line(first, at=at) if first else None,
        other_clocks=max(len(running) - 1, 0),
        next_step=next_step(case, running),
    )


def next_step(case: Any, running: Sequence[Clock]) -> NextStep:
    """What to do next on a case, in the order in which it matters."""
    page = reverse("case", args=[case.reference])
    for holds, text, anchor in (  # an acknowledgement of these stops the pages and settles nothing
        (case.arrived_since is not None, "Read what arrived", "#spine"),
        (case.died_at is not None and not case.is_over, "Death reported: confirm and close", "#end"),
    ):
        if holds:
            return NextStep(text=text, address=page + anchor)
    if any(clock.kind == ClockKind.ACKNOWLEDGE for clock in running):
        return NextStep(
            text="Acknowledge", address=reverse("acknowledge", args=[case.reference]), at_once=True
        )
    for holds, text, anchor in (
        (case.is_over and not case.to_review, "Read", ""),
        (case.to_review, "Second review", "#review"),
        (case.withdrawal_asked_at is not None and not case.is_over, "Answer the withdrawal", "#withdraw"),
        (case.news_since is not None and not case.is_over, "Read what is new", "#news"),
        (case.provisional, "Complete the neurology", "#findings"),
        (case.status == Status.ACKNOWLEDGED, "Triage", "#triage"),
        (case.stream == Stream.INSUFFICIENT_INFORMATION, "Complete the findings", "#findings"),
    ):
        if holds:
            return NextStep(text=text, address=page + anchor)
    for clock in running:
        step = (
            "Book the MRI"
            if clock.kind == ClockKind.MRI and not clock.booked_at
            else KIND_AT[clock.kind].next_step
        )
        if clock.kind in _PAGES:
            return NextStep(text=step, address=reverse(_PAGES[clock.kind], args=[case.reference]))
        return NextStep(text=step, address=page + _ANCHORS.get(clock.kind, ""))
    return NextStep(text="Close, or go on", address=page + "#end")


_ANCHORS: dict[str, str] = {
    ClockKind.TRIAGE_DECISION: "#triage",
    ClockKind.VOICE_CONTACT: "#contact",
    ClockKind.COORDINATOR_ADVICE: "#triage",
    ClockKind.MRI: "#imaging",
    ClockKind.MRI_REPORT: "#imaging",
    ClockKind.TREATMENT_PLAN: "#promise",
    ClockKind.STABILITY_ADVICE: "#promise",
    ClockKind.STEROID_REVIEW: "#promise",
}
# What is done on a page of its own.
_PAGES: dict[str, str] = {
    ClockKind.SPECIALIST_OPINION: "mdt_case",
    ClockKind.DECISION_TO_TREAT: "mdt_treatment",
    ClockKind.RADIOTHERAPY: "mdt_treatment",
    ClockKind.DISCHARGE_PLAN: "mdt_plan",
    ClockKind.FOLLOW_UP: "mdt_outcomes",
}
