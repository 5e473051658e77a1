"""Clients of npm that we did not write, against the live server: an own command, not part of the suite. It needs node and npm.

    .local/venv/bin/python -m pytest -p mscc.local.testing -n0 tests/machines/npm/clients.py -s

fhir-kit-client refers, replays, reads, searches, follows and cancels; @medplum/core validates every resource that it gets; the
types that openapi-typescript makes of the REST document do the same job. The first run installs them, as the lock says, in
.local/npm.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.test import Client

from api.fhir.surface import KINDS
from demo.people import CLIENT_ID, CLIENT_SECRET
from kernel.time import now
from referrals.case.models import Event, Referral
from tests.builders import set_the_scene
from tests.machines.fhir import referral, report, transaction

HERE, PLACE = Path(__file__).parent, Path(product.ROOT) / ".local" / "npm"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("npm") is None, reason="There is no npm on this machine"),
]


@pytest.fixture(scope="module")
def installed() -> Path:
    """The folder with the packages of the lock, and our scripts."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for path in HERE.iterdir():
        if path.suffix in (".json", ".mjs", ".ts"):
            shutil.copy(path, PLACE)
    run(PLACE, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    return PLACE


def run(place: Path, *command: str, **variables: str) -> str:
    """What a command prints; its whole output in the failure."""
    done = subprocess.run(
        command, cwd=place, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def served(live_server: Any, settings: Any) -> dict[str, str]:
    """The address of the live server, and a token."""
    settings.BASE_URL = live_server.url
    set_the_scene(at=now())
    asked = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    token = Client().post("/oauth/token/", asked).json()["access_token"]
    return {"BASE": live_server.url, "TOKEN": token}


def test_fhir_kit_client_and_medplum(installed: Path, served: dict[str, str], tmp_path: Path) -> None:
    kinds = [
        {"name": kind.name, "by": kind.by[0]} for kind in KINDS if kind.by and kind.scope == "referrals:read"
    ]
    sent = {
        "bundle": transaction(referral("pain_only")),
        "fact": report("non_diagnostic", at=now()),
        "kinds": kinds,
    }
    (tmp_path / "sent.json").write_text(json.dumps(sent))
    told = json.loads(run(installed, "node", "fhir.mjs", SENT=str(tmp_path / "sent.json"), **served))
    print(told)
    assert (told["id"], told["status"]) == (Referral.objects.get().reference, "revoked")
    assert Event.objects.count() == 1


def test_the_types_of_openapi_typescript(installed: Path, served: dict[str, str]) -> None:
    document = Client().get("/api/schema/", {"format": "json"})
    (installed / "api.json").write_bytes(document.content)
    bin_ = "node_modules/.bin"
    run(installed, f"{bin_}/openapi-typescript", "api.json", "-o", "types.d.ts")
    options = ("--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom")
    run(installed, f"{bin_}/tsc", *options, "rest.ts")
    told = json.loads(run(installed, "node", "rest.js", INTAKE=json.dumps(referral("pain_only")), **served))
    print(told)
    assert told["statuses"] == [201, 200, 201, 200, 200]
    assert told["same"]
    assert Referral.objects.get().status == "withdrawn"
