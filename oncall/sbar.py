"""The four parts of a hand-over: situation, background, assessment, recommendation. Pure."""

import re
from collections.abc import Mapping

PARTS: dict[str, tuple[str, str]] = {
    "situation": ("Situation", "What is going on now: which cases need somebody first"),
    "background": ("Background", "What led here, as far as the record does not say it"),
    "assessment": ("Assessment", "What you think: who may get worse, what may fail tonight"),
    "recommendation": ("Recommendation", "What the next holder should do, by when"),
}
_HEADING = re.compile(r"^(Situation|Background|Assessment|Recommendation): ", re.MULTILINE)


def as_text(parts: Mapping[str, str]) -> str:
    """The parts with text, under their headings."""
    texts = [(PARTS[name][0], parts.get(name, "").strip()) for name in PARTS]
    return "\n".join(f"{heading}: {text}" for heading, text in texts if text)


def from_text(text: str) -> dict[str, str]:
    """The parts of a written hand-over; words without a heading are the situation."""
    parts = dict.fromkeys(PARTS, "")
    headings = {heading: name for name, (heading, _) in PARTS.items()}
    pieces = _HEADING.split(text)
    parts["situation"] = pieces[0].strip()
    for heading, words in zip(pieces[1::2], pieces[2::2], strict=True):
        parts[headings[heading]] = words.strip()
    return parts
