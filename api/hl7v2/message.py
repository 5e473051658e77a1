"""HL7 v2 in its delimiter encoding (ER7): read and answered. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from kernel.refusals import Malformed
from kernel.time import NonexistentTime, as_utc, from_london, rfc3339

MOST_SEGMENTS = 1000
_ESCAPES = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\"}


@dataclass(frozen=True, slots=True)
class Segment:
    """One line: its name and its fields. Field 1 of MSH is the separator itself, as the standard counts."""

    name: str
    fields: tuple[str, ...]

    def repeats(self, number: int) -> list[list[str]]:
        """The repetitions of a field, each with its components, unescaped."""
        raw = self.fields[number - 1] if 0 < number <= len(self.fields) else ""
        return [[_unescaped(part.split("&")[0]) for part in one.split("^")] for one in raw.split("~") if one]

    def at(self, number: int, component: int = 1) -> str:
        """A component of the first repetition; empty without one. Two quotes mean deleted, and read as empty."""
        first = next(iter(self.repeats(number)), [])
        text = first[component - 1].strip() if component <= len(first) else ""
        return "" if text == '""' else text


@dataclass(frozen=True, slots=True)
class Message:
    """A message by its segments."""

    segments: tuple[Segment, ...]

    def all(self, name: str) -> Iterator[Segment]:
        """The segments of a name, in order."""
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment:
        """The first segment of a name; an empty one where there is none."""
        return next(self.all(name), Segment(name, ()))

    @property
    def kind(self) -> str:
        """Type and event, such as ORU^R01."""
        header = self.first("MSH")
        return f"{header.at(9)}^{header.at(9, 2)}"

    @property
    def control_id(self) -> str:
        return self.first("MSH").at(10)


def read_message(raw: bytes) -> Message:
    """The message in a body, with or without the frame of MLLP; Malformed when it is none."""
    try:
        text = raw.strip(b"\x0b\x1c\r\n ").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("The message is not in UTF-8") from None
    if not text.startswith("MSH|^~\\&|"):
        raise Malformed(r"A message begins with MSH|^~\&|")
    lines = [line for line in re.split(r"[\r\n]+", text) if line]
    if len(lines) > MOST_SEGMENTS:
        raise Malformed(f"A message has at most {MOST_SEGMENTS} segments")
    return Message(tuple(_segment(line) for line in lines))


def _segment(line: str) -> Segment:
    name, *fields = line.split("|")
    if not re.fullmatch(r"[A-Z][A-Z0-9]{2}", name):
        raise Malformed("A segment begins with three capital letters or digits")
    return Segment(name, ("|", *fields) if name == "MSH" else tuple(fields))


def _unescaped(text: str) -> str:
    return re.sub(r"\\([FSTRE])\\", lambda match: _ESCAPES[match.group(1)], text).replace("\\.br\\", " ")


def _escaped(text: str) -> str:
    one_line = " ".join(text.split())
    marks = {mark: f"\\{code}\\" for code, mark in _ESCAPES.items()}
    return "".join(marks.get(c, c) for c in one_line if c.isprintable())[:500]


_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(?:(\d{2})(?:\.\d{1,4})?)?)?([+-]\d{4})?")


def instant_in(text: str) -> str:
    """A time stamp as RFC 3339; without an offset it is London's. The text itself if it is not one, to be refused by name.

    A report that comes in the hour that happens twice cannot wait for an offset: it counts as of the first, so that no
    scan looks newer than it is. In the hour that does not exist the sender's clock is still on GMT.
    """
    match = _TIME.fullmatch(text)
    if match is None or match.group(4) is None:
        return text
    year, month, day, hour, minute, second, offset = match.groups()
    try:
        if offset:
            words = f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{offset[:3]}:{offset[3:]}"
            return rfc3339(as_utc(datetime.fromisoformat(words)))
        at = time(int(hour), int(minute), int(second or 0))
        return rfc3339(_in_london(date(int(year), int(month), int(day)), at))
    except (ValueError, OverflowError):
        return text


def _in_london(day: date, at: time) -> datetime:
    try:
        return from_london(day, at, season="BST")
    except NonexistentTime:
        return datetime.combine(day, at, tzinfo=UTC)


def date_in(text: str) -> str:
    """A date as 1958-02-03; the text itself if it is not one."""
    match = _TIME.fullmatch(text)
    return f"{match.group(1)}-{match.group(2)}-{match.group(3)}" if match else text


def acknowledgement(
    code: str, *, to: Message | None, text: str, errors: dict[str, Any] | None = None, at: datetime
) -> str:
    """An ACK: AA taken, AE refused with the reason, AR not read at all."""
    header = to.first("MSH") if to else Segment("MSH", ())
    control = to.control_id if to else ""
    sender = [_escaped(header.at(number)) for number in (5, 6, 3, 4)]
    stamp = as_utc(at).strftime("%Y%m%d%H%M%S+0000")
    trigger = header.at(9, 2)
    rows = [
        f"MSH|^~\\&|{'|'.join(sender)}|{stamp}||ACK{'^' + _escaped(trigger) if trigger else ''}|{_escaped(control) or '0'}-ACK|P|2.5|||||GBR|UNICODE UTF-8",
        f"MSA|{code}|{_escaped(control)}|{_escaped(text)}",
    ]
    for place, texts in (errors or {}).items():
        rows += [
            f"ERR|||207^Application error^HL70357|E||||{_escaped(f'{place}: {words}')}" for words in texts
        ]
    return "\r".join(rows) + "\r"
