"""Parts of the product that are on for a few people first (product.md §1.4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from perfsys.audit.models import AuditEntry
from perfsys.people import actions
from perfsys.people.features import Feature, Reach
from perfsys.people.models import Employee, FeaturePilot, FeatureSwitch, OrgUnit
from tests.cast import today
from tests.people.organisation import FOUNDED

pytestmark = pytest.mark.django_db
PAGE = "/t/acme/company/features/"
COMPOSE = "/t/acme/feedback/new/"


def switch(feature: Feature, reach: Reach, **more: Any) -> FeatureSwitch:
    given = {"version": 0, "actor": None, "now": timezone.now()}
    return actions.switch_feature(feature=feature, reach=reach, **given | more)


def lacking(feature: Feature) -> set[str]:
    return set(Employee.objects.filter(withheld__contains=[feature]).values_list("name", flat=True))


def everybody() -> set[str]:
    return set(Employee.objects.filter(status="active").values_list("name", flat=True))


def hire(number: str, name: str, unit: OrgUnit | None = None) -> Employee:
    about = {"hired_on": FOUNDED, "actor": None, "now": timezone.now()}
    return actions.add_employee(employee_no=number, name=name, unit=unit, **about)


def test_what_was_never_set_is_on_for_everybody(ada: Any) -> None:
    with ada.scope:
        assert lacking(Feature.RETRO) == set()


def test_a_unit_has_it_with_all_below_and_a_person_alone(ada: Any) -> None:
    with ada.scope:
        top = actions.add_unit(name="试点部", starts_on=FOUNDED, actor=None, now=timezone.now())
        below = actions.add_unit(name="试点一组", parent=top, starts_on=FOUNDED, actor=None, now=timezone.now())
        hire("T1", "部里", top)
        hire("T2", "组里", below)
        hire("T3", "别处")
        switch(Feature.RETRO, Reach.SOME, unit=top, person=ada.employee)
        assert lacking(Feature.RETRO) == everybody() - {"部里", "组里", ada.employee.name}
        assert lacking(Feature.FEEDBACK) == set()


def test_it_follows_who_moves_in_and_who_is_hired(ada: Any) -> None:
    now = timezone.now()
    with ada.scope:
        unit = actions.add_unit(name="试点部", starts_on=FOUNDED, actor=None, now=now)
        switch(Feature.RETRO, Reach.SOME, unit=unit)
        mover = hire("T3", "别处")
        assert "别处" in lacking(Feature.RETRO)
        tomorrow = today() + timedelta(days=1)
        actions.move_employees(employees=[mover], unit=unit, on=tomorrow, actor=None, now=now)
        assert "别处" in lacking(Feature.RETRO)
        assert actions.refresh_for_today(now=now + timedelta(days=1)).withheld == 1
        assert "别处" not in lacking(Feature.RETRO)
        assert actions.refresh_for_today(now=now + timedelta(days=1)).withheld == 0


def test_nobody_means_nobody_and_everybody_brings_it_back(ada: Any) -> None:
    with ada.scope:
        made = switch(Feature.RETRO, Reach.NOBODY, person=ada.employee)
        assert lacking(Feature.RETRO) == everybody()
        switch(Feature.RETRO, Reach.EVERYONE, version=made.version)
        assert lacking(Feature.RETRO) == set()
        assert AuditEntry.objects.filter(verb="people.feature_switched").count() == 2


def test_for_some_needs_somebody(ada: Any, anna: Any) -> None:
    answer = anna.client.post(f"{PAGE}retro/", {"reach": "some", "version": 0})
    assert answer.status_code == 422
    assert "先" in answer.content.decode()
    with ada.scope:
        assert not FeatureSwitch.objects.exists()


def test_the_second_of_two_who_switch_is_told(anna: Any) -> None:
    assert anna.client.post(f"{PAGE}retro/", {"reach": "nobody", "version": 0}).status_code == 302
    assert anna.client.post(f"{PAGE}retro/", {"reach": "everyone", "version": 0}).status_code == 409


def test_a_part_nobody_knows_is_not_found(anna: Any) -> None:
    assert anna.client.post(f"{PAGE}pay/", {"reach": "nobody", "version": 0}).status_code == 404


def test_taken_out_one_has_it_no_more(ada: Any, anna: Any) -> None:
    with ada.scope:
        switch(Feature.RETRO, Reach.SOME, person=ada.employee)
        pilot = FeaturePilot.objects.get()
    assert "E-ada" in anna.client.get(PAGE).content.decode()
    assert anna.client.post(f"{PAGE}pilots/{pilot.public_id}/drop/").status_code == 302
    with ada.scope:
        assert lacking(Feature.RETRO) == everybody()


def test_who_lacks_feedback_can_neither_write_nor_be_written_to(ada: Any, marta: Any) -> None:
    with ada.scope:
        switch(Feature.FEEDBACK, Reach.SOME, person=ada.employee)
    refused = marta.client.get(COMPOSE)
    assert refused.status_code == 403
    assert "还没有为你开通" in refused.content.decode()
    assert "feedback/new" not in marta.client.get("/t/acme/team/").content.decode()
    assert ada.client.get(COMPOSE).status_code == 200
    found = ada.client.get(f"{COMPOSE.removesuffix('new/')}new/people/", {"q": "marta"})
    assert marta.employee.name not in found.content.decode()
    sent = ada.client.post(COMPOSE, {"to": marta.employee.public_id})
    assert sent.status_code == 404 or "to" in sent.context["form"].errors
    assert marta.client.get("/t/acme/feedback/").status_code == 200  # what one was told stays readable


def test_other_parts_are_refused_and_gone_from_the_navigation(ada: Any, marta: Any) -> None:
    with ada.scope:
        for feature in (Feature.RETRO, Feature.INTERVIEWS, Feature.BLOCKERS):
            switch(feature, Reach.NOBODY)
    off = ada.client.get("/t/acme/retro/")  # where reminders of earlier weeks lead
    assert off.status_code == 200 and "目前没有为你开通" in off.content.decode()
    assert 'href="/t/acme/retro/weeks/"' in off.content.decode()
    assert ada.client.get("/t/acme/retro/weeks/").status_code == 200
    for path in ("blockers/", "blockers/new/"):
        assert ada.client.get(f"/t/acme/{path}").status_code == 403, path
    assert marta.client.get("/t/acme/meetings/new/").status_code == 403
    page = marta.client.get("/t/acme/team/").content.decode()
    for path in ("/t/acme/retro/", "/t/acme/blockers/", "/t/acme/meetings/"):
        assert f'href="{path}"' not in page


def test_a_manager_plans_talks_with_those_who_take_part(ada: Any, marta: Any) -> None:
    with ada.scope:
        switch(Feature.INTERVIEWS, Reach.SOME, person=marta.employee)
    assert ada.employee.name not in marta.client.get("/t/acme/meetings/new/").content.decode()
    assert marta.client.get(f"/t/acme/meetings/new/?with={ada.employee.public_id}").status_code == 403
