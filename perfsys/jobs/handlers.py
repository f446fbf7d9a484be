"""What runs a job, by name: `JOB_HANDLERS = {"goals.health": "goals.tasks.check_health"}` in the settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from perfsys.tenancy.scope import use_tenant

Payload = dict[str, Any]
# Called inside the tenant's scope as handler(payload=..., now=...); see `own_transactions` for the other form.
Handler = Callable[..., "Again | None"]
H = TypeVar("H", bound=Callable[..., Any])


class UnknownKind(LookupError):
    """Name the kind and its handler in JOB_HANDLERS."""


class LostLease(Exception):
    """Another worker has this job now: what this one did is rolled back."""


@dataclass(frozen=True)
class Again:
    """Returned by a handler that did one chunk: the same job continues with this payload, `after` from now.

    The chunk's effect and the new payload are committed together, other jobs get their turn in between, and the
    count of attempts starts anew.
    """

    payload: Payload
    after: timedelta = field(default=timedelta(0))


@dataclass(frozen=True)
class Running:
    """A claimed job, as a handler marked `own_transactions` gets it."""

    tenant_id: int
    job_id: int
    fence: int
    kind: str
    payload: Payload
    renew: Callable[["Running"], None]

    @contextmanager
    def step(self) -> Iterator[None]:
        """One transaction in the tenant's scope. It renews the lease at its end; LostLease rolls it back."""
        with use_tenant(self.tenant_id):
            yield
            self.renew(self)


def own_transactions(handler: H) -> H:
    """For effects outside the database (mail, calls): the handler is called as handler(job=Running, now=...), no
    scope is open, and it opens `with job.step():` around each part that stands for itself."""
    handler.own_transactions = True  # type: ignore[attr-defined]  # a mark, read by the worker
    return handler


def check_kind(kind: str) -> None:
    if kind not in settings.JOB_HANDLERS:
        raise UnknownKind(kind)


def handler_of(kind: str) -> Handler:
    check_kind(kind)
    handler: Handler = import_string(settings.JOB_HANDLERS[kind])
    return handler
