"""Addresses of the servers that the service needs, each with its password apart, so that no character in it breaks the address."""

import re
from typing import Any
from urllib.parse import quote, urlsplit

import dj_database_url
from environs import ValidationError

NO_URL = (
    "This is not a PostgreSQL address. Write postgresql://user@host:5432/database and put the password into "
    "{name}, or write %40 for @, %25 for %, %2F for /, %3F for ? and %23 for # in it."
)
NO_REDIS = "This is not a Redis address. Write redis://host:6379/0, rediss:// for TLS, and put the password into REDIS_PASSWORD."
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"(\[[^\]]+\]|[^:,\[\]]+)(?::(\d{1,5}))?")
_TLS = "ssl_cert_reqs=required"  # Celery refuses rediss:// without it


def database(url: str, *, password: str, apart: str) -> dict[str, Any]:
    """The database at an address. `password` takes the place of the one in it; `apart` names the variable that holds it.

    The address may name several hosts, `one:5432,two:5432`: whichever of them is the primary is used. A standby is never
    taken for the database, whatever leads to it. ValidationError, which names no part of the address, when the address cannot be right.
    """
    try:
        hosts, url = _several(url)
        parts = urlsplit(url)
        is_odd = (
            parts.netloc.count("@") > 1 or _STRAY_PERCENT.search(url) or parts.fragment or "@" in parts.path
        )
        found: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:  # a wrong port, which is a part of a password; another scheme
        raise ValidationError(NO_URL.format(name=apart)) from None
    if is_odd or not found.get("NAME") or "postgresql" not in str(found.get("ENGINE")):
        raise ValidationError(NO_URL.format(name=apart))
    options = {"target_session_attrs": "primary", **(found.get("OPTIONS") or {})}
    return {**found, **hosts, "OPTIONS": options, "PASSWORD": password or found["PASSWORD"]}


def _several(url: str) -> tuple[dict[str, str], str]:
    """Host and port as libpq lists them, and the address with its first host alone; nothing and the same for one host."""
    scheme, sign, rest = url.partition("://")
    netloc, slash, path = rest.partition("/")
    user, at, listed = netloc.rpartition("@")
    if "," not in listed:
        return {}, url
    found = [_HOST.fullmatch(host) for host in listed.split(",")]
    pairs = [(host[1], host[2] or "5432") for host in found if host]
    if len(pairs) < len(found):
        raise ValueError(listed)
    names, ports = zip(*pairs, strict=True)
    first = "".join((scheme, sign, user, at, names[0], ":", ports[0], slash, path))
    return {"HOST": ",".join(name.strip("[]") for name in names), "PORT": ",".join(ports)}, first


def redis(url: str, *, password: str) -> str:
    """The address of Redis with its password, as redis-py and Celery read it; over TLS with the server's certificate checked."""
    try:
        parts = urlsplit(url)
        is_odd = parts.port is not None and not parts.hostname
    except ValueError:
        raise ValidationError(NO_REDIS) from None
    schemes = ("redis", "rediss", "unix", "redis+socket")
    if is_odd or parts.scheme not in schemes or parts.netloc.count("@") > 1 or _STRAY_PERCENT.search(url):
        raise ValidationError(NO_REDIS)
    given = parts
    if password:
        user, _, host = parts.netloc.rpartition("@")
        name = user.partition(":")[0]
        parts = parts._replace(netloc=f"{name}:{quote(password, safe='')}@{host}")
    if parts.scheme == "rediss" and "ssl_cert_reqs" not in parts.query:
        parts = parts._replace(query="&".join(filter(None, [parts.query, _TLS])))
    return (
        url if parts == given else parts.geturl()
    )  # the address of a socket is not put together again as it was
