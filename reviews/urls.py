from django.urls import path

from .views import interview

app_name = "reviews"
urlpatterns = [
    path("meetings/<uuid:public_id>/", interview.interview, name="interview"),
]
