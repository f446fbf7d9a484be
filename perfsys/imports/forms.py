from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from .kinds import ImportKind
from .reading.limits import UPLOAD_BYTES


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx) or CSV"),
        allow_empty_file=False,
        error_messages={
            "required": _("Choose a file, for example the roster that HR keeps."),
            "empty": _("The file is empty. Check that it was saved."),
        },
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > UPLOAD_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s. Split it into smaller files."),
                params={"limit": filesizeformat(UPLOAD_BYTES)},
            )
        return file


class ColumnsForm(forms.Form):
    """One check box a sheet and one select a column, named by position: sheet names are the file's own words."""

    def __init__(self, kind: ImportKind, sheets: list[dict[str, Any]], choices: Mapping[str, Any], data: Any = None):
        super().__init__(data)
        self.kind, self.sheets = kind, [sheet for sheet in sheets if sheet["headings"] and not sheet["hidden"]]
        targets = [("", _("leave out")), *((spec.name, kind.field_title(spec.name)) for spec in kind.fields)]
        for s, sheet in enumerate(self.sheets):
            chosen = choices.get(sheet["name"], {})
            guessed = {str(guess["index"]): field for field, guess in sheet["columns"].items()}
            columns = {**guessed, **chosen.get("columns", {})}
            self.fields[f"use-{s}"] = forms.BooleanField(
                label=_("Import this sheet"), required=False, initial=chosen.get("use", sheet["is_data"])
            )
            for c in range(len(sheet["headings"])):
                self.fields[f"column-{s}-{c}"] = forms.ChoiceField(
                    choices=targets, required=False, initial=columns.get(str(c), "")
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(f"use-{s}") for s in range(len(self.sheets))):
            raise forms.ValidationError(_("Choose at least one sheet to import."))
        for s, sheet in enumerate(self.sheets):
            if cleaned.get(f"use-{s}"):
                self._check_sheet(s, sheet, cleaned)
        return cleaned

    def choices(self) -> dict[str, Any]:
        """Sheet name -> {"use", "columns"}, for `actions.choose_columns`."""
        return {
            sheet["name"]: {
                "use": self.cleaned_data[f"use-{s}"],
                "columns": {str(c): self.cleaned_data[f"column-{s}-{c}"] for c in range(len(sheet["headings"]))},
            }
            for s, sheet in enumerate(self.sheets)
        }

    def _check_sheet(self, s: int, sheet: dict[str, Any], cleaned: Mapping[str, Any]) -> None:
        seen: set[str] = set()
        for c in range(len(sheet["headings"])):
            field = cleaned.get(f"column-{s}-{c}")
            if field and field in seen:
                self.add_error(
                    f"column-{s}-{c}",
                    _("Another column already means this. Leave one of the two out."),
                )
            seen.add(field or "")
        missing = [spec.name for spec in self.kind.fields if spec.required and spec.name not in seen]
        for name in missing:
            self.add_error(
                None,
                forms.ValidationError(
                    _("%(sheet)s: no column means “%(field)s”. Choose one, or leave the sheet out."),
                    params={"sheet": sheet["name"], "field": self.kind.field_title(name)},
                ),
            )
