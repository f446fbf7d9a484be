"""The same attacks three times: both walls, row security alone, the ORM alone."""

import pytest
from django.db import Error, transaction
from django.db.models import QuerySet

from perfsys.tenancy.models import Membership, Tenant
from perfsys.tenancy.scope import OtherTenant, use_tenant
from tests.probe.models import Note, NoteEvent, NoteHelper


def hijack(otto, **changes):
    note = Note(id=otto.note.pk, tenant_id=changes.pop("tenant_id", 2), title="taken", owner_id=otto.membership.pk)
    note.save()


ATTACKS = {  # run in tenant 1; truthy means it saw or touched something of tenant 2
    "list": lambda ada, otto: Note.objects.filter(tenant_id=2).count(),
    "get": lambda ada, otto: Note.objects.filter(pk=otto.note.pk).exists(),
    "history": lambda ada, otto: NoteEvent.objects.filter(tenant_id=2).count(),
    "refresh": lambda ada, otto: otto.note.refresh_from_db(),
    "forward key": lambda ada, otto: Note(owner_id=otto.membership.pk).owner,
    "reverse key": lambda ada, otto: otto.membership.notes.count(),
    "m2m": lambda ada, otto: otto.note.helpers.count(),
    "update": lambda ada, otto: Note.objects.filter(pk=otto.note.pk).update(title="taken"),
    "bulk update": lambda ada, otto: Note.objects.bulk_update([otto.note], ["title"]),
    "save": lambda ada, otto: otto.note.save(force_update=True),
    "save with own tenant named": lambda ada, otto: hijack(otto, tenant_id=1),
    "delete": lambda ada, otto: NoteHelper(pk=otto.helper.pk, tenant_id=2).delete()[0],
    "queryset delete": lambda ada, otto: NoteHelper.objects.filter(pk=otto.helper.pk).delete()[0],
    "insert": lambda ada, otto: Note.objects.create(tenant_id=2, title="planted", owner=otto.membership),
    "bulk insert": lambda ada, otto: Note.objects.bulk_create([Note(tenant_id=2, title="x", owner=otto.membership)]),
    "give away": lambda ada, otto: Note.objects.update(tenant_id=2),
    "read a company's name": lambda ada, otto: Tenant.objects.filter(slug="globex").exists(),
    "rename a company": lambda ada, otto: Tenant.objects.filter(pk=2).update(name="taken"),
    "the company behind a row": lambda ada, otto: otto.note.tenant.name if otto.note.tenant_id == 2 else None,
}
REFUSALS = (OtherTenant, Error, Note.DoesNotExist, Membership.DoesNotExist, Tenant.DoesNotExist)


def assert_refused(attack, ada, otto):
    with use_tenant(2):  # a copy of its own: an attack may leave marks on the object it holds
        otto.note = Note.objects.get(pk=otto.note.pk)
    with use_tenant(1):
        try:
            with transaction.atomic():
                assert not ATTACKS[attack](ada, otto)
        except REFUSALS:
            pass
    with use_tenant(2):
        assert list(Note.objects.values_list("title", "tenant_id")) == [("note of otto", 2)]
        assert NoteHelper.objects.filter(note__title="note of otto").count() == 1
        assert Tenant.objects.get().name == "乙公司"


@pytest.mark.parametrize("attack", ATTACKS)
def test_both_walls_hold(attack, ada, otto):
    assert_refused(attack, ada, otto)


@pytest.mark.parametrize("attack", ATTACKS)
def test_row_security_holds_alone(attack, ada, otto, no_orm_wall):
    with use_tenant(2):
        assert Note.objects.all().query.where.children == []  # the other wall really is off
    assert_refused(attack, ada, otto)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_orm_holds_alone(attack, no_row_security, ada, otto):
    with use_tenant(1):
        assert QuerySet(Note).count() == 2  # the other wall really is off
    assert_refused(attack, ada, otto)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("off", ["cluster", "no_orm_wall", "no_row_security"])
def test_every_page_of_another_tenant_is_not_found(off, ada, otto, request):
    request.getfixturevalue(off)  # "cluster" takes nothing away
    for slug in ("acme", "globex"):
        page = f"/t/{slug}/notes/{otto.note.public_id}/"
        assert ada.client.get(page).status_code == 404
        assert ada.client.post(page + "rename/", {"title": "taken"}).status_code == 404
    assert "otto" not in ada.client.get("/t/acme/notes/").content.decode()
    assert ada.client.get("/t/globex/notes/").status_code == 404
