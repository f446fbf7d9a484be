"""The penetration report of a large company: python -m benchmarks.report [--people 20000] [--rounds 5]

How long it takes to issue, part by part; how large its page is before compression; and how long Chromium takes from the
last byte of the page to the drawn flows.
"""

import argparse
import os
import resource
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from playwright.sync_api import sync_playwright

from benchmarks.ground import TENANTS, Somebody, cast, fill, ground, timed
from dashboards.actions import issue_report
from dashboards.models import PenetrationPart, PenetrationReport
from dashboards.penetration_content import content_of, parts_of
from dashboards.penetration_queries import facts_of, flows_of
from goals.models import Goal, ResourceLine
from goals.queries.settings import local_date
from perfsys.boot import browser
from perfsys.tenancy.rows import Row, insert_rows
from perfsys.tenancy.scope import use_tenant
from tests.browser import SWITCHES

SLUG = "globex"
KINDS = ("people", "money", "hours")
# From the last byte of the page to the drawn flows, in milliseconds.
WATCH = """
new MutationObserver(() => {
    if (window.drawnAt || !document.querySelector('.flow .chart[data-drawn]')) return;
    window.drawnAt = performance.now() - performance.getEntriesByType('navigation')[0].responseEnd;
}).observe(document, {subtree: true, childList: true, attributes: true});
"""


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@contextmanager
def served() -> Iterator[str]:
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def drawn(site: str, who: Somebody, address: str, rounds: int) -> float:
    """The median of so many openings; the first, which fetches the library, does not count."""
    took = []
    with sync_playwright() as tools:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = tools.chromium.launch(executable_path=browser.find(), args=[*SWITCHES, *sandbox])
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        session = who.client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
        page = context.new_page()
        page.add_init_script(WATCH)
        for _round in range(rounds + 1):
            page.goto(site + address)
            page.locator(".flow .chart[data-drawn]").wait_for(timeout=60_000)
            took.append(float(page.evaluate("window.drawnAt")))
        chromium.close()
    return statistics.median(took[1:])


def spend_everything() -> None:
    """The sample company plans hours alone: here every goal has money and people as well."""
    goals = list(Goal.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(goals), 1_000):
        some = goals[start : start + 1_000]
        rows: list[Row] = [{"goal_id": pk, "kind": "money", "planned": pk % 50, "source": "import"} for pk in some]
        insert_rows(ResourceLine, rows + [row | {"kind": "people", "planned": 1 + row["goal_id"] % 3} for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with ground() as analyze:
        fill(SLUG, options.people)
        who = cast(SLUG, options.people)["hrbp"]
        with use_tenant(TENANTS[SLUG]):
            spend_everything()
        analyze()
        with use_tenant(TENANTS[SLUG]):
            now = timezone.now()
            on = local_date(now)
            month = on.replace(day=1)
            print(f"{options.people} people, {Goal.objects.count()} goals")
            took: dict[str, float] = {}

            def least(name: str, work: Any) -> Any:
                given: list[Any] = []
                took[name] = min(timed(lambda: given.append(work())) for _ in range(3))
                return given[-1]

            facts = least("reading the month", lambda: facts_of(month, on))
            flows = least("the flows of money, people and hours", lambda: flows_of(facts))
            least("the first page", lambda: content_of(facts, flows, None))
            least("the pages behind it", lambda: [part for part in parts_of(facts, flows)])
            keys = iter("abc")
            about: dict[str, Any] = {"month": month, "as_of": on, "actor": None, "now": now}
            least("issuing, all of it", lambda: issue_report(key=next(keys), **about))
            print(f"{PenetrationPart.objects.count() // PenetrationReport.objects.count()} pages behind it")
        print("| Part | seconds |\n|---|---|")
        for name, seconds in took.items():
            print(f"| {name} | {seconds:.2f} |")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        print("| Page | ms | KB | drawn, ms |\n|---|---|---|---|")
        with served() as site:
            for kind in KINDS:
                address = f"/t/{SLUG}/reports/penetration/{month:%Y-%m}/?by={kind}"
                answer = who.client.get(address)
                if answer.status_code != 200:
                    raise SystemExit(f"{address} answered {answer.status_code}")
                asked = [1000 * timed(lambda address=address: who.client.get(address)) for _ in range(options.rounds)]  # type: ignore[misc]
                drew = drawn(site, who, address, options.rounds)
                print(f"| {kind} | {statistics.median(asked):.0f} | {len(answer.content) / 1000:.0f} | {drew:.0f} |")


if __name__ == "__main__":
    main()
