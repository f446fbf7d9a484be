from django.urls import path

from .views import feedback

app_name = "feedback"
urlpatterns = [
    path("feedback/<uuid:public_id>/", feedback.one, name="one"),
]
