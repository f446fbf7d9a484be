from django.urls import path

from .views import feedback, radar

app_name = "feedback"
urlpatterns = [
    path("feedback/<uuid:public_id>/", feedback.one, name="one"),
    path("radar/", radar.own, name="my_radar"),
    path("people/<uuid:public_id>/radar/", radar.of_person, name="radar"),
]
