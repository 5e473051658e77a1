"""A check that may hang, run beside its answer: the answer comes in time whatever the check does."""

import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse

View = Callable[[HttpRequest], HttpResponse]
WITHIN = 1.5  # seconds, so that the answer is there within two
FRESH = 0.5  # seconds for which one answer serves everybody
STALE = 10.0  # seconds after which an answer is too old to use


class BackgroundCheck:
    """A view that runs `view` in a thread, one at a time. Answers with its last result, or `instead` when that is old."""

    def __init__(self, view: View, *, instead: View) -> None:
        self.view, self.instead = view, instead
        self.lock = threading.Lock()
        self.done = threading.Event()
        self.done.set()
        self.answer: HttpResponse | None = None
        self.answered_at = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._age() > FRESH:
            with self.lock:
                if self.done.is_set():
                    self.done.clear()
                    threading.Thread(target=self._run, args=[request], daemon=True).start()
            self.done.wait(WITHIN)
        return self.answer if self.answer is not None and self._age() < STALE else self.instead(request)

    def _age(self) -> float:
        return time.monotonic() - self.answered_at

    def _run(self, request: HttpRequest) -> None:
        try:
            self.answer = self.view(request)
        except DatabaseError:
            self.answer = self.instead(request)
        finally:
            self.answered_at = time.monotonic() if self.answer is not None else 0.0
            self.done.set()
            connections.close_all()
