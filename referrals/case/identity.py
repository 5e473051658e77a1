"""Whether two referrals are about one person, with the reasons. Pure.

Names are compared without accents, apostrophes, hyphens, blanks and order. A matching number alone is not enough:
numbers are mistyped, and the likeliest mistake is another person's number.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Letters that Unicode does not decompose.
_FOLDED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
_APOSTROPHES = "\u0027\u2019\u2018\u02bc\u02bb\u0060\u00b4\u2032"
SEXES = ("female", "male")
# Scripts in which a mark is an accent. In others, such as Hindi or Thai, it is part of the name.
_ACCENTED = ("LATIN", "GREEK", "CYRILLIC")
_TWO_FOR_ONE = re.compile("ae|oe|ue|aa")  # ä, ö, ü and å written without their marks


class MatchVerdict(StrEnum):
    SAME = "same"
    PERHAPS = "perhaps"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The identity of a person in one referral; empty or None where it is not given."""

    nhs_number: str | None = None
    family_name: str = ""
    given_name: str = ""
    date_of_birth: date | None = None
    birth_estimated: bool = False
    sex: str = "unknown"
    local_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The answer, and the reasons as sentences for the person who decides."""

    answer: MatchVerdict
    reasons: tuple[str, ...]


def name_key(name: str) -> str:
    """A name in the form for comparison: lower case, without accents, apostrophes and hyphens."""
    folded = name.casefold().translate(_FOLDED)
    letters: list[str] = []
    accented = True
    for c in unicodedata.normalize("NFKD", folded):
        if unicodedata.category(c).startswith("M"):
            letters.append("" if accented else c)
            continue
        accented = not c.isalpha() or unicodedata.name(c, "").startswith(_ACCENTED)
        letters.append("" if c in _APOSTROPHES else c if c.isalnum() else " ")
    return " ".join("".join(letters).split())


def loose_key(name: str) -> str:
    """A name without blanks, and with one letter where two stand for ä, ö, ü or å."""
    return _TWO_FOR_ONE.sub(lambda two: two.group()[0], _run_together(name))


def names_key(family_name: str, given_name: str) -> str:
    """All names of a person in the form for comparison, sorted."""
    return " ".join(sorted(name_key(f"{family_name} {given_name}").split()))


def match(person: Identity, other: Identity) -> Match:
    """Whether two identities are the same person, perhaps the same, or another."""
    numbers = person.nhs_number and other.nhs_number
    names, of_names = _names(person, other)
    births = _births(person, other)
    sexes = not (person.sex in SEXES and other.sex in SEXES and person.sex != other.sex)
    doubts = (of_names, _BIRTH_WORDS[births], "" if sexes else "The sex differs.")
    differ = tuple(reason for reason in doubts if reason)
    local = (
        ("The hospital number is the same.",) if _local(person) and _local(person) == _local(other) else ()
    )
    if numbers and person.nhs_number == other.nhs_number:
        reasons = ("The NHS number is the same.", *local, *differ)
        return Match(answer=MatchVerdict.PERHAPS if differ else MatchVerdict.SAME, reasons=reasons)
    if numbers:
        return Match(answer=MatchVerdict.OTHER, reasons=("The NHS numbers differ.", *local, *differ))
    if MatchVerdict.OTHER in (names, births) and not local:
        return Match(answer=MatchVerdict.OTHER, reasons=differ)
    if differ:
        return Match(answer=MatchVerdict.PERHAPS, reasons=(*local, *differ))
    return Match(
        answer=MatchVerdict.SAME,
        reasons=("Names, date of birth and sex agree; an NHS number is missing.", *local),
    )


_BIRTH_WORDS = {
    MatchVerdict.SAME: "",
    MatchVerdict.PERHAPS: "The date of birth is missing, estimated, or has day and month the other way round.",
    MatchVerdict.OTHER: "The dates of birth differ.",
}


def _local(person: Identity) -> str:
    """A hospital number in the form for comparison. Each hospital issues its own, so a match on it alone is never sure."""
    return "".join((person.local_id or "").casefold().split())


def _names(person: Identity, other: Identity) -> tuple[MatchVerdict, str]:
    """Whether the names agree, and the reason when they do not."""
    mine, theirs = names_key(*_readable(person)), names_key(*_readable(other))
    if not mine or not theirs:
        return MatchVerdict.PERHAPS, "A name is missing."
    contained = _contain(mine, theirs)
    if _readable(person) != _typed(person) or _readable(other) != _typed(other):
        return (
            (MatchVerdict.PERHAPS, "A name is missing.")
            if contained
            else (MatchVerdict.OTHER, "The names differ.")
        )
    if bool(person.given_name) == bool(other.given_name):
        if mine == theirs or _each(person, _run_together) == _each(other, _run_together):
            return MatchVerdict.SAME, ""
        if _each(person, loose_key) == _each(other, loose_key):
            return MatchVerdict.PERHAPS, "The names are spelt differently."
    if contained or loose_key(person.family_name) == loose_key(other.family_name):
        return MatchVerdict.PERHAPS, "The family name agrees and the given name differs, or is missing."
    return MatchVerdict.OTHER, "The names differ."


def _typed(person: Identity) -> tuple[str, str]:
    return person.family_name.strip(), person.given_name.strip()


def _readable(person: Identity) -> tuple[str, str]:
    """The family and given name; one without letters is left empty."""
    family_name, given_name = (name if any(map(str.isalpha, name)) else "" for name in _typed(person))
    return family_name, given_name


def _each(person: Identity, key: Callable[[str], str]) -> list[str]:
    return sorted(map(key, _typed(person)))


def _run_together(name: str) -> str:
    return name_key(name).replace(" ", "")


def _contain(mine: str, theirs: str) -> bool:
    """Whether all names of one person are among the names of the other, as after marriage or with a name left out."""
    return set(mine.split()) <= set(theirs.split()) or set(theirs.split()) <= set(mine.split())


def _births(person: Identity, other: Identity) -> MatchVerdict:
    mine, theirs = person.date_of_birth, other.date_of_birth
    if mine is None or theirs is None:
        return MatchVerdict.PERHAPS
    if person.birth_estimated or other.birth_estimated:
        return MatchVerdict.PERHAPS if abs(mine.year - theirs.year) <= 2 else MatchVerdict.OTHER
    if mine == theirs:
        return MatchVerdict.SAME
    turned = (mine.year, mine.month, mine.day) == (theirs.year, theirs.day, theirs.month)
    return MatchVerdict.PERHAPS if turned else MatchVerdict.OTHER
