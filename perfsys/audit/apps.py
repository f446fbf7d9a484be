from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AuditConfig(AppConfig):
    name = "perfsys.audit"

    def ready(self) -> None:
        # Each app's events.py declares its verbs; the audit page must know them all before the first request.
        autodiscover_modules("events")
