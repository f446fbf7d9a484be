from django.urls import path

from perfsys.tokens.entry import open_to_tokens

from . import people, views

app_name = "integrations_api"
urlpatterns = [
    path("api/v1/metrics/", open_to_tokens(views.Metrics), name="metrics"),
    path("api/v1/metrics/<uuid:public_id>/", open_to_tokens(views.OneMetric), name="metric"),
    path("api/v1/metrics/<uuid:public_id>/values/", open_to_tokens(views.MetricValues), name="metric_values"),
    path("api/v1/people/", open_to_tokens(people.People), name="people"),
    path("api/v1/people/<uuid:public_id>/", open_to_tokens(people.OnePerson), name="person"),
]
