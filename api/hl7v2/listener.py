"""MLLP: one thread a connection, with limits, so that a slow, huge or greedy sender takes only its own connection.

A sender that gets no answer sends again, and the same content is the same fact: a message that cannot be answered gets no answer.
"""

import socket
import ssl
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import DatabaseError

from api.hl7v2.answers import refused
from api.hl7v2.frames import Frames, NoFrame, framed
from api.hl7v2.peers import Peers
from api.rest.parsing import MOST_BYTES

Answer = Callable[[bytes, str], str]  # the ACK to a message from a client id
LOOK = 0.5  # seconds between two looks whether to stop
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one sender may take. Seconds run for the whole of a message, from its first byte to its last."""

    connections: int = 64
    of_one_client: int = 8
    unknown_of_one_address: int = 4  # that have not shown yet who they are
    message_bytes: int = MOST_BYTES
    message_seconds: float = 30.0
    idle_seconds: float = 900.0
    messages_a_minute: int = 1200  # of one client; more wait for their answer


class Gone(Exception):
    """The peer has ended the connection, or has been silent or slow for too long."""


@dataclass(kw_only=True)
class Listener:
    """Serves until `stop`. `listening` is bound and listens; with `tls` a peer is known by its certificate alone."""

    listening: socket.socket
    peers: Peers
    answer: Answer
    tls: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: set[threading.Thread] = field(default_factory=set)
    _of_client: Counter[str] = field(default_factory=Counter)
    _unknown: Counter[str] = field(default_factory=Counter)  # by address
    _lately: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def stop(self) -> None:
        """Take no new connection, and end each one after the message that it is in. Safe in a signal handler."""
        self._stopping.set()

    def serve(self) -> None:
        """Accept until stopped, then wait for the messages that are being answered."""
        self.listening.settimeout(LOOK)
        while not self._stopping.is_set():
            try:
                link, address = self.listening.accept()
            except TimeoutError:
                continue
            self._begin(link, address[0])
        with self._lock:
            waiting = tuple(self._threads)
        for thread in waiting:
            thread.join(self.limits.message_seconds)

    def _begin(self, link: socket.socket, address: str) -> None:
        """A thread for a connection, unless there are too many, or too many of this address that nobody knows yet."""
        thread = threading.Thread(target=self._connection, args=(link, address), daemon=True)
        with self._lock:
            is_crowd = self._unknown[address] >= self.limits.unknown_of_one_address
            if is_crowd or len(self._threads) >= self.limits.connections:
                log.warning("mllp_full", address=address)
                link.close()
                return
            self._unknown[address] += 1
            self._threads.add(thread)
        thread.start()

    def _connection(self, link: socket.socket, address: str) -> None:
        client = ""
        try:
            with link:
                link.settimeout(self.limits.message_seconds)
                if self.tls is None:
                    client = self._admit(self.peers.at(address), address)
                    self._talk(link, client)
                    return
                with self.tls.wrap_socket(link, server_side=True) as secured:
                    client = self._admit(self.peers.with_certificate(secured.getpeercert()), address)
                    self._talk(secured, client)
        except (OSError, Gone) as why:  # the sender gets no answer, and sends again
            log.info("mllp_ended", client=client, why=type(why).__name__)
        except DatabaseError as why:
            log.error("mllp_not_answered", client=client, why=type(why).__name__)
        finally:
            with self._lock:
                if client:
                    self._of_client[client] -= 1
                else:
                    self._unknown[address] -= 1
                self._threads.discard(threading.current_thread())

    def _admit(self, client: str | None, address: str) -> str:
        """The client, counted; Gone for a stranger, and for one connection more than a client may have."""
        with self._lock:
            if client is not None and self._of_client[client] < self.limits.of_one_client:
                self._of_client[client] += 1
                self._unknown[address] -= 1
                return client
        log.warning("mllp_refused", address=address, client=client or "")
        raise Gone

    def _talk(self, link: socket.socket, client: str) -> None:
        frames = Frames(most=self.limits.message_bytes)
        try:
            while not self._stopping.is_set() or frames.is_inside:
                for message in frames.feed(self._piece(link, frames)):
                    self._pace(client)
                    link.settimeout(self.limits.message_seconds)
                    link.sendall(framed(self.answer(message, client)))
        except NoFrame as garbage:
            log.warning("mllp_garbage", client=client)
            link.settimeout(LOOK)
            link.sendall(framed(refused(garbage, None).text))

    def _piece(self, link: socket.socket, frames: Frames) -> bytes:
        """The next bytes; Gone at the end of the connection, or of the time for a message or for silence."""
        seconds = self.limits.message_seconds if frames.is_inside else self.limits.idle_seconds
        began = frames.began if frames.is_inside else time.monotonic()
        while (left := began + seconds - time.monotonic()) > 0:
            link.settimeout(min(left, LOOK))
            try:
                piece = link.recv(8192)
            except TimeoutError:
                if self._stopping.is_set() and not frames.is_inside:
                    raise Gone from None
                continue
            if not piece:
                raise Gone
            return piece
        raise Gone

    def _pace(self, client: str) -> None:
        """Wait, once a client has sent as many messages as one may in a minute."""
        with self._lock:
            lately, moment = self._lately[client], time.monotonic()
            while lately and lately[0] <= moment - 60:
                lately.popleft()
            pause = lately[0] + 60 - moment if len(lately) >= self.limits.messages_a_minute else 0.0
            lately.append(moment + pause)
        if pause:
            self._stopping.wait(pause)
