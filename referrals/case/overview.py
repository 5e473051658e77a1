"""What a board says of the whole service, whatever it shows."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from referrals.case.models.case import SELF_TEST
from referrals.case.worklist import MOST_COUNTED


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """When the last sweep ended well, how many emergencies nobody has acknowledged, and what came for cases that have
    ended and for people without a referral and nobody has looked at.
    """

    swept_at: datetime | None
    emergencies: int
    ended: int
    unmatched: int


def service_now() -> ServiceNow:
    """Counted by index, emergencies as far as a hundred: one query."""
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
