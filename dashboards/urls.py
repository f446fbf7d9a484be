from django.urls import path

from . import views

app_name = "dashboards"
urlpatterns = [
    path("week/", views.week, name="week"),
    path("team/", views.team, name="team"),
    path("goal-health/", views.health, name="health"),
]
