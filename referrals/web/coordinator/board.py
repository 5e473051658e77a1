"""The worklist, ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from django.urls import reverse

from accounts.web.page import is_stale
from kernel.time import clock_time, duration_in_short, london_date, near
from oncall import clocks
from oncall.kinds import ClockKind
from oncall.models import Clock
from referrals.case.deterioration import Worsening, worsenings
from referrals.case.openings import is_closed
from referrals.case.overview import service_now
from referrals.case.states import STATUS_WORDS, Status
from referrals.case.whereabouts import whereabouts
from referrals.case.worklist import SECTION_WORDS, BoardSectionKind
from referrals.web import clinical_words, places
from referrals.web.addresses import of_case
from referrals.web.coordinator.next_step import NextStep, next_step


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One patient in two lines: who and what is wrong; until when, whose, and what to do next."""

    reference: str
    address: str
    patient: str
    age: str
    nhs_number: str
    stream: str
    emergency: bool
    alarm: bool
    marks: Sequence[str]
    words: str
    place: str
    owner: str
    left: str
    overdue: bool
    due: str
    next_step: NextStep
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSection:
    title: str
    rows: Sequence[BoardRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The worklist at an instant."""

    sections: Sequence[BoardSection]
    alarms: int
    at: str
    stale: bool
    stale_since: str
    arrived_ended: int
    arrived_unmatched: int


def board(cases: Sequence[Any], *, at: datetime) -> Board:
    """The rows of these cases in their sections: five queries at most, however many there are."""
    running = clocks.of_cases(case.pk for case in cases)
    moved = whereabouts((case.pk for case in cases), words=partial(near, at=at))
    waits = {case.pk: case.acknowledged_at for case in cases if case.waits}
    worse = worsenings(waits, at=at, acknowledged=waits)
    service = service_now()
    return Board(
        sections=tuple(
            BoardSection(
                title=SECTION_WORDS[section],
                rows=tuple(
                    _row(
                        case,
                        running[case.pk],
                        places.place(
                            case,
                            {case.location_organisation: vars(case).get("place_name") or ""},
                            moved=moved.get(case.pk),
                        ),
                        worse.get(case.pk),
                        at=at,
                    )
                    for case in of_section
                ),
            )
            for section, of_section in groupby(sorted(cases, key=_section), key=_section)
        ),
        alarms=service.emergencies,  # of the whole service, whatever view is shown
        at=clock_time(at),
        stale=is_stale(service.swept_at, at=at),
        stale_since=near(service.swept_at, at=at) if service.swept_at else "the service was started",
        arrived_ended=service.arrivals,
        arrived_unmatched=service.unmatched,
    )


def _section(case: Any) -> BoardSectionKind:
    kind: BoardSectionKind = case.section
    return kind


def _row(
    case: Any, running: Sequence[Clock], place: str, worse: Worsening | None, *, at: datetime
) -> BoardRow:
    if is_closed(case):
        return _closed_row(case, running, at=at)
    first = running[0] if running else None
    imaging = _imaging(running)
    return BoardRow(
        reference=case.reference,
        address=of_case("case", case.reference),
        patient=case.patient.name,
        age=clinical_words.age(case.patient.date_of_birth, on=london_date(at)),
        nhs_number=case.patient.nhs_number_words,
        stream=clinical_words.stream(case.stream) + (", provisional" if case.provisional else ""),
        emergency=case.is_emergency,
        alarm=case.section == BoardSectionKind.UNSEEN,
        marks=tuple(_marks(case, worse)),
        words=clinical_words.clinical_line(case) + (f"; {imaging}" if imaging else ""),
        place=place,
        owner=case.claimed_by_name if case.claimed_until and case.claimed_until > at else "",
        left=STATUS_WORDS[Status(case.status)] if case.is_over else _left(first, at=at),
        overdue=first is not None and first.due_at < at,
        due=f"due {near(first.due_at, at=at)}" if first else "",
        next_step=next_step(case, running),
        call="" if case.is_over else of_case("act", case.reference, "contact"),
    )


def _closed_row(case: Any, running: Sequence[Clock], *, at: datetime) -> BoardRow:
    """The row of a restricted case that is not for the reader: its reference, its urgency and its owner."""
    first = running[0] if running else None
    address = f"{reverse('open_record')}?case={case.reference}"
    return BoardRow(
        reference=case.reference,
        address=address,
        patient="Restricted record",
        age="",
        nhs_number="",
        stream=clinical_words.stream(case.stream),
        emergency=case.is_emergency,
        alarm=case.section == BoardSectionKind.UNSEEN,
        marks=(),
        words="Only those in charge of it see who it is about",
        place=case.reference,
        owner=case.claimed_by_name if case.claimed_until and case.claimed_until > at else "",
        left=_left(first, at=at),
        overdue=first is not None and first.due_at < at,
        due=f"due {near(first.due_at, at=at)}" if first else "",
        next_step=NextStep(text="Open with a reason", address=address),
        call="",
    )


def _left(clock: Clock | None, *, at: datetime) -> str:
    """The time to the next deadline, for a narrow column."""
    if clock is None:
        return "No clock running"
    length = duration_in_short(clock.due_at - at)
    return f"Overdue {length}" if clock.due_at < at else f"{length} left"


def _marks(case: Any, worse: Worsening | None) -> list[str]:
    """What changes how a row is read, in words; what became worse first."""
    marks = (
        (worse is not None, worse.words if worse else ""),
        (case.referrer_concern == "emergency", "referrer is worried"),
        (case.news_since is not None, "new information"),
        (case.back_entered_at is not None, "entered after downtime"),
    )
    return [words for holds, words in marks if holds]


def _imaging(running: Sequence[Clock]) -> str:
    """The state of the scan, from the clock that waits for it."""
    for clock in running:
        if clock.kind == ClockKind.MRI:
            return "MRI booked" if clock.booked_at else "MRI not booked"
        if clock.kind == ClockKind.MRI_REPORT:
            return "MRI not reported"
    return ""
