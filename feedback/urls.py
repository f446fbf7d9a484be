from django.urls import path

from .views import feedback, retro

app_name = "feedback"
urlpatterns = [
    path("feedback/<uuid:public_id>/", feedback.one, name="one"),
    path("retro/", retro.this_week, name="retro"),
    path("retro/weeks/", retro.weeks, name="retro_weeks"),
    path("retro/team/", retro.team, name="retro_team"),
    path("retro/responses/", retro.responses, name="retro_responses"),
    path("retro/<uuid:public_id>/", retro.report, name="retro_report"),
    path("retro/<uuid:public_id>/answer/", retro.answer, name="retro_answer"),
    path("retro/<uuid:public_id>/skip/", retro.skip, name="retro_skip"),
    path("retro/<uuid:public_id>/share/", retro.share, name="retro_share"),
    path("retro/<uuid:public_id>/unshare/", retro.unshare, name="retro_unshare"),
]
