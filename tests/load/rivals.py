"""Other ways to keep timers, measured: how late is each effect when many fall due in one second?

    DATABASE_URL=postgresql://... REDIS_URL=redis://... python rivals.py --what celery --timers 2000

A timer's effect is one row in `done`. Lateness runs from the due instant to the commit of that row
(or, where the server keeps no commit times, to its insert). Each run makes a database of its own,
`rivals_<what>`; in Redis only the keys under `rivals:` are touched.

`--kill pending` kills the worker (SIGKILL, whole process group) 12 s before the timers fall due and starts
it again 4 s later; `--kill burst` kills it once a quarter of the rows are there and starts it 3 s later.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import celery
import psycopg
import redis
from celery.signals import worker_process_init
from dbos import DBOS, DBOSClient, EnqueueOptions
from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

POLL = 0.2  # seconds between two looks, for every rival that lets us choose
BATCH = 500  # rows the bare loop takes at a time
AT_ONCE = 10  # asynchronous effects at a time
INSERT = "insert into done (id, due_at) values (%s, %s)"
DONE = "create table done (id bigint, due_at timestamptz, written_at timestamptz default clock_timestamp())"


def at(due: float) -> datetime:
    return datetime.fromtimestamp(due, UTC)


def database_url(name: str | None = None) -> str:
    """DATABASE_URL with another database, a Unix socket written as a parameter, which all rivals read."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    user, _, host = parts.netloc.rpartition("@")
    query = dict(parse_qsl(parts.query))
    if unquote(host).startswith("/"):
        host, query["host"] = "", unquote(host)
    place = f"{user}@{host}" if user else host
    return f"postgresql://{place}/{name or parts.path.lstrip('/')}?{urlencode(query)}"


class Rival:
    """One way to keep timers: `prepare` once, `schedule` timers, `work` in a process of its own."""

    def __init__(self, what: str) -> None:
        self.what, self.database = what, f"rivals_{what.replace('-', '_')}"
        self.url = database_url(self.database)
        settings = {"autocommit": True}
        self.pool = AsyncConnectionPool(self.url, open=False, min_size=AT_ONCE, timeout=600, kwargs=settings)

    async def insert(self, number: int, due: float) -> None:
        """The effect of the asynchronous rivals, over a pool that opens at its first use."""
        await self.pool.open()
        async with self.pool.connection() as db:
            await db.execute(INSERT, [number, at(due)])


class Bare(Rival):
    """A table, a partial index and one polling process: the floor that any other way adds to."""

    def prepare(self) -> None:
        with psycopg.connect(self.url) as db:
            db.execute("create table timers (id bigint primary key, due_at timestamptz, fired boolean)")
            db.execute("create index on timers (due_at) where not fired")

    def schedule(self, timers: int, due: float) -> None:
        with psycopg.connect(self.url) as db, db.cursor().copy("copy timers from stdin") as rows:
            for number in range(timers):
                rows.write_row((number, at(due), False))

    def work(self) -> None:
        due_now = "select id, due_at from timers where not fired and due_at <= clock_timestamp()"
        take = f"{due_now} order by due_at limit {BATCH} for update skip locked"
        with psycopg.connect(self.url, autocommit=True) as db:
            while True:
                with db.transaction():
                    due = db.execute(take).fetchall()
                    db.cursor().executemany(INSERT, due)
                    db.execute("update timers set fired = true where id = any(%s)", [[row[0] for row in due]])
                if len(due) < BATCH:
                    time.sleep(POLL)


class Celery(Rival):
    """Tasks with an ETA, in two processes that acknowledge late."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.app = celery.Celery("rivals", broker=os.environ["REDIS_URL"], set_as_current=False)
        self.app.conf.update(
            task_acks_late=True,
            task_reject_on_worker_lost=True,
            worker_prefetch_multiplier=1,
            broker_transport_options={"visibility_timeout": 120, "global_keyprefix": "rivals:"},
        )
        mine: list[psycopg.Connection] = []  # one connection for each process

        @worker_process_init.connect(weak=False)
        def connect(**_: Any) -> None:
            mine.append(psycopg.connect(self.url, autocommit=True))

        @self.app.task(name="effect", ignore_result=True)
        def effect(number: int, due: float) -> None:
            mine[0].execute(INSERT, [number, at(due)])

        self.effect = effect

    def prepare(self) -> None:
        with self.app.connection() as broker:
            client = redis.Redis(connection_pool=broker.default_channel.client.connection_pool)
            for key in client.scan_iter("rivals:*"):
                client.delete(key)

    def schedule(self, timers: int, due: float) -> None:
        for number in range(timers):
            self.effect.apply_async((number, due), eta=at(due))

    def work(self) -> None:
        self.app.worker_main(["worker", "--pool=prefork", "--concurrency=2", "--loglevel=ERROR"])


class Procrastinate(Rival):
    """Jobs with schedule_at in PostgreSQL, one worker. Its default poll is 5 s; here it is as ours."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.app = App(connector=PsycopgConnector(conninfo=self.url, min_size=4, max_size=2 * AT_ONCE))
        self.effect = self.app.task(name="effect")(self.insert)

    def prepare(self) -> None:
        with psycopg.connect(self.url) as db:
            db.execute(self.app.schema_manager.get_schema())

    def schedule(self, timers: int, due: float) -> None:
        jobs = [{"number": number, "due": due} for number in range(timers)]
        with self.app.open():
            self.effect.configure(schedule_at=at(due)).batch_defer(*jobs)

    def work(self) -> None:
        async def run() -> None:
            async with self.app.open_async():
                await self.app.run_worker_async(concurrency=AT_ONCE, fetch_job_polling_interval=POLL)

        asyncio.run(run())


