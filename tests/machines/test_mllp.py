"""HL7 v2 by MLLP: real sockets on this machine. A slow, huge or greedy sender takes its own connection alone."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import load_command_class
from django.db import OperationalError

from accounts.models import ApiClient
from api.hl7v2.answers import Acknowledged, answer_of_client, refused
from api.hl7v2.frames import END, Frames, NoFrame, framed
from api.hl7v2.listener import Answer, Limits, Listener
from api.hl7v2.peers import read_peers
from demo.people import CLIENT_ID
from kernel.time import now
from mscc.management.commands.mllp import tls_of
from referrals.case.models import UnmatchedFact
from tests.builders import set_the_scene
from tests.machines.fhir import referral
from tests.machines.test_hl7v2 import adt, oru

LOCAL = read_peers(["127.0.0.1=engine"], by_certificate=False)
QUICK = Limits(message_seconds=0.6, idle_seconds=1.0, message_bytes=2048, of_one_client=3, connections=4)


def echo(message: bytes, client: str) -> str:
    return f"MSA|AA|{client}|{message.decode()}"


Opened = Callable[..., socket.socket]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens a connection to a listener, which begins with the first."""
    running: list[tuple[Listener, threading.Thread]] = []
    links: list[socket.socket] = []

    def connect(*, answer: Answer = echo, limits: Limits = QUICK, anew: bool = False) -> socket.socket:
        if anew or not running:
            listener = Listener(
                listening=socket.create_server(("127.0.0.1", 0)), peers=LOCAL, answer=answer, limits=limits
            )
            thread = threading.Thread(target=listener.serve)
            thread.start()
            running.append((listener, thread))
        links.append(socket.create_connection(running[-1][0].listening.getsockname(), timeout=10))
        return links[-1]

    yield connect
    for listener, thread in running:
        listener.stop()
        thread.join(10)
        assert not thread.is_alive()
        listener.listening.close()
    for link in links:
        link.close()


def answers_on(link: socket.socket, count: int) -> list[str]:
    """So many whole frames; fewer once the other side has ended the connection."""
    frames, found = Frames(most=100_000), list[str]()
    while len(found) < count:
        try:
            piece = link.recv(1000)
        except ConnectionResetError:
            break
        if not piece:
            break
        found += [message.decode() for message in frames.feed(piece)]
    return found


def answer_on(link: socket.socket) -> str:
    """One frame; empty once the other side has ended the connection."""
    return "".join(answers_on(link, 1))


class TestFrames:
    def test_a_message_comes_in_any_pieces(self) -> None:
        whole = framed("MSH|a") + b"\r\n" + framed("MSH|b")
        for size in (1, 2, 3, len(whole)):
            frames = Frames(most=100)
            pieces = [whole[place : place + size] for place in range(0, len(whole), size)]
            assert [m for piece in pieces for m in frames.feed(piece)] == [b"MSH|a", b"MSH|b"]

    @pytest.mark.parametrize(
        "garbage",
        [b"GET / HTTP/1.1\r\n", b"\x0bMSH\x0bMSH", b"\x0bMSH\x1c\x1c\r", b"\x0b" + b"x" * 101, b"\x1c\r"],
    )
    def test_garbage_is_no_frame(self, garbage: bytes) -> None:
        with pytest.raises(NoFrame):
            list(Frames(most=100).feed(garbage))


class TestPeers:
    def test_the_smallest_network_counts_and_strangers_are_nobody(self) -> None:
        peers = read_peers(["10.0.0.0/8=wide", "10.1.2.3=one", "2001:db8::/32=six"], by_certificate=False)
        found = [peers.at(a) for a in ("10.1.2.3", "::ffff:10.1.2.3", "10.9.9.9", "2001:db8::1", "192.0.2.1")]
        assert found == ["one", "one", "wide", "six", None]

    @pytest.mark.parametrize("lines", [[], ["10.0.0.1"], ["=x"], ["somewhere=x"]])
    def test_a_line_that_names_nobody_is_refused(self, lines: list[str]) -> None:
        with pytest.raises(ValueError, match=r"peer|appear"):
            read_peers(lines, by_certificate=False)


