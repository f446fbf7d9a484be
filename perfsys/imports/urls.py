from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("admin/imports/", views.run_list, name="list"),
    path("admin/imports/new/<slug:kind>/", views.upload, name="upload"),
    path("admin/imports/<uuid:public_id>/", views.run_page, name="run"),
    path("admin/imports/<uuid:public_id>/status/", views.status, name="status"),
    path("admin/imports/<uuid:public_id>/columns/", views.columns, name="columns"),
    path("admin/imports/<uuid:public_id>/rows/", views.preview, name="rows"),
    path("admin/imports/<uuid:public_id>/import/", views.start, name="start"),
    path("admin/imports/<uuid:public_id>/discard/", views.discard, name="discard"),
    path("admin/imports/<uuid:public_id>/undo/", views.undo, name="undo"),
    path("admin/imports/<uuid:public_id>/left-out/", views.left_out, name="left_out"),
]