class Dbos(Rival):
    """Workflows on a queue: `dbos` sleeps inside the workflow, `dbos-queue` delays its start."""

    def __init__(self, what: str) -> None:
        super().__init__(what)

        @DBOS.workflow(name="effect")
        async def effect(number: int, due: float) -> None:
            if self.what == "dbos":
                # Never 0: DBOS would not record such a sleep, and a recovery would find the steps moved.
                await DBOS.sleep_async(max(due - time.time(), 0.001))
            await DBOS.run_step_async({"name": "write"}, self.insert, number, due)

    def launch(self) -> None:
        DBOS(config={"name": "rivals", "system_database_url": self.url, "log_level": "WARNING"})
        DBOS.launch()
        DBOS.register_queue("timers", polling_interval_sec=POLL)

    def prepare(self) -> None:
        self.launch()
        DBOS.destroy()

    def schedule(self, timers: int, due: float) -> None:
        client = DBOSClient(system_database_url=self.url, application_name="rivals")
        options: EnqueueOptions = {"queue_name": "timers", "workflow_name": "effect"}
        for number in range(timers):
            if self.what == "dbos-queue":
                options["delay_seconds"] = due - time.time()
            client.enqueue(options, number, due)
        client.destroy()

    def work(self) -> None:
        self.launch()
        signal.pause()


RIVALS: dict[str, Any] = {"bare": Bare, "celery": Celery, "procrastinate": Procrastinate, "dbos": Dbos}
RIVALS["dbos-queue"] = Dbos


def fresh_database(name: str) -> psycopg.Connection:
    """A database of this run's own; it stays afterwards, to be looked into."""
    with psycopg.connect(database_url(), autocommit=True) as db:
        db.execute(f"drop database if exists {name} with (force)")
        db.execute(f"create database {name}")
    return psycopg.connect(database_url(name), autocommit=True)


class Worker:
    """The rival's worker: a process group that can be killed at once and started again."""

    def __init__(self, what: str) -> None:
        self.command = [sys.executable, os.path.abspath(__file__), "--what", what, "--work"]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, start_new_session=True, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def crash(self, pause: float) -> None:
        self.kill()
        time.sleep(pause)
        self.start()


def measure(what: str, timers: int, lead: float, patience: float, kill: str | None) -> dict[str, Any]:
    """One run: start the worker, set the timers, wait for the burst, count the rows."""
    rival = RIVALS[what](what)
    with fresh_database(rival.database) as db:
        db.execute(DONE)
        rival.prepare()
        worker = Worker(what)
        try:
            time.sleep(4)  # let it start
            began = time.time()
            due = float(math.ceil(began + lead))
            rival.schedule(timers, due)
            took = time.time() - began
            db.execute("analyze")
            if time.time() > due - (14 if kill == "pending" else 2):
                raise SystemExit(f"Setting the timers took {took:.0f} s; give a longer --lead.")
            if kill == "pending":
                time.sleep(due - 12 - time.time())
                worker.crash(4)
            time.sleep(due - time.time())
            killed_at = wait(db, timers, due + patience, worker if kill == "burst" else None)
            run = {"what": what, "timers": timers, "set_in": round(took, 1), "kill": kill}
            return run | {"killed_at": killed_at} | lateness(db, due)
        finally:
            worker.kill()


def wait(db: psycopg.Connection, timers: int, until: float, victim: Worker | None) -> int | None:
    """Look four times a second until all rows are there or patience ends; kill the worker on the way."""
    killed_at, different = None, 0
    while different < timers and time.time() < until:
        [(rows, different)] = db.execute("select count(*), count(distinct id) from done").fetchall()
        if victim is not None and killed_at is None and rows >= timers / 4:
            killed_at = rows
            victim.crash(3)
        time.sleep(0.25)
    return killed_at


def lateness(db: psycopg.Connection, due: float) -> dict[str, Any]:
    """Seconds from due to the first row of each timer; how many came, in time, more than once."""
    [(kept,)] = db.execute("select current_setting('track_commit_timestamp') = 'on'").fetchall()
    moment = "pg_xact_commit_timestamp(xmin)" if kept else "written_at"
    found = db.execute(f"select extract(epoch from min({moment}))::float8, count(*) from done group by id")
    rows = found.fetchall()
    late = sorted(first - due for first, _ in rows) or [math.nan]
    shares = {"p50": 0.5, "p99": 0.99, "max": 1}
    seconds = {name: round(late[math.ceil(share * len(late)) - 1], 3) for name, share in shares.items()}
    counts = {"done": len(rows), "within_60": sum(second <= 60 for second in late)}
    return {**seconds, **counts, "repeated": sum(count > 1 for _, count in rows), "by_commit": kept}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure one way to keep timers.")
    parser.add_argument("--what", required=True, choices=RIVALS)
    parser.add_argument("--timers", type=int, default=2000)
    parser.add_argument("--lead", type=float, help="seconds from now to the due instant")
    parser.add_argument("--patience", type=float, default=300, help="seconds to wait after it")
    parser.add_argument("--kill", choices=["pending", "burst"], help="kill the worker on the way")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.work:
        RIVALS[words.what](words.what).work()
        return
    lead = words.lead or (20 if words.kill == "pending" else 12 + words.timers / 200)
    print(json.dumps(measure(words.what, words.timers, lead, words.patience, words.kill)), flush=True)


if __name__ == "__main__":
    main()
