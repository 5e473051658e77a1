"""The form of an opinion: what a specialty answers first, and the rest folded under one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.actors import Actor, Role
from mdt.consensus import OPINION
from mdt.web.page import inputs
from webkit.attempt import Attempt
from webkit.inputs import Input

HINTS = {
    "surgery_reasons": "Needed for “not suitable” and “being considered”",
    "given_at": "Clocks stop at this instant",
    "prognosis": "Age decides nothing here",
}
# What every specialty answers. The time stays in sight, because a clock stops at it.
_ALWAYS = ("recommends", "words", "grade", "given_at")
_OWN: dict[str, tuple[str, ...]] = {
    "acute_oncology": ("prognosis",),
    "haematology": ("prognosis",),
    "oncology": ("prognosis",),
    "palliative_care": ("prognosis",),
    "physiotherapy": ("stability",),
    "radiology": ("imaging_reviewed", "stability"),
    "spinal_surgery": ("stability", "surgery_suitable", "surgery_reasons"),
}
_IN_SHORT = {
    "given_by": "whose opinion it is",
    "imaging_reviewed": "whether you saw the images",
    "stability": "stability",
    "surgery_suitable": "surgery",
    "surgery_reasons": "reasons",
    "prognosis": "prognosis",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionForm:
    """The inputs of an opinion, ready to print."""

    first: Sequence[Input]
    more: Sequence[Input]
    more_words: str
    more_open: bool  # something in it has an error, or was typed and not sent


def opinion_form(attempt: Attempt, *, by: Actor, at: datetime) -> OpinionForm:
    """The form of an opinion; somebody who records another person's opinion names that person first."""
    member = by.role == Role.MDT_MEMBER
    shown: dict[str, Any] = {"opinion.given_at": at, **({"opinion.given_by": by.name} if member else {})}
    names = {*_ALWAYS, *(_OWN.get(by.specialty, ()) if member else ("given_by",))}
    first = [spec for spec in OPINION if spec.name in names and spec.name not in ("given_at", "grade")]
    first += [spec for spec in OPINION if spec.name in ("grade", "given_at")]
    rest = [spec for spec in OPINION if spec.name not in names]
    more = inputs(rest, attempt, initial=shown, hints=HINTS)
    return OpinionForm(
        first=inputs(first, attempt, initial=shown, hints=HINTS),
        more=more,
        more_words="More: " + ", ".join(_IN_SHORT[spec.name] for spec in rest),
        more_open=more != inputs(rest, Attempt(), initial=shown, hints=HINTS),
    )
