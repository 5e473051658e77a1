"""PDF by Typst: tagged (PDF/UA-1), A4, made from a template and data."""

import json
from collections.abc import Mapping
from typing import Any

import structlog
import typst
from django.conf import settings

log = structlog.get_logger(__name__)


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The template of `templates/letters` filled with data, as a tagged PDF.

    A character that no font here has breaks the standard of tagged PDF: then it is made without the
    standard, so that a letter with somebody's name in it is never missing.
    """
    place = str(settings.ROOT / "templates" / "letters" / f"{template}.typ")
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        made = typst.compile(place, format="pdf", pdf_standards="ua-1", sys_inputs=inputs)
    except typst.TypstError as fault:
        log.warning("pdf_without_standard", template=template, fault=type(fault).__name__)
        made = typst.compile(place, format="pdf", sys_inputs=inputs)
    assert isinstance(made, bytes)
    return made
