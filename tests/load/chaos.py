"""Kills, freezes, steps, fills and spoils the real service at random while clocks fall due, then audits every promise.

    python -m tests.load.chaos --seed 7 --seconds 60 --cases 100

Lanes, worker, scheduler, web, broker and database are killed with SIGKILL and started again, or frozen with SIGSTOP for
some seconds; the wall clock of a process is put forward or back by three hours; the disk of the database is filled; the
outside server of a channel hangs, trickles, refuses or drops. The seed decides what and when. At the end: every rung that
fell due has exactly one page per recipient and channel, each page was delivered at least once under its own reference, none
was written after its clock had stopped, every open case has a promise that runs or a human on it, and the ledger verifies.
"""

import argparse
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.load.audit import Spell, audit, by_fault
from tests.load.harms import Harm, harms
from tests.load.outside import Outside, outside
from tests.load.servers import Running, servers

CHANNEL_LANES = tuple(f"lane_{channel}" for channel in ("email", "sms", "pager", "push"))
KINDS = ("weakness", "pain_only", "cauda_equina")
LONGEST = 8  # seconds of a fault that lasts
PATIENCE = 150  # seconds to catch up after the last fault: a channel is left alone for up to a minute


def run(*, seed: int, seconds: float, cases: int, idle: bool = False) -> list[str]:
    """Play one seeded run; the broken promises, empty when every one was kept. Prints what happened.

    `idle` starts no worker, no scheduler and no web, so that the audit has something to find.
    """
    chance = random.Random(seed)
    with outside() as others, servers(web=not idle, small_disk=True, EMAIL_FOLDER="") as running:
        import django

        django.setup()
        references = refer(cases, others, chance=chance)
        if idle:
            plan(seconds=seconds, chance=chance)
            time.sleep(seconds + 6)
            return audit(others.delivered())[0]
        start_all(running)
        plan(seconds=seconds, chance=chance)
        spells = _rage(running, others, references, seconds=seconds, chance=chance)
        wait_until_caught_up()
        faults, waits, figures = audit(others.delivered())
    if running.disk is None:
        print("No small disk can be mounted here: it was not filled.")
    told = Counter(spell.fault for spell in spells)
    load = os.getloadavg()[0]
    print(
        f"seed {seed}, {seconds:g} s, {cases} cases, load {load:.1f}: {dict(sorted(told.items()))}; {figures}"
    )
    print(by_fault(waits, spells))
    return faults


def start_all(running: Running) -> None:
    """Start every process beside the web server, and wait until each works, however slow the machine is."""
    running.add(
        "worker",
        "celery",
        "-A",
        "mscc.celery",
        "worker",
        "--concurrency",
        "2",
        "--loglevel",
        "error",
        "--without-gossip",
        "--without-mingle",
    )
    running.add("scheduler", "celery", "-A", "mscc.celery", "beat", "--loglevel", "error", "--pidfile=")
    running.add("lanes", "django", "lanes")
    running.add("watchdog", "django", "watchdog", "--forever")
    _wait_until_swept()


def refer(cases: int, others: Outside, *, kinds: tuple[str, ...] = KINDS, chance: random.Random) -> list[str]:
    """Real referrals, whose clocks page nobody yet."""
    from kernel.time import now
    from oncall.models import Clock
    from tests.builders import set_the_scene, submitted

    set_the_scene(at=now())
    _reach_by_every_channel(others)
    references = [submitted(chance.choice(kinds), at=now()).reference for _ in range(cases)]
    Clock.objects.update(ladder=[], next_at=None)
    return references


def plan(*, seconds: float, chance: random.Random) -> None:
    """Ladders that are told in seconds, spread over the time of the run."""
    from kernel.time import now
    from oncall.clocks import next_instant
    from oncall.models import Clock

    duties = ("coordinator", "coordinator", "deputy", "consultant", "manager")
    for clock in Clock.objects.filter(stopped_at=None):
        instants = sorted(chance.uniform(2, seconds) for _ in duties)
        clock.started_at = now()
        clock.due_at = clock.started_at + timedelta(seconds=chance.uniform(seconds / 2, seconds))
        clock.limit_hours += chance.random() / 1000  # keeps kinds of one case apart
        clock.ladder = [
            {
                "after_minutes": instant / 60,
                "duty": duty,
                "channels": ["screen", "email"],
                "unless_booked": False,
                "repeat_minutes": 0,
            }
            for instant, duty in zip(instants, duties, strict=True)
        ]
        clock.next_at = next_instant(clock)
        clock.save()


def _reach_by_every_channel(others: Outside) -> None:
    from accounts.models import User
    from kernel.time import now
    from oncall.models import ContactMethod

    person = User.objects.get(username="coordinator")
    addresses = {"sms": "07700 900123", "pager": "2143", "push": others.push_address}
    for channel, address in addresses.items():
        ContactMethod.objects.create(person=person, channel=channel, address=address, added_at=now())


def _rage(
    running: Running, others: Outside, references: list[str], *, seconds: float, chance: random.Random
) -> list[Spell]:
    """One fault after another until the time is over."""
    from kernel.time import now

    spells: list[Spell] = []
    waiting = list(references)
    bags: dict[str, list[Harm]] = {}
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(chance.uniform(0.5, 2.5))
        harm, begins = _draw(harms(running, others), bags, chance=chance), now()
        harm.happen(chance.uniform(1, LONGEST))
        spells.append(Spell(fault=harm.name, begins=begins, ends=now()))
        if waiting and chance.random() < 0.7:  # meanwhile a human answers one of them
            patiently(lambda: _acknowledge(waiting))
    return spells


def _draw(known: list[Harm], bags: dict[str, list[Harm]], *, chance: random.Random) -> Harm:
    """A kind, kills twice as often as the others; of a kind each harm once before any again."""
    kinds = sorted({harm.kind for harm in known})
    kind = chance.choice(["kill", *kinds])
    own = [harm for harm in known if harm.kind == kind]
    bags[kind] = bags.get(kind) or chance.sample(own, len(own))
    return bags[kind].pop()


def _acknowledge(waiting: list[str]) -> None:
    from kernel.time import now
    from referrals.usecases.acknowledge_referral import acknowledge_referral
    from tests.builders import act_by

    acknowledge_referral(waiting[-1], act=act_by("coordinator", now()))
    waiting.pop()


def patiently(act: Callable[[], Any]) -> Any:
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


def _wait_until_swept() -> None:
    """Until everything has started, however slow the machine is."""
    from oncall.models import Heartbeat

    deadline = time.monotonic() + PATIENCE
    wanted = ("sweep", "worker", "scheduler", *CHANNEL_LANES)
    while Heartbeat.objects.filter(name__in=wanted).count() < len(wanted):
        if time.monotonic() > deadline:
            raise SystemExit("The service did not start.")
        time.sleep(0.2)


def wait_until_caught_up() -> None:
    from kernel.time import now
    from oncall.models import Clock, Page

    def behind() -> bool:
        due = Clock.objects.filter(stopped_at=None, next_at__lte=now()).exists()
        return due or Page.objects.filter(sent_at=None, failed_at=None).exists()

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and patiently(behind):
        time.sleep(0.5)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--cases", type=int, default=100)
    options.add_argument(
        "--idle", action="store_true", help="no lanes, no worker, no web: the audit must object"
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
