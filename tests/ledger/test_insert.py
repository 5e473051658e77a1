"""Rows that are changed together in one statement: what was given is stored, and nothing else."""

from datetime import timedelta

import pytest
from django.db import DataError, transaction

from ledger.insert import insert, update
from oncall.models import Clock
from oncall.sweep import climb
from tests.builders import NOON, clock, submitted

pytestmark = pytest.mark.usefixtures("scene")
HOUR = timedelta(hours=1)


def test_the_named_fields_of_many_rows_are_stored_and_no_others() -> None:
    case = submitted("weakness")
    first, second = clock(case, "acknowledge"), clock(case, "mri")
    before = second.next_at
    first.about, first.snoozed_until, first.ladder = "Ana's “quoted” %s words", None, [{"after_minutes": 1.5}]
    second.about, second.snoozed_until = "", NOON + HOUR
    first.climbed = second.climbed = 7
    second.next_at = NOON + 9 * HOUR
    update([first, second], fields=("about", "snoozed_until", "ladder", "climbed"))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.about, first.snoozed_until, first.ladder) == (
        "Ana's “quoted” %s words",
        None,
        [{"after_minutes": 1.5}],
    )
    assert (second.snoozed_until, second.climbed, second.next_at) == (NOON + HOUR, 7, before)
    assert not Clock.objects.filter(climbed=7).exclude(pk__in=[first.pk, second.pk]).exists()


def test_a_text_that_is_too_long_is_refused_and_never_cut() -> None:
    row = clock(submitted("weakness"), "mri")
    row.about = "x" * 201
    with pytest.raises(DataError), transaction.atomic():
        update([row], fields=("about",))


@pytest.mark.parametrize("text", ["x" * 201, "a\x00b"], ids=["too long", "NUL"])
def test_a_row_with_a_text_that_no_column_holds_is_refused(text: str) -> None:
    row = clock(submitted("weakness"), "mri")
    row.pk, row.about, row.kind = None, text, "other"
    with pytest.raises(DataError), transaction.atomic():
        insert([row])


def test_a_value_without_a_form_is_refused_before_the_database_is_asked() -> None:
    row = clock(submitted("weakness"), "mri")
    row.ladder = [{1, 2}]
    with pytest.raises(TypeError, match="set has no form"):
        update([row], fields=("ladder",))


def test_what_a_climb_changes_stands_in_the_history_as_in_the_row() -> None:
    case = submitted("weakness")
    climb(at=NOON)
    row = clock(case, "acknowledge")
    newest = row.history.latest("history_id")
    assert (newest.climbed, newest.next_at, newest.ladder) == (1, row.next_at, row.ladder)
    assert (newest.history_date, newest.history_type, newest.history_user_id) == (NOON, "~", None)
