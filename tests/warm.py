"""`python -m tests.warm`: a process that has loaded what Celery's programs load, and forks one for each line it reads.

Ten workers that are killed one after the other then cost the loading of one. Each is the product's own program from
its command line on, in a session of its own, with nothing open that it shares with another.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import celery.apps.beat
import celery.apps.worker
import celery.bin.celery
import celery.concurrency.prefork
import kombu.transport.redis  # noqa: F401  # loaded here, as the lines above, for those that are forked

from perfsys.boot.processes import dies_with_parent
from perfsys.celery import app


def main() -> None:
    app.loader.import_default_modules()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here asks how they ended, so they leave no zombies
    die_with_us = dies_with_parent(signal.SIGKILL)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            if die_with_us:
                die_with_us()
            become(order["words"], order["log"], order["ready"])
        print(pid, flush=True)


def become(words: Sequence[str], log: str, ready: str) -> NoReturn:
    # What is checked has been checked before the fork.
    os.environ.update(PERFSYS_READY_FILE=ready, CELERY_SKIP_CHECKS="1")
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for here, there in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(here, there)
    sys.argv = ["celery", "-A", "perfsys", *words]
    sys.exit(celery.bin.celery.main())


if __name__ == "__main__":
    main()
