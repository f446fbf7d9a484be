"""What the pages of this app share."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format

from perfsys.tenancy.routes import TenantRequest, here

from .. import actions
from ..access import viewer
from ..models import Employee

Page = Callable[[TenantRequest, Form], HttpResponse]


def save(
    request: TenantRequest, form: Form, change: Callable[[Form], object], *, page: Page, done: str
) -> HttpResponse:
    """The whole of a form's way: typed wrongly or refused, the page comes back with all that was typed (422); changed
    meanwhile by somebody else, what was typed stands on the page that says so (409); else on to `done`."""
    if form.is_valid():
        try:
            change(form)
            return redirect(done)
        except actions.StaleVersion:
            return changed_meanwhile(request, form, done)
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
    response = page(request, form)
    response.status_code = 422
    return response


def changed_meanwhile(request: TenantRequest, form: Form, url: str) -> HttpResponse:
    kept = [{"label": field.label, "value": field.value() or ""} for field in form if not field.is_hidden]
    return render(request, "409.html", {"kept": kept, "url": url}, status=409)


def acting(request: TenantRequest) -> Employee | None:
    """Whose name the record takes; None for an administrator who is no employee."""
    return viewer(request).employee


def steps(rows: Iterable[Any]) -> list[dict[str, str]]:
    """Dated rows as a page writes them: the first day and the last; empty while it goes on."""
    return [
        {
            "label": row.label,
            "starts": date_format(row.starts_on, "Y-m-d"),
            "ends": date_format(row.ends_on - timedelta(days=1), "Y-m-d") if row.ends_on else "",
        }
        for row in rows
    ]


def person_url(request: TenantRequest, employee: Employee) -> str:
    return here(request, "people:person", public_id=employee.public_id)
