"""The outcome at one point is recorded, and its follow-up ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from kernel.actors import Actor
from kernel.refusals import Invalid
from kernel.time import from_rfc3339, is_earlier
from ledger.transaction import one_transaction
from mdt.content import Errors, read, unknown
from mdt.follow_up import OUTCOME, POINTS, SAYS_SOMETHING, hours_of
from mdt.line_facts import OutcomeCodes, OutcomeRecorded
from mdt.models import Outcome
from mdt.statements import write
from mdt.stored import StoredOutcome
from oncall import clocks
from oncall.kinds import ClockKind, Stopped
from referrals.arrival.consequences import LONG_BEFORE
from referrals.case.case_facts import symptoms_began
from referrals.case.models import Referral
from referrals.case.queries import find_and_lock
from referrals.case.states import Action


@one_transaction()
def record_outcome(
    reference: str, sent: Mapping[str, Any], *, seen: int | None = None, by: Actor, at: datetime
) -> Outcome:
    """Sign the outcome at a point; a correction is its next version. A closed case is followed up, too."""
    case = find_and_lock(reference, by=by)
    content: StoredOutcome
    content, errors = read(OUTCOME, sent, at=at)
    errors |= unknown(OUTCOME, sent)
    if not errors and not any(name in content for name in SAYS_SOMETHING):
        errors["outcome.walking"] = ["Record at least one thing, or why nothing could be recorded"]
    errors |= _before_its_point(case, content)
    if errors:
        raise Invalid("The outcome is not complete", errors=errors)
    point, observed_at = content["point"], from_rfc3339(content["observed_at"])
    coded = {name: value for name, value in content.items() if name in OutcomeCodes.__annotations__}
    outcome = write(
        Outcome,
        case,
        content,
        action=Action.RECORD_OUTCOME,
        facts=OutcomeRecorded(point=point, observed_at=observed_at, **cast(OutcomeCodes, coded)),
        of={"point": point},
        columns={"observed_at": observed_at},
        seen=seen,
        by=by,
        at=at,
    )
    for clock in clocks.hold(case.pk):
        if clock.kind == ClockKind.FOLLOW_UP and clock.limit_hours == hours_of(point):
            stopped_at = max(observed_at, clock.started_at)
            clocks.stop_clock(clock, because=Stopped.MET, stopped_at=stopped_at, by=by, at=at)
    return outcome


def _before_its_point(case: Referral, content: Mapping[str, Any]) -> Errors:
    """Nothing is seen years before the symptoms, no follow-up before the treatment that it follows, and none long before
    its time: that would end the wait for the true one.
    """
    if "observed_at" not in content:
        return {}
    observed_at, point = from_rfc3339(content["observed_at"]), content.get("point", "")
    if observed_at < symptoms_began(case) - LONG_BEFORE:
        return {"outcome.observed_at": ["This is more than a year before the symptoms: check the year"]}
    limit = hours_of(point)
    clock = next(
        (
            row
            for row in clocks.of_case(case.pk)
            if row.kind == ClockKind.FOLLOW_UP and row.limit_hours == limit
        ),
        None,
    )
    if clock is not None and is_earlier(observed_at, than=clock.started_at):
        return {"outcome.observed_at": ["This is before the treatment that it follows: check the date"]}
    half = timedelta(hours=limit / 2) if limit else timedelta()
    if clock is not None and "not_seen_because" not in content and observed_at < clock.started_at + half:
        return {
            "outcome.observed_at": [
                f"This is too early for “{POINTS[point]}”: choose the point that it is about"
            ]
        }
    return {}
