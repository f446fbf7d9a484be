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

from .. import rhythms
from ..adapters.base import HandedIn
from ..adapters.sql import FILE_BYTES as DATABASE_BYTES
from ..adapters.values import finite, storable
from ..asked import without
from ..models import Gap

FILE_BYTES = 5 * 1024 * 1024
FILES_BYTES = 10 * FILE_BYTES  # of one handing in, which is held in memory
ASKED, SIGNS_IN = "asked-", "secret-"  # what stands before the names of these fields

_DOTS = _("Names with dots between, as in data.items.")

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
    "auth_header": (
        _("Header of the key"),
        _("Empty: X-API-Key."),
        _("The name of a header: letters, digits and -. Authorization and Cookie have ways of their own."),
    ),
    "token_url": (
        _("Address of the token"),
        _("Where a client gets its access token, as the system's administrator gives it."),
        _("Write the whole address, beginning with https://, without a question mark in it."),
    ),
    "scope": (_("Scope"), _("If the administrator names one."), _("Words with blanks between.")),
    "session.path": (
        _("Path of the login"),
        _("Behind the address of the system, for example /login."),
        _("It begins with / and has no question mark."),
    ),
    "session.user": (_("Place of the user name"), _("In what is sent, for example login or params.login."), _DOTS),
    "session.password": (_("Place of the password"), _("For example password or params.password."), _DOTS),
    "session.token": (_("Place of the token in the answer"), _("Empty: its cookies are the session."), _DOTS),
    "session.body.params.db": (_("Database"), _("The name of its database, as in its sign-in page."), _DOTS),
    "records": (
        _("Place of the records in the answer"),
        _("For example data.items. Empty: the answer is the list itself."),
        _DOTS,
    ),
    "quiet_hours": (
        _("Longest silence, in hours"),
        _("Where nothing comes for so long, whoever looks after it is told. Empty: nobody is."),
        _("A whole number from 1 to 720."),
    ),
    "paging": (_("How pages follow each other"), _("Most services link to the next one."), _("Choose one of these.")),
    "paging.kind": (_("How pages follow each other"), _("As its manual says."), _("Choose one of these.")),
    "paging.param": (_("Parameter of the page"), _("For example page, offset or cursor."), _DOTS),
    "paging.size": (_("Rows a page"), "", _("A whole number from 1 to 10,000.")),
    "paging.size_param": (_("Parameter of the rows a page"), _("For example limit or page_size."), _DOTS),
    "paging.next": (_("Place of what comes next"), _("In the answer, for example meta.next_cursor."), _DOTS),
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
        "basic": _("With user name and password"),
        "bearer": _("With an access token"),
        "api_key": _("With an API key"),
        "oauth2": _("With a client's token (OAuth 2.0)"),
        "session": _("By a login"),
    },
    "paging": {"server": _("It links to the next page"), "skip": _("By number of rows ($top and $skip)")},
    "paging.kind": {
        "none": _("There is one page"),
        "cursor": _("Each names what comes next"),
        "page": _("By number of the page"),
        "offset": _("By number of rows"),
        "link": _("A header links to the next one"),
        "next_url": _("The answer holds the next address"),
    },
    "dialect": {
        "mysql": "MySQL / MariaDB",
        "postgresql": "PostgreSQL",
        "mssql": "SQL Server",
        "oracle": "Oracle",
    },
}
OF_SIGNING_IN = {
    ASKED + name
    for name in (
        *("auth", "auth_header", "token_url", "scope"),
        *("session.path", "session.user", "session.password", "session.token"),
    )
}
# Fields that belong to a choice in another field: shown with it alone. Without a style sheet all of them are.
_BY_LOGIN = ("auth", "session")
ONLY_WITH = {
    ASKED + "auth_header": ("auth", "api_key"),
    ASKED + "token_url": ("auth", "oauth2"),
    ASKED + "scope": ("auth", "oauth2"),
    **{ASKED + f"session.{name}": _BY_LOGIN for name in ("path", "user", "password", "token")},
    SIGNS_IN + "user": ("auth", "basic session"),
    SIGNS_IN + "password": ("auth", "basic session"),
    SIGNS_IN + "token": ("auth", "bearer"),
    SIGNS_IN + "key": ("auth", "api_key"),
    SIGNS_IN + "client_id": ("auth", "oauth2"),
    SIGNS_IN + "client_secret": ("auth", "oauth2"),
    ASKED + "paging.param": ("kind", "cursor page offset"),
    ASKED + "paging.size": ("kind", "cursor page offset link next_url"),
    ASKED + "paging.size_param": ("kind", "cursor page offset link next_url"),
    ASKED + "paging.next": ("kind", "cursor next_url"),
}


