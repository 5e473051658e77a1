"""A million stored referrals, ten thousand of them open, beside none: python -m tests.load million [stored].

Everything is measured twice in one run, beside the same bare views: with the demo's cases, and with the stored ones.
`--wait FILE` leaves the servers running until the file is deleted, to look at them.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.load.client import Measured, Request, by_turns
from tests.load.servers import servers

SECONDS, ROUNDS = 1.5, 3
Asked = dict[str, tuple[Request, int]]


def main(words: list[str]) -> None:
    """Measure, store, measure again; then the sweep among as many running clocks."""
    parser = argparse.ArgumentParser(prog="tests.load million", description=__doc__)
    parser.add_argument("stored", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--waiting", type=int, default=10_000, help="open cases among them")
    parser.add_argument("--wait", type=Path)
    options = parser.parse_args(words)
    with servers():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("seed_demo")
        _bare_table()
        asked = _asked()
        _measure("with the demo's 41 cases", asked)
        _store(options.stored, options.waiting)
        _measure(
            f"with {options.stored:,} stored, {options.waiting:,} of them open", {**asked, **_searches()}
        )
        if options.wait is not None:
            _wait(options.wait)
        _sweeps(1_000_000)


def _bare_table() -> None:
    from tests.load.__main__ import _owner

    _owner(
        "CREATE TABLE bare (id bigserial PRIMARY KEY, payload jsonb)",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO mscc_web",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO mscc_web",
    )


def _asked() -> Asked:
    """The requests that stand for the work of a day, and the bare views beside them."""
    from kernel.time import now
    from referrals.case.models import Referral
    from tests.builders import body
    from tests.doors.machines import Machine
    from tests.load.__main__ import _bare, _get, _referral, _rows_of_one_referral

    made = body("weakness", at=now())
    made["referrer"]["organisation_ods"] = "RXX01"
    rows = _rows_of_one_referral(made)
    token = {"Authorization": f"Bearer {Machine().token}"}
    coordinator = _cookie("coordinator")
    case = Referral.objects.exclude(status="closed").order_by("pk").values_list("reference", flat=True)[0]
    return {
        "POST /api/v1/referrals/": (_referral(made, token), 201),
        f"bare view, {rows} inserts": (_bare(made, rows), 201),
        "GET /api/v1/referrals/, 50": (_get("/api/v1/referrals/", token), 200),
        "bare view, 50 rows": (_get("/bare/list/", {}), 200),
        "the board": (_get("/worklist/", coordinator), 200),
        "its live part": (_get("/worklist/live/", coordinator), 200),
        "a case, Now": (_get(f"/worklist/{case}/", coordinator), 200),
    }


def _searches() -> Asked:
    """Searches of what is stored, and the pages of the lead."""
    from datetime import timedelta

    from django.db import connection

    from kernel.time import london_date, now
    from tests.doors.machines import Machine
    from tests.load.__main__ import _get

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name_key, nhs_number, given_name, family_name FROM referrals_patient WHERE nhs_number IS NOT NULL ORDER BY id DESC OFFSET 5000 LIMIT 1"
        )
        key, number, given, family = cursor.fetchone()
    token = {"Authorization": f"Bearer {Machine().token}", "Content-Type": "application/json"}
    coordinator, lead = _cookie("coordinator"), _cookie("lead")

    def search(**terms: str) -> Request:
        return lambda _: ("POST", "/api/v1/referrals/search/", json.dumps(terms).encode(), token)

    # Not the last quarter: all cases that are open here were sent just now, ten times as many as come in a quarter.
    then = london_date(now()) - timedelta(days=360)
    return {
        "API, search by NHS number": (search(nhs_number=number), 200),
        "API, search by name": (search(family_name=family, given_name=given), 200),
        "board, all, search by name": (_found(key, coordinator), 200),
        "board, all, search by NHS number": (_found(number, coordinator), 200),
        "audit trail": (_get("/governance/audit/", lead), 200),
        "audit trail of a kind": (_get("/governance/audit/?kind=referral_closed&show=all", lead), 200),
        "audit trail of an organisation": (
            _get("/governance/audit/?organisation=Y12345&show=all", lead),
            200,
        ),
        "audit trail of a kind and an organisation": (
            _get("/governance/audit/?kind=referral_submitted&organisation=Y12345&show=all", lead),
            200,
        ),
        "audit trail of a year ago": (
            _get(f"/governance/audit/?since={then}&until={then + timedelta(days=3)}", lead),
            200,
        ),
        "measures of a quarter a year ago": (
            _get(f"/governance/?from={then}&to={then + timedelta(days=90)}", lead),
            200,
        ),
    }


def _found(text: str, cookie: dict[str, str]) -> Request:
    """The board shows what a search found under a key of the session: the search is sent once, then looked at."""
    from django.test import Client

    browser = Client()
    browser.cookies.load(cookie["Cookie"])
    answer = browser.post("/worklist/", {"search": text, "show": "all"})
    assert answer.status_code in (200, 302), answer.status_code
    address = answer.headers.get("Location", "/worklist/?show=all")
    return lambda _: ("GET", address, None, cookie)


def _cookie(username: str) -> dict[str, str]:
    from django.test import Client

    from demo.people import PASSWORD

    browser = Client()
    browser.post("/accounts/login/", {"username": username, "password": PASSWORD})
    return {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}


def _measure(title: str, asked: Asked) -> None:
    print(f"\n{title}, load {os.getloadavg()[0]:.1f}", flush=True)
    pairs = [name for name in asked if name.startswith("bare")]
    for name, (make, status) in asked.items():
        if name in pairs:
            continue
        names = list(asked)
        beside = (
            [names[names.index(name) + 1]]
            if names.index(name) + 1 < len(names) and names[names.index(name) + 1] in pairs
            else []
        )
        wanted = [make, *(asked[other][0] for other in beside)]
        measured = by_turns(wanted, callers=1, seconds=SECONDS, rounds=ROUNDS, expect=status)
        for label, one in zip([name, *beside], measured, strict=True):
            print(
                f"  {label}: {one}, worst {one.worst_ms:.0f} ms{_facts(label, asked[label][0])}", flush=True
            )
        if beside:
            print(f"    {_times(measured)} times the bare view, median and p95", flush=True)


def _times(measured: list[Measured]) -> str:
    one, floor = measured
    return f"{one.median_ms / floor.median_ms:.1f} and {one.p95_ms / floor.p95_ms:.1f}"


def _facts(label: str, make: Request) -> str:
    """Queries and size of an answer, in process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    method, path, content, headers = make(time.time_ns())
    browser = Client()
    browser.cookies.load(headers.get("Cookie", ""))
    others = {name: text for name, text in headers.items() if name not in ("Cookie", "Content-Type")}
    browser.generic(method, path, content or b"", content_type="application/json", headers=others)
    method, path, content, headers = make(time.time_ns())
    with CaptureQueriesContext(connection) as queries:
        answer = browser.generic(
            method,
            path,
            content or b"",
            content_type="application/json",
            headers={
                **others,
                **({"Idempotency-Key": headers["Idempotency-Key"]} if "Idempotency-Key" in headers else {}),
            },
        )
    asked = [query for query in queries if query["sql"] not in ("BEGIN", "COMMIT")]
    return f", {len(asked)} queries, {len(answer.content) / 1000:.0f} kB"


