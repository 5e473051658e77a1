"""The facts of a ledger line: codes, numbers and instants, never text that a person wrote. Pure.

Each kind of line with facts has a type, which its name tells: a line of `Kind.NOTICE_SENT` has the facts `NoticeSent`. The
types are in the modules `line_facts` of the apps that write the lines, the ledger's own here. A key that is misspelt
is a type error. A key that is not required is left out where it says nothing, or is missing in lines of earlier versions.
"""

from typing import Any, TypeAlias, TypedDict

Instant: TypeAlias = Any  # a datetime where it is written, RFC 3339 where it is read


class Facts(TypedDict):
    """The base of every type of facts: a line of any kind."""


class Bound(Facts, total=False):
    """A line that binds content of the case record, by what the content is."""

    bound: dict[str, str]


class SharedFacts(Bound, total=False):
    """Facts that are read in lines of several kinds; each kind has some of them."""

    clock: str
    subject: int
    recipient: str
    holder: str
    to: Any  # a person, or the new value of a setting or a state
    of: str
    part: str
    opening: int
    record_of: int
    event: str
    occurred_at: Instant
    deteriorated: dict[str, str]


class RecordErased(Facts):
    erased: list[str]
    because: str


class RecordsBound(Facts):
    rows: dict[str, int]
