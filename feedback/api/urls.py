from django.urls import path

from perfsys.tokens.entry import open_to_tokens

from . import views

app_name = "feedback_api"
urlpatterns = [
    path("api/v1/feedback/", open_to_tokens(views.AllFeedback), name="list"),
    path("api/v1/feedback/requests/", open_to_tokens(views.Requests), name="requests"),
    path("api/v1/feedback/requests/<uuid:public_id>/decline/", open_to_tokens(views.Decline), name="decline"),
    path("api/v1/feedback/<uuid:public_id>/", open_to_tokens(views.OneFeedback), name="one"),
    path("api/v1/feedback/<uuid:public_id>/facts/<uuid:fact_id>/file/", open_to_tokens(views.FileOfFact), name="file"),
    path("api/v1/feedback/<uuid:public_id>/like/", open_to_tokens(views.Like), name="like"),
    path("api/v1/feedback/<uuid:public_id>/answer/", open_to_tokens(views.Answer), name="answer"),
    path("api/v1/feedback/<uuid:public_id>/clarify/", open_to_tokens(views.Clarify), name="clarify"),
    path("api/v1/feedback/<uuid:public_id>/take-on/", open_to_tokens(views.TakeOn), name="take_on"),
    path("api/v1/feedback/<uuid:public_id>/withdraw/", open_to_tokens(views.Withdraw), name="withdraw"),
    path("api/v1/feedback/<uuid:public_id>/annotate/", open_to_tokens(views.Annotate), name="annotate"),
]
