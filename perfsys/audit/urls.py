from django.urls import path

from . import views

app_name = "audit"
urlpatterns = [path("admin/audit/", views.record, name="record")]
