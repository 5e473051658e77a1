"""The check of the ledger as a job: all of it once a day, and what is new every ten minutes."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage

from accounts.queries import people
from governance.verification import verify_records
from kernel.actors import Role
from ledger.check import check
from ledger.outside import letter_of
from ledger.results import Result, in_words, keep_result, last_result, verified_seal
from ledger.seal import newest_seal

WHOLE_EVERY = timedelta(days=1)


def check_whole(*, at: datetime) -> Result:
    """Check every line, seal and record, and keep the result."""
    began, result = time.monotonic(), check()
    records, fault = verify_records()
    faults = [*result.faults, *([fault] if fault else [])]
    return keep_result(
        Result(
            at=at,
            whole=True,
            seal=None if faults else result.seal,
            lines=result.lines,
            records=records,
            seconds=time.monotonic() - began,
            faults=tuple(map(in_words, faults)),
        )
    )


def check_new(*, at: datetime) -> Result | None:
    """Check the lines, bindings and seals behind the last verified seal; None where nothing was verified yet."""
    since = verified_seal()
    if since is None:
        return None
    began, result = time.monotonic(), check(since=since)
    return keep_result(
        Result(
            at=at,
            whole=False,
            seal=result.seal,
            lines=result.lines,
            records=0,
            seconds=time.monotonic() - began,
            faults=tuple(map(in_words, result.faults)),
        )
    )


def check_when_due(*, at: datetime) -> Result:
    """The check that is due: of everything once a day, and after a fault; else of what is new."""
    whole = last_result(whole=True)
    if whole is not None and at - whole.at < WHOLE_EVERY and (result := check_new(at=at)):
        return result
    result = check_whole(at=at)
    if whole is None or at - whole.at >= WHOLE_EVERY:
        write_to_leads(result)
    return result


def write_to_leads(result: Result) -> None:
    """Send the result and the newest seal to the clinical leads, whose mailbox keeps them outside. OSError."""
    leads = [row.email for row in people() if row.role == Role.LEAD and row.is_active and row.email]
    seal = newest_seal()
    if not leads or seal is None:
        return
    verdict = "is intact" if result.holds else "is NOT intact"
    body = "".join(f"{fault}\n" for fault in result.faults) + letter_of(seal)
    EmailMessage(
        subject=f"MSCC service: the ledger {verdict}",
        body=f"{result.lines} lines and {result.records} records were checked. {settings.BASE_URL}\n{body}",
        to=leads,
    ).send()
