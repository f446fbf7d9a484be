"""What is typed about the company's words."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .actions import CompetencyWords, EntryWords, TagWords, VagueWords
from .models import Competency, Level, Nature
from .vagueness import plain_text

NAMELESS = {"required": _("Give it a name.")}
LEAST_LETTERS = 2  # of a vague expression
SHOWN_ELSE = _("Left empty, English readers see the Chinese.")


class TermForm(forms.Form):
    """What the three have in common: the version that was seen, and which columns the words are."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, competencies: Iterable[Competency] = (), **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.by_id = {str(one.public_id): one for one in competencies}
        if "competency" in self.fields:
            choices = [(key, one.shown_name) for key, one in self.by_id.items()]
            if not self.fields["competency"].required:
                choices.insert(0, ("", str(_("None in particular"))))
            self.fields["competency"].choices = choices  # type: ignore[attr-defined]

    def typed(self) -> dict[str, Any]:
        """The columns, the competency itself among them."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if "competency" in cleaned:
            cleaned["competency"] = self.by_id.get(cleaned["competency"])  # "": none
        return cleaned


class CompetencyForm(TermForm):
    name = forms.CharField(label=_("What it is called"), max_length=40, error_messages=NAMELESS)
    name_en = forms.CharField(label=_("In English"), max_length=60, required=False, help_text=SHOWN_ELSE)
    meaning = forms.CharField(
        label=_("What it means here"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    meaning_en = forms.CharField(
        label=_("What it means, in English"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def words(self) -> CompetencyWords:
        return CompetencyWords(**self.typed())


class TagForm(TermForm):
    competency = forms.ChoiceField(label=_("Competency"))
    name = forms.CharField(
        label=_("What it is called"),
        max_length=20,
        help_text=_("A behaviour in a few words, as people say it: at most 20 characters."),
        error_messages=NAMELESS,
    )
    name_en = forms.CharField(label=_("In English"), max_length=60, required=False, help_text=SHOWN_ELSE)

    def words(self) -> TagWords:
        return TagWords(**self.typed())


class EntryForm(TermForm):
    competency = forms.ChoiceField(label=_("Competency"))
    nature = forms.ChoiceField(label=_("Nature"), choices=Nature.choices, widget=forms.RadioSelect)
    level = forms.TypedChoiceField(label=_("Level"), choices=Level.choices, coerce=int)
    text = forms.CharField(
        label=_("Sentence"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What somebody was seen doing and what came of it, so that it can be sent as it is."),
        error_messages={"required": _("Write the sentence.")},
    )
    text_en = forms.CharField(
        label=_("Sentence in English"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=SHOWN_ELSE,
    )
    scene = forms.CharField(label=_("Scene it fits"), max_length=120, required=False)
    scene_en = forms.CharField(label=_("Scene in English"), max_length=240, required=False)

    def words(self) -> EntryWords:
        return EntryWords(**self.typed())


class VagueForm(TermForm):
    text = forms.CharField(
        label=_("Vague expression"),
        max_length=40,
        help_text=_("As people write it: “shows commitment”. A text with nothing else to go by is then asked about."),
        error_messages={"required": _("Write the expression.")},
    )
    competency = forms.ChoiceField(
        label=_("Competency it has in mind"),
        required=False,
        help_text=_("From its sentences come those that are offered instead."),
    )

    def clean_text(self) -> str:
        plain = plain_text(self.cleaned_data["text"])
        if len(plain) < LEAST_LETTERS:
            raise forms.ValidationError(_("Write at least two characters: one alone stands in too many words."))
        return plain

    def words(self) -> VagueWords:
        return VagueWords(**self.typed())
