"""Cases as the measures count them, for tests."""

from datetime import datetime, timedelta
from typing import Any

from governance.episodes import episodes
from governance.populations import StatementCount
from governance.qs56 import Figure, Result, results
from mdt.usecases.keep_plan import keep_plan
from referrals.case.models import Referral
from referrals.usecases.judge_course import judge_course
from referrals.usecases.record_details import record_details
from tests.builders import (
    NOON,
    act_by,
    report,
    scan,
    triaged,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUSPECTED = NOON - timedelta(minutes=30)  # by the builders, half an hour before the referral
IN_HOSPITAL = {"location__organisation_ods": "RXX01"}


def measured(
    name: str,
    *,
    since: datetime = NOON - 30 * DAY,
    until: datetime = NOON + 90 * DAY,
    at: datetime = NOON + 60 * DAY,
) -> Result:
    found = results(episodes(since=since, until=until), since=since, until=until, at=at)
    return next(one for one in found if one.measure.id == name)


def counts(figure: Figure) -> tuple[int, int]:
    return figure.numerator, figure.denominator


def both(name: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Numerator and denominator, literally and adjusted."""
    result = measured(name)
    return counts(result.literal), counts(result.adjusted)


def only(figure: Figure) -> StatementCount:
    (one,) = figure.counted
    return one


def reported(result: str = "mscc", *, at: datetime = NOON + 3 * HOUR, **changes: Any) -> Referral:
    """An emergency, scanned an hour before its report."""
    case = triaged("weakness", **changes)
    scan(case, at=at - HOUR)
    report(case, "mri_reported", at=at, result=result)
    return case


def judged(case: Referral, *, at: datetime = NOON + 4 * HOUR, **course: str) -> None:
    judge_course(case.reference, course, act=act_by("coordinator", at))


def planned(case: Referral, *, at: datetime) -> None:
    sent = {
        "plan.key_worker": "Nurse Kit Barlow",
        "plan.who_to_call": "The coordinator",
        "plan.destination": "home",
        "plan.ongoing_care_assessed_on": "2026-11-20",
        "plan.rehabilitation_assessed_on": "2026-11-20",
    }
    keep_plan(case.reference, sent, sign=True, act=act_by("coordinator", at))


def excepted(case: Referral, *codes: str, by: str = "Dr Miriam Katz") -> None:
    answers: dict[str, Any] = {"record.exceptions": list(codes), "record.exception_decided_by": by}
    record_details(case.reference, answers, act=act_by("coordinator", NOON + HOUR))
