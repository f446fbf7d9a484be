from django.urls import path

from .views import interview, plans, prep

app_name = "reviews"
urlpatterns = [
    path("meetings/", plans.listed, name="list"),
    path("meetings/new/", plans.new, name="new"),
    path("meetings/<uuid:public_id>/", interview.interview, name="interview"),
    path("meetings/<uuid:public_id>/move/", interview.move, name="move"),
    path("meetings/<uuid:public_id>/cancel/", interview.cancel, name="cancel"),
    path("meetings/<uuid:public_id>/decline/", interview.decline, name="decline"),
    path("meetings/<uuid:public_id>/topics/", interview.topics, name="topics"),
    path("meetings/<uuid:public_id>/plan/", interview.plan, name="plan"),
    path("meetings/<uuid:public_id>/sign/", interview.sign, name="sign"),
    path("meetings/<uuid:public_id>/prep/", prep.prep, name="prep"),
    path("meetings/<uuid:public_id>/prep/make/", prep.make, name="make"),
    path("meetings/<uuid:public_id>/prep/words/", prep.words, name="words"),
    path("meetings/<uuid:public_id>/prep/agree/", prep.agree, name="agree"),
    path("meetings/<uuid:public_id>/prep/<slug:module>/", prep.module, name="module"),
]
