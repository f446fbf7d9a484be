"""ClamAV's daemon as the scanner of attachments (security.md §3, item 24): what it speaks on its socket, INSTREAM.

The bytes go over the connection: the daemon needs no way to our storage. Whatever is not a plain "OK" or "FOUND", an
error of its own or a file above its StreamMaxLength, is no verdict, and without a verdict a file stays closed.
"""

import socket
import struct
from contextlib import closing
from urllib.parse import unquote, urlsplit

import structlog
from django.conf import settings

PORT = 3310
SECONDS_TO_CONNECT = 5  # one that swallows what is sent must not hold a worker for each file that waits
SECONDS = 60  # of each wait; a recording of 50 MB takes a few
PIECE = 1 << 16  # bytes
LONGEST_ANSWER = 4096  # bytes

log = structlog.get_logger()


class ScannerAway(Exception):
    """Nobody answers there, or the answer broke off: ask again later."""


class NoVerdict(Exception):
    """It answered, and not whether the file is clean: see its own log."""


def is_clean(content: bytes) -> bool:
    """By the daemon at `settings.MEDIA_CLAMD`: tcp://host:3310 or unix:///run/clamav/clamd.ctl. Raises ScannerAway,
    NoVerdict."""
    said = _answer(settings.MEDIA_CLAMD, content)
    verdict = said.removeprefix("stream: ")
    if verdict == "OK":
        return True
    if verdict.endswith(" FOUND"):
        log.warning("attachment is not clean", found=verdict.removesuffix(" FOUND"))
        return False
    raise NoVerdict(said)


def _answer(address: str, content: bytes) -> str:
    try:
        with closing(_connected(address)) as line:
            line.sendall(b"zINSTREAM\0")
            try:
                for start in range(0, len(content), PIECE):
                    piece = content[start : start + PIECE]
                    line.sendall(struct.pack(">I", len(piece)) + piece)
                line.sendall(struct.pack(">I", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough, and says why
            return _read(line)
    except OSError as error:
        raise ScannerAway(str(error)) from error


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "tcp":
        line = socket.create_connection((parts.hostname or "", parts.port or PORT), timeout=SECONDS_TO_CONNECT)
    else:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(SECONDS_TO_CONNECT)
        try:
            line.connect(unquote(parts.path))
        except OSError:
            line.close()
            raise
    line.settimeout(SECONDS)
    return line


def _read(line: socket.socket) -> str:
    """Up to the NUL that ends it."""
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER:
        piece = line.recv(LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    whole, end, _rest = said.partition(b"\0")
    if not end:
        raise ScannerAway("the answer broke off")
    return whole.decode(errors="replace").strip()
