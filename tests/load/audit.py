"""The audit of the fault harness: every promise that was broken, and how long each page took to be written."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """From the instant at which a rung fell due to its line in the ledger, by the database's clock."""

    due: datetime
    seconds: float
    emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One fault, from its first moment to its last."""

    fault: str
    begins: datetime
    ends: datetime


def audit(delivered: Mapping[str, int]) -> tuple[list[str], list[Wait], str]:
    """The broken promises, the wait of every rung, and the figures in words. `delivered` counts what arrived outside."""
    from kernel.time import now
    from ledger.check import verify
    from oncall.models import Page

    at = now()
    waits: list[Wait] = []
    faults = [*_faults_of_clocks(waits, at=at), *_faults_of_pages(delivered), *_abandoned()]
    lines, fault = verify()
    faults += [f"the ledger does not hold: {fault.why}"] if fault else []
    twice = sum(number - 1 for number in delivered.values())
    return (
        faults,
        waits,
        (
            f"{len(waits)} rungs fell due, {Page.objects.count()} pages, {twice} delivered twice, due to page written "
            f"{_sentence([wait.seconds for wait in waits])}, {lines} ledger lines verified"
        ),
    )


def by_fault(waits: Sequence[Wait], spells: Sequence[Spell]) -> str:
    """A table: the waits of emergencies that fell due during each kind of fault, and outside all of them."""
    urgent = [wait for wait in waits if wait.emergency]
    rows: dict[str, list[float]] = {}
    for name in sorted({spell.fault for spell in spells}):
        own = [spell for spell in spells if spell.fault == name]
        rows[f"{name} ({len(own)})"] = [
            wait.seconds for wait in urgent if any(spell.begins <= wait.due < spell.ends for spell in own)
        ]
    rows["no fault"] = [
        wait.seconds
        for wait in urgent
        if not any(
            spell.begins - timedelta(seconds=5) <= wait.due < spell.ends + timedelta(seconds=5)
            for spell in spells
        )
    ]
    return "\n".join(f"{name}: {len(seconds)} rungs, {_sentence(seconds)}" for name, seconds in rows.items())


def in_words(seconds: Sequence[float]) -> tuple[str, str, str]:
    """The median, the 99th percentile and the worst."""
    if not seconds:
        return ("none",) * 3
    ordered = sorted(seconds)
    high = ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]
    return f"{ordered[len(ordered) // 2]:.1f} s", f"{high:.1f} s", f"{ordered[-1]:.1f} s"


def _sentence(seconds: Sequence[float]) -> str:
    middle, high, worst = in_words(seconds)
    return f"{middle} median, {high} 99th percentile, {worst} at worst"


def _faults_of_clocks(waits: list[Wait], *, at: datetime) -> Iterator[str]:
    from oncall.models import Clock
    from oncall.start import EMERGENCY

    witnessed = _witnessed()
    for clock in Clock.objects.prefetch_related("pages__recipient"):
        pages = Counter((page.rung, page.channel, page.recipient_id) for page in clock.pages.all())
        yield from (f"clock {clock.pk}: {n} pages for {key}" for key, n in pages.items() if n > 1)
        until = clock.stopped_at or at
        for number, rung in enumerate(clock.ladder):
            due = clock.started_at + timedelta(minutes=rung["after_minutes"])
            if due > until - timedelta(seconds=5):  # within a sweep of its end either is right
                continue
            written = [page.written_at for page in clock.pages.all() if page.rung == number]
            if not written and clock.stopped_at is None:
                yield f"clock {clock.pk}: rung {number} was due {due:%H:%M:%S} and nobody was paged"
            line = witnessed.get((clock.case, clock.kind, number))
            if written and line is not None:
                waits.append(
                    Wait(due=due, seconds=(line - due).total_seconds(), emergency=clock.stream == EMERGENCY)
                )
        if clock.stopped_at is not None:
            late = [page for page in clock.pages.all() if page.written_at > _recorded(clock)]
            yield from (f"clock {clock.pk}: a page was written after it had stopped" for _ in late)


def _witnessed() -> dict[tuple[int, str, int], datetime]:
    """When the database saw the first page of each rung written: by case, kind of clock and rung."""
    from ledger.kinds import Kind
    from ledger.models import Line

    lines = Line.objects.filter(kind=Kind.PAGE_WRITTEN).order_by("-id")
    return {
        (line.case, line.facts["clock"], line.facts["rung"]): line.witnessed_at for line in lines if line.case
    }


def _faults_of_pages(delivered: Mapping[str, int]) -> Iterator[str]:
    from django.conf import settings

    from oncall.delivery import NOT_NEEDED
    from oncall.models import Page

    for page in Page.objects.filter(channel__in=settings.CHANNELS).select_related("clock"):
        if page.failure in NOT_NEEDED and (page.clock is not None or page.sent_at is None):
            continue  # somebody had answered, or a later page went to the same person
        if page.sent_at is None:
            yield f"page {page.pk} by {page.channel} was never sent: {page.failure}"
        elif str(page.client_reference) not in delivered:
            yield f"page {page.pk} says that it was sent by {page.channel} and did not arrive"


def _abandoned() -> Iterator[str]:
    from oncall.models import Clock
    from referrals.case.models import Referral

    for case in Referral.objects.filter(acknowledged_at=None):
        if not Clock.objects.filter(case=case.pk, stopped_at=None).exists():
            yield f"{case.reference} has neither a promise that runs nor a human"


def _recorded(clock: Any) -> datetime:
    """When the stop was recorded, which is what a sweep could know of."""
    newest: datetime = clock.history.latest("history_date").history_date
    return newest + timedelta(seconds=1)
