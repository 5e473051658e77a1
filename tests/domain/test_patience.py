"""Nobody waits longer for another machine than they have patience, and a call that hangs takes no turn for ever."""

import threading
import time

import pytest

from kernel import patience
from kernel.patience import Patience


def test_what_a_call_returns_or_raises_is_passed_on() -> None:
    waiting = Patience(seconds=5, most=1)
    assert waiting.wait_for(lambda: "sent") == "sent"
    with pytest.raises(ZeroDivisionError):
        waiting.wait_for(lambda: 1 // 0)
    assert waiting.wait_for(lambda: "sent again") == "sent again"


def test_a_call_that_is_late_is_left_alone_and_further_ones_are_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended, waiting = threading.Event(), Patience(seconds=0.1, most=2)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            waiting.wait_for(lambda: ended.wait(20))
    began = time.monotonic()
    with pytest.raises(TimeoutError, match="have not ended yet"):
        waiting.wait_for(lambda: "never begun", seconds=5)
    assert time.monotonic() - began < 1
    monkeypatch.setattr(patience, "FORGOTTEN_AFTER", 0.0)
    assert waiting.wait_for(lambda: "begun all the same") == "begun all the same"
    ended.set()
