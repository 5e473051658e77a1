"""What the environment may say: secrets in files, passwords with any sign, and a sentence for what cannot be meant."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kombu.utils.url import url_to_parts
from redis.connection import parse_url

from mscc.environment import EnvironmentIncomplete, read

LEAST = {
    "SECRET_KEY": "long and random",
    "ALLOWED_HOSTS": "mscc.example.nhs.uk",
    "BASE_URL": "https://mscc.example.nhs.uk",
    "DATABASE_URL": "postgresql://mscc_web@database/mscc",
    "REDIS_URL": "redis://broker:6379/0",
}
AWKWARD = "p@ss/%41?#:ü x"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_OWNER_URL", "DEMO", "EMAIL_FOLDER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in LEAST.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", lambda read: read.secret_key),
        ("DATABASE_PASSWORD", lambda read: read.database["PASSWORD"]),
        ("EMAIL_PASSWORD", lambda read: read.email["EMAIL_HOST_PASSWORD"]),
        ("NOTIFY_API_KEY", lambda read: read.notify_api_key),
        ("PAGER_SECRET", lambda read: read.pager_secret),
        ("PUSH_KEY", lambda read: read.push_key),
        ("METRICS_TOKEN", lambda read: read.metrics_token),
        ("DEAD_MANS_SWITCH_URL", lambda read: read.dead_mans_switch_url),
    ],
)
def test_a_secret_may_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: object
) -> None:
    (tmp_path / "secret").write_text(f"{AWKWARD}\n")
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    assert value(read()) == AWKWARD


def test_a_file_that_is_missing_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(EnvironmentIncomplete, match="SECRET_KEY_FILE"):
        read()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00secret")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "binary"))
    with pytest.raises(EnvironmentIncomplete, match="holds no text"):
        read()


@pytest.mark.parametrize("name", ["CHANNEL_TESTS", "CDS_CLIENTS"])
def test_a_list_of_pairs_that_is_none_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "")
    read()
    monkeypatch.setenv(name, "none")
    with pytest.raises(EnvironmentIncomplete, match=f"{name}: Write name=value"):
        read()


def test_a_password_apart_may_have_any_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", AWKWARD)
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://mscc_owner@database/mscc?sslmode=verify-full")
    monkeypatch.setenv("DATABASE_OWNER_PASSWORD", f"{AWKWARD} of the owner")
    monkeypatch.setenv("REDIS_PASSWORD", AWKWARD)
    environment = read()
    assert (environment.database["HOST"], environment.database["PASSWORD"]) == ("database", AWKWARD)
    owner = environment.database_owner
    assert (owner["USER"], owner["PASSWORD"]) == ("mscc_owner", f"{AWKWARD} of the owner")
    assert owner["OPTIONS"]["sslmode"] == "verify-full"
    by_redis, by_celery = parse_url(environment.cache_url), url_to_parts(environment.broker_url)
    assert (by_redis["host"], by_redis["password"]) == ("broker", AWKWARD)
    assert (by_celery.hostname, by_celery.password) == ("broker", AWKWARD)


def test_several_hosts_are_asked_for_their_primary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://mscc_web@one,two:5433,[fd00::3]:5434/mscc?sslmode=verify-full"
    )
    database = read().database
    assert (database["HOST"], database["PORT"]) == ("one,two,fd00::3", "5432,5433,5434")
    assert (database["USER"], database["NAME"]) == ("mscc_web", "mscc")
    assert database["OPTIONS"] == {"target_session_attrs": "primary", "sslmode": "verify-full"}
    monkeypatch.setenv("DATABASE_URL", "postgresql://mscc_web@one,/mscc")
    with pytest.raises(EnvironmentIncomplete, match="not a PostgreSQL address"):
        read()


@pytest.mark.parametrize("password", ["a@b", "100%", "a/b", "a?b", "a#b", "1#b", "5%zz", "@"])
def test_an_address_that_its_password_breaks_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://mscc_web:{password}@database/mscc")
    monkeypatch.setenv("REDIS_URL", f"redis://:{password}@broker:6379/0")
    with pytest.raises(EnvironmentIncomplete) as refusal:
        read()
    words = str(refusal.value)
    assert "DATABASE_URL: This is not a PostgreSQL address." in words
    assert "DATABASE_PASSWORD" in words
    assert "REDIS_URL: This is not a Redis address." in words
    assert f":{password}@" not in words


def test_an_address_with_its_password_written_as_it_must_be_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://mscc_web:p%40ss%25@database:6432/mscc")
    database = read().database
    assert (database["PASSWORD"], database["PORT"], database["NAME"]) == ("p@ss%", 6432, "mscc")


def test_redis_over_tls_checks_the_certificate_for_both_its_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "rediss://broker:6380/0?ssl_ca_certs=/etc/ssl/hospital.pem")
    environment = read()
    assert urlsplit(environment.broker_url).query.endswith("ssl_cert_reqs=required")
    assert parse_url(environment.cache_url)["ssl_cert_reqs"] == "required"


def test_empty_is_not_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LEAST:
        monkeypatch.setenv(name, "")
    with pytest.raises(EnvironmentIncomplete) as refusal:
        read()
    assert all(f"  {name}: " in str(refusal.value) for name in LEAST)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("OIDC_ISSUER", "http://provider.example", "begins with https"),
        ("OIDC_CLIENT_ID", "", "OIDC_CLIENT_ID: It is empty"),
        ("OIDC_SECRET", "", "OIDC_KEY or OIDC_SECRET"),
        ("OIDC_KEY", "no key", "OIDC_KEY is not a private key"),
        ("OIDC_ACR", "AAL1_USERPASS", "AAL2 or AAL3"),
        ("OIDC_ACR", "", "AAL2 or AAL3"),
        ("OIDC_IAL", "4", "OIDC_IAL"),
    ],
)
def test_an_identity_provider_that_is_not_safe_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    right = {"OIDC_ISSUER": "https://provider.example", "OIDC_CLIENT_ID": "mscc", "OIDC_SECRET": "secret"}
    for variable, text in (right | {name: value}).items():
        monkeypatch.setenv(variable, text)
    with pytest.raises(EnvironmentIncomplete, match=why):
        read()


def test_without_an_issuer_nothing_of_a_provider_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID"):
        monkeypatch.setenv(name, "")  # as the compose file passes on what is not set
    assert (read().oidc_issuer, read().oidc_client_id, read().oidc_acr) == ("", "", "AAL3_ANY")
