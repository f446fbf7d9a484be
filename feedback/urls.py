from django.urls import path

from .views import answering, composing, files, radar, reading, retro, settings

app_name = "feedback"
urlpatterns = [
    path("feedback/", reading.listed, name="list"),
    path("feedback/new/", composing.new, name="new"),
    path("feedback/new/people/", composing.people, name="people"),
    path("feedback/new/words/", composing.words, name="words"),
    path("feedback/new/vague/", composing.vague, name="vague"),
    path("feedback/new/about/", composing.about, name="about"),
    path("feedback/settings/", settings.settings, name="settings"),
    path("feedback/facts/<uuid:public_id>/", files.fact, name="fact"),
    path("feedback/<uuid:public_id>/", reading.one, name="one"),
    path("feedback/<uuid:public_id>/like/", answering.like, name="like"),
    path("feedback/<uuid:public_id>/unlike/", answering.unlike, name="unlike"),
    path("feedback/<uuid:public_id>/answer/", answering.answer, name="answer"),
    path("feedback/<uuid:public_id>/clarify/", answering.clarify, name="clarify"),
    path("feedback/<uuid:public_id>/take-on/", answering.take_on, name="take_on"),
    path("feedback/<uuid:public_id>/correct/", answering.correct, name="correct"),
    path("feedback/<uuid:public_id>/withdraw/", answering.withdraw, name="withdraw"),
    path("feedback/<uuid:public_id>/annotate/", answering.annotate, name="annotate"),
    path("actions/<uuid:public_id>/finish/", answering.finish, name="finish"),
    path("actions/<uuid:public_id>/drop/", answering.drop, name="drop"),
    path("actions/<uuid:public_id>/reopen/", answering.reopen, name="reopen"),
    path("radar/", radar.own, name="my_radar"),
    path("people/<uuid:public_id>/radar/", radar.of_person, name="radar"),
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
