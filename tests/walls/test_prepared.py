"""A question that is put together once keeps no tenant, no value and nothing it looked at by the way."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncDate
from django.utils import timezone

from perfsys.tenancy import prepared as module
from perfsys.tenancy.models import Membership
from perfsys.tenancy.prepared import prepared, with_only
from perfsys.tenancy.scope import NoTenantScope, current_tenant_id, use_tenant
from tests.cast import Person
from tests.examining import NotAsPrepared
from tests.probe.models import Note

pytestmark = pytest.mark.django_db


@prepared
def called(title: str, *, at_most: int = 10) -> QuerySet[Note]:
    return Note.objects.filter(title=title).select_related("owner").order_by("pk")[:at_most]


@prepared
def among(titles: tuple[str, ...]) -> QuerySet[Note, str]:
    return Note.objects.filter(title__in=titles).order_by("title").values_list("title", flat=True)


@prepared
def by_sql(titles: list[str]) -> QuerySet[Note, int]:
    mine = RawSQL("SELECT id FROM probe_note WHERE tenant_id = %s AND title = ANY(%s)", [current_tenant_id(), titles])
    return Note.objects.filter(pk__in=mine).values_list("tenant", flat=True)


@prepared
def of_days(*, name: str = "") -> QuerySet[Any, Any]:
    return Membership.objects.values_list(TruncDate("joined_at"), flat=True)


@pytest.fixture
def notes(ada: Person, otto: Person) -> None:
    """One in each of two companies."""
    for person in (ada, otto):
        with person.scope:
            Note.objects.update(title="same")


def test_it_asks_in_the_scope_that_is_open_and_not_in_the_one_it_was_put_together_in(notes: Any) -> None:
    for tenant in (1, 2, 1):
        with use_tenant(tenant):
            assert [note.tenant_id for note in called("same")] == [tenant]
            assert list(by_sql(["same", "other"])) == [tenant]


def test_it_is_refused_where_no_scope_is_open(notes: Any) -> None:
    with use_tenant(1):
        called("same")
    with pytest.raises(NoTenantScope):
        called("same")


def test_one_that_names_no_tenant_is_not_kept(notes: Any, no_managers: None) -> None:
    with use_tenant(1):
        assert {note.tenant_id for note in called("same")} == {1}  # by row security, which is left
        with pytest.raises(module._NamesNoTenant):
            module.question_of(called.__wrapped__, 1, "UTC")  # type: ignore[attr-defined]  # functools.wraps set it


def test_its_values_are_those_of_each_asking(notes: Any) -> None:
    with use_tenant(1):
        assert [note.title for note in called("same")] == ["same"]
        assert called("nowhere") == []
        assert called("same", at_most=1)[0].owner.pk
        assert among(("same", "same", "nowhere")) == ["same"]
        assert among(("nowhere", "nobody", "never")) == []


def test_a_truncated_moment_is_of_the_zone_of_each_asking(notes: Any) -> None:
    late = datetime(2026, 3, 13, 20, tzinfo=UTC)
    with use_tenant(1):
        Membership.objects.update(joined_at=late)
        with timezone.override(UTC):
            assert {day.day for day in of_days()} == {13}
        with timezone.override(ZoneInfo("Asia/Shanghai")):
            assert {day.day for day in of_days()} == {14}


@pytest.mark.parametrize("value", [None, (), object()])
def test_what_is_no_value_fits_nowhere(notes: Any, value: Any) -> None:
    with use_tenant(1), pytest.raises((TypeError, NotAsPrepared)):
        among(value)


@pytest.mark.parametrize("decide", [lambda title: title < "m", lambda title: int(title), lambda title: title + "m"])
def test_a_value_that_is_still_to_come_decides_nothing(notes: Any, decide: Any) -> None:
    @prepared
    def deciding(title: str) -> QuerySet[Note]:
        return Note.objects.filter(title=title) if decide(title) else Note.objects.none()

    with use_tenant(1), pytest.raises(TypeError):
        deciding("same")


def test_a_tenant_that_is_still_to_come_decides_nothing(notes: Any) -> None:
    @prepared
    def baked() -> QuerySet[Note]:
        return Note.objects.filter(tenant=int(current_tenant_id()))

    with use_tenant(1), pytest.raises(TypeError):
        baked()


def test_nothing_can_be_read_while_a_question_is_put_together(notes: Any) -> None:
    @prepared
    def reading_by_the_way(title: str) -> QuerySet[Note]:
        return Note.objects.filter(title=title, owner__in=list(Membership.objects.all()))

    with use_tenant(1), pytest.raises(Exception, match="adapt"):
        reading_by_the_way("same")


def test_of_a_row_that_is_still_to_come_only_what_is_named_is_known(notes: Any) -> None:
    @prepared
    def by_owner(owner: int) -> QuerySet[Note]:
        member = with_only(Membership, id=owner)
        return Note.objects.filter(owner=member.pk, helpers__is_active=member.is_active)

    with use_tenant(1), pytest.raises(Exception, match="adapt"):
        by_owner(1)
    with pytest.raises(ValueError, match="has not all of"):
        with_only(Membership, nickname="x")


def test_a_function_that_looks_at_more_than_its_arguments_is_found_out(notes: Any) -> None:
    today = ["same"]

    @prepared
    def elsewhere(owner: int) -> QuerySet[Note]:
        return Note.objects.filter(owner=owner, title=today[0])

    with use_tenant(1):
        elsewhere(1)
        today[0] = "other"
        with pytest.raises(NotAsPrepared):
            elsewhere(1)
