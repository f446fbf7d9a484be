"""The addresses our pages name, without the views behind them: these tests look at pages alone."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

NAMES = [
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_authenticate",
    "mfa_reauthenticate",
]


def nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path(f"{name}/", nothing, name=name) for name in NAMES]
