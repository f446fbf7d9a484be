from http import HTTPStatus

from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from perfsys import health, offline, refusals
from perfsys.tokens.problems import in_its_shape

urlpatterns = [
    path("health/", health.alive, name="health"),
    path("health/ready/", health.ready, name="ready"),
    path("service-worker.js", offline.service_worker, name="service_worker"),
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
    path("t/<slug:tenant>/", include("feedback.api.urls")),
    path("t/<slug:tenant>/", include("integrations.api.urls")),
    path("t/<slug:tenant>/", include("feedback.urls")),
    path("t/<slug:tenant>/", include("reviews.urls")),
    path("t/<slug:tenant>/", include("dashboards.urls")),
]

NOWHERE = _("There is no such address. Ids are UUIDs, and every address ends in a slash.")
handler400 = in_its_shape(HTTPStatus.BAD_REQUEST, _("That cannot be read."), refusals.bad_request)
handler404 = in_its_shape(HTTPStatus.NOT_FOUND, NOWHERE, defaults.page_not_found)
handler500 = in_its_shape(HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong here."), defaults.server_error)
