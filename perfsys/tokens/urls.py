from django.urls import path

from . import views
from .entry import open_to_tokens

app_name = "tokens"
urlpatterns = [
    path("tokens/", views.tokens, name="list"),
    path("tokens/<uuid:public_id>/revoke/", views.revoke, name="revoke"),
    path("tokens/description/", views.description, name="description"),
    path("api/v1/schema/", open_to_tokens(views.Described), name="schema"),
]
