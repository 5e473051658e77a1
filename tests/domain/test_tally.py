"""Answers are counted over all processes of the web server."""

import os

import pytest

from mscc.tally import BOUNDS, Tally, counted
from mscc.tally import requests as real


def test_each_answer_is_counted_once_by_status_and_within_every_longer_bound() -> None:
    tally = Tally()
    for status, seconds in ((200, 0.01), (200, 0.05), (302, 0.3), (404, 2.0), (503, 99.0)):
        tally.add(status, seconds)
    count = tally.total()
    assert count.by_status == (0, 2, 1, 1, 1)
    assert dict(zip((*BOUNDS, "all"), count.within, strict=True)) == {
        0.025: 1,
        0.05: 2,
        0.1: 2,
        0.25: 2,
        0.5: 3,
        1.0: 3,
        2.5: 4,
        5.0: 4,
        10.0: 4,
        "all": 5,
    }
    assert count.seconds == pytest.approx(101.36)


def test_a_process_that_follows_another_counts_on() -> None:
    tally = Tally()
    for slot in (3, 3, 4):
        if (pid := os.fork()) == 0:
            tally.slot = slot
            tally.add(200, 1)
            os._exit(0)
        os.waitpid(pid, 0)
    assert tally.total().by_status[1] == 3


def test_an_application_that_breaks_off_has_failed_and_static_files_do_not_count() -> None:
    def breaks(environ: object, start_response: object) -> list[bytes]:
        raise RuntimeError

    before = real.total().by_status[4]
    with pytest.raises(RuntimeError):
        counted(breaks)({"PATH_INFO": "/worklist/"}, lambda *_: None)
    with pytest.raises(RuntimeError):
        counted(breaks)({"PATH_INFO": "/static/x.css"}, lambda *_: None)
    assert real.total().by_status[4] == before + 1
