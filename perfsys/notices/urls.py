from django.urls import path

from . import views

app_name = "notices"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.read, name="read"),
    path("inbox/preferences/", views.preferences, name="preferences"),
    path("inbox/<uuid:public_id>/confirm/", views.confirm, name="confirm"),
    path("inbox/<uuid:public_id>/undo/", views.undo, name="undo"),
]
