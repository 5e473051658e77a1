"""PDF by Typst: tagged (PDF/UA-1), A4, made from a template and data."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import structlog
import typst
from django.conf import settings

MISSING = "□"  # in place of a character that no font here has; the embedded font has this one
_PROBE = (
    b'#let data = json(bytes(sys.inputs.data))\n#set document(title: "x")\n#set text(lang: "en")\n#data\n'
)
log = structlog.get_logger(__name__)


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The template of `templates/letters` filled with data, as a tagged PDF.

    A character that no font here has breaks the standard of tagged PDF, so a box replaces it. Where that does
    not help, the PDF is made without the standard, so that a letter with an unusual name is never missing.
    """
    try:
        return _compile(template, data, pdf_standards="ua-1")
    except typst.TypstError as fault:
        log.warning("pdf_with_missing_characters", template=template, fault=type(fault).__name__)
    boxed = _boxed(data)
    try:
        return _compile(template, boxed, pdf_standards="ua-1")
    except typst.TypstError as fault:
        log.warning("pdf_without_standard", template=template, fault=type(fault).__name__)
    return _compile(template, boxed)


def _compile(template: str, data: Mapping[str, Any], **options: Any) -> bytes:
    place = str(settings.ROOT / "templates" / "letters" / f"{template}.typ")
    content = typst.compile(
        place, format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, **options
    )
    assert isinstance(content, bytes)
    return content


def unprintable_in(data: Any) -> tuple[str, ...]:
    """The words, as typed and each once, with a character that no font here has."""
    words = (word.strip(".,;:()") for text in _texts(data) for word in text.split() if not word.isascii())
    return tuple(dict.fromkeys(word for word in words if word and not is_printable(word)))


@lru_cache(maxsize=4096)
def is_printable(text: str) -> bool:
    """Whether the fonts here can show all of a text."""
    if text.isascii():
        return True
    try:
        typst.compile(_PROBE, format="pdf", pdf_standards="ua-1", sys_inputs={"data": json.dumps(text)})
    except typst.TypstError:
        return False
    return True


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _texts(value)


def _boxed(data: Any) -> Any:
    """The data with a box in place of each character that cannot be shown."""
    if isinstance(data, str):
        return data if is_printable(data) else "".join(c if is_printable(c) else MISSING for c in data)
    if isinstance(data, Mapping):
        return {key: _boxed(value) for key, value in data.items()}
    return [_boxed(value) for value in data] if isinstance(data, list | tuple) else data
