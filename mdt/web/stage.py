"""What the guideline says at the stage that a case has reached: what is done is shown as done and not offered again.

The rules decide what is said. Here a first step that the facts have overtaken is moved beside it, with the fact.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kernel.time import from_rfc3339, near
from oncall.models import Clock
from referrals.case.models import Event, Referral
from referrals.evidence.case_evidence import Evidence
from referrals.evidence.course import TREATMENT
from referrals.intake import codes
from referrals.web.coordinator.record_lines import care_answers
from triage.assess import latest
from triage.signature import confirmed_numbers
from triage.web.guidance import AdviceLine, Guidance, guidance

OF_IMAGING = frozenset(
    {
        "mri_whole_spine_24h",
        "mri_whole_spine_1w",
        "ct_instead_of_mri",
        "mri_technique",
        "mri_locally_first",
        "overnight_mri",
    }
)
OF_FIRST_DOSE = frozenset(
    {
        "offer_dexamethasone_16mg",
        "consider_corticosteroid",
        "record_why_no_dexamethasone",
        "continue_dexamethasone_16mg_daily",
    }
)
DOSES = ("dexamethasone_given", "dexamethasone_stopped")
DONE = frozenset({"immobilised", *DOSES, *TREATMENT})
OF_POSITION = frozenset({"start_immobilisation", "consider_immobilisation"})
BEFORE_TREATMENT = OF_IMAGING | OF_FIRST_DOSE
BEFORE_FIRST_DOSE = "no_histology_discuss_before_dexamethasone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What is still said, what has been done, and the first steps that no longer arise, each with the reason."""

    guidance: Guidance
    done: Sequence[str]
    past: Sequence[AdviceLine]


def staged(
    case: Referral, *, evidence: Evidence, events: Sequence[Event], every_clock: Sequence[Clock], at: datetime
) -> Staged:
    """The guidance of a case as it stands. After a worsening nothing from before counts as done: it is all said again."""
    since = max(evidence.worsened_at, default=None)
    new = [event for event in events if since is None or event.occurred_at > since]
    overtaken = dict(_overtaken(new, evidence, at=at))
    assessment, answers = latest(case.pk), care_answers(case, at=at)
    result = assessment.result
    if set(overtaken) >= OF_FIRST_DOSE:
        warnings = [warning for warning in result["warnings"] if warning["code"] != BEFORE_FIRST_DOSE]
        result = {**result, "warnings": warnings}
    running = {clock.kind for clock in every_clock if clock.stopped_at is None}
    ended = {clock.kind for clock in every_clock} - running
    full = guidance(
        {**result, "clocks": [clock for clock in result["clocks"] if clock["kind"] not in ended]},
        at=at,
        acknowledged=case.acknowledged_at is not None,
        for_coordinator=True,
        care=assessment.care,
        answers={**answers, **dict(_begun(new, answers, at=at))},
        numbers=confirmed_numbers(),
    )
    groups = (replace(group, lines=_still(group.lines, overtaken)) for group in full.care)
    lines = (*full.advice, *(line for group in full.care for line in group.lines))
    return Staged(
        guidance=replace(
            full,
            advice=_still(full.advice, overtaken),
            care=tuple(group for group in groups if group.lines),
        ),
        done=tuple(_done(new, evidence, at=at)),
        past=tuple(
            replace(line, done="; ".join(filter(None, (overtaken[line.code], line.done))))
            for line in lines
            if line.code in overtaken
        ),
    )


def _still(lines: Sequence[AdviceLine], overtaken: Mapping[str, str]) -> tuple[AdviceLine, ...]:
    return tuple(line for line in lines if line.code not in overtaken)


def _overtaken(new: Sequence[Event], evidence: Evidence, *, at: datetime) -> Iterator[tuple[str, str]]:
    """The codes that the facts have overtaken, each with the fact."""
    scan_at = evidence.picture.whole_spine_at
    first = next((event for event in new if event.kind in TREATMENT), None)
    immobilisation = next((event for event in new if event.kind == "immobilised"), None)
    if first is not None:
        for code in BEFORE_TREATMENT:
            yield code, _event_words(first, at=at)
    if scan_at is not None:
        for code in OF_IMAGING:
            yield code, f"Whole spine imaged {near(scan_at, at=at)}"
    if immobilisation is not None:
        for code in OF_POSITION:
            yield code, _event_words(immobilisation, at=at)


def _begun(new: Sequence[Event], answers: Mapping[str, str], *, at: datetime) -> Iterator[tuple[str, str]]:
    """What is under way, shown beside a line that still holds: a scan that is booked is not done."""
    bookings = [event for event in new if event.kind in ("mri_requested", "mri_booked", "mri_cancelled")]
    if bookings and bookings[-1].kind != "mri_cancelled":
        for code in OF_IMAGING:
            yield code, "; ".join(filter(None, (_event_words(bookings[-1], at=at), answers.get(code))))
    doses = [event for event in new if event.kind in DOSES]
    if doses and doses[-1].kind == "dexamethasone_stopped":
        for code in OF_FIRST_DOSE:
            words = ", then ".join(_event_words(event, at=at) for event in doses)
            yield code, "; ".join(filter(None, (words, answers.get(code))))


def _done(new: Sequence[Event], evidence: Evidence, *, at: datetime) -> Iterator[str]:
    """What was done since neurology last worsened, oldest first."""
    scan_at = evidence.picture.whole_spine_at
    steps = [(event.occurred_at, _event_words(event, at=at)) for event in new if event.kind in DONE]
    if scan_at is not None:
        steps.append((scan_at, f"Whole spine imaged {near(scan_at, at=at)}"))
    for _, words in sorted(steps, key=lambda step: step[0]):
        yield words


def _event_words(event: Event, *, at: datetime) -> str:
    """Dexamethasone given 10:00 GMT, 16 mg."""
    words = f"{codes.EVENT_WORDS[event.kind]} {near(event.occurred_at, at=at)}"
    if event.kind == "dexamethasone_given" and event.data.get("dose_mg"):
        words += f", {event.data['dose_mg']:g} mg"
    if event.kind == "mri_booked" and event.data.get("booked_for"):
        words += f" for {near(from_rfc3339(event.data['booked_for']), at=at)}"
    return words
