"""Wiring. What varies between installations comes from mscc.environment alone."""

from pathlib import Path

from csp.constants import NONCE

from kernel.time import from_rfc3339, set_pace
from mscc import environment
from mscc.logging import logging_of

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = environment.read()

DEBUG = False
DEMO = ENVIRONMENT.demo
SECRET_KEY = ENVIRONMENT.secret_key
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
BASE_URL = ENVIRONMENT.base_url
ROOT_URLCONF = "mscc.urls"
WSGI_APPLICATION = "mscc.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "mscc",
    "ledger",
    "webkit",
    "accounts",
    "triage",
    "oncall",
    "referrals",
    "mdt",
    "governance",
    "api",
    "api.webhooks",
    "api.exchange",
    *(["demo"] if DEMO else []),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "csp",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "pgtrigger",
    "simple_history",
    "django_structlog",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mscc.request_log.Requests",
    "mscc.outage.Outage",
    "mscc.hygiene.Hygiene",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.sessions.SessionLimits",
    "accounts.web.entry.SecondFactorDue",
    "mscc.watch.SweepWatch",
    "mscc.watch.ReleaseWatch",
    "mscc.refusal_pages.RefusalPages",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {"environment": "mscc.jinja.environment"},
    },
]

# The web role cannot change the ledger; the owner migrates and grants.
DATABASES = {
    "default": ENVIRONMENT.database,
    "owner": ENVIRONMENT.database_owner,
}
# A thread keeps its connection. mscc.postgresql sets the limits of its role.
DATABASES["default"] |= {
    "ENGINE": "mscc.postgresql",
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": True,
    "POOLED": ENVIRONMENT.database_pooler,
    "DISABLE_SERVER_SIDE_CURSORS": ENVIRONMENT.database_pooler,
    "TEST": {"MIGRATE": False},
}
CACHES = {
    "default": {
        "BACKEND": "mscc.cache.Cache",
        "LOCATION": ENVIRONMENT.cache_url,
        "KEY_PREFIX": "mscc",
        "OPTIONS": ENVIRONMENT.cache_options,
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.RealAccounts",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.password_rules.CommonUnderneathValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # a further try does not renew the quarter of an hour
AXES_CLIENT_IP_CALLABLE = "webkit.client_address.client_network"
AXES_WHITELIST_CALLABLE = "accounts.attempts.is_never_locked"
AXES_LOCKOUT_CALLABLE = "accounts.web.views.locked_out"
AXES_USERNAME_CALLABLE = "accounts.backends.name_tried"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# accounts.sessions enforces the idle and absolute limits; the cookie lives hardly longer.
SESSION_IDLE_MINUTES, SESSION_HOURS = 30, 12
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.secure
# A browser takes a cookie of this name from this very host over TLS alone, and from no other host of its domain.
COOKIE_PREFIX = "__Host-" if ENVIRONMENT.secure else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
CSRF_FAILURE_VIEW = "mscc.refusal_pages.csrf_failure"
SECURE_SSL_REDIRECT = ENVIRONMENT.secure
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENVIRONMENT.secure
PROXIES = ENVIRONMENT.proxies
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trust_proxy else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}

LANGUAGE_CODE, TIME_ZONE, USE_TZ, USE_I18N = "en-gb", "UTC", True, False
STATIC_URL = "static/"
STATIC_ROOT = ENVIRONMENT.static_root
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False

EMAIL_HOST, EMAIL_PORT = ENVIRONMENT.email.get("EMAIL_HOST"), ENVIRONMENT.email.get("EMAIL_PORT")
EMAIL_HOST_USER = ENVIRONMENT.email.get("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = ENVIRONMENT.email.get("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = ENVIRONMENT.email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = ENVIRONMENT.email.get("EMAIL_USE_SSL", False)
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from
EMAIL_TIMEOUT = 10
if ENVIRONMENT.email_folder:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = ENVIRONMENT.email_folder
METRICS_TOKEN = ENVIRONMENT.metrics_token
CDS_CLIENTS, CDS_ORIGINS = ENVIRONMENT.cds_clients, ENVIRONMENT.cds_origins
CHANNELS = ENVIRONMENT.channels  # by which people can be paged here, beside the screen

# A killed worker's task is seen again after two minutes at most; no promise waits in the broker.
CELERY_BROKER_URL = ENVIRONMENT.broker_url
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = ENVIRONMENT.celery_queue
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "mscc.scheduler:SteadyScheduler"
CELERY_BEAT_SCHEDULE = {
    # The lanes climb clocks and send pages and notices; this sweep stands by for the lane of the clocks.
    "sweep": {"task": "oncall.sweep", "schedule": 1.0, "options": {"expires": 5}},
    "canary": {"task": "oncall.canary", "schedule": 30.0, "options": {"expires": 25}},
    "audit": {"task": "oncall.audit", "schedule": 60.0, "options": {"expires": 50}},
    "self_test": {"task": "referrals.self_test", "schedule": 15.0, "options": {"expires": 14}},
    "unmatched": {"task": "referrals.unmatched", "schedule": 60.0, "options": {"expires": 50}},
    "scan": {"task": "referrals.scan", "schedule": 5.0, "options": {"expires": 5}},
    "downtime": {"task": "referrals.downtime_pack", "schedule": 300.0, "options": {"expires": 290}},
    "mdt_lists": {"task": "mdt.assemble", "schedule": 300.0, "options": {"expires": 290}},
    "drafts": {"task": "accounts.forget_drafts", "schedule": 3600.0, "options": {"expires": 600}},
    "leftovers": {"task": "mscc.clear", "schedule": 3600.0, "options": {"expires": 600}},
    "seal": {"task": "ledger.seal", "schedule": 600.0, "options": {"expires": 500}},
    "incidents": {"task": "governance.incidents", "schedule": 60.0, "options": {"expires": 50}},
    "check": {"task": "governance.check_ledger", "schedule": 600.0, "options": {"expires": 500}},
}

if ENVIRONMENT.demo_clock:  # a demo night runs faster than real time
    since, start, pace = ENVIRONMENT.demo_clock
    set_pace(since=from_rfc3339(since), start=from_rfc3339(start), pace=float(pace))
    CELERY_BEAT_SCHEDULE = {"sweep": {**CELERY_BEAT_SCHEDULE["sweep"], "schedule": 0.2}}

OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.ApiClient"
OAUTH2_PROVIDER = {
    "SCOPES": {
        "triage:evaluate": "Evaluate a presentation",
        "referrals:read": "Read the referrals of the client's organisation",
        "referrals:write": "Send and withdraw referrals, write messages, files and details of the record",
        "events:write": "Report facts of a case",
        "pages:acknowledge": "Acknowledge a page for the person who was paged",
        "measures:read": "Read the figures of the client's organisation",
        "webhooks:manage": "Subscribe to what happens to the organisation's referrals",
        "audit:read": "Read who looked at and changed a case, for the privacy officer",
    },
    "OAUTH2_VALIDATOR_CLASS": "accounts.client_authentication.ClientValidator",
    "SCOPES_BACKEND_CLASS": "accounts.scopes.ScopesOfClient",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # hashes, not tokens
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.rest.authentication.ClientToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.rest.parsing.StrictJson"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["api.rest.throttling.PerClient"],
    "DEFAULT_THROTTLE_RATES": {"client": "3000/minute"},
    "EXCEPTION_HANDLER": "api.rest.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MSCC Coordinator",
    "DESCRIPTION": "Referral, triage and events of suspected metastatic spinal cord compression.",
    "VERSION": "1.1.0",
    "OAS_VERSION": "3.1.1",
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "PREPROCESSING_HOOKS": ["api.rest.document.only_version_1"],
    "POSTPROCESSING_HOOKS": ["api.rest.document.with_components"],
}

LOGGING = logging_of(ENVIRONMENT.log_level)
if ENVIRONMENT.traces_url or ENVIRONMENT.sentry_dsn:
    from mscc import telemetry  # only where its packages are asked for

    telemetry.start(traces_url=ENVIRONMENT.traces_url, sentry_dsn=ENVIRONMENT.sentry_dsn)
    MIDDLEWARE.insert(0, "mscc.telemetry.Requests")
    LOGGING["handlers"]["faults"] = {"class": "mscc.telemetry.Faults", "level": "ERROR"}
    LOGGING["root"]["handlers"].append("faults")
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = False
SILENCED_SYSTEM_CHECKS: list[str] = []
