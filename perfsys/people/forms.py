"""What is typed into this app's pages. Sentences say what to do."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from perfsys.common.fields import DayField
from perfsys.tenancy.roles import GRANTABLE, Role

from . import queries
from .features import Reach
from .models import Account, EmployeeSpan, Invitation
from .roster import SEPARATOR
from .sign_in import PhoneField


class NewPasswordForm(forms.Form):
    """A password for the account an invitation makes. `company`: words that the password must not consist of."""

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )
    password2 = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Type the password a second time.")},
    )

    def __init__(self, data: Any = None, *, invitation: Invitation, company: tuple[str, ...]) -> None:
        super().__init__(data)
        self.account = Account(email=invitation.email or None, phone=invitation.phone or None)
        self.account.company_words = company  # type: ignore[attr-defined]  # read by passwords.company_words
        self.fields["password1"].help_text = " ".join(filter(None, password_validators_help_texts()[:1]))

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.account)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password1" in cleaned and "password2" in cleaned and cleaned["password1"] != cleaned["password2"]:
            self.add_error("password2", _("The two are not the same. Type it once more."))
        return cleaned


class PersonField(forms.CharField):
    """Somebody who works here, by number or by full name: "E017", "王五" or "王五 E017" as the suggestions write it."""

    widget = forms.TextInput(attrs={"list": "people-found", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        found = queries.people_named(typed)
        if not found:
            sentence = _("Nobody here is called %(typed)s. Type a name or a number.")
            raise ValidationError(sentence, params={"typed": typed})
        if len(found) > 1:
            numbers = ", ".join(employee.employee_no for employee in found[:5])
            sentence = _("Several people have this name. Type the number: %(numbers)s.")
            raise ValidationError(sentence, params={"numbers": numbers})
        return found[0]


class UnitField(forms.CharField):
    """An open unit by its path, or by its name where only one has it."""

    widget = forms.TextInput(attrs={"list": "units-found", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        found = queries.units_named(typed)
        if not found:
            raise ValidationError(_("There is no unit called %(typed)s."), params={"typed": typed})
        if len(found) > 1:
            sentence = _("Several units have this name. Type the whole path: %(path)s.")
            raise ValidationError(sentence, params={"path": found[0].path})
        return found[0]


class RecordForm(forms.Form):
    """`version` is what the editor saw."""

    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    mobile = forms.CharField(label=_("Mobile number"), max_length=20, required=False)
    grade = forms.CharField(label=_("Grade"), max_length=40, required=False)
    job_family = forms.CharField(label=_("Job family"), max_length=80, required=False)
    hired_on = DayField(label=_("First day"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class NewPersonForm(forms.Form):
    employee_no = forms.CharField(label=_("Employee number"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    hired_on = DayField(label=_("First day"))
    unit = UnitField(label=_("Unit"), required=False)
    position = forms.CharField(label=_("Position"), max_length=120, required=False)
    manager = PersonField(label=_("Manager"), required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    mobile = forms.CharField(label=_("Mobile number"), max_length=20, required=False)

    def clean_employee_no(self) -> str:
        return str(self.cleaned_data["employee_no"]).upper()


class ManagerForm(forms.Form):
    manager = PersonField(label=_("Manager"), required=False, help_text=_("Empty: nobody stands above."))
    on = DayField(label=_("From"))


class UnitForm(forms.Form):
    unit = UnitField(label=_("Unit"))
    position = forms.CharField(label=_("Position"), max_length=120, required=False)
    on = DayField(label=_("From"))


class LeaveForm(forms.Form):
    last_day = DayField(label=_("Last day at work"))
    hand_over_to = PersonField(
        label=_("Who takes over the reports"), required=False, help_text=_("Empty: the next manager above.")
    )

    @property
    def first_day_away(self) -> date:
        return _day_after(self.cleaned_data["last_day"])


class SpanForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=EmployeeSpan.Kind.choices)
    starts_on = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return cleaned

    @property
    def ends_on(self) -> date | None:
        last = self.cleaned_data["last_day"]
        return _day_after(last) if last else None


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = PhoneField(label=_("Mobile number"), required=False, help_text=_("For whoever has no e-mail address."))


class GrantForm(forms.Form):
    person = PersonField(label=_("Who"))
    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, role.label) for role in Role if role in GRANTABLE])
    unit = UnitField(
        label=_("From which unit down"),
        required=False,
        help_text=_("Only for executives; empty: the whole company."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    last_day = DayField(label=_("Last day"), required=False)

    @property
    def ends_on(self) -> date | None:
        last = self.cleaned_data["last_day"]
        return _day_after(last) if last else None


class UnitNameForm(forms.Form):
    """Of a new unit, or with `version` of one that gets another name."""

    name = forms.CharField(label=_("Name of the unit"), max_length=120)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if SEPARATOR in name:
            raise ValidationError(_("A name holds no slash: it separates the levels."))
        return name


class MoveUnitForm(forms.Form):
    parent = UnitField(label=_("Below which unit"), required=False, help_text=_("Empty: at the top."))
    on = DayField(label=_("From"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class CloseUnitForm(forms.Form):
    last_day = DayField(label=_("Last day"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def first_day_without(self) -> date:
        return _day_after(self.cleaned_data["last_day"])


class PartnerForm(forms.Form):
    hrbp = PersonField(label=_("HR partner"), required=False, help_text=_("Empty: that of the unit above."))
    on = DayField(label=_("From"))


def time_zones() -> list[tuple[str, str]]:
    """Places of the tz database that people know by name; without its old and technical aliases."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return [(zone, zone) for zone in sorted(available_timezones()) if zone.startswith(regions)] + [("UTC", "UTC")]


class CompanyForm(forms.Form):
    name = forms.CharField(label=_("Name of the company"), max_length=120)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    min_group_size = forms.IntegerField(
        label=_("Smallest group of which figures show"),
        min_value=3,
        max_value=100,
        help_text=_("People besides oneself."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class FeatureForm(forms.Form):
    """`unit` and `person` join those who are named already."""

    reach = forms.ChoiceField(label=_("For whom it is on"), choices=Reach.choices, widget=forms.RadioSelect)
    unit = UnitField(label=_("Add a unit"), required=False, help_text=_("With all units below it."))
    person = PersonField(label=_("Add a person"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def with_suggestions(form: forms.Form, url: str, prefix: str = "") -> forms.Form:
    """Fields for people and units ask `url` while somebody types; `prefix` keeps the ids of many forms apart."""
    if prefix:
        form.auto_id = f"{prefix}-%s"
    for field in form.fields.values():
        if isinstance(field, (PersonField, UnitField)):
            asks = {
                "hx-get": url,
                "hx-trigger": "input changed delay:200ms",
                "hx-target": f"#{field.widget.attrs['list']}",
            }
            field.widget.attrs.update(asks)
    return form


def _day_after(day: date) -> date:
    """People say the last day; spans end on the first day after it."""
    return day + timedelta(days=1)
