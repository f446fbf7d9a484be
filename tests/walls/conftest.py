"""The proofs' own furniture: each of Ada and Otto has a note with a helper, and each wall can be taken away."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections, models

from perfsys.tenancy import prepared
from perfsys.tenancy.models import OwnTenant, TenantManager, TenantModel
from tests.cast import Person, take_seat
from tests.cluster import Cluster
from tests.conftest import COMMITTING
from tests.probe.models import Note, NoteHelper


def with_note(person: Person) -> Any:
    with person.scope:
        person.note = Note.objects.create(title=f"note of {person.name}", owner=person.membership)
        person.helper = NoteHelper.objects.create(note=person.note, member=person.membership)
    return person


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Callable[..., Person]:
    """Seats without employees: `cast("acme", "eve", "employee", "admin")`. The walls stand below the organisation."""
    request.getfixturevalue("transactional_db" if COMMITTING & set(request.fixturenames) else "db")
    return take_seat


@pytest.fixture
def ada(cast: Callable[..., Person]) -> Any:
    return with_note(cast("acme", "ada", "employee"))


@pytest.fixture
def marta(cast: Callable[..., Person]) -> Person:
    return cast("acme", "marta", "employee", "manager")


@pytest.fixture
def anna(cast: Callable[..., Person]) -> Person:
    return cast("acme", "anna", "employee", "admin")


@pytest.fixture
def otto(cast: Callable[..., Person]) -> Any:
    return with_note(cast("globex", "otto", "employee", "manager", "admin"))


@pytest.fixture
def no_managers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain Django above the compiler: every method with which the wall narrows or refuses is its parent's again."""
    # Statements that are kept were put together behind the managers.
    monkeypatch.setattr(prepared, "question_of", prepared.question_of.__wrapped__)
    monkeypatch.setattr(TenantManager, "get_queryset", lambda self: models.QuerySet(self.model))
    monkeypatch.setattr(OwnTenant, "get_queryset", lambda self: models.QuerySet(self.model))
    monkeypatch.setattr(TenantModel, "save_base", models.Model.save_base)
    monkeypatch.setattr(TenantModel, "delete", models.Model.delete)


@pytest.fixture
def no_orm_wall(no_managers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain Django altogether: the backend's compilers refuse nothing either."""
    monkeypatch.setattr("perfsys.tenancy.backend.compiler.TENANT_TABLES", frozenset())


@pytest.fixture
def no_row_security(transactional_db: None, owner: Any) -> None:
    owner.execute("SELECT oid::regclass FROM pg_class WHERE relforcerowsecurity")
    for (table,) in owner.fetchall():
        owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
    owner.connection.commit()


@pytest.fixture
def as_owner(cluster: Cluster, transactional_db: None) -> Iterator[None]:
    """Django signed in as a migration is, on a database of this test's own."""
    before = dict(connection.settings_dict)
    connections.close_all()
    connection.settings_dict.update(USER="pm_owner", PASSWORD=cluster.passwords["pm_owner"])
    yield
    connections.close_all()
    connection.settings_dict.update(before)
