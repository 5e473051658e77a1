"""Real servers on this machine that speak what our channels speak: GOV.UK Notify, a pager gateway, SMTP."""

import base64
import hashlib
import hmac
import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SERVICE, SECRET = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
API_KEY = f"test-{SERVICE}-{SECRET}"
PAGER_SECRET = "between us and the gateway"


class Answering(BaseHTTPRequestHandler):
    """One request, answered by the counterpart that the server belongs to."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = sent if self.headers.get("Content-Encoding") == "aes128gcm" else sent.decode()
        status, answer = self.server.counterpart.answer(  # type: ignore[attr-defined]  # set where it is served
            self.command, urlsplit(self.path), dict(self.headers), body
        )
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if isinstance(answer, dict) and "Retry-After" in answer:
            self.send_header("Retry-After", answer["Retry-After"])
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def served(counterpart: Any) -> Iterator[str]:
    """Its address while it is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.counterpart = counterpart  # type: ignore[attr-defined]  # read by Answering
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Notify:
    """Notify's API for text messages. `refuses` answers 500, `loses` answers after it took the message."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.status = "delivered"
        self.refuses = self.loses = False
        self.busy_for = ""  # what it asks for in Retry-After
        self.asked = 0

    def answer(self, method: str, address: Any, headers: dict[str, str], body: str) -> tuple[int, Any]:
        self.asked += 1
        if self.busy_for:
            return 429, {"errors": [{"error": "RateLimitError"}], "Retry-After": self.busy_for}
        jwt.decode(
            headers["Authorization"].removeprefix("Bearer "), SECRET, algorithms=["HS256"], issuer=SERVICE
        )
        if self.refuses:
            return 500, {"errors": [{"error": "Exception", "message": "Internal server error"}]}
        if method == "GET":
            (reference,) = parse_qs(address.query)["reference"]
            found = [{"status": self.status} for one in self.sent if one["reference"] == reference]
            return 200, {"notifications": found}
        self.sent.append(json.loads(body))
        return (503, {}) if self.loses else (201, {"id": str(uuid.uuid4())})


class Gateway:
    """A pager gateway that checks the signature of what it is sent."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.refuses = self.loses = self.moved = False

    def answer(self, method: str, address: Any, headers: dict[str, str], body: str) -> tuple[int, Any]:
        reference = address.path.rpartition("/")[2]
        parts = dict(part.split("=", 1) for part in headers["X-MSCC-Signature"].split(","))
        signed = body if method == "POST" else reference
        expected = hmac.new(PAGER_SECRET.encode(), f"{parts['t']}.{signed}".encode(), hashlib.sha256)
        if not hmac.compare_digest(parts["v1"], expected.hexdigest()):
            return 401, {}
        if self.refuses or self.moved:
            return (302 if self.moved else 500), {}
        if method == "GET":
            return (200 if any(one["client_reference"] == reference for one in self.taken) else 404), {}
        self.taken.append(json.loads(body))
        return (500 if self.loses else 202), {}


class PushService:
    """A browser and its push service: checks who sends, opens what was encrypted for it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"sixteen bytes ok"
        self.shown: list[dict[str, Any]] = []
        self.topics: list[str] = []
        self.status = 201

    def subscription(self, address: str) -> str:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": _b64(point), "auth": _b64(self.secret)}
        return json.dumps({"endpoint": f"{address}/push/1", "expirationTime": None, "keys": keys})

    def answer(self, method: str, address: Any, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        lower = {name.lower(): value for name, value in headers.items()}
        token, key = (
            part.split("=", 1)[1] for part in lower["authorization"].removeprefix("vapid ").split(", ")
        )
        point = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        signer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        jwt.decode(token, signer, algorithms=["ES256"], audience="http://127.0.0.1")
        self.shown.append(json.loads(self._decrypt(body)))
        self.topics.append(lower["topic"])
        return self.status, {}

    def _decrypt(self, body: bytes) -> bytes:
        """What a browser reads of a push message in one record (RFC 8188 and 8291)."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        own = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        secret = _derive(shared, salt=self.secret, info=b"WebPush: info\0" + own + sender, length=32)
        key = _derive(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
        nonce = _derive(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
        text = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert text.endswith(b"\2")  # the mark of the last record
        return text[:-1]


def _derive(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class Letters(MessageHandler):
    """What an SMTP server was given."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.letters.append(message)


@contextmanager
def mail_server() -> Iterator[tuple[int, Letters]]:
    """An SMTP server's port, and what it is given."""
    handler = Letters()
    with mail_served(handler) as port:
        yield port, handler


@contextmanager
def mail_served(handler: Any) -> Iterator[int]:
    """An SMTP server's port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


class Tarpit:
    """A server that takes every connection and trickles a byte at a time, or says nothing at all. It never ends."""

    def __init__(self, beginning: bytes = b"", *, every: float | None = None) -> None:
        self.beginning, self.every = beginning, every
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []

    def serve(self) -> None:
        """Take connections until the socket is closed."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            Thread(target=self._trickle, args=(connection,), daemon=True).start()

    def _trickle(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(self.beginning)
            while self.every is not None:
                sleep(self.every)
                connection.sendall(b"x")

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for connection in (self._listening, *self._open):
            connection.close()


@contextmanager
def tarpit(beginning: bytes = b"", *, every: float | None = None) -> Iterator[Tarpit]:
    """A server that trickles, or says nothing, while it is served."""
    server = Tarpit(beginning, every=every)
    Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        server.close()


class Moody:
    """An SMTP handler that answers RCPT or DATA with a fixed reply, or takes the message when the reply is empty."""

    def __init__(self) -> None:
        self.on_address, self.on_data = "", ""
        self.taken = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.on_address:
            return self.on_address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.on_data:
            return self.on_data
        self.taken += 1
        return "250 OK"
