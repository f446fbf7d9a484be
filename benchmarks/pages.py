"""Every page at 527 and 20,000 people beside a bare view: python -m benchmarks.pages [--people 20000] [--rounds 7]

The bare view reads session and account, in the same process and through the same middleware. A round asks each page in
turn; a page's figure is its median over the rounds. The run is worth nothing where the bare view moved by more than
30 % between its first and its second half, and says so. With --processor the figures are of the processor, Python's and
PostgreSQL's together, for a machine on which others work.
"""

import argparse
import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.ground import TENANTS, Somebody, cast, fill, fill_with_feedback, ground, spent, timed
from feedback.models import Feedback, Visibility
from feedback.tasks import open_retro
from goals import tasks
from goals.models import Goal, Layer, Status
from goals.queries.settings import local_date
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.people.models import Employee
from perfsys.people.queries import reports_of
from perfsys.tenancy.scope import use_tenant
from reviews.actions import make_pack, plan_interview
from reviews.models import Interview

SMALL, LARGE = "acme", "globex"
Took = dict[tuple[str, str], list[float]]


@dataclass(frozen=True)
class Page:
    name: str
    ask: Callable[[], HttpResponse]


def pages_of(slug: str, people: dict[str, Somebody]) -> list[Page]:
    with use_tenant(TENANTS[slug]):
        owner = people["employee"].employee
        leaf = Goal.objects.filter(owner=owner, status=Status.PUBLISHED).order_by("pk")[0]
        top = Goal.objects.filter(layer=Layer.COMPANY).order_by("pk")[0]
        middle = Goal.objects.filter(layer=Layer.DEPARTMENT).order_by("pk")[0]
        colleague = Employee.objects.exclude(pk=owner.pk).filter(status=Employee.Status.ACTIVE).order_by("-pk")[0]
        tag = BehaviourTag.objects.order_by("pk")[0]
        had = Feedback.objects.filter(receiver=owner).order_by("-at")[0]
    found = [
        ("my week", "employee", "week/"),
        ("my team", "manager", "team/"),
        ("goal health", "hrbp", "goal-health/"),
        ("my goals", "employee", "goals/"),
        ("a goal", "employee", f"goals/{leaf.public_id}/"),
        ("a company goal", "employee", f"goals/{top.public_id}/"),
        ("board", "employee", "board/"),
        ("board, chosen", "employee", f"board/?goal={middle.public_id}"),
        ("tree", "employee", "tree/"),
        ("tree, open", "employee", f"tree/?open={top.public_id},{middle.public_id}"),
        ("tree rows", "employee", f"tree/rows/?parent={top.public_id}"),
        ("goals without one above", "employee", "tree/?view=loose"),
        ("write a goal", "employee", "goals/new/"),
        ("publish", "employee", "goals/publish/"),
        ("inbox", "employee", "inbox/"),
        ("people", "employee", "people/"),
        ("people, searched", "employee", "people/?q=zhang"),
        ("a person", "manager", f"people/{owner.public_id}/"),
        ("units", "employee", "units/"),
        ("imports", "admin", "admin/imports/"),
        ("goal settings", "admin", "goal-settings/"),
        ("templates", "admin", "templates/"),
        ("suggestions", "admin", "suggestions/"),
        ("what a goal supports", "employee", f"goals/{leaf.public_id}/supports/"),
        ("change a goal", "employee", f"goals/{leaf.public_id}/adjust/"),
        ("versions of a goal", "employee", f"goals/{leaf.public_id}/versions/"),
        ("resources of a goal", "employee", f"goals/{leaf.public_id}/resources/"),
        ("requests", "manager", "requests/"),
        ("cross-team board", "employee", "blockers/"),
        ("obstacle board", "hrbp", "obstacles/"),
        ("write a feedback", "employee", f"feedback/new/?to={colleague.public_id}"),
        ("feedback wall", "employee", "feedback/?tab=public"),
        ("feedback to me", "employee", "feedback/?tab=mine"),
        ("requests for feedback", "employee", "feedback/requests/"),
        ("ask for feedback", "employee", "feedback/requests/new/"),
        ("my radar", "employee", "radar/"),
        ("my hot words", "employee", "radar/words/"),
        ("team matrix", "manager", "team/feedback/"),
        ("a feedback", "employee", f"feedback/{had.public_id}/"),
        ("micro-retro", "employee", "retro/"),
        ("micro-retro of my team", "manager", "retro/team/"),
        ("dictionary", "employee", "dictionary/"),
        ("gripe day", "employee", "voice-day/"),
        ("write a suggestion", "employee", "voice-day/new/"),
        ("what gripe days changed", "employee", "voice-day/changes/"),
    ]
    talk, took = a_talk(slug, people)
    print(f"{slug}: a prep pack is made in {took:.0f} ms", flush=True)
    found += [
        ("interviews", "manager", "meetings/"),
        ("a prep pack", "manager", f"meetings/{talk.public_id}/prep/"),
        ("an interview", "manager", f"meetings/{talk.public_id}/"),
    ]
    pages = [Page(name, _get(people[role], f"/t/{slug}/{path}")) for name, role, path in found]
    return [
        *pages,
        Page("check in (post)", _check_in(people["employee"], f"/t/{slug}/goals/{leaf.public_id}/check-in/")),
        Page("send a feedback (post)", _send(people["employee"], f"/t/{slug}/feedback/new/", colleague, tag)),
    ]


