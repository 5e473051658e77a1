"""How fast the check of the ledger reads lines: python -m tests.load.ledger [lines]."""

import sys
import time

from tests.load.servers import servers


def main(lines: int = 40_000) -> None:
    """Write lines of many chains, then check them all and seal them, by the clock and by this process's own time."""
    with servers():
        import django

        django.setup()
        from django.db import transaction

        from kernel.actors import SERVICE
        from kernel.time import now
        from ledger.append import append_all
        from ledger.check import check
        from ledger.kinds import Kind
        from ledger.seal import make_seal
        from ledger.unit import NewEntry

        for first in range(0, lines, 500):
            entries = [
                NewEntry(
                    kind=Kind.EVENT_RECORDED,
                    case=number % 997,
                    facts={"event": "mri_booked", "number": number},
                )
                for number in range(first, first + 500)
            ]
            with transaction.atomic():
                append_all(entries, by=SERVICE, at=now())
        make_seal(at=now())
        for _ in range(3):
            began, own = time.perf_counter(), time.process_time()
            found = check()
            wall, own = time.perf_counter() - began, time.process_time() - own
            assert found.faults == []
            print(
                f"check: {found.lines / wall:,.0f} lines a second by the clock, {found.lines / own:,.0f} of this process"
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
