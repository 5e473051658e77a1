"""The lanes of this installation: the clocks, each channel that it has, and the referrers' notices by each of them."""

import time
from collections.abc import Callable

from django.conf import settings

from api.webhooks.courier import Courier
from api.webhooks.outbox import write_deliveries
from mscc.postgresql import limits
from oncall.channel_tests import prove_if_due
from oncall.channels import deadline
from oncall.delivery import alone, deliver_next, take_up
from oncall.heartbeats import beat
from oncall.ladder import LOOPBACK
from oncall.lanes import PAUSE, Lane, stopping
from oncall.locks import CALLING, TELLING
from oncall.locks import alone as alone_in
from oncall.present import present
from oncall.sweep import climb
from oncall.ways import lane_of
from referrals.correspondence.notice_delivery import CHANNELS as NOTICE_CHANNELS
from referrals.correspondence.notice_delivery import send_next
from referrals.correspondence.notice_delivery import take_up as take_up_notices
from referrals.correspondence.notices import write_unseen_notices

Mark = Callable[[], None]
FOR_CLOCKS = 15.0  # seconds without progress after which the lane of the clocks hangs
SPARE = 5.0  # seconds beyond the deadline of a page
AT_A_TIME = 30.0  # seconds
STANDING_BY = 1.0  # seconds between two looks while another machine has the lane


def lanes(*, page_seconds: float = deadline.SECONDS, clock_seconds: float = FOR_CLOCKS) -> dict[str, Lane]:
    """Every lane by name. A page gets `page_seconds` from its first byte to its last."""
    deadline.set_deadline(page_seconds)
    pause = _pause()
    patience = page_seconds + SPARE
    channels = (*settings.CHANNELS, LOOPBACK)
    notices = [channel for channel in NOTICE_CHANNELS if channel in settings.CHANNELS]
    return {
        "clocks": Lane(turn=_clocks, patience=clock_seconds, pause=pause),
        **{name: Lane(turn=_pages(name, pause), patience=patience, pause=pause) for name in channels},
        "webhooks": Lane(turn=_webhooks(pause, page_seconds), patience=clock_seconds, pause=pause),
        "unseen": Lane(turn=_unseen, patience=clock_seconds, pause=2.0),
        **{
            f"notices_{name}": Lane(turn=_notices(name, pause), patience=patience, pause=pause)
            for name in notices
        },
        "clocks_beside": Lane(
            turn=_clocks, patience=clock_seconds, pause=pause
        ),  # goes on while the first hangs
    }


def standby(*, clock_seconds: float = FOR_CLOCKS) -> dict[str, Lane]:
    """The lane that climbs the clocks beside those of `manage.py lanes`, in a process that does not end with them."""
    return {"clocks_standby": Lane(turn=_clocks, patience=clock_seconds, pause=_pause())}


def _pause() -> float:
    return 0.1 if settings.ENVIRONMENT.demo_clock else PAUSE


def _clocks(mark: Mark) -> None:
    limits.use(limits.CLOCKS)
    climb(at=present(), mark=mark)


def _unseen(mark: Mark) -> None:
    write_unseen_notices(at=present())


def _pages(channel: str, pause: float) -> Callable[[Mark], None]:
    def turn(mark: Mark) -> None:
        """Deliver for half a minute; nothing while another process does."""
        with alone(channel) as mine:
            if mine:
                take_up(channel, at=present())
                prove_if_due(channel, at=present())
                beat(lane_of(channel), at=present())
            ends = time.monotonic() + AT_A_TIME
            while mine and not stopping() and time.monotonic() < ends:
                mark()
                if deliver_next(channel, at=present()) is None:
                    time.sleep(pause)
        if not mine:
            time.sleep(STANDING_BY)

    return turn


def _notices(channel: str, pause: float) -> Callable[[Mark], None]:
    def turn(mark: Mark) -> None:
        with alone_in(TELLING, NOTICE_CHANNELS.index(channel)) as mine:
            if mine:
                take_up_notices(channel, at=present())
            ends = time.monotonic() + AT_A_TIME
            while mine and not stopping() and time.monotonic() < ends:
                mark()
                if send_next(channel, at=present()) is None:
                    time.sleep(pause)
        if not mine:
            time.sleep(STANDING_BY)

    return turn


def _webhooks(pause: float, seconds: float) -> Callable[[Mark], None]:
    courier = Courier(
        seconds=seconds
    )  # what it is sending outlives a turn, so that nobody waits for a slow one

    def turn(mark: Mark) -> None:
        """Write and send what is due to hospital systems. Threads send, so that this one always goes on."""
        with alone_in(CALLING) as mine:
            ends = time.monotonic() + AT_A_TIME
            while mine and not stopping() and time.monotonic() < ends:
                mark()
                write_deliveries(at=present())
                courier.turn(at=present())
                time.sleep(pause)

    return turn
