"""Settings, read from the environment; safe for development as they stand.

In production (``DJANGO_ENV=production``) the program refuses to start with DEBUG, a default
secret, no field keys or open hosts: see ``staff/checks.py`` for what else is checked.
"""

from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from dealer_crm import sqlite

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

PRODUCTION: bool = env.str("DJANGO_ENV", "development") == "production"
DEBUG: bool = env.bool("DEBUG", False)
# Where the database file, the broker's folders, uploads and the key ring of an embedded installation live.
VAR_DIR: Path = env.path("VAR_DIR", BASE_DIR / "var")

_DEVELOPMENT_SECRET = "development-only-" + "0" * 48
SECRET_KEY: str = env.str("SECRET_KEY", _DEVELOPMENT_SECRET)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

# Key ring for encrypted columns: see docs/decisions/0003. Outside the database, made once in development.
FIELD_KEYS: str = env.str("FIELD_KEYS", "")
FIELD_KEYS_FILE: Path = env.path("FIELD_KEYS_FILE", VAR_DIR / "field-keys.json")

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")
    if SECRET_KEY == _DEVELOPMENT_SECRET or len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("Set SECRET_KEY to a random text of at least 50 characters.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names this server answers to.")
    if not FIELD_KEYS and not FIELD_KEYS_FILE.is_file():
        raise ImproperlyConfigured(
            "Set FIELD_KEYS or FIELD_KEYS_FILE: phones and addresses are encrypted with it."
        )

INSTALLED_APPS = [
    "staff",
    "jobs",
    "customers",
    "segmentation",
    "campaigns",
    "callcenter",
    "dashboards",
    "dealer_crm.apps.WiringConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "rest_framework",
    "import_export",
    "django_htmx",
    "lucide",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "staff.middleware.BrowserPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "staff.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "staff.middleware.HtmxSignInMiddleware",
    "staff.middleware.SessionAgeMiddleware",
    "staff.middleware.NewPasswordMiddleware",
    "staff.middleware.ActiveStoreMiddleware",
]

ROOT_URLCONF = "dealer_crm.urls"
WSGI_APPLICATION = "dealer_crm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

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
                "django.template.context_processors.i18n",
                "dealer_crm.navigation.chrome",
            ],
        },
    },
]

# Databases: one small file by default, PostgreSQL where a dealer is serious.
DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'dealer_crm.sqlite3'}")}
_database = DATABASES["default"]
# More make nothing faster; an import does with fewer, for its sorts take as much again.
SQLITE_CACHE_KB = 49152
if _database["ENGINE"].endswith("sqlite3"):
    _journal = "WAL" if sqlite.wal_is_safe(sqlite.library_version()) else "DELETE"
    # IMMEDIATE with a long timeout: writers wait for each other instead of failing half-way
    # (measured: 0 errors, else 1,610 of 2,000).
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode={_journal};PRAGMA synchronous=FULL;"
        f"PRAGMA cache_size={-SQLITE_CACHE_KB};",
    }
    VAR_DIR.mkdir(parents=True, exist_ok=True)
else:
    _database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
    _database["CONN_HEALTH_CHECKS"] = True

# Redis where there is one; else the embedded broker (folders) and the database as shared cache.
REDIS_URL: str = env.str("REDIS_URL", "")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entry"}
    }

