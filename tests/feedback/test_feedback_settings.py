"""Who reads feedback beside the direct manager, as the administrator sets it (security.md §2)."""

from datetime import timedelta
from typing import Any

import pytest

from feedback.actions.settings import change_settings
from feedback.models import FeedbackSettings
from perfsys.audit.models import AuditEntry
from perfsys.people.actions import StaleVersion, change_manager
from perfsys.people.standing import refresh_derived_roles
from tests.conftest import assert_page_queries

from .conftest import NOW
from .test_give_feedback import reads

PAGE = "/t/acme/feedback/settings/"
BEFORE = NOW - timedelta(days=1)


def typed(**more: Any) -> dict[str, Any]:
    return {"history_months": 12, "version": 1, **more}


@pytest.fixture
def nora(cast: Any, marta: Any) -> Any:
    """Above Marta, who leads Ada and Bob."""
    nora = cast("acme", "nora")
    with nora.scope:
        change_manager(employee=marta.employee, manager=nora.employee, on=BEFORE.date(), actor=None, now=BEFORE)
        refresh_derived_roles(NOW.date())
    return nora


def switch(person: Any, **wanted: Any) -> FeedbackSettings:
    with person.scope:
        version = FeedbackSettings.objects.first().version if FeedbackSettings.objects.exists() else 1
        said = {"chain_reads": True, "history_months": 12, **wanted}
        return change_settings(**said, version=version, actor=None, now=NOW)


def test_managers_above_read_what_is_sent_from_then_on_and_nothing_that_was_sent_to_others(
    ada: Any, bob: Any, marta: Any, nora: Any, give: Any
) -> None:
    before = give(ada, bob, now=BEFORE)
    assert [reads(person, before) for person in (marta, nora)] == [True, False]
    switch(ada)
    after, alone = give(ada, bob), give(ada, bob, visibility="receiver")
    assert [reads(nora, one) for one in (before, after, alone)] == [False, True, False]
    switch(ada, chain_reads=False)
    assert [reads(person, after) for person in (marta, nora)] == [True, False]


def test_the_composer_names_them_before_it_is_sent(ada: Any, bob: Any, nora: Any, tag: Any) -> None:
    new = f"/t/acme/feedback/new/?to={bob.employee.public_id}"
    assert "更上级" not in ada.client.get(new).content.decode()
    switch(ada)
    assert "更上级" in ada.client.get(new).content.decode()


def test_it_is_saved_recorded_and_shown(anna: Any) -> None:
    assert anna.client.post(PAGE, typed(chain_reads="on", history_months=6)).status_code == 302
    with anna.scope:
        found = FeedbackSettings.objects.get()
        assert (found.chain_reads, found.history_months, found.version) == (True, 6, 2)
        entry = AuditEntry.objects.get(verb="feedback.settings_changed")
        assert entry.details == {"chain_reads": [False, True], "history_months": [12, 6]}
    assert 'value="6"' in anna.client.get(PAGE).content.decode()


def test_the_same_again_changes_and_records_nothing(anna: Any) -> None:
    since = switch(anna).chain_reads_since
    with anna.scope:
        later = change_settings(chain_reads=True, history_months=12, version=2, actor=None, now=NOW + timedelta(days=3))
        assert (later.chain_reads_since, later.version) == (since, 2)
        assert AuditEntry.objects.filter(verb="feedback.settings_changed").count() == 1


def test_who_was_slower_keeps_what_was_typed(anna: Any) -> None:
    switch(anna)
    answer = anna.client.post(PAGE, typed(history_months=3))
    assert answer.status_code == 409 and 'name="version" value="2"' in answer.content.decode()
    with anna.scope, pytest.raises(StaleVersion):
        change_settings(chain_reads=False, history_months=3, version=1, actor=None, now=NOW)


@pytest.mark.parametrize("months", ["", "-1", "61", "99999999999999999999", "a\x00"])
def test_what_is_no_number_of_months_is_refused(anna: Any, months: str) -> None:
    assert anna.client.post(PAGE, typed(history_months=months)).status_code == 422
    with anna.scope:
        assert not FeedbackSettings.objects.exists()


def test_it_is_the_administrators(ada: Any, marta: Any, henk: Any) -> None:
    assert [person.client.get(PAGE).status_code for person in (ada, marta, henk)] == [403, 403, 403]


def test_it_asks_little(anna: Any) -> None:
    # session, account, scope, settings; employee, inbox and gaps of the shell
    assert_page_queries(anna.client, PAGE, 7)
