"""The state of the whole service, shown on every board."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from referrals.case.models.case import SELF_TEST
from referrals.case.worklist import MOST_COUNTED


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """When the last sweep succeeded, how many emergencies are not acknowledged, and how many facts wait unread: for
    cases that have ended, and those that hospital systems sent for no open case.
    """

    swept_at: datetime | None
    emergencies: int
    arrivals: int
    unmatched: int


def service_now() -> ServiceNow:
    """The state now, with emergencies counted up to a hundred: one query on indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT at FROM oncall_heartbeat WHERE name = 'sweep'),
                (SELECT count(*) FROM (SELECT FROM referrals_place WHERE rank = 0 LIMIT %s) AS unseen),
                (SELECT count(*) FROM referrals_referral WHERE arrived_since IS NOT NULL AND source <> %s),
                (SELECT count(*) FROM referrals_unmatchedfact WHERE settled_at IS NULL)
            """,
            [MOST_COUNTED, SELF_TEST],
        )
        return ServiceNow(*cursor.fetchone())