BROKER_DIR: Path = VAR_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
if not REDIS_URL:
    for _folder in ("messages", "processed", "control"):
        (BROKER_DIR / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT = "dealer_crm.folders.Transport"
    # Commands to running workers would pile up as files for every worker that ever ran.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "polling_interval": 0.1,
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 1800,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
    }
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Below the visibility timeout, else Redis would deliver a running job once more.
CELERY_TASK_TIME_LIMIT = 1500
CELERY_TASK_SOFT_TIME_LIMIT = 1440
# How long the place of a killed child stays empty: no result of it can still be under way.
CELERY_WORKER_LOST_WAIT = 1
# In kB: a child that grew over a job, by scikit-learn or a large file, makes room for a fresh one after it.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 200_000
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY = False
JOB_SWEEP = timedelta(seconds=env.int("JOB_SWEEP_SECONDS", 30))
CELERY_BEAT_SCHEDULER = "jobs.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    # A message older than the next one is of no use: it must not pile up while no worker runs.
    "ring again for due jobs": {"task": "jobs.sweep", "schedule": JOB_SWEEP, "options": {"expires": 25}},
    "plan the night": {
        "task": "segmentation.plan_nightly",
        "schedule": crontab(hour="2", minute="10"),
        "options": {"expires": 3600},
    },
    "forget old uploads": {
        "task": "customers.forget_import_files",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"expires": 3600},
    },
    "forget old exports": {
        "task": "jobs.forget_exports",
        "schedule": crontab(minute="20"),
        "options": {"expires": 3000},
    },
}
# A short lease and the heartbeat that renews it: how soon the work of a killed worker is taken up again.
JOB_LEASE = timedelta(seconds=env.int("JOB_LEASE_SECONDS", 30))
# Who is told when something happens that an app further right cares about: announced event -> job kinds.
JOB_REACTIONS: dict[str, list[str]] = {
    "visits_changed": ["segmentation.segment_store"],
    # A complaint, a sale, a purchase date or a mark: what care statuses read besides visits.
    "card_changed": ["segmentation.segment_store"],
}

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "staff.accounts.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# A write at every page view would make readers wait for an import's transaction.
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "dealer_crm.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # Whether the domain joins the browsers' preload list is its owner's decision.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("COOKIES_SECURE", True)
    SESSION_COOKIE_NAME = "__Host-sessionid" if SESSION_COOKIE_SECURE else "sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken" if CSRF_COOKIE_SECURE else "csrftoken"
    if env.bool("BEHIND_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        # Else the sign-in limits would count everyone as the proxy.
        ALLAUTH_TRUSTED_PROXY_COUNT = 1

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = env.str("TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dealer_crm.finders.NpmFinder",
]
NPM_STATIC = {
    "vendor/chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "vendor/chart.umd.min.js.map": "chart.js/dist/chart.umd.min.js.map",
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Hashed names need a collectstatic run; the development server reads the sources as they are.
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if env.bool("HASHED_STATIC", PRODUCTION)
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
    },
}
# Without collected files (demo, tests, development) WhiteNoise serves straight from the finders.
WHITENOISE_USE_FINDERS = not env.bool("HASHED_STATIC", PRODUCTION)
CHARTS_MODE: str = env.str("CHARTS_MODE", "cdn" if PRODUCTION else "local")
CHARTJS_CDN_URL: str = env.str(
    "CHARTJS_CDN_URL", "https://cdn.jsdelivr.net/npm/chart.js@4.6.1/dist/chart.umd.min.js"
)
CHARTJS_SRI: str = env.str(
    "CHARTJS_SRI", "sha384-Emf5ZVIUiarAdhkgtqK+5/Z5qIvM6QoVrS+qAVtfyZVuD5lIHrac0me485+Antp0"
)
CHARTJS_TIMEOUT_MS: int = env.int("CHARTJS_TIMEOUT_MS", 1500)

# Uploads go to a private folder, never to a public address.
MEDIA_ROOT = VAR_DIR / "files"
MEDIA_URL = ""
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
IMPORT_MAX_BYTES: int = env.int("IMPORT_MAX_BYTES", 100 * 1024 * 1024)
# Rows in one exported file.
EXPORT_MAX_ROWS: int = env.int("EXPORT_MAX_ROWS", 50_000)
# Rows about customers that one person takes along from a store in a day without asking another.
EXPORT_ALONE_ROWS: int = env.int("EXPORT_ALONE_ROWS", 500)
# How long an approved file can be fetched.
EXPORT_KEEP = timedelta(hours=env.int("EXPORT_KEEP_HOURS", 24))
# Called with an approved request, in the transaction of the approval.
EXPORT_MAKER = "jobs.exports.order"
# Small tables on the admin site: what waits for its confirmation is in the shared cache, not in the temporary folder.
IMPORT_EXPORT_TMP_STORAGE_CLASS = "import_export.tmp_storages.CacheStorage"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
}

# How many whole phone numbers one person may look at in a day.
PHONE_REVEALS_PER_DAY: int = env.int("PHONE_REVEALS_PER_DAY", 200)

# What apps further right add to a customer's card and to the greeting: see customers/card.py.
# What an import's dry run says would follow: see customers/dms/trial.py.
IMPORT_CONSEQUENCES: list[str] = ["segmentation.consequences.of_import", "campaigns.consequences.of_import"]
# What a finished import's page says did follow: called with the store and the moment its rows stood written.
IMPORT_AFTERMATH: str = "segmentation.consequences.after_import"
LABEL_SOURCES: list[str] = ["segmentation.card.labels"]
# Who knows which cars are expected at the desk today.
EXPECTED_SOURCES: list[str] = ["callcenter.desk.expected"]
# Where a list finds a car's label when it filters by it: label -> look-up from the vehicle.
LABEL_LOOKUPS: dict[str, str] = {"c3": "segment__c3", "care_status": "segment__care_status"}
CARD_SOURCES: list[str] = [
    "customers.contribution.contribute",
    "segmentation.card.contribute",
    "campaigns.card.contribute",
    "callcenter.card.contribute",
]
# What a trial of other thresholds would touch besides the cars.
WHATIF_SOURCES: list[str] = ["campaigns.whatif.touched"]
# Who counts on a saved segment: it is not put away under them.
SEGMENT_USES: list[str] = ["campaigns.segments.uses"]
# Called with campaign= and today= when a campaign opens, in its transaction.
CAMPAIGN_OPENED: list[str] = ["callcenter.assignment.make_calls"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
    # The folder broker has no host, which kombu mentions at every start.
    "loggers": {"kombu.connection": {"level": "ERROR"}},
}
