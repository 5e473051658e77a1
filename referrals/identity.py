"""Whether two referrals are of one person: one function, with its reasons. Pure.

Names are compared without accents, apostrophes, hyphens and order. A number alone joins nobody: numbers are
mistyped, and somebody else's is the likeliest mistake.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Letters that Unicode does not take apart.
_FOLDED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
_APOSTROPHES = "\u0027\u2019\u2018\u02bc\u02bb\u0060\u00b4\u2032"
SEXES = ("female", "male")


class Answer(StrEnum):
    SAME = "same"
    PERHAPS = "perhaps"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is, as one referral names them; empty or None where it does not."""

    nhs_number: str | None = None
    family_name: str = ""
    given_name: str = ""
    date_of_birth: date | None = None
    birth_estimated: bool = False
    sex: str = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The answer and why, in sentences for whoever decides."""

    answer: Answer
    reasons: tuple[str, ...]


def name_key(name: str) -> str:
    """A name as it is compared: folded, without accents, apostrophes and hyphens."""
    folded = name.casefold().translate(_FOLDED)
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    kept = "".join("" if c in _APOSTROPHES else c if c.isalnum() else " " for c in plain)
    return " ".join(kept.split())


def names_key(family_name: str, given_name: str) -> str:
    """All names of a person as they are compared, in no order."""
    return " ".join(sorted(name_key(f"{family_name} {given_name}").split()))


def match(one: Identity, other: Identity) -> Match:
    """Whether two are one person: same, perhaps or other."""
    numbers = one.nhs_number and other.nhs_number
    names, births = _names(one, other), _births(one, other)
    sexes = not (one.sex in SEXES and other.sex in SEXES and one.sex != other.sex)
    said = (_NAME_WORDS[names], _BIRTH_WORDS[births], "" if sexes else "The sex differs.")
    differ = tuple(reason for reason in said if reason)
    if numbers and one.nhs_number == other.nhs_number:
        reasons = ("The NHS number is the same.", *differ)
        return Match(answer=Answer.PERHAPS if differ else Answer.SAME, reasons=reasons)
    if numbers:
        return Match(answer=Answer.OTHER, reasons=("The NHS numbers differ.", *differ))
    if Answer.OTHER in (names, births):
        return Match(answer=Answer.OTHER, reasons=differ)
    if differ:
        return Match(answer=Answer.PERHAPS, reasons=differ)
    return Match(
        answer=Answer.SAME, reasons=("Names, date of birth and sex agree; an NHS number is missing.",)
    )


_NAME_WORDS = {
    Answer.SAME: "",
    Answer.PERHAPS: "The family name agrees and the given name differs, or is missing.",
    Answer.OTHER: "The names differ.",
}
_BIRTH_WORDS = {
    Answer.SAME: "",
    Answer.PERHAPS: "The date of birth is missing, estimated, or has day and month the other way round.",
    Answer.OTHER: "The dates of birth differ.",
}


def _names(one: Identity, other: Identity) -> Answer:
    mine, theirs = names_key(one.family_name, one.given_name), names_key(other.family_name, other.given_name)
    if not mine or not theirs:
        return Answer.PERHAPS
    if mine == theirs and bool(one.given_name) == bool(other.given_name):
        return Answer.SAME
    if not one.given_name or not other.given_name:  # one name is all that is known, or all there is
        return Answer.PERHAPS if _contain(mine, theirs) else Answer.OTHER
    if name_key(one.family_name) == name_key(other.family_name):
        return Answer.PERHAPS
    return Answer.PERHAPS if _contain(mine, theirs) else Answer.OTHER


def _contain(mine: str, theirs: str) -> bool:
    """Whether all of one person's names are among the other's: a name taken or left out."""
    return set(mine.split()) <= set(theirs.split()) or set(theirs.split()) <= set(mine.split())


def _births(one: Identity, other: Identity) -> Answer:
    mine, theirs = one.date_of_birth, other.date_of_birth
    if mine is None or theirs is None:
        return Answer.PERHAPS
    if one.birth_estimated or other.birth_estimated:
        return Answer.PERHAPS if abs(mine.year - theirs.year) <= 2 else Answer.OTHER
    if mine == theirs:
        return Answer.SAME
    turned = (mine.year, mine.month, mine.day) == (theirs.year, theirs.day, theirs.month)
    return Answer.PERHAPS if turned else Answer.OTHER
