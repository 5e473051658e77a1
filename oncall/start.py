"""Starting clocks, inside the transaction of the act that starts them."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.act import Act
from accounts.service import Service
from kernel.actors import Actor
from ledger.kinds import Kind
from oncall import ladder as ladders
from oncall.case_clocks import every, record
from oncall.clocks import hold, next_instant, stop_clock
from oncall.escalation import ladder_of
from oncall.kinds import AFTERWARDS, Stopped
from oncall.ladder import LOOPBACK, SCREEN, Ladder, Rung
from oncall.line_facts import ClockStarted
from oncall.models import Clock

EMERGENCY = "Emergency"  # how a clock names the stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The promise of a clock. `started_at` is its true start, which may be long ago.

    `subject` tells questions, tasks, reviews and opinions of one case apart. `owed_by` is the duty that has to give
    the answer and is paged first; or `person` is, the number of an account. `about` is the news, or the
    people and the subject, in words for a page: no patient, no free text.
    """

    kind: str
    case: int
    stream: str
    limit_hours: float
    started_at: datetime
    formal: bool = False
    paged_at_once: bool = False
    subject: int = 0
    owed_by: str = ""
    person: int = 0
    about: str = ""
    tests_itself: bool = False  # of the service's own test: pages nobody

    @property
    def due_at(self) -> datetime:
        return self.started_at + timedelta(hours=self.limit_hours)


def start(promise: Promise, *, act: Act) -> Clock:
    """Start a clock, or keep the running one of the same kind, limit and subject, whichever is due first.

    A running clock that would page too slowly for the new promise is replaced. News for a running clock that
    pages at once climbs its next rung now.
    """
    twin = _running_twin(promise)
    new = _new(promise, service=act.service)
    slower = twin is not None and ladders.from_json(twin.ladder) != ladders.from_json(new.ladder)
    if twin is not None and promise.paged_at_once and slower:
        if twin.due_at < new.due_at:
            new.started_at = twin.started_at
        new.about = new.about or twin.about
        stop_clock(twin, because=Stopped.SUPERSEDED, stopped_at=act.at, by=act.by, at=act.at)
        twin = None
    if twin is None:
        return move_start(new, started_at=new.started_at, by=act.by, at=act.at)
    if promise.paged_at_once and promise.about and promise.about != twin.about:
        twin.about, twin.pass_on_at = promise.about, act.at
        since = min(twin.started_at, promise.started_at)
        return move_start(twin, started_at=since, again=True, by=act.by, at=act.at)
    if twin.due_at <= promise.due_at:
        return twin
    return move_start(twin, started_at=promise.started_at, by=act.by, at=act.at)


def record_past(promise: Promise, *, stopped_at: datetime, because: Stopped, act: Act) -> Clock:
    """Record a promise that began and ended before the service learned of it, beside a clock that may run."""
    clock = _new(promise, service=act.service)
    clock.stopped_at, clock.stopped_because = stopped_at, str(because)
    move_start(clock, started_at=promise.started_at, by=act.by, at=act.at)
    stop_clock(clock, because=because, stopped_at=stopped_at, by=act.by, at=act.at)
    return clock


def _running_twin(promise: Promise) -> Clock | None:
    wanted = promise.kind, promise.limit_hours, promise.subject
    return next((clock for clock in hold(promise.case) if _key(clock) == wanted), None)


def _new(promise: Promise, *, service: Service) -> Clock:
    if promise.tests_itself:
        return _clock(promise, (Rung(after_minutes=0, duty="coordinator", channels=(LOOPBACK,)),))
    rungs = ladder_of(
        promise.kind,
        limit_hours=promise.limit_hours,
        paged_at_once=promise.paged_at_once,
        owed_by=promise.owed_by,
        person=promise.person,
        service=service.values,
    )
    # An emergency wakes people; the rest does not if it can wait.
    waits = promise.stream != EMERGENCY or promise.kind in AFTERWARDS
    if waits and not promise.paged_at_once:
        rungs = ladders.within_hours(
            rungs,
            started_at=promise.started_at,
            due_at=promise.due_at,
            opens=service["delivery_from"],
            closes=service["delivery_to"],
        )
    ladders.check(rungs, later=promise.kind in AFTERWARDS)
    return _clock(promise, rungs)


