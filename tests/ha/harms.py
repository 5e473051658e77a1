"""What can fail, each by its name, with how it begins and ends."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.deploy.containers import Container
from tests.ha.cluster import ADDRESS, ETCD, NUMBERS, Cluster
from tests.ha.hosts import DATABASES, WORKING, Service, cut, freeze, join, kill, thaw, unplug

LONG, SHORT = 45.0, 15.0  # seconds: until another server is the primary; until another host has taken over


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """`begin` finds its victim, for which the database is asked who leads, and returns how it ends.

    `moves`: another server has to be the primary before it ends, or the harm did not happen.
    """

    name: str
    begin: Callable[[], Callable[[], None]]
    seconds: float = SHORT
    moves: bool = False


def harms(cluster: Cluster, service: Service) -> list[Harm]:
    """Every one, each alone; the cluster is whole again before the next."""
    own = service.containers

    def killed(names: list[str], containers: dict[str, Container]) -> Callable[[], None]:
        victims = [containers[name] for name in names]
        kill(victims)
        return lambda: [victim.start() for victim in victims] and None

    def frozen(names: list[str], containers: dict[str, Container]) -> Callable[[], None]:
        victims = [containers[name] for name in names]
        freeze(victims)
        return lambda: thaw(victims)

    def unplugged(name: str) -> Callable[[], None]:
        unplug(NUMBERS[name])
        return lambda: unplug(NUMBERS[name], back=True)

    def apart(network: str, *addresses: str) -> Callable[[], None]:
        cut(network, *addresses)
        return lambda: join(network, *addresses)

    def standby() -> str:
        return next(name for name in ("pg1", "pg2") if name != cluster.primary())

    def from_etcd() -> Callable[[], None]:
        return apart(cluster.primary(), *(ADDRESS[name] for name in ETCD))

    web, workers = ["app1-web"], [f"app1-{name}" for name in WORKING]
    schedulers = ["app1-scheduler", "app2-scheduler"]
    nodes = cluster.containers
    return [
        Harm(
            name="primary killed", moves=True, seconds=LONG, begin=lambda: killed([cluster.primary()], nodes)
        ),
        Harm(
            name="primary frozen", moves=True, seconds=LONG, begin=lambda: frozen([cluster.primary()], nodes)
        ),
        Harm(
            name="primary's cable pulled",
            moves=True,
            seconds=LONG,
            begin=lambda: unplugged(cluster.primary()),
        ),
        Harm(name="primary cut off from etcd", moves=True, seconds=LONG, begin=from_etcd),
        Harm(name="standby killed", seconds=LONG, begin=lambda: killed([standby()], nodes)),
        Harm(name="standby frozen", seconds=LONG, begin=lambda: frozen([standby()], nodes)),
        Harm(
            name="link between primary and standby cut",
            seconds=LONG,
            begin=lambda: apart(cluster.primary(), ADDRESS[standby()]),
        ),
        Harm(name="leader of etcd killed", begin=lambda: killed([cluster.etcd_leader()], nodes)),
        Harm(name="leader of etcd frozen", begin=lambda: frozen([cluster.etcd_leader()], nodes)),
        Harm(name="a web server killed", begin=partial(killed, web, own)),
        Harm(name="a web server frozen", begin=partial(frozen, web, own)),
        Harm(name="workers of one host killed", begin=partial(killed, workers, own)),
        Harm(name="workers of one host frozen", begin=partial(frozen, workers, own)),
        Harm(name="a whole host killed", begin=partial(killed, [*web, *workers], own)),
        Harm(name="a host cut off from PostgreSQL", begin=partial(apart, "app1", *DATABASES)),
        Harm(name="both schedulers killed", begin=partial(killed, schedulers, own)),
        Harm(name="Redis killed", begin=partial(killed, ["redis"], own)),
    ]
