"""Who may speak MLLP: each peer, known by its address or the name in its certificate, is one hospital system. Pure."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """The client id for each network, or for each name of a certificate. Nobody else is answered."""

    networks: tuple[tuple[Network, str], ...] = ()
    names: Mapping[str, str]

    def at(self, address: str) -> str | None:
        """The client id of an address; that of the smallest network that holds it."""
        peer = ipaddress.ip_address(address)
        peer = getattr(peer, "ipv4_mapped", None) or peer
        clients = [(network.prefixlen, client) for network, client in self.networks if peer in network]
        return max(clients)[1] if clients else None

    def with_certificate(self, certificate: Mapping[str, Any] | None) -> str | None:
        """The client id of a certificate that was verified: by its DNS names alone, as a browser would."""
        rows = (certificate or {}).get("subjectAltName", ())
        clients = (self.names.get(str(name).casefold()) for kind, name in rows if kind == "DNS")
        return next((client for client in clients if client), None)


def read_peers(lines: Iterable[str], *, by_certificate: bool) -> Peers:
    """Peers from lines such as `10.1.2.3=client`, `10.1.2.0/24=client` or `engine.example.nhs.uk=client`; ValueError for others."""
    networks: list[tuple[Network, str]] = []
    names: dict[str, str] = {}
    for line in lines:
        peer, _, client = line.partition("=")
        if not peer or not client:
            raise ValueError(f"{line!r}: write it as peer=client")
        if by_certificate:
            names[peer.casefold()] = client
        else:
            networks.append((ipaddress.ip_network(peer), client))
    if not networks and not names:
        raise ValueError("Name at least one peer: nobody else is answered")
    return Peers(networks=tuple(networks), names=names)
