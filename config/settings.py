"""All settings in one file. Nothing set = the embedded default of the demo; see docs/beheer for production."""

import base64
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import environ
from csp.constants import NONE, SELF

from config import env
from config.log_settings import *  # noqa: F403
from config.login_settings import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = env.flag("DEBUG", default=False)
DATABASE_URL = env.text("DATABASE_URL")
KEYS_DATABASE_URL = env.text("KEYS_DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
DEMO = env.flag("DEMO", default=not DATABASE_URL)

# --- What production must set: one line per missing value, and the start stops -----------------------------
_REQUIRED = (
    "DATABASE_URL KEYS_DATABASE_URL REDIS_URL SECRET_KEY FIELD_KEYS LEDGER_KEY RECEIPT_KEY"
    " ALLOWED_HOSTS BASE_URL EMAIL_URL STORAGE_URL"
).split()
if not DEMO:
    problems = [f"{name}: missing" for name in _REQUIRED if not env.text(name)]
    problems += [
        f"{name}: a development key"
        for name in ("SECRET_KEY", "FIELD_KEYS", "LEDGER_KEY", "RECEIPT_KEY")
        if any(key.startswith(env.DEMO_MARK) for key in env.words(name))
    ]
    problems += ["SECRET_KEY: shorter than 32 characters"] if 0 < len(env.text("SECRET_KEY")) < 32 else []
    problems += ["DEBUG: must be 0"] if DEBUG else []
    if problems:
        raise env.WrongSetting("\n".join(problems))

# --- Keys. None of them is derived from another ------------------------------------------------------------
_SECRETS = VAR_DIR / "secrets"


def _secret(name: str) -> str:
    return env.text(name) or env.kept_secret(_SECRETS, name, lambda: env.DEMO_MARK + env.random_key())


def _key_ring(raw: str) -> dict[str, bytes]:
    """`id:base64,id:base64`, newest first, to {id: 32 bytes}."""
    ring = {}
    for part in raw.split(","):
        key_id, _, encoded = part.strip().partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except ValueError:
            secret = b""
        if not key_id or len(secret) != 32:
            raise env.WrongSetting("FIELD_KEYS: every key is id:base64 of 32 bytes")
        ring[key_id] = secret
    return ring


def _raw_key(name: str) -> bytes:
    try:
        secret = base64.b64decode(_secret(name).removeprefix(env.DEMO_MARK), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise env.WrongSetting(f"{name}: base64 of 32 bytes")
    return secret


SECRET_KEY = _secret("SECRET_KEY")
FIELD_KEYS = _key_ring(
    env.text("FIELD_KEYS") or env.kept_secret(_SECRETS, "FIELD_KEYS", lambda: f"{env.DEMO_MARK}1:{env.random_key()}")
)
LEDGER_KEY = _raw_key("LEDGER_KEY")
RECEIPT_KEY = _raw_key("RECEIPT_KEY")

# --- Addresses ---------------------------------------------------------------------------------------------
BASE_URL = env.text("BASE_URL", "http://localhost:8000").rstrip("/")
_base = urlparse(BASE_URL)
HTTPS = _base.scheme == "https"
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or [
    "localhost",
    "127.0.0.1",
    "[::1]",
    _base.hostname or "localhost",
]
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

# --- Apps and middleware -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "accounts.apps.OwnSessions",
    "accounts",
    "passport",
    "consent",
    "school",  # before intake: its seed_demo goes on where intake's ends
    "intake",
]
MIDDLEWARE = [
    "config.watching.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.PrivacyHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.PackedPagesMiddleware",
    "config.middleware.MethodsMiddleware",
    "config.middleware.ErasuresMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.CharactersMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.SessionAgeMiddleware",
    "config.language.LanguageMiddleware",
    "config.middleware.LogInMiddleware",
    "config.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.RefusalMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Databases: the data, and apart from it the wrapped keys -----------------------------------------------


def _sqlite(name: str, more: str = "") -> dict[str, Any]:
    return {
        "ENGINE": "config.sqlite",
        "NAME": VAR_DIR / name,
        "CONN_MAX_AGE": None,
        "TEST": {"NAME": ":memory:"},  # pytest-django knows only Django's own engine by name
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # recursive_triggers: else INSERT OR REPLACE slips past the ledger's delete trigger.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;" + more,
        },
    }


def _server(url: str) -> dict[str, Any]:
    # A connection costs seven requests, so they persist; the health check survives a database restart.
    return {**environ.Env.db_url_config(url), "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


DATABASES = {
    "default": _server(DATABASE_URL) if DATABASE_URL else _sqlite("data.sqlite3"),
    # secure_delete: a destroyed key leaves no bytes in a free page.
    "keys": _server(KEYS_DATABASE_URL) if KEYS_DATABASE_URL else _sqlite("keys.sqlite3", "PRAGMA secure_delete=ON;"),
}
# Who was erased: outside both databases and their backups, so that a restore brings nobody back.
ERASURE_LIST = Path(env.text("ERASURE_LIST") or VAR_DIR / "erasures.list")
DATABASE_ROUTERS = ["accounts.routers.KeyRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 5, "socket_connect_timeout": 2},  # one that hangs holds nobody up
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR_DIR / "cache"}
}

# --- Who is logged in --------------------------------------------------------------------------------------
# The rest is in config/login_settings.py: log-in, sessions, second factor, school log-in.
AUTH_USER_MODEL = "accounts.User"

# --- guardian: one row per share, asked only by consent/access.py; no anonymous user row --------------------
ANONYMOUS_USER_NAME = None
GUARDIAN_AUTO_PREFETCH = False
GUARDIAN_MONKEY_PATCH_USER = False

# --- HTTP --------------------------------------------------------------------------------------------------
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = False  # TLS is the hoster's proxy
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- Words and time ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True
USE_I18N = True

# --- Files -------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]


def _storage(url: str) -> dict[str, Any]:
    """A folder, or `s3://key:secret@host:port/bucket` for S3-compatible storage; key and secret URL-encoded."""
    parts = urlparse(url)
    if parts.scheme == "s3":
        options = {
            "access_key": unquote(parts.username or ""),
            "secret_key": unquote(parts.password or ""),
            "endpoint_url": f"https://{parts.netloc.rpartition('@')[2]}",
            "bucket_name": parts.path.strip("/"),
            "default_acl": "private",
            "file_overwrite": False,
        }
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    folder = parts.path if parts.scheme == "file" else url
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}


