"""Settings of connections that are wrong, told by every management command and by `check --deploy`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from .adapters.registry import BROKEN
from .addresses import Intranet
from .sealing import keys


@register(Tags.security)
def check_settings(app_configs: Any, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    try:
        Intranet.of("", settings.INTEGRATION_INTRANET)
    except ImproperlyConfigured as error:
        found.append(Error(str(error), id="integrations.E001"))
    if settings.INTEGRATION_KEYS:
        try:
            keys()
        except ImproperlyConfigured as error:
            found.append(Error(str(error), id="integrations.E002"))
    drops = settings.INTEGRATION_DROPS
    if drops and not drops.is_dir():
        found.append(Warning(f"INTEGRATION_DROPS: there is no folder {drops}.", id="integrations.W001"))
    return found


@register()
def check_adapters(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Plug-ins that are installed and cannot be used: nothing else is held up by them."""
    return [
        Warning(f"The adapter {one.name} of {one.package} is left out: {one.why}", id="integrations.W003")
        for one in BROKEN
    ]


@register(Tags.security, deploy=True)
def check_keys(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if settings.INTEGRATION_KEYS:
        return []
    sentence = "INTEGRATION_KEYS is not set: connections cannot keep what they sign in with."
    return [Warning(sentence, id="integrations.W002")]
