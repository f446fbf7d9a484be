"""What was typed, on the page that says it was saved meanwhile: nothing is lost (product.md §9.8)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Model
from django.forms import BoundField
from django.forms.widgets import ChoiceWidget
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _


def changed_meanwhile(
    request: HttpRequest,
    typed: Iterable[forms.BaseForm],
    *,
    url: str,
    version: int | None = None,
    changes: Iterable[Mapping[str, Any]] = (),
    of: Model | None = None,
) -> HttpResponse:
    """409 with every filled field of `typed`; with the `version` that stands now, also the way to save it on top.
    `changes` are what was changed meanwhile: label, was, now. With `of`, the thing itself, the page says whether that
    was somebody else or oneself, in another window."""
    kept = [entry for form in typed for field in form if (entry := _entry(field))["value"]]
    context: dict[str, Any] = {"kept": kept, "url": url, "changes": list(changes), "saved_by": saved_by(request, of)}
    if version is not None:
        fields = [
            {"name": name, "value": str(version) if name == "version" else value}
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken"
        ]
        context["resend"] = {"url": request.get_full_path(), "fields": fields}
    return render(request, "409.html", context, status=409)


def saved_by(request: HttpRequest, of: Model | None) -> str:
    """ "own", "others", or "" where nobody can tell (settings.WHO_SAVED)."""
    if of is None:
        return ""
    typed = request.POST.get("version", "")
    times = getattr(of, "version", 0) - int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 1
    return str(import_string(settings.WHO_SAVED)(request, of, times=max(times, 1)))


def _entry(field: BoundField) -> dict[str, Any]:
    if field.is_hidden:
        return {"label": "", "value": ""}
    value = field.value()
    widget = field.field.widget
    if isinstance(widget, ChoiceWidget):
        chosen = [str(one) for one in value] if isinstance(value, list) else [str(value or "")]
        choices: Any = widget.choices  # flat, in every form here
        value = _(", ").join(str(name) for key, name in choices if str(key) and str(key) in chosen)
    elif isinstance(field.field, forms.BooleanField):
        value = _("yes") if value in {True, "on", "True"} else ""
    return {"label": field.label, "value": value or ""}
