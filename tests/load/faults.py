"""One fault at a time, with a gap after each, so that the wait of every page belongs to one fault.

    python -m tests.load faults
    python -m tests.load.faults --only "lanes killed" "disk full" --seconds 6 --rungs 40

Every kind of fault that the harness knows. While one lasts, rungs of emergencies fall due, and the ledger says when the page
of each was written, by the database's clock. Where nothing at all can be written, because PostgreSQL is killed or frozen or
its disk is full, the wait counts from the end of that fault. At the end the same audit as after the random run.
"""

import argparse
import os
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.load.audit import audit, in_words
from tests.load.chaos import CHANNEL_LANES, patiently, refer, start_all, wait_until_caught_up
from tests.load.harms import Harm, harms
from tests.load.outside import outside
from tests.load.servers import servers

GAP, AFTER_A_KILL = 4, 12  # seconds: what was killed has to start again before the next fault
CHANNEL_FAULTS = tuple(name.removeprefix("lane_") for name in CHANNEL_LANES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One fault, the rungs that fell due meanwhile by clock and number, its end, and the load of the machine."""

    harm: Harm
    due: dict[tuple[int, int], datetime]
    ended: datetime
    load: float


def run(*, only: list[str], seconds: float, rungs: int, seed: int = 11) -> list[str]:
    """Try each fault once and print its row; the broken promises, empty when every one was kept."""
    chance = random.Random(seed)
    with outside() as others, servers(small_disk=True, EMAIL_FOLDER="") as running:
        import django

        django.setup()
        refer(rungs // 3 + 1, others, kinds=("weakness",), chance=chance)
        start_all(running)
        known = {harm.name: harm for harm in harms(running, others)}
        if unknown := set(only) - set(known):
            raise SystemExit(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(known)}")
        print("| fault | rungs | median | 99th percentile | worst | load |\n|---|---|---|---|---|---|")
        trials = []
        for name in only or known:
            trials.append(_try(known[name], seconds=seconds, rungs=rungs, chance=chance))
            print(_row(trials[-1]), flush=True)
        wait_until_caught_up()
        faults, _, figures = audit(others.delivered())
    print(f"{len(trials)} faults, one at a time, {seconds:g} s each: {figures}")
    return faults


def _try(harm: Harm, *, seconds: float, rungs: int, chance: random.Random) -> Trial:
    from kernel.time import now

    by_channel = harm.name.startswith(CHANNEL_FAULTS)
    duty = "coordinator" if by_channel else "deputy"  # the first has every channel, the second has e-mail
    begins = time.monotonic()
    due = patiently(lambda: _plan(rungs, duty=duty, seconds=seconds, chance=chance))
    harm.happen(seconds)
    ended = now()
    time.sleep(max(0.0, begins + seconds - time.monotonic()))
    time.sleep(AFTER_A_KILL if harm.name.endswith("killed") else GAP)
    return Trial(harm=harm, due=due, ended=ended, load=os.getloadavg()[0])


def _plan(rungs: int, *, duty: str, seconds: float, chance: random.Random) -> dict[tuple[int, int], datetime]:
    """Give so many emergencies' clocks one more rung, due while the fault lasts; the instants by clock and rung."""
    from django.db import transaction

    from kernel.time import now
    from oncall.clocks import next_instant
    from oncall.models import Clock
    from oncall.start import EMERGENCY

    due = {}
    with transaction.atomic():
        clocks = Clock.objects.select_for_update().filter(stopped_at=None, stream=EMERGENCY)
        for clock in clocks.order_by("pk")[:rungs]:
            instant = now() + timedelta(seconds=chance.uniform(0.2, seconds))
            after = (instant - clock.started_at) / timedelta(minutes=1)
            clock.ladder = [*clock.ladder, _rung(after, duty)]
            clock.due_at = instant + timedelta(hours=1)
            clock.next_at = next_instant(clock)
            Clock.objects.filter(pk=clock.pk).update(
                ladder=clock.ladder, due_at=clock.due_at, next_at=clock.next_at
            )
            due[clock.pk, len(clock.ladder) - 1] = instant
    return due


def _rung(after_minutes: float, duty: str) -> dict[str, Any]:
    return {
        "after_minutes": after_minutes,
        "duty": duty,
        "channels": ["screen", "email"],
        "unless_booked": False,
        "repeat_minutes": 0,
    }


def _row(trial: Trial) -> str:
    written = patiently(lambda: _written(trial))
    waits = [_wait(trial, due, written[key]) for key, due in trial.due.items() if key in written]
    missing = len(trial.due) - len(waits)
    late = f", {missing} not yet" if missing else ""
    since = " (from its end)" if trial.harm.stops_writing else ""
    return f"| {trial.harm.name}{since} | {len(waits)}{late} | {' | '.join(in_words(waits))} | {trial.load:.1f} |"


def _wait(trial: Trial, due: datetime, written: datetime) -> float:
    """The seconds from due to written; after a fault in which nothing can be written, from its end."""
    could_not = trial.harm.stops_writing and written > trial.ended
    return (written - (max(due, trial.ended) if could_not else due)).total_seconds()


def _written(trial: Trial) -> dict[tuple[int, int], datetime]:
    """When the database saw the page of each rung written."""
    from ledger.kinds import Kind
    from ledger.models import Line
    from oncall.models import Clock

    numbers = {(clock.case, clock.kind): clock.pk for clock in Clock.objects.all()}
    lines = Line.objects.filter(kind=Kind.PAGE_WRITTEN).order_by("-id")
    return {
        (numbers[line.case, line.facts["clock"]], line.facts["rung"]): line.witnessed_at
        for line in lines
        if line.case and (line.case, line.facts["clock"]) in numbers
    }


def main(words: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", nargs="+", default=[], metavar="FAULT")
    options.add_argument("--seconds", type=float, default=6)
    options.add_argument("--rungs", type=int, default=40, help="emergencies that fall due during each fault")
    asked = options.parse_args(words)
    faults = run(only=asked.only, seconds=asked.seconds, rungs=asked.rungs)
    for fault in faults[:50]:
        print(fault)
    if faults:
        raise SystemExit(f"{len(faults)} promises were broken.")
    print("Every promise was kept.")


if __name__ == "__main__":
    main()
