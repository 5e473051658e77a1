"""The outside servers of the fault harness: mail, text messages, pager and push, each behind a line that can go bad.

The servers are the counterparts of the tests. The line in front of each works, hangs, trickles, refuses or drops, so
that every channel meets the same faults whatever it speaks.
"""

import base64
import os
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.oncall.counterparts import (
    API_KEY,
    PAGER_SECRET,
    Gateway,
    Letters,
    Notify,
    PushService,
    mail_served,
    served,
)

WORKS, HANGS, TRICKLES, REFUSES, DROPS = "works", "hangs", "trickles", "refuses", "drops"
MOODS = (HANGS, TRICKLES, REFUSES, DROPS)
RESET = struct.pack("ii", 1, 0)  # closing then answers with a reset
DRIP = 0.3  # seconds between two bytes


class Line:
    """A line to a server. `drops` passes on what is sent and loses the answer, so that nobody knows what arrived."""

    def __init__(self, port: int) -> None:
        self.upstream, self.mood = port, WORKS
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        Thread(target=self._serve, daemon=True).start()

    def turn(self, mood: str) -> None:
        """Change the mood; what hung or trickled until now is cut."""
        self.mood = mood
        for held in self._open:
            _cut(held)
        self._open.clear()

    def close(self) -> None:
        self.turn(REFUSES)
        _cut(self._listening)

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self.mood == REFUSES:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                near.close()
                continue
            self._open.append(near)
            if self.mood != HANGS:
                Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        with suppress(OSError):
            far = socket.create_connection(("127.0.0.1", self.upstream))
            self._open.append(far)
            Thread(target=self._pass_on, args=(near, far), daemon=True).start()
            self._pass_back(far, near, mood=self.mood)

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while sent := near.recv(65536):
                far.sendall(sent)
        _cut(far)

    def _pass_back(self, far: socket.socket, near: socket.socket, *, mood: str) -> None:
        greetings = 5  # lines of a conversation that drops at its end: enough for a letter to be taken
        with suppress(OSError):
            while answer := far.recv(65536):
                greetings -= 1
                if mood == DROPS and (greetings < 0 or answer.startswith(b"HTTP/")):
                    break
                if mood == TRICKLES:
                    for place in range(len(answer)):
                        near.sendall(answer[place : place + 1])
                        time.sleep(DRIP)
                else:
                    near.sendall(answer)
        _cut(near)


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _push_key() -> str:
    key = generate_private_key(SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(key).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Every outside server, its line by the name of its channel, and what each has taken."""

    lines: dict[str, Line]
    letters: Letters
    notify: Notify
    gateway: Gateway
    push: PushService
    push_address: str

    def delivered(self) -> Counter[str]:
        """How often each page has arrived, by the reference that it carries."""
        mails = [str(letter["Message-ID"]).strip("<>").partition("@")[0] for letter in self.letters.letters]
        texts = [str(text["reference"]) for text in self.notify.sent]
        calls = [str(call["client_reference"]) for call in self.gateway.taken]
        return Counter([*mails, *texts, *calls, *(str(shown["tag"]) for shown in self.push.shown)])


@contextmanager
def outside() -> Iterator[Outside]:
    """Start them all, and name them in the environment of the service."""
    letters, notify, gateway, push = Letters(), Notify(), Gateway(), PushService()
    with ExitStack() as open_ones:
        ports = {"email": open_ones.enter_context(mail_served(letters))}
        for channel, counterpart in (("sms", notify), ("pager", gateway), ("push", push)):
            ports[channel] = int(urlsplit(open_ones.enter_context(served(counterpart))).port or 0)
        lines = {channel: Line(port) for channel, port in ports.items()}
        for line in lines.values():
            open_ones.callback(line.close)
        address = {channel: f"http://127.0.0.1:{line.port}" for channel, line in lines.items()}
        os.environ.update(
            EMAIL_URL=f"smtp://127.0.0.1:{lines['email'].port}",
            NOTIFY_URL=address["sms"],
            NOTIFY_API_KEY=API_KEY,
            NOTIFY_TEMPLATE_ID="template-1",
            PAGER_URL=f"{address['pager']}/pages",
            PAGER_SECRET=PAGER_SECRET,
            PUSH_KEY=_push_key(),
        )
        yield Outside(
            lines=lines,
            letters=letters,
            notify=notify,
            gateway=gateway,
            push=push,
            push_address=push.subscription(address["push"]),
        )
