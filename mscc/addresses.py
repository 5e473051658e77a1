"""Addresses of the servers that the service needs, each with its password apart, so that no sign in it breaks the address."""

import re
from typing import Any
from urllib.parse import quote, urlsplit

import dj_database_url
from environs import ValidationError

NO_URL = (
    "This is no address of PostgreSQL. Write postgresql://user@host:5432/database and put the password into "
    "{name}, or write %40 for @, %25 for %, %2F for /, %3F for ? and %23 for # in it."
)
NO_REDIS = "This is no address of Redis. Write redis://host:6379/0, rediss:// for TLS, and put the password into REDIS_PASSWORD."
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TLS = "ssl_cert_reqs=required"  # Celery refuses rediss:// without it


def database(url: str, *, password: str, apart: str) -> dict[str, Any]:
    """The database at an address. `password` takes the place of the one in it; `apart` names the variable that holds it.

    ValidationError, which names no part of the address, when the address cannot be meant.
    """
    try:
        parts = urlsplit(url)
        is_odd = (
            parts.netloc.count("@") > 1 or _STRAY_PERCENT.search(url) or parts.fragment or "@" in parts.path
        )
        found = dict(dj_database_url.parse(url))
    except ValueError:  # a wrong port, which is a part of a password; another scheme
        raise ValidationError(NO_URL.format(name=apart)) from None
    if is_odd or not found.get("NAME") or "postgresql" not in str(found.get("ENGINE")):
        raise ValidationError(NO_URL.format(name=apart))
    return {**found, "PASSWORD": password or found["PASSWORD"]}


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
