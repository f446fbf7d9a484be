"""What people complain of in other products: the organisation alone says who sees whom.

That the tree shows what the list shows stands in test_board_and_tree.py, how deep a manager of managers sees in
test_goal_settings.py, many at once in test_hand_down.py.
"""

import pytest

from dashboards.queries import team
from goals import access
from goals.models import Goal
from goals.tasks import check_health
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from perfsys.people.models import HrbpAssignment, ReportingClosure
from perfsys.tenancy.roles import Role
from tests.dashboards.conftest import seat

from .conftest import NOW


@pytest.mark.parametrize("role", [Role.MANAGER, Role.HRBP, Role.EXECUTIVE])
@pytest.mark.parametrize("is_employee", [True, False])
def test_where_nobody_is_set_up_a_role_alone_shows_nobody(company, role, is_employee):
    company.draft(company.ada, "还没想好")
    company.draft(company.units["设计组"], "还没想好的部门目标")
    Goal.objects.update(is_private=True)
    ReportingClosure.objects.all().delete()
    HrbpAssignment.objects.all().delete()
    who = Viewer(company.cleo if is_employee else None, seat(role), NOW.date())
    assert not access.visible_goals(who).exclude(layer="company").exists()
    assert not access.people_led(who).exists() and not access.people_partnered(who).exists()
    assert not access.visible_blockers(who).exists() and not access.partnered_obstacles(who).exists()
    if is_employee:
        assert not team(who, company.cleo, company.period, everybody=True).exists()
        assert set(access.people_to_start(who)) == {company.cleo}


def test_a_notice_opens_for_whom_it_was_sent_to_and_for_nobody_else(founded, that_day, ada, marta, henk, anna):
    with ada.scope:
        leaf = founded.tree(now=NOW.replace(month=10, day=3))[2]
        Goal.objects.filter(pk=leaf.pk).update(is_private=True)
        payload = {}
        while (again := check_health(payload=payload, now=NOW)) is not None:
            payload = again.payload
        told = dict(Notice.objects.filter(kind="goals.stale").values_list("to__name", "url"))
    people = {"Ada": ada, "Marta": marta, "Henk": henk}
    assert told.keys() == people.keys()
    for name, url in told.items():
        assert people[name].client.get(url).status_code == 200
        assert anna.client.get(url).status_code == 404
    with ada.scope:  # who no longer leads her reads no more of it
        ReportingClosure.objects.filter(manager=founded.marta).delete()
    assert marta.client.get(told["Marta"]).status_code == 404
