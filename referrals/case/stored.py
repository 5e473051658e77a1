"""The shape of what a case stores as JSON beside the referral itself. Pure. A key that is misspelt is a type error."""

from typing import Any, NotRequired, TypedDict


class StoredBody(TypedDict):
    """The lines at the head of a letter, and its sections."""

    facts: list[list[str]]
    sections: list[dict[str, Any]]


class StoredLetter(StoredBody):
    """The content of a letter, as its template prints it."""

    title: str
    service: str
    telephone: str
    alert: NotRequired[str]
    signed_by: NotRequired[str]
    unprinted: NotRequired[str]  # the warning that some words cannot be printed


class StoredEnd(TypedDict):
    """The referral that a merge ended, as it was."""

    status: str
    episode: int
    person_key: str | None
    clocks: list[int]
    salt: NotRequired[str]


class StoredClocks(TypedDict):
    """The clocks of the main case of a merge: their starts before, by number, and those that it received."""

    before: dict[str, str]
    got: NotRequired[list[int]]
