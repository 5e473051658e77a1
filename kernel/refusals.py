"""A refusal is a sentence that says what to do instead. One exception, which each door renders."""

from collections.abc import Mapping, Sequence

Errors = Mapping[str, Sequence[str]]


class Refusal(Exception):
    """An act that was not done. `sentence` is for a person, `code` and `status` for a machine."""

    status = 400
    code = "refused"
    title = "Not done"

    def __init__(self, sentence: str, *, errors: Errors | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.errors: Errors = errors or {}


class Malformed(Refusal):
    """The content cannot be read at all."""

    status, code, title = 400, "malformed", "What was sent could not be read"


class Denied(Refusal):
    """The actor may not do this."""

    status, code, title = 403, "denied", "You cannot do this"


class NotFound(Refusal):
    """There is no such thing, or the actor may not see it."""

    status, code, title = 404, "not_found", "Not found"


class OutOfTurn(Refusal):
    """The state of the case does not allow the act, or somebody else was first."""

    status, code, title = 409, "out_of_turn", "This cannot be done now"


class Invalid(Refusal):
    """The content makes no clinical or data sense; `errors` has every problem by field path."""

    status, code, title = 422, "invalid", "There is a problem"
