"""Where a delivery may go, and how it goes there: to the address that was checked, with one deadline for all of it.

Outside demo mode a target is public and speaks HTTPS. Its name is looked up once, every address of it is checked, and
the connection is made to a checked address, so that a name which changes in between leads nowhere else.
"""

import ipaddress
import re
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECONDS = 10.0
MOST_OF_HEAD = 8192
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
# Addresses that lead to an IPv4 address which nobody sees: mapped, compatible, translated, 6to4 and Teredo.
DISGUISED = tuple(
    ipaddress.ip_network(text)
    for text in ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class Forbidden(OSError):
    """A target that this service does not call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address as it was read."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.secure else 80) else f"{name}:{self.port}"


def target_of(url: str) -> Target:
    """The target of an address; Forbidden with a sentence when it cannot be one."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Forbidden("This is not a web address") from None
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > 500 or not parts.hostname:
        raise Forbidden("This is not a web address")
    if parts.scheme != "https" and not (settings.DEMO and parts.scheme == "http"):
        raise Forbidden("The address begins with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Forbidden("The address has no user, no password and no fragment")
    return Target(secure=parts.scheme == "https", host=parts.hostname, port=port, path=_path(parts))


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def addresses_of(target: Target) -> list[str]:
    """The addresses of a target; Forbidden when one of them is not public, outside demo mode."""
    answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in answers))
    if not settings.DEMO and not all(is_public(address) for address in addresses):
        raise Forbidden("The address leads to a private network")
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, undisguised."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (
        ip.is_site_local or any(ip in network for network in DISGUISED)
    ):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def post(url: str, body: bytes, headers: dict[str, str], *, seconds: float = SECONDS) -> int:
    """Post a body and return the status of the answer, of which no more is read. OSError when there is none in time."""
    target = target_of(url)
    ends = time.monotonic() + seconds
    with _connected(addresses_of(target), target.port, ends) as plain:
        if not target.secure:
            return _exchange(plain, target, body, headers, ends)
        with ssl.create_default_context().wrap_socket(plain, server_hostname=target.host) as secure:
            return _exchange(secure, target, body, headers, ends)


def _connected(addresses: list[str], port: int, ends: float) -> socket.socket:
    """A connection to the first of these addresses that takes one."""
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), timeout=_left(ends) / 2)
        except OSError:
            continue
    return socket.create_connection((addresses[-1], port), timeout=_left(ends))


def _exchange(line: socket.socket, target: Target, body: bytes, headers: dict[str, str], ends: float) -> int:
    whole = {
        "Host": target.host_header,
        "User-Agent": "MSCC-Coordinator",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in whole.items())]
    line.settimeout(_left(ends))
    line.sendall("\r\n".join([*lines, "", ""]).encode("ascii") + body)
    head = b""
    while b"\n" not in head:
        line.settimeout(_left(ends))
        part = line.recv(1024)
        if not part or len(head) > MOST_OF_HEAD:
            raise ConnectionError("no answer that can be read")
        head += part
    match = STATUS.match(head)
    if match is None:
        raise ConnectionError("no answer that can be read")
    return int(match[1])


def _left(ends: float) -> float:
    """The seconds that are left; TimeoutError when none are."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left
