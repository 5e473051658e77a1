"""Identifiers, text and time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.patients import nhs_number
from kernel.identifiers import NhsNumber, OdsCode, Reference
from kernel.text import fault, tidy
from kernel.time import (
    AmbiguousTime,
    NonexistentTime,
    clock_time,
    dated,
    duration_in_words,
    from_london,
    from_rfc3339,
    in_words,
    near,
    rfc3339,
)

VALID = ("9990000018", "9990000026", "9990000034", "9990000042", "9990548609")


class TestNhsNumber:
    @pytest.mark.parametrize("text", [*VALID, "999 000 0018", "999-000-0018", " 9990000018 "])
    def test_spaces_and_dashes_do_not_matter(self, text: str) -> None:
        assert NhsNumber.read(text).digits in VALID

    def test_it_is_shown_in_threes_and_four(self) -> None:
        assert str(NhsNumber.read("9990000018")) == "999 000 0018"

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("9990000019", "mistyped or swapped"),
            ("1111111111", "mistyped or swapped"),
            ("0000000000", "mistyped or swapped"),
            ("999000001", "this has 9"),
            ("99900000180", "this has 11"),
            ("999000001x", "digits only"),
            ("QQ123456C", "National Insurance"),
        ],
    )
    def test_a_wrong_one_says_what_is_wrong(self, text: str, says: str) -> None:
        with pytest.raises(ValueError, match=says):
            NhsNumber.read(text)

    @given(st.integers(0, 300), st.integers(0, 9), st.integers(1, 9))
    def test_any_one_wrong_digit_is_caught(self, number: int, position: int, by: int) -> None:
        digits = list(nhs_number(number))
        digits[position] = str((int(digits[position]) + by) % 10)
        with pytest.raises(ValueError, match="NHS number"):
            NhsNumber.read("".join(digits))


class TestReference:
    @given(st.integers(1, Reference.SIZE - 1))
    def test_a_number_and_its_reference_are_one(self, number: int) -> None:
        reference = Reference.of(number)
        assert Reference.read(str(reference)) == reference
        assert reference.number == number

    @given(st.integers(1, Reference.SIZE - 1), st.integers(0, 5), st.sampled_from(Reference.ALPHABET))
    def test_any_one_wrong_character_is_caught(self, number: int, position: int, other: str) -> None:
        text = str(Reference.of(number))
        body = list(text[5:10] + text[11])
        if body[position] == other:
            return
        body[position] = other
        with pytest.raises(ValueError, match="mistyped or misheard"):
            Reference.read("".join(body))

    @given(st.integers(1, Reference.SIZE - 1), st.integers(0, 4))
    def test_any_two_swapped_neighbours_are_caught(self, number: int, position: int) -> None:
        text = str(Reference.of(number))
        body = list(text[5:10] + text[11])
        if body[position] == body[position + 1]:
            return
        body[position], body[position + 1] = body[position + 1], body[position]
        with pytest.raises(ValueError, match="mistyped or misheard"):
            Reference.read("".join(body))

    def test_it_is_read_however_it_is_typed(self) -> None:
        reference = Reference.of(77)
        body = str(reference)[5:].replace("-", "")
        for text in (str(reference).lower(), f"mscc {body}", body, f" MSCC{body} "):
            assert Reference.read(text) == reference

    def test_look_alikes_are_named(self) -> None:
        with pytest.raises(ValueError, match="never contains 0, O"):
            Reference.read("MSCC-0O234-5")
        assert not set("01ILOUSBZG") & set(Reference.ALPHABET) - set("2")


def test_an_ods_code_is_letters_and_digits() -> None:
    assert OdsCode.read(" y12345 ").code == "Y12345"
    for text in ("", "Y-1", "A" * 10):
        with pytest.raises(ValueError, match="1 to 9 letters and digits"):
            OdsCode.read(text)


class TestText:
    @pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\u202eb", "a\u2066b", "a\nb", "a\tb", "\ud800"])
    def test_what_cannot_be_shown_is_refused_in_a_line(self, text: str) -> None:
        assert fault(text) is not None

    def test_notes_may_have_lines_and_tabs(self) -> None:
        assert fault("a\r\n\tb", lines=True) is None
        assert fault("a\x00b", lines=True) is not None
        assert tidy("  a\r\nb \n") == "a\nb"

    def test_lengths_are_bounded_and_say_so(self) -> None:
        assert fault("x" * 200) is None
        assert "200 characters" in (fault("x" * 201) or "")
        assert fault("é" * 200) is None

    @pytest.mark.parametrize("text", ["\u200b\u200b", "\u3164", " \u2800 ", "\ufeff\u00ad", "\u200f"])
    def test_what_nobody_can_see_is_empty(self, text: str) -> None:
        assert tidy(text) == ""

    @pytest.mark.parametrize("text", ["\u202fA", "\u0ba8\u0bbf", "\U0001f469\u200d\u2695", "-"])
    def test_what_can_be_seen_is_kept(self, text: str) -> None:
        assert tidy(text) == text.strip()


class TestTime:
    def test_the_hour_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(NonexistentTime):
            from_london(date(2026, 3, 29), time(1, 30))

    def test_the_hour_that_happens_twice_asks_which(self) -> None:
        day, wall = date(2026, 10, 25), time(1, 30)
        with pytest.raises(AmbiguousTime):
            from_london(day, wall)
        bst, gmt = from_london(day, wall, season="BST"), from_london(day, wall, season="GMT")
        assert gmt - bst == timedelta(hours=1)
        assert (clock_time(bst), clock_time(gmt)) == ("01:30 BST", "01:30 GMT")

    @pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "9999-12-31T23:00:00Z"])
    def test_a_year_that_nobody_alive_has_seen_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="between 1900 and 2200"):
            from_rfc3339(text)

    @given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis adds the zone
    def test_an_instant_survives_being_written(self, instant: datetime) -> None:
        assert from_rfc3339(rfc3339(instant)) == instant

    def test_instants_read_in_london(self) -> None:
        assert in_words(datetime(2026, 7, 1, 13, 5, tzinfo=UTC)) == "14:05 BST on 1 July 2026"
        assert in_words(datetime(2026, 11, 20, 14, 5, tzinfo=UTC)) == "14:05 GMT on 20 November 2026"

    def test_near_instants_are_named_by_their_day(self) -> None:
        at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        assert near(at, at=at) == "12:00 GMT"
        assert near(at + timedelta(days=1), at=at) == "12:00 GMT tomorrow"
        assert near(at - timedelta(days=1), at=at) == "12:00 GMT yesterday"
        assert near(at + timedelta(days=2), at=at) == "12:00 GMT on 22 November 2026"

    def test_an_instant_that_is_read_later_has_its_date_on_every_other_day(self) -> None:
        at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        assert dated(at, at=at) == "12:00 GMT"
        assert dated(at + timedelta(days=1), at=at) == "12:00 GMT on 21 November 2026"
        assert dated(at - timedelta(days=1), at=at) == "12:00 GMT on 19 November 2026"

    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            (0, "under a minute"),
            (1, "1 minute"),
            (60, "1 hour"),
            (125, "2 hours 5 minutes"),
            (4505, "3 days 3 hours"),
        ],
    )
    def test_durations_read_as_people_say_them(self, minutes: int, words: str) -> None:
        assert duration_in_words(timedelta(minutes=minutes)) == words
        assert duration_in_words(-timedelta(minutes=minutes)) == words

    def test_a_date_without_a_time_is_no_instant(self) -> None:
        for text in ("2026-11-20", "2026-11-20T10:00:00", "yesterday"):
            with pytest.raises(ValueError, match=r".+"):
                from_rfc3339(text)
