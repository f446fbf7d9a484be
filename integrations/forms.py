"""What is typed into the pages of connections, in the words of whoever keeps the company's data, not of its systems."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee

from . import rhythms
from .adapters.base import HandedIn
from .adapters.values import finite, storable
from .models import Gap

FILE_BYTES = 5 * 1024 * 1024
FILES_BYTES = 10 * FILE_BYTES  # of one handing in, which is held in memory
ASKED, SIGNS_IN = "asked-", "secret-"  # what stands before the names of these fields

# What a field of a configuration is to the person who fills it in, how it is explained, and what to do about one that
# does not fit; others go by their name.
SAID = {
    "base_url": (
        _("Address of the system"),
        _("As the system's administrator gives it, for example https://crm.example.com/api."),
        _("Write the whole address, beginning with https://, without a question mark in it."),
    ),
    "auth": (
        _("How it signs in"),
        _("As its administrator says. An API key travels in the header X-API-Key; settings can name another place."),
        _("Choose one of these."),
    ),
    "folder": (
        _("Folder the files arrive in"),
        _("Its name, as whoever runs the server has set it up. Leave it empty if you hand the files in here."),
        _("The name of the folder alone: letters, digits, - and _, without the path to it."),
    ),
    "file": (
        _("Name of the file"),
        _("Letter by letter, as it lies in the folder or as you hand it in, for example mes.sqlite."),
        _("The name of the file alone, without the path to it."),
    ),
    "dialect": (_("Kind of database"), "", _("Choose one of these.")),
    "host": (
        _("Host of the database"),
        _("Its name or address in your network. Whoever runs this server has to list it, with the port."),
        _("The name or address alone, without http:// and without the port."),
    ),
    "port": (_("Port"), "", _("A whole number from 1 to 65535.")),
    "database": (
        _("Name of the database"),
        _("For Oracle the name of the service."),
        _("Write its name, without semicolons, quotes and braces."),
    ),
    "user": (
        _("Account it signs in with"),
        _("Let it be one that may only read, and only the tables that are needed: nothing here can be as sure."),
        _("Write the name of the account, without semicolons and braces."),
    ),
}


# What the choices of a field are to that person.
CHOICES = {
    "auth": {
        "none": _("Without anything"),
        "bearer": _("With an access token"),
        "api_key": _("With an API key"),
    },
    "dialect": {
        "mysql": "MySQL / MariaDB",
        "postgresql": "PostgreSQL",
        "mssql": "SQL Server",
        "oracle": "Oracle",
    },
}
OF_SIGNING_IN = {ASKED + "auth"}


class ConnectionForm(forms.Form):
    """`asks`: fields of the configuration that a person fills in, with their JSON Schema; `secrets`: what it signs in
    with, which is written and never shown. `kept`: what of it there is already, so an empty field keeps it."""

    name = forms.CharField(
        label=_("What it is called"),
        max_length=80,
        help_text=_("What everybody here calls the system. It stands beside the evidence that comes from it."),
        error_messages={"required": _("Give it a name, for example “CRM of the sales department”.")},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        asks: Mapping[str, Mapping[str, Any]],
        secrets: Mapping[str, Promise | str],
        owners: Iterable[Employee],
        kept: Collection[str] = (),
        initial: Mapping[str, Any],
    ) -> None:
        super().__init__(data, initial=dict(initial))
        for name, schema in asks.items():
            self.fields[ASKED + name] = _asked_field(name, schema)
        for name, label in secrets.items():
            self.fields[SIGNS_IN + name] = forms.CharField(
                label=str(label),
                required=False,
                strip=True,
                max_length=4000,
                widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
                help_text=_("Leave it empty to keep what was typed before.")
                if name in kept
                else _("It can wait; the test needs it."),
            )
        self.fields["schedule"] = forms.ChoiceField(
            label=_("How often it is read"),
            choices=_rhythms(str(initial.get("schedule", ""))),
            help_text=_("Only what is new since the last time is fetched."),
        )
        people = {str(one.public_id): one for one in owners}
        names = {key: f"{one.name} · {one.position}" if one.position else one.name for key, one in people.items()}
        self.fields["owner"] = forms.TypedChoiceField(
            label=_("Who looks after it"),
            choices=list(names.items()),
            coerce=people.__getitem__,
            help_text=_("Is told when something is missing or stops. Administrators and integration owners can."),
            error_messages={"required": _("Choose who looks after it.")},
        )
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        self.fields["key"] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    @property
    def of_the_system(self) -> list[BoundField]:
        asked = (name for name in self.fields if name.startswith(ASKED) and name not in OF_SIGNING_IN)
        return [self["name"], *(self[name] for name in asked)]

    @property
    def sign_in(self) -> list[BoundField]:
        """How it signs in, where that can be chosen, then with what."""
        return [self[name] for name in self.fields if name in OF_SIGNING_IN or name.startswith(SIGNS_IN)]

    @property
    def keeping(self) -> list[BoundField]:
        return [self["schedule"], self["owner"]]

    def refuse(self, problems: Sequence[str]) -> None:
        """What the adapter says of the configuration, beside the field it speaks of where there is one."""
        for problem in problems:
            names = (name for name in self.fields if name.startswith(ASKED))
            place = next((name for name in names if f"“{name.removeprefix(ASKED)}”" in problem), None)
            self.add_error(place or ("more" if "more" in self.fields else None), problem)

    def refuse_secret(self) -> None:
        said = _("This server cannot keep it yet. Ask your operator for INTEGRATION_KEYS; leave it empty until then.")
        for name in [name for name in self.fields if name.startswith(SIGNS_IN)]:
            if self.cleaned_data.get(name):
                self.add_error(name, said)

    def without_secret(self) -> forms.Form:
        """What was typed and may be shown again."""
        shown = forms.Form(self.data)
        shown.fields = {name: field for name, field in self.fields.items() if not name.startswith(SIGNS_IN)}
        return shown

    def values(self) -> dict[str, Any]:
        """Configuration fields as typed."""
        return _named(self.cleaned_data, ASKED)

    def secret(self, wanted: Collection[str]) -> dict[str, str]:
        """What was typed to sign in with, of what is `wanted` the way that was chosen; empty where nothing was."""
        typed = _named(self.cleaned_data, SIGNS_IN)
        return {name: typed[name] for name in wanted if typed.get(name)}


class SettingsForm(ConnectionForm):
    """The same later on, and the rest of the configuration as text: fields, streams and how pages follow each other."""

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(data, initial=initial, **kwargs)
        self.fields["more"] = forms.CharField(
            label=_("Configuration as text (JSON)"),
            strip=False,
            widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false", "class": "mono"}),
            error_messages={"required": _("It cannot be empty. Leave this page to keep what there was.")},
        )

    def clean_more(self) -> dict[str, Any]:
        try:
            typed = json.loads(self.cleaned_data["more"], parse_constant=finite, parse_float=finite)
        except json.JSONDecodeError as error:
            sentence = _("Near line %(line)d something is off: a comma, a quote or a bracket is missing or too many.")
            raise forms.ValidationError(sentence, params={"line": error.lineno}) from None
        except RecursionError:
            raise forms.ValidationError(_("It is nested too deeply to be read.")) from None
        except ValueError:  # NaN, 1e999, a number of thousands of digits
            raise forms.ValidationError(_("One of the numbers in it is none that can be kept.")) from None
        if not isinstance(typed, dict):
            raise forms.ValidationError(_("It begins with { and ends with }, with names and values between."))
        if storable(typed) != typed:
            raise forms.ValidationError(_("It holds a character that cannot be kept, such as \\u0000. Take it out."))
        return typed

    def config(self) -> dict[str, Any]:
        """The whole configuration: the text, and on top what has fields of its own."""
        return {**self.cleaned_data["more"], **self.values()}


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = list(data) if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(one, initial) for one in files or [None]]


class FilesForm(forms.Form):
    handed = FilesField(
        label=_("Files"),
        help_text=_("One or several, at most 200 at once, as the system writes them (.csv)"),
        max_length=200,
        error_messages={
            "required": _("Choose at least one file, for example the one of the day that is missing."),
            "empty": _("A file is empty. Check that it was saved."),
        },
    )

    def __init__(self, *args: Any, called: str = "", **kwargs: Any) -> None:
        """`called`: the one name under which a file is read, where there is one."""
        super().__init__(*args, **kwargs)
        if called:
            words = _("One file, called %(name)s. The one handed in last is read.")
            self.fields["handed"].help_text = words % {"name": called}

    def clean_handed(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["handed"]
        large = [file.name for file in files if (file.size or 0) > FILE_BYTES]
        if large:
            sentence = _("%(name)s is larger than %(limit)s. Split it by day.")
            raise forms.ValidationError(sentence, params={"name": large[0], "limit": filesizeformat(FILE_BYTES)})
        if sum(file.size or 0 for file in files) > FILES_BYTES:
            sentence = _("Together they are larger than %(limit)s. Hand them in a part at a time.")
            raise forms.ValidationError(sentence, params={"limit": filesizeformat(FILES_BYTES)})
        return files

    def handed_in(self) -> list[HandedIn]:
        return [HandedIn(str(file.name), file.read()) for file in self.cleaned_data["handed"]]


class CloseGapForm(forms.Form):
    """One of several on a page: the gap keeps their ids apart."""

    reason = forms.CharField(
        label=_("Why it will not come"),
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("For example: the plant was closed that day")}),
        error_messages={"required": _("Write half a sentence, for example “the plant was closed that day”.")},
    )

    def __init__(self, data: Any = None, *, gap: Gap) -> None:
        super().__init__(data, auto_id=f"gap-{gap.pk}-%s")
        self.gap = gap


class IdsField(forms.MultipleChoiceField):
    """Public ids, as many as were ticked; whether they are anything is for `access` to say."""

    def valid_value(self, value: str) -> bool:
        return True

    def clean(self, value: Any) -> list[UUID]:
        try:
            return [UUID(one) for one in super().clean(value)]
        except ValueError:
            raise forms.ValidationError(self.error_messages["required"]) from None


class RowsForm(forms.Form):
    """Rows that were ticked, or with `every` all that wait."""

    rows = IdsField(required=False, error_messages={"required": _("Tick the rows you mean first.")})
    every = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("rows") and not cleaned.get("every"):
            self.add_error("rows", self.fields["rows"].error_messages["required"])
        return cleaned


def as_text(config: Mapping[str, Any], asks: Sequence[str]) -> str:
    """The configuration for `SettingsForm.more`, without what has a field of its own."""
    rest = {name: value for name, value in config.items() if name not in asks}
    return json.dumps(rest, ensure_ascii=False, indent=2)


def _asked_field(name: str, schema: Mapping[str, Any]) -> forms.Field:
    own = (schema.get("title", name), schema.get("description", ""), _("This does not fit."))
    label, hint, mend = SAID.get(name, own)
    known: Any = CHOICES.get(name, {})
    given: dict[str, Any] = {"label": label, "help_text": hint, "required": bool(schema.get("minLength"))}
    if "enum" in schema:
        choices = [(one, known.get(one, one)) for one in schema["enum"]]
        return forms.ChoiceField(choices=choices, **{**given, "required": True})
    if schema.get("type") == "integer":
        given |= {"required": True, "min_value": schema.get("minimum"), "max_value": schema.get("maximum")}
        given["error_messages"] = dict.fromkeys(("required", "invalid", "min_value", "max_value"), mend)
        return forms.IntegerField(**given)
    widget = forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"})
    if name.endswith("url"):
        widget.attrs["inputmode"] = "url"
    return forms.RegexField(
        schema.get("pattern", ""),
        max_length=schema.get("maxLength", 200),
        widget=widget,
        error_messages={"invalid": mend, "required": mend},
        **given,
    )


def _rhythms(current: str) -> list[tuple[str, str]]:
    """Those offered, and the one it has."""
    rules = list(rhythms.OFFERED)
    if current and current not in rules:
        rules.append(current)
    return [(rule, rhythms.in_words(rule)) for rule in rules]


def _named(cleaned: Mapping[str, Any], before: str) -> dict[str, Any]:
    return {name.removeprefix(before): value for name, value in cleaned.items() if name.startswith(before)}
