from django.urls import path

from .views import directory, features, inviting, keeping, me

app_name = "people"
urlpatterns = [
    path("", me.home, name="home"),
    path("me/", me.settings_page, name="me"),
    path("me/theme/", me.set_theme, name="theme"),
    path("me/language/", me.set_language, name="language"),
    path("people/", directory.people, name="list"),
    path("people/new/", keeping.new_person, name="new"),
    path("people/invite/", inviting.invite_all, name="invite_all"),
    path("people/invite/<uuid:public_id>/", inviting.run_page, name="invitation_run"),
    path("people/invite/<uuid:public_id>/status/", inviting.status, name="invitation_status"),
    path("people/suggestions/", directory.suggestions, name="suggestions"),
    path("people/<uuid:public_id>/", directory.person, name="person"),
    path("people/<uuid:public_id>/record/", keeping.record, name="record"),
    path("people/<uuid:public_id>/manager/", keeping.manager, name="manager"),
    path("people/<uuid:public_id>/move/", keeping.move, name="move"),
    path("people/<uuid:public_id>/span/", keeping.span, name="span"),
    path("people/<uuid:public_id>/leave/", keeping.leave, name="leave"),
    path("people/<uuid:public_id>/invite/", keeping.invite, name="invite"),
    path("invitations/<uuid:public_id>/withdraw/", keeping.withdraw, name="withdraw"),
    path("units/", directory.units, name="units"),
    path("units/new/", keeping.new_top_unit, name="new_top_unit"),
    path("units/<uuid:public_id>/", directory.unit, name="unit"),
    path("units/<uuid:public_id>/new/", keeping.new_unit, name="new_unit"),
    path("units/<uuid:public_id>/partner/", keeping.partner, name="partner"),
    path("units/<uuid:public_id>/rename/", keeping.rename_unit, name="rename_unit"),
    path("units/<uuid:public_id>/move/", keeping.move_unit, name="move_unit"),
    path("units/<uuid:public_id>/close/", keeping.close_unit, name="close_unit"),
    path("roles/", keeping.roles, name="roles"),
    path("roles/<uuid:public_id>/revoke/", keeping.revoke, name="revoke"),
    path("company/", keeping.company, name="company"),
    path("company/features/", features.features, name="features"),
    path("company/features/<slug:feature>/", features.switch, name="switch_feature"),
    path("company/features/pilots/<uuid:public_id>/drop/", features.drop, name="drop_pilot"),
]
