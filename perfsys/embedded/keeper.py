"""Owns the two servers: `python -m perfsys.embedded.keeper <fd of the held keeper.lock>`."""

import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from perfsys.boot import VAR, fail, say
from perfsys.boot.processes import RUN, Child, GivenUp, Lock
from perfsys.embedded import ADDRESSES
from perfsys.embedded.postgres import Postgres
from perfsys.embedded.valkey import Valkey


class Leave(Exception):
    """Asked to stop."""


def main() -> None:
    signal.signal(signal.SIGTERM, _leave)
    os.set_inheritable(int(sys.argv[1]), False)  # or a server would hold the keeper's lock
    words = _passwords(VAR / "secrets.json")
    postgres, valkey = Postgres(VAR / "postgres", words), Valkey(VAR / "valkey", words)
    children = [
        Child("postgres", postgres.start, signal.SIGINT, grace=20),  # SIGINT: fast shutdown, with a checkpoint
        Child("valkey", valkey.start, signal.SIGTERM),
    ]
    users = Lock(RUN / "users.lock")
    try:
        postgres.prepare()
        for child in children:
            child.process = child.start()
        postgres.settle()
        valkey.wait()
        addresses = {"DATABASE_URL": postgres.url("pm_app"), "DATABASE_OWNER_URL": postgres.url("pm_owner")}
        _write_privately(ADDRESSES, {**addresses, "REDIS_URL": valkey.url})
        while not users.try_take():
            for child in children:
                if line := child.watch(time.monotonic()):
                    say(line)
            time.sleep(0.2)
    except Leave:
        pass
    except GivenUp as reason:
        fail(str(reason))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ADDRESSES.unlink(missing_ok=True)
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.end()
        (RUN / "keeper.pid").unlink(missing_ok=True)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise Leave


def _passwords(path: Path) -> dict[str, str]:
    if not path.exists():
        if (VAR / "postgres").exists():
            fail(f"{path} is gone and with it the database passwords: put it back, or begin anew with demo --fresh.")
        _write_privately(path, {name: secrets.token_urlsafe(24) for name in ("superuser", "pm_owner", "pm_app", "valkey")})
    words: dict[str, str] = json.loads(path.read_text())
    return words


def _write_privately(path: Path, content: dict[str, str]) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(content))
    unfinished.rename(path)  # a reader sees all of it or nothing


if __name__ == "__main__":
    main()
