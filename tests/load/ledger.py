"""How fast the check of the ledger reads lines: python -m tests.load.ledger [lines]."""

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.load.servers import servers

SEALED_EVERY = 20_000
CASES, PEOPLE = 5_000, 40
COLUMNS = (
    "chain",
    "position",
    "case",
    "kind",
    "at",
    "witnessed_at",
    "actor",
    "role",
    "organisation",
    "request",
    "facts",
    "previous_hash",
    "hash",
)
# Kinds as a service writes them, with facts of the usual size.
USUAL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("case_viewed", {"view": "case", "fields": ["identity", "referral", "imaging"], "purpose": "on duty"}),
    ("event_recorded", {"event": "mri_reported", "occurred_at": "2026-11-27T03:12:00Z", "form": 3}),
    (
        "clock_started",
        {"clock": "mri_24h", "due_at": "2026-11-28T03:12:00Z", "rungs": 4, "stream": "emergency"},
    ),
    ("page_sent", {"page": 41_873, "channel": "email", "recipient": "user:12", "rung": 2}),
    ("list_viewed", {"list": "worklist", "cases": list(range(400, 412))}),
    ("signed_in", {}),
)


def main(lines: int = 200_000) -> None:
    """Load lines of many chains, seal them as they come, then check them all, by the clock and by this process's own time."""
    with servers(web=False):
        import django

        django.setup()
        from kernel.time import now
        from ledger.check import check
        from ledger.seal import make_seal

        began = time.perf_counter()
        rows, ends = _rows(lines, at=now()), dict[str, tuple[int, str]]()
        for first in range(0, lines, SEALED_EVERY):
            _load(rows, min(SEALED_EVERY, lines - first), ends)
            make_seal(at=now())
        print(
            f"{lines:,} lines loaded in {time.perf_counter() - began:,.0f} s, load {os.getloadavg()[0]:.1f}"
        )
        for _ in range(3):
            began, own = time.perf_counter(), time.process_time()
            found = check()
            wall, own = time.perf_counter() - began, time.process_time() - own
            assert found.faults == []
            assert found.lines >= lines
            print(
                f"check: {found.lines / wall:,.0f} lines a second by the clock, {found.lines / own:,.0f} of this process,"
                f" load {os.getloadavg()[0]:.1f}"
            )


def _rows(lines: int, *, at: datetime) -> Iterator[dict[str, Any]]:
    """The content of each line, without its place in a chain."""
    for number in range(lines):
        kind, facts = USUAL[number % len(USUAL)]
        person = f"user:{number % PEOPLE}"
        of_case = kind not in ("list_viewed", "signed_in")
        yield {
            "chain": f"case:{number % CASES}" if of_case else person,
            "case": number % CASES if of_case else None,
            "kind": kind,
            "at": at - timedelta(milliseconds=lines - number),
            "actor": person,
            "role": "coordinator",
            "organisation": "RXX01",
            "request": f"4f0c2d1e-{number:012x}",
            "facts": facts,
        }


def _load(rows: Iterator[dict[str, Any]], many: int, ends: dict[str, tuple[int, str]]) -> None:
    """Put lines at the ends of their chains, hashed as the product hashes them, by one COPY."""
    from django.db import connection

    from kernel.time import now
    from ledger.append import GENESIS, hash_of
    from ledger.models import Line

    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with connection.cursor() as cursor, cursor.copy(f"COPY ledger_line ({names}) FROM STDIN") as copy:
        for _ in range(many):
            content = next(rows)
            place, previous = ends.get(content["chain"], (0, GENESIS))
            line = Line(**content, position=place + 1, previous_hash=previous, witnessed_at=now())
            line.hash = hash_of(line)
            ends[line.chain] = (line.position, line.hash)
            copy.write_row(
                [json.dumps(line.facts) if name == "facts" else getattr(line, name) for name in COLUMNS]
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
