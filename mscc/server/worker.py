"""One process that serves: waitress, which reads a whole request before a thread touches it, with limits on reading."""

import logging
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from mscc.beats import Beats
from mscc.server.pools import Pools
from mscc.server.request import Request

HEADERS_WITHIN = 10.0  # seconds from the first byte, and for the first byte of a connection
BODY_WITHIN = 20.0  # and a second more for each of SLOWEST bytes
ANSWER_WITHIN = 30.0  # and a second more for each of SLOWEST bytes
IDLE_WITHIN = 75.0  # an open connection between two requests; proxies keep theirs for a minute
SLOWEST = 16_384  # bytes a second: a bad line in a ward
LONGEST_BODY = 16 * 1024 * 1024
MOST_CONNECTIONS = 900
LEAVE_WITHIN = 5.0
log = logging.getLogger(__name__)


class Channel(HTTPChannel):
    """A connection that is cut when its request does not come or its answer is not taken."""

    parser_class = Request
    reading_since = writing_since = 0.0
    to_write = 0

    def received(self, data: bytes) -> bool:
        taken: bool = super().received(data)
        if self.request is None:
            self.reading_since = 0.0
        elif not self.reading_since:
            self.reading_since = time.time()
        return taken

    def is_late(self, now: float) -> bool:
        """Whether a limit on reading, writing or doing nothing has passed."""
        if self.requests:
            return False
        if self.total_outbufs_len:
            self.writing_since = self.writing_since or now
            self.to_write = max(self.to_write, self.total_outbufs_len)
            return now - self.writing_since > ANSWER_WITHIN + self.to_write / SLOWEST
        self.writing_since, self.to_write = 0.0, 0
        if self.reading_since:
            return now - self.reading_since > self._reading_limit()
        is_new = self.last_activity == self.creation_time
        return now - self.last_activity > (HEADERS_WITHIN if is_new else IDLE_WITHIN)

    def _reading_limit(self) -> float:
        request = self.request
        if request is None or not request.headers_finished:
            return HEADERS_WITHIN
        size = max(request.content_length, request.body_bytes_received)
        return BODY_WITHIN + min(size, LONGEST_BODY) / SLOWEST


class Server(TcpWSGIServer):
    """Beats once a second, cuts late connections, and leaves when it is asked to or its supervisor is gone."""

    channel_class = Channel

    def __init__(
        self, application: Any, listener: socket.socket, *, pools: Pools, beats: Beats, slot: int
    ) -> None:
        self.pools, self.beats, self.slot = pools, beats, slot
        self.supervisor = os.getppid()
        self.leaving_since = 0.0
        settings = Adjustments(
            sockets=[listener],
            ident="",
            clear_untrusted_proxy_headers=False,  # settings.TRUST_PROXY decides
            connection_limit=MOST_CONNECTIONS,
            cleanup_interval=1,
            asyncore_use_poll=True,
            log_socket_errors=False,
            max_request_header_size=32_768,
            max_request_body_size=LONGEST_BODY,
            outbuf_high_watermark=4 * LONGEST_BODY,  # no thread waits for a slow reader
            server_name="localhost",
        )
        super().__init__(
            application,
            _sock=listener,
            dispatcher=pools,
            adj=settings,
            bind_socket=False,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        )

    def maintenance(self, now: float) -> None:
        """Called once a second between two events."""
        if os.getppid() != self.supervisor:
            os._exit(1)
        self.beats.beat(self.slot, stuck=self.pools.is_stuck)
        for channel in list(self.active_channels.values()):
            if channel.is_late(now):
                channel.will_close = True

    def leave(self, *_: object) -> None:
        """Accept nothing more, and end when every request is answered."""
        self.leaving_since = self.leaving_since or time.monotonic()
        self.accepting = False
        self.pull_trigger()

    def run(self) -> None:
        """Serve until it has left."""
        while not self._has_left():
            wasyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)

    def _has_left(self) -> bool:
        if not self.leaving_since:
            return False
        waits = any(channel.total_outbufs_len for channel in self.active_channels.values())
        is_done = self.pools.is_idle and not waits
        return is_done or time.monotonic() - self.leaving_since > LEAVE_WITHIN


def serve(
    application: Any,
    listener: socket.socket,
    *,
    pools: Callable[[], Pools],
    beats: Beats,
    slot: int,
    begin: Callable[[], None],
) -> None:
    """Serve in this process until SIGTERM. `begin` starts what needs its own threads."""
    tempfile.gettempdir()  # chosen while there is room: later Python would look for another, unwatched one
    begin()
    server = Server(application, listener, pools=pools(), beats=beats, slot=slot)
    signal.signal(signal.SIGTERM, server.leave)
    server.run()
