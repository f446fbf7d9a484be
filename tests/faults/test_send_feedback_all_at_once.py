"""200 feedbacks sent at one moment, every fifth by a double click: none is lost, none is there twice, none fails."""

from uuid import uuid4

import pytest
from django.utils import timezone

from feedback.events import FEEDBACK_GIVEN, HOPE_RECEIVED, PRAISE_RECEIVED
from feedback.models import Feedback, FeedbackFact
from perfsys.audit.models import AuditEntry
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag
from perfsys.notices.models import Notice
from tests.cast import Person, employ
from tests.clicks import Click, Composer, about, all_at_once

from .conftest import Ground

GIVERS, EACH = 20, 10  # within the 60 an hour
DOUBLE = 5  # every fifth


@pytest.fixture
def givers(ground: Ground) -> list[Person]:
    people = [employ("acme", f"giver{n:02}") for n in range(GIVERS)]
    with people[0].scope:
        add_standard_terms(now=timezone.now())
    return people


def test_none_is_lost_none_is_there_twice_and_none_fails(ground: Ground, givers: list[Person]) -> None:
    with givers[0].scope:
        tag = BehaviourTag.objects.get(name="主动补位")
    with ground.web() as site:
        composers = [Composer.opened(site, person.client) for person in givers]
        clicks: list[Click] = []
        for place, composer in enumerate(composers):
            receiver = givers[(place + 1) % GIVERS].employee
            for n in range(EACH):
                key = composer.key if n == 0 else str(uuid4())  # each form that is opened has its own
                click = Click(composer, about(receiver.public_id, tag.public_id, key, n))
                clicks += [click] * (2 if n % DOUBLE == 0 else 1)
        answers = all_at_once(clicks)

    assert len(clicks) == 240
    assert {answer.status for answer in answers} == {302}
    pages: dict[str, set[str]] = {}
    for click, answer in zip(clicks, answers, strict=True):
        pages.setdefault(click.fields["key"], set()).add(answer.page)
    assert all(len(opened) == 1 for opened in pages.values())  # both clicks of a double one lead to the same feedback
    with givers[0].scope:
        kept = dict(Feedback.objects.values_list("key", "pk"))
        assert Feedback.objects.count() == len(kept) == GIVERS * EACH
        assert set(kept) == set(pages)
        assert FeedbackFact.objects.count() == GIVERS * EACH
        notices = Notice.objects.filter(kind__in=[PRAISE_RECEIVED, HOPE_RECEIVED])
        assert sorted(notices.values_list("subject_id", flat=True)) == sorted(kept.values())
        assert AuditEntry.objects.filter(verb=FEEDBACK_GIVEN).count() == GIVERS * EACH
