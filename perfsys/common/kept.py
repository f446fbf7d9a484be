"""What was typed, on the page that says somebody else was faster: nothing is lost (product.md §9.8)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.widgets import ChoiceWidget
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def changed_meanwhile(
    request: HttpRequest,
    typed: Iterable[forms.BaseForm],
    *,
    url: str,
    version: int | None = None,
    changes: Iterable[Mapping[str, Any]] = (),
) -> HttpResponse:
    """409 with every filled field of `typed`; with the `version` that stands now, also the way to save it on top.
    `changes` are what others changed meanwhile: label, was, now."""
    kept = [entry for form in typed for field in form if (entry := _entry(field))["value"]]
    context: dict[str, Any] = {"kept": kept, "url": url, "changes": list(changes)}
    if version is not None:
        fields = [
            {"name": name, "value": str(version) if name == "version" else value}
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken"
        ]
        context["resend"] = {"url": request.get_full_path(), "fields": fields}
    return render(request, "409.html", context, status=409)


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
