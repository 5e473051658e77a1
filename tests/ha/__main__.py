"""Run PostgreSQL under Patroni and two hosts of the service on this machine, let one thing after another fail, and audit.

    .local/venv/bin/python -m tests.ha                                  # every fault once: about twenty minutes
    .local/venv/bin/python -m tests.ha --only "primary killed" "Redis killed"

Needs what `python -m tests.deploy` needs. Prints a table: how long a hospital system waited for
its acknowledgement at worst, and how long after it the first page was in the mail server. At the end: every acknowledged
referral is in the database once, every page that had to go out went out, none is lost, and the ledger verifies.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.deploy import roots
from tests.deploy.containers import OUTSIDE, open_network, until
from tests.ha.callers import Caller, TimedLetters, calling, mail_served
from tests.ha.cluster import Cluster
from tests.ha.harms import Harm, harms
from tests.ha.hosts import BASE, NETWORK, REDIS, Service, wait_for_hosts

INSIDE = "MSCC_HA_INSIDE"
CALM = 8.0  # seconds after a fault until the next
IN_FLIGHT = 75.0  # seconds: longer than the lease of a page that is being sent
CASES = 20  # whose ladders are spread over the whole run


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One fault, from its first moment until everything is whole again."""

    name: str
    begins: datetime
    ends: datetime
    load: float


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.ha", description=__doc__)
    options.add_argument("--only", nargs="*", default=[])
    options.add_argument(
        "--patroni", default="patroni", help="another one, by its place in .local/deploy/machine"
    )
    asked = options.parse_args()
    if missing := roots.needs():
        raise SystemExit(f"This needs {', '.join(missing)}.")
    if INSIDE not in os.environ:
        roots.machine()
        os.environ[INSIDE] = "1"
        words = [sys.executable, "-m", "tests.ha", *sys.argv[1:]]
        os.execvp(
            "unshare",
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", *words],
        )
    with tempfile.TemporaryDirectory(prefix="mscc-ha-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        folder.chmod(0o755)
        try:
            faults = run(folder, only=asked.only, patroni=asked.patroni)
        finally:
            kept = roots.FOLDER / "last-ha-logs"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("*.data"))
    for fault in faults[:50]:
        print(fault)
    if faults:
        raise SystemExit(f"{len(faults)} promises were broken.")
    print("Every promise was kept.")


def run(folder: Path, *, only: list[str], patroni: str) -> list[str]:
    """Play it; the broken promises."""
    open_network()
    letters = TimedLetters()
    cluster = Cluster(folder=folder, root=roots.machine(), patroni=patroni)
    cluster.start()
    print("PostgreSQL has a primary and a synchronous standby", flush=True)
    environment = _environment(cluster)
    os.environ.update(environment)
    _prepare()
    own = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPYCACHEPREFIX": sys.pycache_prefix or "",
    }
    service = Service(folder=folder, servers=roots.machine(), environment={**own, **environment})
    known = [harm for harm in harms(cluster, service) if not only or harm.name in only]
    if not known:
        raise SystemExit("No such fault.")
    with mail_served(letters):
        service.start()
        wait_for_hosts()
        print("Both hosts serve", flush=True)
        _plan(seconds=sum(harm.seconds for harm in known) + 30.0 * len(known))
        callers = [Caller(first=10_000), Caller(first=20_000)]
        with calling(callers):
            time.sleep(CALM * 2)
            spells = [_happen(harm, cluster) for harm in known]
        return _judge(letters, callers, spells)


def _happen(harm: Harm, cluster: Cluster) -> Spell:
    from kernel.time import now

    before, begins = cluster.primary(), now()
    end = harm.begin()
    time.sleep(harm.seconds)
    if harm.moves != (cluster.primary() != before):
        raise SystemExit(
            f"After “{harm.name}” the primary is {cluster.primary() or 'nowhere'}; it was {before}."
        )
    end()
    until(cluster.is_whole, seconds=180, says=f"After “{harm.name}” there is no primary with a standby.")
    spell = Spell(name=harm.name, begins=begins, ends=now(), load=os.getloadavg()[0])
    print(f"{harm.name}: whole again after {(spell.ends - begins).total_seconds():.0f} s", flush=True)
    time.sleep(CALM)
    return spell


