"""The one thing to do next on a case, the most important first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oncall.clocks import colleague_asked
from oncall.kinds import KIND_AT, ClockKind
from oncall.models import Clock
from referrals.case.states import Status
from referrals.web.addresses import of_case
from referrals.web.coordinator.forms import open_findings
from triage.guideline.rule import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What is due. `act` is its form on the case, if it is done there; `at_once` says that one press does it."""

    text: str
    address: str
    act: str = ""
    at_once: bool = False


def next_step(case: Any, running: Sequence[Clock]) -> NextStep:
    """`case` is annotated with `to_review`; `running` are its clocks, the nearest deadline first.

    A request to a colleague to take the case is answered by that colleague alone, so it is nobody else's next step.
    """
    page = of_case("case", case.reference)

    def on_case(text: str, act: str = "") -> NextStep:
        return NextStep(text=text, address=page, act=act)

    if case.arrived_since is not None:  # an acknowledgement of these stops the pages and settles nothing
        return on_case("Read what arrived", "settle-arrival")
    if case.died_at is not None and not case.is_over and case.status != Status.SUBMITTED:
        return on_case("Death reported: confirm and close", "close")
    if any(clock.kind == ClockKind.ACKNOWLEDGE for clock in running):
        return NextStep(
            text="Acknowledge",
            address=of_case("act", case.reference, "acknowledge"),
            act="acknowledge",
            at_once=True,
        )
    if case.is_over and not case.to_review:
        return on_case("Read")
    for holds, text, act in (
        (case.to_review, "Second review", "review"),
        (case.withdrawal_asked_at is not None, "Answer the withdrawal", "withdraw"),
        (case.news_since is not None, "Read what is new", "news"),
        (case.provisional, "Complete the neurology", "findings"),
        (case.status == Status.ACKNOWLEDGED, "Triage", "triage"),
        (_is_incomplete(case), "Complete the findings", "findings"),
        (case.stream == Stream.INSUFFICIENT_INFORMATION, "Triage", "triage"),
    ):
        if holds:
            return on_case(text, act)
    due = next((clock for clock in running if not colleague_asked(clock)), None)
    if due is not None:
        return _of_clock(case, due)
    return on_case("Accept or decline") if running else on_case(*_end_of(case))


def _end_of(case: Any) -> tuple[str, str]:
    """The last step of a case without a clock, and its act. Others make a cancer referral, so nothing here shows that it was made."""
    is_sent_on = case.stream == Stream.URGENT_ONCOLOGY
    return ("Confirm the cancer referral", "close") if is_sent_on else ("Close, or go on", "")


def _is_incomplete(case: Any) -> bool:
    return case.stream == Stream.INSUFFICIENT_INFORMATION and bool(open_findings(case))


def _of_clock(case: Any, clock: Clock) -> NextStep:
    """What the nearest deadline needs."""
    kind = KIND_AT[clock.kind]
    if clock.kind in _PAGES:
        return NextStep(text=kind.next_step, address=of_case(_PAGES[clock.kind], case.reference))
    page = of_case("case", case.reference)
    if clock.kind == ClockKind.MRI and not clock.booked_at:
        return NextStep(text="Book the MRI", address=page, act="mri_booked")
    return NextStep(text=kind.next_step, address=page, act=_ACTS.get(clock.kind, ""))


_ACTS: dict[str, str] = {
    ClockKind.TRIAGE_DECISION: "triage",
    ClockKind.VOICE_CONTACT: "contact",
    ClockKind.COORDINATOR_ADVICE: "triage",
    ClockKind.MRI: "mri_performed",
    ClockKind.MRI_REPORT: "mri_reported",
    ClockKind.TREATMENT_PLAN: "promise",
    ClockKind.STABILITY_ADVICE: "promise",
    ClockKind.STEROID_REVIEW: "promise",
    ClockKind.PHYSIOTHERAPY: "promise",
    ClockKind.OCCUPATIONAL_THERAPY: "promise",
    ClockKind.QUESTION: "settle",
    ClockKind.TASK: "settle",
    ClockKind.REVIEW: "settle",
}
# What is done on pages of the MDT.
_PAGES: dict[str, str] = {
    ClockKind.SPECIALIST_OPINION: "mdt_case",
    ClockKind.DECISION_TO_TREAT: "mdt_treatment",
    ClockKind.RADIOTHERAPY: "mdt_treatment",
    ClockKind.DISCHARGE_PLAN: "mdt_plan",
    ClockKind.FOLLOW_UP: "mdt_outcomes",
}
