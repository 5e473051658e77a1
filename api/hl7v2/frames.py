"""The frames of MLLP, read byte by byte: a start, a message, and two bytes that end it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from kernel.refusals import Malformed

START, END, RETURN, FEED = 0x0B, 0x1C, 0x0D, 0x0A


class NoFrame(Malformed):
    """The bytes are not a frame, so nothing after them can be trusted: the connection ends."""


@dataclass(slots=True, kw_only=True)
class Frames:
    """The frames of one connection, in whatever pieces the network brings them. No message is longer than `most`."""

    most: int
    is_inside: bool = False
    began: float = 0.0  # when the frame began that is not whole yet, on the clock that only goes forward
    _ends: bool = False
    _held: bytearray = field(default_factory=bytearray)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Each message that this piece completes; NoFrame for garbage, for a message too long, or for one begun twice."""
        for byte in piece:
            if not self.is_inside:
                self._begin(byte)
            elif self._ends:
                if byte != RETURN:
                    raise NoFrame("The end of a frame is two bytes: 0x1C and 0x0D")
                whole = bytes(self._held)
                self._held.clear()
                self.is_inside = self._ends = False
                yield whole
            elif byte == END:
                self._ends = True
            elif byte == START:
                raise NoFrame("A frame began inside another")
            else:
                self._held.append(byte)
                if len(self._held) > self.most:
                    raise NoFrame(f"A message has at most {self.most // 1024} kB")

    def _begin(self, byte: int) -> None:
        if byte == START:
            self.is_inside, self.began = True, time.monotonic()
        elif byte not in (RETURN, FEED):
            raise NoFrame("A frame begins with the byte 0x0B")


def framed(text: str) -> bytes:
    """A message in its frame."""
    return bytes((START,)) + text.encode() + bytes((END, RETURN))
