"""A Chromium for the browser tests: the one this machine has, or one fetched for it. Standard library only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from perfsys.boot import ROOT, VAR, say

# The first has no window to draw: the same pages take it a quarter less.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PLAYWRIGHTS = (  # below Playwright's own folder, by platform
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
)
# With Chinese glyphs: without them a screenshot shows boxes where it should show text.
PACKAGES = ("chromium", "fonts-wqy-zenhei")
LONG = 300  # seconds for one step of an installation


def find() -> str | None:
    """CHROMIUM names one; else this machine's, else the one Playwright fetched before."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    known = [shutil.which(name) for name in (*NAMES, *PLACES)]
    fetched = sorted(file for pattern in PLAYWRIGHTS for file in _playwrights_folder().glob(pattern))
    return next((path for path in [*known, *map(str, fetched)] if path), None)


def ensure() -> str | None:
    """Find a browser or install one; None where neither worked, and then `advice()` has been said."""
    if path := find():
        return path
    say("No Chromium here: installing one for the browser tests ...")
    for commands in _ways():
        if all(_succeeds(command) for command in commands) and (path := find()):
            return path
    say(f"perfsys: {advice()}")
    return None


def advice() -> str:
    command = (
        f"sudo apt-get install -y {' '.join(PACKAGES)}" if shutil.which("apt-get") else _playwright(sys.executable)
    )
    return f"the browser tests need a Chromium: run `{command}`, or name one in CHROMIUM."


def _ways() -> list[list[list[str]]]:
    apt = shutil.which("apt-get") if os.geteuid() == 0 else None
    install = [apt or "", "install", "-y", "--no-install-recommends", *PACKAGES]
    return [*([[[apt, "update"], install]] if apt else []), [_playwright(sys.executable).split(" ")]]


def _playwright(python: str) -> str:
    return f"{python} -m playwright install chromium"


def _playwrights_folder() -> Path:
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(named)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"


def _succeeds(command: list[str]) -> bool:
    (VAR / "log").mkdir(parents=True, exist_ok=True)
    with (VAR / "log" / "chromium.log").open("ab") as log:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=LONG
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0
