"""Django's settings, read from the installation named by ``REJENT_DIR``."""

import os
import secrets
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.ledger.entry_keys import EntryKeys
from rejent.ledger.location import LedgerLocation
from rejent.office.installation import OFFICE_DATABASE, Installation, read_installation
from rejent.ops.clock import chosen_clock
from rejent.ops.serving.intake import LARGEST_BODY
from rejent.recording.own_role import RECORDERS_DATABASE as _RECORDERS_DATABASE
from rejent.recording.own_role import recorders_database
from rejent.registers.guard.places import FILE, NewestPlaces
from rejent.streams import registry
from rejent.vault.context import VaultContext


def database_settings(address: str, file: Path) -> dict[str, Any]:
    """Return settings for SQLite in ``file``, or for the PostgreSQL server of ``address``. Raises InputRefusedError: another kind.

    SQLite runs with a write-ahead log, ``synchronous=FULL`` (an acknowledged act survives a power cut), writers that queue
    instead of failing, overwritten free pages, and triggers that see a row that ``REPLACE`` would delete.
    """
    if not address:
        return {
            "ENGINE": "rejent.registers.guard.sqlite",
            "NAME": str(file),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                    "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;"
                ),
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise InputRefusedError(
            "The database address is of an unknown kind: {scheme}.",
            scheme=parts.scheme,
            advice="Leave it empty for SQLite or write postgresql://…",
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "rejent",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
    }


PACKAGE = Path(__file__).resolve().parent.parent

_directory = os.environ.get("REJENT_DIR", "")
INSTALLATION: Installation = (
    read_installation(Path(_directory))
    if _directory
    else Installation(
        Path(tempfile.gettempdir()) / "rejent-none", "0" * 32, "none", True, datetime(2026, 1, 1, tzinfo=UTC)
    )
)
CAMERAS_PER_RECORDER = 32
"""Cameras recorded by one process; the live wall finds a camera's recorder by it, too."""
CLOCK: Clock = chosen_clock(os.environ, test=INSTALLATION.test)
VAULT = VaultContext(
    installation=INSTALLATION.id,
    vault=INSTALLATION.vault,
    keys_folder=INSTALLATION.keys,
    secrets=INSTALLATION.secrets,
    storage=INSTALLATION.storage,
    clock=CLOCK,
)
LEDGER = LedgerLocation(
    folder=INSTALLATION.ledger,
    key=INSTALLATION.secrets / "ledger",
    origin=f"rejent/{INSTALLATION.id}",
    witness=Path(INSTALLATION.witness) if INSTALLATION.witness else None,
    authority=INSTALLATION.timestamp_authority,
)


def _later(name: str) -> Callable[..., Any]:
    """Return a function by its name, imported when it is first called: by then Django is ready."""

    def called(*given: Any, **named: Any) -> Any:
        return resolve_name(name)(*given, **named)

    return called


KEEPING = _later("rejent.ops.wiring:keeping")
"""Returns the keepers' context."""
CHECKS = _later("rejent.ops.wiring:findings")
"""Returns every finding of every check, or of the named parts of them."""
WEEKLY_REPORT = _later("rejent.web.supervision.week_digest:filed_digest")
"""Returns the report of a week as the keeper files it: in Polish, without secret places."""
OPENER = _later("rejent.ops.wiring:open_segment")
"""Returns the reader of a segment's sealed object, for a viewing that was let in."""
PLACES_MARKED = _later("rejent.notices.plates.queries:places_marked")
"""Returns since when each marked place has been marked for a stream, by the register of plates; None where all count as marked."""
BACKGROUND = _later("rejent.ops.wiring:in_background")
"""Does what takes longer than a request beside it; what is cut short a keeper finishes."""


def _require_secrets() -> None:
    if _directory and not INSTALLATION.secrets.is_dir():
        raise NotFoundError(
            "{folder} is not there: the keys that sign the ledger and open the cameras' passwords were not restored.",
            folder=INSTALLATION.secrets,
            advice="Put the folder secrets back from its copy.",
        )


