"""The measurements of docs/benchmarks.md."""

import json
import os
import random
import string
import subprocess
import sys
import time
from typing import Any

from tests.load import faults, million
from tests.load.client import Request, by_turns, drive
from tests.load.servers import servers


def evaluate() -> None:
    """Evaluations a second, on one core, no server."""
    from datetime import UTC, datetime

    from tests.guideline.test_rules import chance_presentation
    from triage.guideline.course import Course, Suitability
    from triage.guideline.evaluate import evaluate as evaluation
    from triage.guideline.evaluate import stream_of
    from triage.guideline.findings import from_json
    from triage.guideline.normalisation import stream_inputs

    course = Course(admitted=True, immobilised=True, surgery_suitable=Suitability.NO)
    chance, at = random.Random(1), datetime(2026, 11, 20, tzinfo=UTC)
    presentations = [from_json(chance_presentation(chance)) for _ in range(5000)]
    for name, work in (
        ("stream", lambda p: stream_of(stream_inputs(p))),
        ("full result", lambda p: evaluation(p, at=at)),
        ("full result with the course of a case", lambda p: evaluation(p, at=at, course=course)),
        ("full result as JSON", lambda p: evaluation(p, at=at).as_json()),
    ):
        rates = []
        for _ in range(5):
            began = time.perf_counter()
            for presentation in presentations:
                work(presentation)
            rates.append(len(presentations) / (time.perf_counter() - began))
        print(f"evaluate, {name}: {sorted(rates)[2]:,.0f} a second (median of 5)")


def submit() -> None:
    """POST /api/v1/referrals/ and a bare view that writes as many rows in one commit, by turns in one run; then lists."""
    with servers():
        import django

        django.setup()
        from kernel.time import now
        from tests.builders import body, set_the_scene
        from tests.doors.machines import Machine

        set_the_scene(at=now())
        token = {"Authorization": f"Bearer {Machine().token}"}
        made = body("weakness", at=now())
        made["referrer"]["organisation_ods"] = "RXX01"
        rows = _rows_of_one_referral(made)
        _bare_table()
        print(f"submit: one referral writes {rows} rows in one commit")
        names = "POST /api/v1/referrals/", f"bare view, {rows} inserts"
        makes = _referral(made, token), _bare(made, rows)
        for callers in (1, 8):
            _compare(names, makes, f"submit, {callers} callers", callers=callers, expect=201)
        names = "GET /api/v1/referrals/", "the same with fields=full", "bare view, 50 rows"
        makes = tuple(
            _get(address, token)
            for address in ("/api/v1/referrals/", "/api/v1/referrals/?fields=full", "/bare/list/")
        )
        _compare(names, makes, "list of 50, 1 caller", callers=1, expect=200)


def _compare(
    names: tuple[str, ...],
    makes: tuple[Request, ...],
    title: str,
    *,
    callers: int,
    expect: int | tuple[int, ...],
) -> None:
    """Measure by turns, and print each with its ratio to the last, the bare view."""
    measured = by_turns(makes, callers=callers, seconds=2, rounds=5, expect=expect)
    floor = measured[-1]
    for name, one in zip(names, measured, strict=True):
        times = (
            f"{one.median_ms / floor.median_ms:.1f} and {one.p95_ms / floor.p95_ms:.1f} times the bare view"
        )
        print(f"{title}, {name}: {one}; {times}; load {os.getloadavg()[0]:.1f}", flush=True)


