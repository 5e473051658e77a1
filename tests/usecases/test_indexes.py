"""What the database answers from an index however much is stored: the plan when nothing is read row by row."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from referrals.case.episodes import _CANDIDATES, matches_of
from referrals.case.identity import Identity
from referrals.case.models import Note, Place, Referral, TriageDecision
from referrals.case.queries import visible_to
from referrals.case.search import matching, typed
from referrals.case.statements import NOBODY
from referrals.case.worklist import _numbers
from tests.builders import NOON, actor
from tests.owner import forget_statistics

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sizes_unknown() -> None:
    for model in (Referral, Referral.patient.field.related_model, Place, Note, TriageDecision):
        forget_statistics(model._meta.db_table)


def plan(rows: QuerySet[Any]) -> str:
    """The plan of a database that has so many rows that it reads none it need not read."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    return rows.explain()


@pytest.mark.parametrize("name", ["Larkspur", "O'Brien-Smith", "Müller", "mc donald"])
def test_a_name_is_searched_by_its_index(name: str) -> None:
    for rows in (
        matching(Referral.objects.all(), {"family_name": name}),
        matching(Referral.objects.all(), {"family_name": name, "given_name": "Ann"}),
        Referral.objects.filter(typed(name)),
    ):
        assert "patient_name_key" in plan(rows), rows.query


def test_each_way_to_find_a_person_who_may_be_the_same_has_its_index() -> None:
    person = Identity(
        nhs_number="9990000018",
        family_name="Larkspur",
        given_name="Edith",
        date_of_birth=date(1958, 2, 3),
        local_id="RXX01-7",
    )
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        matches_of(person)
    sql, params = asked[0]
    alike = sql.removeprefix(_CANDIDATES).removeprefix(" AND ")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN SELECT FROM referrals_patient patient WHERE {alike}", params)
        words = "\n".join(line for (line,) in cursor.fetchall())
    for index in ("nhs_number", "date_of_birth", "birth_estimated", "local_id", "whole_name"):
        assert f"on patient_{index}" in words, words


def test_texts_and_decisions_are_found_by_their_line() -> None:
    for rows, index in (
        (Note.objects.filter(ledger_line__in=range(30)), "note_line"),
        (TriageDecision.objects.filter(ledger_line=3), "triage_decision_line"),
    ):
        assert index in plan(rows), rows.query


def test_a_referrer_is_found_by_the_number_at_their_council() -> None:
    words = plan(Referral.objects.filter(referrer__registration_number__in=["7654321"]))
    assert "on referral_registration" in words, words


def test_new_information_is_found_by_its_index() -> None:
    words = plan(_numbers("news", by=NOBODY, at=NOON).order_by().values_list("pk")[:100])
    assert "on referral_news" in words, words


@pytest.mark.parametrize("show", ["emergency", "unclaimed"])
def test_a_saved_view_begins_with_the_open_cases_and_never_with_all(show: str) -> None:
    """Joined, the database read every case from the first one: the open ones are the last."""
    words = plan(_numbers(show, by=NOBODY, at=NOON).order_by().values_list("pk")[:100])
    assert "SubPlan" in words, words
    assert "Join" not in words, words


@pytest.mark.usefixtures("scene")
def test_what_is_shared_with_an_organisation_is_looked_up_for_each_case_and_never_read_as_a_whole() -> None:
    words = plan(visible_to(actor("ward")).order_by("-id")[:51])
    assert "Index Cond: ((referral_id = referrals_referral.id) AND ((organisation)::text" in words, words
