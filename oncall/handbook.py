"""docs/clocks.md: what starts and stops each clock, and its ladder, printed from the tables in use. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from oncall.escalation import ladder_of
from oncall.kinds import EVENT_LIMITS, KINDS, OBLIGATIONS, REPORT_ONLY, ClockKind
from oncall.ladder import Ladder

EVENTS = (
    "mri_requested",
    "mri_booked",
    "mri_cancelled",
    "mri_performed",
    "mri_reported",
    "neurology_changed",
    "immobilised",
    "dexamethasone_given",
    "dexamethasone_stopped",
    "decision_to_treat",
    "radiotherapy_started",
    "surgery_started",
    "admitted",
    "discharged",
    "died",
)
BESIDES = {
    "mri_requested": "skips the rungs that warn of a missing booking, if it has a time",
    "mri_booked": "skips the rungs that warn of a missing booking",
    "mri_cancelled": "the rungs that warn of a missing booking count again, and the skipped one pages at once",
    "mri_performed": "`mri` once cervical, thoracic and lumbar spine are covered since the symptoms began",
    "mri_reported": "`mri_report` on a provisional report, until the final one; `decision_to_treat`, `discharge_plan` and `cg75_legacy` on MSCC and cauda equina compression; "
    "`steroid_review` on a final clean whole spine while dexamethasone is given",
    "neurology_changed": "on a new yes; the week's `mri` clock stays, marked as overtaken",
    "decision_to_treat": "`radiotherapy` for radiotherapy, not excluded by NG234 1.10.4 and not after surgery",
    "surgery_started": "`radiotherapy` as replaced",
    "discharged": "`discharge_plan` without a signed plan: it is due from then on",
    "died": "every clock ends; a human is asked to confirm the death",
}


def markdown(service: Mapping[str, Any]) -> str:
    """The clocks with the ladders of these settings (minutes by key)."""
    return "\n".join(_lines(service)) + "\n"


def _lines(service: Mapping[str, Any]) -> Iterator[str]:
    yield "# Clocks"
    yield ""
    yield "Printed from `oncall/kinds.py`; a test compares the two. Hours are elapsed hours, counted in UTC; no clock is"
    yield "ever paused. A clock is a row in PostgreSQL that is swept twice a second; its ladder is copied onto it when it"
    yield "starts, so that later settings do not change it."
    yield ""
    yield "| clock | starts | stops | source of its limit |"
    yield "|---|---|---|---|"
    for clock in KINDS:
        yield f"| `{clock.kind}` {clock.label} | {clock.starts} | {clock.stops} | {clock.source} |"
    yield ""
    yield "## Event by clock"
    yield ""
    yield "What each reported event starts and stops, at its true instant; late, repeated and out of order are normal."
    yield ""
    yield "| event | starts | stops | besides |"
    yield "|---|---|---|---|"
    for event in EVENTS:
        starts = ", ".join(f"`{clock.kind}`" for clock in KINDS if event in clock.started_by)
        stops = ", ".join(f"`{clock.kind}`" for clock in KINDS if event in clock.stopped_by)
        yield f"| `{event}` | {starts} | {stops} | {BESIDES.get(event, '')} |"
    yield ""
    yield "## Ladders"
    yield ""
    yield "Each rung names a duty; the person is looked up when it is climbed. Where nobody holds it, the next duty above"
    yield "with a holder is paged at once and the ladder goes on; with nobody on duty at all it is tried each minute."
    yield "A loud rung pages by every channel of the person. A clock for reports only has no ladder."
    yield "Outside emergencies, night rungs move to the evening before (20:00 and 08:00 in"
    yield "London, set by the service), never past the deadline; an emergency ignores the hours."
    yield "The last rung repeats until the clock stops; outside emergencies only in those hours. “Note” is the screen alone."
    for title, kind, hours, at_once in _examples():
        yield ""
        yield f"### {title}"
        yield ""
        owed_by = "spinal_surgery" if kind == ClockKind.QUESTION else ""
        rungs = ladder_of(kind, limit_hours=hours, paged_at_once=at_once, owed_by=owed_by, service=service)
        yield from _ladder(rungs)


def _examples() -> Iterator[tuple[str, str, float, bool]]:
    yield "Acknowledge an emergency (15 minutes)", ClockKind.ACKNOWLEDGE, 0.25, True
    yield "Acknowledge without enough information (1 hour)", ClockKind.ACKNOWLEDGE, 1, False
    yield "Acknowledge one week or urgent oncology (4 hours)", ClockKind.ACKNOWLEDGE, 4, False
    yield "Acknowledge anything else (24 hours)", ClockKind.ACKNOWLEDGE, 24, False
    yield "Speak to the referrer (30 minutes)", ClockKind.VOICE_CONTACT, 0.5, False
    yield "Triage decision after acknowledging (30 minutes)", ClockKind.TRIAGE_DECISION, 0.5, False
    yield "Coordinator's advice (24 hours)", ClockKind.COORDINATOR_ADVICE, 24, False
    yield "MRI, emergency (24 hours)", ClockKind.MRI, 24, False
    yield "MRI, one week (168 hours)", ClockKind.MRI, 168, False
    yield "Treatment plan (168 hours)", ClockKind.TREATMENT_PLAN, 168, False
    yield (
        "A question, task, review or opinion awaited from spinal surgery (2 hours)",
        ClockKind.QUESTION,
        2,
        False,
    )
    labels = {kind.kind: kind.label for kind in KINDS}
    for kind, hours in EVENT_LIMITS.items():
        if kind in REPORT_ONLY or kind in OBLIGATIONS:
            continue
        yield f"{labels[ClockKind(kind)]} ({hours:g} hour{'' if hours == 1 else 's'})", kind, hours, False


def _ladder(ladder: Ladder) -> Iterator[str]:
    yield "| after | duty | how | |"
    yield "|---|---|---|---|"
    for rung in ladder:
        how = "page" if rung.loud else "note"
        extra = "unless booked" if rung.unless_booked else ""
        if rung.repeat_minutes:
            extra = f"again every {_length(rung.repeat_minutes)}"
        yield f"| {_length(rung.after_minutes)} | {rung.duty} | {how} | {extra} |"


def _length(minutes: float) -> str:
    return f"{minutes / 60:.3g} h" if minutes >= 60 else f"{minutes:g} min"
