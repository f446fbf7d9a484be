from django.urls import path

from perfsys import health

urlpatterns = [
    path("health/", health.alive, name="health"),
    path("health/ready/", health.ready, name="ready"),
]
