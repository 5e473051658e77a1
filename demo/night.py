"""One night on call, from eight to eight: referrals come, people answer their pages or sleep through them.

A seed decides which referrals come and who answers; the service decides whom it pages, and when.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from django.db.models import F

from accounts.models import User
from demo.cases import Cast, Play, cast, perform, send
from demo.people import add_people, add_rota
from kernel.refusals import Refusal
from kernel.time import clock_time
from oncall.handover import accept, write_handover
from oncall.kinds import ClockKind
from oncall.models import Clock, Page, Shift
from oncall.page_links import token_of
from oncall.roster import swap_shift
from referrals.usecases.answer_page import answer_page

PRESENTATIONS = (
    "weakness",
    "cauda_equina",
    "pain_only",
    "not_examined",
    "little_known",
    "no_cancer",
    "back_pain",
)
MINUTE = timedelta(minutes=1)
# By duty: how likely a page is answered, and after how many minutes at least and at most.
ANSWERS = {
    "coordinator": (0.7, 2, 8),
    "deputy": (0.8, 2, 6),
    "consultant": (0.9, 2, 6),
    "manager": (1.0, 1, 4),
}


@dataclass(kw_only=True)
class Night:
    """A night that is played step by step; `step` plays every act up to an instant."""

    seed: int
    begins: datetime
    referrals: int = 9
    report: Callable[[str], None] = print
    people: Cast = field(init=False)
    agenda: list[tuple[datetime, int, Callable[[datetime], object]]] = field(init=False, default_factory=list)
    noticed: set[int] = field(init=False, default_factory=set)
    started: set[int] = field(init=False, default_factory=set)  # the cases with somebody at work on them
    number_of: dict[int, int] = field(
        init=False, default_factory=dict
    )  # the number of a case's referral in this night

    def __post_init__(self) -> None:
        self.ends = self.begins + timedelta(hours=12, minutes=15)
        self.morning = self.begins + timedelta(hours=12)

    def prepare(self) -> None:
        """Add the people of the demo and a rota with a new coordinator in the morning; plan the referrals."""
        add_people(at=self.begins)
        add_rota(at=self.begins)
        User.objects.filter(username="registrar").update(duties=["coordinator", "deputy"])
        self.people = cast()
        lead = User.objects.get(username="lead").actor
        tomorrow = Shift.objects.get(duty="coordinator", starts_at=self.morning)
        shift = swap_shift(tomorrow.pk, username="registrar", by=lead, at=self.begins)
        chance = random.Random(self.seed)  # chance, not secrecy
        for number in range(self.referrals):
            at = self.begins + timedelta(minutes=chance.uniform(5, 660))
            play = Play(presentation=chance.choice(PRESENTATIONS), minutes_ago=0)
            self._plan(at, partial(self._send, number, play))
        outgoing, incoming = (User.objects.get(username=name).actor for name in ("coordinator", "registrar"))
        self._plan(self.morning - 20 * MINUTE, self._clear_the_board)
        words = "The open cases are below. Nothing waits for a call back."
        self._plan(
            self.morning - 10 * MINUTE,
            lambda at: write_handover(shift.pk, words=words, by=outgoing, at=at),
        )
        self._plan(self.morning + 3 * MINUTE, lambda at: accept(shift.pk, by=incoming, at=at))

    def step(self, at: datetime) -> None:
        """Play every planned act up to this instant, in order."""
        self._notice_pages(at)
        self.agenda.sort(key=lambda act: act[:2])
        while self.agenda and self.agenda[0][0] <= at:
            _, _, act = self.agenda.pop(0)
            try:
                act(at)
            except Refusal as refusal:  # somebody else was first, or it is over
                self.report(f"{clock_time(at)}  {refusal.sentence}")

    def _plan(self, at: datetime, act: Callable[[datetime], object]) -> None:
        self.agenda.append((at, len(self.agenda), act))

    def _send(self, number: int, play: Play, at: datetime) -> None:
        case = send(play, 500 + number, at=at, cast=self.people)
        self.number_of[case.pk] = number
        self.report(f"{clock_time(at)}  {case.reference} comes in: {play.presentation.replace('_', ' ')}")

    def _notice_pages(self, at: datetime) -> None:
        """Let each person who is paged to acknowledge answer after a while, or sleep through the page."""
        pages = Page.objects.filter(
            clock__kind=ClockKind.ACKNOWLEDGE, clock__stopped_at=None, channel="email"
        )
        for page in (
            pages.select_related("clock", "recipient").exclude(sent_at=None).exclude(pk__in=self.noticed)
        ):
            self.noticed.add(page.pk)
            assert page.clock is not None  # as filtered
            likely, soonest, latest = ANSWERS.get(page.duty, (1.0, 1, 4))
            number = self.number_of[page.clock.case]
            chance = random.Random(f"{self.seed}:{number}:{page.rung}:{page.recipient.username}")
            if chance.random() > likely:
                self.report(
                    f"{clock_time(at)}  {page.recipient.name} sleeps through a page for {page.clock.reference}"
                )
                continue
            answered_at = at + timedelta(minutes=chance.uniform(soonest, latest))
            self._plan(answered_at, partial(self._answer, page))

    def _clear_the_board(self, at: datetime) -> None:
        """Before the hand-over the coordinator acknowledges the referrals that nobody woke up for."""
        for clock in Clock.objects.filter(kind=ClockKind.ACKNOWLEDGE, stopped_at=None).order_by("id"):
            perform(clock.reference, "acknowledge", None, at=at, cast=self.people)
            self.report(f"{clock_time(at)}  {clock.reference} is acknowledged on the worklist")

    def _answer(self, page: Page, at: datetime) -> None:
        """Answer by the page's own link; then plan the work that follows."""
        case = answer_page(token_of(page), at=at)
        self.report(f"{clock_time(at)}  {page.recipient.name} answers for {case.reference}")
        by = page.recipient.username
        people = replace(
            self.people, people={**self.people.people, "coordinator": User.objects.get(username=by).actor}
        )
        chance = random.Random(f"{self.seed}:{self.number_of[case.pk]}")  # chance, not secrecy
        acts: list[tuple[float, str, object]] = [(3, "call", "spoke")]
        is_first = case.pk not in self.started  # a report pages again: the planned work goes on
        self.started.add(case.pk)
        if is_first:
            acts.append((chance.uniform(6, 20), "triage", None))
        if is_first and case.is_emergency:
            scan_minute = chance.uniform(150, 300)
            acts += [
                (30, "mri_booked", scan_minute - 30),
                (scan_minute, "mri_performed", ["cervical", "thoracic", "lumbar"]),
                (scan_minute + 40, "mri_reported", "mscc"),
            ]
            acts += [(scan_minute + 100, "decision_to_treat", "radiotherapy"), (11, "share", "RXX01")]
        for minutes, act, argument in acts:
            step = partial(_perform, case.reference, act, argument, people)
            self._plan(at + timedelta(minutes=minutes), step)


