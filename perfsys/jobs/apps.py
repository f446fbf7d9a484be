from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    name = "perfsys.jobs"

    def ready(self) -> None:
        from .calendar import load_work_days

        # The calendar comes with a library, not with our code: each `migrate` brings in the years it has learned.
        post_migrate.connect(load_work_days, sender=self)
