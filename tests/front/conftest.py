"""Pages rendered from samples, and a browser that gets them without a server: no database, no session, no clock."""

import mimetypes
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory, override_settings
from django.utils import timezone, translation

from perfsys.static import PackagedFiles
from tests.front.samples import SAMPLES

ROOT = Path(__file__).parents[2]
SITE = "http://front.test"
# Not one exception for styles or scripts, whatever the site's own policy allows. data: is the picture of a TOTP key.
POLICY = (
    "default-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
KEPT = {"Cache-Control": "max-age=3600, immutable"}
# axe reads the same twenty colours again for each element and for all those behind it: half of its time.
READ_COLOURS_ONCE = """;(() => {
    const {prototype} = axe.commons.color.Color, read = prototype.parseString, known = new Map();
    prototype.parseString = function (text) {
        if (!known.has(text)) {
            const {r, g, b, alpha} = read.call(this, text);
            known.set(text, {r, g, b, alpha});
        }
        return Object.assign(this, known.get(text));
    };
})();"""
Answer = tuple[int, str]
Server = Callable[[Any], Answer]


@pytest.fixture(autouse=True)
def _only_the_pages() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.front.urls"), timezone.override("Asia/Shanghai"):
        yield


@pytest.fixture(scope="session")
def engine() -> DjangoTemplates:
    """The project's templates without its context processors: what a page needs stands in its sample."""
    processors = ["django.template.context_processors.request", "django.template.context_processors.i18n"]
    given = {"NAME": "front", "DIRS": [ROOT / "templates"], "APP_DIRS": True}
    return DjangoTemplates({**given, "OPTIONS": {"context_processors": processors}})


@pytest.fixture(scope="session")
def render(engine: DjangoTemplates) -> Callable[..., str]:
    def rendered(name: str, language: str = "zh-hans", **more: Any) -> str:
        template, context = SAMPLES[name]()
        request = RequestFactory().get(f"/{name}/")
        with translation.override(language), timezone.override("Asia/Shanghai"):
            return engine.get_template(template).render({**context, **more}, request)

    return rendered


def static_file(path: str) -> Path:
    if path.startswith("vendor/"):
        return Path(PackagedFiles().find(path))
    return ROOT / "static" / path


@pytest.fixture
def complaints(page: Any) -> list[str]:
    """What the browser found wrong: scripts, refused styles, missing files."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def answers(page: Any, render: Callable[..., str]) -> dict[str, Server]:
    """The site in the browser: samples by name, static files, and what a test adds: path -> (status, body)."""
    added: dict[str, Server] = {}

    def serve(route: Any) -> None:
        path = urlsplit(route.request.url).path
        if path in added:
            status, body = added[path](route.request)
            route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")
        elif path.startswith(settings.STATIC_URL):
            file = static_file(path.removeprefix(settings.STATIC_URL))
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
        elif path.strip("/") in SAMPLES:
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(body=render(path.strip("/")), headers=headers)
        else:
            route.fulfill(status=404, body="")

    page.set_default_timeout(30_000)  # plotly is 5 MB, and comes through the test's own process
    page.route("**/*", serve)
    return added


@pytest.fixture(scope="session")
def served(render: Callable[..., str]) -> Iterator[str]:
    """The address of samples and static files on a server of this process: for whoever looks at all of them. What is
    routed as above the browser may not keep, and a page of twenty files then costs more than all that is looked at."""

    axe = f"{Axe().axe_script}{READ_COLOURS_ONCE}".encode()

    class Site(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/axe.js":
                self.answer(200, axe, **KEPT, **{"Content-Type": "text/javascript; charset=utf-8"})
            elif path == "/service-worker.js":  # one that does nothing: a sample is looked at, not kept
                self.answer(200, **{"Content-Type": "text/javascript; charset=utf-8"})
            elif path.startswith(settings.STATIC_URL):
                file = static_file(path.removeprefix(settings.STATIC_URL))
                self.answer(200, file.read_bytes(), **KEPT, **{"Content-Type": mimetypes.guess_type(file.name)[0]})
            elif path.strip("/") in SAMPLES:
                held = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
                self.answer(200, render(path.strip("/")).encode(), **held)
            else:  # a slow machine is still looking when a page asks how a job goes
                self.answer(204 if path == "/job/" else 404)

        def answer(self, status: int, body: bytes = b"", **headers: Any) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": len(body)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Nobody reads them."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visit(page: Any, answers: dict[str, Server]) -> Callable[[str], Any]:
    def go(name: str) -> Any:
        page.goto(f"{SITE}/{name}/")
        return page

    return go
