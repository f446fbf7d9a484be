"""One settings file for every place. What differs between places comes from the environment (docs/operations.md lists
it), and where no DATABASE_URL is named perfsys.embedded fills it in before this file is read.

PERFSYS_ENV=local, the default, answers to this machine's own names only: a deployment that forgot `production` is
noticed at its first request. `production` refuses to start while anything in `_refusals` is true.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from perfsys import logs


def envstr(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default  # compose passes an unset variable on as an empty one


def envbool(name: str, default: bool) -> bool:
    word = envstr(name).lower()
    if word not in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {word!r}.")
    return word in ("1", "true", "yes", "on") if word else default


def envint(name: str, default: int) -> int:
    word = envstr(name, str(default))
    if not word.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {word!r}.")
    return int(word)


def envlist(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in envstr(name, default).split(",") if word.strip()]


def envsecret(name: str, default: str = "") -> str:
    """The variable itself, or the content of the file that NAME_FILE names (Docker and Kubernetes secrets)."""
    if not (path := envstr(f"{name}_FILE")):
        return envstr(name, default)
    if name in os.environ:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one.")
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}.") from None


def envchoice(name: str, *choices: str) -> str:
    """One of `choices`; the first of them where nothing is set."""
    word = envstr(name, choices[0])
    if word not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {word!r}.")
    return word


BASE_DIR = Path(__file__).resolve().parents[1]
PRODUCTION = envchoice("PERFSYS_ENV", "local", "production") == "production"
LOCAL_SECRET = "only-for-commands-that-serve-nobody"  # noqa: S105 the word production refuses
SECRET_KEY = envsecret("SECRET_KEY", LOCAL_SECRET)
SECRET_KEY_FALLBACKS = [old for old in [envsecret("SECRET_KEY_OLD")] if old]  # while the key is being changed
DEBUG = envbool("DEBUG", False)
ALLOWED_HOSTS = envlist("ALLOWED_HOSTS") if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = envlist("CSRF_TRUSTED_ORIGINS")
ROOT_URLCONF = "perfsys.urls"
WSGI_APPLICATION = "perfsys.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Account"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "csp",
    "django_htmx",
    "django_structlog",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "perfsys",
    "perfsys.tenancy",
    "perfsys.audit",
    "perfsys.jobs",
    "perfsys.people",
    "perfsys.notices",
    "perfsys.tokens",
    "perfsys.imports",
    "perfsys.lexicon",
    "integrations",
    "goals",
    "feedback",
    "reviews",
    "dashboards",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "perfsys.middleware.RequestLog",
    "csp.middleware.CSPMiddleware",
    "perfsys.middleware.NoStore",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "perfsys.people.sessions.SignInLimits",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "perfsys.middleware.RefuseInWords",
    "perfsys.tenancy.routes.RefuseUndeclaredRoutes",
]
# Views of other packages carry no rule of ours: each is let through by its URL name (perfsys.tenancy.routes).
PUBLIC_VIEWS: set[str] = {
    "account_login",
    "account_logout",
    "account_signup",  # says that accounts come by invitation
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboards.shell.shell",
            ],
        },
    }
]
FORM_RENDERER = "perfsys.common.forms.Renderer"

_database = urlsplit(envsecret("DATABASE_URL", "postgresql://127.0.0.1:1/none"))
DATABASES = {
    "default": {
        "ENGINE": "perfsys.tenancy.backend",
        "HOST": unquote(_database.hostname or ""),  # a folder, percent-encoded, is a socket
        "PORT": _database.port or 5432,
        "USER": unquote(_database.username or ""),
        "PASSWORD": envsecret("DATABASE_PASSWORD", unquote(_database.password or "")),
        "NAME": _database.path.lstrip("/"),
        "OPTIONS": {"connect_timeout": 5, "application_name": "perfsys", **dict(parse_qsl(_database.query))},
        # A connection costs four bare page views (performance.md): they are kept, also behind a pooler.
        "CONN_MAX_AGE": envint("CONN_MAX_AGE", 600),  # seconds
        "CONN_HEALTH_CHECKS": True,  # a restarted server costs one reconnect, not an error page
        # A cursor held past its transaction finds another server behind a transaction-mode pooler.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
REDIS_URL = envsecret("REDIS_URL", "redis://127.0.0.1:1/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # Beside the broker, not in it: clearing the cache must not clear the queue.
        "LOCATION": envsecret("CACHE_URL", urlsplit(REDIS_URL)._replace(path="/1").geturl()),
        "KEY_PREFIX": "c",
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "perfsys.formats"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static" if PRODUCTION else None  # where collectstatic puts what an image serves
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "perfsys.static.PackagedFiles",
]
WHITENOISE_USE_FINDERS = not PRODUCTION  # served from the wheels themselves: no collectstatic on a first start
WHITENOISE_AUTOREFRESH = DEBUG
_hashed = "whitenoise.storage.CompressedManifestStaticFilesStorage"
# Where attachments are kept. A bucket is read and written by this application alone, with the credentials boto3 finds
# (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's role); no address into it is ever given out.
MEDIA_S3_BUCKET = envstr("MEDIA_S3_BUCKET")
_in_s3 = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": MEDIA_S3_BUCKET,
        "endpoint_url": envstr("MEDIA_S3_ENDPOINT") or None,
        "region_name": envstr("MEDIA_S3_REGION") or None,
        "file_overwrite": False,
        "default_acl": None,  # the bucket's own, which nobody else reads
    },
}
STORAGES = {
    "default": _in_s3 if MEDIA_S3_BUCKET else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _hashed if PRODUCTION else "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = Path(envstr("MEDIA_ROOT", str(BASE_DIR / "var" / "media")))  # no MEDIA_URL: files are served by views
MEDIA_CLAMD = envstr("MEDIA_CLAMD")  # tcp://host:3310 or unix:///run/clamav/clamd.ctl
# A dotted path, called as scanner(content: bytes) -> bool: what was attached stays closed until it is found clean.
ATTACHMENT_SCANNER = envstr("ATTACHMENT_SCANNER", "perfsys.common.clamd.is_clean" if MEDIA_CLAMD else "")

# --- signing in: security.md §3, items 1-11 ---
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "perfsys.people.passwords.Length"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "perfsys.people.passwords.NotRepeated"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "phone")},
    },
    {"NAME": "perfsys.people.passwords.NotOurWords"},
]
PASSWORD_RESET_TIMEOUT = 15 * 60  # seconds
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "perfsys.people.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # nobody signs up; without password1 nobody signs in by password
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation that was opened has verified it
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True  # as long as perfsys.people.sessions lets it
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",  # a whole shift signs in behind one address; failures: perfsys.people.attempts
    "login_failed": "5/15m/key",  # codes of the second step
    "reset_password": "20/h/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
}
SESSION_COOKIE_AGE = 12 * 60 * 60
MFA_ADAPTER = "perfsys.people.sign_in.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "陪跑"
MFA_ALLOW_UNVERIFIED_EMAIL = True
SECOND_STEP_COMPULSORY = envbool("SECOND_STEP_COMPULSORY", PRODUCTION)  # for administrators, HR partners, pay

# What runs each kind of job, and when; see perfsys.jobs.handlers and perfsys.jobs.schedules.
JOB_HANDLERS = {
    "audit.seal": "perfsys.audit.tasks.seal",
    "jobs.dead": "perfsys.notices.tasks.tell_about_a_dead_job",
    "notices.deliver": "perfsys.notices.tasks.deliver",
    "notices.digest": "perfsys.notices.tasks.digest",
    "imports.read": "perfsys.imports.tasks.read",
    "imports.judge": "perfsys.imports.tasks.judge",
    "imports.apply": "perfsys.imports.tasks.apply",
    "imports.undo": "perfsys.imports.tasks.undo",
    "imports.forget_old": "perfsys.imports.tasks.forget_old",
    "tokens.forget_old": "perfsys.tokens.tasks.forget_old",
    "people.day": "perfsys.people.tasks.turn_the_day",
    "people.invite": "perfsys.people.tasks.invite_all",
    "lexicon.standard": "perfsys.lexicon.tasks.add_standard_terms",
    "integrations.behaviour": "integrations.tasks.look_at_behaviour",
    "integrations.deliver": "integrations.tasks.deliver",
    "integrations.due": "integrations.tasks.begin_due",
    "integrations.forget_old": "integrations.tasks.forget_old_messages",
    "integrations.orphans": "integrations.tasks.remove_orphans",
    "integrations.people": "integrations.tasks.tell_of_people",
    "integrations.scan": "integrations.tasks.scan_proof",
    "integrations.sync": "integrations.tasks.sync",
    "integrations.texts": "integrations.tasks.send_texts",
    "integrations.delivered": "integrations.tasks.read_deliveries",
    "integrations.watch": "integrations.tasks.watch",
    "integrations.reconcile": "integrations.tasks.reconcile",
    "integrations.reconcile_pair": "integrations.tasks.reconcile_pair",
    "integrations.disputes": "integrations.tasks.remind_of_disputes",
    "integrations.figures": "integrations.tasks.figures",
    "integrations.metric": "integrations.tasks.metric",
    "integrations.metrics": "integrations.tasks.metrics",
    "goals.adjustments": "goals.tasks.send_adjustments",
    "goals.blockers": "goals.tasks.tell_of_waiting_blockers",
    "goals.bound": "goals.tasks.check_in_bound",
    "goals.held": "goals.tasks.tell_of_held",
    "goals.carry": "goals.tasks.carry_over",
    "goals.cascade": "goals.tasks.cascade",
    "goals.evidence": "goals.tasks.attach_evidence",
    "goals.match": "goals.tasks.match",
    "goals.health": "goals.tasks.check_health",
    "goals.orphans": "goals.tasks.remove_orphans",
    "goals.scan": "goals.tasks.scan_proof",
    "goals.overlaps": "goals.tasks.find_overlaps",
    "goals.workshop": "goals.tasks.open_workshop",
    "feedback.nudge": "feedback.tasks.nudge_managers",
    "feedback.remind": "feedback.tasks.remind",
    "feedback.retro": "feedback.tasks.open_retro",
    "feedback.retro_close": "feedback.tasks.close_retro",
    "feedback.gripes": "feedback.tasks.turn_gripe_day",
    "feedback.gripes_told": "feedback.tasks.tell_of_gripe_day",
    "feedback.scan": "feedback.tasks.scan_file",
    "feedback.orphans": "feedback.tasks.remove_orphans",
    "dashboards.penetration": "dashboards.tasks.issue_penetration",
    "dashboards.penetration_told": "dashboards.tasks.tell_of_penetration",
    "reviews.packs": "reviews.tasks.make_packs",
}
SCHEDULES = {
    "audit.seal": ("every 60 minutes", "collapse"),
    "notices.digest": ("daily 08:30", "collapse"),
    "imports.forget_old": ("daily 03:30", "collapse"),
    "tokens.forget_old": ("daily 03:40", "collapse"),
    "people.day": ("daily 00:05", "collapse"),
    "lexicon.standard": ("daily 00:20", "collapse"),
    "integrations.behaviour": ("daily 06:40", "collapse"),
    "integrations.deliver": ("every 5 minutes", "collapse"),
    "integrations.due": ("every 5 minutes", "collapse"),
    "integrations.forget_old": ("daily 03:35", "collapse"),
    "integrations.orphans": ("daily 03:50", "collapse"),
    "integrations.people": ("every 5 minutes", "collapse"),
    "integrations.texts": ("every 5 minutes", "collapse"),
    "integrations.watch": ("every 15 minutes", "collapse"),
    "integrations.reconcile": ("every 60 minutes", "collapse"),
    "integrations.disputes": ("work days 08:15", "collapse"),
    "integrations.metrics": ("daily 00:10", "collapse"),
    "goals.bound": ("daily 01:00", "collapse"),
    "goals.blockers": ("daily 08:00", "collapse"),
    "goals.health": ("daily 02:00", "collapse"),
    "goals.adjustments": ("daily 07:30", "collapse"),
    "goals.orphans": ("daily 03:45", "collapse"),
    "goals.workshop": ("daily 08:10", "collapse"),
    "feedback.nudge": ("weekly thu 09:00 or previous work day of the week", "collapse"),
    "feedback.remind": ("work days 08:20", "collapse"),
    "feedback.retro": ("weekly fri 15:00 or previous work day of the week", "late 48h"),
    "feedback.retro_close": ("weekly mon 12:00", "collapse"),
    "feedback.gripes": ("daily 00:15", "collapse"),
    "feedback.gripes_told": ("daily 09:00", "collapse"),
    "feedback.orphans": ("daily 03:50", "collapse"),
    "dashboards.penetration": ("monthly 10 06:00", "collapse"),
    "reviews.packs": ("every 30 minutes", "collapse"),
}
# What is to be done when a sync brought something: its own kinds and those of apps above, enqueued in the transaction
# of the rows with {"run": its id}.
JOBS_AFTER_SYNC = ["goals.evidence", "integrations.figures"]
# Who sends text messages: f(notices, at=...) of apps above, called where a notice of a kind that is worth one is told,
# with those whose readers chose it.
NOTICE_TEXTS = ["integrations.actions.texting.write_texts"]
# Who is told before a metric changes, beside those who answer for it: functions of apps above, f(definition) ->
# employees.
METRIC_BOUND = ["goals.queries.bound.owners_bound"]
# Who may contest a figure because they are measured by it: f(employee, definition, key) -> bool.
METRIC_CONTESTED_BY = ["goals.queries.bound.has_on_a_goal"]
# What is to be done when figures of a metric are other ones, or may be used again: kinds of jobs of apps above, with
# {"definition": its id}.
JOBS_AFTER_FIGURES = ["goals.bound"]
# The same once figures are held until people have looked, and once they are free again.
JOBS_AFTER_HOLDS = ["goals.held"]
IMPORT_KINDS = {
    "people": "perfsys.imports.people_kind.PeopleImport",
    "goals": "goals.importing.kinds.GoalImport",
    "check_ins": "goals.importing.kinds.CheckInImport",
    "feedback": "feedback.importing.kinds.FeedbackImport",
    "dictionary": "feedback.importing.dictionary_kinds.DictionaryImport",
    "vague": "feedback.importing.dictionary_kinds.VagueImport",
}
# Who acts, for the record: named here, because the apps that write it stand below the one that knows people.
PERSON_OF_REQUEST = "perfsys.people.access.person"
# Who saved a thing that is being saved again, for the page that says so: f(request, thing, times=how often).
WHO_SAVED = "perfsys.audit.access.who_saved"
# Pages somebody begins on, whatever the role, while something there has stopped and waits for this very person: a
# function of the request, of an app above the one that opens the first page.
URGENT_PAGES = {
    "goals:start": "goals.access.begins_anew",
    "integrations:list": "integrations.access.something_stopped",
}
# What a new company is given: actions of apps above the one that makes it, called in its scope as step(now=...).
NEW_TENANT_STEPS = ["perfsys.lexicon.actions.add_standard_terms"]
# Intranet hosts that a company's connections may reach, plain http too: "acme=erp.acme.lan:8069,acme=10.2.0.9". The
# operator's word, never self-service (security.md §3 item 27). All others: https, public addresses.
INTEGRATION_INTRANET = envlist("INTEGRATION_INTRANET")
# Where drop folders lie: <root>/<slug>/<folder of the connection>. Without it files are handed in on the page.
INTEGRATION_DROPS = Path(envstr("INTEGRATION_DROPS")) if envstr("INTEGRATION_DROPS") else None
# Pages in a row that may hold nothing but rows of the same reading; then it is ended. Some systems send empty pages.
INTEGRATION_STALE_PAGES = envint("INTEGRATION_STALE_PAGES", 200)
# Rows of one list that a run reads at most; the rest is the next run's. A source may send something new for ever.
INTEGRATION_RUN_ROWS = envint("INTEGRATION_RUN_ROWS", 200_000)
# A model of relevance trained here, in place of the shipped one; for an installation of one company
# (docs/decisions/0008).
ALIGNMENT_MODEL = envstr("ALIGNMENT_MODEL")
# Seals what connections sign in with: 32 bytes in base64, by id, "2026a:...". The first seals, all of them open.
INTEGRATION_KEYS = [key for key in envsecret("INTEGRATION_KEYS").split(",") if key]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["perfsys.tokens.holder.ByToken"],
    "DEFAULT_PERMISSION_CLASSES": [],  # the door and access.py decide
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["perfsys.tokens.reading.Json"],
    "DEFAULT_PAGINATION_CLASS": "perfsys.tokens.paging.Pages",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "perfsys.tokens.once.Schema",
    "EXCEPTION_HANDLER": "perfsys.tokens.problems.answer_to",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "perfsys",
    "DESCRIPTION": "Goals, check-ins, alignments, adjustment requests, metrics; docs/api.md tells it with examples.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_PATCH": False,  # a change names its version
    "SCHEMA_PATH_PREFIX": r"/t/{tenant}/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "PeriodState": "goals.models.PeriodState.choices",
        "RequestState": "goals.models.RequestState.choices",
        "AskedState": "feedback.models.RequestState.choices",
    },
}
# Who may look at the jobs of all tenants at /ops/jobs/: e-mails of accounts. Counts only, nothing of a tenant's own.
PERFSYS_OPERATORS = [email.lower() for email in envlist("PERFSYS_OPERATORS")]

CELERY_WORKER_CONCURRENCY = envint("WORKER_CONCURRENCY", 2)
# One short of all, so that a tenant with 50,000 jobs leaves a place for the one with a single job.
JOBS_PER_TENANT = envint("JOBS_PER_TENANT", max(1, CELERY_WORKER_CONCURRENCY - 1))

# Celery carries hints alone ("look at the tables"), yet a hint lost is a job 30 s late: security.md §4.1 tells what
# each of these cost before it was set.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TRACK_STARTED = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_TASK_SOFT_TIME_LIMIT = 240  # seconds; longer work comes in chunks
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KB
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = envint("WORKER_GRACE", 30)  # seconds for tasks that run when it is asked to stop
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_BROKER_POOL_LIMIT = 10
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # seconds; more than twice the time limit, or a running task is started again
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 2,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "socket_timeout": 30,
    # A request that wakes a worker must not wait for a broker that is away: 6 s by default, 0.1 s like this.
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "retry_on_timeout": True,
    "queue_order_strategy": "round_robin",
}
# A connection for each task costs four times the task (performance.md): it is kept, and replaced now and then.
CELERY_DB_REUSE_MAX = 1000
# Beat only ticks and reaps: every business schedule is a row, so a second beat is harmless.
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "perfsys.jobs.tasks.tick", "schedule": 30.0, "options": {"expires": 60}},
    "reap": {"task": "perfsys.jobs.tasks.reap", "schedule": 60.0, "options": {"expires": 120}},
}

# --- deployment ---
# Requests reach us by plain http; the proxy in front says in this header what the browser spoke. Whoever sets it
# vouches that the proxy removes the header from what clients send.
if _header := envstr("TRUSTED_SSL_HEADER"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + _header.upper().replace("-", "_"), "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked from inside, past the proxy
TRUSTED_PROXY_COUNT = envint("TRUSTED_PROXY_COUNT", 0)  # how many of X-Forwarded-For's last entries are ours
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# __Host-: browsers accept these only over https, for this host alone and every path: no sister site can plant one.
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if PRODUCTION else "language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True  # scripts take the token from the page
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"

SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = envbool("HSTS_SUBDOMAINS", True)
SECURE_CONTENT_TYPE_NOSNIFF = True
DATA_UPLOAD_MAX_NUMBER_FILES = 200  # files of half a year are handed in at once (integrations)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

PUBLIC_URL = envstr("PUBLIC_URL", "http://127.0.0.1:8000")  # in links that a command or a job sends
EMAIL_HOST = envstr("EMAIL_HOST")
EMAIL_PORT = envint("EMAIL_PORT", 587 if PRODUCTION else 25)
EMAIL_HOST_USER = envstr("EMAIL_USER")
EMAIL_HOST_PASSWORD = envsecret("EMAIL_PASSWORD")
EMAIL_USE_TLS = envbool("EMAIL_TLS", PRODUCTION)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = envstr("EMAIL_FROM", "perfsys@localhost")
if not EMAIL_HOST:  # what would have been sent can be read there
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(BASE_DIR / "var" / "mail")

LOGGING = logs.configuration(as_json=PRODUCTION, level=envchoice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"))
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # DEBUG: one line a request, written when it has finished
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20  # INFO: a mistyped address is no warning
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # it believes any X-Forwarded-For; see middleware.client_ip


def _refusals() -> dict[str, bool]:
    return {
        "SECRET_KEY must be set, secret, and at least 50 characters long": len(SECRET_KEY) < 50
        or len(set(SECRET_KEY)) < 5,
        "DEBUG must be off": DEBUG,
        "ALLOWED_HOSTS must name the hosts served here, and not *": not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS,
        "DATABASE_URL must be set": not envsecret("DATABASE_URL"),
        "REDIS_URL must be set": not envsecret("REDIS_URL"),
        "PUBLIC_URL must be the https address people use": not envstr("PUBLIC_URL").startswith("https://"),
        "EMAIL_HOST must be set, or invitations and password resets would not arrive": not EMAIL_HOST,
        "MEDIA_S3_BUCKET needs the packages of requirements-s3.lock": bool(MEDIA_S3_BUCKET)
        and find_spec("storages") is None,
        "MEDIA_CLAMD must be tcp://host:port or unix:///path": bool(MEDIA_CLAMD)
        and not MEDIA_CLAMD.startswith(("tcp://", "unix:///")),
    }


if PRODUCTION and (_reasons := [sentence for sentence, is_so in _refusals().items() if is_so]):
    raise ImproperlyConfigured("PERFSYS_ENV=production refuses to start: " + "; ".join(_reasons) + ".")
