from django.http import HttpResponse
from django.urls import include, path

patterns = (
    [path("admin/integrations/<uuid:public_id>/", lambda *_: HttpResponse(), name="connection")],
    "integrations",
)
urlpatterns = [path("t/<slug:tenant>/", include(patterns)), path("", include("tests.urls"))]
