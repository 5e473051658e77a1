"""The scene that a process keeps for its later tests is one that the product could have written just now."""

from datetime import timedelta

import pytest

from accounts.models import User
from kernel.time import now
from ledger.check import verify
from ledger.models import Line
from oncall.models import Shift
from tests import builders
from tests.builders import NOON, set_the_scene
from tests.scenery import undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One word for each scene that is built, not loaded."""
    found: list[str] = []
    for name in ("add_people", "add_rota"):
        real = getattr(builders, name)
        monkeypatch.setattr(
            builders, name, lambda real=real, name=name, **when: (found.append(name), real(**when))
        )
    return found


def test_it_is_built_once_and_then_loaded_for_every_instant_of_the_hour(built: list[str]) -> None:
    with undone():
        set_the_scene(at=NOON)
    built.clear()
    later = NOON + timedelta(minutes=59, microseconds=120)
    before = now()
    set_the_scene(at=later)
    assert built == []
    lines = Line.objects.order_by("id")
    assert {line.at for line in lines} == {later}
    assert all(before - timedelta(seconds=1) < line.witnessed_at <= now() for line in lines)
    assert {row.history_date for row in User.history.all()} == {later}
    assert verify() == (lines.count(), None)


def test_another_hour_has_a_scene_of_its_own() -> None:
    with undone():
        set_the_scene(at=NOON)
        on_call = dict(Shift.objects.filter(taken_over_at__isnull=False).values_list("starts_at", "duty"))
    set_the_scene(at=NOON - timedelta(days=1, hours=7))
    assert on_call != dict(Shift.objects.filter(taken_over_at__isnull=False).values_list("starts_at", "duty"))
