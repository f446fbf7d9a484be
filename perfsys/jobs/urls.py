from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("admin/jobs/", views.jobs, name="jobs"),
    path("admin/jobs/<int:job_id>/retry/", views.retry, name="retry"),
    path("admin/jobs/<int:job_id>/discard/", views.discard, name="discard"),
    path("admin/jobs/late/<int:occurrence_id>/run/", views.run_late, name="run_late"),
]
