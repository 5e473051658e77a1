"""One request as it is read. A body that finds no room on the disk is answered with the telephone number."""

from collections.abc import Sequence
from contextlib import suppress

from django.http import HttpRequest
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver

from mscc.refusal_pages import unavailable

NO_ROOM = "There is no room for what you sent"


class NoRoom:
    """The answer, in the form in which waitress wants an error."""

    def __init__(self, path: str) -> None:
        self.path = path

    def to_response(self, ident: str | None = None) -> tuple[str, Sequence[tuple[str, str]], bytes]:
        """The status, the headers and the body."""
        request = HttpRequest()
        request.path = self.path
        response = unavailable(request, title=NO_ROOM)
        return "503 Service Unavailable", list(response.items()), response.content


class Nowhere:
    """Takes the rest of a body, so that its sender reads the answer, and keeps none of it."""

    def append(self, data: bytes) -> None:
        """Forget it."""

    def close(self) -> None:
        """Nothing is open."""

    def __len__(self) -> int:
        return 0


class Request(HTTPRequestParser):
    """A request whose long body waits in a file of `/tmp` until it is whole."""

    completed: bool = False

    def received(self, data: bytes) -> int:
        """As waitress does; a full disk spoils this request and nothing else."""
        try:
            taken: int = super().received(data)
            if self.completed and self.body_rcv is not None and not self._is_lost:
                self.body_rcv.getfile().flush()  # what waits in memory may find no room either
        except OSError:
            return self._go_on_without_room(data)
        if self.completed and self._is_lost:
            self.error = NoRoom(self.path)
        return taken

    @property
    def _is_lost(self) -> bool:
        return self.body_rcv is not None and isinstance(self.body_rcv.getbuf(), Nowhere)

    def _go_on_without_room(self, data: bytes) -> int:
        """Read the rest to nowhere; a body in chunks ends here, because nobody knows how much of it was read."""
        body = self.body_rcv
        with suppress(OSError):
            body.getbuf().close()
        if isinstance(body, FixedStreamReceiver) and not self.completed:
            body.buf = Nowhere()
            return self.received(data)
        self.error, self.completed = NoRoom(self.path), True
        return len(data)
