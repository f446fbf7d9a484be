"""What is typed about a line of the suggestion library."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .actions.suggestions import SuggestionWords
from .models import SuggestionEntry
from .suggestions import LACKS, Suggestion
from .writing_forms import KINDS

MOST_FAMILIES = 20


class SuggestionForm(forms.Form):
    text_zh = forms.CharField(
        label=_("The step, in Chinese"),
        max_length=200,
        help_text=_("One small step that can be shown within two weeks, said to the owner."),
        error_messages={"required": _("Write the step in one sentence.")},
    )
    text_en = forms.CharField(label=_("In English"), max_length=200, required=False)
    missing = forms.ChoiceField(
        label=_("Only where this is missing"),
        required=False,
        choices=[("", _("Nothing in particular")), *((code.value, words) for code, words in LACKS.items())],
    )
    families = forms.CharField(
        label=_("Only for these job families"),
        required=False,
        max_length=500,
        help_text=_("Words that stand in them, with blanks between: “sales account”. Empty fits everybody."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Only for these kinds of goals"),
        required=False,
        choices=KINDS,
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_families(self) -> list[str]:
        found = [word for word in re.split(r"[\s,，、;；]+", self.cleaned_data["families"]) if word]
        if len(found) > MOST_FAMILIES or any(len(word) > 40 for word in found):
            raise forms.ValidationError(_("Keep to twenty short words."))
        return list(dict.fromkeys(found))

    @property
    def words(self) -> SuggestionWords:
        said: dict[str, Any] = {name: self.cleaned_data[name] for name in self.fields if name != "version"}
        return SuggestionWords(**said)


def initial_of(one: Suggestion, kept: SuggestionEntry | None) -> dict[str, Any]:
    return {
        "text_zh": one.zh,
        "text_en": one.en,
        "missing": one.missing,
        "families": " ".join(one.families),
        "kinds": sorted(one.kinds),
        "version": kept.version if kept else 0,
    }
