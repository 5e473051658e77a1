"""The network address of a caller, behind as many proxies as the installation names, and where their tries are counted."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the outermost proxy of ours saw, without a port; of the connection where there is no proxy.

    `settings.PROXIES` says how many proxies add to `X-Forwarded-For`. What the caller wrote is further to
    the left and is never read. A header too short or unreadable gives the address of the connection.
    """
    connected = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXIES:
        return connected
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if len(hops) < settings.PROXIES:
        return connected
    return _readable(hops[-settings.PROXIES]) or connected


def client_network(request: HttpRequest) -> str:
    """Where tries of the caller are counted: their address, of IPv6 the network of its first 64 bits, written as its first
    address. Such a network is given to one computer or household, and a caller has a new address of it for every try.
    """
    address = client_address(request)
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), 64), strict=False).network_address)


def _readable(hop: str) -> str:
    """An address without its port, such as "192.0.2.7:4711" or "[2001:db8::7]:4711"; "" for anything else."""
    address = hop[1:].partition("]")[0] if hop.startswith("[") else hop
    if address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        return str(ip_address(address))
    except ValueError:
        return ""
