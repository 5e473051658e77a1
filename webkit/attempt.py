"""A form that a person has begun or sent: its typed values and its problems. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.refusals import Invalid, OutOfTurn
from webkit.typed import Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The typed values of one form of a page, and its problems; empty before anybody types."""

    form: str = ""
    typed: Typed = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    status: int = 200

    def of(self, form: str) -> "Attempt":
        """This, if it is about that form."""
        return self if form == self.form else Attempt()


def attempt(form: str, typed: Typed, act: Callable[[], Any]) -> Attempt | None:
    """Do an act; None when it was done, else the form with its problems and everything typed.

    A newer version by somebody else is a problem on the form too: the person reads it, then sends again.
    """
    try:
        act()
    except Invalid as invalid:
        return Attempt(form=form, typed=typed, errors=invalid.errors, status=422)
    except OutOfTurn as refusal:
        return Attempt(form=form, typed=typed, errors={"": [str(refusal)]}, status=409)
    return None
