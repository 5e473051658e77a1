"""Passwords that look long and are a common one underneath: with figures around it, with figures for letters, or twice."""

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

FIGURES_FOR_LETTERS = str.maketrans("0134578@$", "oleastbas")
SHORTEST = 4  # letters that are repeated; fewer are no word


class CommonUnderneathValidator(CommonPasswordValidator):
    """Refuses what whoever guesses tries next, once the list of common passwords is through.

    Of that list 187 have twelve characters or more. With this rule every other stands for all that is made from it.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError with what to do instead."""
        if any(len(word) < SHORTEST or word in self.passwords for word in words_in(password)):
            problem = "This is a common password with little added. Use three words that have nothing to do with each other"
            raise ValidationError(problem, code="common_underneath")

    def get_help_text(self) -> str:
        return "Your password cannot be a common one with figures added, such as Welcome12345."


def words_in(password: str) -> set[str]:
    """What is left of a password without the figures and marks at its ends, and what it repeats."""
    text = password.lower()
    read = FIGURES_FOR_LETTERS
    forms = (text, text.translate(read), _bare(text).translate(read))
    return {word for form in forms for word in (_repeated(_bare(form)), _bare(_repeated(form)))}


def _bare(text: str) -> str:
    letters = [place for place, character in enumerate(text) if character.isalpha()]
    return text[letters[0] : letters[-1] + 1] if letters else ""


def _repeated(text: str) -> str:
    """The shortest text of which this one is made by repeating it."""
    return text[: (text + text).find(text, 1)] if text else ""
