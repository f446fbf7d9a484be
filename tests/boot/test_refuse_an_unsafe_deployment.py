import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from perfsys import deployment, healthcheck, logs
from perfsys.boot import ROOT
from tests.conftest import TEMPLATE

GOOD = {
    "PERFSYS_ENV": "production",
    "SECRET_KEY": "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "perf.example.com, .example.org",
    "PUBLIC_URL": "https://perf.example.com",
    "DATABASE_URL": "postgresql://pm_app:p%40ss@db:6432/perfsys?sslmode=require",
    "REDIS_URL": "redis://:word@redis:6379/0",
    "EMAIL_HOST": "mail.example.com",
}


@pytest.fixture
def settings_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """The settings as a process with this environment would read them."""

    def read(**environment: str) -> dict[str, Any]:
        for name in list(os.environ):
            if name.startswith(("PERFSYS_", "SECRET_", "DATABASE_", "REDIS_", "CACHE_", "EMAIL_", "DEBUG")):
                monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "perfsys/settings.py"))

    yield read
    logs.configuration(as_json=False, level="INFO")  # reading them configures structlog


def test_production_starts_with_everything_it_needs(settings_in: Callable[..., dict[str, Any]]) -> None:
    read = settings_in(**GOOD, TRUSTED_SSL_HEADER="X-Forwarded-Proto", DATABASE_PASSWORD="other/word")
    assert read["ALLOWED_HOSTS"] == ["perf.example.com", ".example.org"]
    assert read["SESSION_COOKIE_NAME"] == "__Host-session"
    assert read["SESSION_COOKIE_SECURE"] and read["CSRF_COOKIE_SECURE"] and read["SESSION_COOKIE_HTTPONLY"]
    assert read["CSRF_COOKIE_NAME"] == "__Host-csrf"
    assert read["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert read["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert read["SECURE_SSL_REDIRECT"]
    database = read["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["PASSWORD"]) == ("db", 6432, "other/word")
    assert database["OPTIONS"]["sslmode"] == "require"
    assert read["CACHES"]["default"]["LOCATION"] == "redis://:word@redis:6379/1"  # not the broker's database
    assert not read["DEBUG"]


def test_without_a_word_about_the_proxy_its_header_is_not_believed(settings_in: Callable[..., dict[str, Any]]) -> None:
    read = settings_in(**GOOD)
    assert "SECURE_PROXY_SSL_HEADER" not in read
    assert settings_in(PERFSYS_ENV="")["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
        ({"SECRET_KEY": "only-for-commands-that-serve-nobody"}, "SECRET_KEY must be set"),
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY must be set"),
        ({"DEBUG": "yes"}, "DEBUG must be off"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
        ({"DATABASE_URL": ""}, "DATABASE_URL must be set"),
        ({"REDIS_URL": ""}, "REDIS_URL must be set"),
        ({"PUBLIC_URL": "http://perf.example.com"}, "PUBLIC_URL must be the https address"),
        ({"EMAIL_HOST": ""}, "EMAIL_HOST must be set"),
        ({"MEDIA_CLAMD": "clamd:3310"}, "MEDIA_CLAMD must be tcp://host:port"),
        ({"PERFSYS_ENV": "prod"}, "PERFSYS_ENV must be one of local, production, not 'prod'"),
        ({"DEBUG": "maybe"}, "DEBUG must be true or false, not 'maybe'"),
        ({"CONN_MAX_AGE": "ten"}, "CONN_MAX_AGE must be a whole number, not 'ten'"),
        ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY and SECRET_KEY_FILE are both set"),
    ],
)
def test_production_refuses_with_a_sentence(
    settings_in: Callable[..., dict[str, Any]], change: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence):
        settings_in(**{**GOOD, **change})


def test_secrets_may_lie_in_files(settings_in: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "key").write_text(GOOD["SECRET_KEY"] + "\n")
    named = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    assert settings_in(**named, SECRET_KEY_FILE=str(tmp_path / "key"))["SECRET_KEY"] == GOOD["SECRET_KEY"]
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE cannot be read"):
        settings_in(**named, SECRET_KEY_FILE=str(tmp_path / "other"))


@pytest.mark.django_db
def test_the_app_role_may_serve() -> None:
    assert deployment.role_faults() == []
    assert deployment.check_role(app_configs=None, databases=["default"]) == []


def test_roles_past_the_wall_are_named(cluster: Any) -> None:
    with cluster.connect(TEMPLATE, "pm_owner") as link, link.cursor() as cursor:
        assert deployment.faults_of(cursor) == [
            "the database role pm_owner owns tables, which their policies do not bind"
        ]
    with cluster.connect(TEMPLATE) as link, link.cursor() as cursor:
        assert deployment.faults_of(cursor) == ["the database role postgres is, or can become, a superuser"]
        cursor.execute("CREATE ROLE pm_seer NOLOGIN BYPASSRLS; CREATE ROLE pm_near LOGIN NOINHERIT IN ROLE pm_seer")
        cursor.execute("SET SESSION AUTHORIZATION pm_near")  # does not bypass now, and is one SET ROLE away from it
        try:
            assert deployment.faults_of(cursor) == ["the database role pm_near bypasses row-level security"]
        finally:
            cursor.execute("RESET SESSION AUTHORIZATION; DROP ROLE pm_near, pm_seer")


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import perfsys.wsgi"],
        ["-m", "celery", "-A", "perfsys", "worker", "--concurrency=1"],
        ["-m", "celery", "-A", "perfsys", "beat", "--scheduler=celery.beat:Scheduler", "--pidfile="],
    ],
    ids=["web", "worker", "beat"],
)
def test_no_process_serves_with_a_superuser(cluster: Any, command: list[str]) -> None:
    superuser = cluster.url("superuser", TEMPLATE).replace("//superuser:", "//postgres:")
    urls = {"DATABASE_URL": superuser, "REDIS_URL": "redis://127.0.0.1:1/0"}
    environment = {**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "perfsys.settings"}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode != 0
    assert "perfsys refuses to start: the database role postgres is, or can become, a superuser" in done.stderr


