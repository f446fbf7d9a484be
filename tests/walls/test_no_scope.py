"""Without an open scope every path refuses; none answers with an empty list (T6)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import BaseCommand, call_command
from django.db import ProgrammingError, connection, models, transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet, prefetch_related_objects
from django.db.models.deletion import Collector
from django.db.models.sql import DeleteQuery, InsertQuery, UpdateQuery
from django.http import HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from perfsys.people.models import Account
from perfsys.tenancy.models import Membership, Tenant, TenantModel
from perfsys.tenancy.routes import open_to, public
from perfsys.tenancy.scope import NoTenantScope, OtherTenant, use_tenant
from tests.probe.models import Note, NoteEvent, NoteHelper


def cascade(note: Note) -> None:
    collector = Collector("default", origin=note)
    collector.collect([note])
    collector.delete()


def leaf(helper: NoteHelper) -> None:
    """A row without dependants: the collector sends one DELETE by primary key and asks no manager."""
    collector = Collector("default", origin=helper)
    collector.add([helper])
    collector.delete()


class BareManager(models.Manager):
    pass


def bare_manager() -> BareManager:
    manager = BareManager()
    manager.model = Note
    return manager


PATHS = {
    "all": lambda ada: list(Note.objects.all()),
    "iterator": lambda ada: list(Note.objects.iterator()),
    "get": lambda ada: Note.objects.get(pk=ada.note.pk),
    "exists": lambda ada: Note.objects.exists(),
    "count": lambda ada: Note.objects.count(),
    "contains": lambda ada: Note.objects.contains(ada.note),
    "in_bulk": lambda ada: Note.objects.in_bulk(),
    "aggregate": lambda ada: Note.objects.aggregate(Count("id")),
    "values": lambda ada: list(Note.objects.values_list("title")),
    "explain": lambda ada: Note.objects.distinct().explain(),
    "union": lambda ada: list(Note.objects.all().union(Note.objects.all())),
    "subquery from a global table": lambda ada: list(
        Account.objects.filter(id__in=Membership.objects.values("account"))
    ),
    "exists subquery": lambda ada: list(
        Account.objects.filter(Exists(Membership.objects.filter(account=OuterRef("pk"))))
    ),
    "history": lambda ada: list(NoteEvent.objects.all()),
    "base manager": lambda ada: list(Note._base_manager.all()),
    "the table of tenants": lambda ada: list(Tenant.objects.all()),
    "the tenant of a row": lambda ada: Note(tenant_id=1).tenant,
    "create": lambda ada: Note.objects.create(title="x", owner=ada.membership),
    "create with tenant named": lambda ada: Note.objects.create(title="x", owner=ada.membership, tenant_id=1),
    "get_or_create": lambda ada: Note.objects.get_or_create(title="x", owner=ada.membership),
    "update_or_create": lambda ada: Note.objects.update_or_create(title="x", owner=ada.membership),
    "bulk_create": lambda ada: Note.objects.bulk_create([Note(title="x", owner=ada.membership, tenant_id=1)]),
    "bulk_update": lambda ada: Note.objects.bulk_update([ada.note], ["title"]),
    "save": lambda ada: ada.note.save(),
    "save update_fields": lambda ada: ada.note.save(update_fields=["title"]),
    "save_base raw": lambda ada: ada.note.save_base(raw=True),
    "update": lambda ada: Note.objects.update(title="x"),
    "update expression": lambda ada: Note.objects.update(title=F("title")),
    "delete": lambda ada: ada.note.delete(),
    "queryset delete": lambda ada: Note.objects.all().delete(),
    "raw delete": lambda ada: Note.objects.all()._raw_delete("default"),
    "cascade": lambda ada: cascade(ada.note),
    "delete of an account": lambda ada: ada.account.delete(),
    "refresh_from_db": lambda ada: ada.note.refresh_from_db(),
    "forward key": lambda ada: Note(owner_id=ada.membership.pk).owner,
    "reverse key": lambda ada: list(ada.membership.notes.all()),
    "reverse add": lambda ada: ada.membership.notes.add(ada.note, bulk=False),
    "reverse create": lambda ada: ada.membership.notes.create(title="x"),
    "m2m": lambda ada: list(ada.note.helpers.all()),
    "m2m add": lambda ada: ada.note.helpers.add(ada.membership),
    "m2m set": lambda ada: ada.note.helpers.set([]),
    "m2m clear": lambda ada: ada.note.helpers.clear(),
    "prefetch": lambda ada: prefetch_related_objects([ada.note], "helpers", "children"),
    "full_clean": lambda ada: ada.note.full_clean(),
}
BESIDE_THE_MANAGERS = {  # only the compiler sees these
    "bare queryset": lambda ada: list(QuerySet(Note)),
    "bare queryset, impossible condition": lambda ada: list(QuerySet(Note).filter(pk__in=[])),
    "bare count": lambda ada: QuerySet(Note).count(),
    "bare aggregate of a slice": lambda ada: QuerySet(Note).order_by("id")[:3].aggregate(Count("id")),
    "bare exists": lambda ada: QuerySet(Note).exists(),
    "bare union": lambda ada: list(QuerySet(Note).values("id").union(QuerySet(NoteHelper).values("id"))),
    "bare update": lambda ada: QuerySet(Note).update(title="x"),
    "bare delete": lambda ada: QuerySet(NoteHelper).delete(),
    "bare bulk_create": lambda ada: QuerySet(Note).bulk_create([Note(title="x", tenant_id=1, owner_id=1)]),
    "custom manager": lambda ada: list(bare_manager().all()),
    "collector on a leaf": lambda ada: leaf(ada.helper),
    "bare subquery in a global query": lambda ada: list(Account.objects.filter(pk__in=QuerySet(Note).values("owner"))),
    "bare subquery in an annotation": lambda ada: list(
        Account.objects.annotate(n=models.Subquery(QuerySet(Note).values("id")[:1]))
    ),
    "an extra table": lambda ada: list(Account.objects.extra(tables=["probe_note"])),
    "a historical queryset": lambda ada: list(QuerySet(NoteEvent)),
    "bare tenants": lambda ada: list(QuerySet(Tenant)),
    "sql.InsertQuery": lambda ada: compile_with(InsertQuery(Note), lambda q: q.insert_values([], [ada.note])),
    "sql.UpdateQuery": lambda ada: compile_with(UpdateQuery(Note), lambda q: q.add_update_values({"title": "x"})),
    "sql.DeleteQuery": lambda ada: DeleteQuery(Note).delete_batch([1], "default"),
}


def compile_with(query: Any, fill: Any) -> None:
    fill(query)
    query.get_compiler("default").as_sql()


@pytest.mark.parametrize("way", [*PATHS, *BESIDE_THE_MANAGERS])
def test_it_refuses(way, ada):
    with pytest.raises(NoTenantScope):
        {**PATHS, **BESIDE_THE_MANAGERS}[way](ada)


@pytest.mark.parametrize("way", [way for way in PATHS if way not in {"create", "bulk_create", "full_clean"}])
def test_the_compiler_refuses_without_any_manager(way, ada, no_managers):
    """Those left out fail in another way: no tenant is stamped on the row, and full_clean never gets to a query."""
    with pytest.raises((NoTenantScope, ValueError), match=r"scope is open|tenant"):
        PATHS[way](ada)


REAL_MODELS = [m for m in apps.get_models(include_auto_created=True) if issubclass(m, TenantModel)]
SWEEP = {
    "list": lambda model: list(model.objects.all()),
    "base": lambda model: list(model._base_manager.all()[:1]),
    "default": lambda model: model._default_manager.exists(),
    "bare": lambda model: list(QuerySet(model)),
    "update": lambda model: model.objects.update(**{model._meta.pk.name: 1}),
    "delete": lambda model: model.objects.all()._raw_delete("default"),
    "insert": lambda model: model.objects.bulk_create([model()]),
    "save": lambda model: model(pk=1).save_base(raw=True),
    "remove": lambda model: model(pk=1).delete(),
}


@pytest.mark.parametrize("model", REAL_MODELS, ids=lambda model: model._meta.label)
def test_every_tenant_model_of_the_project_refuses(model, db):
    for way, attempt in SWEEP.items():
        with pytest.raises(NoTenantScope), transaction.atomic():
            attempt(model)
            pytest.fail(way)
    with pytest.raises(TypeError):
        model.objects.raw("SELECT 1")
    # Although the table is empty: the planner asks the policy's function for its estimate.
    with pytest.raises(ProgrammingError, match="tenant context not set"), transaction.atomic():
        connection.cursor().execute(f'SELECT 1 FROM "{model._meta.db_table}"')


def test_the_sweep_covers_every_table_of_the_database_with_a_tenant(owner, db):
    owner.execute("SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'tenant_id' AND attnum > 0")
    tables = {name for (name,) in owner.fetchall() if not name.endswith(("_wall", "_pkey"))}
    indexes = set(connection.introspection.table_names())
    assert tables & indexes == {model._meta.db_table for model in REAL_MODELS}


def test_raw_is_refused_even_inside_a_scope(ada):
    with use_tenant(1), pytest.raises(TypeError):
        Note.objects.raw("SELECT * FROM probe_note")
    with use_tenant(1), pytest.raises(TypeError):
        Note.objects.all().raw("SELECT * FROM probe_note")


def test_a_cursor_passes_by_the_orm_and_the_database_refuses(ada):
    with pytest.raises(ProgrammingError, match="tenant context not set"), transaction.atomic():
        connection.cursor().execute("SELECT * FROM probe_note")


# --- the places where code runs without a scope -------------------------------------------------------------------


def lines() -> Iterator[str]:
    for note in Note.objects.all():
        yield note.title


@public
def forgetful(request):
    return HttpResponse(Note.objects.count())


@open_to("employee")
def streams(request):
    return StreamingHttpResponse(lines())


@open_to("employee")
def pokes(request):
    transaction.on_commit(lambda: Note.objects.count())
    return HttpResponse()


class Places:
    urlpatterns = [path("forgetful/", forgetful)] + [
        path(f"t/<slug:tenant>/{view.__name__}/", view) for view in (streams, pokes)
    ]


@override_settings(ROOT_URLCONF=Places)
def test_a_public_view_that_reads_rows_fails(ada):
    with pytest.raises(NoTenantScope):
        ada.client.get("/forgetful/")


@override_settings(ROOT_URLCONF=Places)
def test_a_stream_is_refused_before_it_outlives_its_scope(ada):
    with pytest.raises(TypeError, match="stream files, not querysets"):
        ada.client.get("/t/acme/streams/")


@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF=Places)
def test_what_runs_on_commit_has_no_scope_any_more(ada):
    with pytest.raises(NoTenantScope):
        ada.client.get("/t/acme/pokes/")


def test_a_task_without_a_scope_fails(ada):
    from perfsys.celery import app

    @app.task(name="tests.count_notes")
    def count_notes() -> int:
        return Note.objects.count()

    assert isinstance(count_notes.apply().result, NoTenantScope)
    app.tasks.pop("tests.count_notes")


def test_a_command_without_a_scope_fails(ada):
    class Command(BaseCommand):
        def handle(self, *args: Any, **options: Any) -> None:
            Note.objects.count()

    with pytest.raises(NoTenantScope):
        call_command(Command())


# --- what a scope is ------------------------------------------------------------------------------------------------


def test_a_kept_queryset_serves_whichever_tenant_is_open(ada, otto):
    kept = Note.objects.order_by("id")
    for person in (ada, otto):
        with use_tenant(person.tenant_id):
            assert [note.title for note in kept.all()] == [person.note.title]


def test_scopes_nest_only_for_the_same_tenant(ada):
    with use_tenant(1), use_tenant(1):
        assert Note.objects.count() == 1
    with use_tenant(1), pytest.raises(OtherTenant), use_tenant(2):
        pass


def setting() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id', true)")
        return cursor.fetchone()[0]


def test_the_setting_is_gone_after_the_scope_however_it_ends(ada):
    with use_tenant(1):
        assert setting() == "1"
    assert not setting()
    with pytest.raises(ProgrammingError), use_tenant(1):
        connection.cursor().execute("SELECT no_such_column")
    assert not setting()
    with use_tenant(1):
        transaction.set_rollback(True)
    assert not setting()


@pytest.mark.django_db(transaction=True)
def test_a_scope_outside_a_transaction_is_one(ada):
    with pytest.raises(RuntimeError), use_tenant(1):
        Note.objects.update(title="lost")
        raise RuntimeError
    assert not setting()
    with use_tenant(1):
        assert Note.objects.get().title == "note of ada"


def test_a_through_row_gets_the_tenant_of_the_scope(ada):
    with use_tenant(1):
        ada.note.helpers.clear()
        ada.note.helpers.add(ada.membership)
        assert NoteHelper.objects.get().tenant_id == 1
