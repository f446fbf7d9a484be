from django.urls import path

from perfsys.tokens.entry import open_to_tokens

from . import views

app_name = "integrations_api"
urlpatterns = [
    path("api/v1/people/", open_to_tokens(views.People), name="people"),
    path("api/v1/people/<uuid:public_id>/", open_to_tokens(views.OnePerson), name="person"),
]