def _perform(reference: str, act: str, argument: object, cast: Cast, at: datetime) -> None:
    perform(reference, act, argument, at=at, cast=cast)


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """The figures of a night."""

    referrals: int
    loud: int
    led_to_the_act: int
    by_person: dict[str, int]
    open_cases: int
    emergencies_late: int
    first_page_seconds: tuple[float, float]
    acknowledged_minutes: tuple[float, float]
    handed_over: bool

    def lines(self) -> list[str]:
        """The morning report."""
        share = 100 * self.led_to_the_act / self.loud if self.loud else 100
        people = ", ".join(f"{name} {number}" for name, number in self.by_person.items())
        return [
            f"{self.referrals} referrals; {self.loud} pages that wake somebody ({people}).",
            f"{self.led_to_the_act} of them ({share:.0f}%) were the last page before somebody did the work.",
            f"First page {self.first_page_seconds[0]:.0f} s after sending (median), {self.first_page_seconds[1]:.0f} s worst.",
            f"Emergencies acknowledged after {self.acknowledged_minutes[0]:.0f} min (median), "
            f"{self.acknowledged_minutes[1]:.0f} min worst; {self.emergencies_late} later than 15 min.",
            "Every page was answered."
            if not self.open_cases
            else f"{self.open_cases} cases wait for an answer.",
            "The hand-over was accepted." if self.handed_over else "The hand-over was NOT accepted.",
        ]


def morning_report(begins: datetime) -> Morning:
    """The figures of a night, from its clocks and pages."""
    pages = Page.objects.filter(written_at__gte=begins, channel="email", clock__isnull=False)
    loud = list(pages.select_related("clock", "recipient").order_by("written_at", "id"))
    last = {page.clock_id: page for page in loud}
    successes = [page for page in last.values() if page.clock and page.clock.stopped_because == "met"]
    by_person: dict[str, int] = {}
    for page in loud:
        by_person[page.recipient.name] = by_person.get(page.recipient.name, 0) + 1
    first = sorted(
        (page.written_at - page.clock.recorded_at).total_seconds()
        for page in loud
        if page.clock
        and page.rung == 0
        and page.clock.kind == ClockKind.ACKNOWLEDGE
        and page.clock.recorded_at
    )
    clocks = Clock.objects.filter(kind=ClockKind.ACKNOWLEDGE, recorded_at__gte=begins)
    urgent = clocks.filter(limit_hours__lte=0.25, stopped_because="met").annotate(
        took=F("stopped_at") - F("started_at")
    )
    minutes = sorted(took.total_seconds() / 60 for took in urgent.values_list("took", flat=True))
    return Morning(
        referrals=clocks.values("case").distinct().count(),
        loud=len(loud),
        led_to_the_act=len(successes),
        by_person=by_person,
        open_cases=clocks.filter(stopped_at=None).count(),
        emergencies_late=sum(wait > 15 for wait in minutes),
        first_page_seconds=_middle_and_worst(first),
        acknowledged_minutes=_middle_and_worst(minutes),
        handed_over=Shift.objects.filter(duty="coordinator", taken_over_at__gte=begins).exists(),
    )


def _middle_and_worst(values: list[float]) -> tuple[float, float]:
    return (values[len(values) // 2], values[-1]) if values else (0.0, 0.0)
