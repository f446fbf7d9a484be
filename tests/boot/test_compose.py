"""docker-compose.yml is judged by Docker's own client where it is installed, and in any case read here."""

import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
import yaml

from perfsys.boot import ROOT
from perfsys.settings import INSTALLED_APPS as OURS

NEEDED = [
    *("SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "EMAIL_HOST", "EMAIL_FROM"),
    *("APP_PASSWORD", "OWNER_PASSWORD", "POSTGRES_PASSWORD", "REDIS_PASSWORD"),
]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return dict(read["services"])


def test_dockers_own_client_accepts_it() -> None:
    has_compose = (
        shutil.which("docker") and not subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    )
    if not has_compose:
        sys.stderr.write("docker compose is not installed here: the file was read as YAML only\n")
        assert yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        return
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", **dict.fromkeys(NEEDED, "x")}
    command = ["docker", "compose", "config", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    del environment["SECRET_KEY"]
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert refused.returncode != 0 and "SECRET_KEY" in refused.stderr


def test_the_owner_signs_in_for_the_migration_alone(services: dict[str, Any]) -> None:
    assert set(services) == {"web", "worker", "beat", "migrate", "db", "redis"}
    for name in ("web", "worker", "beat"):
        environment = services[name]["environment"]
        assert "pm_app@" in environment["DATABASE_URL"]
        assert "OWNER_PASSWORD" not in str(environment)
        assert "POSTGRES_PASSWORD" not in str(environment)
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert "pm_owner@" in services["migrate"]["environment"]["DATABASE_URL"]


def test_everything_that_stays_up_says_how_it_is(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"migrate"}
    assert services["db"]["image"] == "postgres:18"
    assert {"media", "database", "queue"} == {
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
        if volume[0] not in ".$"
    }


def test_who_reads_daily_files_has_their_folder_and_can_write_nothing_there(services: dict[str, Any]) -> None:
    mount = "${DROP_FOLDERS:-drops}:/srv/perfsys/var/drops:ro"
    assert {name for name, service in services.items() if mount in service.get("volumes", ())} == {"web", "worker"}
    for name in ("web", "worker"):
        assert services[name]["environment"]["INTEGRATION_DROPS"] == "/srv/perfsys/var/drops"
    assert "var/drops" in (ROOT / "Dockerfile").read_text()


def test_no_secret_stands_in_the_file_and_every_needed_one_is_demanded() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in NEEDED:
        assert re.search(rf"\$\{{{name}:\?", text), name
    assert not re.search(r"(PASSWORD|SECRET_KEY): +\"?[^$\s\"]", text)


def test_the_image_runs_as_an_ordinary_user_from_the_lock() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER perfsys$", text, re.MULTILINE)
    assert "--require-hashes" in text and "--only-binary=:all:" in text
    copied = {line.split()[1] for line in text.splitlines() if re.match(r"COPY \w+ \w+$", line)}
    apps = {app.partition(".")[0] for app in OURS if (ROOT / app.replace(".", "/")).is_dir()}
    assert copied >= apps | {"static", "templates", "locale"}