def _secret(name: str) -> str:
    file = INSTALLATION.secrets / name
    if not _directory:
        return secrets.token_urlsafe(50)
    if not file.exists():
        with os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
        ) as made:
            made.write(secrets.token_urlsafe(50))
    return file.read_text(encoding="ascii")


_require_secrets()
_PROCESS = os.environ.get("REJENT_PROCESS", "")
ENTRY_KEYS = (
    EntryKeys.read(INSTALLATION.secrets, records=_PROCESS not in {"", "web", "keeper"})
    if _directory
    else EntryKeys.generate()
)
"""Keys that tag and verify entries of the ledger; a recorder knows its own alone."""
NEWEST_PLACES = (
    NewestPlaces(INSTALLATION.secrets / FILE) if _directory and ENTRY_KEYS.office is not None else None
)
"""Where the newest entries of rows that give power stand; a recorder, and a program without an installation, have none."""
_SIGNS_SESSIONS = _PROCESS in {"", "web"}
SECRET_KEY = _secret("session") if _SIGNS_SESSIONS else secrets.token_urlsafe(50)
"""Only the pages and the command line know what signs sessions; recorders and keepers open none."""
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *INSTALLATION.hosts]
USE_TZ = True
TIME_ZONE = "Europe/Warsaw"
LANGUAGE_CODE = "pl"
LANGUAGES = [("pl", _("Polish")), ("en", _("English"))]
USE_I18N = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
ROOT_URLCONF = "rejent.ops.urls"
ASGI_APPLICATION = "rejent.ops.serving.asgi.application"
AUTH_USER_MODEL = "office.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, dict[str, Any]] = {
    "default": database_settings(os.environ.get(OFFICE_DATABASE, INSTALLATION.database), INSTALLATION.catalog)
}
_FOR_RECORDERS = os.environ.get(_RECORDERS_DATABASE, "")
RECORDERS_DATABASE = (
    recorders_database(database_settings(_FOR_RECORDERS, INSTALLATION.catalog), DATABASES["default"])
    if _FOR_RECORDERS
    else None
)
"""The database as recorders connect to it; None where they have no role of their own, and in a recorder, which knows no other."""

INSTALLED_APPS = [
    *registry.KINDS,
    "rejent.web",
    "rejent.notices",
    "rejent.cases",
    "rejent.cases.copies",
    "rejent.cases.attachments",
    "rejent.evidence",
    "rejent.content",
    "rejent.access",
    "rejent.retention",
    "rejent.recording",
    "rejent.catalog",
    "rejent.devices",
    "rejent.office",
    "rejent.registers",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "rejent.web.requests.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "rejent.web.requests.middleware.PersonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rejent.web.requests.context.installation",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["rejent.web.signing_in.passwords.UnhurriedHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CACHES = {"default": {"BACKEND": "rejent.web.signing_in.counters.CountersCache", "LOCATION": "web_cache"}}
SESSION_ENGINE = "rejent.web.signing_in.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = INSTALLATION.secure_cookies or bool(INSTALLATION.tls_certificate)
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "rejent.web.refusals.csrf_refused"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in INSTALLATION.hosts]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = LARGEST_BODY
"""Nothing that somebody sends is written to the disk as it comes: what an application holds is sealed first."""
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "rejent.web.signing_in.accounts.ClosedAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,30/5m/key"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "rejent.web.signing_in.second_step.AuthenticateForm",
    "reauthenticate": "rejent.web.signing_in.second_step.ReauthenticateForm",
    "authenticate_webauthn": "rejent.web.signing_in.passkey_forms.SecondStepForm",
    "login_webauthn": "rejent.web.signing_in.passkey_forms.SignInForm",
    "reauthenticate_webauthn": "rejent.web.signing_in.passkey_forms.ReauthenticateForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Rejent"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = INSTALLATION.test

LOGGING_CONFIG = None
