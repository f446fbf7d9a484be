"""Hot words of one person: python -m benchmarks.words [--feedbacks 5000] [--rounds 7]

What it takes to find them in so many feedbacks, as the page does: reading them, finding the words, looking for names.
Every text is one of its own, of the demo's sentences with other figures and orders, so that no text is known already.
"""

import argparse
import random
import statistics
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from benchmarks.ground import TENANTS, costs, fill, ground
from feedback.hotwords import Said, hot_words
from feedback.models import Feedback, Visibility
from feedback.queries.hot_words import heard
from goals.queries.settings import local_date
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag, LexiconEntry, Nature
from perfsys.people.access import viewer_of
from perfsys.people.models import Employee
from perfsys.tenancy.rows import insert_rows
from perfsys.tenancy.scope import use_tenant

SLUG = "globex"


def tell(about: Employee, givers: list[Employee], number: int) -> None:
    """Sentences of the dictionary, two to a feedback."""
    now, dice = timezone.now(), random.Random(1)
    on = local_date(now)
    sentences = list(LexiconEntry.objects.values_list("text", flat=True))
    tags = list(BehaviourTag.objects.all())
    insert_rows(
        Feedback,
        [
            {
                "public_id": uuid4(),
                "giver_id": givers[n % len(givers)].pk,
                "receiver_id": about.pk,
                "nature": Nature.CONSTRUCTIVE if n % 4 == 0 else Nature.POSITIVE,
                "tag_id": tags[n % len(tags)].pk,
                "text": f"第 {n} 单：{dice.choice(sentences)}{dice.choice(sentences)}"[:600],
                "expected_action": "写进作业指导书",
                "visibility": Visibility.MANAGER,
                "at": now - timedelta(days=n % 80, minutes=n % 600),
                "local_on": on - timedelta(days=n % 80),
            }
            for n in range(number)
        ],
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--feedbacks", type=int, default=5000)
    asked.add_argument("--rounds", type=int, default=7)
    given = asked.parse_args()
    with ground() as settled:
        fill(SLUG, 200)
        with use_tenant(TENANTS[SLUG]):
            add_standard_terms(now=timezone.now())
            about, *givers = Employee.objects.order_by("pk")[:41]
            tell(about, givers, given.feedbacks)
        settled()
        with use_tenant(TENANTS[SLUG]):
            who = viewer_of(about, local_date(timezone.now()))
            texts = list(Feedback.objects.filter(receiver=about).values_list("pk", "giver", "text"))
            said = [Said(pk, giver, text, True) for pk, giver, text in texts]
            letters = sum(len(one.text) for one in said) / len(said)
            found = heard(who, about)
            whole = [costs(lambda: heard(who, about)) for _round in range(given.rounds)]
            words = [costs(lambda: hot_words(said)) for _round in range(given.rounds)]
    print(f"{found.feedbacks} feedbacks of {letters:.0f} characters, {len(found.words)} words")
    for what, rounds in (("read, found and looked through for names", whole), ("the words alone", words)):
        clock, processor = (
            statistics.median(1000 * getattr(one, name) for one in rounds) for name in ("clock", "processor")
        )
        print(f"{what}: {clock:.0f} ms, of processor {processor:.0f} ms")
    print([(hot.word, hot.frequency, hot.givers) for hot in found.words[:12]])


if __name__ == "__main__":
    main()
