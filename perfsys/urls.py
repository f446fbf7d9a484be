from django.urls import include, path

from perfsys import health

urlpatterns = [
    path("health/", health.alive, name="health"),
    path("health/ready/", health.ready, name="ready"),
    path("t/<slug:tenant>/", include("perfsys.imports.urls")),
]
