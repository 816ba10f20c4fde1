"""Settings, read from the environment; .env.example explains each variable.

Without any variable the product runs as a local installation, with SQLite and a generated key in
`var/`. nemuro_strategy/checks.py reports what a production installation still lacks.
"""

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from nemuro_strategy.database_waiting import CONNECT_SECONDS
from nemuro_strategy.environment import Environment, read_env_of
from nemuro_strategy.secret_key import load_or_create_key
from nemuro_strategy.version import VERSION  # noqa: F401  (below the roof, code reads it from here)

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment(environ.Env(), faults=read_env_of(BASE_DIR))
SETTING_FAULTS = env.faults
# In seconds, minutes and days: beyond them dates overflow, or the database refuses the number.
DAY, YEAR, CENTURY = 86_400, 525_600, 36_525

DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")
with contextlib.suppress(OSError):  # a system check reports a directory that cannot be created
    DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or load_or_create_key(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.texts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.texts("CSRF_TRUSTED_ORIGINS", [])

# Set HTTPS=on if a reverse proxy terminates TLS and sets X-Forwarded-Proto.
HTTPS = env.flag("HTTPS")
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
SECURE_HSTS_SECONDS = env.whole_number("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

INSTALLED_APPS = [
    "nemuro_strategy.apps.ProjectConfig",
    "nemuro_strategy.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "simple_history",
    "axes",
    "import_export",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "accounts",
    "indicators",
    "goals",
    "measures",
    "kpis",
    "plans",
    "entry",
    "changes",
    "reviews",
    "reports",
    "start",
    "demo",
    "backups",
]

MIDDLEWARE = [
    "nemuro_strategy.stack_room.stack_room_middleware",
    "nemuro_strategy.health.health_middleware",
    "nemuro_strategy.request_log.request_log_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.private_pages.private_pages_middleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "nemuro_strategy.form_text.CleanText",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.idle.idle_middleware",
    "accounts.idle.LogInRequired",
    "trail.history.change_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.answer_pages.answer_pages_middleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "nemuro_strategy.urls"
WSGI_APPLICATION = "nemuro_strategy.wsgi.application"

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
                "plans.site_head.site_head",
            ],
            "builtins": ["nemuro_strategy.day_filter"],
        },
    },
]

# Forms, too, have templates of ours: those below templates/django/. No field cuts what is pasted.
FORM_RENDERER = "nemuro_strategy.form_renderer.FormRenderer"

DATABASES = {
    "default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL allows reads during a write. IMMEDIATE takes the write lock at the start of a
    # transaction: one that reads first and writes later cannot fail with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # nemuro_strategy/database_waiting.py adds the limit for statements.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        connect_timeout=CONNECT_SECONDS,
        keepalives_idle=30,
        keepalives_interval=5,
        keepalives_count=3,
    )
# To open SQLite for each request costs as much as a page from memory: the last one that closes it
# writes the whole WAL into the database and deletes it.
DATABASES["default"]["CONN_MAX_AGE"] = env.whole_number("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_TIMEOUT_SECONDS = env.whole_number("DATABASE_TIMEOUT_SECONDS", 20, smallest=1, largest=DAY)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "accounts.password_hashing.Argon2ForTwoCores",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.password_rules.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.password_rules.NotCommon"},
    {"NAME": "accounts.password_rules.NotNumeric"},
    {"NAME": "accounts.password_rules.NotRepeated", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "accounts.password_rules.UnlikeThePerson",
        "OPTIONS": {"user_attributes": ["username", "full_name", "email"]},
    },
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.StaffBackend",
    "accounts.directory_backend.DirectoryBackend",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# The number of reverse proxies that append the client's address to X-Forwarded-For. Only their
# entries are trusted; with 0 the header is ignored.
PROXY_COUNT = env.whole_number("PROXY_COUNT", 0, largest=10)

# Failures are counted per user name and address, so that nobody behind a shared proxy locks out
# others. A successful log-in resets the count; attempts during a lock-out do not extend it.
AXES_FAILURE_LIMIT = env.whole_number("LOCK_OUT_FAILURES", 5, smallest=1)
AXES_COOLOFF_TIME = timedelta(
    minutes=env.whole_number("LOCK_OUT_MINUTES", 30, smallest=1, largest=YEAR)
)
# Far more failures than typing errors: one address that tries many names, one name that is tried
# from many addresses (accounts/lock_outs.py). 0: never.
LOCK_OUT_ADDRESS_FAILURES = env.whole_number("LOCK_OUT_ADDRESS_FAILURES", 100)
LOCK_OUT_NAME_FAILURES = env.whole_number("LOCK_OUT_NAME_FAILURES", 50)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "trail.client_address.client_address"
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
# axes keeps what was sent with a failure, but for these and "password".
AXES_SENSITIVE_PARAMETERS = [
    "username", "ip_address", "csrfmiddlewaretoken",
    "old_password", "new_password1", "new_password2", "one_time_password", "key", "sent",
]  # fmt: skip
# accounts.Event is the log. Lock-outs are lifted on the admin's page of users.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# accounts/idle.py ends a session after this time without activity.
SESSION_IDLE_MINUTES = env.whole_number("SESSION_IDLE_MINUTES", 30, smallest=1, largest=YEAR)
SESSION_ENGINE = "accounts.session_store"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# At the latest a session ends after a day. So the list of open ones has no browsers of last week.
SESSION_COOKIE_AGE = max(24 * 60, 2 * SESSION_IDLE_MINUTES) * 60

