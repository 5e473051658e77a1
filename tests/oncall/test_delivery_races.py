"""A press of the button and a failed delivery at the same instant."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from oncall import delivery
from oncall.delivery import deliver
from oncall.models import Page
from oncall.page_links import token_of
from oncall.sweep import climb
from referrals.usecases.answer_page import answer_page
from tests.builders import NOON, set_the_scene, submitted
from tests.owner import as_owner

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_a_press_and_a_failed_delivery_at_once_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_the_scene()
    case = submitted("weakness")
    climb(at=NOON)
    page = Page.objects.get(clock__kind="acknowledge", channel="email")
    with as_owner() as cursor:
        cursor.execute("UPDATE oncall_page SET written_at = %s", [NOON - 2 * MINUTE])
    in_the_middle, outcomes = threading.Event(), {}
    passing_on = delivery.pass_on

    def slowly(*args: Any, **how: Any) -> None:
        in_the_middle.set()
        time.sleep(0.5)
        passing_on(*args, **how)

    def refused(page: Page, *, at: Any) -> bool:
        raise ConnectionRefusedError

    monkeypatch.setattr(delivery, "pass_on", slowly)
    monkeypatch.setattr("oncall.channels.email.send", refused)

    def work(name: str, act: Any) -> None:
        try:
            outcomes[name] = act()
        except Exception as fault:  # noqa: BLE001  # reported by the test's own thread
            outcomes[name] = fault
        finally:
            connections.close_all()

    def press() -> Any:
        in_the_middle.wait()
        return answer_page(token_of(page), at=NOON + MINUTE).reference

    workers = [
        threading.Thread(target=work, args=("deliver", lambda: deliver(at=NOON + MINUTE))),
        threading.Thread(target=work, args=("press", press)),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert outcomes == {"deliver": 0, "press": case.reference}
