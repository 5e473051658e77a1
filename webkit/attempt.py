"""A form that somebody has begun or sent: what was typed into it, and what is wrong with it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.refusals import Invalid, OutOfTurn
from webkit.typed import Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was typed into one form of a page and what is wrong with it; empty before anybody has typed."""

    form: str = ""
    typed: Typed = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    status: int = 200

    def of(self, form: str) -> "Attempt":
        """This, if it is about that form."""
        return self if form == self.form else Attempt()


def attempt(form: str, typed: Typed, act: Callable[[], Any]) -> Attempt | None:
    """Do an act; None when it was done, else the form with what is wrong, so that nothing typed is lost.

    Somebody else's newer version is told on the form as well: it is read there, then sent again.
    """
    try:
        act()
    except Invalid as invalid:
        return Attempt(form=form, typed=typed, errors=invalid.errors, status=422)
    except OutOfTurn as refusal:
        return Attempt(form=form, typed=typed, errors={"": [str(refusal)]}, status=409)
    return None