def _store(stored: int, waiting: int) -> None:
    import psycopg
    from django.db import connections

    from kernel.time import now
    from referrals.case.models import Referral
    from tests.load.stored import store

    given = connections["owner"].settings_dict
    over = ("closed", "withdrawn")
    ended = list(Referral.objects.filter(status__in=over).order_by("pk").values_list("pk", flat=True))
    waits = list(
        Referral.objects.exclude(status__in=(*over, "entered_in_error"))
        .order_by("pk")
        .values_list("pk", flat=True)[:34]
    )
    with psycopg.connect(
        host=given["HOST"], dbname=given["NAME"], user=given["USER"], autocommit=True
    ) as owner:
        store(owner, ended=ended, open_cases=waits, stored=stored - waiting, waiting=waiting, at=now())


def _wait(file: Path) -> None:
    """Until the file is gone; it says where the servers are."""
    names = (
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
        "BASE_URL",
        "EMAIL_FOLDER",
        "STATIC_ROOT",
        "SECRET_KEY",
        "DEMO",
        "ALLOWED_HOSTS",
        "LOG_LEVEL",
    )
    file.write_text("".join(f"export {name}='{os.environ[name]}'\n" for name in names))
    while file.exists():
        time.sleep(1)


def _sweeps(clocks: int) -> None:
    """A sweep with nothing due among as many running clocks, and ten thousand due at once, three times."""
    from kernel.time import now
    from oncall.sweep import climb
    from tests.load.__main__ import _clocks

    print(f"\nthe sweep, load {os.getloadavg()[0]:.1f}", flush=True)
    _clocks(clocks, hours=100)
    _took("first sweep after the clocks were made", lambda: climb(at=now()))
    for _ in range(3):
        _took(f"nothing due among {clocks:,} running clocks", lambda: climb(at=now()))
    for _ in range(3):
        _clocks(10_000, hours=0)
        _took("10,000 due at once", lambda: climb(at=now()))


def _took(what: str, work: Callable[[], Any]) -> None:
    began = time.perf_counter()
    count = work()
    print(
        f"  {what}: {time.perf_counter() - began:.2f} s, {count} climbed, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
