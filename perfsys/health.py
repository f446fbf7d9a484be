"""Two questions of whoever runs us: does the process live, and may it be sent requests?"""

from collections.abc import Callable

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from perfsys import deployment
from perfsys.tenancy.routes import public

log = structlog.get_logger(__name__)
BROKER = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)  # keeps its connection


@public
@require_safe
@never_cache
def alive(_request: HttpRequest) -> HttpResponse:
    """Touches nothing: a database that is down must not get the web server killed."""
    return HttpResponse("ok", content_type="text/plain")


@public
@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 while database and broker answer and the role may serve, else 503; a word for each part, never the reason:
    that goes to the log, for anyone may ask here."""
    parts = {"database": _answers("database", _database), "broker": _answers("broker", lambda: BROKER.ping())}
    status = 200 if all(parts.values()) else 503
    return JsonResponse({name: "ok" if fine else "failed" for name, fine in parts.items()}, status=status)


def _answers(name: str, ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (DatabaseError, redis.RedisError, Unfit) as error:
        log.error("not_ready", part=name, reason=str(error))
        return False
    return True


def _database() -> None:
    if faults := deployment.role_faults():
        raise Unfit("; ".join(faults))


class Unfit(Exception):
    """The database answers, but not to a role that may serve."""
