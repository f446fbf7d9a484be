"""What taking back an import of check-ins, evidence and comments would do: an entry that somebody answered or that a
later file corrected stays as it is (product.md §1.6)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from goals.models import CheckIn, Comment, EvidenceItem
from perfsys.common.bulk import AnyOf
from perfsys.common.undoing import belongs_to
from perfsys.imports.kinds import Change, Undoing
from perfsys.imports.models import ImportChange

from .undoing import CHANGED, GONE, USED

WHY = {
    CHANGED: _("a later file corrected it"),
    USED: _("somebody answered it or refers to it since"),
    GONE: _("it is not there any more"),
}
MODELS: tuple[Any, ...] = (CheckIn, EvidenceItem, Comment)
# Ids are each table's own, and an import keeps one number for what it wrote.
_STEP = 4


def target_of(model: Any, pk: int) -> int:
    return pk * _STEP + MODELS.index(model)


def by_model(targets: Iterable[int]) -> dict[Any, list[int]]:
    found: defaultdict[Any, list[int]] = defaultdict(list)
    for target in targets:
        found[MODELS[target % _STEP]].append(target // _STEP)
    return found


def marks(now: datetime) -> dict[str, Any]:
    """Up to where other imports had come: a row of a later one about the same entry says that it was corrected."""
    return {
        "entries_at": now.isoformat(),
        "entries_up_to": ImportChange.objects.aggregate(last=Max("pk"))["last"] or 0,
    }


def outlook(changes: Sequence[Change], report: Mapping[str, Any]) -> Undoing:
    """As many queries as there are tables that name an entry, however many entries."""
    targets = [one.target for one in changes]
    new = {one.target for one in changes if one.former is None}
    left: dict[int, str] = {}
    for model, ids in by_model(targets).items():
        named = {pk: target_of(model, pk) for pk in ids}
        standing = set(model.objects.filter(AnyOf(F("id"), ids)).values_list("pk", flat=True))
        left |= {named[pk]: GONE for pk in ids if pk not in standing}
        used = belongs_to(model, [pk for pk in standing if named[pk] in new], {})
        if model is CheckIn:
            seen = CheckIn.objects.filter(AnyOf(F("id"), ids), acknowledged_at__gte=report["entries_at"])
            used |= set(seen.values_list("pk", flat=True))
        left |= {named[pk]: USED for pk in used}
    left |= {target: CHANGED for target in _corrected(targets, report) if target not in left}
    return Undoing(
        removed=[target for target in targets if target in new and target not in left],
        restored=[target for target in targets if target not in new and target not in left],
        left=left,
    )


def _corrected(targets: Collection[int], report: Mapping[str, Any]) -> set[int]:
    """Named by more imports than this one since it began."""
    later = ImportChange.objects.filter(run__kind="check_ins", pk__gt=report["entries_up_to"])
    counted = later.filter(AnyOf(F("target"), list(targets))).values("target").annotate(times=Count("pk"))
    return {row["target"] for row in counted if row["times"] > 1}


def called(targets: Sequence[int]) -> dict[int, str]:
    """A line about each; of one that is gone nothing."""
    found = dict.fromkeys(targets, "")
    for model, ids in by_model(targets).items():
        for one in model.objects.filter(AnyOf(F("id"), ids)).select_related("goal"):
            day = date_format(one.local_on, pgettext("date format", "j F Y"))
            found[target_of(model, one.pk)] = " · ".join(filter(None, (one.goal.title, day, _said(one))))
    return found


def _said(entry: Any) -> str:
    if isinstance(entry, Comment):
        return entry.text[:40]
    percent = "" if entry.percent is None else f"{entry.percent.normalize():f}%"
    number = entry.number if isinstance(entry, EvidenceItem) else ""
    return percent or number or entry.note[:40]
