"""How far a running job is. It stands in the cache, not in the row: the job's transaction is not yet committed."""

from collections.abc import Callable
from contextlib import suppress

from django.core.cache import cache
from redis import RedisError

from .models import ImportRun

SECONDS = 3600


def _key(run_id: int) -> str:
    return f"imports:{run_id}"


def reporter(run: ImportRun) -> Callable[[int], None]:
    key = _key(run.pk)

    def tell(done: int) -> None:
        with suppress(RedisError):  # a bar that stands still must not stop the import
            cache.set(key, done, SECONDS)

    return tell


def done_rows(run: ImportRun) -> int:
    """0 when nothing is known: a restarted cache loses the bar's place, never the work."""
    with suppress(RedisError):
        return int(cache.get(_key(run.pk)) or 0)
    return 0
