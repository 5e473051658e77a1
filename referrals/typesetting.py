"""PDF by Typst: tagged (PDF/UA-1), A4, made from a template and data."""

import json
from collections.abc import Mapping
from typing import Any

import typst
from django.conf import settings


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The template of `templates/letters` filled with data, as a tagged PDF."""
    place = settings.ROOT / "templates" / "letters" / f"{template}.typ"
    made = typst.compile(
        str(place),
        format="pdf",
        pdf_standards="ua-1",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made
