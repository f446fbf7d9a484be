"""Rows written as one document go through the same walls as rows written one by one."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from perfsys.common.bulk import AnyOf
from perfsys.tenancy.rows import MANY, insert_rows, tell_planner, update_rows
from perfsys.tenancy.scope import NoTenantScope
from tests.probe.models import Note, NoteHelper

pytestmark = pytest.mark.django_db
ODD = "引号 ' \" \\ 换行\n制表\t‘全角’ 𠮷 {%s} null"


def test_rows_are_written_as_the_model_would(ada):
    with ada.scope:
        made = insert_rows(Note, [{"title": ODD, "owner_id": ada.membership.pk}], returning=["id", "title"])
        written = Note.objects.get(pk=made[0][0])
        assert (written.title, written.owner_id, made[0][1]) == (ODD, ada.membership.pk, ODD)
        one_by_one = Note.objects.create(title=ODD, owner=ada.membership)
        same = [field.attname for field in Note._meta.local_concrete_fields if field.attname not in {"id", "public_id"}]
        assert [getattr(written, name) for name in same] == [getattr(one_by_one, name) for name in same]


def test_nothing_to_write_asks_nothing(ada, django_assert_num_queries):
    with ada.scope, django_assert_num_queries(0):
        assert insert_rows(Note, []) == []


def test_without_a_scope_nothing_is_written(ada):
    with pytest.raises(NoTenantScope):
        insert_rows(Note, [{"title": "x", "owner_id": ada.membership.pk}])


def test_a_row_cannot_name_another_tenant(ada, otto):
    with ada.scope, pytest.raises(ValueError, match="tenant_id"):
        insert_rows(Note, [{"title": "x", "owner_id": ada.membership.pk, "tenant_id": otto.tenant_id}])


def test_a_row_cannot_point_into_another_tenant(ada, otto):
    with ada.scope, pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(NoteHelper, [{"note_id": otto.note.pk, "member_id": ada.membership.pk}])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_what_stands_already_is_left_out_where_that_is_asked_for_and_refused_elsewhere(ada):
    with ada.scope:
        note = Note.objects.create(title="x", owner=ada.membership)
        row = {"note_id": note.pk, "member_id": ada.membership.pk}
        assert len(insert_rows(NoteHelper, [row, row], returning=["id"], ignore_conflicts=True)) == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            insert_rows(NoteHelper, [row])
        assert NoteHelper.objects.filter(note=note).count() == 1


def test_a_column_that_is_not_there_is_refused(ada):
    with ada.scope, pytest.raises(ValueError, match="titel"):
        insert_rows(Note, [{"titel": "x", "owner_id": ada.membership.pk}])


def test_the_planner_is_told_after_many_rows(ada, django_assert_num_queries):
    def known():
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'probe_note'::regclass")
            return cursor.fetchone()[0]

    before = known()
    with ada.scope:
        insert_rows(Note, [{"title": f"{n}", "owner_id": ada.membership.pk} for n in range(MANY)])
        with django_assert_num_queries(0):
            tell_planner(MANY - 1)
        assert known() == before
        tell_planner(MANY)
    assert known() >= MANY


def test_what_is_the_same_for_all_is_said_once(ada):
    with ada.scope:
        rows = [{"title": ODD}, {"title": "y"}]
        made = insert_rows(Note, rows, returning=["id"], same={"owner_id": ada.membership.pk})
        written = Note.objects.filter(pk__in=[pk for (pk,) in made]).order_by("pk")
        assert [(note.title, note.owner_id) for note in written] == [(ODD, ada.membership.pk), ("y", ada.membership.pk)]
        assert len({note.public_id for note in written}) == 2
        with pytest.raises(ValueError, match="tenant_id"):
            insert_rows(Note, rows, same={"owner_id": ada.membership.pk, "tenant_id": 2})


def test_rows_are_changed_by_their_id(ada):
    with ada.scope:
        first, second, third = (Note.objects.create(title=name, owner=ada.membership) for name in "abc")
        assert update_rows(Note, [{"id": first.pk, "title": ODD}, {"id": second.pk, "title": "z"}]) == 2
        changed = Note.objects.filter(pk__gte=first.pk).order_by("pk")
        assert list(changed.values_list("title", flat=True)) == [ODD, "z", "c"]
        assert update_rows(Note, [{"id": third.pk}], same={"title": "w"}) == 1
        assert Note.objects.get(pk=third.pk).title == "w"
        assert update_rows(Note, []) == 0


def test_a_row_of_another_tenant_is_not_changed(ada, otto):
    with ada.scope:
        assert update_rows(Note, [{"id": otto.note.pk, "title": "taken"}]) == 0
        with pytest.raises(ValueError, match="tenant_id"):
            update_rows(Note, [{"id": otto.note.pk, "tenant_id": 1}])
    with otto.scope:
        assert Note.objects.get(pk=otto.note.pk).title != "taken"


def test_many_values_are_one_parameter(ada):
    with ada.scope:
        notes = [Note.objects.create(title=name, owner=ada.membership) for name in "abc"]
        assert Note.objects.filter(AnyOf(F("title"), ["a", "c", "%s"])).count() == 2
        assert Note.objects.filter(AnyOf(F("pk"), (note.pk for note in notes))).count() == 3
        assert not Note.objects.filter(AnyOf(F("title"), [])).exists()
