from django.urls import include, path

from perfsys.urls import *  # noqa: F403  # with its handlers, should it name any
from perfsys.urls import urlpatterns as ours

urlpatterns = [*ours, path("", include("tests.probe.urls"))]
