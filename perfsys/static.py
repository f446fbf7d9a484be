"""The two scripts we serve, straight from their wheels; nothing else of those wheels becomes public."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

VENDOR = {"htmx-2.min.js": ("django_htmx", "static/django_htmx")}


class PackagedFiles(BaseFinder):
    def find(self, path: str, find_all: bool = False, **_: Any) -> str | list[str]:
        found = [s.path(n) for n, s in self.list() if f"{s.prefix}/{n}" == path]
        return found if find_all else (found or [""])[0]

    def list(self, ignore_patterns: Any = None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name, (package, folder) in VENDOR.items():
            spec = importlib.util.find_spec(package)  # does not import it: plotly costs half a second
            if spec is not None and spec.origin is not None:
                storage = FileSystemStorage(location=Path(spec.origin).parent / folder)
                storage.prefix = "vendor"
                yield name, storage