class TestListener:
    def test_messages_are_answered_in_order_on_one_connection(self, opened: Opened) -> None:
        link = opened()
        link.sendall(framed("one") + framed("two"))
        assert answers_on(link, 2) == ["MSA|AA|engine|one", "MSA|AA|engine|two"]

    def test_garbage_is_answered_by_name_and_ends_the_connection(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "api.hl7v2.listener.refused", lambda why, to: Acknowledged(text=f"MSA|AR||{why.sentence}")
        )
        link = opened()
        link.sendall(framed("one") + b"\x0bMSH\x0b")
        answers = answers_on(link, 3)
        assert [text[:6] for text in answers] == ["MSA|AA", "MSA|AR"]
        assert "inside another" in answers[1]
        for garbage in (b"GET / HTTP/1.1\r\n", b"\x0b" + b"x" * 3000):
            link = opened()
            link.sendall(garbage)
            assert answer_on(link).startswith("MSA|AR")
            assert answer_on(link) == ""

    def test_a_slow_sender_loses_its_connection_and_delays_nobody(self, opened: Opened) -> None:
        slow, other = opened(), opened()
        began = monotonic()
        slow.sendall(b"\x0b")
        other.sendall(framed("quick"))
        assert answer_on(other) == "MSA|AA|engine|quick"
        assert monotonic() - began < 0.5
        ended = False
        while monotonic() - began < 5 and not ended:  # a byte at a time never keeps it open
            try:
                slow.sendall(b"x")
                threading.Event().wait(0.1)
            except OSError:
                ended = True
        assert ended

    def test_one_client_has_no_more_than_its_connections(self, opened: Opened) -> None:
        links = [opened() for _ in range(4)]
        for link in links:
            link.sendall(framed("hello"))
        assert sorted(bool(answer_on(link)) for link in links) == [False, True, True, True]

    def test_many_who_do_not_say_who_they_are_keep_nobody_out(self, tmp_path: Path) -> None:
        authority = certificate(tmp_path, "authority", signed_by=None)
        for name in ("mscc.example", "engine.example"):
            certificate(tmp_path, name, signed_by=authority)
        silent = [socket.socket() for _ in range(6)]
        with tls_listener(tmp_path, Limits(connections=8, unknown_of_one_address=4)) as address:
            for link in silent:
                link.bind(("127.0.0.2", 0))
                link.connect(address)
            context = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
            context.load_cert_chain(tmp_path / "engine.example.pem", tmp_path / "engine.example.key")
            link = socket.create_connection(address, timeout=10)
            with link, context.wrap_socket(link, server_hostname="mscc.example") as secured:
                secured.sendall(framed("hello"))
                assert answer_on(secured) == "MSA|AA|engine|hello"
            for link in silent:
                link.close()

    def test_more_than_its_messages_wait(self, opened: Opened) -> None:
        link = opened(limits=Limits(messages_a_minute=2))
        link.settimeout(0.7)
        for text in ("one", "two"):
            link.sendall(framed(text))
            assert answer_on(link).endswith(text)
        link.sendall(framed("three"))
        with pytest.raises(TimeoutError):
            answer_on(link)

    def test_what_cannot_be_answered_is_not_answered(self, opened: Opened) -> None:
        def down(message: bytes, client: str) -> str:
            raise OperationalError("the database is away")

        link = opened(answer=down)
        link.sendall(framed("one"))
        assert answer_on(link) == ""

    def test_a_message_is_answered_before_it_stops(self, opened: Opened) -> None:
        began, goes_on = threading.Event(), threading.Event()

        def held(message: bytes, client: str) -> str:
            began.set()
            assert goes_on.wait(5)
            return "MSA|AA"

        link = opened(answer=held)
        link.sendall(framed("one"))
        assert began.wait(5)
        threading.Timer(0.3, goes_on.set).start()
        assert answer_on(link) == "MSA|AA"


