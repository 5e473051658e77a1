"""Who is one person, which numbers can be dialled, and what is refused instead of failing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from kernel import telephone
from kernel.time import from_rfc3339
from referrals.case.episodes import episode_for, matches_of, person_of
from referrals.case.identity import Identity, MatchVerdict, match, name_key
from referrals.case.models import Referral, UnmatchedFact
from referrals.case.search import matching
from referrals.intake.fields import FIELD_AT, Unreadable
from referrals.usecases.keep_unmatched_fact import identity_of
from tests.builders import NAMED, NOON, ONE_PERSON, again, submitted
from webkit.typed import value_of


@pytest.mark.parametrize("number", [10**400, -(10**400), float("1e300")])
def test_a_number_of_any_length_is_refused_in_words(number: float) -> None:
    with pytest.raises(Unreadable, match="at most 100"):
        FIELD_AT["clinical.dexamethasone.dose_mg"].read(number)


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Basic é@@@", "Basic \u00e9", "Basic @@@", "Bearer é"])
def test_a_header_that_cannot_be_read_is_nobodys(header: str) -> None:
    answer = Client().post(
        "/oauth/token/", {"grant_type": "client_credentials"}, headers={"Authorization": header}
    )
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("999 000 0018", []),
        ("9990000018", []),
        ("03021958", []),
        ("03 02 1958", []),
        ("03-02-1958, 01632 960111", ["+441632960111"]),
        ("1632 960111", []),
        ("0532 960111", []),
        ("07700 90012", []),
        ("01632 960000 2345", []),
        ("01632 960000-2345", []),
        ("01632 9600002345", []),
        ("+44 1632 960000 2345", []),
        ("ward 12 01632 960111", ["+441632960111"]),
        ("01632 960111 01632 960222", ["+441632960111", "+441632960222"]),
        ("020 7946 0958", ["+442079460958"]),
        ("0044 1632 960111", ["+441632960111"]),
        ("(01632) 960111", ["+441632960111"]),
        ("+44 (0)1632 960111", ["+441632960111"]),
        ("+353 1 234 5678", ["+35312345678"]),
        ("fax 01632 960222", []),
        ("01632 960111, Fax: 01632 960222", ["+441632960111"]),
        ("ref A01632960111", []),
        ("0 " * 90, []),
    ],
)
def test_only_what_is_surely_a_number_is_linked(typed: str, links: list[str]) -> None:
    read = telephone.read(typed)
    assert [number.link for number in read.numbers] == links
    assert read.typed == typed.strip()


@pytest.mark.parametrize("typed", ["01632 960000 #1234", "01632 960000 ext. 1234", "01632 960000 (x1234)"])
def test_an_extension_stands_beside_its_number(typed: str) -> None:
    read = telephone.read(typed)
    assert (read.numbers[0].shown, read.beside) == ("01632 960000", "extension 1234")


def person(family_name: str = "Marlowe", given_name: str = "Ruth", **more: Any) -> Identity:
    who = {"date_of_birth": date(1950, 5, 6), "sex": "female", **more}
    return Identity(family_name=family_name, given_name=given_name, **who)


def test_a_mark_is_an_accent_in_some_scripts_and_a_letter_in_others() -> None:
    assert name_key("Zoë Ångström") == name_key("Zoe Angstrom")
    assert name_key("Ελένη") == name_key("Ελενη")
    for one, other in (("मीना", "मना"), ("ราณี", "ราณา"), ("कमल", "कमला"), ("कि", "कु")):
        assert name_key(one) != name_key(other)
        assert len(name_key(one).split()) == 1
    assert match(person("शर्मा", "मीना"), person("शर्मा", "मोना")).answer == MatchVerdict.PERHAPS


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("O'Quillan", "O Quillan", MatchVerdict.SAME),
        ("Smith-Jones", "SmithJones", MatchVerdict.SAME),
        ("MacDonald", "Mac Donald", MatchVerdict.SAME),
        ("Müller", "Mueller", MatchVerdict.PERHAPS),
        ("Åse", "Aase", MatchVerdict.PERHAPS),
        ("Marlowe", "Marlow", MatchVerdict.OTHER),
    ],
)
def test_a_name_is_written_in_one_word_or_two(one: str, other: str, answer: MatchVerdict) -> None:
    assert match(person(one), person(other)).answer == answer
    assert match(person(other), person(one)).answer == answer
    if answer == MatchVerdict.PERHAPS:
        assert match(person(one), person(other)).reasons == ("The names are spelt differently.",)


@pytest.mark.parametrize(
    ("family_name", "given_name"), [("-", "???"), ("-", ""), ("-", "Ruth"), ("Marlowe", "-")]
)
def test_a_name_without_a_letter_is_missing(family_name: str, given_name: str) -> None:
    nameless = person(family_name, given_name)
    for other in (person(), nameless):
        assert match(nameless, other) == match(other, nameless)
        assert match(nameless, other).reasons == ("A name is missing.",)
        assert match(nameless, other).answer == MatchVerdict.PERHAPS


def test_a_hospital_number_makes_it_possible_and_never_sure() -> None:
    one, other = person(local_id="RXX 123"), person("Quartermain", "Wilhelmina", local_id="rxx123")
    assert match(one, other).answer == MatchVerdict.PERHAPS
    assert match(one, other).reasons[0] == "The hospital number is the same."
    assert match(person(local_id=""), person("Quartermain", local_id="")).answer == MatchVerdict.OTHER
    apart = match(
        person(local_id="1", nhs_number="9990000018"), person(local_id="1", nhs_number="9990000026")
    )
    assert apart.answer == MatchVerdict.OTHER


@pytest.mark.parametrize("month", ["Feb.", "feb", "February", "2"])
def test_a_month_may_be_cut_short_with_a_full_stop(month: str) -> None:
    problems: dict[str, str] = {}
    typed = {"born.day": ["3"], "born.month": [month], "born.year": ["1958"]}
    assert value_of(typed, "born", problems, kind="date") == "1958-02-03"
    assert not problems


@pytest.mark.parametrize("text", ["2026-W01-1T00:00:00Z", "2026-W01-1 00:00:00Z"])
def test_a_day_of_a_week_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match="a date and a time"):
        from_rfc3339(text)


@pytest.mark.django_db
@pytest.mark.usefixtures("scene")
class TestFinding:
    @pytest.mark.parametrize("kept", [True, False])
    def test_an_estimated_year_finds_the_years_around_it(self, kept: bool) -> None:
        """Whichever of the two is estimated."""
        born = {"patient__date_of_birth": "1950-07-01", "patient__birth_estimated": True}
        case = submitted(**{**ONE_PERSON, **(born if kept else {})})
        about = {"date_of_birth": date(1952, 12, 31), "birth_estimated": not kept}
        (found,) = matches_of(person(given_name="Edith", **about))
        assert (found.case.pk, found.match.answer) == (case.pk, MatchVerdict.PERHAPS)
        assert not matches_of(person(given_name="Edith", **{**about, "date_of_birth": date(1953, 1, 1)}))

    def test_a_hospital_number_finds_its_case(self) -> None:
        case = submitted(**ONE_PERSON, patient__local_id="RXX123")
        assert person_of(again(case).patient).local_id == "RXX123"
        about = identity_of(UnmatchedFact(patient={"local_id": "rxx123"}))
        (found,) = matches_of(about)
        assert found.match.reasons[0] == "The hospital number is the same."

    @pytest.mark.parametrize(
        ("stored", "typed"),
        [
            ("O'Quillan", "O Quillan"),
            ("Mac Donald", "MacDonald"),
            ("Smith-Jones", "SmithJones"),
            ("Müller", "Mueller"),
            ("Åse", "Aase"),
        ],
    )
    def test_a_search_finds_a_name_however_it_is_written(self, stored: str, typed: str) -> None:
        for kept, asked in ((stored, typed), (typed, stored)):
            case = submitted(patient__family_name=kept)
            assert case in matching(Referral.objects.all(), {"family_name": asked})
            assert case not in matching(Referral.objects.all(), {"family_name": f"{asked}x"})

    def test_one_person_has_one_episode_where_somebody_else_came_with_the_number(self) -> None:
        first = submitted(**NAMED)
        who: dict[str, Any] = {
            **NAMED,
            "patient__nhs_number": first.patient.nhs_number,
            "patient__family_name": "Quartermain",
        }
        mine, mine_again = submitted(**who), submitted(**who)
        assert mine.episode_id == mine_again.episode_id != first.episode_id
        assert (first.episode.person_key, mine_again.episode.person_key) == (first.patient.nhs_number, None)
        first.episode.closed_at = NOON
        first.episode.save_without_historical_record()
        third = submitted(**who)
        assert third.episode_id == mine.episode_id
        assert third.episode.person_key == first.patient.nhs_number

    def test_nobody_is_joined_by_name_alone_nor_to_whom_the_referrer_said_is_another(self) -> None:
        assert submitted(**ONE_PERSON).episode_id != submitted(**ONE_PERSON).episode_id
        assert submitted(**ONE_PERSON).episode_id != submitted(**NAMED).episode_id
        first = submitted(**NAMED)
        who: dict[str, Any] = {
            **NAMED,
            "patient__nhs_number": first.patient.nhs_number,
            "patient__family_name": "Quartermain",
        }
        mine = submitted(**who)
        fresh = episode_for(person_of(again(mine).patient), join=None, apart=[mine.pk], at=NOON)
        assert fresh.pk not in (first.episode_id, mine.episode_id)
