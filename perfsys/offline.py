"""The service worker, with which the composer works without network (docs/offline.md)."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from perfsys.tenancy.routes import public

# In one piece: what a worker imports would be looked at for changes less often than the worker itself.
PARTS = ("outbox.js", "worker.js")


@public
@require_safe
@cache_control(no_cache=True)
def service_worker(_request: HttpRequest) -> HttpResponse:
    """From the root, for a worker serves no page above its own address. The same for everybody: it names nobody."""
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")


@cache
def _script() -> str:
    folder = settings.BASE_DIR / "static" / "js"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in PARTS)
