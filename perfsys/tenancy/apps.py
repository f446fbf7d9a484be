from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "perfsys.tenancy"

    def ready(self) -> None:
        from perfsys.tenancy import checks  # noqa: F401 registers them; imports models, so not before now
