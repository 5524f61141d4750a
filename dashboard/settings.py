"""Every setting, all of it from the environment; `.env.example` explains each variable in a line.

A value that is missing or makes no sense stops the start with a sentence that names it.
"""

import re
from pathlib import Path
from zoneinfo import available_timezones

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from dashboard.local_keys import LOCAL_DIR, LOCAL_KEYS

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# A file never overrules the environment; quickstart's keys are used only where nobody wrote a `.env`.
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")
elif LOCAL_KEYS.is_file():
    env.read_env(LOCAL_KEYS)


def required(name: str, hint: str) -> str:
    value = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {hint}")
    return value


def number(name: str, *, default: float, low: float, high: float) -> float:
    text = env.str(name, default=str(default))
    try:
        value = float(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {text!r}.") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} must lie between {low:g} and {high:g}, not {text}.")
    return value


def switch(name: str, *, default: bool) -> bool:
    text = env.str(name, default=str(default)).strip().lower()
    if text not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name} must be True or False, not {text!r}.")
    return text in {"true", "1", "yes", "on"}


def one_of(name: str, *, default: str, among: tuple[str, ...]) -> str:
    value = env.str(name, default=default).strip()
    if value not in among:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(among)}, not {value!r}.")
    return value


def time_zone(name: str, *, default: str) -> str:
    value = env.str(name, default="").strip() or default
    if value not in available_timezones():
        raise ImproperlyConfigured(
            f"{name} must be the name of a time zone such as Asia/Shanghai, not {value!r}."
        )
    return value


def fernet_keys(name: str) -> list[str]:
    hint = "Set one or more Fernet keys, separated by commas; the first encrypts, all decrypt."
    keys = [key.strip() for key in required(name, hint).split(",") if key.strip()]
    if not keys:
        raise ImproperlyConfigured(f"{name} holds no key. {hint}")
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            # The key itself is not shown: a mistyped one is nearly a secret.
            raise ImproperlyConfigured(
                f"{name} holds something that is no Fernet key (32 random bytes in url-safe base64)."
            ) from None
    return keys


def hosts(name: str, *, default: list[str]) -> list[str]:
    values = [value.strip() for value in env.list(name, default=default) if value.strip()]
    if not values or any("/" in value for value in values):
        raise ImproperlyConfigured(
            f"{name} must name hosts such as recorder.example.com, without https:// and without paths."
        )
    return values


def origins(name: str) -> list[str]:
    values = [value.strip() for value in env.list(name, default=[]) if value.strip()]
    if not all(value.startswith(("https://", "http://")) for value in values):
        raise ImproperlyConfigured(f"{name} must hold addresses such as https://recorder.example.com.")
    return values


def secret_key(name: str, hint: str) -> str:
    value = required(name, hint)
    if len(value) < 32:
        raise ImproperlyConfigured(
            f"{name} is too short to be a secret: it needs at least 32 characters. {hint}"
        )
    return value


