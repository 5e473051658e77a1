"""Telephone numbers as people type them: what can be dialled, and what stands beside it."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher, ValidationResult

REGION = "GB"
_BLEEP = re.compile(r"\b(?:bleep|blp|pager)\s*:?\s*\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number: as it is shown, and for a tel: link."""

    shown: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephone:
    """What was typed, with every number in it that can be dialled; `beside` is what has to be said or keyed after it."""

    typed: str
    numbers: tuple[Number, ...] = ()
    beside: str = ""

    def __bool__(self) -> bool:
        return bool(self.typed)


def read(typed: str) -> Telephone:
    """Read what was typed. What cannot be read is shown as it is and gives no link."""
    text = typed.strip()
    plain = _BLEEP.sub(lambda bleep: " " * len(bleep.group()), text)  # a bleep is no extension
    numbers: list[Number] = []
    beside = text
    for found in PhoneNumberMatcher(plain, REGION, leniency=Leniency.POSSIBLE):
        extension = found.number.extension
        main = phonenumbers.PhoneNumber()
        main.merge_from(found.number)
        main.extension = None
        if phonenumbers.is_possible_number_with_reason(main) != ValidationResult.IS_POSSIBLE:
            continue  # a number inside a house cannot be dialled from elsewhere
        shown = phonenumbers.format_number(main, _format(main))
        link = phonenumbers.format_number(main, PhoneNumberFormat.E164)
        numbers.append(Number(shown=shown, link=f"{link};ext={extension}" if extension else link))
        left = f"extension {extension}" if extension else ""
        beside = beside.replace(found.raw_string, left, 1)
    if not numbers:
        return Telephone(typed=text)
    beside = re.sub(r"\s+([,;:.)])", r"\1", " ".join(beside.split()))
    beside = re.sub(r"^[\s,;/:.()-]+|[\s,;/:.(-]+$", "", beside.replace("()", "").replace("mob)", "mob"))
    return Telephone(typed=text, numbers=tuple(numbers), beside=beside)


def _format(number: phonenumbers.PhoneNumber) -> int:
    british = number.country_code == phonenumbers.country_code_for_region(REGION)
    return int(PhoneNumberFormat.NATIONAL if british else PhoneNumberFormat.INTERNATIONAL)
