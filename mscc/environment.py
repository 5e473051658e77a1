"""Every environment variable, read once with its type; all missing ones are named at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, cast
from urllib.parse import urlsplit

from environs import Env, EnvValidationError, FileAwareEnv, ValidationError, validate

from accounts.nhs_identity.own_key import public_keys
from mscc import addresses

# The push services of Chrome and Edge, Firefox, Safari and Windows.
PUSH_HOSTS = [
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
]

FILLED = validate.Length(min=1, error="It is empty.")
# An identity provider is asked over TLS; the provider of a test is on this machine.
ISSUER = validate.Regexp(
    r"(|https://\S+|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?)\Z", error="It begins with https."
)
COLLECTOR = validate.Regexp(r"(|https?://\S+)\Z", error="This is not the address of a collector.")
DSN = validate.Regexp(r"(|https?://[^@/\s]+@[^@/\s]+/(\S+/)?\d+)\Z", error="This is not a Sentry DSN.")
OBSERVABILITY = ("opentelemetry", "sentry_sdk")  # as modules
ASSURED = validate.Regexp(r"(?!AAL1|\s*\Z)", error="It asks for AAL2 or AAL3.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """See the configuration table of the README, which a test compares with this class."""

    demo: bool
    secret_key: str
    allowed_hosts: list[str]
    base_url: str
    database: dict[str, Any]
    database_owner: dict[str, Any]
    database_pooler: bool
    redis_url: str
    celery_queue: str
    email: dict[str, Any]
    email_folder: str
    email_from: str
    notify_url: str
    notify_api_key: str
    notify_template_id: str
    pager_url: str
    pager_secret: str
    channel_tests: dict[str, str]
    push_key: str
    push_hosts: list[str]
    dead_mans_switch_url: str
    clamav: str
    downtime_folder: str
    demo_clock: list[str]
    static_root: str
    log_level: str
    trust_proxy: bool
    proxies: int
    metrics_token: str
    seal_key_file: str
    seal_file: str
    seal_url: str
    traces_url: str
    sentry_dsn: str
    cds_clients: dict[str, str]
    cds_origins: list[str]
    oidc_issuer: str
    oidc_client_id: str
    oidc_key: str
    oidc_secret: str
    oidc_acr: str
    oidc_ial: int
    oidc_scopes: str

    @property
    def secure(self) -> bool:
        """Whether pages are served over TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def channels(self) -> tuple[str, ...]:
        """How this installation can reach people beside the screen."""
        sms = ("sms",) if self.notify_api_key and self.notify_template_id else ()
        pager = ("pager",) if self.pager_url and self.pager_secret else ()
        return ("email", *sms, *pager, *(("push",) if self.push_key else ()))

    @property
    def broker_url(self) -> str:
        """The Redis address as Celery writes it."""
        return self.redis_url.replace("unix://", "redis+socket://")

    @property
    def cache_url(self) -> str:
        """The Redis address as redis-py writes it."""
        return self.redis_url.replace("redis+socket://", "unix://")

    @property
    def cache_options(self) -> dict[str, Any]:
        """How long Redis may take, and that a dead machine is noticed."""
        over_tcp = {} if self.cache_url.startswith("unix") else {"socket_keepalive": True}
        return {"socket_timeout": 1, "socket_connect_timeout": 1, **over_tcp}


class EnvironmentIncomplete(SystemExit):
    """Some variables are missing or cannot be read."""


def read() -> Environment:
    """The environment; EnvironmentIncomplete names every variable that is missing or wrong.

    `NAME_FILE` names a file that holds the value of `NAME`, so that no list of processes shows a secret.
    """
    env = FileAwareEnv(eager=False, strip_whitespace=True)
    env.add_parser("database", addresses.database)
    env.add_parser("redis", addresses.redis)
    env.add_parser("pairs", _pairs)
    try:
        environment = _read(env)
        env.seal()
        _check_own_key(environment)
        _check_packages(environment)
    except EnvValidationError as faults:
        messages = cast("Mapping[str, list[str]]", faults.error_messages)  # by name, as seal() raises it
        lines = [f"  {name}: {' '.join(texts)}" for name, texts in messages.items()]
        raise EnvironmentIncomplete(
            "These environment variables need a value:\n" + "\n".join(lines)
        ) from None
    except UnicodeDecodeError:
        raise EnvironmentIncomplete("A file that a variable ending in _FILE names holds no text.") from None
    except ValueError as fault:  # a file or key that cannot be read; the sentence names its variable
        raise EnvironmentIncomplete(str(fault)) from None
    return environment


def _pairs(text: str) -> dict[str, str]:
    """`name=value` with commas between. ValidationError for anything else."""
    parts = [part.partition("=") for part in text.split(",")] if text else []
    if any(not sign for _, sign, _ in parts):
        raise ValidationError("Write name=value, separated by commas.")
    return {name.strip(): value.strip() for name, _, value in parts}


