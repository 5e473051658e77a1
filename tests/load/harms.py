"""What the fault harness can do to the running service, each harm by its name and with its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from time import sleep

from tests.load.outside import MOODS, WORKS, Outside
from tests.load.servers import Running

VICTIMS = ("lanes", "watchdog", "worker", "scheduler", "web", "valkey", "postgres")
STEPPED = ("lanes", "watchdog", "worker", "scheduler", "web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """One fault of a kind. `lasts` is the part of the given time until it ends: what was killed is soon started again.

    `stops_writing` says that nothing at all can be written meanwhile.
    """

    kind: str
    name: str
    begin: Callable[[], object]
    end: Callable[[], object]
    lasts: float = 1.0
    stops_writing: bool = False

    def happen(self, seconds: float) -> None:
        """Begin, wait, and end."""
        self.begin()
        sleep(seconds * self.lasts)
        self.end()


def harms(running: Running, others: Outside) -> list[Harm]:
    """Every harm that is possible here: without a small disk none is filled."""
    found = [*_kills(running), *_freezes(running), *_steps(running)]
    if running.disk is not None:
        found.append(
            Harm(kind="fill", name="disk full", begin=running.fill, end=running.drain, stops_writing=True)
        )
    found += [
        Harm(
            kind="line",
            name=f"{channel} {mood}",
            begin=partial(line.turn, mood),
            end=partial(line.turn, WORKS),
        )
        for channel, line in sorted(others.lines.items())
        for mood in MOODS
    ]
    return found


def _kills(running: Running) -> Iterator[Harm]:
    for victim in VICTIMS:
        yield Harm(
            kind="kill",
            name=f"{victim} killed",
            begin=partial(running.kill, victim),
            end=partial(running.start, victim),
            lasts=0.2,
            stops_writing=victim == "postgres",
        )


def _freezes(running: Running) -> Iterator[Harm]:
    for victim in VICTIMS:
        yield Harm(
            kind="freeze",
            name=f"{victim} frozen",
            begin=partial(running.freeze, victim),
            end=partial(running.thaw, victim),
            stops_writing=victim == "postgres",
        )


def _steps(running: Running) -> Iterator[Harm]:
    def back(victim: str, *, forward: bool) -> None:
        running.step(victim, forward=forward)
        running.revive(victim)  # a process that had just started may have ended

    for victim in STEPPED:
        for forward, where in ((True, "ahead"), (False, "behind")):
            yield Harm(
                kind="step",
                name=f"{victim} three hours {where}",
                begin=partial(running.step, victim, forward=forward),
                end=partial(back, victim, forward=not forward),
            )
