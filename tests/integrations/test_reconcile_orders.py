"""`manage.py reconcile` over 120 days of orders."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from integrations.comparing_words import amount
from integrations.queries.reconciliation_report import told_apart
from tests.integrations.orders import paired, rows

pytestmark = pytest.mark.django_db
EXPECTED = json.loads((Path(__file__).parents[1] / "data/reconciliation.expected.json").read_text(encoding="utf-8"))


def run(out: Path, **more: str) -> None:
    call_command("reconcile", "--tenant", "acme", "--from", "2026-07-24", "--to", "2026-11-20", "--json", str(out))


def test_the_report_of_the_company_s_orders_is_the_expected_one(anna, tmp_path, capsys):
    with anna.scope:
        paired(anna.employee, rows())
    run(tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == EXPECTED
    assert capsys.readouterr().out == "115 days compared, 3 lost, 139 of 668 figures over\n"


def test_without_a_pair_it_says_what_to_do(anna, tmp_path):
    with pytest.raises(CommandError, match="have two metrics compared"):
        run(tmp_path / "out.json")


def test_two_subjects_of_one_name_are_told_apart_and_halves_round_as_people_do():
    labels = {"employee:1": "王伟", "employee:2": "王伟", "employee:3": "李娜"}
    assert list(told_apart(labels).values()) == ["王伟 (employee:1)", "王伟 (employee:2)", "李娜"]
    assert [amount(Decimal(said), 2) for said in ("0.125", "-0.125", "2.5")] == ["0.13", "-0.13", "2.50"]
