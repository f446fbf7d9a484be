"""One line per event on standard error: JSON in production, readable elsewhere.

Nothing a user typed belongs in a log (security.md §3, item 34): no bodies, no query strings, no local variables in
tracebacks, and none of what libraries hang on a record as `extra`, such as the request object.
"""

import re
import sys
import traceback
from typing import Any

import structlog

# PostgreSQL quotes the offending row: "DETAIL:  Key (email)=(ada@example.com) already exists."
DETAIL = re.compile(r"(?m)^(DETAIL:).*$")
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,  # request_id, and whatever a job binds
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configuration(*, as_json: bool, level: str) -> dict[str, Any]:
    """Configure structlog, and return Django's LOGGING, so that both write through the same formatter."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=as_json,  # elsewhere tests swap the processors
    )
    ours = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendered(as_json=as_json)],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": ours},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django gives these handlers of their own, which would write everything twice.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "CRITICAL"},  # it repeats RequestLog's lines, tracebacks included
            "django.db.backends": {"level": "INFO"},  # DEBUG would print every query with its parameters
            "httpcore": {"level": "INFO"},  # DEBUG would print the headers of other systems' answers, cookies and all
        },
    }


def _rendered(*, as_json: bool) -> list[Any]:
    exceptions = structlog.processors.ExceptionRenderer(_traceback)
    if as_json:
        return [exceptions, structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Not the default formatter: where `rich` is installed it prints the local variables of every frame.
    plain = structlog.dev.plain_traceback
    return [exceptions, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _traceback(exc_info: Any) -> str:
    return DETAIL.sub(r"\1 (left out)", "".join(traceback.format_exception(*exc_info))).rstrip()
