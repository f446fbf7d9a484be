from datetime import timedelta

import pytest
import structlog
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from perfsys.audit.actions import record, record_many
from perfsys.audit.models import AuditEntry, AuditSeal
from perfsys.audit.verbs import UndeclaredVerb, verb
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import use_tenant
from tests.audit.conftest import ADA, MARTA, NOW


def test_it_says_who_did_what_about_whom_and_when(db, renamed):
    with use_tenant(1), structlog.contextvars.bound_contextvars(request_id="r-17", ip="10.0.0.9"):
        company = Tenant.objects.get()
        record(renamed, subject=company, about=ADA, actor=MARTA, at=NOW, details={"to": "丙公司"})
        entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.actor_name, entry.about_id, entry.about_name) == (2, "Marta", 1, "Ada")
    assert (entry.subject_type, entry.subject_id, entry.subject_label) == ("tenancy.tenant", 1, "acme")
    assert (entry.verb, entry.at, entry.details) == ("tests.renamed", NOW, {"to": "丙公司"})
    assert (entry.request_id, entry.address) == ("r-17", "10.0.0.9")
    assert entry.written_at - NOW > timedelta(0)


def test_the_system_acts_without_a_name_and_outside_any_request(db, renamed):
    with use_tenant(1):
        entry = record(renamed, subject=Tenant.objects.get(), actor=None, at=NOW)
    assert (entry.actor_id, entry.actor_name, entry.about_id, entry.request_id) == (None, "", None, "")


def test_a_word_nobody_declared_is_refused(db):
    with use_tenant(1), pytest.raises(UndeclaredVerb, match=r"tests\.invented"):
        record("tests.invented", subject=Tenant.objects.get(), actor=None, at=NOW)


def test_a_verb_has_one_meaning(renamed):
    assert verb(renamed, "renamed") == renamed
    with pytest.raises(ValueError, match="declared twice"):
        verb(renamed, "deleted")


def test_a_bulk_write_is_recorded_in_one_statement(db, renamed, django_assert_num_queries):
    with use_tenant(1):
        company = Tenant.objects.get()
        with django_assert_num_queries(1):
            record_many(renamed, subjects=[(company, ADA), (company, MARTA)], actor=None, at=NOW)
        assert sorted(AuditEntry.objects.values_list("about_name", flat=True)) == ["Ada", "Marta"]


def test_it_belongs_to_the_tenant_it_was_written_in(entries):
    entries(2)
    with use_tenant(2):
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_auditseal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_has_no_right_to_change_it(db, table, statement):
    with use_tenant(1), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_auditseal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_not_even_the_owner_changes_it_by_a_slip(db, owner, table, statement):
    with pytest.raises(Exception, match="append-only"):
        owner.execute(statement.format(table))


def test_entries_and_seals_can_be_read_and_nothing_else(entries):
    [entry] = entries(1)
    entry.verb = "tests.other"
    with use_tenant(1), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        entry.save()
    with use_tenant(1):
        assert AuditEntry.objects.get().verb == "tests.renamed"
        assert not AuditSeal.objects.exists()
