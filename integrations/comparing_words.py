"""What a comparison says, in words: causes, and the fields in which two calibers differ (product.md §5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from .metrics import rounded
from .models import VERDICTS, ReconciliationLine
from .reconciling import LIKELY, CauseKind, Verdict

CAUSES: Mapping[str, Promise | str] = {
    CauseKind.ATTRIBUTION: gettext_lazy("Put down to another one by the other side's rule"),
    CauseKind.RETURNS: gettext_lazy("Returns"),
    CauseKind.UNSETTLED: gettext_lazy("Cancelled, or not settled yet"),
    CauseKind.ONLY_A: gettext_lazy("Only in the figure checked"),
    CauseKind.ONLY_B: gettext_lazy("Only in the other figure"),
    CauseKind.AMOUNTS: gettext_lazy("The same record, another amount"),
    CauseKind.MISSING_DAY: gettext_lazy("Nothing came that day"),
}
COLOURS = {
    CauseKind.ATTRIBUTION: "info",
    CauseKind.RETURNS: "warm",
    CauseKind.UNSETTLED: "watch",
    CauseKind.ONLY_A: "talk",
    CauseKind.ONLY_B: "idle",
    CauseKind.AMOUNTS: "brand",
}
FIELDS: Mapping[str, Promise | str] = {
    "unit_of_measure": gettext_lazy("Unit of measure"),
    "measure": gettext_lazy("What is measured"),
    "subject_kind": gettext_lazy("Whom it is put down to"),
    "basis": gettext_lazy("When a figure is final"),
    "settle_days": gettext_lazy("Days until it is settled"),
    "returns": gettext_lazy("Whether returns count"),
    "attribution": gettext_lazy("By what it is put down"),
    "filter": gettext_lazy("Which records count"),
}
VALUES: Mapping[tuple[str, str], Promise | str] = {
    ("measure", "sum"): gettext_lazy("a sum"),
    ("measure", "count"): gettext_lazy("a number of records"),
    ("measure", "mean"): gettext_lazy("a mean"),
    ("measure", "ratio"): gettext_lazy("a ratio"),
    ("basis", "snapshot"): gettext_lazy("as it stands on the day"),
    ("basis", "settled"): gettext_lazy("once it is settled"),
    ("returns", "in"): gettext_lazy("returns are taken off"),
    ("returns", "out"): gettext_lazy("returns are left out"),
    ("returns", "none"): gettext_lazy("it knows of no returns"),
}
LOOKS = {
    Verdict.AGREES: "ok",
    Verdict.OVER: "talk",
    Verdict.MISSING_SIDE: "talk",
    Verdict.LOST_DAY: "watch",
    Verdict.NOT_DUE: "idle",
}


def unequal_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """A field of the two calibers that differs, as `ReconciliationRun.unequal` keeps it."""
    name = str(one["name"])
    return {
        "name": FIELDS.get(name, name),
        "a": _value(name, one["a"]),
        "b": _value(name, one["b"]),
        "stops": bool(one.get("stops")),
        "likely": CAUSES[LIKELY[name]] if name in LIKELY else "",
    }


def _value(name: str, value: Any) -> str:
    if name == "attribution":
        return " → ".join(str(one) for one in value if one) or _("nobody")
    if name == "filter":
        words = (f"{one['field']} {one['op']} {one['value']}".strip() for one in value)
        return pgettext("between clauses", ", ").join(words) or _("all of them")
    return str(VALUES.get((name, str(value)), value))


def subject_of(line: Any) -> str:
    """Of a line, a hold or a dispute: the whole, a name, or what is put down to nobody."""
    return str(line.label) if line.label else (_("Without attribution") if line.key else _("The whole"))


def verdict_badge(line: ReconciliationLine) -> dict[str, str]:
    verdict = Verdict(line.verdict)
    if line.settled_id is not None:
        return {"state": "plain", "name": _("Looked at")}
    return {"state": LOOKS[verdict], "name": str(VERDICTS[verdict])}


def cause_rows(causes: Any, digits: int) -> list[dict[str, Any]]:
    """As `ReconciliationLine.causes` keeps them, the largest first."""
    return [
        {
            "kind": one["kind"],
            "name": CAUSES[CauseKind(one["kind"])],
            "amount": amount(Decimal(one["amount"]), digits),
            "rows": rows_said(one["a"] + one["b"]),
        }
        for one in causes
    ]


def rows_said(number: int) -> str:
    if not number:
        return ""
    return ngettext("%(number)d record", "%(number)d records", number) % {"number": number}


def amount(value: Decimal | None, digits: int) -> str:
    """Rounded as a figure is on its own page."""
    return "–" if value is None else f"{rounded(value, digits):,.{digits}f}"
