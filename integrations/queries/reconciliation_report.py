"""A pair over a range of days as the file that other programs read: `manage.py reconcile`.

Its names are those the file was agreed with: `bi` is the figure checked, `settled` what it is checked against, a region
a subject. Amounts are hundredths of the unit of measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from integrations.models import ReconciliationPair
from integrations.reconciling import CauseKind, Line, Side, Verdict, days_of, over_a_range

from .comparing import Compared, Comparison

CURRENCIES = {"元": "CNY", "人民币": "CNY", "CNY": "CNY", "yuan": "CNY"}
LOST = {Side.A: "lost_bi", Side.B: "lost_settled"}


def report(pair: ReconciliationPair, *, first: date, last: date, as_of: date) -> dict[str, Any]:
    """With `a` and `b` of the pair loaded; a day that neither side knows is left out."""
    comparison = Comparison(pair, as_of=as_of)
    days = [(on, lines) for on, lines in comparison.days(list(days_of(first, last))) if lines]
    compared = [(on, lines) for on, lines in days if lines[0].line.difference is not None]
    subjects = [one for _on, lines in compared for one in lines if one.named.key]
    whole = [lines[0].line for _on, lines in compared]
    totals = over_a_range([one.line for one in subjects], comparison.terms, on=last)
    labels = told_apart({one.named.key: one.named.label for one in subjects})
    return {
        "rules": pair.says,
        "as_of": as_of.isoformat(),
        "currency": _currency(comparison),
        "lost_days": [on.isoformat() for on, lines in days if lines[0].line.verdict == Verdict.LOST_DAY],
        "not_due_days": [on.isoformat() for on, lines in days if lines[0].line.verdict == Verdict.NOT_DUE],
        "summary": {
            "compared_days": len(compared),
            "region_days": len(subjects),
            "region_days_over_5pct": sum(_is_over(one.line) for one in subjects),
            "total_days_over_5pct": sum(map(_is_over, whole)),
        },
        "region_totals": {
            labels[str(key)]: _both(line) | {"exceeds_5pct": _is_over(line)}
            for key, line in sorted(totals.items(), key=lambda one: labels[str(one[0])])
        },
        "exceeding": sorted([one.line.on.isoformat(), labels[one.named.key]] for one in subjects if _is_over(one.line)),
        "days": [_day(on, lines) for on, lines in days],
        "day_regions": [
            _day_region(one, labels[one.named.key])
            for one in sorted(subjects, key=lambda one: (one.line.on, labels[one.named.key]))
        ],
    }


def told_apart(labels: Mapping[str, str]) -> dict[str, str]:
    """By key, what each subject is called; two of one name with their keys beside it, so that neither is lost."""
    often = Counter(labels.values())
    return {key: label if often[label] == 1 else f"{label} ({key})" for key, label in labels.items()}


def _currency(comparison: Comparison) -> str:
    units = {one.unit_of_measure for side in (comparison.a, comparison.b) for one in side.versions}
    return " / ".join(f"{CURRENCIES.get(unit, unit)} cents" for unit in sorted(units))


def _day(on: date, lines: Sequence[Compared]) -> dict[str, Any]:
    line = lines[0].line
    found: dict[str, Any] = {"day": on.isoformat(), "status": "compared"}
    if line.difference is None:
        found["status"] = LOST[line.lost] if line.lost else Verdict.NOT_DUE.value
        return found | dict.fromkeys(("bi_cents", "settled_cents", "diff_cents", "exceeds_5pct"))
    return found | _both(line) | {"exceeds_5pct": _is_over(line)}


def _day_region(one: Compared, name: str) -> dict[str, Any]:
    """What the other rule of attribution makes of the difference, and what returns, cancelled and late orders do."""
    line = one.line
    moved = sum((cause.amount for cause in one.causes if cause.kind == CauseKind.ATTRIBUTION), Decimal(0))
    a, b, difference = line.a or Decimal(0), line.b or Decimal(0), line.difference or Decimal(0)
    return {
        "day": line.on.isoformat(),
        "region": name,
        "bi_ship_cents": cents(a),
        "bi_registered_cents": cents(a - moved),
        "settled_registered_cents": cents(b),
        "diff_cents": cents(difference),
        "diff_pct": None if line.percent is None else float(line.percent),
        "region_effect_cents": cents(moved),
        "returns_cancel_effect_cents": cents(difference - moved),
        "exceeds_5pct": _is_over(line),
    }


def _both(line: Line) -> dict[str, Any]:
    a, b, difference = line.a or Decimal(0), line.b or Decimal(0), line.difference or Decimal(0)
    return {"bi_cents": cents(a), "settled_cents": cents(b), "diff_cents": cents(difference)}


def _is_over(line: Line) -> bool:
    return line.verdict in (Verdict.OVER, Verdict.MISSING_SIDE)


def cents(amount: Decimal) -> int:
    """Exact for amounts of two decimals."""
    return int((amount * 100).to_integral_value())