Signer = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def certificate(folder: Path, name: str, *, signed_by: Signer | None) -> Signer:
    """A certificate and its key, also as PEM files; without `signed_by` an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=signed_by[0].subject if signed_by else subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now() - timedelta(days=1),
        not_valid_after=now() + timedelta(days=1),
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=signed_by is None, path_length=None), critical=True)
    done = made.sign(signed_by[1] if signed_by else key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(done.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return done, key


def test_with_tls_a_peer_is_known_by_its_certificate(tmp_path: Path) -> None:
    authority = certificate(tmp_path, "authority", signed_by=None)
    for name in ("mscc.example", "engine.example", "stranger.example"):
        certificate(tmp_path, name, signed_by=authority)
    found = {}
    with tls_listener(tmp_path, QUICK) as address:
        _try_each(tmp_path, address, found)
    assert found == {"engine.example": "MSA|AA|engine|hello", "stranger.example": "", "": ""}


@contextmanager
def tls_listener(folder: Path, limits: Limits) -> Iterator[tuple[str, int]]:
    """A listener that knows one engine by its certificate."""
    files = [str(folder / name) for name in ("mscc.example.pem", "mscc.example.key", "authority.pem")]
    peers = read_peers(["engine.example=engine"], by_certificate=True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listener = Listener(listening=listening, peers=peers, answer=echo, tls=tls_of(*files), limits=limits)
        thread = threading.Thread(target=listener.serve)
        thread.start()
        yield listening.getsockname()
        listener.stop()
        thread.join(10)


def _try_each(tmp_path: Path, address: tuple[str, int], found: dict[str, str]) -> None:
    for name in ("engine.example", "stranger.example", ""):
        context = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
        if name:
            context.load_cert_chain(tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
        link = socket.create_connection(address, timeout=10)
        with link, context.wrap_socket(link, server_hostname="mscc.example") as secured:
            try:
                secured.sendall(framed("hello"))
                found[name] = answer_on(secured)
            except OSError:
                found[name] = ""


def test_the_production_form_starts_the_command_that_there_is() -> None:
    service = yaml.safe_load(Path("deploy/mllp/compose.yml").read_text())["services"]["mllp"]
    name, *options = service["command"][2:]
    parsed = load_command_class("mscc", name).create_parser("manage.py", name).parse_args(options)
    files = {parsed.certificate, parsed.key, parsed.authorities}
    assert {file.rpartition("/")[0] for file in files} == {service["volumes"][0].split(":")[-2]}
    assert service["ports"] == [f"{parsed.port}:{parsed.port}"]


@pytest.mark.django_db
class TestAnswers:
    def test_it_reports_as_its_hospital_system(self) -> None:
        set_the_scene(at=now())
        person = referral()["patient"]
        assert "MSA|AA|M1" in answer_of_client(oru(person).encode(), CLIENT_ID)
        assert UnmatchedFact.objects.get().organisation == ApiClient.objects.get().organisation_id

    def test_one_without_the_scope_or_revoked_reports_nothing(self) -> None:
        set_the_scene(at=now())
        message = adt("A01", referral()["patient"]).encode()
        assert "MSA|AR" in answer_of_client(message, "nobody")
        ApiClient.objects.update(allowed_scopes=["referrals:read"])
        assert "events:write" in answer_of_client(message, CLIENT_ID)
        ApiClient.objects.update(allowed_scopes=["events:write"], revoked_at=now())
        assert "not known" in answer_of_client(message, CLIENT_ID)
        assert not UnmatchedFact.objects.exists()

    def test_garbage_gets_a_nak_with_the_number_to_ring(self) -> None:
        set_the_scene(at=now())
        text = refused(NoFrame("A frame begins with the byte 0x0B"), None).text
        assert "MSA|AR" in text
        assert "01632 960999" in text
        assert END not in framed(text)[:-2]