def test_a_database_that_is_away_kills_no_web_process() -> None:
    urls = {"DATABASE_URL": "postgresql://pm_app:x@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    environment = {**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "perfsys.settings"}
    done = subprocess.run(
        [sys.executable, "-c", "import perfsys.wsgi"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, "database_unreachable_at_start" in done.stderr) == (0, True), done.stderr


@pytest.mark.django_db
def test_readiness_needs_database_broker_and_a_role_that_may_serve(
    client: Any, monkeypatch: pytest.MonkeyPatch, live_answers: None
) -> None:
    assert client.get("/health/").content == b"ok"
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "broker": "ok"})
    monkeypatch.setattr(deployment, "role_faults", lambda: ["the database role postgres is a superuser"])
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()) == (503, {"database": "failed", "broker": "ok"})
    assert b"superuser" not in answer.content


@pytest.fixture
def live_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that answers; the tests' own address names none."""
    from perfsys import health

    monkeypatch.setattr(health.BROKER, "ping", lambda: True)


@pytest.mark.django_db
def test_a_broker_that_is_away_makes_it_not_ready(client: Any) -> None:
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "broker": "failed"})


def test_the_container_asks_under_a_name_that_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Reply:
        status = 200

        def __enter__(self) -> "Reply":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(healthcheck.urllib.request, "urlopen", lambda request, **_: asked.append(request) or Reply())
    monkeypatch.setenv("ALLOWED_HOSTS", ".example.com,other")
    monkeypatch.setenv("WEB_BIND", "0.0.0.0:8000")
    assert healthcheck.main() == 0
    assert (asked[0].full_url, asked[0].headers["Host"]) == ("http://127.0.0.1:8000/health/ready/", "example.com")