_KIND = ASKED + "paging.kind"


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
        return [self["name"], *(self[name] for name in asked if name not in ONLY_WITH and name != _KIND)]

    @property
    def pages(self) -> list[tuple[BoundField, str, str]]:
        """How pages follow each other, where that can be chosen: fields with what they are shown with."""
        return self._with(name for name in self.fields if name.startswith(ASKED + "paging."))

    @property
    def sign_in(self) -> list[tuple[BoundField, str, str]]:
        """How it signs in, where that can be chosen, then with what: fields with what they are shown with."""
        return self._with(name for name in self.fields if name in OF_SIGNING_IN or name.startswith(SIGNS_IN))

    def _with(self, names: Iterable[str]) -> list[tuple[BoundField, str, str]]:
        chosen = {"auth": ASKED + "auth", "kind": _KIND}
        found = [(name, *ONLY_WITH.get(name, ("", ""))) for name in names]
        return [(self[name], by if chosen.get(by) in self.fields else "", among) for name, by, among in found]

    @property
    def keeping(self) -> list[BoundField]:
        return [self["schedule"], self["owner"]]

    def refuse(self, problems: Sequence[str]) -> None:
        """What the adapter says of the configuration, beside the field it speaks of where there is one."""
        for problem in problems:
            names = (name for name in self.fields if name.startswith(ASKED))
            place = next((name for name in names if _speaks_of(problem, name.removeprefix(ASKED))), None)
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
        """The text: `values` come on top (`asked.filled`)."""
        more: dict[str, Any] = self.cleaned_data["more"]
        return more


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = list(data) if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(one, initial) for one in files or [None]]


_TOO_LARGE_ALONE = _(
    "%(name)s is larger than %(limit)s. Out of a folder up to %(most)s are read: have your operator put it into one, "
    "and name the folder in the settings."
)


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
        self.called = called
        if called:
            words = _("One file, called %(name)s. The one handed in last is read.")
            self.fields["handed"].help_text = words % {"name": called}

    def clean_handed(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["handed"]
        large = [file.name for file in files if (file.size or 0) > FILE_BYTES]
        if large:
            sentence = _TOO_LARGE_ALONE if self.called else _("%(name)s is larger than %(limit)s. Split it by day.")
            words = {"name": large[0], "limit": filesizeformat(FILE_BYTES), "most": filesizeformat(DATABASE_BYTES)}
            raise forms.ValidationError(sentence, params=words)
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
    return json.dumps(without(config, asks), ensure_ascii=False, indent=2)


def _asked_field(name: str, schema: Mapping[str, Any]) -> forms.Field:
    own = (schema.get("title", name), schema.get("description", ""), _("This does not fit."))
    label, hint, mend = SAID.get(name, own)
    known: Any = CHOICES.get(name, {})
    is_needed = bool(schema.get("minLength")) and ASKED + name not in ONLY_WITH  # the schema knows with which choice
    given: dict[str, Any] = {"label": label, "help_text": hint, "required": is_needed}
    if "enum" in schema:
        choices = [(one, known.get(one, one)) for one in schema["enum"]]
        return forms.ChoiceField(choices=choices, **{**given, "required": True})
    if schema.get("type") == "integer":
        said: Any = dict.fromkeys(("invalid", "min_value", "max_value"), mend)
        least, most = schema.get("minimum"), schema.get("maximum")
        return forms.IntegerField(min_value=least, max_value=most, error_messages=said, **given)
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


def _speaks_of(problem: str, path: str) -> bool:
    """By its path, or by the name of the last step as missing in the one before."""
    return f"“{path}”" in problem or ("." in path and all(f"“{step}”" in problem for step in path.split(".")))


def _rhythms(current: str) -> list[tuple[str, str]]:
    """Those offered, and the one it has."""
    rules = list(rhythms.OFFERED)
    if current and current not in rules:
        rules.append(current)
    return [(rule, rhythms.in_words(rule)) for rule in rules]


def _named(cleaned: Mapping[str, Any], before: str) -> dict[str, Any]:
    return {name.removeprefix(before): value for name, value in cleaned.items() if name.startswith(before)}
