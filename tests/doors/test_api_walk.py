"""The walk of docs/api.md is true: its curl and its Python do what they say."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from demo.people import CLIENT_ID, CLIENT_SECRET
from kernel.time import now
from referrals.case.models import Detail, Event, Message, Referral
from tests.builders import set_the_scene

TEXT = (Path(settings.ROOT) / "docs" / "api.md").read_text()


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return found


@pytest.mark.django_db(transaction=True)
def test_the_walk_refers_reports_asks_follows_and_writes(live_server: Any) -> None:
    set_the_scene(at=now())
    environment = {**os.environ, "BASE": live_server.url, "ID": CLIENT_ID, "SECRET": CLIENT_SECRET}
    walked = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block("bash")], env=environment, capture_output=True, text=True
    )
    assert walked.returncode == 0, walked.stdout + walked.stderr
    case = Referral.objects.get()
    assert walked.stdout.splitlines()[-1] == f"REFERENCE {case.reference}"
    assert Event.objects.get().kind == "mri_performed"
    assert Message.objects.get().question is not None
    known: dict[str, Any] = {"base": live_server.url, "client_id": CLIENT_ID, "secret": CLIENT_SECRET}
    exec(block("python"), known)
    assert known["references"] == [case.reference]
    assert known["resume_from"]
    assert known["written"].json() == {"changed": ["record.stage"]}
    assert Detail.objects.get().value == "IV"
    assert known["again"].status_code == 304
