from django.urls import path

from .views import connections, doing, hooks, one

app_name = "integrations"
urlpatterns = [
    path("hooks/<uuid:public_id>/", hooks.receive, name="hook"),
    path("admin/integrations/", connections.connections, name="list"),
    path("admin/integrations/sync/", doing.sync_all, name="sync_all"),
    path("admin/integrations/new/", connections.choose, name="choose"),
    path("admin/integrations/new/<slug:preset>/", connections.new, name="new"),
    path("admin/integrations/gaps/<uuid:public_id>/close/", doing.close_gap, name="close_gap"),
    path("admin/integrations/<uuid:public_id>/", one.overview, name="connection"),
    path("admin/integrations/<uuid:public_id>/status/", one.status, name="status"),
    path("admin/integrations/<uuid:public_id>/runs/", one.runs, name="runs"),
    path("admin/integrations/<uuid:public_id>/rows/", one.rows, name="rows"),
    path("admin/integrations/<uuid:public_id>/files/", one.files, name="files"),
    path("admin/integrations/<uuid:public_id>/deliveries/", one.deliveries, name="deliveries"),
    path("admin/integrations/<uuid:public_id>/end-secret/", doing.end_secret, name="end_secret"),
    path("admin/integrations/<uuid:public_id>/fields/", one.fields, name="fields"),
    path("admin/integrations/<uuid:public_id>/changes/", one.changes, name="changes"),
    path("admin/integrations/<uuid:public_id>/settings/", connections.settings, name="settings"),
    path("admin/integrations/<uuid:public_id>/test/", doing.test, name="test"),
    path("admin/integrations/<uuid:public_id>/preview/", doing.preview, name="preview"),
    path("admin/integrations/<uuid:public_id>/switch-on/", doing.switch_on, name="switch_on"),
    path("admin/integrations/<uuid:public_id>/delete/", doing.delete, name="delete"),
    path("admin/integrations/<uuid:public_id>/pause/", doing.pause, name="pause"),
    path("admin/integrations/<uuid:public_id>/sync/", doing.sync, name="sync"),
    path("admin/integrations/<uuid:public_id>/rows/take-in/", doing.take_in, name="take_in"),
    path("admin/integrations/<uuid:public_id>/rows/drop/", doing.drop, name="drop_rows"),
]
