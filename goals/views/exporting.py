"""The goals of a period as a file the import reads back (product.md §1.6): one's own, those of the people and units one
leads or looks after, for administrators all of them; whose ever they are, with a reason that stays in the trail
(security.md, matrix 2, "export")."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from goals import access
from goals.actions.exporting import write_down_export
from goals.exporting import cells, headings
from goals.models import Period
from goals.queries.exporting import lines_of
from goals.queries.extra_columns import columns_of
from goals.queries.periods import all_periods, period_of
from perfsys.imports.writing import csv_bytes, xlsx_bytes
from perfsys.people.access import Viewer, viewer
from perfsys.people.attempts import may_export
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
MOST_IN_A_WORKBOOK = 10_000  # beyond them a workbook takes longer to write than a page may take


class ExportForm(forms.Form):
    period = forms.ChoiceField(label=_("Period"))
    whose = forms.ChoiceField(label=_("Which goals"))
    reason = forms.CharField(
        label=_("What it is for"),
        help_text=_("Kept in the audit trail, beside your name. Not needed for your own goals."),
        max_length=200,
        required=False,
    )

    def __init__(
        self, data: Any = None, *, periods: list[tuple[str, str]], reaches: list[access.Reach], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.fields["period"].choices = periods  # type: ignore[attr-defined]
        self.fields["whose"].choices = [(one.value, one.label) for one in reaches]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "whose" in data and data["whose"] != access.Reach.OWN and not data.get("reason"):
            self.add_error("reason", _("Say in a few words what the file is for."))
        return data


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def export(request: TenantRequest) -> HttpResponse:
    """`?whose=` and `?period=` are what the page one comes from shows."""
    who, periods = viewer(request), {one.name: one for one in all_periods()}
    reaches = access.reaches(who)
    if not reaches:
        raise PermissionDenied
    choices = [(name, one.title) for name, one in periods.items()]
    if request.method == "GET":
        now = period_of(list(periods.values()), who.on, request.GET.get("period", ""))
        asked = request.GET.get("whose", "")
        whose = asked if asked in reaches else reaches[-1]
        form = ExportForm(periods=choices, reaches=reaches, initial={"period": now.name if now else "", "whose": whose})
        return _page(request, form)
    form = ExportForm(request.POST, periods=choices, reaches=reaches)
    if not form.is_valid():
        return _page(request, form, status=422)
    if not may_export(request.seat.membership_id):
        form.add_error(None, _("Five files an hour is the limit. Try again in a while."))
        return _page(request, form, status=429)
    said = form.cleaned_data
    return _file(request, who, periods[said["period"]], said["whose"], said["reason"])


def _page(request: TenantRequest, form: ExportForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "imports": Role.ADMIN in request.seat.roles,
        "cancel_url": here(request, "goals:tree"),
        "tree_url": here(request, "goals:tree"),
    }
    return render(request, "goals/export.html", context, status=status)


def _file(request: TenantRequest, who: Viewer, period: Period, whose: str, reason: str) -> HttpResponse:
    goals = access.goals_to_export(who, whose).filter(period=period)
    # An administrator's file is read back whole; in anybody else's stands no number of a goal that he may not read.
    named = None if whose == access.Reach.ALL else access.visible_goals(who)
    lines, extra = list(lines_of(goals, with_extra=True, named=named)), columns_of(goals)
    write_down_export(
        period=period, whose=whose, goals=len(lines), reason=reason, actor=who.employee, now=timezone.now()
    )
    chinese = (get_language() or "").startswith("zh")
    in_book = len(lines) <= MOST_IN_A_WORKBOOK
    rows, titles = cells(lines, chinese=chinese, extra=extra), headings(chinese=chinese, extra=extra)
    content = (xlsx_bytes if in_book else csv_bytes)(rows, titles)
    response = HttpResponse(content, content_type=XLSX if in_book else CSV)
    name = f"goals-{period.starts_on:%Y-%m}-{period.ends_on:%Y-%m}.{'xlsx' if in_book else 'csv'}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
