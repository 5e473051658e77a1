"""Passwords of twelve characters that are a common one underneath are refused; what people can remember is not."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.password_rules import CommonUnderneathValidator


@pytest.mark.parametrize(
    "password",
    [
        "Welcome12345!",
        "2026password2026",
        "P@ssw0rd2026",
        "letmeinletmein",
        "123456789012",
        "!!!!????....",
        "abcabcabcabc",
        "Dragon.123456",
        "qwerty2026!!",
        "xxxxxxxxxxxxxx",
        "welcome1welcome1",
        "WELCOME2026!",
        "!welcome!welcome",
        "welc0mewelcome",
        "trustno1!!!!",  # a figure that is part of the word
        "trustno1trustno1",
        "wasdwasd2026",  # common as it is repeated
        "!!1qaz2wsx!!",
        "2026$unshine2026",  # a mark for the first letter, a figure for the last
        "2026footba11+2026",
        "xqzxqzxqzxqz",  # three letters again and again
    ],
)
def test_a_common_password_in_disguise_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="three words"):
        CommonUnderneathValidator().validate(password)


@pytest.mark.parametrize(
    "password",
    [
        "another long secret",
        "demo-mscc-2026",
        "seaside pudding lantern",
        "Tr7Kp2mWq9Zx",
        "99 red kettles sing",
        "a1b2c3d4e5f6",
        "zuqv12345678",  # four letters that are no word of the list
    ],
)
def test_three_words_or_a_made_up_one_pass(password: str) -> None:
    CommonUnderneathValidator().validate(password)


def test_each_figure_or_mark_that_is_read_as_a_letter_is() -> None:
    words = ("c0wboy", "we1come", "w1nter", "w!nter", "mast3r", "dr4gon", "sun5hine")
    for word in (*words, "foo7ball", "base8all", "dr@gon", "pas$word"):
        assert word not in CommonUnderneathValidator().passwords, f"{word} is refused as it stands"
        with pytest.raises(ValidationError, match="three words"):
            CommonUnderneathValidator().validate(f"{word}123456")


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("red kettles", "too short"),
        ("maprchem56458", "too common"),
        ("Welcome12345!", "common password with little added"),
        ("Featherstonehaugh1", "too similar to the name"),
        ("quill.lantern", "too similar to the username"),
        ("seasidepudding1", "too similar to the email"),
    ],
)
def test_whoever_signs_in_has_twelve_characters_that_are_neither_common_nor_their_own_name(
    password: str, problem: str
) -> None:
    person = User(
        username="quill.lantern", name="Rose Featherstonehaugh", email="seasidepudding@example.nhs.uk"
    )
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)
    assert [message for message in refused.value.messages if problem in message], refused.value.messages
    assert len(refused.value.messages) == 1
    validate_password("red kettles.", person)