# The city's directory (accounts/directory.py), for users who have no password here. Empty servers:
# none.
LDAP_SERVERS = env.texts("LDAP_SERVERS", [])
LDAP_CA_FILE = env.text("LDAP_CA_FILE")
LDAP_BIND_DN = env.text("LDAP_BIND_DN")
LDAP_BIND_PASSWORD = env.text("LDAP_BIND_PASSWORD")
LDAP_USER_BASE = env.text("LDAP_USER_BASE")
LDAP_USER_FILTER = env.text("LDAP_USER_FILTER", "(objectClass=person)")
LDAP_NUMBER_ATTRIBUTE = env.text("LDAP_NUMBER_ATTRIBUTE", "sAMAccountName")
LDAP_NAME_ATTRIBUTE = env.text("LDAP_NAME_ATTRIBUTE", "displayName")
LDAP_MAIL_ATTRIBUTE = env.text("LDAP_MAIL_ATTRIBUTE", "mail")
LDAP_GROUP_BASE = env.text("LDAP_GROUP_BASE")
LDAP_GROUP_FILTER = env.text("LDAP_GROUP_FILTER", "(member={dn})")
LDAP_GROUPS_FILE = env.text("LDAP_GROUPS_FILE")
LDAP_NEW_USERS = env.flag("LDAP_NEW_USERS")

# The roles that need a second factor (accounts/second_factor.py). Others may set it up.
SECOND_FACTOR_ROLES = env.words(
    "SECOND_FACTOR_ROLES", ["planning", "head", "clerk", "reader", "auditor"]
)
OTP_TOTP_ISSUER = "総合戦略"  # short: it makes the QR code coarser

# Reverting to an earlier version would bypass the checks of recording.py.
SIMPLE_HISTORY_REVERT_DISABLED = True

# The name of the office that maintains the strategy and opens the years, where planning has not
# registered it (trail/installation.py).
PLANNING_OFFICE = env.text("PLANNING_OFFICE", "企画担当")
# The terms of use of the data (reports/licences.py), and the office's mail address or telephone.
DATA_LICENCE = env.text("DATA_LICENCE")
DATA_CONTACT = env.text("DATA_CONTACT")

# Whether /public/ shows published editions without log-in (reviews/views/public.py).
PUBLIC_PAGES = env.flag("PUBLIC_PAGES")

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語")]
# Our own Japanese for texts of Django and its packages that read unnaturally.
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["nemuro_strategy.formats"]

# tables/uploads.py checks every upload. Its handler discards excess data before Django's handlers
# store it.
UPLOAD_MAX_BYTES = env.whole_number("UPLOAD_MAX_BYTES", 5 * 1024 * 1024, smallest=1)
# tables/workbook_size.py counts what a workbook has before it is read, tables/own_process.py limits
# the processor time and the memory of reading it.
UPLOAD_MAX_CELLS = env.whole_number("UPLOAD_MAX_CELLS", 400_000, smallest=1)
UPLOAD_MAX_STRINGS = env.whole_number("UPLOAD_MAX_STRINGS", 100_000, smallest=1)
UPLOAD_MAX_STYLES = env.whole_number("UPLOAD_MAX_STYLES", 20_000, smallest=1)
UPLOAD_MAX_NAMES = env.whole_number("UPLOAD_MAX_NAMES", 10_000, smallest=1)
UPLOAD_READ_SECONDS = env.whole_number("UPLOAD_READ_SECONDS", 4, smallest=1)
UPLOAD_READ_MEGABYTES = env.whole_number("UPLOAD_READ_MEGABYTES", 200, smallest=50)
# tables/file_making.py: how many heavy files are made at once, each in a process of its own.
FILES_AT_ONCE = env.whole_number("FILES_AT_ONCE", 2, smallest=1)
# How many files one person may receive within a minute (trail/downloads_a_minute.py), and how many
# uploads may be previewed (tables/import_pages.py): more than anybody does by hand. 0: no limit.
FILES_A_MINUTE = env.whole_number("FILES_A_MINUTE", 60)
PREVIEWS_A_MINUTE = env.whole_number("PREVIEWS_A_MINUTE", 20)
# 根拠資料: allowed types by file extension; indicators/evidence/types.py lists the possible ones.
EVIDENCE_MAX_BYTES = env.whole_number("EVIDENCE_MAX_BYTES", 10 * 1024 * 1024, smallest=1)
EVIDENCE_KINDS = [
    ending.lower().removeprefix(".")
    for ending in env.texts(
        "EVIDENCE_KINDS", ["pdf", "xlsx", "docx", "xls", "csv", "jpg", "jpeg", "png"]
    )
]
# Each form says how many files it takes. Beyond this number Django refuses the form without a word.
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000
FILE_UPLOAD_HANDLERS = [
    "tables.upload_names.WideSpaces",
    "tables.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# The planning office's entry grid has all indicators of a city, with nine fields each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Mail is used for reminders only; without EMAIL_HOST none is sent. Links in mails use SITE_URL.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.whole_number("EMAIL_PORT", 25, smallest=1, largest=65_535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL")
