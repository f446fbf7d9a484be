"""What is typed about the gateway for text messages (product.md §5.3, §8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee

from ..actions.texting import GatewayWords
from ..models import PhoneForm, SecretPlace, SmsGateway, SmsShape
from ..texting import BASIC, BEARER, FIELD, HEADER

LINES_AT_MOST = 20
HEADER_NAME = re.compile("[A-Za-z0-9_-]+")
_COLON = re.compile("[:：]")
NAMED = (BASIC, FIELD, HEADER)


class LinesField(forms.CharField):
    """A name and a value a line, with a colon between."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "mono"})
    default_error_messages = {
        "line": _("“%(line)s” has no colon. Write a name, a colon and the value, like “channel: 7”."),
        "many": _("These are more than 20 lines."),
        "twice": _("“%(name)s” stands there twice."),
    }

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}: {said}" for name, said in value.items()) if isinstance(value, Mapping) else value

    def clean(self, value: Any) -> Any:
        """What is asked of a text, such as its length, is asked of what was typed."""
        return self._read(super().clean(value))

    def _read(self, typed: str) -> dict[str, str]:
        lines = [line for line in typed.splitlines() if line.strip()]
        if len(lines) > LINES_AT_MOST:
            raise self._refused("many")
        found: dict[str, str] = {}
        for line in lines:
            name, *rest = (part.strip() for part in _COLON.split(line, maxsplit=1))
            if not name or not rest:
                raise self._refused("line", line=line[:40])
            if name in found:
                raise self._refused("twice", name=name[:40])
            found[name] = rest[0]
        return found

    def _refused(self, code: str, **params: str) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code, params or None)


class ClockField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages = {"invalid": _("Write the time like 22:00.")}


class GatewayForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    url = forms.CharField(
        label=_("Address of the gateway"),
        help_text=_("As the provider's manual gives it, beginning with https://"),
        max_length=500,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the whole address, beginning with https://.")},
    )
    shape = forms.ChoiceField(label=_("How it is asked"), choices=SmsShape.choices)
    phone_field = forms.CharField(
        label=_("Field of the phone number"),
        help_text=_("In JSON, dots lead down and “phones[]” is a list of one."),
        max_length=80,
        error_messages={"required": _("Write the name the manual gives it, for example “phone”.")},
    )
    phone_form = forms.ChoiceField(label=_("How a number is written"), choices=PhoneForm.choices)
    text_field = forms.CharField(
        label=_("Field of the text"),
        max_length=80,
        error_messages={"required": _("Write the name the manual gives it, for example “content”.")},
    )
    signature = forms.CharField(
        label=_("Signature"),
        help_text=_("As registered with the provider. Without a field it stands before the text, as 【…】."),
        max_length=40,
        required=False,
    )
    signature_field = forms.CharField(label=_("Field of the signature"), max_length=80, required=False)
    template = forms.CharField(label=_("Id of the template"), max_length=80, required=False)
    template_field = forms.CharField(label=_("Field of the template"), max_length=80, required=False)
    id_field = forms.CharField(
        label=_("Field of the message's id"),
        help_text=_("Where the provider has one: the same message is then never sent twice."),
        max_length=80,
        required=False,
    )
    fixed = LinesField(label=_("Further fields, one a line, “name: value”"), required=False, max_length=2000)
    headers = LinesField(
        label=_("Further headers, one a line, “name: value”"),
        help_text=_("These and the fields above are shown again: a secret goes below."),
        required=False,
        max_length=2000,
    )
    secret_in = forms.ChoiceField(label=_("Where its secret goes"), choices=SecretPlace.choices, required=False)
    secret_name = forms.CharField(label=_("Name of that header or field, or the user"), max_length=80, required=False)
    secret = forms.CharField(
        label=_("Secret"),
        help_text=_("It is sealed and never shown again. Left empty, the one there is stays."),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    ok_field = forms.CharField(
        label=_("Field of the answer that says yes"),
        help_text=_("For example “code”. Left empty, the status alone counts, or how the answer begins."),
        max_length=80,
        required=False,
    )
    ok_value = forms.CharField(
        label=_("What it says then"), help_text=_("For example “0”"), max_length=80, required=False
    )
    daily_limit = forms.IntegerField(
        label=_("At most so many messages a day"),
        min_value=1,
        max_value=10_000,
        error_messages={
            "required": _("Write a number from 1 to 10,000."),
            "invalid": _("Write a number from 1 to 10,000."),
            "min_value": _("Write a number from 1 to 10,000."),
            "max_value": _("Write a number from 1 to 10,000."),
        },
    )
    quiet_from = ClockField(
        label=_("Quiet from"), help_text=_("What comes up then waits until the quiet ends."), required=False
    )
    quiet_until = ClockField(label=_("Quiet until"), required=False)

    def __init__(self, data: Any = None, *, owners: Iterable[Employee], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        people = {str(one.public_id): one for one in owners}
        self.fields["owner"] = forms.TypedChoiceField(
            label=_("Who looks after it"),
            choices=[(key, one.name) for key, one in people.items()],
            coerce=people.__getitem__,
            help_text=_("Is told when messages do not arrive."),
            error_messages={"required": _("Choose who looks after it.")},
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("secret_in") in NAMED and not data.get("secret_name"):
            self.add_error("secret_name", _("Write its name, or the user."))
        if data.get("ok_field") and not data.get("ok_value"):
            self.add_error("ok_value", _("Write what this field says when the message was taken."))
        self._check_headers(data)
        begins, ends = data.get("quiet_from"), data.get("quiet_until")
        if not {"quiet_from", "quiet_until"} & set(self.errors) and ((begins is None) != (ends is None)):
            self.add_error("quiet_until" if ends is None else "quiet_from", _("The quiet needs both its times."))
        elif begins is not None and begins == ends:
            self.add_error("quiet_until", _("The quiet ends at another time than it begins."))
        return data

    def _check_headers(self, data: Mapping[str, Any]) -> None:
        """What no header can hold would be refused at each sending, and never at the form."""
        for name, value in (data.get("headers") or {}).items():
            if not (HEADER_NAME.fullmatch(name) and _fits_a_header(value)):
                wrong = _("“%(name)s” cannot be sent: a header's name is letters, digits and hyphens, its value ASCII.")
                self.add_error("headers", forms.ValidationError(wrong, params={"name": name[:40]}))
        place, name, secret = data.get("secret_in"), data.get("secret_name", ""), data.get("secret", "")
        if place == HEADER and name and not HEADER_NAME.fullmatch(name):
            self.add_error("secret_name", _("A header's name is letters, digits and hyphens, such as X-Api-Key."))
        if place in (BEARER, HEADER) and not _fits_a_header(secret):
            self.add_error("secret", _("A header holds plain ASCII, without blanks at either end. Type it anew."))

    @property
    def words(self) -> GatewayWords:
        said = dict(self.cleaned_data)
        owner, secret = said.pop("owner"), said.pop("secret")
        del said["version"]
        return GatewayWords(columns=said | {"url": said["url"].strip()}, owner=owner, secret=secret)

    def without_secret(self) -> forms.Form:
        """What was typed and may be shown again."""
        shown = forms.Form(self.data)
        shown.fields = {name: field for name, field in self.fields.items() if name != "secret"}
        return shown

    def refuse_address(self) -> None:
        self.add_error(
            "url",
            _("This address cannot be told: it must be https on a public name. Of a host inside, ask the operator."),
        )

    def refuse_names(self) -> None:
        self.add_error("phone_field", _("Two fields have the same name, or one leads through the other."))

    def ask_for_secret(self) -> None:
        self.add_error("secret", _("Type the secret: it is kept for the address it was typed for, and no other."))


def _fits_a_header(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()


def initial_of(gateway: SmsGateway) -> dict[str, Any]:
    names = [name for name in GatewayForm.base_fields if name != "secret"]
    return {name: getattr(gateway, name) for name in names} | {"owner": str(gateway.owner.public_id)}
