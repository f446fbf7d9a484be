"""The backend's compiler writes what Django's own would write, only faster (perfsys/tenancy/backend/compiler.py)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.backends.postgresql.compiler import SQLCompiler
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Value, Window
from django.db.models.functions import Lower, RowNumber

from tests.probe.models import Note, NoteHelper

HELPERS = NoteHelper.objects.filter(note=OuterRef("pk"))
ASKED: dict[str, Callable[[], QuerySet[Any]]] = {
    "a whole row": lambda: Note.objects.filter(title="x"),
    "in an order": lambda: Note.objects.order_by("-title", "pk"),
    "in the other order": lambda: Note.objects.order_by("-title", "pk").reverse(),
    "in a related order": lambda: NoteHelper.objects.order_by("note__title", "-note__owner__account"),
    "with related rows": lambda: NoteHelper.objects.select_related("note__owner", "member").order_by("note"),
    "a part of the row": lambda: NoteHelper.objects.select_related("note").only("note__title").order_by("note__title"),
    "without a column": lambda: Note.objects.defer("title").order_by("title"),
    "named values": lambda: Note.objects.values("title", "owner__account").order_by("title"),
    "a list of values": lambda: Note.objects.values_list("title", "pk").order_by("-pk", "title"),
    "by what was added": lambda: Note.objects.annotate(n=Count("helpers")).order_by("-n", "title"),
    "by what was added, as values": lambda: Note.objects.values("title").annotate(n=Count("pk")).order_by("n"),
    "by what is only ordered by": lambda: Note.objects.alias(low=Lower("title")).order_by("low"),
    "by a transformed column": lambda: Note.objects.order_by(Lower("title").desc(), F("pk").asc(nulls_last=True)),
    "by a name and an expression": lambda: Note.objects.order_by("title", F("owner").desc()),
    "by a value": lambda: Note.objects.annotate(one=Value(1)).order_by("one", Value("x")),
    "at random": lambda: Note.objects.order_by("?"),
    "each once": lambda: Note.objects.order_by("title").distinct("title"),
    "in a union": lambda: Note.objects.values("title").union(Note.objects.values("title")).order_by("title"),
    "whole rows in a union": lambda: Note.objects.all().union(Note.objects.all()).order_by("-title"),
    "with subqueries": lambda: Note.objects.filter(Exists(HELPERS)).annotate(
        first=Subquery(HELPERS.order_by("-pk").values("member")[:1])
    ),
    "among others": lambda: NoteHelper.objects.filter(note__in=Note.objects.order_by("title")[:3]).order_by("pk"),
    "by its place": lambda: Note.objects.annotate(n=Window(RowNumber(), order_by="title")).filter(n=1).order_by("n"),
    "of no tenant": lambda: Session.objects.order_by("-expire_date"),
}


@pytest.mark.django_db
def test_a_statement_is_djangos_own_to_the_letter(ada):
    with ada.scope:
        for name, asked in ASKED.items():
            ours = asked().query.get_compiler(connection=connection)
            assert type(ours) is not SQLCompiler
            again = asked().query.get_compiler(connection=connection)  # with what was kept of the first
            plain = SQLCompiler(asked().query, connection, "default")
            assert ours.as_sql() == again.as_sql() == plain.as_sql(), name
