from django.urls import path

from perfsys.tokens.entry import open_to_tokens

from . import views

app_name = "goals_api"
urlpatterns = [
    path("api/v1/goals/", open_to_tokens(views.Goals), name="goals"),
    path("api/v1/goals/<uuid:public_id>/", open_to_tokens(views.OneGoal), name="goal"),
    path("api/v1/goals/<uuid:public_id>/check-ins/", open_to_tokens(views.CheckIns), name="check_ins"),
    path("api/v1/goals/<uuid:public_id>/evidence/", open_to_tokens(views.Evidence), name="evidence"),
    path("api/v1/goals/<uuid:public_id>/alignments/", open_to_tokens(views.AlignmentsOfGoal), name="alignments"),
    path(
        "api/v1/goals/<uuid:public_id>/alignments/<uuid:parent_id>/",
        open_to_tokens(views.OneAlignment),
        name="alignment",
    ),
    path("api/v1/goals/<uuid:public_id>/adjustments/", open_to_tokens(views.AskForChanges), name="adjust"),
    path("api/v1/adjustments/", open_to_tokens(views.Requests), name="requests"),
    path("api/v1/adjustments/<uuid:public_id>/", open_to_tokens(views.OneRequest), name="request"),
    path("api/v1/adjustments/<uuid:public_id>/approve/", open_to_tokens(views.Approve), name="approve"),
    path("api/v1/adjustments/<uuid:public_id>/refuse/", open_to_tokens(views.Refuse), name="refuse"),
    path("api/v1/adjustments/<uuid:public_id>/withdraw/", open_to_tokens(views.Withdraw), name="withdraw"),
]
