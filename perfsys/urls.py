from django.http import HttpRequest, HttpResponse
from django.urls import path

from perfsys.tenancy.routes import public


@public
def health(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("health/", health, name="health")]
