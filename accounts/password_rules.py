"""Passwords that look long but are a common one with figures around it, with figures for letters, or twice."""

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

# Each figure and mark that is read as a letter. A 1 can be either of two letters.
FIGURES_FOR_LETTERS = (str.maketrans("0134578@$!", "oleastbasi"), str.maketrans("0134578@$!", "oieastbasi"))
KEPT = 2  # figures and marks at an end that may belong to the word, as in trustno1, $unshine and footba11
SHORTEST = 4  # letters that are repeated; fewer are not a word


class CommonUnderneathValidator(CommonPasswordValidator):
    """Refuses what an attacker tries after the list of common passwords.

    Of that list 187 have twelve characters or more. With this rule every other also covers the passwords that are made from it.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError with what to do instead."""
        if any(len(word) < SHORTEST or word in self.passwords for word in words_in(password)):
            problem = "This is a common password with little added. Use three words that have nothing to do with each other"
            raise ValidationError(problem, code="common_underneath")

    def get_help_text(self) -> str:
        return "Your password cannot be a common one with figures added, such as Welcome12345."


def words_in(password: str) -> set[str]:
    """What is left of a password without the figures and marks at its ends, as written and as read, and what it repeats."""
    forms = _bare(_repeated(password.lower()))
    words = forms | {form.translate(figures) for form in forms for figures in FIGURES_FOR_LETTERS}
    return words | {_repeated(word) for word in words}


def _bare(text: str) -> set[str]:
    """From the first letter to the last, also with one or two figures or marks of either end."""
    letters = [place for place, character in enumerate(text) if character.isalpha()]
    if not letters:
        return {""}
    first, end = letters[0], letters[-1] + 1
    starts = range(max(first - KEPT, 0), first + 1)
    return {text[start:stop] for start in starts for stop in range(end, end + KEPT + 1)}


def _repeated(text: str) -> str:
    """The shortest text of which this one is made by repeating it."""
    return text[: (text + text).find(text, 1)]
