"""manage.py mllp: HL7 v2 by MLLP, for engines that cannot post. Each peer is one hospital system."""

import signal
import socket
import ssl
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from accounts.models import ApiClient
from api.hl7v2.answers import answer_of_client
from api.hl7v2.listener import Limits, Listener
from api.hl7v2.peers import Peers, read_peers


class Command(BaseCommand):
    help = "Take HL7 v2 messages by MLLP until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=2575)
        peer = "address, network or, with TLS, DNS name of a certificate, then = and the client id"
        parser.add_argument("--peer", action="append", required=True, help=peer)
        parser.add_argument("--certificate", help="PEM file of the certificate of this service and its chain")
        parser.add_argument("--key", help="PEM file of its key")
        parser.add_argument(
            "--authorities", help="PEM file of the authorities that sign the certificates of peers"
        )
        parser.add_argument("--connections", type=int, default=Limits().connections, help="at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        secured = [options[name] for name in ("certificate", "key", "authorities")]
        if any(secured) and not all(secured):
            raise CommandError(
                "TLS needs --certificate, --key and --authorities: peers are known by their certificates"
            )
        try:
            peers = read_peers(options["peer"], by_certificate=all(secured))
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        _refuse_unknown_clients(peers)
        listening = socket.create_server((options["host"], options["port"]), backlog=16)
        listener = Listener(
            listening=listening,
            peers=peers,
            answer=_answer,
            tls=tls_of(*secured) if all(secured) else None,
            limits=Limits(connections=options["connections"]),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: listener.stop())
        self.stdout.write(f"MLLP on port {listening.getsockname()[1]}")
        self.stdout.flush()
        with listening:
            listener.serve()


def _answer(message: bytes, client: str) -> str:
    """The ACK, with a connection to the database that works, which is given back afterwards."""
    close_old_connections()
    try:
        return answer_of_client(message, client)
    finally:
        close_old_connections()


def _refuse_unknown_clients(peers: Peers) -> None:
    named = {*peers.names.values(), *(client for _, client in peers.networks)}
    known = set(ApiClient.objects.filter(client_id__in=named).values_list("client_id", flat=True))
    if missing := sorted(named - known):
        raise CommandError(f"There is no hospital system {', '.join(missing)}: add it in the settings")


def tls_of(certificate: str, key: str, authorities: str) -> ssl.SSLContext:
    """TLS 1.2 or later, with a certificate asked of every peer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authorities)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
