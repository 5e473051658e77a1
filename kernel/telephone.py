"""Telephone numbers as people type them: the numbers to dial, and the words beside them.

A wrong number is worse than none: only digits that begin with `+`, `00` or `0`, and are neither too few nor too
many, give a link.
"""

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

REGION = "GB"
_ASIDE = re.compile(  # a bleep is not an extension, and nobody answers a fax
    r"\b(?:bleep|blp|pager)\s*:?\s*\d+|\bfax(?:\s*(?:no|number)\b)?[\s:.]*[+(]?[0-9][0-9\s()-]*",
    re.IGNORECASE,
)
_DASHES = "\\-\u2010-\u2015\u2212"
# Digits with nothing but blanks, dashes and the brackets of a code between them.
_RUN = re.compile(
    rf"(?:(?<![^\W_])|(?<=tel)|(?<=mob))\+?[0-9](?:[0-9+\s){_DASHES}]|\.(?=[0-9])|\(0\))*", re.IGNORECASE
)
_PART = re.compile(r"\+?[0-9]+")
_EXTENSION = re.compile(
    r"[\s,;]*\(?\s*(?:ext(?:ension|n)?|x|#)[\s.:]*([0-9]{1,7})(?!\s?[0-9])\)?", re.IGNORECASE
)
_BRITISH = re.compile(r"0(?:[123789][0-9]{9}|[18][0-9]{8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number, for the screen and for a tel: link."""

    shown: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephone:
    """A telephone field as typed, with its numbers to dial; `beside` is the rest, such as an extension or a bleep."""

    typed: str
    numbers: tuple[Number, ...] = ()
    beside: str = ""

    def __bool__(self) -> bool:
        return bool(self.typed)


def read(entry: str) -> Telephone:
    """Read a telephone field. A text without a number shows as it is and gives no link."""
    text = entry.strip()
    plain = _ASIDE.sub(lambda aside: " " * len(aside.group()), text)
    numbers: list[Number] = []
    beside, upto = "", 0
    for run in _RUN.finditer(plain):
        for start, end, number in _numbers(plain, run):
            match = _EXTENSION.match(plain, end)
            extension = match.group(1) if match else ""
            shown = phonenumbers.format_number(number, _format(number))
            link = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            numbers.append(Number(shown=shown, link=f"{link};ext={extension}" if extension else link))
            mention = f" extension {extension} " if extension else " "
            beside, upto = beside + text[upto:start] + mention, match.end() if match else end
    if not numbers:
        return Telephone(typed=text)
    beside = re.sub(r"\s+([,;:.)])", r"\1", " ".join((beside + text[upto:]).split()))
    beside = re.sub(
        r"^[\s,;/:.()-]+|[\s,;/:.(-]+$", "", re.sub(r"\(\s*\)", "", beside).replace("mob)", "mob")
    )
    return Telephone(typed=text, numbers=tuple(numbers), beside=beside)


def _numbers(plain: str, run: re.Match[str]) -> list[tuple[int, int, PhoneNumber]]:
    """The numbers at the end of a run of digits, each with its start and end; none when a digit is left over."""
    parts = [part.span() for part in _PART.finditer(plain, run.start(), run.end())]
    words = [plain[start:end] for start, end in parts]

    @cache
    def split(first: int) -> tuple[tuple[int, int, PhoneNumber], ...] | None:
        if first == len(words):
            return ()
        for last in range(len(words), first, -1):
            number = _number("".join(words[first:last])) if words[first][0] in "+0" else None
            rest = split(last) if number is not None else None
            if number is not None and rest is not None:
                return ((parts[first][0], parts[last - 1][1], number), *rest)
        return None

    for first, word in enumerate(words):
        if numbers := split(first):
            return list(numbers)
        if word.startswith(("+", "00")):  # the digits after a country code are not a number by themselves
            break
    return []


def _number(digits: str) -> PhoneNumber | None:
    """The number of these digits, dialled from Britain; fictional numbers too."""
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if digits.startswith("+44"):
        digits = f"0{digits[3:].removeprefix('0')}"
    if not digits.startswith("+") and not _BRITISH.fullmatch(digits):
        return None
    try:
        number = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if possible else None


def _format(number: PhoneNumber) -> int:
    british = number.country_code == phonenumbers.country_code_for_region(REGION)
    return int(PhoneNumberFormat.NATIONAL if british else PhoneNumberFormat.INTERNATIONAL)
