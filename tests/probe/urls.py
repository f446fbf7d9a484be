from django.urls import path

from tests.probe import views

app_name = "probe"
urlpatterns = [
    path("probe/", views.bare, name="bare"),
    path("t/<slug:tenant>/probe/", views.scoped, name="scoped"),
    path("t/<slug:tenant>/notes/", views.note_list, name="notes"),
    path("t/<slug:tenant>/notes/<uuid:public_id>/", views.note, name="note"),
    path("t/<slug:tenant>/notes/<uuid:public_id>/rename/", views.rename, name="rename"),
    path("t/<slug:tenant>/notes/<uuid:public_id>/erase/", views.erase, name="erase"),
]