def a_talk(slug: str, people: dict[str, Somebody]) -> tuple[Interview, float]:
    """Of the manager with a report who has had 40 feedbacks, and the milliseconds of its pack, the median of five."""
    now, manager = timezone.now(), people["manager"].employee
    with use_tenant(TENANTS[slug]):
        on = local_date(now)
        report = Employee.objects.filter(pk__in=reports_of(manager, on, direct=True)).order_by("pk")[0]
        colleagues = list(Employee.objects.exclude(pk=report.pk).order_by("pk")[:19])
        add_standard_terms(now=now)
        tags = list(BehaviourTag.objects.all())
        Feedback.objects.bulk_create(
            Feedback(
                giver=colleagues[n % 19],
                receiver=report,
                nature="constructive" if n % 4 == 0 else "positive",
                tag=tags[n % len(tags)],
                text="带着图纸下车间，和班组一起改夹具，当天恢复生产。下次换料提前五天知会质量组。",
                expected_action="把夹具改法写成模板",
                at=now - timedelta(days=n * 4),
                local_on=on - timedelta(days=n * 4),
            )
            for n in range(40)
        )
        talk = plan_interview(
            employee=report,
            manager=manager,
            at=now + timedelta(days=1),
            minutes=30,
            place="",
            key="benchmark",
            now=now,
        )
        took = [1000 * timed(lambda: make_pack(interview=talk, now=now)) for _ in range(5)]
        return talk, statistics.median(took)


def _get(who: Somebody, url: str) -> Callable[[], HttpResponse]:
    return lambda: who.client.get(url)


def _check_in(who: Somebody, url: str) -> Callable[[], HttpResponse]:
    return lambda: who.client.post(
        url, {"key": str(uuid4()), "value": "40", "note": "C 版图纸已会签", "confidence": ""}
    )


def _send(who: Somebody, url: str, to: Employee, tag: BehaviourTag) -> Callable[[], HttpResponse]:
    fields = {
        "to": to.public_id,
        "tag": tag.public_id,
        "nature": Nature.POSITIVE,
        "text": "夜班砂轮崩边，带着两个徒弟换好，当班少停 3 小时。",
        "expected_action": "把步骤教给夜班二组",
        "link": "https://mes.example/orders/WO-17",
        "visibility": Visibility.MANAGER,
    }
    return lambda: who.client.post(url, {**fields, "key": str(uuid4())})


def measure(
    pages: dict[str, list[Page]],
    bare: Callable[[], HttpResponse],
    rounds: int,
    cost: Callable[[Callable[[], HttpResponse]], float] = timed,
) -> dict[tuple[str, str], list[float]]:
    """Milliseconds by company and page; the bare view under ("", "bare")."""
    took: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for _round in range(rounds + 1):  # the first warms up
        for place in range(len(pages[SMALL])):
            for slug, listed in pages.items():
                took[slug, listed[place].name].append(1000 * cost(listed[place].ask))
                took["", "bare"].append(1000 * cost(bare))
    return {key: times[len(times) // (rounds + 1) :] for key, times in took.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--processor", action="store_true")
    options = parser.parse_args()
    with ground() as analyze:
        pages: dict[str, list[Page]] = {}
        for slug, size in ((SMALL, 527), (LARGE, options.people)):
            print(size, {part: f"{seconds:.1f} s" for part, seconds in fill(slug, size).items()}, flush=True)
            fill_with_feedback(slug, each=60 if slug == SMALL else 5, most=500)
            analyze()
            people = cast(slug, size)
            with use_tenant(TENANTS[slug]):
                payload = {}
                while again := tasks.check_health(payload=payload, now=timezone.now()):
                    payload = again.payload
                payload = {"due_at": timezone.now().isoformat()}
                while open_retro(payload=payload, now=timezone.now()):
                    pass
            analyze()
            pages[slug] = pages_of(slug, people)
        somebody = people["employee"].client
        took = measure(pages, lambda: somebody.get("/probe/"), options.rounds, spent if options.processor else timed)
        report(pages, took)


def report(pages: dict[str, list[Page]], took: Took) -> None:
    bare_times = took["", "bare"]
    half = len(bare_times) // 2
    first, second = statistics.median(bare_times[:half]), statistics.median(bare_times[half:])
    bare = statistics.median(bare_times)
    moved = abs(first - second) / min(first, second)
    print(f"bare view {bare:.1f} ms, moved {moved:.0%}" + ("  DISCARD THIS RUN" if moved > 0.3 else ""))
    print("| Page | 527, ms | large, ms | large / bare | growth | queries | KB |\n|---|---|---|---|---|---|---|")
    for page in pages[LARGE]:
        small, large = (statistics.median(took[slug, page.name]) for slug in (SMALL, LARGE))
        with CaptureQueriesContext(connection) as asked:
            answer = page.ask()
        if answer.status_code not in {200, 302}:
            raise SystemExit(f"{page.name} answered {answer.status_code}")
        figures = f"{small:.1f} | {large:.1f} | {large / bare:.1f}x | {large / small:.2f}x"
        print(f"| {page.name} | {figures} | {len(asked)} | {len(answer.content) / 1000:.0f} |")


if __name__ == "__main__":
    main()
