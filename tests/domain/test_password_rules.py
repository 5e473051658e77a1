"""Passwords of twelve characters that are a common one underneath are refused; what people can remember is not."""

import pytest
from django.core.exceptions import ValidationError

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
    ],
)
def test_three_words_or_a_made_up_one_pass(password: str) -> None:
    CommonUnderneathValidator().validate(password)
