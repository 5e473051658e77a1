"""Identifiers: each is checked when it is read."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class NhsNumber:
    """Ten digits with a Modulus 11 check digit. ValueError says what is wrong."""

    digits: str

    @classmethod
    def read(cls, text: str) -> Self:
        # A number pasted from a page or a PDF may hold invisible characters.
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        digits = re.sub(r"[\s\-\u2010-\u2015]", "", visible)
        if re.fullmatch(r"[A-Za-z]{2}[0-9]{6}[A-Za-z]", digits):
            raise ValueError("This looks like a National Insurance number. Enter the 10-digit NHS number")
        if not re.fullmatch(r"[0-9]*", digits):
            raise ValueError("An NHS number has digits only, such as 999 000 0018")
        if len(digits) != 10:
            raise ValueError(f"An NHS number has 10 digits; this has {len(digits)}")
        if len(set(digits)) == 1 or not cls._check_digit_fits(digits):
            raise ValueError(
                "This is not an NHS number: a digit is mistyped or swapped. Check it, "
                "or leave it empty and give the reason it is not known"
            )
        return cls(digits)

    @staticmethod
    def _check_digit_fits(digits: str) -> bool:
        total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
        return (11 - total % 11) % 11 == int(digits[9])

    def __str__(self) -> str:
        return f"{self.digits[:3]} {self.digits[3:6]} {self.digits[6:]}"


@dataclass(frozen=True, slots=True)
class OdsCode:
    """The code of an organisation, 1 to 9 letters and digits. Its shape does not show its type."""

    code: str

    @classmethod
    def read(cls, text: str) -> Self:
        code = text.strip().upper()
        if not re.fullmatch(r"[A-Z0-9]{1,9}", code):
            raise ValueError("An ODS code has 1 to 9 letters and digits, such as Y12345")
        return cls(code)

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Reference:
    """A case number as people say it, such as MSCC-7K3QF-X.

    Five characters of an alphabet of 23 without look-alikes, and a check character. Because 23 is prime and
    the weights differ, one wrong character or two swapped characters are always caught. A number always gives
    the same reference, so two cases never share one.
    """

    ALPHABET = "23456789ACEFHJKMPQRTWXY"
    SIZE = 23**5
    STRIDE, OFFSET = 2_718_283, 1_414_213

    text: str

    @classmethod
    def of(cls, number: int) -> Self:
        """The reference of a case number, 1 to 6,436,342."""
        if not 0 < number < cls.SIZE:
            raise ValueError("case numbers have run out of references")
        rest = (number * cls.STRIDE + cls.OFFSET) % cls.SIZE
        values = []
        for _ in range(5):
            rest, value = divmod(rest, 23)
            values.append(value)
        body = "".join(cls.ALPHABET[value] for value in values)
        return cls(f"MSCC-{body}-{cls.ALPHABET[cls._check(values)]}")

    @classmethod
    def read(cls, text: str) -> Self:
        """A reference as typed or heard: case, spaces and dashes do not matter."""
        bare = re.sub(r"[^A-Z0-9]", "", text.upper()).removeprefix("MSCC")
        if len(bare) != 6:
            raise ValueError("A reference has six characters after MSCC, such as MSCC-7K3QF-X")
        foreign = sorted(set(bare) - set(cls.ALPHABET))
        if foreign:
            raise ValueError(
                f"A reference never contains {', '.join(foreign)}, and looks like MSCC-7K3QF-X. Check it and try again"
            )
        values = [cls.ALPHABET.index(character) for character in bare]
        if cls._check(values[:5]) != values[5]:
            raise ValueError("The last character does not fit this reference: one was mistyped or misheard")
        return cls(f"MSCC-{bare[:5]}-{bare[5]}")

    @property
    def number(self) -> int:
        """The case number of this reference."""
        rest = 0
        for character in reversed(self.text[5:10]):
            rest = rest * 23 + self.ALPHABET.index(character)
        return (rest - self.OFFSET) * pow(self.STRIDE, -1, self.SIZE) % self.SIZE

    @staticmethod
    def _check(values: list[int]) -> int:
        return sum(value * weight for value, weight in zip(values, (2, 3, 5, 7, 11), strict=True)) % 23

    def __str__(self) -> str:
        return self.text
