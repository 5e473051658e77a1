"""docs/clocks.md: what starts and stops each clock, and its ladder, from the tables that run. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from oncall.escalation import ladder_of
from oncall.kinds import EVENT_LIMITS, KINDS, ClockKind
from oncall.ladder import Ladder


def markdown(service: Mapping[str, Any]) -> str:
    """The clocks with the ladders of these settings (minutes by key)."""
    return "\n".join(_lines(service)) + "\n"


def _lines(service: Mapping[str, Any]) -> Iterator[str]:
    yield "# Clocks"
    yield ""
    yield "Printed from `oncall/kinds.py`; a test compares the two. Hours are elapsed hours, counted in UTC; no clock is"
    yield "ever paused. A clock is a row in PostgreSQL that is swept twice a second; its ladder is copied onto it when it"
    yield "starts, so that later settings leave it as it is."
    yield ""
    yield "| clock | starts | stops | source of its limit |"
    yield "|---|---|---|---|"
    for kind in KINDS:
        yield f"| `{kind.kind}` {kind.label} | {kind.starts} | {kind.stops} | {kind.source} |"
    yield ""
    yield "## Ladders"
    yield ""
    yield "Each rung names a duty; the person is looked up when it is climbed. A rung that finds nobody is passed at once."
    yield "Rungs of what is no emergency are brought forward from the night to the evening before (20:00 and 08:00 in"
    yield "London, set by the service), never past the deadline; an emergency ignores the hours."
    yield "The last rung repeats until the clock stops. “Note” is the screen alone, “page” is screen and e-mail."
    for title, kind, hours, at_once in _shown():
        yield ""
        yield f"### {title}"
        yield ""
        yield from _ladder(ladder_of(kind, limit_hours=hours, paged_at_once=at_once, service=service))


def _shown() -> Iterator[tuple[str, str, float, bool]]:
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
    labels = {kind.kind: kind.label for kind in KINDS}
    for kind, hours in EVENT_LIMITS.items():
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
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