STORAGES = {
    "default": _storage(env.text("STORAGE_URL") or str(VAR_DIR / "files")),
    "staticfiles": {"BACKEND": "config.static_files.StaticFiles"},
}
FILE_UPLOAD_HANDLERS = ["school.uploads.OnlyInMemory"]  # nothing that is sent touches a disk
FILE_UPLOAD_PERMISSIONS = 0o600
WHITENOISE_MAX_AGE = 31_536_000

# --- Mail --------------------------------------------------------------------------------------------------
vars().update(environ.Env.email_url_config(env.text("EMAIL_URL") or "consolemail://"))
DEFAULT_FROM_EMAIL = env.text("FROM_EMAIL", "Overstappaspoort <noreply@localhost>")

# --- API ---------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.token_auth.TokenAuthentication",
        "accounts.api_base.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api_base.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "accounts.api_base.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,  # no answer to OPTIONS: openapi.json says what there is
    "EXCEPTION_HANDLER": "accounts.api_base.answer_error",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Overstappaspoort API",
    "DESCRIPTION": "A student-owned passport for the step from school to vocational education.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "CONTACT": {"name": "Overstappaspoort", "url": "/toegankelijkheid/"},
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PUBLIC": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.document_errors",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RecipientKindEnum": "consent.models.RecipientKind.values",
        "ReplyKindEnum": ["read", "fit"],
        "PurposeEnum": "consent.models.Purpose",
        "ShareStatusEnum": "consent.models.ShareState.values",
        "HandoverStatusEnum": "intake.models.Handover.Status",
        "AgreementStatusEnum": ["draft", "offered", "signed", "refused", "superseded"],
        "AgreementAnswerEnum": ["yes", "no"],
        "SignatureRoleEnum": "intake.models.SignatureRole.values",
        "FitAnswerEnum": "intake.models.FitAnswer.values",
        "FollowUpStatusEnum": "intake.services.follow_ups.Status.values",
        "CaseStatusEnum": "intake.api.work.STATUSES",
    },
}

# --- Celery: a message wakes a worker and carries one id; the database owns the job ---------------------------
_BROKER = VAR_DIR / "broker"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 600, "socket_timeout": 5}
    if REDIS_URL.startswith("rediss://"):
        CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
else:
    for _folder in ("queue", "control"):
        (_BROKER / _folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    CELERY_BROKER_URL = "embedded://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_BROKER / "queue"),
        "data_folder_out": str(_BROKER / "queue"),
        "control_folder": str(_BROKER / "control"),
        "polling_interval": 0.1,
        "store_processed": False,
    }
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_SEND_SENT_EVENT = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
# How long a worker may be silent before another takes over; longer than the time limit of a task.
HANDOVER_LEASE_SECONDS = env.number("HANDOVER_LEASE_SECONDS", default=180)
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60  # on a busy machine a new child needs more than Celery's four seconds to warm up
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Embedded, mail goes to the console; redirected it would be cut down to a log line.
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

CONTROLLER = env.text("CONTROLLER")  # who is responsible in law: named on /privacy/
SECURITY_CONTACT = env.contact("SECURITY_CONTACT")  # who reports a weakness: /.well-known/security.txt
# YAML: a region's own file in the place of ours (docs/beheer/install.md); a wrong one stops the start (school/apps.py).
STORIES, HELP_NUMBERS = env.text("STORIES"), env.text("HELP_NUMBERS")
HEADINGS, MOMENTS = env.text("HEADINGS"), env.text("MOMENTS")
SUPPORT, SEVEN = env.text("SUPPORT"), env.text("SEVEN")
AGREEMENT_YEARS = env.number("AGREEMENT_YEARS", default=2)  # so long after its last day to look back it stays
# From which day of the last year at school a coach helps, and until which day of the first year at the mbo.
COACHING_FROM = env.day_of_year("COACHING_FROM", default="02-01")
COACHING_UNTIL = env.day_of_year("COACHING_UNTIL", default="02-01")
ADMINS: list[str] = []
# guardian's backend is left out on purpose: has_perm is never asked. W008: the hoster's proxy redirects to https.
SILENCED_SYSTEM_CHECKS = ["guardian.W001", "security.W008"]
