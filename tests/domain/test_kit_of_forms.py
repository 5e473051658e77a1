"""The kit of forms: what was typed comes back, problems lead to their inputs, shape is judged and nothing else."""

from datetime import UTC, datetime

import pytest

from kernel.refusals import Invalid
from kernel.time import rfc3339
from webkit.attempt import Attempt
from webkit.fields import Area, Birth, Choice, Flag, Many, Moment, PickedMoment, Secret, Text
from webkit.forms import Form, PlainForm
from webkit.inputs import folds
from webkit.typed import instant_of, typed_instant

AT = datetime(2026, 7, 3, 13, 5, tzinfo=UTC)
SCANS = {"mri": "MRI", "ct": "CT"}


class Scan(Form):
    site = Text("Site", initial="Poole")
    wanted = Many("Scans", SCANS, initial=["mri"])
    told = Flag("The ward was told", initial=True)
    how_soon = Choice("How soon", {"now": "Now", "week": "In a week"}, initial="week")
    occurred_at = Moment("When", initial=AT, required="Enter the date and the time")
    note = Area("Note")
    why = Text("Why otherwise", asked_for=True)


def sent(**typed: str | list[str]) -> Attempt:
    values = {name.replace("__", "."): [v] if isinstance(v, str) else v for name, v in typed.items()}
    return Attempt(typed=values)


def chosen(form: Form, name: str) -> list[str]:
    return [option.value for option in form.input(name).options if option.chosen]


def test_before_anybody_types_a_form_shows_what_is_suggested() -> None:
    form = Scan()
    assert form.input("site").value == "Poole"
    assert (chosen(form, "wanted"), chosen(form, "told"), chosen(form, "how_soon")) == (
        ["mri"],
        ["yes"],
        ["week"],
    )
    assert form.input("occurred_at").parts == {
        "day": "3",
        "month": "7",
        "year": "2026",
        "time": "14:05",
        "season": "",
    }
    assert "why" not in [one.name for one in form.inputs]


def test_what_was_typed_comes_back_and_what_was_unticked_stays_unticked() -> None:
    form = Scan(sent(site="", how_soon="now", occurred_at__day="45", note="  one\n two", why="Metal"))
    assert form.input("site").value == ""
    assert (chosen(form, "wanted"), chosen(form, "told"), chosen(form, "how_soon")) == ([], [], ["now"])
    assert form.input("occurred_at").parts == {"day": "45", "month": "", "year": "", "time": "", "season": ""}
    assert form.input("note").value == "  one\n two"
    assert "why" in [one.name for one in form.inputs]


def test_every_refusal_leads_to_its_input_and_one_of_no_field_to_the_first() -> None:
    form = Scan(of="scan")
    form.refuse({"how_soon": ["Choose how soon"], "": ["The case has changed"]})
    assert form.problems == (("Choose how soon", "#scan-how-soon"), ("The case has changed", "#scan-site"))
    assert form.input("how_soon").error == "Choose how soon"
    assert form.status == 422


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({}, "Enter the date and the time"),
        (
            {"occurred_at__day": "31", "occurred_at__month": "2", "occurred_at__year": "2026"},
            "Enter a real date",
        ),
        (
            {
                "occurred_at__day": "25",
                "occurred_at__month": "10",
                "occurred_at__year": "2026",
                "occurred_at__time": "01:30",
            },
            "GMT or BST",
        ),
    ],
)
def test_a_wrong_shape_is_refused_in_words(typed: dict[str, str], why: str) -> None:
    with pytest.raises(Invalid) as refused:
        Scan(sent(site="Poole", **typed)).values()
    assert why in refused.value.errors["occurred_at"][0]


def test_no_rule_is_judged_by_a_form() -> None:
    typed = sent(
        how_soon="never",
        wanted=["xray"],
        occurred_at__day="3",
        occurred_at__month="July",
        occurred_at__year="2026",
        occurred_at__time="14.05",
    )
    values = Scan(typed).values()
    assert (values["how_soon"], values["wanted"], values["site"]) == ("never", ["xray"], None)
    assert values["occurred_at"] == "2026-07-03T13:05:00Z"


def test_the_year_alone_is_a_date_of_birth() -> None:
    form = Form(sent(born__year="1958"), fields={"born": Birth("Date of birth")})
    assert form.values() == {"born": "1958-07-01"}


def test_an_hour_that_comes_twice_is_told_apart_where_day_and_time_are_picked() -> None:
    fields = {"starts": PickedMoment("From")}
    typed = {"starts_day": "2026-10-25", "starts_time": "01:30"}
    with pytest.raises(Invalid, match="Nothing was saved"):
        Form(sent(**typed), fields=fields).values()
    assert Form(sent(**typed, starts_season="GMT"), fields=fields).values() == {
        "starts": "2026-10-25T01:30:00Z"
    }


@pytest.mark.parametrize("hour", [0, 1])
def test_an_instant_of_that_hour_is_shown_with_its_season_and_read_back_as_it_was(hour: int) -> None:
    instant = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    shown = typed_instant(instant, "occurred_at")
    problems: dict[str, str] = {}
    assert instant_of(shown, "occurred_at", problems) == rfc3339(instant)
    assert problems == {}


def test_a_password_is_never_printed_again() -> None:
    form = PlainForm(sent(new_password="secret"), fields={"new_password": Secret("New password")})
    assert form.text("new_password") == "secret"
    assert form.input("new_password").value == ""
    assert form.input("new_password").id == "new_password"


class Call(Form):
    outcome = Choice("What came of it", {"spoke": "Spoke", "no_answer": "No answer"})
    occurred_at = Moment("When", initial=AT, folded="Filled in")
    how = Choice("How", {"telephone": "Telephone", "other": "Other"}, initial="telephone", folded="Filled in")
    role = Text("Their role", folded="Filled in")
    told = Flag("The ward was told", folded="Rarely needed")


def test_what_is_filled_in_is_folded_under_a_line_that_says_it_and_opens_for_a_problem() -> None:
    parts = folds(Call().inputs)
    assert [(part.heading, len(part.inputs), part.open) for part in parts] == [
        ("", 1, False),
        ("Filled in", 3, False),
        ("Rarely needed", 1, False),
    ]
    assert [part.said for part in parts] == ["", "14:05 on 3 July 2026; Telephone", ""]
    refused = Call(Attempt(typed={"role": ["Nurse"]}, errors={"role": ["Write it in full"]}))
    assert [part.open for part in folds(refused.inputs)] == [False, True, False]
    assert "Nurse" in folds(refused.inputs)[1].said
