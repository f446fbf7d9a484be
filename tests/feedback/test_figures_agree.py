"""One rule says who reads a feedback (security.md §2): lists, pages and every figure are counted from the same ones."""

from datetime import timedelta
from itertools import product
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from feedback import access
from feedback.models import Feedback, Visibility
from feedback.queries import hot_words, matrix, radar
from perfsys.lexicon.models import Nature
from perfsys.people.access import Viewer
from perfsys.people.actions import change_manager
from tests.cast import today

MODES = [
    (Nature.POSITIVE, Visibility.RECEIVER),
    (Nature.POSITIVE, Visibility.MANAGER),
    (Nature.POSITIVE, Visibility.EVERYONE),
    (Nature.CONSTRUCTIVE, Visibility.RECEIVER),
    (Nature.CONSTRUCTIVE, Visibility.MANAGER),
]


def opens(fetch: Any, who: Viewer, thing: Any, **more: Any) -> bool:
    try:
        fetch(who, thing.public_id, **more)
    except (PermissionDenied, Http404):
        return False
    return True


def is_told_lately(feedback: Feedback) -> bool:
    return feedback.withdrawn_at is None and today() - timedelta(days=90) < feedback.local_on <= today()


def numbers_of_a_radar_open_their_source(who: Viewer, person: Any, source: set[int]) -> None:
    seen = radar.radar_of(who, person)
    behind: list[int] = []
    for line in seen.counted.lines:
        for nature, number in ((Nature.POSITIVE, line.positive), (Nature.CONSTRUCTIVE, line.constructive)):
            if number:
                found = radar.feedback_behind(who, person, seen.competencies[line.competency], nature=nature)
                assert len(found) == number
                behind += [one.pk for one in found]
    assert len(behind) == seen.counted.total and set(behind) == source


def the_matrix_says_what_each_radar_says(who: Viewer) -> int:
    found = matrix.matrix_of(who, list(matrix.team(who)))
    for person in found.people:
        assert opens(access.radar_to_read, who, person)
        lines = {line.competency: line for line in radar.radar_of(who, person).counted.lines}
        for competency in found.competencies:
            pair, line = found.of(person, competency), lines[competency.pk]
            assert (pair.positive, pair.constructive) == (line.positive, line.constructive)
    return len(found.people)


def test_list_page_and_figures_are_of_the_same_feedback_in_every_mode(
    ada: Any, bob: Any, marta: Any, henk: Any, anna: Any, tags: Any, tell: Any, cast: Any
) -> None:
    """Zoe leads Marta, who leads Bob; Ada has gone over to Zoe a month ago: lines of reporting have an end as well."""
    zoe = cast("acme", "zoe")
    with ada.scope:
        for person, days in ((marta, 300), (ada, 30)):
            on = today() - timedelta(days=days)
            change_manager(employee=person.employee, manager=zoe.employee, on=on, actor=None, now=timezone.now())
    between, states = [(bob, ada), (ada, bob), (bob, marta)], [(89, None), (90, None), (400, None), (0, timezone.now())]
    for (giver, receiver), (nature, mode), (days, at) in product(between, MODES, states):
        told = {"giver": giver, "receiver": receiver, "nature": nature, "visibility": mode, "withdrawn_at": at}
        tell(tags[days % 5], days=days, text=f"夹具{mode}", **told)
    figures, rows = 0, 0
    for reader in (ada, bob, marta, henk, anna, zoe):
        seat = reader.seat
        with ada.scope:
            who = Viewer(reader.employee, seat, today())
            every = list(Feedback.objects.all())
            listed = set(access.visible_feedback(who).values_list("pk", flat=True))
            opened = {one.pk for one in every if opens(access.feedback_to_read, who, one, now=timezone.now())}
            assert opened == listed, reader.name
            for person in (ada.employee, bob.employee, marta.employee):
                if not opens(access.radar_to_read, who, person):
                    continue
                source = {
                    one.pk for one in every if one.receiver_id == person.pk and one.pk in listed and is_told_lately(one)
                }
                numbers_of_a_radar_open_their_source(who, person, source)
                words = hot_words.heard(who, person)
                assert words.feedbacks == len(source)
                assert all(set(word.feedback_ids) <= source for word in words.words)
                figures += 1
            rows += the_matrix_says_what_each_radar_says(who)
    assert figures == 3 + 1 + 3 + 2, "each own; Bob's for Marta; all for Henk; Ada's and Marta's for Zoe"
    assert rows == 1 + 2