SITE_URL = env.text("SITE_URL").rstrip("/")

# Sections are reminded this many days before the due date. After it they are reminded on the next
# day and then at this interval in days (0: not again).
REMINDER_DAYS_BEFORE = env.whole_numbers("REMINDER_DAYS_BEFORE", [14, 7, 1], largest=CENTURY)
REMINDER_REPEAT_DAYS = env.whole_number("REMINDER_REPEAT_DAYS", 7, largest=CENTURY)

# manage.py backup: how many backups are kept (0: all), the file with the keys that encrypt them,
# and after how many days without one planning's first page warns (0: it says nothing of backups).
BACKUP_KEEP = env.whole_number("BACKUP_KEEP", 14)
BACKUP_KEY_FILE = env.text("BACKUP_KEY_FILE")
BACKUP_WARN_DAYS = env.whole_number("BACKUP_WARN_DAYS", 2, largest=CENTURY)

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]


def private_files(directory: Path) -> dict[str, object]:
    """Return a storage with files that only the owner of the process can read."""
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": directory,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


# Where uploaded files and kept pages are: a folder, which several web
# servers may share, or an S3-compatible store.
FILES_STORAGE = env.choice("FILES_STORAGE", ["folder", "s3"])
FILES_DIR = env.folder("FILES_DIR", DATA_DIR)
S3_ENDPOINT = env.text("S3_ENDPOINT")
S3_BUCKET = env.text("S3_BUCKET")
S3_ACCESS_KEY = env.text("S3_ACCESS_KEY")
S3_SECRET_KEY = env.text("S3_SECRET_KEY")
S3_REGION = env.text("S3_REGION", "us-east-1")
S3_CA_FILE = env.text("S3_CA_FILE")


def private_storage(name: str) -> dict[str, object]:
    """Return the storage that the settings choose for one kind of files."""
    if FILES_STORAGE == "s3":
        return {"BACKEND": "tables.object_store.PrivateObjects", "OPTIONS": {"location": name}}
    return private_files(FILES_DIR / name)


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "evidence": private_storage("evidence"),
    # Imported files between preview and confirmation.
    "pending_imports": private_storage("pending-imports"),
    # Pages that answered a form, for the browser's back button.
    "answer_pages": private_storage("answer-pages"),
}
# Also serve files that collectstatic has not collected, so that a fresh clone has its styles.
WHITENOISE_USE_FINDERS = True

# nemuro_strategy/request_log.py: slow requests are logged at WARNING, all others at INFO.
SLOW_REQUEST_SECONDS = env.whole_number("SLOW_REQUEST_SECONDS", 3, smallest=1)
# trail/events.py: the log of events goes to the city's log server, too (host:port, by UDP), and is
# kept for this many days (0: for ever).
EVENT_LOG_DAYS = env.whole_number("EVENT_LOG_DAYS", 0, largest=CENTURY)
SYSLOG_SERVER = env.address("SYSLOG_SERVER")
_handlers: dict[str, dict[str, Any]] = {
    "console": {
        "class": "logging.StreamHandler",
        "formatter": env.choice("LOG_FORMAT", ["plain", "json"]),
        "filters": ["outages", "refusals", "request_id"],
    },
}
if SYSLOG_SERVER:
    _handlers["syslog"] = {
        "class": "nemuro_strategy.log_server.LogServer",
        "address": SYSLOG_SERVER,
        "formatter": "json",
    }
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "json_ensure_ascii": False,
        },
    },
    "filters": {
        "outages": {"()": "nemuro_strategy.outages.OneLinePerOutage"},
        "refusals": {"()": "nemuro_strategy.request_log.OneLinePerRefusal"},
        "request_id": {"()": "nemuro_strategy.request_log.WithRequestId"},
    },
    "handlers": _handlers,
    "root": {
        "handlers": ["console"],
        "level": env.choice("LOG_LEVEL", ["WARNING", "ERROR", "INFO", "DEBUG", "CRITICAL"]),
    },
    "loggers": {
        # Failed log-ins are recorded as events (trail/events.py); logging them again is noise.
        "axes": {"level": "ERROR"},
        # Events are in the database; the log server is a second place for them, not the console.
        "events": {
            "level": "INFO",
            "handlers": [name for name in _handlers if name == "syslog"],
            "propagate": False,
        },
    },
}

# Ours says the same in Japanese (nemuro_strategy/checks.py).
SILENCED_SYSTEM_CHECKS = ["security.W009"]

# What was read above, for the list of settings in a backup.
SETTING_NAMES = sorted(env.names)
