"""What is typed into this app's pages. Sentences say what to do."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from .models import Account, Invitation


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