def database(default: str) -> dict:
    text = env.str("DATABASE_URL", default="") or default
    if not text.startswith(("sqlite:///", "postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with sqlite:///, postgres:// or postgresql://, for example "
            "postgresql://recorder:password@localhost:5432/recorder."
        )
    try:
        config = environ.Env.db_url_config(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from None
    if not config["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL names no database: it has to end with /name.")
    return config


# --- What this installation is ---------------------------------------------------------------------------
DEBUG = switch("DEBUG", default=False)
# LOCAL says: one machine, loopback only, plain http. Without it the secure defaults for https hold.
LOCAL = switch("LOCAL", default=False)
SECRET_KEY = secret_key(
    "SECRET_KEY",
    "Set it to a long random text, the same for every process; `manage.py quickstart` makes one for a trial.",
)
FIELD_ENCRYPTION_KEYS = fernet_keys("FIELD_ENCRYPTION_KEYS")
ALLOWED_HOSTS = hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = origins("CSRF_TRUSTED_ORIGINS")

# --- The house -------------------------------------------------------------------------------------------
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # its widget templates, so that ours may stand beside them
    "django_htmx",
    "recorder_app",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Lists compress to a tenth; its padding hides the length of what is secret in a page.
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    # Before whatever asks the database, behind what an answer without it needs all the same.
    "recorder_app.middleware.DatabaseAway",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "recorder_app.middleware.PersonsTimeZone",
    "recorder_app.middleware.DeclaredPermission",
    "recorder_app.middleware.HtmxAnswers",
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
                "recorder_app.context.frame",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database --------------------------------------------------------------------------------------------
DATABASES = {"default": database(f"sqlite:///{LOCAL_DIR / 'recorder.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A writer takes its lock when the transaction begins, so two writers wait instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what is committed before a call leaves must be there after a power cut, too.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 600
else:
    # A connection that died with the database is noticed when it is taken from the pool, not by whoever gets it.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        # A machine that is gone says nothing at all: without these a query would wait for it for minutes.
        "tcp_user_timeout": 5000,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "pool": {
            "min_size": 1,
            "max_size": int(number("DATABASE_POOL", default=40, low=1, high=500)),
            # How long a person waits before the page says that the database is away.
            "timeout": 4,
            # Then the pool stops trying ever more slowly and begins anew with the next request, so that a database
            # that was away for long is noticed as soon as it is back.
            "reconnect_timeout": 4,
        },
    }
# A connection that died while nobody used it is replaced instead of failing a request.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- People ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "recorder_app.Person"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_AGE = int(number("SESSION_HOURS", default=12, low=1, high=24 * 30) * 3600)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- Words and times -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = time_zone("TIME_ZONE", default="UTC")

# --- Static files ----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or LOCAL_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Doors -----------------------------------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    # Tabler's style sheet carries its small pictures (the tick of a check box) as data addresses.
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    # Recorded files lie in buckets whose hosts nobody can list beforehand, so any that is reached safely may be
    # played; nothing of it is fetched before somebody presses play. The sandbox of a trial speaks plain http.
    "media-src": ["https:", *(["http://127.0.0.1:*"] if LOCAL else [])],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DEFAULT_EXCEPTION_REPORTER_FILTER = "recorder_app.error_reports.NothingSecret"
CSRF_FAILURE_VIEW = "recorder_app.views.doors.stale_form"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else int(number("HSTS_SECONDS", default=31_536_000, low=0, high=10**9))
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
# A load balancer or container asks for health over plain http, from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if switch("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Up to here a form with too many rows is refused by the form itself, with a sentence at the list.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# --- The cloud -------------------------------------------------------------------------------------------
CLOUD_CONNECT_TIMEOUT = number("CLOUD_CONNECT_TIMEOUT", default=5, low=0.1, high=60)
CLOUD_READ_TIMEOUT = number("CLOUD_READ_TIMEOUT", default=15, low=0.1, high=120)
# Milliseconds between two calls of one action on one account: 52 keeps 20 a second with room for jitter.
CLOUD_CALL_GAP_MS = number("CLOUD_CALL_GAP_MS", default=52, low=0 if LOCAL else 50, high=10_000)
CLOUD_PROXY = env.str("CLOUD_PROXY", default="")
if CLOUD_PROXY and not re.match(r"https?://[^/\s]", CLOUD_PROXY):
    raise ImproperlyConfigured(
        f"CLOUD_PROXY must be an address such as http://proxy.example.com:3128, not {CLOUD_PROXY!r}."
    )
CLOUD_CA_BUNDLE = env.str("CLOUD_CA_BUNDLE", default="")
if CLOUD_CA_BUNDLE and not Path(CLOUD_CA_BUNDLE).is_file():
    raise ImproperlyConfigured(f"CLOUD_CA_BUNDLE names a file that is not there: {CLOUD_CA_BUNDLE}")
CLOUD_LANGUAGE = one_of("CLOUD_LANGUAGE", default="en-US", among=("en-US", "zh-CN"))
# A user signature lives this long: a recording may last 24 h and be idle for 24 h more.
USER_SIG_HOURS = number("USER_SIG_HOURS", default=48, low=1, high=24 * 365)

# --- Mail ------------------------------------------------------------------------------------------------
MAIL_HOST = env.str("MAIL_HOST", default="").strip()
MAIL_SECURITY = one_of("MAIL_SECURITY", default="starttls", among=("starttls", "tls", "none"))
# Without a server a trial shows its mails in the log of the worker; anything else refuses them with a sentence.
SENDS_MAIL = LOCAL or bool(MAIL_HOST)
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.console.EmailBackend"
        if LOCAL
        else "recorder_app.no_mail.EmailBackend"
    }
}
if MAIL_HOST:
    MAILERS["default"] = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": MAIL_HOST,
            "port": int(number("MAIL_PORT", default=587, low=1, high=65535)),
            "username": env.str("MAIL_USER", default=""),
            "password": env.str("MAIL_PASSWORD", default=""),
            "use_tls": MAIL_SECURITY == "starttls",
            "use_ssl": MAIL_SECURITY == "tls",
            "timeout": 20,
        },
    }
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="") or f"recorder@{ALLOWED_HOSTS[0].lstrip('.')}"
# Where the dashboard is reached, for links in mails.
PUBLIC_ADDRESS = env.str("PUBLIC_ADDRESS", default="").rstrip("/") or (
    f"{'http' if LOCAL else 'https'}://{ALLOWED_HOSTS[0].lstrip('.')}"
)
if not re.match(r"https?://[^/\s]", PUBLIC_ADDRESS):
    raise ImproperlyConfigured(
        f"PUBLIC_ADDRESS must be an address such as https://recorder.example.com, not {PUBLIC_ADDRESS!r}."
    )

# --- Logging ---------------------------------------------------------------------------------------------
LOG_LEVEL = one_of("LOG_LEVEL", default="INFO", among=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "recorder_app.logs.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # urllib3 and requests log whole addresses at DEBUG; they never get to.
    "loggers": {"urllib3": {"level": "WARNING"}, "requests": {"level": "WARNING"}},
}
