"""What the database answers from an index however much is stored: the plan when nothing is read row by row."""

import pytest
from django.db import connection
from django.db.models import QuerySet

from referrals.case.models import Referral
from referrals.case.search import matching
from referrals.case.worklist import _matching

pytestmark = pytest.mark.django_db


def plan(rows: QuerySet[Referral]) -> str:
    """The plan of a database that has so many rows that it reads none it need not read."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    return rows.explain()


@pytest.mark.parametrize("name", ["Larkspur", "O'Brien-Smith", "Müller", "mc donald"])
def test_a_name_is_searched_by_its_index(name: str) -> None:
    for rows in (
        matching(Referral.objects.all(), {"family_name": name}),
        matching(Referral.objects.all(), {"family_name": name, "given_name": "Ann"}),
        Referral.objects.filter(_matching(name)),
    ):
        assert "patient_name_key" in plan(rows), rows.query
