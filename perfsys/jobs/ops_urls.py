from django.urls import path

from . import views

urlpatterns = [path("ops/jobs/", views.operators, name="operators")]
