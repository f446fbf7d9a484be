from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from perfsys.audit.actions import record
from perfsys.audit.models import AuditEntry
from perfsys.audit.verbs import VERBS, verb
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import use_tenant

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass
class Someone:
    pk: int
    name: str


ADA, MARTA = Someone(1, "Ada"), Someone(2, "Marta")


@pytest.fixture
def renamed() -> str:
    VERBS.pop("tests.renamed", None)
    return verb("tests.renamed", "renamed")


@pytest.fixture
def entries(db: None, renamed: str) -> Callable[..., list[AuditEntry]]:
    """Writes `count` entries in a tenant, each of its own content, and returns them."""

    def write(count: int, tenant_id: int = 1) -> list[AuditEntry]:
        with use_tenant(tenant_id):
            company = Tenant.objects.get()
            return [
                record(renamed, subject=company, about=ADA, actor=MARTA, at=NOW, details={"n": n}) for n in range(count)
            ]

    return write
