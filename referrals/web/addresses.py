"""Addresses of the pages of a case, for lists that draw many of them."""

from functools import cache

from django.urls import reverse

_ANY = "REFERENCE"


def of_case(name: str, reference: str, *rest: str) -> str:
    """The address of a page of one case. `reverse` runs once for each page, not once for each row."""
    before, after = _around(name, *rest)
    return f"{before}{reference}{after}"


@cache
def _around(name: str, *rest: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[_ANY, *rest]).partition(_ANY)
    return before, after
