"""The facts in the ledger lines of promises, pages, shifts and ways to reach people: see `ledger.facts`. Pure."""

from typing import NotRequired

from ledger.facts import Facts, Instant


class ClockChanged(Facts):
    """What the lines of a clock have."""

    clock: str
    subject: NotRequired[int]  # the obligation that the clock is about
    due_at: NotRequired[Instant]


class ClockUpgraded(ClockChanged):
    limit_hours: float


class ClockBreached(ClockUpgraded):
    pass


class ClockStarted(ClockUpgraded):
    started_at: Instant
    formal: bool
    again: NotRequired[bool]  # started again with the case that was opened again


class ClockStopped(ClockUpgraded):
    because: str
    stopped_at: Instant
    breached: bool


class ClockExtended(ClockChanged):
    minutes: int


class ClockSnoozed(ClockChanged):
    until: Instant
    reason: str


class ClockQuarantined(ClockChanged):
    fault: str


class RungFoundNobody(Facts):
    clock: str
    rung: int
    duty: str


class RungPassedOver(RungFoundNobody):
    limit_hours: float
    due_at: Instant


class PageWritten(RungFoundNobody):
    recipient: str
    channels: list[str]


class PageSent(Facts):
    """A page about a clock, or about an alarm of the service."""

    clock: NotRequired[str]
    alarm: NotRequired[str]
    rung: int | None
    recipient: str
    channel: str
    client_reference: str


class PageFailed(PageSent):
    attempt: int
    fault: str
    final: bool


class PageAnswered(Facts):
    client_reference: str
    somebody_else: bool


class AlarmRaised(Facts):
    alarm: str
    about: str
    duty: str
    recipient: NotRequired[str]


class ShiftChanged(Facts):
    duty: str
    holder: str
    starts_at: NotRequired[Instant]
    ends_at: NotRequired[Instant]
    shift: NotRequired[int]
    at_once: NotRequired[bool]
    because: NotRequired[str]  # the hash of the reason
    ended: NotRequired[bool]


class HandOverTold(Facts):
    shift: int
    open_cases: NotRequired[int]
    words: NotRequired[str]  # the hash of the words
    moved: NotRequired[bool]  # copied to the shift that replaces this one


class HandOverAccepted(Facts):
    duty: str
    shift: int
    with_words: bool


class ContactMethodChanged(Facts):
    channel: str
    removed: bool


class ContactMethodProven(Facts):
    channel: str


class TestPageSent(Facts):
    channel: str
    person: NotRequired[str]  # to whom, if not to oneself
