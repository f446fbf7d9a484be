from django.urls import path

from .views import alerts, alignments, board, goal, records, resources, set_up, writing

app_name = "goals"
urlpatterns = [
    path("board/", board.board, name="board"),
    path("tree/", board.tree, name="tree"),
    path("tree/rows/", board.tree_rows, name="tree_rows"),
    path("goals/", goal.mine, name="mine"),
    path("goals/new/", writing.new, name="new"),
    path("goals/publish/", writing.publish, name="publish"),
    path("goals/parents/", writing.parents, name="parents"),
    path("goals/<uuid:public_id>/edit/", writing.edit, name="edit"),
    path("goals/<uuid:public_id>/delete/", writing.delete, name="delete"),
    path("goals/<uuid:public_id>/", goal.goal, name="goal"),
    path("goals/<uuid:public_id>/check-in/", goal.check_in, name="check_in"),
    path("goals/<uuid:public_id>/evidence/", goal.evidence, name="evidence"),
    path("goals/<uuid:public_id>/evidence/all/", records.evidence, name="all_evidence"),
    path("goals/<uuid:public_id>/evidence/<uuid:piece_id>/", records.record, name="record"),
    path("goals/<uuid:public_id>/resources/", resources.resources, name="resources"),
    path("goals/<uuid:public_id>/supports/", alignments.supports, name="supports"),
    path("goals/<uuid:public_id>/supports/also/", alignments.support_also, name="support_also"),
    path("goals/<uuid:public_id>/supports/parents/", alignments.parents, name="further_parents"),
    path(
        "goals/<uuid:public_id>/supports/<uuid:parent_id>/no-more/", alignments.support_no_more, name="support_no_more"
    ),
    path("goals/<uuid:public_id>/supports/<uuid:parent_id>/confirm/", alignments.confirm, name="confirm_alignment"),
    path(
        "goals/<uuid:public_id>/supports/<uuid:parent_id>/unconfirm/",
        alignments.unconfirm,
        name="unconfirm_alignment",
    ),
    path("milestones/<uuid:public_id>/tick/", goal.tick, name="tick"),
    path("obstacles/<uuid:public_id>/work/", goal.obstacle, name="obstacle"),
    path("goals/sets/<uuid:public_id>/agree/", writing.agree, name="agree"),
    path("goals/sets/<uuid:public_id>/refuse/", writing.refuse, name="refuse"),
    path("templates/", set_up.templates, name="templates"),
    path("templates/new/", set_up.new_template, name="new_template"),
    path("templates/ready-made/<slug:key>/", set_up.take_template, name="take_template"),
    path("templates/<uuid:public_id>/", set_up.template, name="template"),
    path("templates/<uuid:public_id>/use/", set_up.use_template, name="use_template"),
    path("templates/<uuid:public_id>/edit/", set_up.edit_template, name="edit_template"),
    path("templates/<uuid:public_id>/copy/", set_up.copy_template, name="copy_template"),
    path("templates/<uuid:public_id>/delete/", set_up.drop_template, name="drop_template"),
    path("goal-settings/", set_up.settings, name="settings"),
    path("goal-settings/obstacles/", set_up.add_cause, name="add_cause"),
    path("goal-settings/obstacles/<uuid:public_id>/rename/", set_up.rename_cause, name="rename_cause"),
    path("goal-settings/obstacles/<uuid:public_id>/retire/", set_up.retire_cause, name="retire_cause"),
    path("alerts/<uuid:public_id>/confirm/", alerts.confirm, name="confirm_alert"),
    path("alerts/<uuid:public_id>/reopen/", alerts.reopen, name="reopen_alert"),
]