def _check_own_key(environment: Environment) -> None:
    """ValueError unless this service can prove itself to its identity provider, if it has one."""
    if environment.oidc_issuer and not (environment.oidc_key or environment.oidc_secret):
        raise ValueError("OIDC_ISSUER needs OIDC_KEY or OIDC_SECRET beside it")
    public_keys(environment.oidc_key)


def _check_packages(environment: Environment) -> None:
    """ValueError when spans or faults shall be sent and the packages for it are not installed."""
    if (environment.traces_url or environment.sentry_dsn) and not all(map(find_spec, OBSERVABILITY)):
        raise ValueError("TRACES_URL and SENTRY_DSN need the packages of requirements-observability.lock")


def _read(env: Env) -> Environment:
    demo = env.bool("DEMO", False)
    password = env.str("DATABASE_PASSWORD", "")
    web = env.database("DATABASE_URL", password=password, apart="DATABASE_PASSWORD")
    owner_password = env.str("DATABASE_OWNER_PASSWORD", "")
    owner = env.str("DATABASE_OWNER_URL", "") and env.database(
        "DATABASE_OWNER_URL", password=owner_password, apart="DATABASE_OWNER_PASSWORD"
    )
    email = env.dj_email_url("EMAIL_URL", "smtp://localhost:25") or {}
    if email_password := env.str("EMAIL_PASSWORD", ""):
        email["EMAIL_HOST_PASSWORD"] = email_password
    return Environment(
        demo=demo,
        secret_key=env.str("SECRET_KEY", validate=FILLED),
        allowed_hosts=env.list("ALLOWED_HOSTS", validate=FILLED),
        base_url=env.str("BASE_URL", validate=FILLED),
        database=web or {},
        database_owner=owner or dict(web or {}),
        database_pooler=env.bool("DATABASE_POOLER", False),
        redis_url=env.redis("REDIS_URL", password=env.str("REDIS_PASSWORD", "")) or "",
        celery_queue=env.str("CELERY_QUEUE", "mscc"),
        email=email,
        email_folder=env.str("EMAIL_FOLDER", ""),
        email_from=env.str("EMAIL_FROM", "mscc@localhost"),
        notify_url=env.str("NOTIFY_URL", "https://api.notifications.service.gov.uk"),
        notify_api_key=env.str("NOTIFY_API_KEY", ""),
        notify_template_id=env.str("NOTIFY_TEMPLATE_ID", ""),
        pager_url=env.str("PAGER_URL", ""),
        pager_secret=env.str("PAGER_SECRET", ""),
        demo_clock=env.list("DEMO_CLOCK", [], delimiter=" ") if demo else [],
        clamav=env.str("CLAMAV", ""),
        downtime_folder=env.str("DOWNTIME_FOLDER", ""),
        channel_tests=env.pairs("CHANNEL_TESTS", "") or {},
        push_key=env.str("PUSH_KEY", ""),
        push_hosts=env.list("PUSH_HOSTS", PUSH_HOSTS),
        dead_mans_switch_url=env.str("DEAD_MANS_SWITCH_URL", ""),
        static_root=env.str("STATIC_ROOT", "/srv/static"),
        log_level=env.str("LOG_LEVEL", "INFO"),
        trust_proxy=(behind_proxy := env.bool("TRUST_PROXY", False)),
        proxies=env.int("PROXIES", 1, validate=validate.Range(min=1)) if behind_proxy else 0,
        metrics_token=env.str("METRICS_TOKEN", ""),
        seal_key_file=env.str("SEAL_KEY_FILE", ""),
        seal_file=env.str("SEAL_FILE", ""),
        seal_url=env.str("SEAL_URL", ""),
        traces_url=env.str("TRACES_URL", "", validate=COLLECTOR) or "",
        sentry_dsn=env.str("SENTRY_DSN", "", validate=DSN) or "",
        cds_clients=env.pairs("CDS_CLIENTS", "") or {},
        cds_origins=env.list("CDS_ORIGINS", []),
        oidc_issuer=(issuer := env.str("OIDC_ISSUER", "", validate=ISSUER) or ""),
        oidc_client_id=env.str("OIDC_CLIENT_ID", "", validate=FILLED if issuer else None) or "",
        oidc_key=env.str("OIDC_KEY", ""),
        oidc_secret=env.str("OIDC_SECRET", ""),
        oidc_acr=env.str("OIDC_ACR", "AAL3_ANY", validate=ASSURED) or "",
        oidc_ial=env.int("OIDC_IAL", 3, validate=validate.Range(min=0, max=3)),
        oidc_scopes=env.str("OIDC_SCOPES", "openid profile nationalrbacaccess"),
    )
