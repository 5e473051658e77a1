"""The text that the service accepts, the same at every door."""

import re
import unicodedata

SINGLE_LINE, NOTES = 200, 10_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_NOTES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc"})  # format characters and spaces
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that print nothing


def tidy(text: str) -> str:
    """The text as it is stored: composed (NFC), one kind of line end, no space around it.

    A text in which nothing can be seen is empty, so that it does not pass for a name or a reason.
    """
    composed = unicodedata.normalize("NFC", _one_line_end(text)).strip()
    return composed if any(map(_is_seen, composed)) else ""


def _is_seen(character: str) -> bool:
    return character not in _BLANKS and unicodedata.category(character) not in _UNSEEN


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def fault(text: str, *, limit: int = SINGLE_LINE, lines: bool = False) -> str | None:
    """What is wrong with a text, as a sentence for its writer; None when nothing."""
    control = _CONTROL_IN_NOTES if lines else _CONTROL
    text = _one_line_end(text) if lines else text
    if control.search(text) or _DIRECTION.search(text) or _SURROGATE.search(text):
        return "Remove the characters that cannot be shown, such as control characters"
    if len(text) > limit:
        return f"Shorten this to {limit:,} characters or fewer; it has {len(text):,}"
    return None
