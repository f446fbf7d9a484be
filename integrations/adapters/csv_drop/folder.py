"""The files of a drop folder, opened so that nothing outside of it is ever read.

Whoever may write into the folder may also put a link there. Each step is opened by name inside the folder opened
before, links are refused, and what is no plain file is left alone (a pipe would never end).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..base import NeedsReconnect

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder; a descriptor that lives as long as `opened`."""

    descriptor: int

    def names(self) -> list[str]:
        with os.scandir(self.descriptor) as entries:
            files = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        return sorted(name for name in files if name.isprintable())  # others cannot be kept, and no pattern means them

    def read(self, name: str, *, at_most: int) -> tuple[bytes, datetime] | None:
        """Its content, cut one byte behind `at_most`, and when it was last written; None if it is gone, may not be
        read or is no plain file."""
        try:
            descriptor = os.open(name, _FILE, dir_fd=self.descriptor)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                return None
            return file.read(at_most + 1), datetime.fromtimestamp(about.st_mtime, UTC)


@contextmanager
def opened(root: Path, tenant: str, folder: str) -> Iterator[Folder]:
    """`<root>/<tenant>/<folder>`; raises NeedsReconnect where that is no folder. `root` alone may be a link."""
    descriptors: list[int] = []
    try:
        try:
            descriptors.append(os.open(root, _FOLDER))
            for step in (tenant, folder):
                if step in ("", ".", "..") or "/" in step or "\0" in step:
                    raise NeedsReconnect("folder_gone", folder=folder)
                descriptors.append(os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptors[-1]))
        except OSError:
            raise NeedsReconnect("folder_gone", folder=folder) from None
        yield Folder(descriptors[-1])
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
