"""A server that says a line each moment and never comes to an end, so that no limit of a read is ever met."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress


@contextmanager
def trickling(line: bytes, *, first: bytes = b"") -> Iterator[tuple[str, int]]:
    """Its address. Whoever calls hears `first`, then the line again and again."""
    ended = threading.Event()

    def talk(server: socket.socket) -> None:
        with ExitStack() as held, suppress(OSError):
            callers: list[socket.socket] = []
            while not ended.is_set():
                with suppress(TimeoutError):
                    callers.append(held.enter_context(server.accept()[0]))
                    callers[-1].sendall(first)
                for caller in callers:
                    caller.sendall(line)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        thread = threading.Thread(target=talk, args=[server])
        thread.start()
        yield server.getsockname()
        ended.set()
        thread.join()
