from django.urls import include, path

from perfsys import health

handler400 = "perfsys.refusals.bad_request"

urlpatterns = [
    path("health/", health.alive, name="health"),
    path("health/ready/", health.ready, name="ready"),
    path("", include("perfsys.people.door_urls")),
    path("t/<slug:tenant>/", include("perfsys.people.urls")),
    path("t/<slug:tenant>/", include("perfsys.notices.urls")),
    path("t/<slug:tenant>/", include("perfsys.jobs.urls")),
    path("t/<slug:tenant>/", include("perfsys.audit.urls")),
    path("", include("perfsys.jobs.ops_urls")),
    path("t/<slug:tenant>/", include("perfsys.tokens.urls")),
    path("t/<slug:tenant>/", include("perfsys.imports.urls")),
    path("t/<slug:tenant>/", include("perfsys.lexicon.urls")),
    path("t/<slug:tenant>/", include("integrations.urls")),
    path("t/<slug:tenant>/", include("goals.urls")),
    path("t/<slug:tenant>/", include("goals.api.urls")),
    path("t/<slug:tenant>/", include("feedback.urls")),
    path("t/<slug:tenant>/", include("reviews.urls")),
    path("t/<slug:tenant>/", include("dashboards.urls")),
]