def _clock(promise: Promise, rungs: Ladder) -> Clock:
    return Clock(
        case=promise.case,
        kind=promise.kind,
        subject=promise.subject,
        about=promise.about,
        stream=promise.stream,
        limit_hours=promise.limit_hours,
        formal=promise.formal,
        started_at=promise.started_at,
        due_at=promise.due_at,
        ladder=[rung.as_json() for rung in rungs],
    )


def move_start(clock: Clock, *, started_at: datetime, again: bool = False, by: Actor, at: datetime) -> Clock:
    """Move the start of a clock, locked by the caller, to its true instant; the deadline moves with it."""
    clock.started_at, clock.recorded_at = started_at, at
    clock.due_at = started_at + timedelta(hours=clock.limit_hours)
    if clock.snoozed_until is not None:
        clock.snoozed_until = min(clock.snoozed_until, clock.due_at)
    facts = ClockStarted(
        clock=clock.kind,
        limit_hours=clock.limit_hours,
        started_at=started_at,
        due_at=clock.due_at,
        formal=clock.formal,
    )
    if again:
        facts["again"] = True
    if clock.subject:
        facts["subject"] = clock.subject
    clock.next_at = (clock.pass_on_at or next_instant(clock)) if clock.stopped_at is None else None
    record(clock, Kind.CLOCK_STARTED, facts, by=by, at=at)
    return clock


def start_again(case: int, *, by: Actor, at: datetime) -> None:
    """Restart the clocks that ended with a case that goes on again, however often it had ended: same start, same deadline.

    Of two clocks of one kind and limit the earlier deadline runs on, because it covers the other.
    """
    numbered = every(case, lock=True)
    began = _began(case)
    ended_clocks = [
        clock
        for number, clock in enumerate(numbered, start=1)
        if clock.stopped_because == Stopped.ENDED
        and not any(_continues(later, clock, began) for later in numbered[number:])
    ]
    running = {_key(clock) for clock in numbered if clock.stopped_at is None}
    for clock in sorted(ended_clocks, key=lambda clock: clock.due_at):
        if _key(clock) not in running:
            running.add(_key(clock))
            run_again(clock, by=by, at=at)


def run_again(clock: Clock, *, by: Actor, at: datetime) -> Clock:
    """Restart a stopped clock as a new row: same start, same deadline, and every page that reached nobody."""
    rung = _first_unheard_rung(clock)
    clock = copy(clock)
    clock.pk = None
    clock._state.adding = True
    clock.stopped_at, clock.stopped_because, clock.snoozed_until, clock.pass_on_at = None, "", None, None
    if rung is not None:
        clock.climbed, clock.last_climbed_at = rung, None
    return move_start(clock, started_at=clock.started_at, again=True, by=by, at=at)


def _first_unheard_rung(clock: Clock) -> int | None:
    """The first climbed rung whose pages beside the screen reached nobody before the clock stopped."""
    if clock.pk is None:
        return None  # started in this act
    heard: dict[int, bool] = {}
    for rung, sent_at, answered_at in clock.pages.exclude(channel=SCREEN).values_list(
        "rung", "sent_at", "answered_at"
    ):
        heard[rung] = heard.get(rung, False) or sent_at is not None or answered_at is not None
    return min((rung for rung, is_heard in heard.items() if not is_heard), default=None)


def _key(clock: Clock) -> tuple[str, float, int]:
    return clock.kind, clock.limit_hours, clock.subject


def _began(case: int) -> dict[int, datetime]:
    """The first start of each stored clock of a case, by its number: a later fact may have moved it since."""
    histories: Any = Clock.history
    return dict(histories.filter(case=case, history_type="+").values_list("id", "started_at"))


def _continues(later: Clock, ended: Clock, began: Mapping[int, datetime]) -> bool:
    """Whether a later clock is an ended one that was restarted before."""
    return _key(later) == _key(ended) and began.get(later.pk, later.started_at) == ended.started_at
