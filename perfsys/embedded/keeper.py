"""Owns the two servers: `python -m perfsys.embedded.keeper <fd of the held keeper.lock>`."""

import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from perfsys.boot import VAR, fail, say
from perfsys.boot.processes import RUN, Child, GivenUp, Lock
from perfsys.embedded import ADDRESSES
from perfsys.embedded.postgres import Postgres
from perfsys.embedded.valkey import Valkey

LENGTHS = {"superuser": 24, "pm_owner": 24, "pm_app": 24, "valkey": 24, "secret_key": 48}  # random bytes


class Leave(Exception):
    """Asked to stop."""


def main() -> None:
    signal.signal(signal.SIGTERM, _leave)
    os.set_inheritable(int(sys.argv[1]), False)  # or a server would hold the keeper's lock
    data, notes = VAR / "postgres", list[str]()
    words, superuser_is_new = _words(VAR / "secrets.json")
    postgres, valkey = Postgres(data, words), Valkey(VAR / "valkey", words)
    children = [
        Child("postgres", postgres.start, signal.SIGINT, grace=20),  # SIGINT: fast shutdown, with a checkpoint
        Child("valkey", valkey.start, signal.SIGTERM),
    ]
    users = Lock(RUN / "users.lock")
    try:
        if data.exists() and superuser_is_new:
            postgres.take_over()
            notes.append("var/secrets.json was gone: the database has new passwords, and everybody must sign in again.")
        postgres.prepare()
        for child in children:
            child.process = child.start()
        postgres.settle(children[0])
        notes += valkey.settle(children[1])
        addresses = {"DATABASE_URL": postgres.url("pm_app"), "DATABASE_OWNER_URL": postgres.url("pm_owner")}
        addresses |= {"REDIS_URL": valkey.url, "SECRET_KEY": words["secret_key"]}
        _write_privately(ADDRESSES, {"addresses": addresses, "notes": notes})
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


def _words(path: Path) -> tuple[dict[str, str], bool]:
    """Passwords and the signing key, made where they are missing, and whether the superuser's had to be."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    words = {name: known.get(name) or secrets.token_urlsafe(length) for name, length in LENGTHS.items()}
    if words != known:
        _write_privately(path, words)
    return words, "superuser" not in known


def _write_privately(path: Path, content: dict[str, Any]) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(content))
    unfinished.rename(path)  # a reader sees all of it or nothing


if __name__ == "__main__":
    main()
