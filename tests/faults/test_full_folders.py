"""The folder of e-mails, of the downtime pack or of a log is full: nothing is lost, and it goes on by itself."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from mscc.local import process
from mscc.local.process import Child
from mscc.pulse import full_folders
from oncall.delivery import deliver
from oncall.models import Page
from oncall.sweep import climb
from referrals.correspondence.downtime import make_pack_if_due
from tests.builders import NOON, clock, submitted
from tests.faults.service import MAY_MOUNT, filled
from tests.oncall.test_lanes import MINUTE, SECOND, paged

pytestmark = pytest.mark.skipif(not MAY_MOUNT, reason="a small disk to fill cannot be mounted here")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


# Django's backend leaves its file to the collector when a write fails.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("scene")
def test_a_page_stays_owed_while_the_mail_folder_is_full_and_the_ladder_goes_on(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_FILE_PATH", str(small), raising=False)
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, email_folder=str(small)))
    case = submitted("weakness")
    climb(at=NOON)
    assert full_folders() == []
    with filled(small):
        deliver(at=NOON)
        assert full_folders() == ["e-mails"]
        assert (paged(case).sent_at, paged(case).failed_at, paged(case).failure) == (None, None, "OSError")
        climb(at=NOON + 61 * SECOND)
        climb(at=NOON + 62 * SECOND)
        assert clock(case, "acknowledge").climbed == 2
    deliver(at=NOON + 3 * MINUTE)
    waiting = Page.objects.filter(clock__case=case.pk, channel="email", sent_at=None, failed_at=None)
    assert not waiting.exists()
    assert full_folders() == []
    assert str(Page.objects.filter(channel="email").exclude(sent_at=None)[0].client_reference) in "".join(
        path.read_text() for path in small.glob("*.log")
    )


@pytest.mark.usefixtures("scene")
def test_the_downtime_pack_is_made_when_there_is_room_again(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, downtime_folder=str(small)))
    place, tomorrow = small / "downtime-pack.pdf", NOON + timedelta(days=1)
    make_pack_if_due(at=NOON)
    yesterday = place.read_bytes()
    with filled(small):
        assert full_folders() == ["the downtime pack"]
        pack = make_pack_if_due(at=tomorrow)
        assert pack is not None
        assert place.read_bytes() == yesterday
    assert make_pack_if_due(at=tomorrow + 5 * MINUTE) is None
    assert place.read_bytes() == pack.content != yesterday


def test_a_long_log_on_a_full_disk_is_emptied(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LONGEST_LOG", 10)
    child = Child(name="web", command=[], log=small / "web.log")
    child.log.write_text("a long line of a log")
    with filled(small):
        assert child.turn_log()
        assert child.log.read_text() == ""
        assert not list(small.glob("web.log.*"))