def _judge(letters: TimedLetters, callers: list[Caller], spells: list[Spell]) -> list[str]:
    from django.db.models import Count

    from referrals.case.models import Referral
    from tests.load.audit import audit, in_words
    from tests.load.chaos import patiently, wait_until_caught_up

    wait_until_caught_up()
    time.sleep(3)
    # Ladders go on meanwhile, so pages are under way while the audit reads: what is lost is missing a second time too.
    first, _, _ = patiently(lambda: audit(letters.delivered()))
    if first:
        print(f"{len(first)} promises were open at the first look", flush=True)
        time.sleep(IN_FLIGHT)
    second, waits, figures = patiently(lambda: audit(letters.delivered()))
    seen = {
        fault.partition(": ")[0] for fault in first
    }  # of a page; why it was not sent may have changed since
    faults = [fault for fault in second if fault.partition(": ")[0] in seen]
    sent = [one for caller in callers for one in caller.sent]
    faults += [
        f"{caller.first}: a referral has waited since {caller.waits_since}"
        for caller in callers
        if caller.waits_since
    ]
    stored = dict(Referral.objects.values_list("reference").annotate(Count("pk")))
    faults += [f"{one.reference} was acknowledged and is lost" for one in sent if one.reference not in stored]
    faults += [
        f"{one.reference} was acknowledged and nobody was paged"
        for one in sent
        if letters.first_of(one.reference) is None
    ]
    print(
        "| fault | referrals | worst wait for the acknowledgement | first page after it: median, worst | rung due to page written: median, worst | load |"
    )
    print("|---|---|---|---|---|---|")
    calm = [one for one in sent if not any(_within(one.began, spell) for spell in spells)]
    for name, load, own, due in [
        *(
            (
                spell.name,
                spell.load,
                [one for one in sent if _within(one.began, spell)],
                [wait.seconds for wait in waits if _within(wait.due, spell)],
            )
            for spell in spells
        ),
        (
            "no fault",
            os.getloadavg()[0],
            calm,
            [w.seconds for w in waits if not any(_within(w.due, s) for s in spells)],
        ),
    ]:
        paged = [
            (at - one.acknowledged).total_seconds() for one in own if (at := letters.first_of(one.reference))
        ]
        waited = max(((one.acknowledged - one.began).total_seconds() for one in own), default=0.0)
        first, rung = in_words(paged), in_words(due)
        print(
            f"| {name} | {len(own)} | {waited:.1f} s | {first[0]}, {first[2]} | {rung[0]}, {rung[2]} | {load:.1f} |"
        )
    again = sum(one.attempts > 1 for one in sent)
    print(f"{len(sent)} referrals acknowledged, {again} of them sent more than once; {figures}")
    return faults


def _within(at: datetime, spell: Spell) -> bool:
    return spell.begins - timedelta(seconds=2) <= at < spell.ends + timedelta(seconds=4)


def _environment(cluster: Cluster) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.load.settings",
        "DEMO": "true",
        "SECRET_KEY": "for-measurements-only",
        "BASE_URL": BASE,
        "ALLOWED_HOSTS": "*",
        "DATABASE_URL": cluster.url("mscc_web", "WEB"),
        "DATABASE_OWNER_URL": cluster.url("mscc_owner", "OWNER"),
        "REDIS_URL": f"redis://{NETWORK}.{REDIS}:6379/0",
        "EMAIL_URL": f"smtp://{OUTSIDE}:2525",
        "EMAIL_FOLDER": "",
        "STATIC_ROOT": str(cluster.folder / "static"),
        "LOG_LEVEL": "WARNING",
    }


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("prepare", "--without-static")


def _plan(*, seconds: float) -> None:
    """Cases whose ladders fall due one rung after another over the whole run."""
    import random

    from kernel.time import now
    from oncall.models import Clock
    from tests.builders import set_the_scene, submitted
    from tests.load.chaos import plan

    set_the_scene(at=now())
    for _ in range(CASES):
        submitted("weakness", at=now())
    Clock.objects.update(ladder=[], next_at=None)
    plan(seconds=seconds, chance=random.Random(7))


if __name__ == "__main__":
    main()