def _referral(made: dict[str, Any], token: dict[str, str]) -> Request:
    """A new person each time: name and date of birth differ."""

    def make(number: int) -> tuple[str, str, bytes, dict[str, str]]:
        chance = random.Random(number)
        patient = {
            **made["patient"],
            "nhs_number": None,
            "nhs_number_unknown_reason": f"Load {number}",
            "family_name": "".join(chance.choices(string.ascii_lowercase, k=8)),
            "date_of_birth": f"{chance.randint(1930, 2000)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        }
        headers = {**token, "Content-Type": "application/json", "Idempotency-Key": f"load-{number}"}
        return "POST", "/api/v1/referrals/", json.dumps({**made, "patient": patient}).encode(), headers

    return make


def _bare(made: dict[str, Any], rows: int) -> Request:
    content = json.dumps(made).encode()
    return lambda number: ("POST", f"/bare/{rows}/", content, {"Content-Type": "application/json"})


def _bare_table() -> None:
    _owner(
        "CREATE TABLE bare (id bigserial PRIMARY KEY, payload jsonb)",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO mscc_web",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO mscc_web",
    )


def _rows_of_one_referral(made: dict[str, Any]) -> int:
    """The rows that one referral adds to all tables, by the statistics of the database."""
    from kernel.time import now
    from tests.builders import submitted

    submitted(made["presentation"], at=now())
    before = _rows_added()
    submitted(made["presentation"], at=now())
    return _rows_added() - before


def _rows_added() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT sum(n_tup_ins) FROM pg_stat_user_tables")
        return int(cursor.fetchone()[0])


def _owner(*statements: str) -> None:
    from tests.owner import as_owner

    with as_owner() as cursor:
        for sql in statements:
            cursor.execute(sql)


def doors() -> None:
    """Each door of hospital systems and a bare view that writes as many rows in one commit, by turns in one run."""
    with servers():
        import django

        django.setup()
        from kernel.time import now
        from tests.builders import body, set_the_scene
        from tests.doors.machines import Machine
        from tests.load.doors import requests_of, rows_of

        set_the_scene(at=now())
        _bare_table()
        for name, (request, status) in requests_of({"Authorization": f"Bearer {Machine().token}"}).items():
            rows = rows_of(request, _rows_added)
            names = name, f"bare view, {rows} inserts"
            makes = request, _bare(body("weakness", at=now()), rows)
            _compare(names, makes, "doors, 1 caller", callers=1, expect=(status, 201))


def worklist() -> None:
    """The live part of the worklist, the whole page and one case, with 10 and with 10,000 open cases."""
    with servers():
        import django

        django.setup()
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from demo.people import PASSWORD
        from kernel.time import now
        from referrals.case.models import Referral
        from tests.builders import set_the_scene, submitted

        set_the_scene(at=now())
        kinds = ("weakness", "pain_only", "not_examined", "no_cancer", "little_known", "back_pain")
        for number in range(10):
            submitted(kinds[number % len(kinds)], at=now())
        browser = Client()
        browser.post("/accounts/login/", {"username": "coordinator", "password": PASSWORD})
        cookie = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
        for cases in (10, 10_000):
            if cases > 10:
                _multiply(cases)
            case = Referral.objects.order_by("pk").values_list("reference", flat=True)[0]
            for address in ("/worklist/live/", "/worklist/", f"/worklist/{case}/"):
                browser.get(address)
                with CaptureQueriesContext(connection) as queries:
                    page = browser.get(address)
                for callers in (1, 4):
                    measured = drive(_get(address, cookie), callers=callers, seconds=6, expect=200)
                    print(
                        f"{address}, {cases:,} open cases, {callers} callers: {measured}, {len(queries)} queries, "
                        f"{len(page.content) / 1000:.0f} kB"
                    )


def _get(address: str, headers: dict[str, str]) -> Request:
    return lambda number: ("GET", address, None, headers)


def _multiply(cases: int) -> None:
    """Copies of the cases there are, with their patients and clocks, straight into the tables."""
    from referrals.case.models import Referral

    source = Referral.objects.order_by("pk")[:10]
    copies = (cases - 10) // 10
    numbers = [case.pk for case in source]
    _owner(
        f"""DO $$ DECLARE c int; r record; p bigint; e bigint; n bigint; BEGIN
        FOR c IN 1..{copies} LOOP
          FOR r IN SELECT * FROM referrals_referral WHERE id <= {max(numbers)} LOOP
            INSERT INTO referrals_patient SELECT (jsonb_populate_record(NULL::referrals_patient,
              to_jsonb(x) || jsonb_build_object('id', nextval(pg_get_serial_sequence('referrals_patient','id')),
              'nhs_number', NULL, 'nhs_number_unknown_reason', 'copied', 'date_of_birth', NULL,
              'name_key', 'copy ' || c || ' ' || r.id))).*
              FROM referrals_patient x WHERE x.id = r.patient_id RETURNING id INTO p;
            INSERT INTO referrals_episode (opened_at, person_key) VALUES (now(), NULL) RETURNING id INTO e;
            n := nextval(pg_get_serial_sequence('referrals_referral','id'));
            INSERT INTO referrals_referral SELECT (jsonb_populate_record(NULL::referrals_referral,
              to_jsonb(x) || jsonb_build_object('id', n, 'patient_id', p, 'episode_id', e, 'reference', 'L' || n))).*
              FROM referrals_referral x WHERE x.id = r.id;
            INSERT INTO oncall_clock SELECT (jsonb_populate_record(NULL::oncall_clock, to_jsonb(x) ||
              jsonb_build_object('id', nextval(pg_get_serial_sequence('oncall_clock','id')), 'case', n))).*
              FROM oncall_clock x WHERE x."case" = r.id;
          END LOOP; END LOOP; END $$""",
        "ANALYZE",
    )


def sweep() -> None:
    """A million running clocks: a sweep with nothing due, and a burst that falls due in one second."""
    with servers(web=False):
        import django

        django.setup()
        from kernel.time import now
        from oncall.sweep import climb
        from tests.builders import set_the_scene

        set_the_scene(at=now())
        for total, burst in ((1_000_000, 2_000), (0, 10_000)):
            _clocks(total, hours=100)
            began = time.perf_counter()
            climb(at=now())
            print(f"sweep, nothing due among 1,000,000 clocks: {(time.perf_counter() - began) * 1000:.1f} ms")
            _clocks(burst, hours=0)
            began = time.perf_counter()
            done = climb(at=now())
            took = time.perf_counter() - began
            print(
                f"sweep, one process: {done:,} clocks due at once, {took:.1f} s, {done / took:,.0f} a second"
            )
        _spread(2_000, seconds=20)


def _spread(number: int, *, seconds: float) -> None:
    """Clocks that fall due one after the other, swept twice a second as the scheduler does."""
    from kernel.time import now
    from oncall.models import Page
    from oncall.sweep import climb

    before = Page.objects.order_by("-id").values_list("id", flat=True).first() or 0
    _clocks(number, hours=2 / 3600, apart_seconds=seconds / number)
    ends = time.monotonic() + seconds + 4
    while time.monotonic() < ends:
        began = time.monotonic()
        climb(at=now())
        time.sleep(max(0.0, 0.5 - (time.monotonic() - began)))
    pages = Page.objects.filter(pk__gt=before, channel="screen").values_list(
        "written_at", "clock__started_at"
    )
    waits = sorted((written_at - due).total_seconds() for written_at, due in pages)
    middle, most, worst = waits[len(waits) // 2], waits[int(len(waits) * 0.99)], waits[-1]
    print(
        f"sweep, {len(waits):,} due over {seconds:g} s: due to page written {middle:.2f} s median, "
        f"{most:.2f} s 99th percentile, {worst:.2f} s worst"
    )


def _clocks(number: int, *, hours: float, apart_seconds: float = 0) -> None:
    """Running clocks of invented cases, next due in so many hours, one after the other."""
    ladder = (
        '[{"after_minutes": 0, "duty": "coordinator", "channels": ["screen", "email"], '
        '"unless_booked": false, "repeat_minutes": 60}]'
    )
    start = f"now() + interval '{hours} hours' + g * interval '{apart_seconds} seconds'"
    _owner(
        f"""INSERT INTO oncall_clock ("case", kind, subject, about, stream, limit_hours, formal, started_at, due_at, ladder, climbed,
            next_at, stopped_because)
            SELECT (SELECT coalesce(max("case"), 0) FROM oncall_clock) + g, 'acknowledge', 0, '', 'Emergency', 200, false,
            {start}, {start} + interval '200 hours', '{ladder}', 0, {start}, '' FROM generate_series(1, {number}) g""",
        "ANALYZE oncall_clock",
    )


PARTS = {"evaluate": evaluate, "submit": submit, "doors": doors, "worklist": worklist, "sweep": sweep}

if __name__ == "__main__":
    if sys.argv[1:2] == ["faults"]:  # has options of its own, and is no part of all
        faults.main(sys.argv[2:])
        raise SystemExit
    if sys.argv[1:2] == ["million"]:  # takes half an hour and 20 GB
        million.main(sys.argv[2:])
        raise SystemExit
    chosen = sys.argv[1:] or list(PARTS)
    if set(chosen) - set(PARTS):
        raise SystemExit(f"Choose from: {', '.join(PARTS)}")
    if len(chosen) == 1:
        PARTS[chosen[0]]()
    else:  # each has servers of its own, and Django is set up once a process
        for part in chosen:
            subprocess.run([sys.executable, "-m", "tests.load", part], check=True)
