"""`manage.py reconcile` over 120 days of orders."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from integrations.actions.reconciliation import create_pair
from integrations.comparing_words import amount
from integrations.management.commands.reconcile import Command
from integrations.queries.reconciliation_report import told_apart
from tests.integrations.orders import READ_AT, paired, rows

pytestmark = pytest.mark.django_db
EXPECTED = json.loads((Path(__file__).parents[1] / "data/reconciliation.expected.json").read_text(encoding="utf-8"))


def run(out: Path) -> None:
    call_command("reconcile", "--tenant", "acme", "--from", "2026-07-24", "--to", "2026-11-20", "--json", str(out))


def shell(out: Path, *more: str, tenant: str = "acme", first: str = "2026-09-04") -> int:
    """As from a shell: its exit code, once it has written what it says to stderr."""
    given = ["--tenant", tenant, "--from", first, "--to", "2026-09-05", "--json", str(out), *more]
    try:
        Command().run_from_argv(["manage.py", "reconcile", *given])
    except SystemExit as ended:
        return int(str(ended.code))
    return 0


def test_the_report_of_the_company_s_orders_is_the_expected_one(anna, tmp_path, capsys):
    with anna.scope:
        paired(anna.employee, rows())
    run(tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == EXPECTED
    assert capsys.readouterr().out == "115 days compared, 3 lost, 139 of 668 figures over\n"


def test_without_a_pair_it_says_what_to_do(anna, tmp_path):
    with pytest.raises(CommandError, match="have two metrics compared"):
        run(tmp_path / "out.json")


def test_a_shell_is_told_by_the_exit_code_and_why_on_stderr(anna, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        "django.core.management.base.connections.close_all", lambda: None
    )  # the test's own is among them
    with anna.scope:
        pair = paired(anna.employee, {})
    out = tmp_path / "out.json"
    for said, given in {
        "There is no tenant 'nobody'.": {"tenant": "nobody"},
        "--to lies before --from.": {"first": "2026-09-06"},
        "There is no such pair: have two metrics compared in the browser first.": {"more": ["--pair", "another"]},
        f"{tmp_path}: Is a directory.": {"out": tmp_path},
    }.items():
        more = given.pop("more", [])
        assert shell(given.pop("out", out), *more, **given) == 1
        assert capsys.readouterr() == ("", f"CommandError: {said}\n")
    assert not out.exists()
    with anna.scope:
        pair.b.versions.update(unit_of_measure="万元")
        create_pair(a=pair.b, b=pair.a, key="", name="反过来", actor=anna.employee, now=READ_AT)
    assert shell(out) == 1
    assert capsys.readouterr().err == f"CommandError: Name one with --pair: 反过来, {pair.name}\n"
    assert shell(out, "--pair", pair.name) == 0  # it was written, and says what is not compared in it
    assert capsys.readouterr().err == "They cannot be compared by unit_of_measure: 元 against 万元.\n"
    assert out.exists()


def test_two_subjects_of_one_name_are_told_apart_and_halves_round_as_people_do():
    labels = {"employee:1": "王伟", "employee:2": "王伟", "employee:3": "李娜"}
    assert list(told_apart(labels).values()) == ["王伟 (employee:1)", "王伟 (employee:2)", "李娜"]
    assert [amount(Decimal(said), 2) for said in ("0.125", "-0.125", "2.5")] == ["0.13", "-0.13", "2.50"]
