"""T28: whoever changes, removes or swaps a row, past every right and trigger, is named by `verify_audit`."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from perfsys.audit import chain
from perfsys.audit.models import AuditEntry, AuditSeal
from perfsys.audit.tasks import seal
from perfsys.tenancy.scope import use_tenant
from tests.audit.conftest import NOW
from tests.jobs.three_times import run_three_times

TABLES = ("audit_auditentry", "audit_auditseal")


def faults(tenant_id: int = 1, **anchors: Any) -> list[str]:
    with use_tenant(tenant_id):
        return chain.verify(**anchors).faults


@pytest.fixture
def tamper(transactional_db: None, owner: Any) -> Callable[..., None]:
    """Runs a statement as the owner with the triggers off."""

    def run(statement: str, *parameters: Any) -> None:
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute(statement, parameters)
        assert owner.rowcount > 0
        owner.connection.commit()
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        owner.connection.commit()

    return run


@contextmanager
def small_seals(monkeypatch: pytest.MonkeyPatch, size: int) -> Any:
    with monkeypatch.context() as patch:
        patch.setattr(chain, "AT_ONCE", size)
        yield


def test_an_untouched_record_has_no_faults(entries, monkeypatch):
    entries(7)
    entries(3, tenant_id=2)
    with small_seals(monkeypatch, 3), use_tenant(1):
        assert chain.seal() == 7
    with use_tenant(1):
        report = chain.verify()
        link = AuditSeal.objects.get(position=3).link
    assert (report.entries, report.head, report.faults) == (7, (3, bytes(link).hex()), [])
    assert faults(tenant_id=2) == []


def test_sealing_again_seals_only_what_is_new(entries):
    with use_tenant(1):
        assert chain.seal() == 0
        entries(2)
        assert (chain.seal(), chain.seal()) == (2, 0)
        entries(1)
        assert chain.seal() == 1
        assert [len(ids) for ids in AuditSeal.objects.order_by("position").values_list("entry_ids", flat=True)] == [
            2,
            1,
        ]
        assert chain.verify().faults == []


def test_an_entry_committed_after_a_later_one_was_sealed_is_still_sealed(entries):
    """A long transaction: its entry has the smaller id and becomes visible last."""
    early, late = entries(2)
    with use_tenant(1):
        AuditSeal.objects.create(
            position=1,
            entry_ids=[late.pk],
            contents=(then := reread(late)),
            link=chain._link(chain.START, [late.pk], then),
        )
        assert chain.seal() == 1
        assert AuditSeal.objects.get(position=2).entry_ids == [early.pk]
        assert chain.verify().faults == []


def reread(entry: AuditEntry) -> bytes:
    return chain.content_of(AuditEntry.objects.get(pk=entry.pk))


def test_sealing_three_times_is_sealing_once(entries):
    entries(4)
    run_three_times(seal, payload={}, now=NOW)


def test_each_tenant_has_its_own_chain(entries):
    entries(1)
    entries(1, tenant_id=2)
    for tenant_id in (1, 2):
        with use_tenant(tenant_id):
            chain.seal()
            assert AuditSeal.objects.get().position == 1


@pytest.fixture
def sealed(
    transactional_db: None, entries: Callable[..., list[AuditEntry]], monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """The ids of six entries under three seals."""
    ids = [entry.pk for entry in entries(6)]
    with small_seals(monkeypatch, 2), use_tenant(1):
        chain.seal()
    return ids


def test_a_changed_entry_is_named(sealed, tamper):
    tamper("UPDATE audit_auditentry SET actor_name = 'Nobody' WHERE id = %s", sealed[3])
    assert faults() == [f"entry {sealed[3]} was changed"]


@pytest.mark.parametrize("column", chain.HASHED)
def test_every_column_counts(entries, column):
    [entry] = entries(1)
    with use_tenant(1):
        entry = AuditEntry.objects.get()
        before = chain.content_of(entry)
        value = getattr(entry, column)
        other = {int: 99, str: "x", dict: {"n": 8}}.get(type(value), NOW + timedelta(days=1))
        setattr(entry, column, other)
        assert chain.content_of(entry) != before


def test_a_missing_entry_is_named(sealed, tamper):
    tamper("DELETE FROM audit_auditentry WHERE id = %s", sealed[0])
    assert faults() == [f"entry {sealed[0]} is missing"]


def test_swapped_entries_are_named(sealed, tamper):
    tamper(
        "UPDATE audit_auditentry a SET details = b.details, written_at = b.written_at FROM audit_auditentry b "
        "WHERE (a.id, b.id) IN ((%s, %s), (%s, %s))",
        sealed[2],
        sealed[3],
        sealed[3],
        sealed[2],
    )
    assert faults() == [
        f"entry {sealed[2]} was swapped with entry {sealed[3]}",
        f"entry {sealed[3]} was swapped with entry {sealed[2]}",
    ]


def test_an_entry_put_in_behind_the_seals_is_named(sealed, tamper):
    tamper("UPDATE audit_auditseal SET sealed_at = sealed_at + interval '3 days'")
    tamper(
        "INSERT INTO audit_auditentry (tenant_id, verb, subject_type, subject_id, subject_label, about_name,"
        " actor_name, at, written_at, details, request_id)"
        " VALUES (1, 'tests.renamed', 'x', 1, 'x', '', '', now(), now(), '{}', '')"
    )
    assert faults() == [f"entry {sealed[-1] + 1} was never sealed"]


def test_a_missing_seal_is_named(sealed, tamper):
    tamper("DELETE FROM audit_auditseal WHERE position = 2")
    assert faults() == ["seal 2 is missing"]


def test_a_seal_made_to_fit_a_changed_entry_is_named(sealed, tamper):
    tamper("UPDATE audit_auditentry SET actor_name = 'Nobody' WHERE id = %s", sealed[0])
    with use_tenant(1):
        contents = b"".join(
            chain.content_of(entry) for entry in AuditEntry.objects.filter(pk__in=sealed[:2]).order_by("pk")
        )
    tamper("UPDATE audit_auditseal SET contents = %s WHERE position = 1", contents)
    assert faults() == ["seal 1 was changed"]


def test_a_chain_rewritten_as_a_whole_differs_from_its_anchor(sealed, tamper, monkeypatch):
    with use_tenant(1):
        position, link = chain.verify().head
    tamper("UPDATE audit_auditentry SET actor_name = 'Nobody' WHERE id = %s", sealed[0])
    tamper("DELETE FROM audit_auditseal")
    with small_seals(monkeypatch, 2), use_tenant(1):
        chain.seal()
    assert faults() == []
    assert faults(anchors={position: link}) == [f"seal {position} is not the one that was anchored"]


def test_a_cut_off_end_differs_from_its_anchor(sealed, tamper):
    with use_tenant(1):
        position, link = chain.verify().head
    tamper("DELETE FROM audit_auditentry WHERE id = ANY(%s)", sealed[4:])
    tamper("DELETE FROM audit_auditseal WHERE position = 3")
    assert faults() == []
    assert faults(anchors={position: link}) == ["seal 3 was anchored and is missing"]


def test_the_head_is_logged_for_another_store(entries, caplog):
    entries(1)
    with use_tenant(1):
        chain.seal()
        link = bytes(AuditSeal.objects.get().link).hex()
    assert any(link in record.getMessage() for record in caplog.records)


def test_the_command_names_the_head_and_passes(entries):
    entries(1)
    with use_tenant(1):
        chain.seal()
        head = f"1:{bytes(AuditSeal.objects.get().link).hex()}"
    out = StringIO()
    call_command("verify_audit", "--tenant=acme", f"--anchor={head}", stdout=out)
    assert out.getvalue() == f"1 entries under 1 seals, head {head}\n"


def test_the_command_fails_where_there_is_a_fault(sealed, tamper):
    tamper("DELETE FROM audit_auditentry WHERE id = %s", sealed[0])
    complaints = StringIO()
    with pytest.raises(CommandError, match="1 faults in the record of acme"):
        call_command("verify_audit", "--tenant=acme", stdout=StringIO(), stderr=complaints)
    assert f"entry {sealed[0]} is missing" in complaints.getvalue()


@pytest.mark.parametrize(
    "words", [["--tenant=nobody"], ["--tenant=acme", "--anchor=7"], ["--tenant=acme", "--anchor=x:y"]]
)
def test_the_command_refuses_what_it_cannot_check(db, words):
    with pytest.raises(CommandError):
        call_command("verify_audit", *words)


def test_two_sealers_take_turns(transactional_db, entries, owner):
    """The lock is the one the job takes: held elsewhere, sealing waits for it."""
    entries(1)
    owner.execute("SELECT pg_advisory_xact_lock(hashtextextended('audit.seal', 1::bigint))")
    with use_tenant(1), pytest.raises(Exception, match="lock timeout"):
        connection.cursor().execute("SET LOCAL lock_timeout = '50ms'")
        chain.seal()
    owner.connection.rollback()
    with use_tenant(1):
        assert chain.seal() == 1
