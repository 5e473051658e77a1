"""One page of memory that the processes of the web server share: who is alive, who is stuck, the telephone number."""

import mmap
import struct
import time

SLOTS = 32
_SLOT = struct.Struct("dd")  # the last sign of life; since when a request is stuck, or 0
_TEXT = SLOTS * _SLOT.size
_LENGTH = struct.Struct("H")
_SIZE = 4096
QUIET = 3.0  # seconds without a sign of life after which a process cannot be relied on


class Beats:
    """Written by each process in its own slot, read by all. Instants are of the monotonic clock, one per machine."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, _SIZE)

    def beat(self, slot: int, *, stuck: bool = False) -> None:
        """A sign of life."""
        now = time.monotonic()
        _SLOT.pack_into(self._page, slot * _SLOT.size, now, now if stuck else 0.0)

    def clear(self, slot: int) -> None:
        """The process of this slot has ended."""
        _SLOT.pack_into(self._page, slot * _SLOT.size, 0.0, 0.0)

    def last(self, slot: int) -> float:
        """When the process last gave a sign of life; 0 when there is none."""
        return float(_SLOT.unpack_from(self._page, slot * _SLOT.size)[0])

    def is_stuck(self, slot: int) -> bool:
        """Whether one of its requests has taken far too long."""
        return bool(_SLOT.unpack_from(self._page, slot * _SLOT.size)[1])

    def serves(self, slot: int) -> bool:
        """Whether the process lives and none of its requests is stuck."""
        return time.monotonic() - self.last(slot) < QUIET and not self.is_stuck(slot)

    @property
    def text(self) -> str:
        """The telephone number that some process read last."""
        (length,) = _LENGTH.unpack_from(self._page, _TEXT)
        return self._page[_TEXT + 2 : _TEXT + 2 + length].decode(errors="ignore")

    @text.setter
    def text(self, words: str) -> None:
        content = words.encode()[:500]
        self._page[_TEXT + 2 : _TEXT + 2 + len(content)] = content
        _LENGTH.pack_into(self._page, _TEXT, len(content))
