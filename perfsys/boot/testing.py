"""`manage.py test`: pytest, with a browser at hand and, for the whole suite, on several cores."""

import os
from collections.abc import Sequence
from pathlib import Path

from perfsys.boot import ROOT, browser


def run(arguments: Sequence[str]) -> int:
    """Everything, or what `arguments` (pytest's own) select. Returns pytest's exit code."""
    if path := browser.ensure():  # without one the browser tests fail, each with the sentence that was said here
        os.environ["CHROMIUM"] = path
    # The suite starts a hundred processes: those of a shell with this variable would all compile the same modules anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    import pytest

    os.chdir(ROOT)
    return int(pytest.main([*defaults(arguments), *arguments]))


def defaults(arguments: Sequence[str]) -> list[str]:
    """A worker for each core, and one for what starts whole systems and mostly waits for them (tests/running.py says
    what shares a worker); a few chosen tests start faster without. A worker that dies ends the run: xdist would wait
    for ever for the test after the one it died of."""
    names = [word for word in arguments if not word.startswith("-")]
    chosen = "-k" in arguments or any(Path(ROOT, name.partition("::")[0]).exists() for name in names)
    spread = any(word.startswith(("-n", "--numprocesses")) for word in arguments)
    workers = [] if chosen or spread else ["-n", str(min(os.cpu_count() or 1, 4) + 1)]
    return [*workers, "--dist=load", "--max-worker-restart=0"] if workers or spread else []
