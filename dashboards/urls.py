from datetime import date

from django.urls import path, register_converter

from . import penetration_views, views


class MonthConverter:
    """2026-10 is the first of October 2026."""

    regex = r"20\d\d-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date) -> str:
        return f"{value:%Y-%m}"


register_converter(MonthConverter, "month")

app_name = "dashboards"
urlpatterns = [
    path("week/", views.week, name="week"),
    path("team/", views.team, name="team"),
    path("goal-health/", views.health, name="health"),
    path("reports/penetration/", penetration_views.newest, name="penetrations"),
    path("reports/penetration/<month:month>/", penetration_views.report, name="penetration"),
    path("reports/penetration/<month:month>/export/", penetration_views.export, name="penetration_export"),
    path("reports/penetration/<month:month>/issue/", penetration_views.issue, name="issue_penetration"),
    path("reports/penetration/<month:month>/status/", penetration_views.status, name="penetration_status"),
]
