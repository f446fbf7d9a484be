"""200 feedbacks sent at one moment, every fifth by a double click: python -m benchmarks.posts [--people 20000]

gunicorn as the container starts it, on the benchmarks' own PostgreSQL and a Valkey, a giver a feedback. It fails where
one is lost, doubled or refused. Then as many again within ten seconds, which tells waiting
in line from work.
"""

import argparse
import os
import statistics
import tempfile
from contextlib import suppress
from pathlib import Path

from django.test import Client

from benchmarks.ground import TENANTS, database_url, fill, fill_with_feedback, ground, seated
from feedback.models import Feedback
from perfsys.lexicon.models import BehaviourTag
from perfsys.people.models import Employee
from perfsys.tenancy.scope import use_tenant
from tests import workers
from tests.broker import private_valkey
from tests.clicks import Answer, Click, Composer, about, all_at_once

SLUG = "globex"
DOUBLE = 5  # every fifth
WAYS = {"at one moment": 0.0, "within ten seconds": 10.0}


def forms(site: str, givers: list[Client], receivers: list[Employee], tag: BehaviourTag) -> list[Click]:
    """One of each giver, in a composer just opened; the double ones stand next to each other."""
    clicks: list[Click] = []
    for n, (giver, receiver) in enumerate(zip(givers, receivers, strict=True)):
        composer = Composer.opened(site, giver, f"/t/{SLUG}/feedback/new/")
        click = Click(composer, about(receiver.public_id, tag.public_id, composer.key, n))
        clicks += [click] * (2 if n % DOUBLE == 0 else 1)
    return clicks


def check(clicks: list[Click], answers: list[Answer], before: int) -> None:
    refused = [answer for answer in answers if answer.status != 302]
    if refused:
        raise SystemExit(f"{len(refused)} of {len(answers)} were not taken: {refused[:3]}")
    keys = {click.fields["key"] for click in clicks}
    kept = Feedback.objects.filter(key__in=keys).count()
    if (kept, Feedback.objects.count()) != (len(keys), before + len(keys)):
        raise SystemExit(f"{len(keys)} were sent, {kept} of them stand, {Feedback.objects.count() - before} are new")


def told(answers: list[Answer], work: float) -> str:
    """From the click to the last byte, and what a click took of the processors."""
    waited = sorted(1000 * answer.waited for answer in answers)
    p95 = statistics.quantiles(waited, n=20)[-1]
    clicks = len(answers)
    return f"{clicks} | {statistics.median(waited):.0f} | {p95:.0f} | {waited[-1]:.0f} | {1000 * work / clicks:.1f}"


def worked() -> float:
    """Seconds of processor that all servers started from here have taken: gunicorn, PostgreSQL and Valkey."""
    parents, taken = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            words = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)], taken[int(stat.parent.name)] = int(words[1]), sum(map(int, words[11:15]))
    ours, found = 0, [os.getpid()]
    while found:
        found = [pid for pid, parent in parents.items() if parent in found]
        ours += sum(taken[pid] for pid in found)
    return ours / os.sysconf("SC_CLK_TCK")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=20_000)
    asked.add_argument("--posts", type=int, default=200)
    given = asked.parse_args()
    with ground() as analyze, private_valkey() as valkey, tempfile.TemporaryDirectory() as folder:
        fill(SLUG, given.people, with_goals=False)
        fill_with_feedback(SLUG, each=5, most=500)
        analyze()
        with use_tenant(TENANTS[SLUG]):
            people = list(Employee.objects.order_by("employee_no")[: 2 * given.posts])
            tag = BehaviourTag.objects.order_by("pk")[0]
            givers = [seated(SLUG, person).client for person in people[: given.posts]]
        print(f"{given.people} people, {given.posts} feedbacks a time")
        print("| Sent | clicks | p50, ms | p95, ms | slowest, ms | processor, ms a click |\n|---|---|---|---|---|---|")
        with workers.web(database_url=database_url(), valkey=valkey, log=Path(folder) / "web.log") as site:
            for name, over in WAYS.items():
                clicks = forms(site, givers, people[given.posts :], tag)
                with use_tenant(TENANTS[SLUG]):
                    before = Feedback.objects.count()
                before_it = worked()
                answers = all_at_once(clicks, over)
                work = worked() - before_it
                with use_tenant(TENANTS[SLUG]):
                    check(clicks, answers, before)
                print(f"| {name} | {told(answers, work)} |")


if __name__ == "__main__":
    main()
