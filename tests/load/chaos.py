"""Kills and freezes the real servers at random while clocks fall due, then audits every promise.

    python -m tests.load.chaos --seed 7 --seconds 60 --cases 100

Lanes, worker, scheduler, web, broker and database are killed with SIGKILL and started again, or frozen with SIGSTOP for
some seconds, in an order that the seed decides. At the end: every rung that fell due has exactly one page per recipient and channel, each e-mail was delivered
at least once under its own reference, none was written after its clock had stopped, every open case has a promise that
runs or a human on it, and the ledger verifies.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.load.servers import Running, servers

VICTIMS = ("lanes", "worker", "scheduler", "web", "valkey", "postgres")
FROZEN, LONGEST_FREEZE = 0.3, 8  # the share of freezes, and seconds
PATIENCE = 90  # seconds to catch up after the last kill


def run(*, seed: int, seconds: float, cases: int, idle: bool = False) -> list[str]:
    """Play one seeded run; the broken promises, empty when every one was kept. Prints what happened.

    `idle` starts no worker, no scheduler and no web, so that the audit has something to find.
    """
    chance = random.Random(seed)
    with servers(web=not idle) as running:
        import django

        django.setup()
        references = _prepare(cases, seconds=seconds, chance=chance)
        if idle:
            time.sleep(seconds + 6)
            return _audit(running.folder / "mailbox")[0]
        running.add("worker", "celery", "-A", "mscc.celery", "worker", "--concurrency", "2", "--loglevel", "error",
                    "--without-gossip", "--without-mingle")  # fmt: skip
        running.add("scheduler", "celery", "-A", "mscc.celery", "beat", "--loglevel", "error", "--pidfile=")
        running.add("lanes", "django", "lanes")
        killed = _rage(running, references, seconds=seconds, chance=chance)
        _wait_until_caught_up()
        faults, figures = _audit(running.folder / "mailbox")
    print(
        f"seed {seed}, {seconds:g} s, {cases} cases: killed or frozen {dict(sorted(killed.items()))}; {figures}"
    )
    return faults


def _prepare(cases: int, *, seconds: float, chance: random.Random) -> list[str]:
    """Real referrals whose ladders are told in seconds, spread over the time of the run."""
    from kernel.time import now
    from oncall.clocks import next_instant
    from oncall.models import Clock
    from tests.builders import set_the_scene, submitted

    set_the_scene(at=now())
    references = [submitted(chance.choice(("weakness", "pain_only", "cauda_equina")), at=now()).reference
                  for _ in range(cases)]  # fmt: skip
    duties = ("coordinator", "coordinator", "deputy", "consultant", "manager")
    for clock in Clock.objects.filter(stopped_at=None):
        instants = sorted(chance.uniform(2, seconds) for _ in duties)
        clock.started_at = now()
        clock.due_at = clock.started_at + timedelta(seconds=chance.uniform(seconds / 2, seconds))
        clock.limit_hours += chance.random() / 1000  # keeps kinds of one case apart
        clock.ladder = [
            {"after_minutes": instant / 60, "duty": duty, "channels": ["screen", "email"], "unless_booked": False,
             "repeat_minutes": 0}
            for instant, duty in zip(instants, duties, strict=True)
        ]  # fmt: skip
        clock.next_at = next_instant(clock)
        clock.save()
    return references


def _rage(running: Running, references: list[str], *, seconds: float, chance: random.Random) -> Counter[str]:
    killed: Counter[str] = Counter()
    waiting = list(references)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(chance.uniform(0.5, 2.5))
        victim = chance.choice(VICTIMS)
        if chance.random() < FROZEN:
            running.freeze(victim)
            time.sleep(chance.uniform(1, LONGEST_FREEZE))
            running.thaw(victim)
            killed[f"{victim} frozen"] += 1
        else:
            running.kill(victim)
            killed[victim] += 1
            time.sleep(chance.uniform(0, 1.5))
            running.start(victim)
        if waiting and chance.random() < 0.7:  # meanwhile a human answers one of them
            _patiently(lambda: _acknowledge(waiting))
    return killed


def _acknowledge(waiting: list[str]) -> None:
    from kernel.time import now
    from referrals.usecases.acknowledge_referral import acknowledge_referral
    from tests.builders import actor

    acknowledge_referral(waiting[-1], by=actor("coordinator"), at=now())
    waiting.pop()


def _patiently(act: Callable[[], Any]) -> Any:
    """The database may have just been killed: try again until it is back."""
    from django.db import DatabaseError, close_old_connections, connections

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            close_old_connections()
            return act()
        except DatabaseError:
            connections.close_all()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def _wait_until_caught_up() -> None:
    from kernel.time import now
    from oncall.models import Clock, Page

    def behind() -> bool:
        due = Clock.objects.filter(stopped_at=None, next_at__lte=now()).exists()
        return due or Page.objects.filter(sent_at=None, failed_at=None).exists()

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and _patiently(behind):
        time.sleep(0.5)


def _audit(mailbox: Path) -> tuple[list[str], str]:
    from kernel.time import now
    from ledger.check import verify
    from oncall.delivery import BUNDLED, CLOCK_STOPPED, SUPERSEDED
    from oncall.models import Clock, Page
    from referrals.case.models import Referral

    faults: list[str] = []
    at = now()
    rungs, delays = 0, []
    for clock in Clock.objects.prefetch_related("pages__recipient"):
        pages = Counter((page.rung, page.channel) for page in clock.pages.all())
        faults += [f"clock {clock.pk}: {n} pages for {key}" for key, n in pages.items() if n > 1]
        until = clock.stopped_at or at
        for number, rung in enumerate(clock.ladder):
            due = clock.started_at + timedelta(minutes=rung["after_minutes"])
            if due > until - timedelta(seconds=5):  # within a sweep of its end either is right
                continue
            rungs += 1
            written = [page.written_at for page in clock.pages.all() if page.rung == number]
            if not written and clock.stopped_at is None:
                faults.append(f"clock {clock.pk}: rung {number} was due {due:%H:%M:%S} and nobody was paged")
            delays += [(instant - due).total_seconds() for instant in written[:1]]
        if clock.stopped_at is not None:
            late = [page for page in clock.pages.all() if page.written_at > _recorded(clock)]
            faults += [f"clock {clock.pk}: a page was written after it had stopped" for _ in late]
    delivered = _delivered(mailbox)
    for page in Page.objects.filter(channel="email").select_related("clock"):
        if page.failure == CLOCK_STOPPED and page.clock is not None and page.clock.stopped_at is not None:
            continue  # somebody had answered before it could be sent
        if page.failure in (SUPERSEDED, BUNDLED):
            continue  # a later page, or one about many clocks, went to the same person
        if page.sent_at is None:
            faults.append(f"page {page.pk} was never sent")
        elif str(page.client_reference) not in delivered:
            faults.append(f"page {page.pk} says that it was sent and is not in the mailbox")
    for case in Referral.objects.filter(acknowledged_at=None):
        if not Clock.objects.filter(case=case.pk, stopped_at=None).exists():
            faults.append(f"{case.reference} has neither a promise that runs nor a human")
    lines, fault = verify()
    faults += [f"the ledger does not hold: {fault.why}"] if fault else []
    delays.sort()
    middle, worst = (delays[len(delays) // 2], delays[-1]) if delays else (0.0, 0.0)
    twice = sum(number - 1 for number in delivered.values())
    return faults, (
        f"{rungs} rungs fell due, {Page.objects.count()} pages, {twice} delivered twice, due to page written "
        f"{middle:.1f} s median and {worst:.1f} s at worst, {lines} ledger lines verified"
    )


def _recorded(clock: Any) -> datetime:
    """When the stop was recorded, which is what a sweep could know of."""
    newest: datetime = clock.history.latest("history_date").history_date
    return newest + timedelta(seconds=1)


def _delivered(mailbox: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in mailbox.glob("*.log"):
        for line in path.read_text().splitlines():
            if line.startswith("Message-ID: <"):
                found[line.removeprefix("Message-ID: <").partition("@")[0]] += 1
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--cases", type=int, default=100)
    options.add_argument(
        "--idle", action="store_true", help="no worker, no scheduler, no web: the audit must object"
    )
    asked = options.parse_args()
    faults = run(seed=asked.seed, seconds=asked.seconds, cases=asked.cases, idle=asked.idle)
    for fault in faults[:50]:
        print(fault)
    if faults:
        raise SystemExit(f"{len(faults)} promises were broken.")
    print("Every promise was kept.")


if __name__ == "__main__":
    main()
