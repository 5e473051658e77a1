"""manage.py serve: the web server of ./run and of the image."""

import logging
import resource
import socket
import time
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connections

from accounts import service as services
from mscc import door, health, tally
from mscc.beats import SLOTS, Beats
from mscc.garbage import spare_what_stays
from mscc.postgresql import limits
from mscc.postgresql.fitness import refuse_unfit
from mscc.pulse import Pulse
from mscc.server.pools import of_health, of_pages
from mscc.server.supervisor import Post, Supervisor
from mscc.server.worker import serve
from mscc.wsgi import application

OPEN_FILES = 4096


class Command(BaseCommand):
    help = "Serve the pages and the API until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--health-port", type=int, help="a port for health checks and metrics alone")
        parser.add_argument("--workers", type=int, default=2, help="processes")
        parser.add_argument("--threads", type=int, default=4, help="requests at a time in each process")

    def handle(self, *args: Any, **options: Any) -> None:
        limits.use(limits.WEB)
        refuse_unfit(pooled=settings.ENVIRONMENT.database_pooler)
        beats, host = Beats(), options["host"]
        pages = _listener(host, options["port"])
        apart = _listener(host, options["health_port"]) if options["health_port"] else None
        posts = [_pages(pages, apart, options["workers"], options["threads"], beats)]
        if apart is not None:
            posts.append(_health(apart, pages, beats))
        _prepare(beats)
        Supervisor(posts, beats).run()


def _pages(
    listener: socket.socket, other: socket.socket | None, workers: int, threads: int, beats: Beats
) -> Post:
    def work(slot: int) -> None:
        def begin() -> None:
            if other is not None:
                other.close()
            health.watch(lambda: beats.serves(slot))
            tally.requests.slot = slot
            _begin(beats)

        serve(application, listener, pools=partial(of_pages, threads), beats=beats, slot=slot, begin=begin)

    return Post(name="web", number=workers, work=work)


def _health(listener: socket.socket, other: socket.socket, beats: Beats) -> Post:
    def work(slot: int) -> None:
        def begin() -> None:
            other.close()
            health.watch(lambda: any(beats.serves(web) for web in range(SLOTS) if web != slot))
            _begin(beats)

        serve(door.before(), listener, pools=of_health, beats=beats, slot=slot, begin=begin)

    return Post(name="health", number=1, work=work)


def _begin(beats: Beats) -> None:
    """In a new process: the newest telephone number, and the pulse."""
    services.last_known_telephone = beats.text or services.last_known_telephone
    Pulse(beats=beats).start()


def _listener(host: str, port: int) -> socket.socket:
    """The socket that all processes accept from. The processes of a killed server need a moment to leave."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for attempt in range(50):
        try:
            listener.bind((host, port))
            break
        except OSError as fault:
            if attempt == 49:
                raise SystemExit(f"Port {port} cannot be used: {fault.strerror}") from None
            time.sleep(0.1)
    listener.listen(1024)
    return listener


def _prepare(beats: Beats) -> None:
    """Load everything once, before the first process is forked, and read the telephone number."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    try:
        beats.text = services.current().telephone
    except DatabaseError:
        logging.getLogger(__name__).error("the telephone number could not be read: the database is away")
    finally:
        connections.close_all()
    spare_what_stays()
