"""django-allauth as we use it: by e-mail or phone number, no sign-up, mail by our own outbox, limits of our own."""

import base64
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perfsys.jobs.mail import send_mail_later
from perfsys.middleware import client_ip

from .attempts import Attempt
from .models import Account
from .names import email_key, phone_key
from .sessions import needs_second_step

MISMATCH = gettext_lazy("That address or number and that password do not belong together.")
NOTIFICATIONS = {
    "account/email/password_changed": gettext_lazy("Your password has been changed."),
    "account/email/password_reset": gettext_lazy("Your password has been set anew by a link from your mail."),
    "mfa/email/totp_activated": gettext_lazy("The second step at sign-in has been switched on."),
    "mfa/email/totp_deactivated": gettext_lazy("The second step at sign-in has been switched off."),
    "mfa/email/recovery_codes_generated": gettext_lazy("New recovery codes have been made."),
}


class PhoneField(forms.CharField):
    """Answers with +86…; see `names.phone_key`."""

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        number = phone_key(typed) if typed else ""
        if number is None:
            raise ValidationError(_("This is not a phone number."), code="invalid")
        return number


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        # One sentence, whatever was typed: it does not tell which addresses have an account.
        "email_password_mismatch": MISMATCH,
        "phone_password_mismatch": MISMATCH,
        "username_password_mismatch": MISMATCH,
        "invalid_login": MISMATCH,
        "incorrect_password": gettext_lazy("That is not your present password."),
        "enter_current_password": gettext_lazy("That is not your present password."),
        "incorrect_code": gettext_lazy("That code is not the right one, or has been used. Wait for the next one."),
        "too_many_login_attempts": gettext_lazy("Too many tries in a short time. Please try again in 15 minutes."),
        "rate_limited": gettext_lazy("Too many tries in a short time. Please wait a little."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # by invitation

    # --- who ---
    def phone_form_field(self, **kwargs: Any) -> forms.Field:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> Account | None:
        number = phone_key(phone)
        return Account.objects.filter(phone=number).first() if number else None

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        phone = _account(user).phone
        return (phone, True) if phone else None

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        account = _account(user)
        who: dict[str, Any] = {"email": account.email} if account.email else {"phone": account.phone}
        found = self.authenticate(context.request, password=password, **who)
        return found is not None and found.pk == account.pk

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """allauth greets at every turn; our pages say themselves what happened."""

    # --- how often ---
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._attempt = Attempt(who=_typed(credentials), ip=self.get_client_ip(request))
        if not self._attempt.begin():
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        self._attempt.succeeded()

    def get_client_ip(self, request: HttpRequest) -> str:
        if not (ip := client_ip(request)):
            raise PermissionDenied
        return ip

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        super().set_password(user, password)
        for who in filter(None, (_account(user).email, _account(user).phone)):
            Attempt(who=who, ip=self.get_client_ip(context.request)).forget()

    # --- mail ---
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if template_prefix == "account/email/password_reset_key":
            subject, body = reset_letter(context["password_reset_url"])
        elif template_prefix in NOTIFICATIONS:
            subject, body = security_letter(str(NOTIFICATIONS[template_prefix]))
        else:
            return  # greetings and confirmations of a sign-up that does not exist
        with transaction.atomic():
            send_mail_later(email, subject, body)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        if address := email or _account(user).email:
            self.send_mail(template_prefix, address, context or {})


class MfaAdapter(DefaultMFAAdapter):
    """The secret of a code app is encrypted in the row: a copy of the database makes no codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": gettext_lazy("With your role the second step stays on."),
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not needs_second_step(authenticator.user)


def _account(user: AbstractBaseUser) -> Account:
    return cast(Account, user)  # AUTH_USER_MODEL


def reset_letter(url: str) -> tuple[str, str]:
    """Subject and text of the mail with the link to a new password."""
    body = _(
        "Somebody, probably you, asked for a new password at 陪跑. This link sets it. It works once, for 15 minutes:"
        "\n\n"
        "%(url)s\n\nIf it was not you, nothing has happened and nothing is needed."
    )
    return _("Set a new password"), body % {"url": url}


def security_letter(what: str) -> tuple[str, str]:
    """Subject and text of the mail that tells a person what changed about his sign-in."""
    at = date_format(timezone.localtime(), "DATETIME_FORMAT")
    body = _("%(what)s\n\nAt %(at)s (%(zone)s). If it was not you, tell your administrator at once.")
    return _("Your sign-in at 陪跑"), body % {"what": what, "at": at, "zone": timezone.get_current_timezone_name()}


def _typed(credentials: dict[str, Any]) -> str:
    """One key for one account however it is typed."""
    typed = next((str(credentials[name]) for name in ("phone", "email", "username") if credentials.get(name)), "")
    return phone_key(typed) or email_key(typed)


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(secret: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"perfsys second step")
    return base64.urlsafe_b64encode(kdf.derive(secret.encode()))
